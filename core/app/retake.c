/* The body of a reply as a source, for who sends it in another form. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/ctx.h"

/* One that lies in memory or in a file. */
struct whole {
	const char *p; /* NULL: in the file */
	int fd;
	uint64_t at, end;
};

static ptrdiff_t pull_whole(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct whole *w = self;
	uint64_t left = w->end - w->at;
	ssize_t n = (ssize_t)(left < cap ? left : cap);

	(void)c;
	if (w->p && n)
		memcpy(buf, w->p + w->at, (size_t)n);
	else if (n) {
		do
			n = pread(w->fd, buf, (size_t)n, (off_t)w->at);
		while (n < 0 && errno == EINTR);
		if (n <= 0) /* it was cut short meanwhile */
			return CRUET_EIO;
	}
	w->at += (uint64_t)n;
	return n;
}

static int begin_whole(cruet_ctx *c, cruet_source *source, void **self)
{
	struct whole *w = arena_zalloc(&c->arena, sizeof *w);

	if (!w)
		return ctx_fail(c, CRUET_ENOMEM, NULL, false);
	if (c->out.kind == OUT_BYTES)
		w->p = c->out.p;
	w->fd = c->out.fd;
	w->at = c->out.kind == OUT_FILE ? c->out.from : 0;
	w->end = w->at + c->out.len;
	*source = (cruet_source){.length = (int64_t)c->out.len, .pull = pull_whole};
	*self = w;
	return CRUET_OK;
}

int64_t cruet_reply_length(const cruet_ctx *c)
{
	return c->out.kind == OUT_STREAM ? c->out.source.length : (int64_t)c->out.len;
}

int cruet_reply_take(cruet_ctx *c, cruet_source *out, void **self)
{
	cruet_source source;
	const uint32_t size = out->size;
	int err = ctx_reply_open(c, "cruet_reply_take");

	if (err)
		return err;
	if (c->out.kind == OUT_STREAM) {
		source = c->out.source;
		*self = c->out.self;
	} else if (c->out.kind == OUT_BYTES || c->out.kind == OUT_FILE) {
		err = begin_whole(c, &source, self);
		if (err)
			return err;
	} else {
		return CRUET_ENOENT;
	}
	c->out.kind = OUT_NONE; /* not closed: it goes on elsewhere */
	memcpy(out, &source, size < sizeof source ? size : sizeof source);
	out->size = size;
	return CRUET_OK;
}
