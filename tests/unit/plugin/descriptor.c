/* Names, services and options that a descriptor may have, and what counts as the same. */
#include "plugin/descriptor.h"

#include <stdio.h>
#include <string.h>

#include "app/option.h"
#include "base/arena.h"
#include "cruet/error.h"
#include "suite.h"

struct config {
	int64_t slots;
	int32_t mode;
	bool on;
};

static const cruet_option options[] = {
	CRUET_OPTION(struct config, slots, INT, .def = "4", .flags = CRUET_OPT_BOUNDS, .min = 1,
		     .max = 9, .help = "slots"),
	CRUET_OPTION(struct config, mode, ENUM, .choices = "fast|slow"),
	CRUET_OPTION(struct config, on, BOOL, .def = "yes"),
	{.name = NULL}};

static const char *const needs[] = {"db/1", "log/12?", NULL};
static const char *const provides[] = {"a_b2/34", NULL};
static const char *const after[] = {"cache", NULL};

static int step(cruet_app *app)
{
	(void)app;
	return CRUET_OK;
}

static void end(cruet_app *app)
{
	(void)app;
}

static int take_over(cruet_app *app, const cruet_predecessor *old)
{
	return app && old ? CRUET_OK : CRUET_EINVAL;
}

static cruet_plugin good(void)
{
	return (cruet_plugin){
		.size = sizeof(cruet_plugin),
		.abi = CRUET_PLUGIN_ABI,
		.option_size = sizeof(cruet_option),
		.core = cruet_core_id,
		.name = "pages",
		.version = "1",
		.summary = "Pages",
		.flags = CRUET_REPEATABLE,
		.needs = needs,
		.provides = provides,
		.after = after,
		.options = options,
		.config_size = sizeof(struct config),
		.state_size = 8,
		.configure = step,
		.init = step,
		.start = step,
		.stop = end,
		.fini = end,
		.migrate = take_over,
	};
}

static struct arena arena;
static const char *why;

static void make(void)
{
	arena_init(&arena, 4096);
}

static void clear(void)
{
	arena_fini(&arena);
}

START_TEST(names)
{
	static const char *const fine[] = {"a", "a1", "cache_redis", "x__y"};
	static const char *const bad[] = {"", "A", "1a", "_a", "a-b", "a.b", "a/b", "\xc3\xa4", "a "};
	char long_name[PLUGIN_NAME_MAX + 2];

	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		ck_assert_msg(plugin_name_valid(fine[i]), "%s", fine[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!plugin_name_valid(bad[i]), "%s", bad[i]);
	memset(long_name, 'a', sizeof long_name);
	long_name[PLUGIN_NAME_MAX + 1] = '\0';
	ck_assert(!plugin_name_valid(long_name));
	long_name[PLUGIN_NAME_MAX] = '\0';
	ck_assert(plugin_name_valid(long_name));
}
END_TEST

START_TEST(a_good_one_passes)
{
	cruet_plugin p = good();
	ck_assert_msg(!descriptor_check(&p, &arena, &why), "%s", why);
	p.needs = p.provides = p.after = NULL;
	p.options = NULL;
	p.config_size = p.state_size = 0;
	p.version = p.summary = NULL;
	ck_assert_msg(!descriptor_check(&p, &arena, &why), "%s", why);
}
END_TEST

START_TEST(services_are_a_name_and_a_number)
{
	static const char *const bad[] = {"",	    "db",    "db/",  "/1",   "db/x",  "db/1x", "Db/1",
					  "db /1", "db/1/2", "db/-1", "db/1??", "?",    "1/1"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *list[] = {bad[i], NULL};
		cruet_plugin p = good();
		char want[128];
		snprintf(want, sizeof want, "needs \"%s\": expected a service such as \"cache/1\"",
			 bad[i]);
		p.needs = list;
		ck_assert_int_eq(descriptor_check(&p, &arena, &why), CRUET_EINVAL);
		ck_assert_str_eq(why, want);
	}
}
END_TEST

#define assert_option(text, ...)                                                         \
	do {                                                                             \
		const cruet_option table_[] = {{__VA_ARGS__}, {.name = NULL}};           \
		cruet_plugin p_ = good();                                                \
		p_.options = table_;                                                     \
		ck_assert_int_eq(descriptor_check(&p_, &arena, &why), CRUET_EINVAL);     \
		ck_assert_str_eq(why, text);                                             \
	} while (0)

START_TEST(options_lie_inside_the_config)
{
	const size_t size = sizeof(struct config);
	assert_option("has an option x outside of its config struct: set .config_size", .name = "x",
		      .type = CRUET_OPT_INT, .offset = (uint32_t)size);
	assert_option("has an option x outside of its config struct: set .config_size", .name = "x",
		      .type = CRUET_OPT_STR, .offset = (uint32_t)size - 4);
	assert_option("has an option x outside of its config struct: set .config_size", .name = "x",
		      .type = CRUET_OPT_BOOL, .offset = UINT32_MAX);
	assert_option("has an option x outside of its config struct: set .config_size", .name = "x",
		      .type = CRUET_OPT_INT, .offset = 4); /* not aligned */
}
END_TEST

START_TEST(options_make_sense)
{
	assert_option("has an option \"X\", which is no name for one", .name = "X",
		      .type = CRUET_OPT_BOOL);
	assert_option("has an option \"bind\", which is no name for one", .name = "bind",
		      .type = CRUET_OPT_BOOL);
	assert_option("has an option \"plugin\", which is no name for one", .name = "plugin",
		      .type = CRUET_OPT_BOOL);
	assert_option("uses features of a newer cruet: option x is of kind 0", .name = "x");
	assert_option("uses features of a newer cruet: option x is of kind 10", .name = "x",
		      .type = 10);
	assert_option("has an option x without choices", .name = "x", .type = CRUET_OPT_ENUM);
	assert_option("has an option x without choices", .name = "x", .type = CRUET_OPT_ENUM,
		      .choices = "");
	assert_option("has an option x whose min is over its max", .name = "x",
		      .type = CRUET_OPT_INT, .flags = CRUET_OPT_BOUNDS, .min = 2, .max = 1);
	assert_option("has a bad default: option x = \"7\": expected a whole number from 1 to 6",
		      .name = "x", .type = CRUET_OPT_INT, .flags = CRUET_OPT_BOUNDS, .min = 1,
		      .max = 6, .def = "7");
	assert_option("has a bad default: option x = \"none\": expected one of a|b", .name = "x",
		      .type = CRUET_OPT_ENUM, .choices = "a|b", .def = "none");
}
END_TEST

START_TEST(a_table_without_end_is_not_followed)
{
	static cruet_option many[OPTIONS_MAX];
	static char option_names[OPTIONS_MAX][8];
	cruet_plugin p = good();

	for (size_t i = 0; i < OPTIONS_MAX; i++) {
		snprintf(option_names[i], sizeof option_names[i], "o%zu", i);
		many[i] = (cruet_option){.name = option_names[i], .type = CRUET_OPT_BOOL};
	}
	p.options = many;
	ck_assert_int_eq(descriptor_check(&p, &arena, &why), CRUET_EINVAL);
	ck_assert_str_eq(why, "has more than 255 options");
}
END_TEST

/* --- the same ------------------------------------------------------------------------ */

START_TEST(each_difference_counts)
{
	static const char *const other_list[] = {"db/1", NULL};
	static const char *const longer_list[] = {"db/1", "log/12?", "x/1", NULL};
	const cruet_plugin p = good();
	cruet_plugin q = p;

	ck_assert(descriptor_same(&p, &q));
#define DIFFERS(member, value)                                                           \
	do {                                                                             \
		q = p;                                                                   \
		q.member = value;                                                        \
		ck_assert_msg(!descriptor_same(&p, &q), #member);                        \
		ck_assert_msg(!descriptor_same(&q, &p), #member);                        \
	} while (0)
	DIFFERS(size, 1);
	DIFFERS(abi, 2);
	DIFFERS(flags, 0);
	DIFFERS(core, NULL);
	DIFFERS(name, "pages2");
	DIFFERS(version, "2");
	DIFFERS(version, NULL);
	DIFFERS(summary, "");
	DIFFERS(needs, NULL);
	DIFFERS(needs, other_list);
	DIFFERS(needs, longer_list);
	DIFFERS(provides, other_list);
	DIFFERS(after, other_list);
	DIFFERS(config_size, 8);
	DIFFERS(state_size, 9);
	DIFFERS(options, NULL);
	DIFFERS(options, &options[1]);
	DIFFERS(configure, NULL);
	DIFFERS(init, NULL);
	DIFFERS(start, NULL);
	DIFFERS(stop, NULL);
	DIFFERS(fini, NULL);
	DIFFERS(migrate, NULL);
}
END_TEST

START_TEST(each_difference_of_an_option_counts)
{
	cruet_option table[4];
	const cruet_plugin p = good();
	cruet_plugin q = p;

	q.options = table;
#define OPTION_DIFFERS(member, value)                                                    \
	do {                                                                             \
		memcpy(table, options, sizeof table);                                    \
		ck_assert(descriptor_same(&p, &q));                                      \
		table[1].member = value;                                                 \
		ck_assert_msg(!descriptor_same(&p, &q), #member);                        \
	} while (0)
	OPTION_DIFFERS(name, "mood");
	OPTION_DIFFERS(name, NULL);
	OPTION_DIFFERS(type, CRUET_OPT_STR);
	OPTION_DIFFERS(flags, 1);
	OPTION_DIFFERS(offset, 12);
	OPTION_DIFFERS(def, "fast");
	OPTION_DIFFERS(min, 1);
	OPTION_DIFFERS(max, 1);
	OPTION_DIFFERS(choices, "fast");
	OPTION_DIFFERS(help, "how");
}
END_TEST

SUITE_WITH("descriptor", make, clear, names, a_good_one_passes,
	   services_are_a_name_and_a_number, options_lie_inside_the_config, options_make_sense,
	   a_table_without_end_is_not_followed, each_difference_counts,
	   each_difference_of_an_option_counts)
