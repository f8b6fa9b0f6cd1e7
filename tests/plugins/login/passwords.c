/* Passwords in requests: made, checked, and what happens when there are too many. */
#include "fixture.h"

#include <stdatomic.h>
#include <time.h>

static const char *stored; /* the hash of "right" */

static int make(cruet_ctx *c)
{
	const char *hash = cruet_password_hash(c, cruet_query(c, "password"));

	return hash ? cruet_text(c, hash) : cruet_err(c);
}

static int check_password(cruet_ctx *c)
{
	int err = cruet_password_check(c, NULL, stored, cruet_query(c, "password"));

	if (err == CRUET_EDENIED)
		return cruet_text(c, cruet_err(c) ? "wrong, with a failure" : "wrong");
	return err ? err : cruet_text(c, "right");
}

static int stale(cruet_ctx *c)
{
	return cruet_text(c, cruet_password_stale(c, stored) ? "stale" : "fresh");
}

static void site(const char *options)
{
	prepare();
	cruet_use_static(app, &cruet_plugin_login, options);
	cruet_get(app, "/make", make);
	cruet_get(app, "/check", check_password);
	cruet_get(app, "/stale", stale);
	t = client_of(app);
}

static void keep_hash(void)
{
	static char hash[128];

	assert_get(t, "/make?password=right", 200);
	snprintf(hash, sizeof hash, "%s", cruet_client_body(t));
	stored = hash;
}

static void with_hash(void)
{
	site(CHEAP);
	keep_hash();
}

START_TEST(the_password_fits_its_hash)
{
	ck_assert_int_eq(strncmp(stored, "$argon2id$", 10), 0);
	assert_get(t, "/check?password=right", 200);
	assert_body(t, "right");
	assert_get(t, "/check?password=Right", 200);
	assert_body(t, "wrong");
	assert_get(t, "/check?password=", 200);
	assert_body(t, "wrong");
	assert_get(t, "/check", 200);
	assert_body(t, "wrong");
}
END_TEST

START_TEST(a_password_has_bounds)
{
	char path[2000] = "/make?password=";
	size_t n = strlen(path);

	memset(path + n, 'a', 1025);
	assert_get(t, path, 422);
	assert_contains(t, "The password needs 1 to 1024 bytes.");
	path[n + 1024] = '\0';
	assert_get(t, path, 200);
	assert_get(t, "/make?password=", 422);
	assert_get(t, "/make", 422);
	memcpy(path, "/check", 6); /* "/check?password=..." is one letter longer */
	memmove(path + 7, path + 6, n + 1024 - 6);
	memcpy(path, "/check?password=", 16);
	memset(path + 16, 'a', 1025);
	path[16 + 1025] = '\0';
	assert_get(t, path, 200);
	assert_body(t, "wrong");
}
END_TEST

START_TEST(hashes_of_werkzeug_fit_and_are_stale)
{
	stored = "pbkdf2:sha256:1000$vxJlXCXuw5hcydsA$"
		 "7f7b6d89ea1cb322ecb43f18bf6b940d958c88fe9cef1e4c4f816d7257b003ea";
	assert_get(t, "/check?password=correct%20horse", 200);
	assert_body(t, "right");
	assert_get(t, "/check?password=right", 200);
	assert_body(t, "wrong");
	assert_get(t, "/stale", 200);
	assert_body(t, "stale");
	keep_hash();
	assert_get(t, "/stale", 200);
	assert_body(t, "fresh");
}
END_TEST

START_TEST(what_cannot_be_read_fits_nothing_and_is_told)
{
	stored = "right";
	assert_get(t, "/check?password=right", 200);
	assert_body(t, "wrong");
	ck_assert(log_says(
		"a stored password cannot be read: expected a hash that begins with "
		"$argon2id$, scrypt: or pbkdf2:sha256:"));
	ck_assert(!log_says("right"));
	stored = "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg";
	assert_get(t, "/check?password=right", 200);
	assert_body(t, "wrong");
	ck_assert(log_says(
		"the hash of a stored password asks for too much memory or time: "
		"expected at most what option memory_max = 134217728 bytes allows"));
	ck_assert(!log_says("c29tZXNhbHQ"));
}
END_TEST

static double seconds_of(const char *path)
{
	struct timespec a, b;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
	assert_get(t, path, 200);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* The least of some, in CPU time: what else runs on the machine does not count. */
static double least_of(const char *hash)
{
	double least = 1e9;

	stored = hash;
	for (int i = 0; i < 5; i++) {
		double s = seconds_of("/check?password=wrong");
		least = s < least ? s : least;
	}
	return least;
}

START_TEST(who_is_not_there_takes_as_long)
{
	teardown();
	site("memory=8m\nrounds=2");
	keep_hash();
	double there = least_of(stored), not_there = least_of(NULL);
	double unreadable = least_of("nonsense");
	ck_assert_double_gt(not_there, there / 2);
	ck_assert_double_lt(not_there, there * 2);
	ck_assert_double_gt(unreadable, there / 2);
}
END_TEST

/* --- a crowd
 * --------------------------------------------------------------------------------- */

enum { CROWD = 6 };

static atomic_int busy, right;

static void *one_of_them(void *arg)
{
	cruet_client *own = cruet_client_new(app);

	(void)arg;
	int status = cruet_client_get(own, "/check?password=right");
	if (status == 200 && !strcmp(cruet_client_body(own), "right"))
		atomic_fetch_add(&right, 1);
	else if (status == 503 && !strcmp(values(own, "Retry-After"), "1"))
		atomic_fetch_add(&busy, 1);
	cruet_client_free(own);
	return NULL;
}

static void come_all(void)
{
	pthread_t threads[CROWD];

	busy = right = 0;
	for (int i = 0; i < CROWD; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, one_of_them, NULL), 0);
	for (int i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
}

START_TEST(too_many_at_once_are_told_to_come_again)
{
	teardown();
	site("memory=64m\nrounds=2\nat_once=1\nqueue=0\nwait=0");
	keep_hash();
	come_all();
	ck_assert_int_ge(right, 1);
	ck_assert_int_ge(busy, 1);
	ck_assert_int_eq(right + busy, CROWD);
	ck_assert(log_says(
		"no password was hashed: 1 are being hashed, and option queue = 0"));
}
END_TEST

START_TEST(who_has_a_place_to_wait_waits)
{
	teardown();
	site("memory=4m\nrounds=1\nat_once=1\nqueue=16\nwait=60s");
	keep_hash();
	come_all();
	ck_assert_int_eq(right, CROWD);
}
END_TEST

/* --- options
 * ----------------------------------------------------------------------------------- */

static void assert_wrong(const char *options, const char *sentence)
{
	teardown();
	prepare();
	cruet_use_static(app, &cruet_plugin_login, options);
	ck_assert_msg(cruet_problem(app) != NULL, "%s", options);
	ck_assert_str_eq(cruet_problem(app), sentence);
}

START_TEST(options_fit_each_other)
{
	assert_wrong("memory=256m",
		     "plugin 'login': option memory = 268435456 bytes: expected no "
		     "more than memory_max = 134217728");
	assert_wrong("memory=64m\nrounds=9", "plugin 'login': option rounds = 9: "
					     "expected no more than 8, so that 4 times "
					     "memory_max = 134217728 is not exceeded");
	assert_wrong("at_once=65",
		     "plugin 'login': option at_once = \"65\": expected how many "
		     "passwords are hashed at once, up to 64; 0: half as many as there "
		     "are processors, from 1 to 4");
}
END_TEST

START_TEST(it_needs_sessions)
{
	assert_refused(
		&cruet_plugin_login, NULL,
		"plugin 'login' needs service \"session/1\", which no attached plugin "
		"provides: add 'session', which does");
}
END_TEST

SUITE_WITH("login_passwords", with_hash, teardown, the_password_fits_its_hash,
	   a_password_has_bounds, hashes_of_werkzeug_fit_and_are_stale,
	   what_cannot_be_read_fits_nothing_and_is_told, who_is_not_there_takes_as_long,
	   too_many_at_once_are_told_to_come_again, who_has_a_place_to_wait_waits,
	   options_fit_each_other, it_needs_sessions)
