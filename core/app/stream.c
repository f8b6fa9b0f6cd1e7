/* Bodies that are produced while they are sent. A source is asked for the next
 * bytes when the client has taken the last ones, so a slow client slows its source
 * down and nothing piles up. A source that has nothing yet is waited for; in that
 * time the client may leave and the server may stop, which ends the stream. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/dispatch.h"
#include "base/text.h"
#include "cruet/log.h"

enum { LOOK_MS = 200 }; /* how often a waiting stream looks whether it should end */

/* Held by the request and by whoever wakes it; the last one frees it. */
struct cruet_waker {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t change;
	bool awake;
	unsigned holders;
};

/* --- wakers ---------------------------------------------------------------------------- */

static void let_go(struct cruet_waker *w)
{
	pthread_mutex_lock(&w->lock);
	unsigned left = --w->holders;
	pthread_mutex_unlock(&w->lock);
	if (left)
		return;
	pthread_cond_destroy(&w->change);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void let_go_late(void *w)
{
	let_go(w);
}

cruet_waker *cruet_waker_new(cruet_ctx *c)
{
	struct cruet_waker *w = calloc(1, sizeof *w);
	pthread_condattr_t attr;

	if (!w) {
		ctx_fail(c, CRUET_ENOMEM, NULL, false);
		return NULL;
	}
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->change, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&w->lock, NULL);
	w->holders = 2;
	if (arena_defer(&c->arena, let_go_late, w)) { /* has let go already */
		let_go(w);
		ctx_fail(c, CRUET_ENOMEM, NULL, false);
		return NULL;
	}
	c->waker = w;
	return w;
}

void cruet_wake(cruet_waker *w)
{
	pthread_mutex_lock(&w->lock);
	w->awake = true;
	pthread_cond_signal(&w->change);
	pthread_mutex_unlock(&w->lock);
}

void cruet_waker_free(cruet_waker *w)
{
	if (w)
		let_go(w);
}

static int64_t monotonic_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Until it is woken, or that moment. */
static void wait_until(struct cruet_waker *w, int64_t ms)
{
	struct timespec ts = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

	pthread_mutex_lock(&w->lock);
	if (!w->awake)
		pthread_cond_timedwait(&w->change, &w->lock, &ts);
	pthread_mutex_unlock(&w->lock);
}

static bool take_wake(struct cruet_waker *w)
{
	pthread_mutex_lock(&w->lock);
	bool awake = w->awake;
	w->awake = false;
	pthread_mutex_unlock(&w->lock);
	return awake;
}

/* --- streams ----------------------------------------------------------------------------- */

int cruet_stream(cruet_ctx *c, const cruet_source *s, void *self)
{
	struct out out = {.kind = OUT_STREAM, .self = self};

	if (!s || s->size < CRUET_UPTO(cruet_source, pull) || !s->pull)
		return ctx_fail(c, CRUET_EINVAL,
				"cruet_stream: a source needs size and pull", false);
	memcpy(&out.source, s, s->size < sizeof out.source ? s->size : sizeof out.source);
	int r = ctx_reply(c, &out);
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

/* A source that only waits for time needs no waker of its own. */
static int need_waker(cruet_ctx *c)
{
	if (c->waker)
		return CRUET_OK;
	if (!c->out.source.wait_ms) {
		cruet_note(c, CRUET_ERROR,
			   "a stream gave CRUET_EAGAIN and has neither waker nor wait_ms: call "
			   "cruet_waker_new()");
		return c->broken = CRUET_EINVAL;
	}
	cruet_waker_free(cruet_waker_new(c)); /* the request holds it too */
	return c->waker ? CRUET_OK : (c->broken = CRUET_ENOMEM);
}

/* Until the source may have something. CRUET_OK, or why there is nothing to wait
 * for any more. */
static int wait_for_source(cruet_ctx *c)
{
	uint32_t wait = c->out.source.wait_ms;
	int64_t now = monotonic_ms(), end = wait ? now + wait : INT64_MAX;
	int err = need_waker(c);

	for (; !err && !take_wake(c->waker) && now < end; now = monotonic_ms()) {
		if (c->x->ops->gone(c->x))
			return CRUET_EIO;
		if (atomic_load(&c->host->stop_asked))
			return CRUET_ESTATE;
		wait_until(c->waker, end - now < LOOK_MS ? end : now + LOOK_MS);
	}
	return err;
}

int stream_run(cruet_ctx *c, char *buf)
{
	struct out *o = &c->out;
	int64_t left = o->source.length;

	for (;;) {
		size_t cap = left >= 0 && left < STREAM_PULL ? (size_t)left : STREAM_PULL;
		ptrdiff_t n = cap ? o->source.pull(c, o->self, buf, cap) : 0;
		if (n == CRUET_EAGAIN) {
			int err = wait_for_source(c);
			if (err)
				return err;
			continue;
		}
		if (n == 0 && left <= 0)
			return CRUET_OK;
		if (n <= 0 || (size_t)n > cap) {
			int err = n < 0 ? (int)n : CRUET_EINVAL;
			cruet_note(c, CRUET_ERROR, "a stream broke off: %s",
				   n < 0	? cruet_strerror(err)
				   : n > 0 ? "pull gave more than it was asked for"
					   : "it ended before the length it had announced");
			return c->broken = err;
		}
		int err = c->x->ops->write(c->x, &(cruet_piece){buf, (size_t)n}, 1);
		if (err)
			return err;
		if (left > 0)
			left -= n;
	}
}
