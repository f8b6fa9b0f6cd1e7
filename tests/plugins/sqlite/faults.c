/* What goes wrong while requests are served: the kind, the status, the line in the
 * log, and that nothing is lost which was acknowledged. */
#include "other.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

static void teardown(void)
{
	folder_done();
}

/* --- handlers -------------------------------------------------------------------------
 */

static int h_add(cruet_ctx *c)
{
	int err = cruet_db_exec(c, "insert into t(a) values(?)", cruet_query(c, "a"));
	return err ? err : cruet_text(c, "added");
}

static int h_count(cruet_ctx *c)
{
	int64_t n;
	int err = cruet_db_get(c, &n, "select count(*) from t");
	return err ? err : cruet_textf(c, "%lld", (long long)n);
}

static int h_fill(cruet_ctx *c)
{
	int err = cruet_db_exec(c, "insert into big values(zeroblob(1048576))");
	return err ? err : cruet_text(c, "filled");
}

static void routes(cruet_app *app)
{
	cruet_get(app, "/add", h_add);
	cruet_get(app, "/count", h_count);
	cruet_get(app, "/fill", h_fill);
}

/* With a table t, and short times. */
static cruet_app *site(const char *more)
{
	cruet_app *app = app_with(textf("\nbusy_timeout=20ms\nwait=20ms%s", more));

	cruet_db_schema(app, "t", "create table t(a unique); create table big(b)");
	routes(app);
	return app;
}

static void assert_count(cruet_client *t, const char *n)
{
	ck_assert_int_eq(cruet_client_get(t, "/count"), 200);
	ck_assert_str_eq(cruet_client_body(t), n);
}

static void assert_logged(const char *line)
{
	ck_assert_msg(strstr(without_folder(logged), line) != NULL, "logged: %s", logged);
}

/* --- locked
 * ------------------------------------------------------------------------------ */

START_TEST(another_process_writes)
{
	struct other o = other_start(file("site.db"));
	cruet_app *app = site("");
	cruet_client *t = client_of(app);

	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	ck_assert_ptr_null(cruet_client_header(t, "Retry-After"));
	other_does(&o, "begin immediate");
	ck_assert_int_eq(cruet_client_get(t, "/add?a=2"), 503);
	ck_assert_str_eq(cruet_client_header(t, "Retry-After"), "1");
	ck_assert_ptr_null(strstr(cruet_client_body(t), "insert"));
	assert_logged(
		"503: insert into t(a) values(?): the database is locked: waited 20 ms");
	assert_count(t, "1"); /* who reads does not wait */
	other_does(&o, "commit");
	ck_assert_int_eq(cruet_client_get(t, "/add?a=2"), 200);
	assert_count(t, "2");
	cruet_client_free(t);
	cruet_free(app);
	other_ends(&o);
}
END_TEST

START_TEST(a_transaction_waits_for_another_process_too)
{
	struct other o = other_start(file("site.db"));
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);

	other_does(&o, "begin immediate");
	int err = cruet_db_begin(c);
	assert_failed(c, err, &cruet_db_busy_kind,
		      "begin: the database is locked: waited 20 ms");
	other_does(&o, "commit");
	assert_ok(c, cruet_db_begin(c));
	assert_ok(c, cruet_db_commit(c));
	cruet_close(c);
	cruet_free(app);
	other_ends(&o);
}
END_TEST

START_TEST(somebody_else_in_this_process_writes)
{
	cruet_app *app = site("");
	cruet_ctx *one = open_ctx(app), *two = open_ctx(app);

	assert_ok(one, cruet_db_begin(one));
	int err = cruet_db_exec(two, "insert into t values(1)");
	assert_failed(two, err, &cruet_db_busy_kind,
		      "insert into t values(1): the database is locked: waited 20 ms");
	err = cruet_db_begin(two);
	assert_failed(two, err, &cruet_db_busy_kind, NULL);
	ck_assert_int_eq(number(two, "select count(*) from t"), 0);
	assert_ok(one, cruet_db_commit(one));
	assert_exec(two, "insert into t values(1)");
	cruet_close(two);
	cruet_close(one);
	cruet_free(app);
}
END_TEST

START_TEST(all_connections_are_in_use)
{
	cruet_app *app = site("\npool=2");
	cruet_ctx *one = open_ctx(app), *two = open_ctx(app), *three = open_ctx(app);

	number(one, "select 1");
	number(two, "select 1");
	int err = cruet_db_exec(three, "select 1");
	ck_assert_str_eq(
		without_folder(cruet_err_text(three)),
		"no connection to DIR/site.db was free within 20 ms: 2 are in use "
		"(option pool)");
	assert_failed(three, err, &cruet_db_busy_kind, NULL);
	cruet_close(one);
	ck_assert_int_eq(number(three, "select 1"), 1);
	cruet_close(three);
	cruet_close(two);
	cruet_free(app);
}
END_TEST

static int add_after(cruet_ctx *c)
{
	return cruet_db_exec(c, "insert into t values(null)");
}

/* The only connection is free once the reply is complete: a hook takes it again. */
START_TEST(a_connection_goes_back_before_the_reply_is_sent)
{
	cruet_app *app = site("\npool=1");

	cruet_finish(app, add_after);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	assert_count(t, "2");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* --- what an application may do about it
 * --------------------------------------------------- */

static int on_db_error(cruet_ctx *c)
{
	return cruet_textf(c, "handled %s", cruet_err_kind(c)->name);
}

static int on_unique(cruet_ctx *c)
{
	return cruet_text(c, "taken");
}

START_TEST(handlers_by_kind)
{
	struct other o = other_start(file("site.db"));
	cruet_app *app = site("");

	cruet_on_kind(app, &cruet_db_error_kind, on_db_error);
	cruet_on_kind(app, &cruet_db_unique_kind, on_unique);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 409);
	ck_assert_str_eq(cruet_client_body(t), "taken");
	other_does(&o, "begin immediate");
	ck_assert_int_eq(cruet_client_get(t, "/add?a=2"), 503);
	ck_assert_str_eq(cruet_client_body(t), "handled db.busy");
	ck_assert_str_eq(cruet_client_header(t, "Retry-After"), "1");
	cruet_client_free(t);
	cruet_free(app);
	other_ends(&o);
}
END_TEST

static int h_add_or_say(cruet_ctx *c)
{
	int err = cruet_db_exec(c, "insert into t(a) values(?)", "x");

	if (err && cruet_err_kind(c) == &cruet_db_unique_kind) {
		cruet_err_clear(c);
		return cruet_text(c, "is there already");
	}
	return err ? err : cruet_text(c, "added");
}

START_TEST(a_handler_that_deals_with_it)
{
	cruet_app *app = site("");
	cruet_get(app, "/say", h_add_or_say);
	cruet_client *t = client_of(app);

	ck_assert_int_eq(cruet_client_get(t, "/say"), 200);
	ck_assert_str_eq(cruet_client_body(t), "added");
	ck_assert_int_eq(cruet_client_get(t, "/say"), 200);
	ck_assert_str_eq(cruet_client_body(t), "is there already");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(texts_of_the_constraints)
{
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);
	int err;

	assert_exec(c, "create table u(a integer primary key, b not null check (b > 0), "
		       "c references t(a))");
	assert_exec(c, "insert into u(a, b) values(1, 1)");
	err = cruet_db_exec(c, "insert into u(a, b) values(1, 1)");
	assert_failed(c, err, &cruet_db_unique_kind,
		      "insert into u(a, b) values(1, 1): UNIQUE constraint failed: u.a");
	err = cruet_db_exec(c, "insert into u(b) values(?)", cruet_db_null());
	assert_failed(c, err, &cruet_db_not_null_kind,
		      "insert into u(b) values(?): NOT NULL constraint failed: u.b");
	err = cruet_db_exec(c, "insert into u(b) values(?)", -1);
	assert_failed(c, err, &cruet_db_check_kind,
		      "insert into u(b) values(?): CHECK constraint failed: b > 0");
	err = cruet_db_exec(c, "insert into u(b, c) values(1, 'nobody')");
	assert_failed(c, err, &cruet_db_foreign_key_kind,
		      "insert into u(b, c) values(1, 'nobody'): FOREIGN KEY constraint "
		      "failed");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(types_and_triggers_are_checks)
{
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);
	int err;

	assert_exec(c, "create table s(n integer) strict");
	err = cruet_db_exec(c, "insert into s values('x')");
	assert_failed(
		c, err, &cruet_db_check_kind,
		"insert into s values('x'): cannot store TEXT value in INTEGER column "
		"s.n");
	assert_exec(c, "create trigger no before delete on t begin select raise(abort, "
		       "'never'); end");
	assert_exec(c, "insert into t values(1)");
	err = cruet_db_exec(c, "delete from t");
	assert_failed(c, err, &cruet_db_check_kind, "delete from t: never");
	assert_exec(c, "create table k(id integer primary key)");
	err = cruet_db_exec(c, "insert into k values('x')");
	assert_failed(c, err, &cruet_db_check_kind,
		      "insert into k values('x'): datatype mismatch");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(other_files_are_not_attached)
{
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);
	int err = cruet_db_exec(c, "attach 'other.db' as other");

	assert_failed(
		c, err, &cruet_db_syntax_kind,
		"attach 'other.db' as other: transactions are made with "
		"cruet_db_begin(), cruet_db_commit() and cruet_db_rollback(), and other "
		"files are opened as instances of the plugin");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

/* --- full
 * ------------------------------------------------------------------------------------ */

/* How many were acknowledged before there was no room. */
static int fill_up(cruet_client *t)
{
	int filled = 0;

	while (cruet_client_get(t, "/fill") == 200)
		filled++;
	ck_assert_int_eq(cruet_client_status(t), 503);
	ck_assert_ptr_null(cruet_client_header(t, "Retry-After"));
	assert_logged(
		"503: insert into big values(zeroblob(1048576)): database or disk is "
		"full");
	return filled;
}

START_TEST(a_full_database)
{
	cruet_app *app = site("\npool=1");
	cruet_client *t = client_of(app);

	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	cruet_ctx *c = open_ctx(app);
	number(c, "pragma max_page_count = 600");
	cruet_close(c);
	ck_assert_int_eq(fill_up(t), 2);
	assert_count(t, "1");
	ck_assert_int_eq(cruet_client_get(t, "/add?a=2"),
			 200); /* a small one still fits */
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* A disk of its own that is gone with this process. False where none may be had: then
 * the test above shows the same failure, without a disk. */
static bool small_disk(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("", "/", "", MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", folder(), "tmpfs", 0, "size=8m") == 0;
}

START_TEST(a_full_disk)
{
	if (!small_disk())
		return;
	cruet_app *app = site("");
	cruet_client *t = client_of(app);

	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	int filled = fill_up(t);
	ck_assert_int_ge(filled, 2);
	assert_count(t, "1");
	cruet_client_free(t);
	cruet_free(app);
	/* All that was acknowledged is there after a restart. */
	app = site("");
	cruet_ctx *c = open_ctx(app);
	ck_assert_int_eq(number(c, "select count(*) from big"), filled);
	ck_assert_int_eq(number(c, "select count(*) from t"), 1);
	ck_assert_str_eq(cruet_db_str_at(cruet_db_one(c, "pragma integrity_check"), 0),
			 "ok");
	cruet_close(c);
	cruet_free(app);
	umount(folder());
}
END_TEST

/* --- gone, read-only, damaged
 * ------------------------------------------------------------------ */

START_TEST(a_database_that_became_read_only)
{
	cruet_app *app = site("\npool=1");
	cruet_client *t = client_of(app);
	cruet_ctx *c = open_ctx(app);

	assert_exec(c, "pragma query_only = on");
	cruet_close(c);
	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 503);
	assert_logged(
		"503: insert into t(a) values(?): attempt to write a readonly database");
	assert_count(t, "0");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(a_write_that_fails)
{
	cruet_app *app = site("\npool=1");
	cruet_client *t = client_of(app);
	struct rlimit was, small = {65536, RLIM_INFINITY};

	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	setrlimit(RLIMIT_FSIZE, &small);
	ck_assert_int_eq(cruet_client_get(t, "/fill"), 503);
	assert_logged("503: insert into big values(zeroblob(1048576)): disk I/O error");
	setrlimit(RLIMIT_FSIZE, &was);
	assert_count(t, "1");
	ck_assert_int_eq(cruet_client_get(t, "/add?a=2"), 200);
	assert_count(t, "2");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(a_damaged_file)
{
	cruet_app *app = site("");
	cruet_client *t = client_of(app);

	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	cruet_client_free(t);
	cruet_free(app);
	int fd = open(file("site.db"), O_WRONLY);
	for (off_t at = 4096; at < lseek(fd, 0, SEEK_END); at += 4096)
		ck_assert_int_eq(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, at),
				 8);
	close(fd);
	app = app_with("");
	routes(app);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/count"), 503);
	assert_logged("503: select count(*) from t: database disk image is malformed");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(a_connection_that_cannot_be_opened)
{
	cruet_app *app = site("\npool=2");
	cruet_ctx *one = open_ctx(app), *two = open_ctx(app);
	const char *moved = textf("%s.moved", folder());

	number(one, "select 1");
	ck_assert_int_eq(rename(folder(), moved), 0);
	int err = cruet_db_exec(two, "select 1");
	ck_assert_str_eq(
		without_folder(cruet_err_text(two)),
		"DIR/site.db cannot be opened: unable to open database file (No such "
		"file or directory)");
	assert_failed(two, err, &cruet_db_unavailable_kind, NULL);
	ck_assert_int_eq(rename(moved, folder()), 0);
	ck_assert_int_eq(number(two, "select 1"), 1); /* its place was given back */
	cruet_close(two);
	cruet_close(one);
	cruet_free(app);
}
END_TEST

/* --- a transaction that SQLite has ended
 * ----------------------------------------------------- */

START_TEST(nothing_runs_after_a_lost_transaction)
{
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);
	static const char lost[] =
		"SQLite rolled the transaction back when a statement in it "
		"failed";

	assert_exec(c, "insert into t values(1)");
	assert_ok(c, cruet_db_begin(c));
	assert_ok(c, cruet_db_begin(c));
	assert_exec(c, "insert into t values(2)");
	/* A conflict clause that ends the whole transaction. */
	int err = cruet_db_exec(c, "insert or rollback into t values(1)");
	assert_failed(c, err, &cruet_db_unique_kind, NULL);
	err = cruet_db_exec(c, "insert into t values(3)");
	assert_failed(c, err, &cruet_db_error_kind,
		      textf("insert into t values(3): not run: %s", lost));
	err = cruet_db_begin(c);
	assert_failed(c, err, &cruet_db_error_kind,
		      textf("begin: %s: call cruet_db_rollback(), or return", lost));
	err = cruet_db_commit(c);
	assert_failed(c, err, &cruet_db_error_kind,
		      textf("commit: %s: call cruet_db_rollback(), or return", lost));
	assert_ok(c, cruet_db_rollback(c));
	assert_exec(c, "insert into t values(4)");
	ck_assert_int_eq(number(c, "select sum(a) from t"), 5);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

SUITE_WITH("sqlite_faults", NULL, teardown, another_process_writes,
	   a_transaction_waits_for_another_process_too,
	   somebody_else_in_this_process_writes, all_connections_are_in_use,
	   a_connection_goes_back_before_the_reply_is_sent, handlers_by_kind,
	   a_handler_that_deals_with_it, texts_of_the_constraints,
	   types_and_triggers_are_checks, other_files_are_not_attached, a_full_database,
	   a_full_disk, a_database_that_became_read_only, a_write_that_fails,
	   a_damaged_file, a_connection_that_cannot_be_opened,
	   nothing_runs_after_a_lost_transaction)
