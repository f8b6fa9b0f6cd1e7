/* Bodies that are produced while they are sent. A source is asked for the next
 * bytes when the client has taken the last ones, so a slow client slows its source
 * down and nothing piles up. A source that has nothing yet is waited for (wait.c); in
 * that time the client may leave and the server may stop, which ends the stream. */
#include <string.h>

#include "app/dispatch.h"
#include "base/text.h"
#include "cruet/log.h"

int cruet_stream(cruet_ctx *c, const cruet_source *s, void *self)
{
	struct out out = {.kind = OUT_STREAM, .self = self};

	if (!s || s->size < CRUET_UPTO(cruet_source, pull) || !s->pull)
		return ctx_fail(c, CRUET_EINVAL,
				"cruet_stream: a source needs size and pull", false);
	memcpy(&out.source, s, s->size < sizeof out.source ? s->size : sizeof out.source);
	int r = ctx_reply(c, &out);
	if (r != CRUET_DONE) {
		if (out.source.close)
			out.source.close(c, self, r);
		return r;
	}
	if (out.source.mime) {
		int err = cruet_set_header(c, "Content-Type", out.source.mime);
		if (err)
			return err;
	}
	return r;
}

void stream_close(cruet_ctx *c, int why)
{
	struct out *o = &c->out;

	if (o->kind != OUT_STREAM)
		return;
	o->kind = OUT_NONE; /* first: close may look at the reply */
	if (o->source.close)
		o->source.close(c, o->self, why);
}

/* Begins to wait for the source. */
static int nothing_yet(cruet_ctx *c)
{
	uint32_t ms = c->out.source.wait_ms;

	if (!c->waker && !ms) {
		cruet_note(c, CRUET_ERROR,
			   "a stream gave CRUET_EAGAIN and has neither waker nor wait_ms: call "
			   "cruet_waker_new()");
		return c->broken = CRUET_EINVAL;
	}
	if (!c->waker) /* it waits for time alone: nobody wakes it, but wait_look_up() */
		cruet_waker_free(cruet_waker_new(c));
	wait_within(c, ms);
	c->wants_more = true;
	return CRUET_OK;
}

/* What pull recorded says more than its code. */
static int broke_off(cruet_ctx *c, ptrdiff_t n)
{
	cruet_note(c, CRUET_ERROR, "a stream broke off: %s",
		   n < 0	? c->failure.err ? failure_text(&c->failure) : cruet_strerror((int)n)
		   : n > 0 ? "pull gave more than it was asked for"
			   : "it ended before the length it had announced");
	return c->broken = n < 0 ? (int)n : CRUET_EINVAL;
}

/* The next bytes, on to the client. CRUET_DONE at the end. */
static int pull_once(cruet_ctx *c)
{
	int64_t left = c->pull_left;
	size_t cap = left >= 0 && left < STREAM_PULL ? (size_t)left : STREAM_PULL;
	bool stood = c->failure.stays; /* before it was asked */
	ptrdiff_t n = cap ? c->out.source.pull(c, c->out.self, c->pulled, cap) : 0;

	if (n >= 0 && c->failure.stays && !stood) /* as after a handler: who failed has not said so */
		return broke_off(c, c->failure.err);
	if (n == CRUET_EAGAIN)
		return nothing_yet(c);
	if (n == 0 && left <= 0)
		return CRUET_DONE;
	if (n <= 0 || (size_t)n > cap)
		return broke_off(c, n);
	if (left > 0)
		c->pull_left -= n;
	int err = c->x->ops->write(c->x, &(cruet_piece){c->pulled, (size_t)n}, 1);
	c->wants_room = err == CRUET_EAGAIN;
	if (err && !c->wants_room)
		return err;
	c->sent += (uint64_t)n;
	return CRUET_OK;
}

static int wait(cruet_ctx *c)
{
	int err = c->wants_room ? wait_for_room(c) : wait_for(c, c->waker);

	if (err != CRUET_LATER)
		c->wants_room = c->wants_more = false;
	return err;
}

int stream_run(cruet_ctx *c)
{
	int err = CRUET_OK;

	while (!err) {
		if (c->wants_room || c->wants_more)
			err = wait(c);
		if (!err)
			err = pull_once(c);
	}
	return err == CRUET_DONE ? CRUET_OK : err;
}
