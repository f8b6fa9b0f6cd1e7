/* Services: who needs, who provides, in which order, and what is said when it does not
 * work out. */
#include "host.h"

/* An app from a list of plugins: "a b" or `a{"bind":...}`, each with options. */
static cruet_app *app_with(const char *plugins)
{
	*trace = '\0';
	return app_from(text("{\"plugins\": {%s}}", plugins));
}

#define assert_refused(plugins, ...)                                                     \
	do {                                                                             \
		cruet_app *app_ = app_with(plugins);                                     \
		assert_problem(app_, __VA_ARGS__);                                       \
		cruet_free(app_);                                                        \
	} while (0)

#define assert_order(plugins, want)                                                      \
	do {                                                                             \
		cruet_app *app_ = app_with(plugins);                                     \
		assert_fine(app_);                                                       \
		assert_trace(want);                                                      \
		cruet_free(app_);                                                        \
	} while (0)

START_TEST(a_need_that_nobody_meets)
{
	put("user");
	assert_refused("\"user\": {}",
		       "plugin 'user' needs service \"thing/1\", which no attached plugin provides");
	ck_assert(!ran("user"));
}
END_TEST

START_TEST(the_sentence_names_what_may_help)
{
	put("user");
	put("thing_new");
	assert_refused("\"user\": {}, \"thing_new\": {}",
		       "plugin 'user' needs service \"thing/1\", which no attached plugin provides: "
		       "'thing_new' provides \"thing/2\"");
	put("thing_a");
	write_text("broken.so", "no plugin");
	assert_refused("\"user\": {}",
		       "plugin 'user' needs service \"thing/1\", which no attached plugin provides: "
		       "add 'thing_a', which does");
	ck_assert(!ran("thing_a"));
	cruet_app *app = app_here();
	cruet_use(app, "user", NULL);
	assert_problem(app, "plugin 'user' needs service \"thing/1\", which no attached plugin "
			    "provides: add 'thing_a', which does");
	cruet_free(app);
	app = app_here();
	cruet_need(app, "thing/1");
	assert_problem(app, "the application needs service \"thing/1\", which no attached plugin "
			    "provides: add 'thing_a', which does");
	cruet_free(app);
}
END_TEST

START_TEST(providers_come_first)
{
	put("user");
	put("thing_a");
	assert_order("\"user\": {}, \"thing_a\": {}",
		     "thing_a: init\nuser: init\nuser: thing/1 from thing_a\n");
}
END_TEST

START_TEST(otherwise_the_written_order_stays)
{
	put("early");
	put("user");
	put("thing_a");
	put("once");
	assert_order("\"once\": {}, \"user\": {}, \"early\": {}, \"thing_a\": {}",
		     "thing_a: init\nuser: init\nuser: thing/1 from thing_a\nearly: init\n");
	assert_order("\"early\": {}, \"thing_a\": {}, \"user\": {}",
		     "early: init\nthing_a: init\nuser: init\nuser: thing/1 from thing_a\n");
}
END_TEST

/* In code the reading order is the running order. */
START_TEST(code_attaches_line_by_line)
{
	put("user");
	put("thing_a");
	cruet_app *app = app_here();
	cruet_use(app, "thing_a", NULL);
	cruet_use(app, "user", NULL);
	assert_fine(app);
	ck_assert_int_eq(cruet_need(app, "thing/1"), CRUET_OK);
	assert_trace("thing_a: init\nuser: init\nuser: thing/1 from thing_a\n");
	cruet_free(app);
}
END_TEST

START_TEST(an_optional_need_may_stay_unmet)
{
	put("polite");
	put("thing_a");
	assert_order("\"polite\": {}", "polite: init\npolite: thing/1 from nobody\n");
	assert_order("\"polite\": {}, \"thing_a\": {}",
		     "thing_a: init\npolite: init\npolite: thing/1 from thing_a\n");
}
END_TEST

START_TEST(after_is_a_wish)
{
	put("early");
	put("later");
	put("after_you");
	put("no_after_you");
	assert_order("\"later\": {}, \"early\": {}", "early: init\nlater: init\n");
	assert_order("\"later\": {}", "later: init\n");
	assert_order("\"later\": {}, \"one\": {\"plugin\": \"early\"}, \"two\": {\"plugin\": \"early\"}",
		     "one: init\ntwo: init\nlater: init\n");
	assert_order("\"after_you\": {}, \"no_after_you\": {}",
		     "no_after_you: init\nafter_you: init\n");
}
END_TEST

START_TEST(a_circle_shows_its_path)
{
	put("ring_a");
	put("ring_b");
	put("ring_c");
	put("early");
	assert_refused("\"early\": {}, \"ring_a\": {}, \"ring_b\": {}, \"ring_c\": {}",
		       "plugins need each other: ring_a -> ring_b (ring_b/1) -> ring_c (ring_c/1) -> "
		       "ring_a (ring_a/1)");
	assert_refused("\"x\": {\"plugin\": \"ring_c\"}, \"ring_b\": {}, \"ring_a\": {}",
		       "plugins need each other: x -> ring_a (ring_a/1) -> ring_b (ring_b/1) -> x "
		       "(ring_c/1)");
	ck_assert(!ran("early"));
	ck_assert(!ran("ring_a"));
}
END_TEST

START_TEST(two_providers_must_be_told_apart)
{
	put("user");
	put("thing_a");
	put("thing_b");
	assert_refused("\"thing_a\": {}, \"thing_b\": {}, \"user\": {}",
		       "plugin 'user' needs service \"thing/1\", which both 'thing_a' and 'thing_b' "
		       "provide: choose with \"bind\": {\"thing/1\": \"thing_a\"}");
	ck_assert(!ran("user"));
	assert_order("\"thing_a\": {}, \"thing_b\": {}, "
		     "\"user\": {\"bind\": {\"thing/1\": \"thing_b\"}}",
		     "thing_a: init\nthing_b: init\nuser: init\nuser: thing/1 from thing_b\n");
}
END_TEST

START_TEST(the_application_may_bind_for_all)
{
	put("user");
	put("polite");
	put("thing_a");
	put("thing_b");
	cruet_app *app = app_from("{\"bind\": {\"thing/1\": \"thing_b\"}, \"plugins\": {"
				  "\"thing_a\": {}, \"thing_b\": {}, \"polite\": {}, "
				  "\"user\": {\"bind\": {\"thing/1\": \"thing_a\"}}}}");
	assert_fine(app);
	assert_trace("thing_a: init\nthing_b: init\npolite: init\n"
		     "polite: thing/1 from thing_b\nuser: init\nuser: thing/1 from thing_a\n");
	cruet_free(app);
}
END_TEST

START_TEST(a_bind_that_makes_no_sense)
{
	put("user");
	put("polite");
	put("thing_a");
	put("early");
	assert_refused("\"thing_a\": {}, \"user\": {\"bind\": {\"thing/1\": \"early\"}}",
		       "plugin 'user' needs service \"thing/1\" from 'early', which does not provide "
		       "it");
	assert_refused("\"thing_a\": {}, \"polite\": {\"bind\": {\"thing/1\": \"early\"}}",
		       "plugin 'polite' needs service \"thing/1\" from 'early', which does not "
		       "provide it");
	assert_refused("\"thing_a\": {}, \"user\": {\"bind\": {\"ting/1\": \"thing_a\"}}",
		       "plugin 'user': bind: it does not need \"ting/1\"");
	assert_refused("\"thing_a\": {}, \"user\": {\"bind\": {\"thing/1\": 1}}",
		       "plugin 'user': bind: \"thing/1\": expected the name of a plugin");
	assert_refused("\"thing_a\": {}, \"user\": {\"bind\": \"thing_a\"}",
		       "plugin 'user': bind: expected an object such as {\"db/1\": \"sqlite\"}");
	ck_assert(!ran("user"));
}
END_TEST

START_TEST(what_is_not_declared_is_refused)
{
	put("sly_provider");
	put("sly_binder");
	assert_refused("\"sly_provider\": {}", "plugin 'sly_provider': provides \"secret/1\" without "
					       "saying so: add it to .provides");
	assert_refused("\"sly_binder\": {}", "plugin 'sly_binder': binds \"cache/1\" without saying "
					     "so: add it to .needs");
}
END_TEST

/* A provider attached to a blueprint serves that blueprint. */
START_TEST(services_reach_as_far_as_their_scope)
{
	put("user");
	put("thing_a");
	cruet_app *app = app_here();
	cruet_app *admin = cruet_blueprint(app, "admin", "/admin");
	cruet_app *deep = cruet_blueprint(admin, "deep", "/deep");
	cruet_use(admin, "thing_a", NULL);
	cruet_use(deep, "user", NULL);
	assert_fine(app);
	assert_trace("thing_a: init\nuser: init\nuser: thing/1 from thing_a\n");
	ck_assert_int_eq(cruet_need(app, "thing/1"), CRUET_ENOENT);
	cruet_free(app);
}
END_TEST

/* --- tables ------------------------------------------------------------------------------- */

struct small {
	uint32_t size, one;
};

static const struct small table = {sizeof table, 1};
static const char *const offers[] = {"small/1", NULL};

static int offer(cruet_app *app)
{
	return cruet_provide(app, "small/1", &table, NULL);
}

static int offer_twice(cruet_app *app)
{
	int err = offer(app);
	return err ? err : offer(app);
}

static int offer_nothing(cruet_app *app)
{
	return cruet_provide(app, "small/1", NULL, NULL);
}

CRUET_PLUGIN(small, .provides = offers, .init = offer);
CRUET_PLUGIN(other, .provides = offers, .init = offer);
CRUET_PLUGIN(double_offer, .provides = offers, .init = offer_twice);
CRUET_PLUGIN(empty_offer, .provides = offers, .init = offer_nothing);

START_TEST(tables_have_a_size)
{
	cruet_service s;
	cruet_app *app = cruet_new("test");
	cruet_use_static(app, &cruet_plugin_small, NULL);
	ck_assert_int_eq(cruet_bind(app, "small/1", NULL, sizeof table, &s), CRUET_OK);
	ck_assert_ptr_eq(s.vt, &table);
	ck_assert_str_eq(s.provider, "small");
	ck_assert_int_eq(cruet_bind(app, "small/1", "small", CRUET_UPTO(struct small, one), &s),
			 CRUET_OK);
	ck_assert_int_eq(cruet_bind(app, "small/1", NULL, 64, &s), CRUET_EABI);
	ck_assert_ptr_null(s.vt);
	assert_problem(app, "service \"small/1\" of 'small' is too old: 8 bytes, 64 are needed");
	cruet_free(app);
}
END_TEST

/* The program declares nothing, and is told as much. */
START_TEST(the_program_binds_by_name)
{
	cruet_service s;
	cruet_app *app = cruet_new("test");
	cruet_use_static(app, &cruet_plugin_small, NULL);
	cruet_use_static(app, &cruet_plugin_other, NULL);
	ck_assert_int_eq(cruet_bind(app, "small/1", "other", sizeof table, &s), CRUET_OK);
	ck_assert_str_eq(s.provider, "other");
	ck_assert_int_eq(cruet_bind(app, "small/1", NULL, sizeof table, &s), CRUET_EEXIST);
	ck_assert_ptr_null(s.vt);
	assert_problem(app, "the application needs service \"small/1\", which both 'small' and 'other' "
			    "provide: choose with \"bind\": {\"small/1\": \"small\"}");
	ck_assert_int_eq(cruet_need(app, "small/1"), CRUET_EEXIST);
	cruet_free(app);

	app = cruet_new("test");
	ck_assert_int_eq(cruet_bind(app, "small/1", "nobody", 4, &s), CRUET_ENOENT);
	assert_problem(app, "the application needs service \"small/1\" from 'nobody', which does not "
			    "provide it");
	ck_assert_int_eq(cruet_bind(app, NULL, NULL, 4, &s), CRUET_EINVAL);
	ck_assert_int_eq(cruet_bind(NULL, "small/1", NULL, 4, &s), CRUET_EINVAL);
	cruet_free(app);
}
END_TEST

START_TEST(a_service_is_offered_once_and_whole)
{
	cruet_app *app = cruet_new("test");
	cruet_use_static(app, &cruet_plugin_double_offer, NULL);
	assert_problem(app, "plugin 'double_offer': provides \"small/1\" twice");
	cruet_free(app);
	app = cruet_new("test");
	cruet_use_static(app, &cruet_plugin_empty_offer, NULL);
	assert_problem(app, "plugin 'empty_offer': cruet_provide: a service needs an id and a table "
			    "with its size");
	cruet_free(app);
}
END_TEST

HOST_SUITE("services", a_need_that_nobody_meets, the_sentence_names_what_may_help,
	   providers_come_first, otherwise_the_written_order_stays, code_attaches_line_by_line,
	   an_optional_need_may_stay_unmet, after_is_a_wish, a_circle_shows_its_path,
	   two_providers_must_be_told_apart, the_application_may_bind_for_all,
	   a_bind_that_makes_no_sense, what_is_not_declared_is_refused,
	   services_reach_as_far_as_their_scope, tables_have_a_size, the_program_binds_by_name,
	   a_service_is_offered_once_and_whole)
