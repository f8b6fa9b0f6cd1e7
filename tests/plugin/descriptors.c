/* Descriptors that say what they must not: one sentence each, and no code of the
 * plugin has run where the file alone could tell. */
#include "host.h"

struct odd {
	const char *name, *why; /* behind the path */
};

static const struct odd odd[] = {
	{"other_abi", "is built for plugin ABI 2, this cruet has ABI 1: build it again"},
	{"newer_option", "uses features of a newer cruet: its options say more than is known here"},
	{"newer_flags", "uses features of a newer cruet: flags 0x20 are not known here"},
	{"newer_kind", "uses features of a newer cruet: option ttl is of kind 12"},
	{"two_names", "calls itself 'one_name', but its symbol is cruet_plugin_two_names"},
	{"function", "exports a function cruet_plugin_function: a plugin says "
		     "CRUET_PLUGIN(function, ...)"},
	{"nothing", "exports no cruet_plugin_nothing: a plugin says CRUET_PLUGIN(nothing, ...)"},
	{"no_size", "has a malformed descriptor"},
	{"nowhere", "has a malformed descriptor"},
	{"own_core", "brings a core of its own: link it to libcruet.so"},
	{"bad_default", "has a bad default: option ttl = \"5 minutes\": expected a time, such as 30s"},
	{"no_config", "has an option ttl outside of its config struct: set .config_size"},
	{"twice", "has two options ttl"},
	{"taken", "has an option \"prefix\", which is no name for one"},
	{"bad_need", "needs \"cache\": expected a service such as \"cache/1\""},
	{"bad_provides", "provides \"cache/1?\": expected a service such as \"cache/1\""},
	{"greedy", "wants 0 bytes of config and 1099511627776 of state: at most 1048576 and "
		   "67108864 are given"},
};

static void assert_odd(const char *name, const char *why)
{
	put(name);
	cruet_app *app = app_here();
	ck_assert_int_lt(cruet_use(app, name, NULL), 0);
	assert_problem(app, "%s %s", at(text("%s.so", name)), why);
	ck_assert_msg(!ran(name), "code of %s has run", name);
	cruet_free(app);
}

START_TEST(odd_ones_are_refused_unseen)
{
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		assert_odd(odd[i].name, odd[i].why);
	assert_odd("newer", text("uses features of a newer cruet: its descriptor has %zu bytes, %zu "
				 "are known here",
				 sizeof(cruet_plugin) + 8, sizeof(cruet_plugin)));
}
END_TEST

START_TEST(newer_ones_that_use_nothing_new_are_taken)
{
	put("newer_zero");
	cruet_app *app = app_here();
	cruet_use(app, "newer_zero", NULL);
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	ck_assert_int_eq(cruet_client_get(t, "/newer"), 200);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* Code of this one has run: nothing but running it could tell. It is not used. */
START_TEST(one_that_changes_itself_is_put_out)
{
	put("turncoat");
	cruet_app *app = app_here();
	cruet_use(app, "turncoat", NULL);
	assert_problem(app, "%s says something else in memory than in its file",
		       at("turncoat.so"));
	cruet_free(app);
}
END_TEST

/* --- linked in: the same rules, the same words --------------------------------------- */

static const char *const bad_needs[] = {"cache", NULL};

START_TEST(linked_ones_are_checked_alike)
{
	const cruet_plugin good = {.size = sizeof good,
				   .abi = CRUET_PLUGIN_ABI,
				   .option_size = sizeof(cruet_option),
				   .core = cruet_core_id,
				   .name = "linked"};
	cruet_plugin other = good, named = good, needy = good, small = good;
	struct { const cruet_plugin *p; const char *why; } cases[] = {
		{&other, "plugin '?' is built for plugin ABI 2, this cruet has ABI 1: build it again"},
		{&small, "plugin '?' has a malformed descriptor"},
		{&named, "plugin 'Linked' calls itself \"Linked\": a name begins with a letter and "
			 "has lower-case letters, digits and '_'"},
		{&needy, "plugin 'linked' needs \"cache\": expected a service such as \"cache/1\""},
		{NULL, "cruet_use_static: no plugin"},
	};

	other.abi = 2;
	small.size = 40;
	named.name = "Linked";
	needy.needs = bad_needs;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cruet_app *app = cruet_new("test");
		ck_assert_int_lt(cruet_use_static(app, cases[i].p, NULL), 0);
		assert_problem(app, "%s", cases[i].why);
		cruet_free(app);
	}
	cruet_app *app = cruet_new("test");
	ck_assert_int_eq(cruet_use_static(app, &good, NULL), CRUET_OK);
	cruet_free(app);
	ck_assert_int_eq(cruet_use_static(NULL, &good, NULL), CRUET_EINVAL);
	ck_assert_int_eq(cruet_use(NULL, "well", NULL), CRUET_EINVAL);
}
END_TEST

/* --- options -------------------------------------------------------------------------- */

static void assert_option_problem(const char *json, const char *why)
{
	cruet_app *app = app_from(text("{\"plugins\": {\"options\": %s}}", json));
	assert_problem(app, "plugin 'options': %s", why);
	ck_assert_msg(!ran("options"), "it ran in spite of: %s", why);
	cruet_free(app);
}

START_TEST(options_are_checked_before_it_runs)
{
	put("options");
	assert_option_problem("{\"key\": \"12345678\", \"slot\": 3}",
			      "unknown option slot: did you mean slots?");
	assert_option_problem("{\"key\": \"12345678\", \"zzz\": 3}", "unknown option zzz");
	assert_option_problem("{}", "option key is missing: expected a secret of 8 letters or more");
	assert_option_problem("{\"key\": \"12345678\", \"slots\": 0}",
			      "option slots = \"0\": expected a whole number from 1 to 4096");
	assert_option_problem("{\"key\": \"12345678\", \"slots\": \"many\"}",
			      "option slots = \"many\": expected a whole number from 1 to 4096");
	assert_option_problem("{\"key\": \"12345678\", \"slots\": 1.5}",
			      "option slots = \"1.5\": expected a whole number from 1 to 4096");
	assert_option_problem("{\"key\": \"12345678\", \"slots\": true}",
			      "option slots = \"true\": expected a whole number from 1 to 4096");
	assert_option_problem("{\"key\": \"12345678\", \"ttl\": \"5 minutes\"}",
			      "option ttl = \"5 minutes\": expected a time, such as 30s");
	assert_option_problem("{\"key\": \"12345678\", \"room\": \"64 apples\"}",
			      "option room = \"64 apples\": expected a size, such as 64k");
	assert_option_problem("{\"key\": \"12345678\", \"mode\": \"loose\"}",
			      "option mode = \"loose\": expected one of lax|strict|none");
	assert_option_problem("{\"key\": \"12345678\", \"on\": \"perhaps\"}",
			      "option on = \"perhaps\": expected true or false");
	assert_option_problem("{\"key\": \"12345678\", \"rate\": \"fast\"}",
			      "option rate = \"fast\": expected a number");
	assert_option_problem("{\"key\": \"12345678\", \"hosts\": [1, 2]}",
			      "option hosts = \"[1,2]\": expected a list, such as a,b,c");
	assert_option_problem("{\"key\": {\"secret\": 1}}",
			      "option key: expected a secret of 8 letters or more");
}
END_TEST

static void assert_shows(cruet_app *app, const char *want)
{
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	ck_assert_int_eq(cruet_client_get(t, "/options"), 200);
	ck_assert_str_eq(cruet_client_body(t), want);
	cruet_client_free(t);
	cruet_free(app);
}

START_TEST(options_come_from_four_places)
{
	put("options");
	cruet_app *app = app_here();
	cruet_use(app, "options", "key=from code");
	assert_shows(app, "1 64 65536 0 'Home' 'from code' 0 0.50  -");

	assert_shows(app_from("{\"plugins\": {\"options\": {\"key\": \"in the file\", \"on\": false, "
			      "\"slots\": 8, \"room\": 1024, \"ttl\": \"2m\", \"title\": \"Ä\", "
			      "\"mode\": \"none\", \"rate\": 1, \"hosts\": [\"a\", \"b.c\"], "
			      "\"extra\": {\"deep\": [1]}}}}"),
		     "0 8 1024 120000 'Ä' 'in the file' 2 1.00 <a><b.c> deep");

	setenv("CRUET_PLUGINS__OPTIONS__KEY", "environment", 1);
	setenv("CRUET_PLUGINS__OPTIONS__SLOTS", "9", 1);
	assert_shows(app_from("{\"plugins\": {\"options\": {\"key\": \"file\", \"slots\": 8}}}"),
		     "1 9 65536 0 'Home' 'environment' 0 0.50  -");
}
END_TEST

/* What the deployment says wins over what the code says. */
START_TEST(the_file_wins_over_code)
{
	put("options");
	cruet_app *app = app_here();
	cruet_set(app, "plugins.options.slots", "5");
	cruet_use(app, "options", "slots=7\n\n  title= of code \nkey=abc=def");
	assert_shows(app, "1 5 65536 0 ' of code ' 'abc=def' 0 0.50  -");
}
END_TEST

START_TEST(option_lines_are_name_and_value)
{
	put("options");
	cruet_app *app = app_here();
	cruet_use(app, "options", "key=abc\nslots");
	assert_problem(app, "plugin 'options': option line \"slots\": expected name=value");
	cruet_free(app);
}
END_TEST

/* Options of the file that came after the plugin are not dropped in silence. */
START_TEST(a_file_that_comes_too_late_is_said_so)
{
	put("options");
	write_text("cruet.json", "{\"plugins\": {\"options\": {\"slots\": 8}}}");
	cruet_app *app = app_here();
	cruet_use(app, "options", "key=abc");
	assert_fine(app);
	cruet_load(app, at("cruet.json"));
	assert_problem(app, "plugin 'options' was attached before the configuration was read, so what "
			    "that says of it came too late: call cruet_load() first");
	cruet_free(app);
}
END_TEST

HOST_SUITE("descriptors", odd_ones_are_refused_unseen,
	   newer_ones_that_use_nothing_new_are_taken, one_that_changes_itself_is_put_out,
	   linked_ones_are_checked_alike, options_are_checked_before_it_runs,
	   options_come_from_four_places, the_file_wins_over_code,
	   option_lines_are_name_and_value, a_file_that_comes_too_late_is_said_so)
