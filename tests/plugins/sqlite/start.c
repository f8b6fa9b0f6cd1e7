/* Starting: every file that cannot be the database is refused with a sentence, and
 * what can be is set up as promised. */
#include "other.h"

#include <fcntl.h>
#include <sys/types.h>

static void teardown(void)
{
	folder_done();
}

static void refuses(const char *name, const char *sentence)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_sqlite,
			 textf("path=%s\nbusy_timeout=20ms", file(name)));
	ck_assert_ptr_null(cruet_problem(app));
	ck_assert_ptr_null(cruet_open(app));
	ck_assert_ptr_nonnull(cruet_problem(app));
	ck_assert_str_eq(without_folder(cruet_problem(app)), sentence);
	cruet_free(app);
}

START_TEST(a_missing_folder)
{
	refuses("none/site.db", "plugin 'sqlite': DIR/none/site.db cannot be opened: "
				"folder DIR/none: No such "
				"file or directory: create it");
}
END_TEST

START_TEST(a_folder_that_is_none)
{
	write_file("a", "x", 1);
	refuses("a/site.db",
		"plugin 'sqlite': DIR/a/site.db cannot be opened: DIR/a is no folder");
	refuses("a/b/site.db", "plugin 'sqlite': DIR/a/b/site.db cannot be opened: "
			       "folder DIR/a/b: Not a "
			       "directory");
}
END_TEST

START_TEST(what_is_no_regular_file)
{
	ck_assert_int_eq(mkdir(file("d"), 0700), 0);
	ck_assert_int_eq(mkfifo(file("f"), 0600), 0);
	ck_assert_int_eq(symlink("loop", file("loop")), 0);
	refuses("d", "plugin 'sqlite': DIR/d is a folder: expected a file");
	refuses("f", "plugin 'sqlite': DIR/f is no regular file");
	refuses("loop", "plugin 'sqlite': DIR/loop cannot be opened: Too many levels of "
			"symbolic links");
}
END_TEST

START_TEST(what_is_no_database)
{
	char junk[8192];

	memset(junk, 'j', sizeof junk);
	write_file("long", junk, sizeof junk);
	write_file("short", "hello\n", 6);
	write_file("head", "SQLite format 3", 16);
	refuses("long", "plugin 'sqlite': DIR/long is no SQLite database");
	refuses("short", "plugin 'sqlite': DIR/short is no SQLite database");
	refuses("head", "plugin 'sqlite': DIR/head is no SQLite database");
}
END_TEST

/* As a user who may not do everything. */
static void become_nobody(void)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(setgid(65534), 0);
	ck_assert_int_eq(setuid(65534), 0);
}

START_TEST(what_may_not_be_written)
{
	folder();
	ck_assert_int_eq(mkdir(file("locked"), 0755), 0);
	write_file("locked/site.db", "", 0);
	write_file("site.db", "", 0);
	chmod(file("site.db"), 0444);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(folder(), 65534, 65534), 0);
		become_nobody();
	} else {
		chmod(file("locked"), 0555);
	}
	refuses("site.db",
		"plugin 'sqlite': DIR/site.db cannot be written: Permission denied: "
		"the user of this process must be able to read and write it");
	refuses("locked/site.db", "plugin 'sqlite': DIR/locked/site.db cannot be "
				  "written: folder DIR/locked: "
				  "Permission denied: the user of this process must be "
				  "able to create files in "
				  "it");
}
END_TEST

START_TEST(what_another_process_has_locked)
{
	struct other o = other_start(file("site.db"));

	other_does(&o, "create table t(a)"); /* no write-ahead log yet */
	other_does(&o, "begin exclusive");
	refuses("site.db", "plugin 'sqlite': DIR/site.db is locked by another process: "
			   "waited 20 ms");
	other_does(&o, "commit");
	cruet_app *app = app_with("");
	cruet_close(open_ctx(app));
	cruet_free(app);
	other_ends(&o);
}
END_TEST

static void refuses_option(const char *option, const char *sentence)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_sqlite, option);
	ck_assert_ptr_nonnull(cruet_problem(app));
	ck_assert_str_eq(cruet_problem(app), sentence);
	cruet_free(app);
}

START_TEST(options_that_cannot_be)
{
	refuses_option("path=",
		       "plugin 'sqlite': option path = \"\": expected a file such as "
		       "var/site.db, or :memory:");
	refuses_option(
		"path=file:site.db?mode=ro",
		"plugin 'sqlite': option path = \"file:site.db?mode=ro\": expected a "
		"file such as var/site.db, or :memory:");
	refuses_option("pool=0",
		       "plugin 'sqlite': option pool = \"0\": expected from 1 to "
		       "256 connections");
	refuses_option(
		"statements=1000",
		"plugin 'sqlite': option statements = \"1000\": expected from 0 to "
		"256 statements to keep prepared per connection");
	refuses_option("wait=1h",
		       "plugin 'sqlite': option wait = \"1h\": expected the time "
		       "to wait for a connection, at most 10m");
	refuses_option(
		"busy_timeout=1h",
		"plugin 'sqlite': option busy_timeout = \"1h\": expected the time to "
		"wait for a lock, at most 10m");
	refuses_option("synchronous=off",
		       "plugin 'sqlite': option synchronous = \"off\": expected one of "
		       "full|normal");
}
END_TEST

/* --- what can be ----------------------------------------------------------------- */

static const char *pragma(cruet_ctx *c, const char *sql)
{
	const char *text;

	assert_ok(c, cruet_db_get(c, &text, sql));
	return text;
}

static void assert_pragma(cruet_ctx *c, const char *sql, const char *value)
{
	ck_assert_str_eq(pragma(c, sql), value);
}

START_TEST(each_connection_is_set_up)
{
	cruet_app *app = app_with("\nbusy_timeout=1234ms");

	for (int i = 0; i < 2; i++) { /* the first one, and one that is opened later */
		cruet_ctx *first = i ? open_ctx(app) : NULL;
		if (first)
			number(first, "select 1");
		cruet_ctx *c = open_ctx(app);
		assert_pragma(c, "pragma journal_mode", "wal");
		assert_pragma(c, "pragma foreign_keys", "1");
		assert_pragma(c, "pragma synchronous", "2");
		assert_pragma(c, "pragma busy_timeout", "1234");
		cruet_close(c);
		cruet_close(first);
	}
	cruet_free(app);
	app = app_with("\nsynchronous=normal");
	cruet_ctx *c = open_ctx(app);
	assert_pragma(c, "pragma synchronous", "1");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(a_misspelt_column_in_double_quotes_is_no_text)
{
	cruet_app *app = app_with("");
	cruet_ctx *c = open_ctx(app);

	assert_exec(c, "create table t(name text)");
	int err = cruet_db_exec(c, "insert into t select \"nmae\" from t");
	assert_failed(c, err, &cruet_db_syntax_kind,
		      "insert into t select \"nmae\" from t: no such column: nmae");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(data_is_there_after_a_restart)
{
	for (int i = 0; i < 3; i++) {
		cruet_app *app = app_with("");
		cruet_ctx *c = open_ctx(app);
		assert_exec(c, "create table if not exists t(a)");
		assert_exec(c, "insert into t values(?)", i);
		ck_assert_int_eq(number(c, "select count(*) from t"), i + 1);
		cruet_close(c);
		cruet_free(app);
	}
	/* Nothing of the write-ahead log is left when the last connection closes. */
	ck_assert_int_ne(access(file("site.db-wal"), F_OK), 0);
}
END_TEST

START_TEST(a_relative_path_starts_where_the_process_did)
{
	cruet_app *app = new_app();

	ck_assert_int_eq(chdir(folder()), 0);
	cruet_use_static(app, &cruet_plugin_sqlite, "path=here.db\npool=2");
	cruet_ctx *first = open_ctx(app), *c = open_ctx(app);
	assert_exec(first, "create table t(a)");
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(number(c, "select count(*) from t"), 0); /* opened only now */
	cruet_close(c);
	cruet_close(first);
	cruet_free(app);
	ck_assert_int_eq(access(file("here.db"), F_OK), 0);
}
END_TEST

START_TEST(memory_is_one_connection)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_sqlite, "path=:memory:\npool=4\nwait=0s");
	cruet_ctx *c = open_ctx(app);
	assert_exec(c, "create table t(a)");
	cruet_ctx *second = open_ctx(app);
	ck_assert_int_eq(number(second, "select count(*) from t"), 0);
	assert_ok(c, cruet_db_begin(c));
	ck_assert_int_eq(cruet_db_exec(second, "select 1"), 503);
	cruet_close(second);
	cruet_close(c);
	c = open_ctx(app);
	ck_assert_int_eq(number(c, "select count(*) from t"), 0);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(two_instances_are_two_databases)
{
	char config[512];
	cruet_app *app = new_app();

	snprintf(config, sizeof config,
		 "{\"plugins\": {\"sqlite\": {\"path\": \"%s\"},"
		 "\"archive\": {\"plugin\": \"sqlite\", \"path\": \"%s\"}},"
		 "\"bind\": {\"db/1\": \"archive\"}}",
		 file("site.db"), file("archive.db"));
	write_file("cruet.json", config, strlen(config));
	ck_assert_msg(!cruet_load(app, file("cruet.json")), "%s", cruet_problem(app));
	cruet_ctx *c = open_ctx(app);
	assert_exec(c, "create table t(a)");
	cruet_close(c);
	cruet_free(app);
	sqlite3 *db;
	ck_assert_int_eq(sqlite3_open(file("archive.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "select * from t", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(sqlite3_open(file("site.db"), &db), SQLITE_OK);
	ck_assert_int_ne(sqlite3_exec(db, "select * from t", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
}
END_TEST

SUITE_WITH("sqlite_start", NULL, teardown, a_missing_folder, a_folder_that_is_none,
	   what_is_no_regular_file, what_is_no_database, what_may_not_be_written,
	   what_another_process_has_locked, options_that_cannot_be,
	   each_connection_is_set_up, a_misspelt_column_in_double_quotes_is_no_text,
	   data_is_there_after_a_restart, a_relative_path_starts_where_the_process_did,
	   memory_is_one_connection, two_instances_are_two_databases)
