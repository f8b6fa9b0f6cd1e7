/* Options: what texts and JSON values become, and the sentence for those that do not. */
#include "app/option.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

struct config {
	bool on;
	int64_t count, small;
	uint64_t room, ttl, wait;
	const char *title, *secret;
	int32_t mode;
	double rate, share;
	const char *const *hosts;
	const cruet_json *extra;
};

#define BETWEEN(low, high) .flags = CRUET_OPT_BOUNDS, .min = (low), .max = (high)

static const cruet_option table[] = {
	CRUET_OPTION(struct config, on, BOOL, .def = "no"),
	CRUET_OPTION(struct config, count, INT, .def = "1"),
	CRUET_OPTION(struct config, small, INT, .def = "3", BETWEEN(-2, 9)),
	CRUET_OPTION(struct config, room, SIZE, .def = "64k", BETWEEN(0, 1 << 30)),
	CRUET_OPTION(struct config, ttl, TIME, .def = "5m"),
	CRUET_OPTION(struct config, wait, TIME, BETWEEN(1, 60000)),
	CRUET_OPTION(struct config, title, STR, .def = "Home", .help = "a title"),
	CRUET_OPTION(struct config, secret, STR, .flags = CRUET_OPT_SECRET | CRUET_OPT_REQUIRED),
	CRUET_OPTION(struct config, mode, ENUM, .def = "lax", .choices = "lax|strict|none"),
	CRUET_OPTION(struct config, rate, REAL),
	CRUET_OPTION(struct config, share, REAL, BETWEEN(0, 1)),
	CRUET_OPTION(struct config, hosts, LIST),
	CRUET_OPTION(struct config, extra, JSON),
	{.name = NULL}};

static struct arena arena;
static struct config cfg;
static bool set[OPTIONS_MAX];
static const char *why;

static void make(void)
{
	arena_init(&arena, 4096);
	memset(&cfg, 0, sizeof cfg);
	memset(set, 0, sizeof set);
	ck_assert_int_eq(option_defaults(table, sizeof *table, &cfg, &arena, &why), CRUET_OK);
}

static void clear(void)
{
	arena_fini(&arena);
}

static int give(const char *name, const char *text)
{
	return option_set(table, sizeof *table, &cfg, set, name, text, &arena, &why);
}

static void assert_takes(const char *name, const char *text)
{
	ck_assert_msg(give(name, text) == CRUET_OK, "%s", why);
}

static void assert_refuses(const char *name, const char *text, const char *sentence)
{
	struct config was = cfg;
	ck_assert_msg(give(name, text) == CRUET_EINVAL, "%s = %s was taken", name, text);
	ck_assert_str_eq(why, sentence);
	ck_assert_int_eq(memcmp(&was, &cfg, sizeof cfg), 0);
}

/* --- texts -------------------------------------------------------------------------------- */

START_TEST(defaults_are_read_as_a_user_would_write_them)
{
	ck_assert(!cfg.on);
	ck_assert_int_eq(cfg.count, 1);
	ck_assert_uint_eq(cfg.room, 65536);
	ck_assert_uint_eq(cfg.ttl, 300000);
	ck_assert_uint_eq(cfg.wait, 0); /* none: as it was cleared */
	ck_assert_str_eq(cfg.title, "Home");
	ck_assert_ptr_null(cfg.secret);
	ck_assert_ptr_null(cfg.hosts);
}
END_TEST

START_TEST(truth_has_many_words)
{
	static const char *const yes[] = {"true", "yes", "on", "1", "TRUE", "Yes"};
	static const char *const no[] = {"false", "no", "off", "0", "False"};
	static const char *const neither[] = {"", "2", "y", "tru", "true ", "ja"};

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		cfg.on = false;
		assert_takes("on", yes[i]);
		ck_assert(cfg.on);
	}
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		cfg.on = true;
		assert_takes("on", no[i]);
		ck_assert(!cfg.on);
	}
	for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
		char sentence[128];
		snprintf(sentence, sizeof sentence, "option on = \"%s\": expected true or false",
			 neither[i]);
		assert_refuses("on", neither[i], sentence);
	}
}
END_TEST

START_TEST(numbers_are_whole_and_fit)
{
	assert_takes("count", "9223372036854775807");
	ck_assert_int_eq(cfg.count, INT64_MAX);
	assert_takes("count", "-9223372036854775808");
	ck_assert_int_eq(cfg.count, INT64_MIN);
	assert_refuses("count", "9223372036854775808",
		       "option count = \"9223372036854775808\": expected a whole number");
	assert_refuses("count", "1.0", "option count = \"1.0\": expected a whole number");
	assert_refuses("count", "", "option count = \"\": expected a whole number");
	assert_refuses("count", " 1", "option count = \" 1\": expected a whole number");
	assert_refuses("count", "0x10", "option count = \"0x10\": expected a whole number");
}
END_TEST

START_TEST(bounds_are_part_of_what_is_right)
{
	assert_takes("small", "-2");
	assert_takes("small", "9");
	assert_refuses("small", "10", "option small = \"10\": expected a whole number from -2 to 9");
	assert_refuses("small", "-3", "option small = \"-3\": expected a whole number from -2 to 9");
	assert_refuses("small", "x", "option small = \"x\": expected a whole number from -2 to 9");
	assert_refuses("room", "2g", "option room = \"2g\": expected a size from 0 to 1g");
	assert_refuses("wait", "0", "option wait = \"0\": expected a time from 1ms to 1m");
	assert_refuses("wait", "61s", "option wait = \"61s\": expected a time from 1ms to 1m");
	assert_refuses("share", "1.01", "option share = \"1.01\": expected a number from 0 to 1");
	assert_refuses("share", "-0.1", "option share = \"-0.1\": expected a number from 0 to 1");
	assert_takes("share", "1");
}
END_TEST

START_TEST(sizes_have_units)
{
	static const struct { const char *text; uint64_t bytes; } sizes[] = {
		{"0", 0},	  {"17", 17},	       {"17b", 17},	 {"2k", 2048},
		{"2kb", 2048},	  {"2K", 2048},	       {"3m", 3 << 20}, {"3 MB", 3 << 20},
		{"1g", 1 << 30}, {"1024m", 1 << 30},
	};
	static const char *const bad[] = {"", "k", "-1", "1.5m", "2x", "1kk", "1 k b", "k1",
					  "99999999999999999999", "9223372036854775807g"};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_takes("room", sizes[i].text);
		ck_assert_uint_eq(cfg.room, sizes[i].bytes);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char sentence[128];
		snprintf(sentence, sizeof sentence, "option room = \"%s\": expected a size from 0 to 1g",
			 bad[i]);
		assert_refuses("room", bad[i], sentence);
	}
}
END_TEST

START_TEST(times_have_units)
{
	static const struct { const char *text; uint64_t ms; } times[] = {
		{"0", 0},	   {"0s", 0},		{"250ms", 250},	    {"5s", 5000},
		{"10m", 600000},   {"10min", 600000},	{"2h", 7200000},   {"30d", 2592000000},
		{"1w", 604800000}, {"1 H", 3600000},
	};
	static const char *const bad[] = {"", "5", "s", "-5s", "1.5h", "5 minutes", "5y",
					  "9223372036854775807w"};

	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		assert_takes("ttl", times[i].text);
		ck_assert_uint_eq(cfg.ttl, times[i].ms);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char sentence[128];
		snprintf(sentence, sizeof sentence,
			 "option ttl = \"%s\": expected a time, such as 30s", bad[i]);
		assert_refuses("ttl", bad[i], sentence);
	}
}
END_TEST

START_TEST(real_numbers)
{
	assert_takes("rate", "-0.25e2");
	ck_assert(cfg.rate == -25);
	assert_refuses("rate", "nan", "option rate = \"nan\": expected a number");
	assert_refuses("rate", "1e999", "option rate = \"1e999\": expected a number");
	assert_refuses("rate", "1,5", "option rate = \"1,5\": expected a number");
}
END_TEST

START_TEST(choices_are_words)
{
	assert_takes("mode", "none");
	ck_assert_int_eq(cfg.mode, 2);
	assert_takes("mode", "lax");
	ck_assert_int_eq(cfg.mode, 0);
	assert_refuses("mode", "", "option mode = \"\": expected one of lax|strict|none");
	assert_refuses("mode", "LAX", "option mode = \"LAX\": expected one of lax|strict|none");
	assert_refuses("mode", "lax|strict",
		       "option mode = \"lax|strict\": expected one of lax|strict|none");
}
END_TEST

START_TEST(lists_are_separated_by_commas)
{
	assert_takes("hosts", " a.b ,, c ,d\t,");
	ck_assert_str_eq(cfg.hosts[0], "a.b");
	ck_assert_str_eq(cfg.hosts[1], "c");
	ck_assert_str_eq(cfg.hosts[2], "d");
	ck_assert_ptr_null(cfg.hosts[3]);
	assert_takes("hosts", "");
	ck_assert_ptr_null(cfg.hosts[0]);
}
END_TEST

START_TEST(lists_are_bounded)
{
	char text[1024];

	for (size_t i = 0; i < sizeof text - 1; i += 2)
		memcpy(text + i, "x,", 2);
	text[512] = '\0'; /* 256 of them */
	assert_takes("hosts", text);
	ck_assert_str_eq(cfg.hosts[255], "x");
	ck_assert_ptr_null(cfg.hosts[256]);
	text[512] = 'x';
	text[513] = '\0';
	ck_assert_int_eq(give("hosts", text), CRUET_EINVAL);
	ck_assert_str_eq(why, "option hosts: more than 256 entries");
}
END_TEST

START_TEST(unknown_ones_name_the_nearest)
{
	assert_refuses("titel", "x", "unknown option titel: did you mean title?");
	assert_refuses("zzzzz", "x", "unknown option zzzzz");
	assert_refuses("", "x", "unknown option ");
	ck_assert_int_eq(option_set(NULL, sizeof *table, NULL, set, "x", "y", &arena, &why),
			 CRUET_EINVAL);
	ck_assert_str_eq(why, "unknown option x: there are no options");
}
END_TEST

START_TEST(texts_are_copied)
{
	char text[] = "mine";
	assert_takes("title", text);
	text[0] = 'X';
	ck_assert_str_eq(cfg.title, "mine");
}
END_TEST

/* --- JSON ---------------------------------------------------------------------------------- */

static int give_json(const char *name, const char *text)
{
	cJSON *v = cJSON_Parse(text);
	ck_assert_ptr_nonnull(v);
	int err = option_set_json(table, sizeof *table, &cfg, set, name, v, &arena, &why);
	cJSON_Delete(v);
	return err;
}

START_TEST(json_values_must_be_of_the_kind)
{
	static const struct { const char *name, *good, *bad; } cases[] = {
		{"on", "true", "1"},	   {"on", "\"yes\"", "[]"},    {"count", "17", "true"},
		{"count", "\"17\"", "1.5"}, {"room", "1024", "false"}, {"ttl", "\"5s\"", "5"},
		{"ttl", "0", "null"},	   {"title", "\"x\"", "1"},    {"mode", "\"none\"", "2"},
		{"rate", "0.5", "true"},   {"hosts", "[\"a\"]", "[1]"}, {"hosts", "\"a,b\"", "{}"},
		{"hosts", "[]", "[\"a,b\"]"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(give_json(cases[i].name, cases[i].good) == CRUET_OK, "%s = %s: %s",
			      cases[i].name, cases[i].good, why);
		ck_assert_msg(give_json(cases[i].name, cases[i].bad) == CRUET_EINVAL, "%s = %s",
			      cases[i].name, cases[i].bad);
	}
	give_json("count", "{\"a\": [1]}");
	ck_assert_str_eq(why, "option count = \"{\"a\":[1]}\": expected a whole number");
}
END_TEST

START_TEST(json_options_take_the_value_as_it_is)
{
	cJSON *v = cJSON_Parse("{\"deep\": [1, 2]}");
	ck_assert_int_eq(option_set_json(table, sizeof *table, &cfg, set, "extra", v, &arena, &why),
			 CRUET_OK);
	ck_assert_ptr_eq(cfg.extra, v);
	ck_assert_str_eq(option_show(&table[12], &cfg, &arena), "{\"deep\":[1,2]}");
	cJSON_Delete(v);
	assert_refuses("extra", "{}", "option extra = \"{}\": expected JSON");
}
END_TEST

/* --- secrets and what is required ------------------------------------------------------------ */

START_TEST(secrets_are_never_echoed)
{
	ck_assert_int_eq(give_json("secret", "{\"password\": \"hunter2\"}"), CRUET_EINVAL);
	ck_assert_str_eq(why, "option secret: expected a text");
	assert_takes("secret", "hunter2");
	ck_assert_str_eq(option_show(&table[7], &cfg, &arena), "********");
}
END_TEST

START_TEST(what_is_required_must_be_set)
{
	ck_assert_int_eq(option_check_required(table, sizeof *table, set, &why, &arena),
			 CRUET_EINVAL);
	ck_assert_str_eq(why, "option secret is missing: expected a text");
	assert_takes("secret", "");
	ck_assert_int_eq(option_check_required(table, sizeof *table, set, &why, &arena), CRUET_OK);
	ck_assert(set[7] && !set[6] && !set[8]);
}
END_TEST

/* --- showing ---------------------------------------------------------------------------------- */

START_TEST(values_are_shown_as_one_would_write_them)
{
	static const struct { const char *name, *text, *shown; } cases[] = {
		{"on", "1", "true"},	  {"count", "-5", "-5"},	{"room", "1024k", "1m"},
		{"room", "1025", "1025"}, {"room", "0", "0"},		{"ttl", "90s", "90s"},
		{"ttl", "3600s", "1h"},	  {"ttl", "14d", "2w"},		{"ttl", "1ms", "1ms"},
		{"title", "a b", "a b"},  {"mode", "strict", "strict"}, {"rate", "0.10", "0.1"},
		{"hosts", "a, b", "a,b"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t k = 0;
		while (strcmp(table[k].name, cases[i].name) != 0)
			k++;
		assert_takes(cases[i].name, cases[i].text);
		ck_assert_str_eq(option_show(&table[k], &cfg, &arena), cases[i].shown);
	}
	cfg.title = NULL;
	ck_assert_str_eq(option_show(&table[6], &cfg, &arena), "");
	cfg.mode = 77;
	ck_assert_str_eq(option_show(&table[8], &cfg, &arena), "");
}
END_TEST

START_TEST(what_is_shown_can_be_read_again)
{
	struct config was;

	assert_takes("room", "3m");
	assert_takes("ttl", "36h");
	assert_takes("hosts", "x,y");
	assert_takes("rate", "1e-7");
	was = cfg;
	for (size_t i = 0; i < 12; i++)
		if (table[i].name && strcmp(table[i].name, "secret") != 0 &&
		    strcmp(table[i].name, "wait") != 0)
			assert_takes(table[i].name, option_show(&table[i], &cfg, &arena));
	ck_assert_uint_eq(was.room, cfg.room);
	ck_assert_uint_eq(was.ttl, cfg.ttl);
	ck_assert(was.rate == cfg.rate);
	ck_assert_str_eq(cfg.hosts[1], "y");
}
END_TEST

START_TEST(kinds_have_names)
{
	ck_assert_str_eq(option_kind(&table[0]), "bool");
	ck_assert_str_eq(option_kind(&table[12]), "json");
	ck_assert_str_eq(option_kind(&(cruet_option){.type = 200}), "?");
}
END_TEST

/* --- tables of other ages ------------------------------------------------------------------------ */

/* An entry as a later cruet has it: more behind what is known here. */
struct later {
	cruet_option known;
	uint64_t more[2];
};

START_TEST(entries_may_be_larger)
{
	const struct later later[] = {
		{{.name = "first", .type = CRUET_OPT_INT, .offset = 0, .def = "1"}, {9, 9}},
		{{.name = "second", .type = CRUET_OPT_INT, .offset = 8, .def = "2"}, {9, 9}},
		{{.name = NULL}, {0, 0}}};
	int64_t values[2];

	ck_assert_int_eq(option_defaults(&later[0].known, sizeof *later, values, &arena, &why),
			 CRUET_OK);
	ck_assert_int_eq(values[0], 1);
	ck_assert_int_eq(values[1], 2);
	ck_assert_str_eq(option_at(&later[0].known, sizeof *later, 1)->name, "second");
	ck_assert_ptr_null(option_at(&later[0].known, sizeof *later, 2));
	ck_assert_ptr_null(option_at(NULL, sizeof *later, 0));
}
END_TEST

/* --- memory ---------------------------------------------------------------------------------------- */

START_TEST(without_memory_nothing_is_set)
{
	static const char *const names[] = {"title", "hosts", "small", "room", "mode", "nope"};
	static const char *const texts[] = {"text", "a,b", "99", "9g", "odd", "x"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		bool failed = true;
		for (size_t n = 1; failed; n++) {
			struct arena small;
			arena_init(&small, 256);
			why = "not said";
			fail_alloc_at(n);
			int err = option_set(table, sizeof *table, &cfg, set, names[i], texts[i],
					     &small, &why);
			failed = fail_alloc_off();
			ck_assert_int_eq(err, failed ? CRUET_ENOMEM
						     : i < 2 ? CRUET_OK : CRUET_EINVAL);
			ck_assert(!failed || !why);
			arena_fini(&small);
		}
	}
}
END_TEST

SUITE_WITH("option", make, clear, defaults_are_read_as_a_user_would_write_them,
	   truth_has_many_words, numbers_are_whole_and_fit, bounds_are_part_of_what_is_right,
	   sizes_have_units, times_have_units, real_numbers, choices_are_words,
	   lists_are_separated_by_commas, lists_are_bounded, unknown_ones_name_the_nearest,
	   texts_are_copied, json_values_must_be_of_the_kind,
	   json_options_take_the_value_as_it_is, secrets_are_never_echoed,
	   what_is_required_must_be_set, values_are_shown_as_one_would_write_them,
	   what_is_shown_can_be_read_again, kinds_have_names, entries_may_be_larger,
	   without_memory_nothing_is_set)
