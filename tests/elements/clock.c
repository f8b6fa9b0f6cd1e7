/* Whoever provides "clock/1" says what time it is. */
#include "elements.h"

#include <cruet/svc/clock.h>
#include <stdatomic.h>

extern const cruet_plugin cruet_plugin_shifted_clock;

enum { NOON = 1795435200 };

static int64_t at_noon(void *self)
{
	(void)self;
	return (int64_t)NOON * 1000 + 5;
}
static int64_t counts(void *self)
{
	return atomic_fetch_add((atomic_llong *)self, 1000) + (int64_t)NOON * 1000;
}
static int64_t does_not_know(void *self)
{
	(void)self;
	return 0;
}

static atomic_llong ticks;
static const cruet_clock noon_clock = {.size = sizeof noon_clock, .now = at_noon};
static const cruet_clock ticking = {.size = sizeof ticking, .now = counts};
static const cruet_clock ignorant = {.size = sizeof ignorant, .now = does_not_know};
static const cruet_clock empty = {.size = sizeof empty};
static const cruet_clock cut = {.size = 8, .now = at_noon};

GIVER(noon, CRUET_CLOCK, &noon_clock, NULL);
GIVER(ticker, CRUET_CLOCK, &ticking, &ticks);
GIVER(lost, CRUET_CLOCK, &ignorant, NULL);
GIVER(hollow, CRUET_CLOCK, &empty, NULL);
GIVER(early, CRUET_CLOCK, &cut, NULL);

static int show(cruet_ctx *c)
{
	return cruet_textf(c, "%lld", (long long)cruet_now(cruet_scope(c)));
}

static int keep_cookie(cruet_ctx *c)
{
	cruet_cookie_opts o = {.size = sizeof o, .max_age = 60, .flags = 0};
	int err = cruet_set_cookie(c, "a", "b", &o);
	return err ? err : cruet_text(c, "kept");
}

static cruet_client *start(const cruet_plugin *p, cruet_app **app)
{
	*app = new_app();
	cruet_use_static(*app, p, NULL);
	cruet_get(*app, "/", show);
	cruet_get(*app, "/cookie", keep_cookie);
	return client_of(*app);
}

START_TEST(requests_and_code_go_by_it)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_noon, &app);

	ck_assert_int_eq(cruet_now(app), (int64_t)NOON * 1000 + 5);
	assert_get(t, "/", 200);
	assert_body(t, "1795435200005");
	assert_header(t, "Date", "Mon, 23 Nov 2026 12:00:00 GMT");
	assert_get(t, "/cookie", 200);
	ck_assert_msg(strstr(values(t, "Set-Cookie"),
			     "Expires=Mon, 23 Nov 2026 12:01:00 GMT") != NULL,
		      "%s", values(t, "Set-Cookie"));
	done(app, t);
}
END_TEST

/* The way of tests to set the time stays the one way, whoever gives it. */
START_TEST(a_clock_that_was_set_stands)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_noon, &app);

	cruet_clock_set(app, 1000);
	assert_get(t, "/", 200);
	assert_body(t, "1000");
	cruet_clock_set(app, 0);
	assert_get(t, "/", 200);
	assert_body(t, "1795435200005");
	done(app, t);
}
END_TEST

START_TEST(it_is_asked_each_time)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_ticker, &app);

	int64_t first = cruet_now(app), second = cruet_now(app);
	ck_assert_int_eq(second - first, 1000);
	done(app, t);
}
END_TEST

static bool near_the_machine(int64_t ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	int64_t off = ms - ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
	return off < 60000 && off > -60000;
}

START_TEST(one_that_does_not_know_leaves_it_to_the_machine)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_lost, &app);

	ck_assert(near_the_machine(cruet_now(app)));
	done(app, t);
}
END_TEST

START_TEST(before_the_start_and_after_the_end_the_machine_says)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_noon, NULL);
	ck_assert(near_the_machine(cruet_now(app)));
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_now(app), (int64_t)NOON * 1000 + 5);
	done(app, t);
}
END_TEST

static int64_t seen_in_start;
static int look(cruet_app *app)
{
	seen_in_start = cruet_now(app);
	return CRUET_OK;
}
static int fails(cruet_app *app)
{
	return cruet_reject(app, "no wish to");
}
CRUET_PLUGIN(looker, .version = "1", .summary = "asks while it starts", .start = look);
CRUET_PLUGIN(refuser, .version = "1", .summary = "does not start", .start = fails);

START_TEST(plugins_that_start_have_it_already)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_looker, NULL);
	cruet_use_static(app, &cruet_plugin_noon, NULL);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(seen_in_start, (int64_t)NOON * 1000 + 5);
	done(app, t);
}
END_TEST

START_TEST(it_is_given_back_where_the_start_fails)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_noon, NULL);
	cruet_use_static(app, &cruet_plugin_refuser, NULL);
	cruet_client *t = cruet_client_new(app);
	ck_assert_str_eq(cruet_problem(app), "plugin 'refuser': no wish to");
	ck_assert(near_the_machine(cruet_now(app)));
	done(app, t);
}
END_TEST

START_TEST(a_shifted_clock)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_shifted_clock, "shift=864000");
	cruet_client *t = client_of(app);
	ck_assert(near_the_machine(cruet_now(app) - 864000000));
	done(app, t);
}
END_TEST

/* The program may do without a plugin. */
START_TEST(an_application_provides_its_own)
{
	cruet_app *app = new_app();

	cruet_provide(app, CRUET_CLOCK, &noon_clock, NULL);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_now(app), (int64_t)NOON * 1000 + 5);
	done(app, t);
	app = new_app();
	cruet_provide(app, CRUET_CLOCK, &noon_clock, NULL);
	cruet_use_static(app, &cruet_plugin_ticker, NULL);
	assert_no_start(
		app,
		"both 'the application' and 'ticker' provide service \"clock/1\", of "
		"which there is one: choose with \"bind\": {\"clock/1\": \"ticker\"}");
}
END_TEST

START_TEST(two_of_them_must_be_told_apart)
{
	assert_conflict(&cruet_plugin_ticker, &cruet_plugin_noon, CRUET_CLOCK, show,
			"1795435200005");
}
END_TEST

START_TEST(a_choice_that_is_none)
{
	cruet_app *app = new_app();

	cruet_set(app, "bind.clock/1", "sundial");
	cruet_use_static(app, &cruet_plugin_noon, NULL);
	assert_no_start(app,
			"the application needs service \"clock/1\" from 'sundial', which "
			"does not provide it");
}
END_TEST

START_TEST(a_blueprint_has_none_of_its_own)
{
	cruet_app *app = new_app();

	cruet_use_static(cruet_blueprint(app, "admin", "/admin"), &cruet_plugin_noon,
			 NULL);
	assert_no_start(
		app,
		"'noon' provides service \"clock/1\" on blueprint 'admin': it is the "
		"whole application's, so attach it there");
}
END_TEST

START_TEST(tables_that_cannot_be_used)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_early, NULL);
	assert_no_start(
		app, "service \"clock/1\" of 'early' is too old: 8 bytes, 16 are needed");
	app = new_app();
	cruet_use_static(app, &cruet_plugin_hollow, NULL);
	assert_no_start(app, "service \"clock/1\" of 'hollow' has no function");
}
END_TEST

SUITE("elements_clock", requests_and_code_go_by_it, a_clock_that_was_set_stands,
      it_is_asked_each_time, one_that_does_not_know_leaves_it_to_the_machine,
      before_the_start_and_after_the_end_the_machine_says,
      plugins_that_start_have_it_already, it_is_given_back_where_the_start_fails,
      a_shifted_clock, an_application_provides_its_own, two_of_them_must_be_told_apart,
      a_choice_that_is_none, a_blueprint_has_none_of_its_own, tables_that_cannot_be_used)
