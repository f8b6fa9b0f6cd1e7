/* Streams and files: each piece goes through a coder on its way. What a source gives
 * leaves at once, as it would without one: after a piece that did not fill its room, and
 * before the source is waited for, all that came can be read by the client. */
#include <string.h>

#include "coder.h"
#include "compress.h"

enum { PIECE = 16384 };

struct stream {
	struct state *of;
	cruet_source from;
	void *self;
	int64_t left; /* bytes that it announced and has not given; negative: it said nothing */
	struct coder coder;
	struct coder_bytes bytes;
	enum coder_step step;
	bool busy;  /* the step goes on */
	bool dirty; /* the coder keeps something back */
	bool waits; /* the source said CRUET_EAGAIN, and nobody was told */
	uint8_t piece[PIECE];
	uint8_t small[CODER_ROOM]; /* for who has less room than the coder needs: */
	size_t at, end;		   /* what is left in it */
};

static void begin_step(struct stream *s, enum coder_step step, size_t len)
{
	s->bytes.in = s->piece;
	s->bytes.in_left = len;
	s->step = step;
	s->busy = true;
	s->dirty = step == CODER_TAKE;
}

/* The next piece of the source, and the step that follows from it. */
static int take_piece(cruet_ctx *c, struct stream *s)
{
	size_t cap = s->left >= 0 && s->left < PIECE ? (size_t)s->left : PIECE;
	ptrdiff_t n = cap ? s->from.pull(c, s->self, s->piece, cap) : 0;

	if (n == CRUET_EAGAIN && s->dirty) {
		s->waits = true;
		begin_step(s, CODER_FLUSH, 0);
		return CRUET_OK;
	}
	if (n < 0)
		return (int)n;
	if ((size_t)n > cap || (!n && s->left > 0))
		return CRUET_EINVAL;
	if (s->left > 0)
		s->left -= n;
	begin_step(s, !n ? CODER_FINISH : n == PIECE ? CODER_TAKE : CODER_FLUSH, (size_t)n);
	return CRUET_OK;
}

/* Puts out what the step gives; CRUET_DONE: that was the end of it all. */
static int go_on(cruet_ctx *c, struct stream *s)
{
	if (!s->busy && s->step == CODER_FINISH)
		return CRUET_DONE;
	if (!s->busy && s->waits) {
		s->waits = false;
		return CRUET_EAGAIN;
	}
	int err = s->busy ? CRUET_OK : take_piece(c, s);
	if (err)
		return err;
	int r = coder_run(&s->coder, s->step, &s->bytes);
	s->busy = r != CRUET_DONE;
	return r == CRUET_DONE ? CRUET_OK : r;
}

static ptrdiff_t code_some(cruet_ctx *c, struct stream *s, void *buf, size_t cap)
{
	int r = CRUET_OK;

	s->bytes.out = buf;
	s->bytes.out_left = cap;
	while (!r && s->bytes.out_left == cap)
		r = go_on(c, s);
	return r < 0 ? r : (ptrdiff_t)(cap - s->bytes.out_left);
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct stream *s = self;

	if (s->at == s->end) {
		if (cap >= sizeof s->small)
			return code_some(c, s, buf, cap);
		ptrdiff_t got = code_some(c, s, s->small, sizeof s->small);
		if (got <= 0)
			return got;
		s->at = 0;
		s->end = (size_t)got;
	}
	size_t n = s->end - s->at < cap ? s->end - s->at : cap;
	memcpy(buf, s->small + s->at, n);
	s->at += n;
	return (ptrdiff_t)n;
}

static void end(struct stream *s)
{
	coder_end(&s->coder);
	atomic_fetch_sub(&s->of->streams, 1);
}

static void close_stream(cruet_ctx *c, void *self, int why)
{
	struct stream *s = self;

	if (s->from.close)
		s->from.close(c, s->self, why);
	end(s);
}

/* A place among those that are compressed at once, and memory; NULL: none is left, and the
 * reply stays as it is. */
static struct stream *begin(cruet_ctx *c, const char *coding)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	struct state *of = cruet_state(cruet_scope(c));
	struct stream *s = NULL;
	int64_t len = cruet_reply_length(c);

	if (atomic_fetch_add(&of->streams, 1) < cfg->streams)
		s = cruet_alloc(c, sizeof *s);
	if (s && coder_begin(&s->coder, coding, level_of(cfg, coding), len)) {
		s->of = of;
		s->left = len;
		return s;
	}
	atomic_fetch_sub(&of->streams, 1);
	return NULL;
}

int code_stream(cruet_ctx *c, const char *coding)
{
	struct stream *s = begin(c, coding);

	if (!s)
		return CRUET_OK;
	s->from.size = sizeof s->from;
	int err = mark_coded(c, coding);
	if (!err)
		err = cruet_reply_take(c, &s->from, &s->self);
	if (err) {
		end(s);
		return err;
	}
	const cruet_source to = {.size = sizeof to,
				 .wait_ms = s->from.wait_ms,
				 .length = -1,
				 .pull = pull,
				 .close = close_stream};
	return cruet_stream(c, &to, s);
}
