/* An instance is part of the generations from scope->since to in->last. It may stop when
 * none of them is kept, and when all who are bound to it have stopped. */
#include "plugin/leaving.h"

#include <pthread.h>
#include <time.h>

#include "app/standing.h"
#include "app/where.h"
#include "cruet/log.h"

enum { WATCH_MS = 50 };

void leaving_add(struct registry *r, struct instance *in, uint64_t last)
{
	in->last = last;
	roll_remove(in);
	roll_add(&r->leaving, in);
}

/* The one that leaves too and that this one lies in; NULL. */
static const struct instance *around(const struct instance *in)
{
	const struct instance *outer = instance_of(in->scope->parent);
	return outer && outer->roll == in->roll ? outer : NULL;
}

/* --- stopping ------------------------------------------------------------------------- */

/* What uses others that lie in it stops before them. */
static bool may_stop(const struct registry *r, const struct instance *in)
{
	const struct instance *outer = around(in);

	return !in->stopped && !in->stuck && in->users <= in->stuck_users &&
	       (!outer || outer->stopped || outer->stuck) &&
	       !generation_kept(r->root->host, in->scope->since, in->last);
}

/* Who was attached last stops first. */
static struct instance *choose(struct registry *r)
{
	generation_sweep(r->root->host);
	for (struct instance *in = r->leaving.last; in; in = in->prev)
		if (may_stop(r, in))
			return in;
	return NULL;
}

static void stop(struct instance *in)
{
	event_tell_scope(in->scope, "app_stopping");
	instance_stop(in);
	in->stopped = true;
}

/* --- going ---------------------------------------------------------------------------- */

static bool all_inside_stopped(const struct registry *r, const struct instance *in)
{
	for (const struct instance *x = r->leaving.first; x; x = x->next)
		for (const struct instance *at = around(x); at; at = around(at))
			if (at == in && !x->stopped)
				return false;
	return true;
}

/* Those that lie inside go with it. */
static struct instance *choose_to_free(const struct registry *r)
{
	for (struct instance *in = r->leaving.last; in; in = in->prev)
		if (in->stopped && !in->stuck && !around(in) && all_inside_stopped(r, in))
			return in;
	return NULL;
}

/* Neither it nor what it lies in ends. */
static bool stays(const struct instance *in)
{
	const struct instance *outer = around(in);
	return in->stuck || (outer && outer->stuck);
}

static bool settled(const struct registry *r, uint64_t last)
{
	for (const struct instance *in = r->leaving.first; in; in = in->next)
		if (in->last == last && !stays(in))
			return false;
	return true;
}

bool leaving_settle(struct registry *r, uint64_t last)
{
	struct instance *in;

	while ((in = choose(r)))
		stop(in);
	while ((in = choose_to_free(r)))
		instance_free(in);
	return settled(r, last);
}

/* --- those that take longer -------------------------------------------------------------- */

static bool is_empty(const struct registry *r)
{
	for (const struct instance *in = r->leaving.first; in; in = in->next)
		if (!stays(in))
			return false;
	return true;
}

bool leaving_settle_all(struct registry *r)
{
	leaving_settle(r, 0);
	return is_empty(r);
}

/* Whoever ends it holds the lock, and waits for it: so it waits for no lock. */
static bool look(struct registry *r)
{
	pthread_mutex_t *changing = &r->root->host->changing;

	if (pthread_mutex_trylock(changing))
		return true;
	bool more = !leaving_settle_all(r);
	pthread_mutex_unlock(changing);
	return more;
}

static void *watch(void *arg)
{
	struct registry *r = arg;

	where_prepare();
	while (!atomic_load(&r->watch_ends) && look(r))
		nanosleep(&(struct timespec){.tv_nsec = WATCH_MS * 1000000L}, NULL);
	return NULL;
}

/* Without a thread they are looked at when something changes again. */
static void begin_watch(struct registry *r)
{
	leaving_end(r);
	atomic_store(&r->watch_ends, false);
	r->is_watched = !pthread_create(&r->watcher, NULL, watch, r);
}

void leaving_end(struct registry *r)
{
	if (!r->is_watched)
		return;
	atomic_store(&r->watch_ends, true);
	pthread_join(r->watcher, NULL);
	r->is_watched = false;
}

void leaving_give_up(struct registry *r, uint64_t last)
{
	struct host *h = r->root->host;

	for (struct instance *in = r->leaving.last; in; in = in->prev) {
		if (in->last != last || in->stuck || in->stopped)
			continue;
		cruet_log(r->root, CRUET_WARN,
			  "plugin '%s': %zu requests still run on what it was %llu ms after it was "
			  "taken out: it stays until they end, without its threads",
			  in->owner.name, generation_load(h, in->scope->since, in->last),
			  (unsigned long long)h->settings.drain);
		instance_end_threads(in);
	}
	if (!is_empty(r))
		begin_watch(r);
}
