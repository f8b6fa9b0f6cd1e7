/* What a request costs more that goes through ten plugins, each with one before- and one
 * after-hook:
 *
 *	build/bench/bench_hooks
 *
 * Requests are handed to the core by a transport that has no socket and throws replies
 * away, so that nothing but the core is measured. The applications are asked in turns;
 * the difference of each turn is taken, and the median of the differences is the result.
 * The control is a second application without plugins: what it shows is noise. Times are
 * CPU time of this thread. */
#include <cruet.h>
#include <cruet/plugin.h>
#include <cruet/svc/transport.h>
#include <cruet/testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TURNS = 301, REQUESTS = 5000 };

/* --- applications ----------------------------------------------------------------- */

struct state {
	uint64_t in, out;
};

static int before(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));

	s->in++;
	return CRUET_OK;
}

static int after(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));

	s->out += cruet_reply_status(c) == 200;
	return CRUET_OK;
}

static int init(cruet_app *app)
{
	cruet_before(app, before);
	return cruet_after(app, after);
}

#define PLUGIN(name)                                                               \
	CRUET_PLUGIN(name, .version = "1.0.0", .state_size = sizeof(struct state), \
		     .init = init)
PLUGIN(hooks0);
PLUGIN(hooks1);
PLUGIN(hooks2);
PLUGIN(hooks3);
PLUGIN(hooks4);
PLUGIN(hooks5);
PLUGIN(hooks6);
PLUGIN(hooks7);
PLUGIN(hooks8);
PLUGIN(hooks9);

static const cruet_plugin *const plugins[] = {&cruet_plugin_hooks0, &cruet_plugin_hooks1,
					      &cruet_plugin_hooks2, &cruet_plugin_hooks3,
					      &cruet_plugin_hooks4, &cruet_plugin_hooks5,
					      &cruet_plugin_hooks6, &cruet_plugin_hooks7,
					      &cruet_plugin_hooks8, &cruet_plugin_hooks9};

static int hello(cruet_ctx *c)
{
	return cruet_text(c, "Hello, world!\n");
}

/* A running application with n of them. */
static cruet_app *make(size_t n)
{
	cruet_app *app = cruet_new("bench");

	for (size_t i = 0; i < n; i++)
		cruet_use_static(app, plugins[i], NULL);
	cruet_get(app, "/", hello);
	cruet_client_free(cruet_client_new(app)); /* which starts it */
	if (cruet_problem(app)) {
		fprintf(stderr, "bench_hooks: %s\n", cruet_problem(app));
		exit(1);
	}
	return app;
}

/* --- the transport ---------------------------------------------------------------- */

static uint64_t replies;

static int take(cruet_exchange *x, const cruet_reply *r)
{
	(void)x;
	replies += r->status == 200;
	return CRUET_OK;
}

static const cruet_exchange_ops ops = {.size = sizeof ops, .send = take};

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* Nanoseconds of one request. */
static double shot(cruet_app *app)
{
	static const cruet_field fields[] = {{"Host", "localhost:8000"},
					     {"User-Agent", "bench"},
					     {"Accept", "text/html"}};
	static const cruet_head head = {.size = sizeof head,
					.minor = 1,
					.method = "GET",
					.target = "/",
					.fields = fields,
					.nfields = 3,
					.peer = "127.0.0.1",
					.scheme = "http"};
	cruet_exchange x = {.ops = &ops};
	double began = now_ns();

	for (int i = 0; i < REQUESTS; i++)
		cruet_serve(app, &x, &head);
	double took = now_ns() - began;
	cruet_exchange_fini(&x);
	return took / REQUESTS;
}

/* --- figures ---------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct figure {
	double low, median, high; /* the middle half */
};

static struct figure figure_of(double *all)
{
	qsort(all, TURNS, sizeof *all, by_size);
	return (struct figure){all[TURNS / 4], all[TURNS / 2],
			       all[TURNS - 1 - TURNS / 4]};
}

int main(void)
{
	enum { NONE, TEN, CONTROL, APPS };
	static double ns[APPS][TURNS], more[TURNS], noise[TURNS];
	cruet_app *apps[APPS] = {make(0), make(sizeof plugins / sizeof *plugins),
				 make(0)};

	for (int i = 0; i < APPS; i++)
		shot(apps[i]); /* warm */
	replies = 0;
	for (int turn = 0; turn < TURNS; turn++)
		for (int k = 0; k < APPS; k++) {
			int i = (turn + k) % APPS;
			ns[i][turn] = shot(apps[i]);
		}
	for (int turn = 0; turn < TURNS; turn++) {
		more[turn] = ns[TEN][turn] - ns[NONE][turn];
		noise[turn] = ns[CONTROL][turn] - ns[NONE][turn];
	}
	struct figure d = figure_of(more), n = figure_of(noise);
	printf("hooks      without %.0f ns  10 plugins %.0f ns  difference %.0f "
	       "[%.0f..%.0f] ns  "
	       "control %.0f [%.0f..%.0f] ns\n",
	       figure_of(ns[NONE]).median, figure_of(ns[TEN]).median, d.median, d.low,
	       d.high, n.median, n.low, n.high);
	for (int i = 0; i < APPS; i++)
		cruet_free(apps[i]);
	return replies == (uint64_t)APPS * TURNS * REQUESTS ? 0 : 1;
}
