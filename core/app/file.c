/* Replies out of files. */
#include "cruet/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/dispatch.h"
#include "app/file.h"
#include "base/text.h"
#include "cruet/memory.h"
#include "cruet/request.h"
#include "http/filename.h"
#include "http/mime.h"
#include "http/negotiate.h"
#include "http/validators.h"

/* --- opening ----------------------------------------------------------------------------- */

static void close_fd(void *p)
{
	close((int)(intptr_t)p - 1);
}

/* Closed with the request. */
static int keep_fd(cruet_ctx *c, int fd)
{
	return cruet_defer(c, close_fd, (void *)(intptr_t)(fd + 1));
}

static void take_stat(struct file *f, const struct stat *st)
{
	f->size = (uint64_t)st->st_size;
	f->modified = st->st_mtim.tv_sec;
	f->nanoseconds = st->st_mtim.tv_nsec;
}

/* A regular file below folder; -1 and errno. */
static int open_regular(int folder, const char *name, uint32_t flags, struct stat *st)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_NO_MAGICLINKS | (flags & CRUET_FILE_LINKS ? 0 : RESOLVE_BENEATH),
	};
	long fd;

	do
		fd = syscall(SYS_openat2, folder, name, &how, sizeof how);
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	if (fd < 0)
		return -1;
	if (fstat((int)fd, st) != 0 || !S_ISREG(st->st_mode)) {
		close((int)fd);
		errno = ENOENT;
		return -1;
	}
	return (int)fd;
}

int cruet_open_below(int folder, const char *name)
{
	struct stat st;

	return open_regular(folder, name, 0, &st);
}

static int open_below(int folder, const char *name, uint32_t flags, struct file *f)
{
	struct stat st;

	f->fd = open_regular(folder, name, flags, &st);
	if (f->fd >= 0)
		take_stat(f, &st);
	return f->fd;
}

/* With CRUET_FILE_LINKS the kernel does not keep us inside: the name must. */
static bool climbs(const char *name)
{
	int depth = 0;

	for (const char *p = name; *p;) {
		size_t n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			depth--;
		else if (n && !(n == 1 && p[0] == '.'))
			depth++;
		if (depth < 0)
			return true;
		p += n + (p[n] == '/');
	}
	return *name == '/';
}

/* --- what the reply says of it --------------------------------------------------------------- */

static int date_header(cruet_ctx *c, const char *name, int64_t seconds)
{
	char text[DATE_LEN + 1];
	date_http(text, seconds);
	return cruet_set_header(c, name, text);
}

static int set_type(cruet_ctx *c, struct file *f)
{
	const char *encoding, *type = mime_by_name(f->name, &encoding);

	if (f->opts.mime)
		type = f->opts.mime;
	else if (mime_is_text(type))
		type = cruet_printf(c, "%s; charset=utf-8", type);
	if (encoding && !f->encoding && !(f->opts.flags & CRUET_FILE_ATTACHMENT))
		f->encoding = encoding;
	if (!type)
		return CRUET_ENOMEM;
	int err = cruet_set_header(c, "Content-Type", type);
	if (!err && f->encoding)
		err = cruet_set_header(c, "Content-Encoding", f->encoding);
	return !err && f->varies ? cruet_add_header(c, "Vary", "Accept-Encoding") : err;
}

static int set_disposition(cruet_ctx *c, const struct file *f)
{
	struct buf b;

	buf_init(&b, &c->arena, 0);
	filename_disposition(&b, f->opts.flags & CRUET_FILE_ATTACHMENT ? "attachment" : "inline",
			     f->name);
	return buf_err(&b) ? ctx_fail(c, CRUET_ENOMEM, NULL, false)
			   : cruet_set_header(c, "Content-Disposition", b.p);
}

static int set_caching(cruet_ctx *c, const struct file *f)
{
	int64_t age = f->opts.max_age;
	uint64_t usual = c->host->settings.file_max_age;
	const char *text;

	if (f->caching)
		return cruet_set_header(c, "Cache-Control", f->caching);
	if (!age && usual)
		age = (int64_t)(usual / 1000);
	if (!age)
		return cruet_set_header(c, "Cache-Control", "no-cache");
	text = age < 0 ? "no-cache, max-age=0"
		       : cruet_printf(c, "public, max-age=%lld", (long long)age);
	if (!text)
		return CRUET_ENOMEM;
	int err = cruet_set_header(c, "Cache-Control", text);
	return err ? err : date_header(c, "Expires", c->now_ms / 1000 + (age < 0 ? 0 : age));
}

/* What is made of time and size; NULL where the time is not known. */
static const char *make_etag(cruet_ctx *c, const struct file *f)
{
	const char *encoding = f->varies && f->encoding ? f->encoding : "";

	if (f->etag)
		return cruet_printf(c, "\"%s%s\"", f->etag, encoding);
	return cruet_printf(c, "\"%llx.%lx-%llx%s\"", (unsigned long long)f->modified,
			    (unsigned long)f->nanoseconds, (unsigned long long)f->size, encoding);
}

static int set_validators(cruet_ctx *c, const struct file *f, struct validators *v)
{
	bool tagged = f->etag || f->modified >= 0;
	int err = CRUET_OK;

	v->modified = f->opts.modified ? f->opts.modified : f->modified;
	v->etag = NULL;
	if (f->opts.etag)
		v->etag = cruet_printf(c, "\"%s\"", f->opts.etag);
	else if (tagged && !(f->opts.flags & CRUET_FILE_NO_ETAG))
		v->etag = make_etag(c, f);
	if (v->etag)
		err = cruet_set_header(c, "ETag", v->etag);
	return err || v->modified < 0 ? err : date_header(c, "Last-Modified", v->modified);
}

static struct preconditions preconditions(const cruet_ctx *c)
{
	return (struct preconditions){
		.match = cruet_header(c, "If-Match"),
		.none_match = cruet_header(c, "If-None-Match"),
		.modified_since = cruet_header(c, "If-Modified-Since"),
		.unmodified_since = cruet_header(c, "If-Unmodified-Since"),
	};
}

/* 304 or 412 as a reply; CRUET_OK: neither. */
static int check(cruet_ctx *c, const struct validators *v)
{
	struct preconditions p = preconditions(c);
	int status = validators_check(v, cruet_method(c), &p);

	if (status == 304)
		return cruet_empty(c, 304);
	return status ? ctx_fail(c, status, NULL, false) : CRUET_OK;
}

/* The part of the file that Range asks for. */
static int choose_range(cruet_ctx *c, const struct validators *v, struct out *out)
{
	uint64_t first, last;
	const char *range = cruet_header(c, "Range");

	if (!range || strcmp(cruet_method(c), "GET") != 0 ||
	    !validators_range_counts(v, cruet_header(c, "If-Range")))
		return CRUET_OK;
	int status = range_parse(range, out->len, &first, &last);
	if (status == 416) {
		const char *all = cruet_printf(c, "bytes */%llu", (unsigned long long)out->len);
		int err = all ? cruet_fail_header(c, "Content-Range", all) : CRUET_ENOMEM;
		return err ? err : ctx_fail(c, 416, NULL, false);
	}
	if (status != 206)
		return CRUET_OK;
	const char *part = cruet_printf(c, "bytes %llu-%llu/%llu", (unsigned long long)first,
					(unsigned long long)last, (unsigned long long)out->len);
	int err = part ? cruet_set_header(c, "Content-Range", part) : CRUET_ENOMEM;
	out->from = first;
	out->len = last - first + 1;
	return err ? err : cruet_status(c, 206);
}

int file_reply(cruet_ctx *c, struct file *f)
{
	struct validators v;
	struct out out = {.kind = f->fd < 0 ? OUT_BYTES : OUT_FILE, .fd = f->fd, .len = f->size};

	int err = set_type(c, f);
	if (!err)
		err = set_disposition(c, f);
	if (!err)
		err = set_caching(c, f);
	if (!err)
		err = set_validators(c, f, &v);
	if (!err && !(f->opts.flags & CRUET_FILE_UNCONDITIONAL)) {
		err = cruet_set_header(c, "Accept-Ranges", "bytes");
		int r = err ? err : check(c, &v);
		if (r)
			return r;
		err = choose_range(c, &v, &out);
	}
	if (f->fd < 0)
		out.p = f->size ? (const char *)f->bytes + out.from : "";
	return err ? err : ctx_reply(c, &out);
}

/* --- the calls ---------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

void file_begin(struct file *f, const char *path, const cruet_file_opts *opts)
{
	*f = (struct file){.fd = -1, .modified = -1};
	if (opts)
		memcpy(&f->opts, opts, opts->size < sizeof f->opts ? opts->size : sizeof f->opts);
	f->name = f->opts.name ? f->opts.name : base_name(path);
}

static int unreadable(cruet_ctx *c, const char *path, int error)
{
	return ctx_fail(c, CRUET_EIO,
			arena_printf(&c->arena, "the file %s cannot be sent: %s", path,
				     error == ENOSYS ? "files of a folder need openat2 (Linux 5.6)"
						     : strerrordesc_np(error)),
			false);
}

int cruet_send_file(cruet_ctx *c, const char *path, const cruet_file_opts *opts)
{
	struct file f;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return unreadable(c, path, errno);
	int err = keep_fd(c, fd);
	if (err)
		return err;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return unreadable(c, path, S_ISDIR(st.st_mode) ? EISDIR : EINVAL);
	file_begin(&f, path, opts);
	f.fd = fd;
	take_stat(&f, &st);
	return file_reply(c, &f);
}

/* Whether a packed file is of what is in f now, as far as their times tell. */
static bool is_fresh(const struct file *packed, const struct file *f)
{
	if (packed->modified == f->modified)
		return f->same_time ? packed->nanoseconds == f->nanoseconds
				    : packed->nanoseconds >= f->nanoseconds;
	return !f->same_time && packed->modified > f->modified;
}

int file_choose_packed(cruet_ctx *c, struct file *f, const char *name, file_find_fn *find,
		       const void *where)
{
	static const char *const suffixes[] = {"br", "gz"};
	static const char *const codings[] = {"br", "gzip"};
	const char *accept = cruet_header(c, "Accept-Encoding");
	unsigned plain = accept_coding(accept, "identity");
	unsigned best = plain ? plain - 1 : 0; /* as good as the plain file is better */

	for (size_t i = 0; i < 2; i++) {
		struct file packed = {.fd = -1, .modified = -1};
		const char *path = cruet_printf(c, "%s.%s", name, suffixes[i]);
		int r = path ? find(c, where, path, &packed) : CRUET_ENOMEM;
		if (r == 404)
			continue;
		if (r)
			return r;
		bool fresh = is_fresh(&packed, f);
		f->varies |= fresh;
		unsigned q = accept_coding(accept, codings[i]);
		bool wanted = fresh && q > best;
		if (!wanted && packed.fd >= 0)
			close(packed.fd);
		if (!wanted)
			continue;
		if (packed.fd >= 0 && (r = keep_fd(c, packed.fd)))
			return r;
		f->fd = packed.fd;
		f->bytes = packed.bytes;
		f->size = packed.size;
		f->encoding = codings[i];
		best = q;
	}
	return CRUET_OK;
}

struct below {
	int folder;
	uint32_t flags;
};

/* Most files have no packed ones, and asking costs half of what trying to open does. */
static int find_packed(cruet_ctx *c, const void *where, const char *name, struct file *f)
{
	const struct below *b = where;
	struct stat st;

	(void)c;
	return fstatat(b->folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
			       open_below(b->folder, name, b->flags, f) < 0
		       ? 404
		       : CRUET_OK;
}

static int send_below(cruet_ctx *c, int folder, const char *name, const cruet_file_opts *opts,
		      file_look_fn *look, const void *arg)
{
	struct file f;

	file_begin(&f, name, opts);
	if (!*name || (f.opts.flags & CRUET_FILE_LINKS && climbs(name)))
		return 404;
	if (open_below(folder, name, f.opts.flags, &f) < 0)
		return errno == ENOSYS || errno == EMFILE || errno == ENFILE || errno == EPERM
			       ? unreadable(c, name, errno)
			       : 404;
	int err = keep_fd(c, f.fd);
	if (!err && look)
		err = look(c, arg, &f);
	if (!err && f.opts.flags & CRUET_FILE_PACKED)
		err = file_choose_packed(c, &f, name, find_packed,
					 &(struct below){folder, f.opts.flags});
	return err ? err : file_reply(c, &f);
}

int file_send_from(cruet_ctx *c, const char *folder, const char *name,
		   const cruet_file_opts *opts, file_look_fn *look, const void *arg)
{
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return unreadable(c, folder, errno);
	int r = send_below(c, fd, name, opts, look, arg);
	close(fd);
	return r;
}

int cruet_send_from(cruet_ctx *c, const char *folder, const char *name,
		    const cruet_file_opts *opts)
{
	return file_send_from(c, folder, name, opts, NULL, NULL);
}

int cruet_conditional(cruet_ctx *c, const char *etag, int64_t modified)
{
	struct validators v = {.modified = modified};
	int err = CRUET_OK;

	if (etag) {
		bool weak = text_starts(etag, "W/");
		v.etag = cruet_printf(c, "%s\"%s\"", weak ? "W/" : "", weak ? etag + 2 : etag);
		err = v.etag ? cruet_set_header(c, "ETag", v.etag) : CRUET_ENOMEM;
	}
	if (!err && modified >= 0)
		err = date_header(c, "Last-Modified", modified);
	return err ? err : check(c, &v);
}

const char *cruet_secure_filename(cruet_ctx *c, const char *name)
{
	struct buf b;

	buf_init(&b, &c->arena, 0);
	filename_secure(&b, name ? name : "");
	if (!buf_err(&b))
		return b.p;
	ctx_fail(c, CRUET_ENOMEM, NULL, false);
	return NULL;
}
