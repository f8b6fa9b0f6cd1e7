/* Requests that wait: a stream for its source, a handler for what it cannot do by
 * itself, both for a client that is slow. Where the transport can park, they hold no
 * thread meanwhile; otherwise they block this one.
 *
 * A waker knows the exchange only while its request is parked for it, and tells it
 * under its lock; whoever goes on with the request takes the exchange away again
 * first. So a wake never reaches a request that has ended, and a waker that is called a
 * thousand times while the source has enough to do costs the transport nothing. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "app/dispatch.h"
#include "cruet/response.h"

enum { LOOK_MS = 200 }; /* how often a blocked thread looks whether it should end */

/* Held by the request and by whoever wakes it; the last one frees it. */
struct cruet_waker {
	struct cruet_waker *next, **at; /* of the host's, until the request has ended */
	struct host *host;
	uint64_t request;     /* that it was made for */
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t change;
	cruet_exchange *parked;
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

static void enlist(struct cruet_waker *w)
{
	struct host *h = w->host;

	pthread_mutex_lock(&h->wakers_lock);
	w->next = h->wakers;
	w->at = &h->wakers;
	if (w->next)
		w->next->at = &w->next;
	h->wakers = w;
	pthread_mutex_unlock(&h->wakers_lock);
}

static void request_ended(void *arg)
{
	struct cruet_waker *w = arg;

	pthread_mutex_lock(&w->host->wakers_lock);
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	pthread_mutex_unlock(&w->host->wakers_lock);
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
	w->host = c->host;
	w->request = c->id;
	w->holders = 2;
	enlist(w);
	if (arena_defer(&c->arena, request_ended, w)) { /* has let go already */
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
	if (w->parked)
		w->parked->ops->wake(w->parked);
	pthread_cond_signal(&w->change);
	pthread_mutex_unlock(&w->lock);
}

/* Not a wake: a handler that waits for its answer goes on to wait. */
void wait_look_up(struct host *h)
{
	pthread_mutex_lock(&h->wakers_lock);
	for (struct cruet_waker *w = h->wakers; w; w = w->next) {
		pthread_mutex_lock(&w->lock);
		if (w->parked)
			w->parked->ops->wake(w->parked);
		pthread_cond_signal(&w->change);
		pthread_mutex_unlock(&w->lock);
	}
	pthread_mutex_unlock(&h->wakers_lock);
}

void cruet_waker_free(cruet_waker *w)
{
	if (w)
		let_go(w);
}

static bool take_wake(struct cruet_waker *w)
{
	if (!w)
		return false;
	pthread_mutex_lock(&w->lock);
	bool awake = w->awake;
	w->awake = false;
	w->parked = NULL;
	pthread_mutex_unlock(&w->lock);
	return awake;
}

/* From now on x is told of a wake. False: one has come already. */
static bool tell_wakes(struct cruet_waker *w, cruet_exchange *x)
{
	if (!w)
		return true;
	pthread_mutex_lock(&w->lock);
	bool awake = w->awake;
	w->parked = awake ? NULL : x;
	pthread_mutex_unlock(&w->lock);
	return !awake;
}

/* --- waiting ---------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	return date_monotonic_us() / 1000;
}

void wait_within(cruet_ctx *c, uint32_t ms)
{
	c->wait_until = ms ? now_ms() + ms : INT64_MAX;
}

static bool can_park(const cruet_ctx *c)
{
	return CRUET_HAS(c->x->ops, cruet_exchange_ops, wake);
}

static bool is_replaced(const cruet_ctx *c)
{
	return c->gen != atomic_load(&c->host->current);
}

bool cruet_ending(const cruet_ctx *c)
{
	return is_replaced(c) || atomic_load(&c->host->stop_asked);
}

/* A source that waits is asked once more, whether it has come to its end. */
static bool must_tell(cruet_ctx *c)
{
	if (!c->wants_more || c->told_to_end || !is_replaced(c))
		return false;
	return c->told_to_end = true;
}

/* CRUET_LATER: the request is somebody else's now. */
static int park(cruet_ctx *c, int64_t ms, uint32_t what)
{
	int err = c->x->ops->park(c->x, ms, what);
	return err ? err : CRUET_LATER;
}

static int park_for(cruet_ctx *c, struct cruet_waker *w, int64_t now)
{
	if (!tell_wakes(w, c->x))
		return CRUET_OK;
	if (must_tell(c)) { /* it may have changed before wait_look_up() found it here */
		take_wake(w);
		return CRUET_OK;
	}
	int r = park(c, c->wait_until == INT64_MAX ? -1 : c->wait_until - now, 0);
	if (r != CRUET_LATER)
		take_wake(w);
	return r;
}

/* Until it is woken, or that moment. */
static void block(struct cruet_waker *w, int64_t ms)
{
	struct timespec ts = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

	if (!w) {
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		return;
	}
	pthread_mutex_lock(&w->lock);
	if (!w->awake)
		pthread_cond_timedwait(&w->change, &w->lock, &ts);
	pthread_mutex_unlock(&w->lock);
}

int wait_for(cruet_ctx *c, struct cruet_waker *w)
{
	int err = CRUET_OK;

	while (!err) {
		int64_t now = now_ms();
		if (take_wake(w) || now >= c->wait_until || must_tell(c))
			return CRUET_OK;
		if (c->x->ops->gone(c->x))
			return CRUET_EIO;
		if (atomic_load(&c->host->stop_asked))
			return CRUET_ESTATE;
		if (can_park(c))
			err = park_for(c, w, now);
		else
			block(w, c->wait_until - now < LOOK_MS ? c->wait_until : now + LOOK_MS);
	}
	return err;
}

int wait_for_room(cruet_ctx *c)
{
	int err = c->x->ops->write(c->x, NULL, 0);

	if (err != CRUET_EAGAIN)
		return err;
	return can_park(c) ? park(c, -1, CRUET_PARK_WRITE) : CRUET_EIO;
}

/* --- handlers that answer later ------------------------------------------------------------ */

static int resume(cruet_ctx *c, struct cruet_waker *w, cruet_fn *next, const char *call)
{
	if (!next)
		return ctx_fail(c, CRUET_EINVAL,
				arena_printf(&c->arena, "%s: the function is NULL", call), false);
	if (!c->x)
		return ctx_fail(c, CRUET_ESTATE,
				arena_printf(&c->arena, "%s: there is no request to answer", call),
				false);
	if (w && w->request != c->id)
		return ctx_fail(c, CRUET_EINVAL,
				arena_printf(&c->arena, "%s: the waker was made for another request",
					     call),
				false);
	c->later = next;
	c->later_waker = w;
	return CRUET_LATER;
}

int cruet_resume(cruet_ctx *c, cruet_waker *w, cruet_fn *next)
{
	if (!w)
		return c->failure.err ? c->failure.err
				      : ctx_fail(c, CRUET_EINVAL,
						 "cruet_resume: the waker is NULL", false);
	wait_within(c, 0);
	return resume(c, w, next, "cruet_resume");
}

int cruet_resume_within(cruet_ctx *c, cruet_waker *w, uint32_t ms, cruet_fn *next)
{
	c->wait_until = now_ms() + ms;
	return resume(c, w, next, "cruet_resume_within");
}

static enum later failed(cruet_ctx *c, int err, const char *text)
{
	ctx_fail(c, err, text, false);
	return LATER_FAILED;
}

enum later later_wait(cruet_ctx *c)
{
	if (!c->later)
		return failed(c, CRUET_ESTATE,
			      arena_printf(&c->arena,
					   "%s returned CRUET_LATER and nothing to wait for: return "
					   "cruet_resume(...)",
					   c->endpoint->name));
	if (c->failure.stays)
		return LATER_FAILED;
	c->stage = STAGE_LATER;
	int err = wait_for(c, c->later_waker);
	switch (err) {
	case CRUET_OK:
		return LATER_GO;
	case CRUET_LATER:
		return LATER_PARKED;
	case CRUET_EIO:
		return LATER_LEFT;
	case CRUET_ESTATE:
		cruet_fail_header(c, "Retry-After", "1");
		return failed(c, cruet_fail(c, 503, "The server is stopping."), NULL);
	default:
		return failed(c, err, NULL);
	}
}
