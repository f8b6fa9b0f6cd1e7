/* A request is tapped when it begins: the ops of its exchange are replaced by ones that keep
 * what passes, and then call the transport's. So whole replies, streams and files are seen as
 * they leave, and no code of the application knows of it. When the request has ended, the
 * transport's own ops are put back, and one line is written. */
#include "server/record.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/ctx.h"
#include "app/generation.h"
#include "app/router_where.h"
#include "app/scope.h"
#include "base/mask.h"
#include "base/percent.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/write.h"
#include "cruet/log.h"
#include "server/recording.h"

enum { PLACES_MAX = 64, KEY_BYTES = 16, TAG_BYTES = 4 };

struct recorder {
	cruet_app *root;
	uint64_t max;
	unsigned char key[KEY_BYTES]; /* of tags, in this process */
	pthread_mutex_t lock;	      /* guards */
	int fd;			      /* -1: the file is full */
};

/* In the memory of its request. */
struct tap {
	cruet_exchange_ops ops; /* first */
	const cruet_exchange_ops *real;
	struct recorder *recorder;
	cruet_ctx *c;
	const struct arg *args; /* of the rule; a hook may take some away */
	size_t nargs;
	struct buf body, out; /* at most RECORDING_BODY_MAX */
	struct fields reply;
	int status;
	bool left_out; /* it is no request with a reply */
	bool no_memory;
};

static struct tap *tap_of(const cruet_exchange *x)
{
	return (struct tap *)x->ops;
}

/* --- what passes -------------------------------------------------------------------------- */

static ptrdiff_t tap_read(cruet_exchange *x, void *p, size_t cap)
{
	struct tap *t = tap_of(x);
	ptrdiff_t n = t->real->read(x, p, cap);

	if (n > 0)
		buf_put(&t->body, p, (size_t)n);
	return n;
}

static void keep_head(struct tap *t, const cruet_reply *r)
{
	struct arena *a = &t->c->arena;

	t->status = r->status;
	for (size_t i = 0; i < r->nfields; i++)
		t->no_memory |= fields_add(&t->reply, arena_strdup(a, r->fields[i].name),
					   arena_strdup(a, r->fields[i].value)) != CRUET_OK;
}

static void keep_pieces(struct tap *t, const cruet_piece *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_put(&t->out, pieces[i].p, pieces[i].len);
}

static int tap_send(cruet_exchange *x, const cruet_reply *r)
{
	struct tap *t = tap_of(x);

	keep_head(t, r);
	keep_pieces(t, r->pieces, r->npieces);
	return t->real->send(x, r);
}

static int tap_begin(cruet_exchange *x, const cruet_reply *r)
{
	struct tap *t = tap_of(x);

	keep_head(t, r);
	keep_pieces(t, r->pieces, r->npieces);
	return t->real->begin(x, r);
}

static int tap_write(cruet_exchange *x, const cruet_piece *pieces, size_t n)
{
	struct tap *t = tap_of(x);

	keep_pieces(t, pieces, n);
	return t->real->write(x, pieces, n);
}

static int tap_file(cruet_exchange *x, const cruet_reply *r, int fd, uint64_t offset, uint64_t len)
{
	struct tap *t = tap_of(x);
	size_t want = len < RECORDING_BODY_MAX ? (size_t)len : RECORDING_BODY_MAX + 1;
	char *to = buf_room(&t->out, want);

	keep_head(t, r);
	if (to && len <= RECORDING_BODY_MAX) {
		ssize_t n = pread(fd, to, want, (off_t)offset);
		t->out.len += n > 0 ? (size_t)n : 0;
		t->out.p[t->out.len] = '\0';
	}
	return t->real->file(x, r, fd, offset, len);
}

static int tap_upgrade(cruet_exchange *x, const cruet_upgrade *how, cruet_link *link)
{
	struct tap *t = tap_of(x);
	int err = t->real->upgrade(x, how, link);

	t->left_out |= !err;
	return err;
}

static void begin(cruet_ctx *c, const void *what, void *arg)
{
	struct tap *t = c->x ? arena_zalloc(&c->arena, sizeof *t) : NULL;

	(void)what;
	if (!t)
		return;
	t->real = c->x->ops;
	memcpy(&t->ops, t->real, t->real->size < sizeof t->ops ? t->real->size : sizeof t->ops);
	t->ops.read = tap_read;
	t->ops.send = tap_send;
	t->ops.begin = tap_begin;
	t->ops.write = tap_write;
	t->ops.file = tap_file;
	if (t->ops.upgrade)
		t->ops.upgrade = tap_upgrade;
	t->recorder = arg;
	t->c = c;
	t->nargs = c->endpoint ? c->match.nargs : 0;
	t->args = arena_array(&c->arena, t->nargs, sizeof *t->args);
	if (!t->args)
		t->no_memory = true;
	else if (t->nargs)
		memcpy((void *)t->args, c->match.args, t->nargs * sizeof *t->args);
	buf_init(&t->body, &c->arena, RECORDING_BODY_MAX);
	buf_init(&t->out, &c->arena, RECORDING_BODY_MAX);
	fields_init(&t->reply, &c->arena);
	c->x->ops = &t->ops;
}

/* --- what is kept of it ------------------------------------------------------------------- */

struct places {
	struct tap *t;
	const char *names[PLACES_MAX + 1];
	size_t n;
};

static bool note_place(struct places *p, const char *place)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->names[i], place))
			return true;
	if (p->n == PLACES_MAX)
		return false;
	p->names[p->n++] = place;
	return true;
}

/* Equal cookies have equal tags, by a key that nobody knows: so who comes back can be told
 * from others. */
static const char *tagged(struct tap *t, const char *value)
{
	unsigned char hash[32];
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, t->recorder->key, KEY_BYTES);
	sha256_add(&s, value, strlen(value));
	sha256_end(&s, hash);
	return arena_printf(&t->c->arena, MASK "-%02x%02x%02x%02x", hash[0], hash[1], hash[2],
			    hash[TAG_BYTES - 1]);
}

static const char *mask_reply(void *arg, const char *place, const char *value)
{
	struct tap *t = arg;
	return text_starts(place, "cookie.") ? tagged(t, value) : MASK;
}

static const char *mask_request(void *arg, const char *place, const char *value)
{
	struct places *p = arg;

	if (!note_place(p, place))
		return NULL;
	return mask_reply(p->t, place, value);
}

/* The length of what stands for value at p, whatever the case: converters may have changed
 * it. 0: it is something else. */
static size_t stands(const char *p, size_t left, const char *value)
{
	size_t at = 0;

	for (char byte; *value; value++) {
		if (at == left)
			return 0;
		at += percent_byte(p + at, left - at, &byte);
		if (to_lower(byte) != to_lower(*value))
			return 0;
	}
	return at;
}

/* Where value stands in the first n bytes of target: *at, and the length. 0: nowhere, or not
 * there alone. */
static size_t find_once(const char *target, size_t n, const char *value, size_t *at)
{
	size_t len = 0;
	char byte;

	for (size_t i = 0; i < n; i += percent_byte(target + i, n - i, &byte)) {
		size_t here = stands(target + i, n - i, value);
		if (here && len)
			return 0;
		if (here) {
			*at = i;
			len = here;
		}
	}
	return len;
}

/* What begins with a secret, up to the end of the path. */
static const char *mask_rest(struct places *p, const char *target, const char *from)
{
	if (!from)
		return target;
	if (!note_place(p, "path.rest"))
		return NULL;
	return arena_printf(&p->t->c->arena, "%.*s" MASK "%s", (int)(from - target), target,
			    from + strcspn(from, "?#"));
}

/* "/reset/<token>": parts of the path that are called like a secret. One that cannot be told
 * from what surrounds it takes along all that follows; so does one in a request that no rule
 * has taken, but might have. */
static const char *mask_path(struct places *p, const char *target)
{
	const struct tap *t = p->t;
	struct arena *a = &t->c->arena;
	const char *whole = target;
	size_t at, len;

	if (!t->c->gen)
		return target;
	if (!t->c->endpoint)
		return mask_rest(p, target, router_where(t->c->gen->router, target, mask_name));
	for (size_t i = 0; i < t->nargs; i++) {
		if (!mask_name(t->args[i].name))
			continue;
		len = find_once(target, strcspn(target, "?"), t->args[i].value, &at);
		if (!len)
			return mask_rest(p, whole, router_where(t->c->gen->router, whole, mask_name));
		const char *place = arena_printf(a, "path.%s", t->args[i].name);
		target = arena_printf(a, "%.*s" MASK "%s", (int)at, target, target + at + len);
		if (!place || !target || !note_place(p, place))
			return NULL;
	}
	return target;
}

static bool mask_headers(const struct secrets *s, const cruet_ctx *c, struct recorded *r)
{
	const struct router *rules = c->gen ? c->gen->router : NULL;

	fields_init(&r->headers, s->a);
	for (size_t i = 0; i < c->head->nfields; i++) {
		const cruet_field *f = &c->head->fields[i];
		const char *value = secrets_header(s, f->name, f->value);
		if (value && text_ieq(f->name, "Referer"))
			value = recording_mask_url(rules, s->a, value);
		if (!value || fields_add(&r->headers, f->name, value))
			return false;
	}
	return true;
}

/* False: out of memory, or there are more secrets in it than anybody has. */
static bool make_line(struct tap *t, const cruet_ended *ended, struct buf *line)
{
	cruet_ctx *c = t->c;
	struct places p = {.t = t};
	const struct secrets request = {&c->arena, mask_request, &p};
	const struct secrets reply = {&c->arena, mask_reply, t};
	struct recorded r = {.time_ms = c->now_ms,
			     .took_us = ended->took_us,
			     .scheme = c->head->scheme,
			     .method = c->head->method,
			     .body = {t->body.p, t->body.len, !buf_err(&t->body)},
			     .status = t->status,
			     .reply = t->reply,
			     .reply_body = {t->out.p, t->out.len, !buf_err(&t->out) && !ended->err}};

	const char *target = secrets_target(&request, c->head->target);
	r.target = target ? mask_path(&p, target) : NULL;
	if (!r.target || !mask_headers(&request, c, &r))
		return false;
	if (r.body.kept)
		r.body.p = secrets_body(&request, fields_get(&r.headers, "Content-Type"), r.body.p,
					r.body.len, &r.body.len);
	const struct router *rules = c->gen ? c->gen->router : NULL;
	if (!r.body.p || !recording_mask_reply(&reply, rules, &r.reply, &r.reply_body))
		return false;
	r.masked = p.names;
	recording_put(line, &r);
	return !buf_err(line);
}

/* --- the file ----------------------------------------------------------------------------- */

/* Says so in the file and in the log, once. */
static void end_full(struct recorder *r)
{
	char note[200];
	int n = snprintf(note, sizeof note,
			 "{\"note\":\"the recording ends here: it has reached its limit of %llu "
			 "bytes\"}\n",
			 (unsigned long long)r->max);

	write_whole(r->fd, note, (size_t)n);
	close(r->fd);
	r->fd = -1;
	cruet_log(r->root, CRUET_WARN,
		  "the recording has reached its limit of %llu bytes and ends: --record-max "
		  "makes it larger",
		  (unsigned long long)r->max);
}

static void end_failed(struct recorder *r, int err)
{
	close(r->fd);
	r->fd = -1;
	cruet_log(r->root, CRUET_ERROR, "the recording ends: %s", strerror(err));
}

/* Behind a line that somebody could not write to its end, as where the disk was full. */
static int begin_line(int fd, off_t size)
{
	char last = '\n';

	if (size && pread(fd, &last, 1, size - 1) != 1)
		return EIO;
	return last == '\n' ? 0 : write_whole(fd, "\n", 1);
}

static void append(struct recorder *r, const struct buf *line)
{
	struct stat st;

	pthread_mutex_lock(&r->lock);
	if (r->fd >= 0 && !fstat(r->fd, &st)) {
		bool full = (uint64_t)st.st_size + line->len > r->max;
		int err = full ? 0 : begin_line(r->fd, st.st_size);
		if (!full && !err)
			err = write_whole(r->fd, line->p, line->len);
		if (full)
			end_full(r);
		else if (err)
			end_failed(r, err);
	}
	pthread_mutex_unlock(&r->lock);
}

static void end(cruet_ctx *c, const void *what, void *arg)
{
	struct recorder *r = arg;
	struct buf line;

	if (!c->x || c->x->ops->read != tap_read)
		return; /* it was refused before it began */
	struct tap *t = tap_of(c->x);
	c->x->ops = t->real;
	if (t->left_out || t->no_memory || !t->status)
		return;
	buf_init(&line, &c->arena, RECORDING_LINE_MAX);
	if (make_line(t, what, &line))
		append(r, &line);
	else
		cruet_note(c, CRUET_WARN, "this request is not in the recording: it has more than %d secrets or %d bytes",
			    PLACES_MAX, RECORDING_LINE_MAX);
}

/* Empties what may be: nothing, or an older recording. All else is somebody's work. */
static int clear(int fd)
{
	char start[sizeof RECORDING_START - 1];
	struct stat st;

	if (fstat(fd, &st))
		return errno;
	if (!S_ISREG(st.st_mode) ||
	    (st.st_size && (pread(fd, start, sizeof start, 0) != sizeof start ||
			    memcmp(start, RECORDING_START, sizeof start) != 0)))
		return EEXIST;
	return fchmod(fd, 0600) || ftruncate(fd, 0) ? errno : 0;
}

int record_begin(const char *file, const char *application)
{
	struct buf b;
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd < 0)
		return errno;
	buf_init(&b, NULL, 0);
	recording_put_head(&b, application);
	int err = buf_err(&b) ? ENOMEM : clear(fd);
	if (!err)
		err = write_whole(fd, b.p, b.len);
	if (close(fd) && !err)
		err = errno;
	buf_fini(&b);
	return err;
}

struct recorder *record_open(cruet_app *root, const char *file, uint64_t max)
{
	struct recorder *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->root = root;
	r->max = max;
	pthread_mutex_init(&r->lock, NULL);
	r->fd = open(file, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (r->fd >= 0 && getrandom(r->key, KEY_BYTES, 0) == KEY_BYTES &&
	    !cruet_listen(root, "request_started", begin, r) &&
	    !cruet_listen(root, "request_ended", end, r))
		return r;
	int err = errno;
	record_close(r);
	errno = err;
	return NULL;
}

void record_close(struct recorder *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
