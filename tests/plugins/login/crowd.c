/* A crowd that wants to log in: who waits, and what others notice of it. The test itself
 * stands in the only place where passwords are hashed. */
#include "fixture.h"

#include <cruet/db.h>
#include <cruet/svc/login.h>
#include <sched.h>
#include <stdatomic.h>
#include "login.h" /* to stand in the gate, and to see who waits there */

#define HASH                                                       \
	"pbkdf2:sha256:1000$vxJlXCXuw5hcydsA$7f7b6d89ea1cb322ecb4" \
	"3f18bf6b940d958c88fe9cef1e4c4f816d7257b003ea"

enum { CROWD = 3 };

static struct gate *gate;

static int log_in(cruet_ctx *c)
{
	const char *hash;
	int err = cruet_db_get(c, &hash, "select hash from users where name = ?",
			       cruet_query(c, "name"));

	if (!err)
		err = cruet_password_check(c, cruet_query(c, "name"), hash, "correct horse");
	if (!err)
		err = cruet_login_user(c, "7", false);
	return err ? err : cruet_text(c, "in");
}

static int sign_up(cruet_ctx *c)
{
	const char *hash = cruet_password_hash(c, "correct horse");

	return hash ? cruet_text(c, "welcome") : cruet_err(c);
}

static int page(cruet_ctx *c)
{
	int64_t n;
	int err = cruet_db_get(c, &n, "select count(*) from users");

	return err ? err : cruet_textf(c, "%d", (int)n);
}

/* A database with one connection, for which nobody waits. */
static void site(const char *options)
{
	cruet_service s;

	prepare();
	cruet_use(app, "sqlite", "path=:memory:\nwait=0s");
	cruet_use_static(app, &cruet_plugin_login, options);
	cruet_db_schema(app, "1",
			"create table users(name text, hash text);"
			"insert into users values('ann', '" HASH "');"
			"insert into users values('bob', '" HASH "');");
	cruet_get(app, "/log-in", log_in);
	cruet_get(app, "/sign-up", sign_up);
	cruet_get(app, "/page", page);
	t = client_of(app);
	ck_assert(!cruet_bind(app, CRUET_LOGIN, NULL, sizeof(cruet_login), &s));
	gate = &((struct state *)s.self)->gate;
	ck_assert(gate_enter(gate, 0));
}

static void *come(void *arg)
{
	cruet_client *own = cruet_client_new(app);

	*(int *)arg = cruet_client_get(own, "/log-in?name=ann");
	cruet_client_free(own);
	return NULL;
}

static size_t places_to_wait(void)
{
	pthread_mutex_lock(&gate->lock);
	size_t n = gate->queue;
	pthread_mutex_unlock(&gate->lock);
	return n;
}

START_TEST(who_waits_to_log_in_keeps_the_database_from_nobody)
{
	pthread_t threads[CROWD];
	int status[CROWD];

	site(CHEAP "at_once=1\nqueue=3\nwait=60s");
	for (int i = 0; i < CROWD; i++) { /* one by one, or they meet at the database */
		ck_assert(!pthread_create(&threads[i], NULL, come, &status[i]));
		while (places_to_wait() == (size_t)(CROWD - i))
			sched_yield();
	}
	assert_get(t, "/page", 200);
	assert_body(t, "2");
	assert_get(t, "/log-in?name=bob", 503); /* there is no place to wait */
	gate_leave(gate);
	for (int i = 0; i < CROWD; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(status[i], 200);
	}
}
END_TEST

START_TEST(what_was_not_looked_at_is_no_try)
{
	site(CHEAP "at_once=1\nqueue=0\naccount_tries=1\naddress_tries=1\n"
		   "address_hashes=1");
	for (int i = 0; i < 3; i++) {
		assert_get(t, "/log-in?name=ann", 503);
		assert_header(t, "Retry-After", "6");
		assert_get(t, "/sign-up", 503);
	}
	gate_leave(gate);
	assert_get(t, "/log-in?name=ann", 200);
	assert_get(t, "/sign-up", 200);
	assert_get(t, "/sign-up", 429);
}
END_TEST

/* One line, not two for each. */
START_TEST(a_crowd_that_is_refused_does_not_fill_the_log)
{
	site(CHEAP "at_once=1\nqueue=0\nwait=0s");
	for (int i = 0; i < 50; i++)
		assert_get(t, "/log-in?name=ann", 503);
	ck_assert(log_says("no password was hashed: 1 are being hashed, and option queue = "
			   "0 wait for at most 0 ms (requests that got 503, since this was "
			   "told last: 1)\n"));
	ck_assert_ptr_eq(strchr(logged, '\n') + 1, logged + strlen(logged));
	cruet_clock_set(app, NOON + 60000);
	assert_get(t, "/log-in?name=ann", 503);
	ck_assert(log_says("since this was told last: 50)"));
	gate_leave(gate);
}
END_TEST

SUITE_WITH("login_crowd", NULL, teardown,
	   who_waits_to_log_in_keeps_the_database_from_nobody,
	   what_was_not_looked_at_is_no_try,
	   a_crowd_that_is_refused_does_not_fill_the_log)
