/* Changes that cannot be made: each says why, and all serves on as before. */
#include <pthread.h>
#include <stdatomic.h>

#include "swapping.h"

/* --- the five steps, and migrate --------------------------------------------------------- */

static void assert_step_fails(const char *step)
{
	serve_shift();
	put_as("shift", "shift_2");
	write_text("cruet.json", text("{\"plugins\": {\"shift\": {\"fail\": \"%s\"}}}", step));
	assert_not_reloaded("shift", CRUET_EIO, "plugin 'shift': %s failed: input or output failed",
			    step);
	put_as("shift", "shift_1");
	assert_unharmed();
}

START_TEST(configure_fails)
{
	assert_step_fails("configure");
}
END_TEST

START_TEST(init_fails)
{
	assert_step_fails("init");
}
END_TEST

START_TEST(migrate_fails)
{
	assert_step_fails("migrate");
}
END_TEST

START_TEST(start_fails)
{
	assert_step_fails("start");
}
END_TEST

START_TEST(those_before_it_are_taken_back)
{
	put_as("shift", "shift_1");
	put("follow");
	serve("{\"log_level\": \"debug\", \"plugins\": {\"shift\": {}, \"follow\": {}}}");
	put_as("follow", "well"); /* "shift" is read, and fine */
	assert_not_reloaded("shift", CRUET_EINVAL,
			    "%s describes the plugin 'well': name the file well.so", at("follow.so"));
	assert_trace("");
	put("follow");
	write_text("cruet.json", "{\"log_level\": \"debug\", \"plugins\": {\"shift\": {}, "
				 "\"follow\": {\"speed\": 2}}}");
	assert_not_reloaded("shift", CRUET_EINVAL,
			    "plugin 'follow': unknown option speed: there are no options");
	assert_trace("shift: configure 1.0.0\nshift: init 1.0.0\nshift: fini 1.0.0\n");
	assert_page("/follow", "1.0.0");
	serve_no_more();
}
END_TEST

/* --- files ------------------------------------------------------------------------------- */

START_TEST(a_file_that_is_none)
{
	serve_shift();
	write_text("shift.so", "once more with feeling");
	assert_page("/shift", "1.0.0"); /* what runs is a copy */
	assert_not_reloaded("shift", CRUET_EINVAL, "%s is no ELF file", at("shift.so"));
	ck_assert_int_eq(unlink(at("shift.so")), 0);
	assert_not_reloaded("shift", CRUET_ENOENT, "plugin 'shift': no shift.so in %s, %s", folder,
			    INSTALLED);
	put_as("shift", "shift_1");
	assert_unharmed();
}
END_TEST

/* Makes another ABI of the one in the descriptor. */
static void build_for_another_abi(const char *path)
{
	const uint32_t head[] = {sizeof(cruet_plugin), CRUET_PLUGIN_ABI, sizeof(cruet_option), 0};
	char *bytes = malloc(FILE_CAP);
	size_t n = read_bytes(path, bytes);
	uint32_t *found = memmem(bytes, n, head, sizeof head);

	ck_assert_ptr_nonnull(found);
	found[1]++;
	write_bytes(path, bytes, n);
	free(bytes);
}

START_TEST(one_for_another_abi)
{
	serve_shift();
	build_for_another_abi(put_as("shift", "shift_2"));
	assert_not_reloaded("shift", CRUET_EABI,
			    "%s is built for plugin ABI 2, this cruet has ABI 1: build it again",
			    at("shift.so"));
	put_as("shift", "shift_1");
	assert_unharmed();
}
END_TEST

START_TEST(one_with_a_core_of_its_own)
{
	serve_shift();
	put_as("shift", "shift_core");
	assert_not_reloaded("shift", CRUET_EABI,
			    "%s brings a core of its own: link it to libcruet.so", at("shift.so"));
	put_as("shift", "shift_1");
	assert_unharmed();
}
END_TEST

static atomic_bool enough;

/* Writes into the file what it may be, and what it must not be. */
static void *meddle(void *arg)
{
	char *one = malloc(FILE_CAP), *two = malloc(FILE_CAP);
	size_t n = read_bytes(fixture("shift_1"), one), m = read_bytes(fixture("shift_2"), two);
	const char *path = arg;

	while (!atomic_load(&enough)) {
		write_bytes(path, one, n);
		write_bytes(path, two, m / 2);
		write_bytes(path, two, m);
		write_bytes(path, one, n / 3);
	}
	free(one);
	free(two);
	return NULL;
}

/* What was read is what is checked and loaded. */
START_TEST(a_file_that_changes_while_it_is_loaded)
{
	pthread_t id;
	int done = 0, refused = 0;

	serve_shift();
	const char *path = at("shift.so");
	ck_assert_int_eq(pthread_create(&id, NULL, meddle, (void *)path), 0);
	while (done < 5 || refused < 5) {
		char *why = NULL;
		int err = cruet_plugin_reload(app, "shift", &why);
		ck_assert_msg(!err || (why && !strncmp(why, path, strlen(path))), "%d: %s", err,
			      why ? why : "no reason");
		*(err ? &refused : &done) += 1;
		free(why);
		const char *now = get("/shift");
		ck_assert_msg(!strcmp(now, "1.0.0") || !strcmp(now, "2.0.0"), "%s", now);
	}
	atomic_store(&enough, true);
	pthread_join(id, NULL);
	serve_no_more();
}
END_TEST

START_TEST(one_that_cannot_be_unmapped)
{
	put("unique");
	serve("{\"plugins\": {\"unique\": {}}}");
	reload("unique");
	assert_trace("test: plugin 'unique' cannot be unmapped: its code stays (it has unique "
		     "symbols)\n");
	ck_assert_uint_eq(mapped("unique"), 2);
	serve_no_more();
}
END_TEST

/* --- what it registers -------------------------------------------------------------------- */

static int page(cruet_ctx *c)
{
	return cruet_text(c, "mine");
}

/* Where the fixture registers its page, as it was built. */
static const char *in_well(void)
{
	static const char file[] = __FILE__;
	return text("%.*sfixtures/well.c:11", (int)(strrchr(file, '/') + 1 - file), file);
}

START_TEST(two_that_claim_a_route)
{
	put("well");
	app = app_here();
	cruet_get(app, "/well", page);
	const int line = __LINE__ - 1;
	t = cruet_client_new(app);
	assert_refused(cruet_plugin_load(app, "well", &why_), CRUET_EINVAL,
		       "%s: URL rule '/well' (well.page) is there already, from %s:%d (page)",
		       in_well(), __FILE__, line);
	assert_page("/well", "mine");
	serve_no_more();
}
END_TEST

START_TEST(two_that_claim_an_endpoint)
{
	put("well");
	app = app_here();
	cruet_get(cruet_blueprint(app, "well", "/mine"), "/", page);
	const int line = __LINE__ - 1;
	t = cruet_client_new(app);
	assert_refused(cruet_plugin_load(app, "well", &why_), CRUET_EINVAL,
		       "%s: the endpoint 'well.page' belongs to another function already, at "
		       "%s:%d: give one of them another name",
		       in_well(), __FILE__, line);
	assert_page("/mine/", "mine");
	assert_page("/well", "404");
	serve_no_more();
}
END_TEST

START_TEST(one_that_provides_what_it_did_not_declare)
{
	put("sly_provider");
	serve("{}");
	assert_refused(cruet_plugin_load(app, "sly_provider", &why_), CRUET_EINVAL,
		       "plugin 'sly_provider': provides \"secret/1\" without saying so: add it to "
		       ".provides");
	serve_no_more();
}
END_TEST

START_TEST(one_that_binds_what_it_did_not_declare)
{
	put("sly_binder");
	serve("{}");
	assert_refused(cruet_plugin_load(app, "sly_binder", &why_), CRUET_EINVAL,
		       "plugin 'sly_binder': binds \"cache/1\" without saying so: add it to .needs");
	serve_no_more();
}
END_TEST

static int registers_late(cruet_ctx *c)
{
	int err = cruet_get(cruet_scope(c), "/later", page);
	return cruet_textf(c, "%d: %s", err, cruet_problem(cruet_scope(c)));
}

static int late_init(cruet_app *a)
{
	return cruet_get(a, "/late", registers_late);
}

CRUET_PLUGIN(tardy, .init = late_init);

START_TEST(one_that_registers_after_its_start)
{
	app = app_here();
	cruet_use_static(app, &cruet_plugin_tardy, NULL);
	t = cruet_client_new(app);
	reload("tardy");
	assert_page("/late", text("%d: plugin 'tardy': cruet_route: the application has started "
				  "already: register in init",
				  CRUET_ESTATE));
	assert_page("/later", "404");
	/* That was no problem of the next change. */
	ck_assert_int_eq(cruet_plugin_reload(app, "tardy", NULL), CRUET_OK);
	serve_no_more();
}
END_TEST

HOST_SUITE("swap_refusals", configure_fails, init_fails, migrate_fails, start_fails,
	   those_before_it_are_taken_back, a_file_that_is_none, one_for_another_abi,
	   one_with_a_core_of_its_own, a_file_that_changes_while_it_is_loaded,
	   one_that_cannot_be_unmapped, two_that_claim_a_route, two_that_claim_an_endpoint,
	   one_that_provides_what_it_did_not_declare, one_that_binds_what_it_did_not_declare,
	   one_that_registers_after_its_start)
