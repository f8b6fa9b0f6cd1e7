/* cruet.lock: with it nothing is loaded that it does not list, whoever asks for it. */
#include "host.h"

#define OTHER_HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *hash_of(const char *name)
{
	return hash_of_file(at(text("%s.so", name)));
}

static const char *entry(const char *name, const char *hash)
{
	return text("\"%s\": {\"version\": \"0.9\", \"abi\": 1, \"sha256\": \"%s\"}",
		    name, hash);
}

static void lock(const char *entries)
{
	write_text("cruet.lock", text("{\"format\": 1, \"plugins\": {%s}}\n", entries));
}

/* --- what is listed --------------------------------------------------------------- */

START_TEST(what_is_listed_is_loaded)
{
	put("well");
	put("once");
	lock(text("%s, %s", entry("well", hash_of("well")),
		  entry("once", hash_of("once"))));
	cruet_app *app = app_from("{\"plugins\": {\"well\": {}}}");
	assert_fine(app);
	ck_assert_int_eq(cruet_use(app, "once", NULL), CRUET_OK);
	cruet_client *t = cruet_client_new(app);
	ck_assert_int_eq(cruet_client_get(t, "/well"), 200);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(without_a_lock_anything_is)
{
	put("well");
	cruet_app *app = app_from("{\"plugins\": {\"well\": {}}}");
	assert_fine(app);
	cruet_free(app);
	lock(""); /* no configuration: no lock, wherever it lies */
	ck_assert_int_eq(chdir(folder), 0);
	app = app_here();
	ck_assert_int_eq(cruet_use(app, "well", NULL), CRUET_OK);
	cruet_free(app);
}
END_TEST

/* --- what is not ------------------------------------------------------------------ */

#define UNLISTED(name)                                                            \
	"%s is not listed in %s: its SHA-256 is %s: if it is to be trusted, run " \
	"`cruet plugins lock %s`",                                                \
		at(name ".so"), at("cruet.lock"), hash_of(name), name

START_TEST(what_the_configuration_names)
{
	put("well");
	put("once");
	lock(entry("well", hash_of("well")));
	cruet_app *app = app_from("{\"plugins\": {\"well\": {}, \"once\": {}}}");
	assert_problem(app, UNLISTED("once"));
	ck_assert(!ran("once"));
	ck_assert(!ran("well")); /* all of them are looked at first */
	cruet_free(app);
}
END_TEST

START_TEST(what_code_asks_for)
{
	put("well");
	lock("");
	cruet_app *app = app_from("{}");
	assert_fine(app);
	ck_assert_int_eq(cruet_use(app, "well", NULL), CRUET_EDENIED);
	assert_problem(app, UNLISTED("well"));
	ck_assert(!ran("well"));
	cruet_free(app);
}
END_TEST

START_TEST(what_is_to_serve)
{
	put("well");
	lock("");
	unsetenv("CRUET_SERVER__TRANSPORT"); /* which would win */
	cruet_app *app = app_from("{\"server\": {\"transport\": \"well\"}}");
	assert_fine(app);
	ck_assert_int_ne(cruet_run(app, "127.0.0.1:0"), 0);
	assert_problem(app, UNLISTED("well"));
	ck_assert(!ran("well"));
	cruet_free(app);
}
END_TEST

START_TEST(what_has_changed)
{
	put("well");
	lock(entry("well", hash_of("well")));
	const char *listed = hash_of("well");
	put_as("well", "well_2");
	cruet_app *app = app_from("{\"plugins\": {\"well\": {}}}");
	assert_problem(
		app,
		"%s is not the file that %s lists: expected well 0.9 with SHA-256 %s, "
		"found well "
		"2.0.0 with SHA-256 %s: put the listed one back or, if this one is to be "
		"trusted, run `cruet plugins lock`",
		at("well.so"), at("cruet.lock"), listed, hash_of("well"));
	ck_assert(!ran("well_2"));
	cruet_free(app);
}
END_TEST

/* The lock is found where the configuration was read, not where the process is now. */
START_TEST(who_goes_elsewhere_takes_the_lock_along)
{
	put("well");
	lock("");
	write_text("cruet.json", "{}");
	ck_assert_int_eq(chdir(folder), 0);
	cruet_app *app = app_here();
	cruet_load(app, "cruet.json");
	assert_fine(app);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(cruet_use(app, "well", NULL), CRUET_EDENIED);
	assert_problem(app, UNLISTED("well"));
	cruet_free(app);
}
END_TEST

/* Held against none, because nobody knew of it. */
START_TEST(what_was_loaded_before)
{
	put("well");
	write_text("cruet.json", "{}");
	lock(entry("well", hash_of("well")));
	cruet_app *app = app_here();
	cruet_use(app, "well", NULL);
	assert_fine(app);
	cruet_load(app, at("cruet.json"));
	assert_problem(app,
		       "a plugin was loaded before the configuration was read, so %s "
		       "came too late: "
		       "call cruet_load() first",
		       at("cruet.lock"));
	cruet_free(app);
}
END_TEST

/* The bytes that were checked are those that run, whatever happens to the file meanwhile:
 * init of the first plugin replaces the file of the second. */
START_TEST(a_file_that_is_replaced_while_others_load)
{
	put("well");
	put_as("spare", "well_2");
	put("swapper");
	lock(text("%s, %s", entry("swapper", hash_of("swapper")),
		  entry("well", hash_of("well"))));
	setenv("SWAP_FROM", at("spare.so"), 1);
	setenv("SWAP_TO", at("well.so"), 1);
	cruet_app *app = app_from("{\"plugins\": {\"swapper\": {}, \"well\": {}}}");
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	ck_assert_int_ne(access(at("spare.so"), F_OK), 0); /* it has been moved */
	ck_assert_int_eq(cruet_client_get(t, "/well"), 200);
	ck_assert_str_eq(cruet_client_body(t), "1.0.0");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* --- locks that are none ---------------------------------------------------------- */

static void assert_refused(const char *why)
{
	cruet_app *app = app_from("{\"plugins\": {\"well\": {}}}");

	assert_problem(app, "%s%s", at("cruet.lock"), why);
	ck_assert(!ran("well"));
	cruet_free(app);
	app = app_from("{}"); /* nor is an application started that has none */
	assert_problem(app, "%s%s", at("cruet.lock"), why);
	cruet_free(app);
}

static void assert_text_refused(const char *s, const char *why)
{
	write_text("cruet.lock", s);
	assert_refused(why);
}

static void assert_entry_refused(const char *entry, const char *why)
{
	assert_text_refused(text("{\"format\": 1,\n\"plugins\": {\n%s}}", entry), why);
}

START_TEST(locks_that_are_no_json)
{
	put("well");
	assert_text_refused("", ":1:1: expected a value, found the end of the text");
	assert_text_refused("[]", ":1:1: expected an object");
	assert_text_refused("{\"format\": 1, \"plugins\": {}",
			    ":1:28: expected ',' or '}', found the end of the text");
	assert_text_refused("{\"format\": 1, \"plugins\": {\"well\": {}, \"well\": {}}}",
			    ":1:39: the name \"well\" stands here twice");
}
END_TEST

START_TEST(locks_of_another_shape)
{
	put("well");
	assert_text_refused("{}", ":1:1: format is missing: expected 1");
	assert_text_refused("{\"format\": \"1\"}", ":1:12: format: expected 1");
	assert_text_refused("{\"format\": 2, \"plugins\": {}}",
			    ":1:12: format 2 is not known here: a newer cruet wrote it");
	assert_text_refused("{\"format\": 1}", ":1:1: plugins is missing");
	assert_text_refused("{\"format\": 1, \"plugins\": []}",
			    ":1:26: plugins: expected an object");
	assert_text_refused("{\"format\": 1, \"plugin\": {}}",
			    ":1:25: unknown key \"plugin\": did you mean \"plugins\"?");
	assert_text_refused("{\"format\": 1, \"zzz\": {}}", ":1:22: unknown key \"zzz\"");
}
END_TEST

START_TEST(entries_of_another_shape)
{
	const char *good = "\"abi\": 1, \"sha256\": \"" OTHER_HASH "\"";

	put("well");
	assert_entry_refused("\"well\": 1", ":3:9: well: expected an object");
	assert_entry_refused("\"Well\": {}", ":3:9: \"Well\" is no name of a plugin");
	assert_entry_refused("\"well\": {}", ":3:9: well: sha256 is missing");
	assert_entry_refused("\"well\": {\"sha256\": \"" OTHER_HASH "\"}",
			     ":3:9: well: abi is missing");
	assert_entry_refused("\"well\": {\"sha256\": \"abc\"}",
			     ":3:20: sha256: expected 64 digits of 0-9 and a-f");
	assert_entry_refused("\"well\": {\"abi\": 1.5}",
			     ":3:17: abi: expected a whole number such as 1");
	assert_entry_refused(text("\"well\": {%s, \"version\": 1}", good),
			     ":3:109: version: expected a text");
	assert_entry_refused(text("\"well\": {%s, \"named\": 1}", good),
			     ":3:107: named: expected true or false");
	assert_entry_refused(text("\"well\": {%s, \"imports\": [1]}", good),
			     ":3:109: expected a list of texts");
	assert_entry_refused(text("\"well\": {%s, \"sha\": 1}", good),
			     ":3:105: unknown key \"sha\"");
}
END_TEST

START_TEST(locks_that_are_no_files)
{
	const char *path = at("cruet.lock");

	put("well");
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	assert_refused(" is a FIFO: expected a regular file");
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	assert_refused(" is a folder: expected a regular file");
	rmdir(path);
	ck_assert_int_eq(symlink("well.so", path), 0);
	assert_refused(" is a symbolic link: name the file itself");
	unlink(path);
	ck_assert_int_eq(symlink("nowhere", path), 0);
	assert_refused(" is a symbolic link: name the file itself");
	unlink(path);
}
END_TEST

START_TEST(locks_that_others_could_write)
{
	put("well");
	lock(entry("well", hash_of("well")));
	chmod(at("cruet.lock"), 0664);
	assert_refused(" is writable by others (mode 0664): chmod go-w");
}
END_TEST

START_TEST(locks_that_are_too_large)
{
	put("well");
	lock("");
	ck_assert_int_eq(truncate(at("cruet.lock"), (8 << 20) + 1), 0);
	assert_refused(" is larger than 8 MiB");
}
END_TEST

HOST_SUITE("locks", what_is_listed_is_loaded, without_a_lock_anything_is,
	   what_the_configuration_names, what_code_asks_for, what_is_to_serve,
	   what_has_changed, who_goes_elsewhere_takes_the_lock_along,
	   what_was_loaded_before, a_file_that_is_replaced_while_others_load,
	   locks_that_are_no_json, locks_of_another_shape, entries_of_another_shape,
	   locks_that_are_no_files, locks_that_others_could_write,
	   locks_that_are_too_large)
