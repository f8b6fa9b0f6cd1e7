/* One change, from the first step of a new plugin to the last of an old one. Old ones are
 * passed over in what is built, not touched: so taking a change back is forgetting it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/closed.h"
#include "app/dispatch.h"
#include "app/element.h"
#include "app/standing.h"
#include "app/ws.h"
#include "base/date.h"
#include "plugin/change.h"
#include "plugin/closing.h"
#include "plugin/leaving.h"
#include "plugin/service.h"

enum { LOOK_US = 500, LOOK_MAX_US = 20000 }; /* how often it is seen who still stands */

/* --- who goes and who comes ------------------------------------------------------------------ */

static void mark_out(struct change *c, bool out)
{
	for (struct instance *in = c->registry->all.first; in; in = in->next)
		if (in->fate != FATE_STAYS)
			in->scope->out = out;
}

/* Those that were attached since stand behind the ones that were there. */
static struct instance *first_new(const struct change *c)
{
	return c->newest ? c->newest->next : c->registry->all.first;
}

/* --- names for the report -------------------------------------------------------------------- */

struct names {
	const char **list;
	size_t n;
};

static void add_name(struct change *c, struct names *to, const char *name)
{
	struct arena *a = &c->report->a;
	const char **list = arena_more(a, to->list, to->n, sizeof *list);
	char *copy = arena_strdup(a, name);

	if (!list || !copy)
		return;
	to->list = list;
	list[to->n++] = copy;
}

static const char *const *end_names(struct change *c, struct names *n)
{
	const char **list = arena_more(&c->report->a, n->list, n->n, sizeof *list);

	if (list)
		list[n->n] = NULL;
	return list;
}

static void report_names(struct change *c)
{
	struct names replaced = {0}, added = {0}, removed = {0};

	for (struct instance *in = first_new(c); in; in = in->next)
		add_name(c, in->old ? &replaced : &added, in->owner.name);
	for (struct instance *in = c->registry->all.first; in != first_new(c); in = in->next)
		if (in->scope->out && !registry_named(c->root, in->owner.name))
			add_name(c, &removed, in->owner.name);
	c->report->replaced = end_names(c, &replaced);
	c->report->added = end_names(c, &added);
	c->report->removed = end_names(c, &removed);
}

/* --- up ----------------------------------------------------------------------------------- */

static int build(struct change *c)
{
	char *why;
	int64_t from = date_monotonic_us();

	c->next = generation_build(c->root, change_source(c), &why);
	if (!c->next) {
		host_problem(c->host, CRUET_EINVAL, "%s",
			     why ? why : cruet_strerror(CRUET_ENOMEM));
		free(why);
		return CRUET_EINVAL;
	}
	generation_offer(c->host, c->next);
	closing_carry(c->root, c->next);
	c->report->build_us = date_monotonic_us() - from;
	return CRUET_OK;
}

static int start(struct change *c)
{
	int err = CRUET_OK;

	for (struct instance *in = first_new(c); in && !err; in = in->next)
		err = instance_start(in);
	return err;
}

/* Also what stays needs what it declared. */
static int check_needs(struct change *c)
{
	int err = service_check_program(c->root);

	for (struct instance *in = c->registry->all.first; in && !err; in = in->next)
		if (!in->scope->out)
			err = service_check_needs(in);
	return err;
}

static int climb(struct change *c)
{
	int err = plan_sort(&c->plan);

	if (!err)
		err = plan_attach(&c->plan);
	if (!err)
		err = check_needs(c);
	if (!err)
		err = build(c);
	return err ? err : start(c);
}

/* --- back --------------------------------------------------------------------------------- */

static struct instance *last_new(const struct change *c)
{
	struct instance *in = c->registry->all.last;

	while (in != c->newest && in->stuck)
		in = in->prev;
	return in == c->newest ? NULL : in;
}

/* Only a thread that did not end can stand on what was never published. */
static void forget_next(struct change *c)
{
	struct instance *in;

	if (!c->next)
		return;
	uint64_t number = c->next->number;
	generation_withdraw(c->host);
	generation_sweep(c->host);
	if (!generation_kept(c->host, number, number))
		return;
	while ((in = last_new(c)))
		instance_leave(in);
}

/* What does not end is no plugin of the application all the same. */
static void take_back(struct change *c)
{
	struct instance *in;

	for (in = c->registry->all.last; in != c->newest; in = in->prev)
		instance_stop(in);
	forget_next(c);
	while ((in = last_new(c)))
		instance_free(in);
	while ((in = first_new(c))) {
		in->old = NULL;
		in->scope->out = true;
		leaving_add(c->registry, in, c->host->numbers);
	}
	mark_out(c, false);
}

/* --- over --------------------------------------------------------------------------------- */

static bool stands_before(const struct instance *a, const struct instance *b)
{
	for (a = a->next; a; a = a->next)
		if (a == b)
			return true;
	return false;
}

/* What the configuration names comes before the rest. */
static struct instance *first_of_code(const struct change *c)
{
	struct instance *in = c->registry->all.first;

	while (in && in->origin == ORIGIN_CONFIG)
		in = in->next;
	return in;
}

static struct instance *place_of(const struct change *c, struct instance *in)
{
	const struct instance *outer = instance_outermost(in);

	if (in->old || outer->old)
		return in->old ? in->old : outer->old;
	return in->origin == ORIGIN_CONFIG ? first_of_code(c) : NULL;
}

/* The order of the list is that of stopping, backwards: so it comes behind all that it is
 * bound to, and otherwise to the place of the one that it replaces. */
static void put_in_place(struct change *c, struct instance *in)
{
	struct instance *at = place_of(c, in);

	if (at && at != in)
		roll_move_before(in, at);
	for (const struct edge *e = in->uses; e; e = e->next) {
		if (!stands_before(in, e->provider))
			continue;
		roll_move_before(in, e->provider);
		roll_move_before(e->provider, in);
	}
}

static void put_all_in_place(struct change *c)
{
	struct instance *next;

	for (struct instance *in = first_new(c); in; in = next) {
		next = in->next;
		put_in_place(c, in);
	}
}

static void publish(struct change *c)
{
	int64_t from = date_monotonic_us();

	ws_change_generation(c->host);
	elements_take(c->host, c->next);
	c->report->build_us += date_monotonic_us() - from;
	c->report->changed = true;
	c->report->generation = c->number = c->next->number;
}

static void let_go(struct change *c)
{
	struct instance *next;

	for (struct instance *in = c->registry->all.first; in; in = next) {
		next = in->next;
		in->old = NULL;
		if (!in->scope->out)
			continue;
		instance_end_timers(in);
		leaving_add(c->registry, in, c->number - 1);
	}
}

static void tell_started(struct change *c)
{
	for (struct instance *in = c->registry->all.first; in; in = in->next)
		if (in->scope->since == c->number)
			event_tell_scope(in->scope, "app_started");
}

int swap_run(struct change *c)
{
	c->newest = c->registry->all.last;
	c->registry->source = c->fresh;
	mark_out(c, true);
	int err = climb(c);
	c->registry->source = NULL;
	if (err) {
		take_back(c);
		return err;
	}
	report_names(c);
	publish(c);
	wait_look_up(c->host);
	put_all_in_place(c);
	let_go(c);
	tell_started(c);
	return CRUET_OK;
}

/* --- and away ----------------------------------------------------------------------------- */

static bool settle(struct change *c)
{
	pthread_mutex_lock(&c->host->changing);
	bool done = leaving_settle(c->registry, c->number - 1);
	pthread_mutex_unlock(&c->host->changing);
	return done;
}

static void give_up(struct change *c)
{
	pthread_mutex_lock(&c->host->changing);
	leaving_give_up(c->registry, c->number - 1);
	pthread_mutex_unlock(&c->host->changing);
}

static void report_left(struct change *c)
{
	struct names left = {0};

	pthread_mutex_lock(&c->host->changing);
	for (struct instance *in = c->registry->leaving.first; in; in = in->next)
		if (in->last == c->number - 1)
			add_name(c, &left, in->owner.name);
	pthread_mutex_unlock(&c->host->changing);
	c->report->left = end_names(c, &left);
}

static void drain(struct change *c)
{
	int64_t from = date_monotonic_us();
	int64_t until = from + (int64_t)c->host->settings.drain * 1000;
	int64_t us = LOOK_US;
	bool done;

	while (!(done = settle(c)) && date_monotonic_us() < until &&
	       !atomic_load(&c->host->ends)) {
		nanosleep(&(struct timespec){.tv_nsec = (long)us * 1000}, NULL);
		us = us * 2 < LOOK_MAX_US ? us * 2 : LOOK_MAX_US;
	}
	if (!done && !atomic_load(&c->host->ends))
		give_up(c);
	report_left(c);
	c->report->drain_ms = (date_monotonic_us() - from) / 1000;
}

void change_finish(cruet_app *root, struct change_report *report)
{
	struct change c = {.root = root,
			   .host = root->host,
			   .registry = root->host->registry,
			   .report = report,
			   .number = report->generation};

	if (report->changed)
		drain(&c);
}

bool change_settle(cruet_app *root)
{
	struct host *h = root->host;

	pthread_mutex_lock(&h->changing);
	bool done = !h->registry || leaving_settle_all(h->registry);
	pthread_mutex_unlock(&h->changing);
	return done;
}
