/* Instances from inside: what belongs to one leaves with it, who is bound to whom, what
 * happens when it starts again and when it does not stop. */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "app/ctx.h"
#include "app/scope.h"
#include "cruet.h"
#include "cruet/testing.h"
#include "plugin/registry.h"
#include "plugin/service.h"
#include "suite.h"

static char trace[4096];

static void keep_line(void *arg, int level, const char *who, const char *line)
{
	size_t n = strlen(trace);

	(void)arg, (void)level;
	snprintf(trace + n, sizeof trace - n, "%s: %s\n", who, line);
}

static cruet_app *make(void)
{
	cruet_app *app = cruet_new("test");

	*trace = '\0';
	cruet_log_to(app, keep_line, NULL);
	return app;
}

/* What unloading at run time does, once no request stands on it. */
static void detach(cruet_app *app, const char *name)
{
	struct instance *in = registry_named(app, name);

	ck_assert_ptr_nonnull(in);
	instance_free(in);
	ck_assert_ptr_null(registry_named(app, name));
}

#define assert_fine(app) ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app))

static int page(cruet_ctx *c)
{
	return cruet_text(c, "page");
}

static int mark(cruet_ctx *c)
{
	return cruet_set_header(c, "X-Guest", "was here");
}

static int excuse(cruet_ctx *c)
{
	return cruet_text(c, "excuse");
}

static void after_all(cruet_ctx *c, int err)
{
	(void)c, (void)err;
	snprintf(trace, sizeof trace, "torn down\n");
}

static void hear(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what, (void)arg;
}

static int command(cruet_ctx *c, int argc, char **argv)
{
	(void)c, (void)argc, (void)argv;
	return 7;
}

static bool any(void *self, const void *prepared, cruet_ctx *c, const char *s, size_t len,
		const char **out)
{
	(void)self, (void)prepared, (void)c, (void)s, (void)out;
	return len > 0;
}

static const struct table {
	uint32_t size;
} table = {sizeof table};

static const char *const things[] = {"thing/1", NULL};

/* One of everything. */
static int guest_init(cruet_app *app)
{
	cruet_app *bp = cruet_blueprint(app, "inside", "/inside");

	cruet_get(app, "/guest", page);
	cruet_get(bp, "/page", page);
	cruet_before(app, mark);
	cruet_after(app, mark);
	cruet_finish(app, mark);
	cruet_teardown(app, after_all);
	cruet_on_error(app, 404, excuse);
	cruet_listen(app, "guest.event", hear, NULL);
	cruet_command(app, "guest", "Does nothing", command);
	cruet_allow_origin(app, "https://guest.example");
	cruet_convert(app, &(cruet_converter){.size = sizeof(cruet_converter),
					      .name = "guest",
					      .parse = any});
	return cruet_provide(app, "thing/1", &table, NULL);
}

CRUET_PLUGIN(guest, .provides = things, .init = guest_init);

static void assert_presence(cruet_app *app, bool there)
{
	cruet_client *t = cruet_client_new(app);
	struct generation *g = atomic_load(&app->host->current);

	assert_fine(app);
	ck_assert_uint_eq(g->nservices, there);
	ck_assert_uint_eq(g->nevents, there);
	ck_assert_uint_eq(g->ncommands, there);
	ck_assert_uint_eq(g->top->norigins, there);
	*trace = '\0';
	ck_assert_int_eq(cruet_client_get(t, "/guest"), there ? 200 : 404);
	ck_assert_str_eq(trace, there ? "torn down\n" : "");
	ck_assert_int_eq(cruet_client_get(t, "/inside/page"), there ? 200 : 404);
	ck_assert_int_eq(cruet_client_get(t, "/nothing"), 404);
	ck_assert_int_eq(!strcmp(cruet_client_body(t), "excuse"), there);
	ck_assert_int_eq(cruet_client_header(t, "X-Guest") != NULL, there);
	ck_assert_int_eq(cruet_client_get(t, "/own"), 200);
	ck_assert_int_eq(cruet_client_command(t, "guest", 0, NULL), there ? 7 : 2);
	cruet_client_free(t);
	app_stop(app);
}

START_TEST(what_it_registered_leaves_with_it)
{
	cruet_app *app = make();

	cruet_use_static(app, &cruet_plugin_guest, NULL);
	cruet_get(app, "/own", page); /* written after it: the list goes on without it */
	assert_presence(app, true);
	detach(app, "guest");
	assert_presence(app, false);
	cruet_use_static(app, &cruet_plugin_guest, NULL);
	assert_presence(app, true);
	cruet_free(app);
}
END_TEST

START_TEST(its_converters_leave_too)
{
	cruet_app *app = make();

	cruet_use_static(app, &cruet_plugin_guest, NULL);
	cruet_get(app, "/<guest:x>", page);
	cruet_client_free(cruet_client_new(app));
	assert_fine(app);
	app_stop(app);
	detach(app, "guest");
	cruet_client_free(cruet_client_new(app));
	ck_assert_ptr_nonnull(strstr(cruet_problem(app), "guest"));
	cruet_free(app);
}
END_TEST

/* Any of several, in any order: the lists stay whole. */
START_TEST(any_of_several_may_leave)
{
	static const char *const names[] = {"one", "two", "three"};
	cruet_plugin plugins[3];

	for (int gone = 0; gone < 3; gone++) {
		cruet_app *app = make();
		for (int i = 0; i < 3; i++) {
			plugins[i] = cruet_plugin_guest;
			plugins[i].name = names[i];
			plugins[i].init = NULL;
			cruet_use_static(app, &plugins[i], NULL);
		}
		detach(app, names[gone]);
		cruet_use_static(app, &plugins[gone], NULL);
		for (int i = 0; i < 3; i++)
			ck_assert_ptr_nonnull(registry_named(app, names[i]));
		assert_fine(app);
		cruet_free(app);
	}
}
END_TEST

/* --- edges --------------------------------------------------------------------------------- */

static int user_init(cruet_app *app)
{
	cruet_service s;
	return cruet_bind(app, "thing/1", NULL, sizeof table, &s);
}

CRUET_PLUGIN(user, .needs = things, .init = user_init, .flags = CRUET_REPEATABLE);

START_TEST(bindings_are_recorded)
{
	cruet_app *app = make();
	cruet_plugin second = cruet_plugin_user;

	second.name = "second";
	cruet_use_static(app, &cruet_plugin_guest, NULL);
	cruet_use_static(app, &cruet_plugin_user, NULL);
	cruet_use_static(app, &second, NULL);
	assert_fine(app);
	struct instance *guest = registry_named(app, "guest");
	struct instance *user = registry_named(app, "user");
	ck_assert_uint_eq(guest->users, 2);
	ck_assert_ptr_eq(user->uses->provider, guest);
	ck_assert_str_eq(user->uses->service, "thing/1");
	ck_assert_ptr_null(user->uses->next);
	detach(app, "user");
	ck_assert_uint_eq(guest->users, 1);
	detach(app, "second");
	ck_assert_uint_eq(guest->users, 0);
	cruet_free(app);
}
END_TEST

/* --- requests that ask for a service ---------------------------------------------------- */

static int last_err;

static int ask(cruet_ctx *c)
{
	cruet_service s;

	last_err = service_of(c, "thing/1", sizeof table, "guest", &s);
	return last_err ? last_err : cruet_text(c, s.provider);
}

static void assert_asks(cruet_app *app, int status, const char *says)
{
	cruet_client *t = cruet_client_new(app);

	assert_fine(app);
	*trace = '\0';
	ck_assert_int_eq(cruet_client_get(t, "/ask"), status);
	ck_assert_msg(strstr(status == 200 ? cruet_client_body(t) : trace, says) != NULL, "%s",
		      trace);
	cruet_client_free(t);
	cruet_free(app);
}

static int give(cruet_app *app)
{
	return cruet_provide(app, "thing/1", &table, NULL);
}

CRUET_PLUGIN(giver, .provides = things, .init = give);
CRUET_PLUGIN(other_giver, .provides = things, .init = give);

START_TEST(a_service_is_found_for_a_request)
{
	cruet_app *app = make();

	cruet_get(app, "/ask", ask);
	cruet_use_static(app, &cruet_plugin_giver, NULL);
	assert_asks(app, 200, "giver");
}
END_TEST

START_TEST(a_service_that_is_missing_is_a_500_with_a_hint)
{
	cruet_app *app = make();

	cruet_get(app, "/ask", ask);
	assert_asks(app, 500, "no plugin provides \"thing/1\": add one to cruet.json, such as \"guest\"");
	ck_assert_int_eq(last_err, CRUET_ENOENT);
}
END_TEST

START_TEST(of_two_services_one_must_be_bound)
{
	for (int bound = 0; bound < 2; bound++) {
		cruet_app *app = make();
		cruet_get(app, "/ask", ask);
		cruet_use_static(app, &cruet_plugin_giver, NULL);
		cruet_use_static(app, &cruet_plugin_other_giver, NULL);
		cruet_provide(app, "thing/1", &table, NULL); /* the program offers one too */
		if (bound)
			cruet_set(app, "bind.thing/1", "other_giver");
		assert_asks(app, bound ? 200 : 500,
			    bound ? "other_giver"
				  : "several plugins provide \"thing/1\": choose one with \"bind\": "
				    "{\"thing/1\": \"giver\"}");
	}
}
END_TEST

static int ask_too_much(cruet_ctx *c)
{
	cruet_service s;
	return service_of(c, "thing/1", 64, "guest", &s);
}

START_TEST(a_service_that_is_too_old_is_said_so)
{
	cruet_app *app = make();

	cruet_get(app, "/ask", ask_too_much);
	cruet_use_static(app, &cruet_plugin_giver, NULL);
	assert_asks(app, 500, "service \"thing/1\" of 'giver' is too old");
}
END_TEST

/* The nearest one counts: that of the blueprint, then outwards. */
START_TEST(the_nearest_service_is_taken)
{
	cruet_app *app = make();
	cruet_app *bp = cruet_blueprint(app, "bp", "");

	cruet_get(bp, "/ask", ask);
	cruet_use_static(app, &cruet_plugin_giver, NULL);
	cruet_use_static(bp, &cruet_plugin_other_giver, NULL);
	assert_asks(app, 200, "other_giver");
}
END_TEST

/* --- again ---------------------------------------------------------------------------------- */

static sem_t ticks, tocks, let_go, gone;
static atomic_int started, ended;
static atomic_uint tocked; /* which starts the timers of start() come from, as bits */

static void tick(cruet_ctx *c, void *arg)
{
	(void)c, (void)arg;
	sem_post(&ticks);
}

static void work(cruet_app *app, void *arg)
{
	(void)arg;
	atomic_fetch_add(&started, 1);
	while (cruet_wait(app, 3600000))
		;
	atomic_fetch_add(&ended, 1);
}

static int busy_init(cruet_app *app)
{
	return cruet_every(app, 1, tick, NULL);
}

static void tock(cruet_ctx *c, void *arg)
{
	(void)c;
	atomic_fetch_or(&tocked, 1u << (uintptr_t)arg);
	sem_post(&tocks);
}

static int busy_start(cruet_app *app)
{
	unsigned char *state = cruet_state(app);
	int err = cruet_every(app, 1, tock, (void *)(uintptr_t)++*state);
	return err ? err : cruet_thread_start(app, "work", work, NULL);
}

CRUET_PLUGIN(busy, .init = busy_init, .start = busy_start, .state_size = 1);

/* Timers of init go on, those of start() are made anew. */
START_TEST(it_starts_again)
{
	cruet_app *app = make();

	sem_init(&ticks, 0, 0);
	sem_init(&tocks, 0, 0);
	cruet_use_static(app, &cruet_plugin_busy, NULL);
	struct instance *in = registry_named(app, "busy");
	for (int i = 1; i <= 3; i++) {
		ck_assert_int_eq(app_start(app), CRUET_OK);
		ck_assert_int_eq(in->state, INSTANCE_RUNNING);
		sem_wait(&ticks);
		for (int k = 0; k < 4; k++)
			sem_wait(&tocks);
		app_stop(app);
		ck_assert_int_eq(in->state, INSTANCE_READY);
		ck_assert_int_eq(ended, i);
		ck_assert_uint_eq(atomic_exchange(&tocked, 0), 1u << i);
		while (!sem_trywait(&ticks) || !sem_trywait(&tocks))
			;
	}
	ck_assert_int_eq(started, 3);
	cruet_free(app);
}
END_TEST

/* --- one that does not stop ------------------------------------------------------------- */

/* An application that will stay, and is not lost. */
static cruet_app *make_stuck(void)
{
	static cruet_app *kept[8];
	static size_t n;

	ck_assert_uint_lt(n, sizeof kept / sizeof *kept);
	return kept[n++] = make();
}

static void ignore(cruet_app *app, void *arg)
{
	(void)arg;
	sem_wait(&let_go);
	ck_assert(cruet_stopping(app)); /* its scope and state are still there */
	ck_assert_str_eq(cruet_state(app), "state");
	ck_assert(!cruet_wait(app, 3600000));
	sem_post(&gone);
}

static int stuck_start(cruet_app *app)
{
	memcpy(cruet_state(app), "state", 6);
	return cruet_thread_start(app, "deaf", ignore, NULL);
}

static void stuck_stop(cruet_app *app)
{
	cruet_log(app, CRUET_INFO, "stop");
}

CRUET_PLUGIN(stuck, .start = stuck_start, .stop = stuck_stop, .fini = stuck_stop,
	     .state_size = 16);

START_TEST(a_thread_that_does_not_end_keeps_what_it_uses)
{
	sem_init(&let_go, 0, 0);
	sem_init(&gone, 0, 0);
	cruet_app *app = make_stuck();
	cruet_use_static(app, &cruet_plugin_guest, NULL);
	cruet_use_static(app, &cruet_plugin_stuck, NULL);
	cruet_set(app, "server.plugin_stop", "1ms");
	ck_assert_int_eq(app_start(app), CRUET_OK);
	cruet_free(app);
	ck_assert_str_eq(trace, "test: plugin 'stuck': thread 'deaf' has not ended 1 ms after it was "
				"asked to: the plugin is left as it is, its code and memory stay\n");
	sem_post(&let_go);
	sem_wait(&gone);
}
END_TEST

/* --- a step down that does not return ----------------------------------------------------- */

static void blocks(cruet_app *app)
{
	(void)app;
	sem_wait(&let_go);
	sem_post(&gone);
}

static void say_stop(cruet_app *app)
{
	cruet_log(app, CRUET_INFO, "stop");
}

static int bind_thing(cruet_app *app)
{
	cruet_service s;
	return cruet_bind(app, "thing/1", NULL, 4, &s);
}

static int give_thing(cruet_app *app)
{
	return cruet_provide(app, "thing/1", &table, NULL);
}

CRUET_PLUGIN(lender, .provides = things, .init = give_thing, .stop = say_stop, .fini = say_stop);
CRUET_PLUGIN(blocked_stop, .needs = things, .init = bind_thing, .stop = blocks);
CRUET_PLUGIN(blocked_fini, .needs = things, .init = bind_thing, .fini = blocks);

/* The application ends, and what the plugin may still use stays. */
static void assert_left(const cruet_plugin *p, const char *time, const char *want)
{
	sem_init(&let_go, 0, 0);
	sem_init(&gone, 0, 0);
	cruet_app *app = make_stuck();
	cruet_use_static(app, &cruet_plugin_lender, NULL);
	cruet_use_static(app, p, NULL);
	cruet_set(app, "server.plugin_stop", time);
	ck_assert_int_eq(app_start(app), CRUET_OK);
	cruet_free(app);
	ck_assert_str_eq(trace, want);
	sem_post(&let_go);
	sem_wait(&gone);
}

START_TEST(a_stop_that_does_not_return_is_left)
{
	assert_left(&cruet_plugin_blocked_stop, "1ms",
		    "test: plugin 'blocked_stop': stop has not returned after 1 ms: the plugin is "
		    "left as it is, its code and memory stay\n"
		    "test: plugin 'lender' is left as it is too: one that is bound to it is\n");
}
END_TEST

START_TEST(a_fini_that_does_not_return_is_left)
{
	assert_left(&cruet_plugin_blocked_fini, "1s", /* the other one has a stop */
		    "lender: stop\n"
		    "test: plugin 'blocked_fini': fini has not returned after 1000 ms: the plugin is "
		    "left as it is, its code and memory stay\n"
		    "test: plugin 'lender' is left as it is too: one that is bound to it is\n");
}
END_TEST

SUITE("instance", what_it_registered_leaves_with_it, its_converters_leave_too,
      any_of_several_may_leave, bindings_are_recorded, a_service_is_found_for_a_request,
      a_service_that_is_missing_is_a_500_with_a_hint, of_two_services_one_must_be_bound,
      a_service_that_is_too_old_is_said_so, the_nearest_service_is_taken, it_starts_again,
      a_thread_that_does_not_end_keeps_what_it_uses, a_stop_that_does_not_return_is_left,
      a_fini_that_does_not_return_is_left)
