/* Commands of an application, run through the client, and ctxs without a request. */
#include "fixture.h"

static cruet_app *app;
static cruet_client *t;
static int heard_err, ended;

static void hears(cruet_ctx *c, int err)
{
	(void)c;
	heard_err = err;
	ended++;
}

static int adds(cruet_ctx *c, int argc, char **argv)
{
	int sum = 0;
	ck_assert_str_eq(cruet_method(c), "");
	ck_assert_ptr_eq(cruet_scope(c), app);
	ck_assert_str_eq(argv[0], "add");
	ck_assert_ptr_null(argv[argc]);
	for (int i = 1; i < argc; i++)
		sum += atoi(argv[i]);
	return sum;
}
static int of_blueprint(cruet_ctx *c, int argc, char **argv)
{
	(void)argc, (void)argv;
	ck_assert_ptr_ne(cruet_scope(c), app);
	return 0;
}
static int returned;
static int returns(cruet_ctx *c, int argc, char **argv)
{
	(void)c, (void)argc, (void)argv;
	return returned;
}
static int says_why(cruet_ctx *c, int argc, char **argv)
{
	(void)argc, (void)argv;
	return cruet_fail(c, 404, "no backup of today");
}
static int gets_over(cruet_ctx *c, int argc, char **argv)
{
	(void)argc, (void)argv;
	ck_assert_ptr_null(cruet_json_parse(c, "{", 1));
	return 3;
}
static int misuses(cruet_ctx *c, int argc, char **argv)
{
	(void)argc, (void)argv;
	cruet_url(c, NULL, (char *)0);
	return 0;
}

static void setup(void)
{
	app = cruet_new("test");
	log_lines[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
	cruet_command(app, "add", "adds numbers", adds);
	cruet_command(app, "returns", NULL, returns);
	cruet_command(app, "says-why", "", says_why);
	cruet_command(app, "gets_over", "", gets_over);
	cruet_command(app, "misuses", "", misuses);
	cruet_command(cruet_blueprint(app, "bp", "/bp"), "inside", "", of_blueprint);
	cruet_teardown(app, hears);
	t = client_of(app);
	heard_err = ended = 0;
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

#define run(name) cruet_client_command(t, name, 0, NULL)

START_TEST(a_command_gets_its_arguments_and_gives_its_exit_code)
{
	char *argv[] = {(char *)"1", (char *)"2", (char *)"39"};
	setup();
	ck_assert_int_eq(cruet_client_command(t, "add", 3, argv), 42);
	ck_assert_int_eq(run("add"), 0);
	ck_assert_int_eq(run("inside"), 0);
	ck_assert_int_eq(ended, 3);
	ck_assert_int_eq(heard_err, CRUET_OK);
	teardown();
}
END_TEST

START_TEST(what_is_no_command_is_2)
{
	setup();
	ck_assert_int_eq(run("none"), 2);
	ck_assert_int_eq(run(""), 2);
	ck_assert_int_eq(run("Add"), 2);
	ck_assert_int_eq(run("bp.inside"), 2);
	teardown();
}
END_TEST

START_TEST(a_command_of_an_app_that_cannot_start_is_1)
{
	app = cruet_new("test");
	cruet_command(app, "add", "", adds);
	cruet_before(app, NULL);
	t = cruet_client_new(app);
	ck_assert_int_eq(run("add"), 1);
	teardown();
}
END_TEST

START_TEST(an_exit_code_is_a_byte)
{
	static const struct {
		int returned, code;
	} codes[] = {{0, 0}, {1, 1}, {2, 2}, {255, 255}, {256, 1}, {399, 1}, {600, 1}, {65536, 1}};
	setup();
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		returned = codes[i].returned;
		ck_assert_int_eq(run("returns"), codes[i].code);
		assert_lines("");
	}
	teardown();
}
END_TEST

START_TEST(a_command_fails_as_a_handler_does)
{
	setup();
	returned = CRUET_EIO;
	ck_assert_int_eq(run("returns"), 1);
	ck_assert_int_eq(heard_err, CRUET_EIO);
	assert_lines("ERROR test: command 'returns' failed: input or output failed\n");
	returned = 404;
	ck_assert_int_eq(run("returns"), 1);
	ck_assert_int_eq(heard_err, 404);
	assert_lines("ERROR test: command 'returns' failed: Not Found\n");
	ck_assert_int_eq(run("says-why"), 1);
	assert_lines("ERROR test: command 'says-why' failed: no backup of today\n");
	teardown();
}
END_TEST

START_TEST(a_failure_that_a_command_got_over_is_none)
{
	setup();
	ck_assert_int_eq(run("gets_over"), 3);
	ck_assert_int_eq(heard_err, CRUET_OK);
	assert_lines("");
	ck_assert_int_eq(run("misuses"), 1);
	ck_assert_int_eq(heard_err, CRUET_EINVAL);
	assert_lines("ERROR test: command 'misuses' failed: cruet_url: the endpoint is NULL\n");
	teardown();
}
END_TEST

/* --- a ctx without a request ---------------------------------------------------------------- */

static char order[64];
static void deferred(void *p)
{
	strcat(order, p);
}
static void writes_end(cruet_ctx *c, int err)
{
	(void)c;
	strcat(order, err ? "E" : "e");
}
static const cruet_key key = {"test.key"};

START_TEST(a_job_has_memory_and_an_end)
{
	app = cruet_new("test");
	cruet_teardown(app, writes_end);
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_teardown(bp, hears);
	order[0] = '\0';
	ended = 0;
	cruet_ctx *c = cruet_open(bp); /* starts the app */
	ck_assert_ptr_nonnull(c);
	ck_assert_ptr_eq(cruet_scope(c), bp);
	ck_assert_ptr_null(cruet_g_get(c, &key));
	ck_assert_int_eq(cruet_g_set(c, &key, cruet_strdup(c, "kept"), NULL), CRUET_OK);
	ck_assert_str_eq(cruet_g_get(c, &key), "kept");
	ck_assert_int_eq(cruet_defer(c, deferred, (void *)"1"), CRUET_OK);
	ck_assert_int_eq(cruet_defer(c, deferred, (void *)"2"), CRUET_OK);
	cruet_close(c);
	ck_assert_str_eq(order, "e21");
	c = cruet_open(app);
	ck_assert_ptr_null(cruet_g_get(c, &key));
	int err = cruet_fail(c, 500, "it broke");
	ck_assert_int_eq(cruet_err(c), err);
	cruet_close(c);
	ck_assert_str_eq(order, "e21E");
	cruet_free(app);
}
END_TEST

START_TEST(jobs_stand_beside_each_other)
{
	app = cruet_new("test");
	cruet_ctx *all[20];
	for (int i = 0; i < 20; i++) {
		all[i] = cruet_open(app);
		cruet_g_set(all[i], &key, cruet_printf(all[i], "%d", i), NULL);
	}
	for (int i = 0; i < 20; i++) {
		char text[8];
		snprintf(text, sizeof text, "%d", i);
		ck_assert_str_eq(cruet_g_get(all[i], &key), text);
		cruet_close(all[i]);
	}
	cruet_free(app);
}
END_TEST

SUITE("commands", a_command_gets_its_arguments_and_gives_its_exit_code, what_is_no_command_is_2,
      a_command_of_an_app_that_cannot_start_is_1, an_exit_code_is_a_byte,
      a_command_fails_as_a_handler_does, a_failure_that_a_command_got_over_is_none,
      a_job_has_memory_and_an_end, jobs_stand_beside_each_other)
