/* A disk that is full, a file that is read-only, damaged or gone: the right status, a
 * line in the log, and nothing lost that was acknowledged. */
#include "site.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

/* --- full ------------------------------------------------------------------------ */

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
	ck_assert_int_eq(cruet_db_begin(c), CRUET_OK);
	number(c, "pragma max_page_count = 600");
	ck_assert_int_eq(cruet_db_commit(c), CRUET_OK);
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

/* --- gone, read-only, damaged ---------------------------------------------------- */

START_TEST(a_database_that_became_read_only)
{
	cruet_app *app = site("\npool=1");
	cruet_client *t = client_of(app);
	cruet_ctx *c = open_ctx(app);

	ck_assert_int_eq(cruet_db_begin(c), CRUET_OK);
	assert_exec(c, "pragma query_only = on");
	ck_assert_int_eq(cruet_db_commit(c), CRUET_OK);
	cruet_close(c);
	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 503);
	assert_logged(
		"503: insert into t(a) values(?): attempt to write a readonly database");
	assert_count(t, "0");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int h_one(cruet_ctx *c)
{
	int64_t id;
	int err = cruet_db_get(c, &id,
			       "insert into big values(zeroblob(1048576)) "
			       "returning rowid");
	return err ? err : cruet_text(c, "written");
}

START_TEST(a_write_that_fails)
{
	cruet_app *app = site("\npool=1");
	cruet_get(app, "/one", h_one);
	cruet_client *t = client_of(app);
	struct rlimit was, small = {65536, RLIM_INFINITY};

	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	setrlimit(RLIMIT_FSIZE, &small);
	ck_assert_int_eq(cruet_client_get(t, "/fill"), 503);
	assert_logged("503: insert into big values(zeroblob(1048576)): disk I/O error");
	/* Here it is the commit, after the row has come, that fails. */
	ck_assert_int_eq(cruet_client_get(t, "/one"), 503);
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

static int h_look(cruet_ctx *c)
{
	int64_t n;
	int err = cruet_db_get(c, &n, "select count(*) from big where b = x'01'");
	return err ? err : cruet_text(c, "fine");
}

static void copy_file(const char *from, const char *to)
{
	char buf[4096];
	FILE *in = fopen(file(from), "r"), *out = fopen(file(to), "w");

	ck_assert(in && out);
	for (size_t n; (n = fread(buf, 1, sizeof buf, in)) > 0;)
		ck_assert_uint_eq(fwrite(buf, 1, n, out), n);
	fclose(in);
	ck_assert_int_eq(fclose(out), 0);
}

START_TEST(a_connection_to_a_damaged_file_is_not_used_again)
{
	cruet_app *app = site("\npool=1");
	cruet_client *t = client_of(app);

	ck_assert_int_eq(cruet_client_get(t, "/fill"), 200);
	cruet_client_free(t);
	cruet_free(app);
	copy_file("site.db", "good.db");
	app = site("\npool=1");
	cruet_get(app, "/look", h_look);
	t = client_of(app);
	assert_count(t, "0");
	ck_assert_int_eq(truncate(file("site.db"), 65536), 0);
	ck_assert_int_eq(cruet_client_get(t, "/look"), 503);
	ck_assert_int_eq(rename(file("good.db"), file("site.db")), 0);
	ck_assert_int_eq(cruet_client_get(t, "/look"), 200);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(a_connection_that_cannot_be_opened)
{
	cruet_app *app = site("\npool=2");
	cruet_ctx *one = open_ctx(app), *two = open_ctx(app);
	const char *moved = textf("%s.moved", folder());

	assert_ok(one, cruet_db_begin(one)); /* has the one that is open */
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

SUITE_WITH("sqlite_broken", NULL, teardown, a_full_database, a_full_disk,
	   a_database_that_became_read_only, a_write_that_fails, a_damaged_file,
	   a_connection_to_a_damaged_file_is_not_used_again,
	   a_connection_that_cannot_be_opened)
