/* Multipart bodies: as a form with files, or part by part for a handler that wants
 * them as they arrive. */
#include "cruet/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/ctx.h"
#include "base/text.h"
#include "cruet/memory.h"
#include "cruet/request.h"

enum {
	MEMORY_MAX = 65536,        /* of one file; more goes to disk */
	MEMORY_ALL_MAX = 1 << 20,  /* of all files of a request */
	COPY = 16384
};

struct cruet_upload {
	struct cruet_upload *next;
	struct cruet_part part;
	uint64_t size;
	char *memory; /* what fits; NULL once it is on disk */
	size_t cap;
	int fd;       /* -1: in memory */
};

/* --- the parser of this request --------------------------------------------------------- */

static ptrdiff_t take(void *arg, void *buf, size_t cap)
{
	return body_take(arg, buf, cap);
}

/* CRUET_EPARSE where there is no boundary. */
static int open_parts(cruet_ctx *c)
{
	if (c->parts)
		return CRUET_OK;
	const char *boundary = cruet_mime_param(c, "boundary");
	struct multipart *m = cruet_alloc(c, sizeof *m);
	if (!m)
		return CRUET_ENOMEM;
	int err = multipart_init(m, &c->arena, boundary, take, c);
	if (!err)
		c->parts = m;
	return err;
}

/* --- keeping a file ------------------------------------------------------------------------- */

static void close_file(void *p)
{
	close((int)(intptr_t)p - 1);
}

/* A file without a name: nothing is left of it when it is closed, whatever happens. */
static int open_temporary(void)
{
	const char *folder = secure_getenv("TMPDIR");
	char path[4096];

	if (!folder || *folder != '/' || strlen(folder) > sizeof path - 32)
		folder = "/tmp";
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	stpcpy(stpcpy(path, folder), "/cruet-upload-XXXXXX");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static bool write_all(int fd, const char *p, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t n = pwrite(fd, p, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

static int cannot_keep(cruet_ctx *c)
{
	int status = errno == ENOSPC || errno == EDQUOT ? 507 : 500;
	return body_refuse(c, status,
			   arena_printf(&c->arena, "an upload cannot be kept: %s",
					strerrordesc_np(errno)));
}

static int to_disk(cruet_ctx *c, struct cruet_upload *u)
{
	u->fd = open_temporary();
	if (u->fd < 0)
		return cannot_keep(c);
	int err = cruet_defer(c, close_file, (void *)(intptr_t)(u->fd + 1));
	if (err)
		return err;
	if (!write_all(u->fd, u->memory, (size_t)u->size, 0))
		return cannot_keep(c);
	u->memory = NULL;
	return CRUET_OK;
}

static int keep(cruet_ctx *c, struct cruet_upload *u, const char *p, size_t len,
		size_t *in_memory)
{
	if (u->fd < 0 && u->size + len <= MEMORY_MAX && *in_memory + len <= MEMORY_ALL_MAX) {
		if (u->size + len > u->cap) {
			size_t cap = u->cap ? u->cap : 1024;
			while (cap < u->size + len)
				cap *= 2;
			char *more = arena_grow(&c->arena, u->memory, u->cap, cap);
			if (!more)
				return ctx_fail(c, CRUET_ENOMEM, NULL, false);
			u->memory = more;
			u->cap = cap;
		}
		memcpy(u->memory + u->size, p, len);
		u->size += len;
		*in_memory += len;
		return CRUET_OK;
	}
	int err = u->fd < 0 ? to_disk(c, u) : CRUET_OK;
	if (err)
		return err;
	if (!write_all(u->fd, p, len, u->size))
		return cannot_keep(c);
	u->size += len;
	return CRUET_OK;
}

/* --- a form ----------------------------------------------------------------------------------- */

static int read_file(cruet_ctx *c, const struct multipart_part *part, char *buf,
		     size_t *in_memory)
{
	struct cruet_upload *u = cruet_alloc(c, sizeof *u);
	ptrdiff_t n;
	int err = CRUET_OK;

	if (!u)
		return CRUET_ENOMEM;
	u->part = (cruet_part){.size = sizeof u->part,
			       .name = part->name,
			       .filename = part->filename,
			       .mime = part->mime};
	u->fd = -1;
	while (!err && (n = multipart_read(c->parts, buf, COPY)) != 0)
		err = n < 0 ? (int)n : keep(c, u, buf, (size_t)n, in_memory);
	if (err)
		return err;
	*c->last_upload = u;
	c->last_upload = &u->next;
	return CRUET_OK;
}

/* What was sent as text is text: bytes of no character are U+FFFD. */
static const char *utf8(cruet_ctx *c, struct buf *text)
{
	struct buf clean;

	if (utf8_valid(text->p, text->len))
		return text->p;
	buf_init(&clean, &c->arena, 0);
	utf8_clean(&clean, text->p, text->len);
	return buf_err(&clean) ? NULL : clean.p;
}

static int read_field(cruet_ctx *c, const struct multipart_part *part, char *buf)
{
	struct buf text;
	uint64_t max = c->host->settings.field_max;
	ptrdiff_t n;

	buf_init(&text, &c->arena, 0);
	while ((n = multipart_read(c->parts, buf, COPY)) > 0) {
		if (text.len + (size_t)n > max)
			return body_refuse(c, 413,
					   arena_printf(&c->arena,
							"the form field '%s' is larger than %llu "
							"bytes",
							part->name, (unsigned long long)max));
		buf_put(&text, buf, (size_t)n);
	}
	if (n < 0)
		return (int)n;
	if (memchr(text.p, 0, text.len))
		return body_refuse(c, 400,
				   arena_printf(&c->arena, "the form field '%s' holds a NUL",
						part->name));
	if (buf_err(&text) || fields_add(&c->form, part->name, utf8(c, &text)))
		return ctx_fail(c, CRUET_ENOMEM, NULL, false);
	return CRUET_OK;
}

static int read_parts(cruet_ctx *c)
{
	char *buf = arena_alloc(&c->arena, COPY);
	int64_t parts = 0, max = c->host->settings.fields_max;
	size_t in_memory = 0;
	struct multipart_part part;
	int err;

	if (!buf)
		return ctx_fail(c, CRUET_ENOMEM, NULL, false);
	while (!(err = multipart_next(c->parts, &part))) {
		if (++parts > max)
			return body_refuse(c, 413,
					   arena_printf(&c->arena, "more than %lld parts",
							(long long)max));
		err = part.filename ? read_file(c, &part, buf, &in_memory)
				    : read_field(c, &part, buf);
		if (err)
			return err;
	}
	return err == CRUET_ENOENT ? CRUET_OK : err;
}

/* What follows the last part has to be read too, or it would stand before the next
 * request. */
static void read_rest(cruet_ctx *c, char *buf, size_t cap)
{
	while (body_take(c, buf, cap) > 0)
		;
}

void upload_read_form(cruet_ctx *c)
{
	char rest[1024];
	int err = open_parts(c);

	if (!err)
		err = read_parts(c);
	if (c->body_state == BODY_FAILED)
		return;
	if (err == CRUET_ELIMIT) {
		body_refuse(c, 413, "the head of a part is larger than 8 KiB");
	} else if (err == CRUET_EPARSE) { /* as Flask has it: a broken form is empty */
		fields_init(&c->form, &c->arena);
		c->uploads = NULL;
		c->last_upload = &c->uploads;
		read_rest(c, rest, sizeof rest);
	} else if (!err) {
		read_rest(c, rest, sizeof rest);
	} else {
		ctx_fail(c, err, NULL, false);
	}
}

/* --- files --------------------------------------------------------------------------------------- */

cruet_upload *cruet_upload_get(cruet_ctx *c, const char *name, size_t i)
{
	const char *k, *v;

	cruet_pair(c, CRUET_FROM_FORM, 0, &k, &v); /* reads the form */
	for (struct cruet_upload *u = c->uploads; u; u = u->next)
		if ((!name || !strcmp(u->part.name, name)) && i-- == 0)
			return u;
	return NULL;
}

const char *cruet_upload_name(const cruet_upload *u)
{
	return u->part.name;
}

const char *cruet_upload_filename(const cruet_upload *u)
{
	return u->part.filename;
}

const char *cruet_upload_mime(const cruet_upload *u)
{
	return u->part.mime;
}

uint64_t cruet_upload_size(const cruet_upload *u)
{
	return u->size;
}

ptrdiff_t cruet_upload_read(cruet_upload *u, uint64_t offset, void *buf, size_t cap)
{
	if (offset >= u->size)
		return 0;
	size_t n = u->size - offset < cap ? (size_t)(u->size - offset) : cap;
	if (u->fd < 0) {
		memcpy(buf, u->memory + offset, n);
		return (ptrdiff_t)n;
	}
	ssize_t got;
	do
		got = pread(u->fd, buf, n, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got > 0 ? got : CRUET_EIO;
}

int cruet_upload_save(cruet_upload *u, const char *path)
{
	char buf[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0)
		return errno == EEXIST ? CRUET_EEXIST : CRUET_EIO;
	bool ok = true;
	for (uint64_t at = 0; ok && at < u->size;) {
		ptrdiff_t n = cruet_upload_read(u, at, buf, sizeof buf);
		ok = n > 0 && write_all(fd, buf, (size_t)n, at);
		at += ok ? (uint64_t)n : 0;
	}
	ok &= close(fd) == 0;
	if (!ok)
		unlink(path);
	return ok ? CRUET_OK : CRUET_EIO;
}

/* --- in pieces ----------------------------------------------------------------------------------- */

static bool may_stream(cruet_ctx *c)
{
	if (c->endpoint && c->endpoint->entry->rule.flags & CRUET_STREAM_BODY)
		return true;
	ctx_fail(c, CRUET_EINVAL, "a body is read in pieces by rules with CRUET_STREAM_BODY alone",
		 false);
	return false;
}

ptrdiff_t cruet_read(cruet_ctx *c, void *buf, size_t cap)
{
	return may_stream(c) ? body_take(c, buf, cap) : CRUET_EINVAL;
}

int cruet_part_next(cruet_ctx *c, cruet_part *out)
{
	struct multipart_part part;
	cruet_part p = {.size = out->size};

	if (!may_stream(c))
		return CRUET_EINVAL;
	int err = open_parts(c);
	if (!err)
		err = multipart_next(c->parts, &part);
	if (err) {
		if (err == CRUET_EPARSE && c->body_state != BODY_FAILED)
			body_refuse(c, 400, "the body is no multipart body, or was cut short");
		return err;
	}
	p.name = part.name;
	p.filename = part.filename;
	p.mime = part.mime;
	memcpy(out, &p, out->size < sizeof p ? out->size : sizeof p);
	return CRUET_OK;
}

ptrdiff_t cruet_part_read(cruet_ctx *c, void *buf, size_t cap)
{
	if (!may_stream(c) || !c->parts)
		return CRUET_EINVAL;
	ptrdiff_t n = multipart_read(c->parts, buf, cap);
	if (n == CRUET_EPARSE && c->body_state != BODY_FAILED)
		body_refuse(c, 400, "the body is no multipart body, or was cut short");
	return n;
}
