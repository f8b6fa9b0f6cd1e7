/* Events, log lines, the clock: what others are told, and in which words. */
#include "fixture.h"

#include <unistd.h>

static cruet_app *app;
static cruet_client *t;
static char trace[512];

static void mark(const char *word)
{
	size_t n = strlen(trace);
	snprintf(trace + n, sizeof trace - n, "%s%s", n ? " " : "", word);
}
static void heard(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what;
	mark(arg);
}
static void heard_what(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)arg;
	mark(what ? what : "nothing");
}
static void heard_where(cruet_ctx *c, const void *what, void *arg)
{
	(void)what, (void)arg;
	mark(cruet_scope(c) == app ? "app" : "bp");
}

static int fine(cruet_ctx *c)
{
	mark("handler");
	return cruet_text(c, "fine");
}
static int broken(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}
static int tells(cruet_ctx *c)
{
	cruet_tell(c, "shop.sold", "a lamp");
	cruet_tell(c, "shop.sold", NULL);
	cruet_tell(c, "nobody.listens", "x");
	ck_assert(cruet_scope(c) == app);
	return cruet_text(c, "told");
}
static void end(cruet_ctx *c, int err)
{
	(void)c, (void)err;
	mark("teardown");
}

static void setup(void)
{
	app = cruet_new("shop");
	trace[0] = log_lines[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
}

static void start(void)
{
	t = client_of(app);
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* --- events ---------------------------------------------------------------------------------- */

START_TEST(a_request_is_told_from_start_to_end)
{
	setup();
	cruet_get(app, "/", fine);
	cruet_get(app, "/broken", broken);
	cruet_teardown(app, end);
	cruet_listen(app, "request_started", heard, (void *)"started");
	cruet_listen(app, "request_finished", heard, (void *)"finished");
	cruet_listen(app, "request_failed", heard, (void *)"failed");
	start();
	assert_get(t, "/", 200);
	ck_assert_str_eq(trace, "started handler finished teardown");
	trace[0] = '\0';
	assert_get(t, "/broken", 500);
	ck_assert_str_eq(trace, "started failed finished teardown");
	trace[0] = '\0';
	assert_get(t, "/none", 404);
	ck_assert_str_eq(trace, "started finished teardown");
	trace[0] = '\0';
	assert_get(t, "/%zz", 400); /* refused at the door: nobody hears of it */
	ck_assert_str_eq(trace, "");
	teardown();
}
END_TEST

START_TEST(an_event_reaches_all_who_listen_in_order_of_reading)
{
	setup();
	cruet_get(app, "/", tells);
	cruet_listen(app, "shop.sold", heard, (void *)"one");
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_listen(app, "shop.sold", heard, (void *)"three");
	cruet_listen(bp, "shop.sold", heard, (void *)"two");
	start();
	assert_get(t, "/", 200);
	ck_assert_str_eq(trace, "one two three one two three");
	teardown();
}
END_TEST

START_TEST(an_event_carries_what_happened)
{
	setup();
	cruet_get(app, "/", tells);
	cruet_listen(app, "shop.sold", heard_what, NULL);
	start();
	assert_get(t, "/", 200);
	ck_assert_str_eq(trace, "a lamp nothing");
	teardown();
}
END_TEST

START_TEST(a_listener_runs_in_its_own_scope)
{
	setup();
	cruet_get(app, "/", tells);
	cruet_listen(app, "shop.sold", heard_where, NULL);
	cruet_listen(cruet_blueprint(app, "bp", NULL), "shop.sold", heard_where, NULL);
	start();
	assert_get(t, "/", 200);
	ck_assert_str_eq(trace, "app bp app bp");
	teardown();
}
END_TEST

static void tells_more(cruet_ctx *c, const void *what, void *arg)
{
	(void)arg;
	mark("sold");
	if (what)
		cruet_tell(c, "shop.sold_out", what);
}

START_TEST(a_listener_may_tell_more)
{
	setup();
	cruet_get(app, "/", tells);
	cruet_listen(app, "shop.sold", tells_more, NULL);
	cruet_listen(app, "shop.sold_out", heard_what, NULL);
	start();
	assert_get(t, "/", 200);
	ck_assert_str_eq(trace, "sold a lamp sold");
	teardown();
}
END_TEST

START_TEST(an_event_may_be_told_in_a_job)
{
	setup();
	cruet_listen(app, "shop.sold", heard_what, NULL);
	start();
	cruet_ctx *c = cruet_open(app);
	cruet_tell(c, "shop.sold", "a chair");
	cruet_close(c);
	ck_assert_str_eq(trace, "a chair");
	teardown();
}
END_TEST

static int misuses(cruet_ctx *c)
{
	cruet_set_header(c, "X", "a\nb");
	return CRUET_OK;
}
static void hears_and_errs(cruet_ctx *c, const void *what, void *arg)
{
	(void)what, (void)arg;
	mark("failed");
	if (misuses(c))
		mark("never");
}
static int in_words(cruet_ctx *c)
{
	return cruet_textf(c, "%s", cruet_err_text(c));
}

static void heard_early(cruet_ctx *c, const void *what, void *arg)
{
	ck_assert_ptr_null(c);
	mark(arg);
	mark(what);
}

/* Of those that were there so far, wherever they stand. */
START_TEST(an_event_may_be_told_in_setup)
{
	setup();
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_listen(bp, "shop.has", heard_early, (void *)"bp");
	cruet_listen(app, "shop.has", heard_early, (void *)"app");
	cruet_listen(app, "shop.sold", heard_early, (void *)"sold");
	cruet_tell_setup(bp, "shop.has", "a");
	cruet_listen(app, "shop.has", heard_early, (void *)"later");
	cruet_tell_setup(app, "shop.has", "b");
	cruet_tell_setup(NULL, "shop.has", "c");
	ck_assert_str_eq(trace, "bp a app a bp b app b later b");
	cruet_free(app);
}
END_TEST

START_TEST(what_a_listener_of_a_failure_does_wrong_is_not_the_requests)
{
	setup();
	cruet_get(app, "/", broken);
	cruet_listen(app, "request_failed", hears_and_errs, NULL);
	cruet_on_error(app, 500, in_words);
	start();
	assert_get(t, "/", 500);
	assert_body(t, "input or output failed");
	ck_assert_str_eq(trace, "failed");
	teardown();
}
END_TEST

/* --- log lines ---------------------------------------------------------------------------------- */

static int notes(cruet_ctx *c)
{
	cruet_note(c, CRUET_DEBUG, "not seen");
	cruet_note(c, CRUET_INFO, "sold %d of %s", 3, "lamps");
	cruet_note(c, CRUET_WARN, "%s", "few left");
	cruet_note(c, CRUET_ERROR, "none left");
	return cruet_text(c, "noted");
}

START_TEST(a_note_names_request_and_route)
{
	setup();
	cruet_app *bp = cruet_blueprint(app, "lamps", "/lamps");
	cruet_get(bp, "/<name>", notes);
	cruet_before(app, notes);
	start();
	assert_get(t, "/lamps/desk", 200);
	assert_lines("INFO shop: [id] GET lamps.notes: sold 3 of lamps\n"
		     "WARN shop: [id] GET lamps.notes: few left\n"
		     "ERROR shop: [id] GET lamps.notes: none left\n");
	ck_assert_int_eq(cruet_client_post(t, "/no/such%20path", NULL, NULL), 200);
	assert_lines("INFO shop: [id] POST /no/such path: sold 3 of lamps\n"
		     "WARN shop: [id] POST /no/such path: few left\n"
		     "ERROR shop: [id] POST /no/such path: none left\n");
	cruet_ctx *c = cruet_open(app);
	cruet_note(c, CRUET_WARN, "a job");
	cruet_close(c);
	assert_lines("WARN shop: a job\n");
	teardown();
}
END_TEST

static char ids[3][32];
static void keep_id(void *arg, int level, const char *who, const char *line)
{
	int *n = arg;
	(void)level, (void)who;
	snprintf(ids[(*n)++], sizeof ids[0], "%.*s", (int)strcspn(line, "]"), line);
}
static int notes_once(cruet_ctx *c)
{
	cruet_note(c, CRUET_WARN, "x");
	return cruet_text(c, "x");
}

START_TEST(each_request_has_an_id_of_its_own)
{
	int n = 0;
	setup();
	cruet_log_to(app, keep_id, &n);
	cruet_get(app, "/", notes_once);
	start();
	for (int i = 0; i < 3; i++)
		assert_get(t, "/", 200);
	ck_assert_int_eq(n, 3);
	ck_assert_int_eq(ids[0][0], '[');
	ck_assert_str_ne(ids[0], ids[1]);
	ck_assert_str_ne(ids[1], ids[2]);
	teardown();
}
END_TEST

START_TEST(the_level_is_a_setting)
{
	setup();
	cruet_set(app, "log_level", "error");
	cruet_log(app, CRUET_WARN, "not seen");
	cruet_log(app, CRUET_ERROR, "seen");
	assert_lines("ERROR shop: seen\n");
	cruet_set(app, "log_level", "debug");
	cruet_log(app, CRUET_DEBUG, "seen too");
	assert_lines("DEBUG shop: seen too\n");
	cruet_free(app);
}
END_TEST

START_TEST(nobody_can_forge_a_line)
{
	setup();
	cruet_log(app, CRUET_WARN, "name: %s", "ann\nERROR shop: all is lost\r\x1b[31m\x7f");
	assert_lines("WARN shop: name: ann\\x0aERROR shop: all is lost\\x0d\\x1b[31m\\x7f\n");
	cruet_log(app, 17, "an unknown level is an error");
	assert_lines("ERROR shop: an unknown level is an error\n");
	cruet_free(app);
}
END_TEST

START_TEST(a_long_line_is_cut)
{
	setup();
	char *large = malloc(100001);
	memset(large, 'x', 100000);
	large[100000] = '\0';
	cruet_log(app, CRUET_WARN, "%s", large);
	ck_assert_uint_gt(strlen(log_lines), 1000);
	ck_assert_uint_lt(strlen(log_lines), 2100);
	free(large);
	cruet_free(app);
}
END_TEST

START_TEST(a_line_of_a_blueprint_is_the_applications)
{
	setup();
	cruet_log(cruet_blueprint(app, "bp", NULL), CRUET_WARN, "x");
	assert_lines("WARN shop: x\n");
	cruet_free(app);
}
END_TEST

static int noting_init(cruet_app *a)
{
	cruet_get(a, "/notes", notes);
	return cruet_get(a, "/broken", broken);
}
CRUET_PLUGIN(noting, .init = noting_init);

START_TEST(a_line_of_a_plugin_carries_its_name)
{
	setup();
	cruet_use_static(app, &cruet_plugin_noting, NULL);
	start();
	assert_get(t, "/notes", 200);
	assert_lines("INFO noting: [id] GET noting.notes: sold 3 of lamps\n"
		     "WARN noting: [id] GET noting.notes: few left\n"
		     "ERROR noting: [id] GET noting.notes: none left\n");
	assert_get(t, "/broken", 500); /* the application says what became of it */
	assert_lines("ERROR shop: [id] GET noting.broken: 500: input or output failed\n");
	teardown();
}
END_TEST

START_TEST(without_a_place_of_their_own_lines_go_to_standard_error)
{
	char out[256] = "";
	int pipes[2], was = dup(STDERR_FILENO);
	setup();
	cruet_log_to(app, NULL, NULL);
	ck_assert_int_eq(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	cruet_log(app, CRUET_WARN, "to %s", "nobody");
	dup2(was, STDERR_FILENO);
	ck_assert_int_gt(read(pipes[0], out, sizeof out - 1), 20);
	ck_assert_str_eq(out + strlen("2026-01-31 12:00:00"), " WARN  shop: to nobody\n");
	close(pipes[0]);
	close(pipes[1]);
	close(was);
	cruet_free(app);
}
END_TEST

/* --- the clock ------------------------------------------------------------------------------------ */

static int says_time(cruet_ctx *c)
{
	return cruet_textf(c, "%lld", (long long)cruet_now(cruet_scope(c)));
}

START_TEST(the_clock_can_be_stopped)
{
	setup();
	cruet_get(cruet_blueprint(app, "bp", "/bp"), "/", says_time);
	start();
	cruet_clock_set(app, 1234567890123);
	ck_assert_int_eq(cruet_now(app), 1234567890123);
	assert_get(t, "/bp/", 200);
	assert_body(t, "1234567890123");
	assert_header(t, "Date", "Fri, 13 Feb 2009 23:31:30 GMT");
	cruet_clock_set(app, 0);
	ck_assert_int_gt(cruet_now(app), 1700000000000);
	teardown();
}
END_TEST

SUITE("events", a_request_is_told_from_start_to_end,
      an_event_reaches_all_who_listen_in_order_of_reading, an_event_carries_what_happened,
      a_listener_runs_in_its_own_scope, a_listener_may_tell_more, an_event_may_be_told_in_a_job,
      an_event_may_be_told_in_setup,
      what_a_listener_of_a_failure_does_wrong_is_not_the_requests, a_note_names_request_and_route,
      each_request_has_an_id_of_its_own, the_level_is_a_setting, nobody_can_forge_a_line,
      a_long_line_is_cut, a_line_of_a_blueprint_is_the_applications,
      a_line_of_a_plugin_carries_its_name,
      without_a_place_of_their_own_lines_go_to_standard_error, the_clock_can_be_stopped)
