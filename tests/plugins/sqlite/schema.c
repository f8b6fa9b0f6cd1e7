/* The schema: which steps run, in which order, once, and what is said of those that
 * cannot. */
#include "other.h"

#include <cruet/svc/db.h>
#include <dlfcn.h>

static void setup(void)
{
	ck_assert_int_eq(mkdir(file("schema"), 0700), 0);
}

static void teardown(void)
{
	folder_done();
}

static void put(const char *name, const char *sql)
{
	write_file(textf("schema/%s", name), sql, strlen(sql));
}

static cruet_app *site(void)
{
	return app_with(textf("\nschema=%s\nbusy_timeout=20ms", file("schema")));
}

/* Starts and stops; what was logged stays. */
static void starts(void)
{
	cruet_app *app = site();
	cruet_close(open_ctx(app));
	cruet_free(app);
}

static void refuses(const char *sentence)
{
	cruet_app *app = site();
	ck_assert_ptr_null(cruet_open(app));
	ck_assert_ptr_nonnull(cruet_problem(app));
	ck_assert_str_eq(without_folder(cruet_problem(app)), sentence);
	cruet_free(app);
}

/* One text out of the database, as the application sees it. */
static void assert_value(const char *sql, const char *value)
{
	cruet_app *app = app_with("");
	cruet_ctx *c = open_ctx(app);
	const char *text;

	assert_ok(c, cruet_db_get(c, &text, sql));
	ck_assert_str_eq(text, value);
	cruet_close(c);
	cruet_free(app);
}

#define RECORDED "select group_concat(owner || '/' || name, ' ') from cruet_schema"

START_TEST(files_run_once_in_the_order_of_their_names)
{
	put("010_rows.sql", "insert into t values('b');\ninsert into t values('c');\n");
	put("002_table.sql", "-- the table\ncreate table t(a text);\n"
			     "insert into t values('a')");
	put("readme.txt", "no SQL");
	put(".hidden.sql", "no SQL");
	put("old.sql~", "no SQL");
	starts();
	ck_assert_str_eq(without_folder(logged),
			 "info sqlite: DIR/schema/002_table.sql: applied\n"
			 "info sqlite: DIR/schema/010_rows.sql: applied\n");
	starts();
	ck_assert_str_eq(logged, "");
	assert_value("select group_concat(a, '') from t", "abc");
	assert_value(RECORDED, "app/002_table.sql app/010_rows.sql");
}
END_TEST

START_TEST(a_new_file_runs_at_the_next_start)
{
	put("1.sql", "create table t(a)");
	starts();
	put("2.sql", "insert into t values('new')");
	starts();
	ck_assert_str_eq(without_folder(logged),
			 "info sqlite: DIR/schema/2.sql: applied\n");
	assert_value("select a from t", "new");
}
END_TEST

START_TEST(a_changed_file_is_reported_and_not_run)
{
	put("1.sql", "create table t(a)");
	starts();
	put("1.sql", "drop table t");
	starts();
	ck_assert_str_eq(without_folder(logged),
			 "warn sqlite: DIR/schema/1.sql was changed after it was "
			 "applied, and is not "
			 "applied again: put the change into a step of its own\n");
	assert_value("select count(*) from t", "0");
}
END_TEST

START_TEST(empty_files_and_comments_are_fine)
{
	put("1.sql", "");
	put("2.sql", "-- nothing yet");
	put("3.sql", "/* nothing\nyet */ ;;\n");
	put("4.sql", "/* no end");
	put("5.sql", "\xef\xbb\xbf");
	put("6.sql", "\xef\xbb\xbf"
		     "create table t(a); -- end");
	starts();
	assert_value("select count(*) from cruet_schema", "6");
	assert_value("select count(*) from t", "0");
}
END_TEST

START_TEST(an_empty_folder_makes_no_table)
{
	starts();
	assert_value("select count(*) from sqlite_schema", "0");
}
END_TEST

/* --- what cannot run ------------------------------------------------------------- */

START_TEST(bad_sql_is_named_with_its_line)
{
	put("1.sql", "create table t(a);\n");
	put("2.sql",
	    "insert into t values(1);\n\n-- next\ncreate table u(\n\tx text,\n\ty "
	    "txet not nul\n);\n");
	put("3.sql", "create table v(a)");
	refuses("plugin 'sqlite': DIR/schema/2.sql:6: near \"nul\": syntax error");
	assert_value("select count(*) from t", "0"); /* nothing of it */
	assert_value(RECORDED, "app/1.sql");	     /* all before it */
}
END_TEST

START_TEST(a_statement_that_fails_is_named_with_its_line)
{
	put("1.sql", "create table t(a unique);\n\ninsert into t values(1);\n"
		     "insert into t values(1);\n");
	refuses("plugin 'sqlite': DIR/schema/1.sql:4: UNIQUE constraint failed: t.a");
	put("1.sql", "\n\nselect * from nowhere");
	refuses("plugin 'sqlite': DIR/schema/1.sql:3: no such table: nowhere");
}
END_TEST

START_TEST(what_only_the_commit_finds)
{
	put("1.sql", "create table a(id integer primary key);\n"
		     "create table b(a references a(id) deferrable initially deferred);\n"
		     "insert into b values(7);\n");
	refuses("plugin 'sqlite': DIR/schema/1.sql: FOREIGN KEY constraint failed");
	assert_value("select count(*) from sqlite_schema where name in ('a', 'b')", "0");
}
END_TEST

START_TEST(steps_make_no_transactions)
{
	static const char *const all[] = {"begin", "commit", "rollback", "savepoint a",
					  "attach 'x.db' as x"};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		put("1.sql", textf("create table t(a);\n%s;\n", all[i]));
		refuses("plugin 'sqlite': DIR/schema/1.sql:2: each step is a transaction "
			"already, and of one file: leave out begin, commit, rollback, "
			"savepoint, attach and detach");
	}
}
END_TEST

START_TEST(a_schema_has_no_values)
{
	put("1.sql", "create table t(a);\ninsert into t values(?);\n");
	refuses("plugin 'sqlite': DIR/schema/1.sql:2: a schema has no values for ?");
}
END_TEST

START_TEST(what_is_no_text_file)
{
	write_file("schema/1.sql", "create\0table", 12);
	refuses("plugin 'sqlite': DIR/schema/1.sql: has a NUL byte: expected SQL");
	unlink(file("schema/1.sql"));
	ck_assert_int_eq(mkdir(file("schema/1.sql"), 0700), 0);
	refuses("plugin 'sqlite': DIR/schema/1.sql: is no regular file");
	rmdir(file("schema/1.sql"));
	ck_assert_int_eq(mkfifo(file("schema/1.sql"), 0600), 0);
	refuses("plugin 'sqlite': DIR/schema/1.sql: is no regular file");
	unlink(file("schema/1.sql"));
	ck_assert_int_eq(symlink("nowhere", file("schema/1.sql")), 0);
	refuses("plugin 'sqlite': DIR/schema/1.sql: No such file or directory");
	unlink(file("schema/1.sql"));
	put("1.sql", "");
	ck_assert_int_eq(truncate(file("schema/1.sql"), (16 << 20) + 1), 0);
	refuses("plugin 'sqlite': DIR/schema/1.sql: is larger than 16 MiB");
}
END_TEST

START_TEST(a_missing_folder)
{
	ck_assert_int_eq(rmdir(file("schema")), 0);
	refuses("plugin 'sqlite': option schema = \"DIR/schema\": expected a folder: No "
		"such "
		"file or directory");
}
END_TEST

START_TEST(a_lock_of_another_process)
{
	struct other o = other_start(file("site.db"));

	other_does(&o, "pragma journal_mode = wal");
	other_does(&o, "begin immediate");
	put("1.sql", "create table t(a)");
	refuses("plugin 'sqlite': table cruet_schema: DIR/site.db is locked by another "
		"process: waited 20 ms");
	other_does(&o, "commit");
	starts();
	put("2.sql", "create table u(a)");
	other_does(&o, "begin immediate");
	refuses("plugin 'sqlite': DIR/schema/2.sql: DIR/site.db is locked by another "
		"process: waited 20 ms");
	other_does(&o, "commit");
	starts();
	other_ends(&o);
}
END_TEST

/* Both see that nothing has run, and both try. */
START_TEST(two_processes_start_at_once)
{
	int gate[2];
	pid_t pids[4];
	char text;

	put("1.sql", "create table t(a); insert into t values('once')");
	cruet_app *first = app_with(""); /* the file and its mode are there */
	cruet_close(open_ctx(first));
	cruet_free(first);
	ck_assert_int_eq(pipe(gate), 0);
	for (size_t i = 0; i < 4; i++) {
		pids[i] = fork();
		ck_assert_int_ge(pids[i], 0);
		if (!pids[i]) {
			close(gate[1]);
			if (read(gate[0], &text, 1) < 0) /* until all can run */
				_exit(2);
			cruet_app *app = app_with(
				textf("\nschema=%s\nbusy_timeout=1m", file("schema")));
			cruet_ctx *c = cruet_open(app);
			bool ok = c != NULL;
			cruet_close(c);
			cruet_free(app);
			_exit(ok ? 0 : 1);
		}
	}
	close(gate[1]);
	for (size_t i = 0; i < 4; i++) {
		int status;
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
	close(gate[0]);
	assert_value("select group_concat(a) from t", "once");
}
END_TEST

/* --- between the look and the lock ----------------------------------------------- */

static struct other *busy_one;

/* SQLite's own, with something that happens just before we get the lock. */
int sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **),
		 void *arg, char **why)
{
	int (*real)(sqlite3 *, const char *, int (*)(void *, int, char **, char **),
		    void *, char **);

	*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_exec");
	if (busy_one && !strcmp(sql, "begin immediate")) {
		other_does(busy_one,
			   "begin; create table t(a); insert into "
			   "cruet_schema(owner, name, sql) values('app', '1.sql', "
			   "'create table t(a)'); commit");
		busy_one = NULL;
	}
	return real(db, sql, row, arg, why);
}

START_TEST(another_process_was_faster)
{
	struct other o = other_start(file("site.db"));

	starts();
	put("0.sql", "");
	starts(); /* makes the table of steps */
	put("1.sql", "create table t(a)");
	busy_one = &o;
	starts();
	ck_assert_ptr_null(busy_one);
	ck_assert_str_eq(logged, "");
	assert_value(RECORDED, "app/0.sql app/1.sql");
	other_ends(&o);
}
END_TEST

/* --- steps of plugins ------------------------------------------------------------ */

static const char *const needs[] = {CRUET_DB, NULL};

static int users_init(cruet_app *app)
{
	char name[] = "002_name", sql[] = "alter table users add column name text";

	cruet_db_schema(app, name, sql);
	memset(name, 'x', 3); /* it was copied */
	memset(sql, 'x', 3);
	return cruet_db_schema(app, "001_table", "create table users(id integer)");
}
CRUET_PLUGIN(users, .init = users_init, .needs = needs);

static int posts_init(cruet_app *app)
{
	return cruet_db_schema(app, "001_table",
			       "create table posts(id integer);\ninsert into users(name) "
			       "values('posts')");
}
CRUET_PLUGIN(posts, .init = posts_init, .needs = needs);

static int broken_init(cruet_app *app)
{
	return cruet_db_schema(app, "001", "select 1;\nselec 2");
}
CRUET_PLUGIN(broken, .init = broken_init, .needs = needs);

static int twice_init(cruet_app *app)
{
	cruet_db_schema(app, "001", "select 1");
	return cruet_db_schema(app, "001", "select 1");
}
CRUET_PLUGIN(twice, .init = twice_init, .needs = needs);

static int nameless_init(cruet_app *app)
{
	return cruet_db_schema(app, "", "select 1");
}
CRUET_PLUGIN(nameless, .init = nameless_init, .needs = needs);

static int undeclared_init(cruet_app *app)
{
	return cruet_db_schema(app, "001", "select 1");
}
CRUET_PLUGIN(undeclared, .init = undeclared_init);

START_TEST(plugins_have_steps_of_their_own)
{
	put("001.sql",
	    "insert into users(name) select 'app' from posts union select 'app'");
	cruet_app *app = site();
	cruet_db_schema(app, "000_app", "insert into users(name) values('app first')");
	cruet_use_static(app, &cruet_plugin_users, NULL);
	cruet_use_static(app, &cruet_plugin_posts, NULL);
	cruet_close(open_ctx(app));
	cruet_free(app);
	assert_value("select group_concat(name) from users", "posts,app first,app");
	assert_value(
		"select group_concat(owner || '/' || name, ' ') from (select * from "
		"cruet_schema order by applied_at, owner = 'app', owner = 'posts', "
		"name)",
		"users/001_table users/002_name posts/001_table app/000_app app/001.sql");
}
END_TEST

static void refuses_plugin(const cruet_plugin *p, const char *sentence)
{
	cruet_app *app = app_with("");
	cruet_use_static(app, p, NULL);
	cruet_close(cruet_open(app));
	ck_assert_ptr_nonnull(cruet_problem(app));
	ck_assert_str_eq(cruet_problem(app), sentence);
	cruet_free(app);
}

START_TEST(steps_of_plugins_that_cannot_run)
{
	refuses_plugin(&cruet_plugin_broken,
		       "plugin 'sqlite': schema step \"001\" of 'broken', line 2: near "
		       "\"selec\": syntax error");
	refuses_plugin(&cruet_plugin_twice,
		       "plugin 'sqlite': schema step \"001\" of 'twice' is there twice");
	refuses_plugin(
		&cruet_plugin_nameless,
		"plugin 'nameless': cruet_db_schema: expected a name and statements");
	refuses_plugin(&cruet_plugin_undeclared,
		       "plugin 'undeclared': binds \"db/1\" without saying so: add it to "
		       ".needs");
}
END_TEST

START_TEST(without_a_provider_a_step_is_a_problem)
{
	cruet_app *app = new_app();
	cruet_db_schema(app, "001", "select 1");
	ck_assert_str_eq(
		cruet_problem(app),
		"the application needs service \"db/1\", which no attached plugin "
		"provides: add 'sqlite', which does");
	cruet_free(app);
}
END_TEST

SUITE_WITH("sqlite_schema", setup, teardown, files_run_once_in_the_order_of_their_names,
	   a_new_file_runs_at_the_next_start, a_changed_file_is_reported_and_not_run,
	   empty_files_and_comments_are_fine, an_empty_folder_makes_no_table,
	   bad_sql_is_named_with_its_line, a_statement_that_fails_is_named_with_its_line,
	   what_only_the_commit_finds, steps_make_no_transactions, a_schema_has_no_values,
	   what_is_no_text_file, a_missing_folder, a_lock_of_another_process,
	   two_processes_start_at_once, another_process_was_faster,
	   plugins_have_steps_of_their_own, steps_of_plugins_that_cannot_run,
	   without_a_provider_a_step_is_a_problem)
