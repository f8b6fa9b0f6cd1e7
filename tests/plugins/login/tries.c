/* How often somebody may be wrong. */
#include "fixture.h"

#include <cruet/cache.h>
#include <cruet/manage.h>
#include <cruet/svc/cache.h>

#define HASH                                                       \
	"pbkdf2:sha256:1000$vxJlXCXuw5hcydsA$7f7b6d89ea1cb322ecb4" \
	"3f18bf6b940d958c88fe9cef1e4c4f816d7257b003ea"
#define MINUTE INT64_C(60000)

static int try_it(cruet_ctx *c)
{
	int err = cruet_password_check(c, cruet_query(c, "name"), HASH,
				       cruet_query(c, "password"));

	if (err == CRUET_EDENIED)
		return cruet_fail(c, 403, "wrong");
	return err ? err : cruet_text(c, "right");
}

static int renew(cruet_ctx *c)
{
	int err = cruet_password_check(c, "ann", HASH, "correct horse");

	if (!err && !cruet_password_hash(c, "correct horse"))
		err = cruet_err(c);
	if (!err && cruet_query(c, "twice"))
		return cruet_password_hash(c, "x") ? cruet_text(c, "made") : cruet_err(c);
	return err ? err : cruet_text(c, "renewed");
}

static void site(const char *options)
{
	prepare();
	cruet_set(app, "server.proxy_for", "1");
	cruet_use_static(app, &cruet_plugin_login, options);
	cruet_get(app, "/try", try_it);
	cruet_get(app, "/renew", renew);
	t = client_of(app);
}

static void three_tries(void)
{
	site(CHEAP "account_tries=3\naddress_tries=5\nwindow=15m");
}

static void from(const char *address)
{
	cruet_client_set_header(t, "X-Forwarded-For", address);
}

#define assert_wrong(name) assert_get(t, "/try?password=x&name=" name, 403)
#define assert_right(name) assert_get(t, "/try?password=correct%20horse&name=" name, 200)
#define assert_halt(name)  assert_get(t, "/try?password=correct%20horse&name=" name, 429)

START_TEST(an_account_has_so_many_tries)
{
	assert_wrong("ann");
	assert_wrong("ann");
	assert_wrong("ann");
	assert_halt("ann");
	assert_header(t, "Retry-After", "900"); /* at noon a window begins */
	assert_contains(t, "Too many tries: try again later.");
	ck_assert(log_says(
		"more than 3 tries to log in to one account: refused for now; the last "
		"one came from 127.0.0.1"));
	ck_assert(!log_says("ann"));
	from("192.0.2.9"); /* from wherever */
	assert_halt("ann");
	assert_right("bob");
	cruet_clock_set(app, NOON + 14 * MINUTE + 59500);
	assert_halt("ann");
	assert_header(t, "Retry-After", "1");
	cruet_clock_set(app, NOON + 15 * MINUTE);
	assert_right("ann");
}
END_TEST

START_TEST(who_is_right_begins_anew)
{
	for (int i = 0; i < 4; i++) {
		assert_wrong("ann");
		assert_wrong("ann");
		cruet_clock_set(app, NOON + (i + 1) * 15 * MINUTE); /* for the address */
		assert_wrong("ann");
		assert_wrong("ann");
		assert_right("ann");
	}
}
END_TEST

START_TEST(an_address_has_so_many_tries)
{
	from("192.0.2.1");
	assert_wrong("a");
	from("192.0.2.1");
	assert_wrong("b");
	from("192.0.2.1");
	assert_wrong("c");
	from("192.0.2.1");
	assert_wrong("d");
	from("192.0.2.1");
	assert_right("me"); /* gives back its own try alone */
	from("192.0.2.1");
	assert_wrong("e");
	from("192.0.2.1");
	assert_halt("f");
	from("192.0.2.2");
	assert_right("f"); /* and was no try of that account */
}
END_TEST

START_TEST(a_network_of_ipv6_is_one_client)
{
	static const char *const one[] = {
		"2001:db8::1", "2001:db8::2",
		"2001:db8:0:0:1::", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8::5"};

	for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
		char path[] = "/try?password=x&name=0";
		path[sizeof path - 2] = (char)('0' + i);
		from(one[i]);
		assert_get(t, path, 403);
	}
	from("2001:db8::6");
	assert_halt("z");
	from("2001:db8:0:1::1");
	assert_right("z");
}
END_TEST

START_TEST(without_an_account_nothing_is_counted)
{
	for (int i = 0; i < 10; i++)
		assert_get(t, "/try?password=x", 403);
	assert_right("ann");
}
END_TEST

START_TEST(limits_can_be_off)
{
	teardown();
	site(CHEAP "account_tries=0\naddress_tries=0");
	for (int i = 0; i < 200; i++)
		assert_wrong("ann");
	assert_right("ann");
}
END_TEST

/* Passwords that are no passwords are tries, too. */
START_TEST(an_empty_password_is_a_try)
{
	for (int i = 0; i < 3; i++)
		assert_get(t, "/try?password=&name=ann", 403);
	assert_halt("ann");
}
END_TEST

/* --- new passwords
 * ----------------------------------------------------------------------- */

static int make(cruet_ctx *c)
{
	return cruet_password_hash(c, "x") ? cruet_text(c, "made") : cruet_err(c);
}

static int make_many(cruet_ctx *c, int argc, char **argv)
{
	(void)argc, (void)argv;
	for (int i = 0; i < 5; i++)
		if (!cruet_password_hash(c, "x"))
			return 1;
	return 0;
}

/* Hashing one costs as much as checking one, so nobody may have it for nothing. */
START_TEST(an_address_has_so_many_new_passwords)
{
	teardown();
	prepare();
	cruet_set(app, "server.proxy_for", "1");
	cruet_use_static(app, &cruet_plugin_login, CHEAP "address_hashes=3");
	cruet_get(app, "/make", make);
	cruet_get(app, "/try", try_it);
	cruet_command(app, "make", "makes five", make_many);
	t = client_of(app);
	for (int i = 0; i < 3; i++) {
		from("192.0.2.1");
		assert_get(t, "/make", 200);
	}
	for (int i = 0; i < 3; i++) {
		from("192.0.2.1");
		assert_get(t, "/make", 429);
	}
	assert_header(t, "Retry-After", "900");
	ck_assert(log_says("more than 3 new passwords to hash from one address: refused "
			   "for now; the last one came from 192.0.2.1"));
	from("192.0.2.1");
	assert_right("ann"); /* which is another matter */
	from("192.0.2.2");
	assert_get(t, "/make", 200);
	ck_assert_int_eq(cruet_client_command(t, "make", 0, NULL), 0);
	cruet_clock_set(app, NOON + 15 * MINUTE);
	from("192.0.2.1");
	assert_get(t, "/make", 200);
}
END_TEST

/* All users of a site that has moved, behind one address. */
START_TEST(a_hash_of_a_right_password_is_renewed_for_nothing)
{
	teardown();
	site(CHEAP "address_hashes=1");
	from("192.0.2.1");
	for (int i = 0; i < 5; i++)
		assert_get(t, "/renew", 200);
	assert_get(t, "/renew?twice", 200);
	assert_get(t, "/renew?twice", 429);
	assert_get(t, "/renew", 200);
}
END_TEST

/* --- another instance
 * -------------------------------------------------------------------- */

START_TEST(a_reload_gives_nobody_new_tries)
{
	teardown();
	prepare();
	cruet_use(app, "login", CHEAP "account_tries=3\naddress_tries=5\naddress_hashes=1");
	cruet_get(app, "/try", try_it);
	cruet_get(app, "/make", make);
	t = client_of(app);
	for (int i = 0; i < 3; i++)
		assert_wrong("ann");
	assert_get(t, "/make", 200);
	ck_assert_msg(!cruet_plugin_reload(app, "login", NULL), "%s", cruet_problem(app));
	assert_halt("ann");
	assert_wrong("bob");
	assert_halt("carl"); /* the sixth of this address */
	assert_get(t, "/make", 429);
}
END_TEST

/* --- in a cache
 * --------------------------------------------------------------------------- */

static int stored_keys(cruet_ctx *c)
{
	cruet_cache_stats st = {.size = sizeof st};

	return cruet_cache_stats_get(c, &st)
		       ? cruet_err(c)
		       : cruet_textf(c, "%llu", (unsigned long long)st.entries);
}

START_TEST(a_cache_counts_where_there_is_one)
{
	teardown();
	prepare();
	cruet_use(app, "cache", "memory=1m");
	cruet_use_static(app, &cruet_plugin_login, CHEAP "account_tries=3\nwindow=15m");
	cruet_get(app, "/try", try_it);
	cruet_get(app, "/keys", stored_keys);
	t = client_of(app);
	assert_wrong("ann");
	assert_wrong("ann");
	assert_get(t, "/keys", 200);
	assert_body(t, "2"); /* the account and the address */
	assert_right("ann");
	assert_get(t, "/keys", 200);
	assert_body(t, "1");
	for (int i = 0; i < 3; i++)
		assert_wrong("ann");
	assert_halt("ann");
	cruet_clock_set(app, NOON + 15 * MINUTE);
	assert_right("ann");
}
END_TEST

/* A cache that is away: what it would have counted is counted here. */
static int away_incr(void *self, cruet_ctx *c, const char *key, int64_t by, uint64_t ttl,
		     int64_t *now)
{
	(void)self, (void)c, (void)key, (void)by, (void)ttl, (void)now;
	return CRUET_EIO;
}

static int away_del(void *self, cruet_ctx *c, const char *key)
{
	(void)self, (void)c, (void)key;
	return CRUET_EIO;
}

static const cruet_cache away = {.size = sizeof away, .incr = away_incr, .del = away_del};

static int away_init(cruet_app *a)
{
	return cruet_provide(a, CRUET_CACHE, &away, NULL);
}

static const char *const away_provides[] = {CRUET_CACHE, NULL};

CRUET_PLUGIN(away, .provides = away_provides, .init = away_init);

START_TEST(a_cache_that_is_away_is_replaced)
{
	teardown();
	prepare();
	cruet_use_static(app, &cruet_plugin_away, NULL);
	cruet_use_static(app, &cruet_plugin_login, CHEAP "account_tries=3");
	cruet_get(app, "/try", try_it);
	t = client_of(app);
	for (int i = 0; i < 3; i++)
		assert_wrong("ann");
	assert_halt("ann");
	assert_right("bob");
	ck_assert(log_says(
		"the cache 'away' does not count tries: input or output failed: they "
		"are counted in this process alone"));
}
END_TEST

SUITE_WITH("login_tries", three_tries, teardown, an_account_has_so_many_tries,
	   who_is_right_begins_anew, an_address_has_so_many_tries,
	   a_network_of_ipv6_is_one_client, without_an_account_nothing_is_counted,
	   limits_can_be_off, an_empty_password_is_a_try,
	   an_address_has_so_many_new_passwords,
	   a_hash_of_a_right_password_is_renewed_for_nothing, a_reload_gives_nobody_new_tries,
	   a_cache_counts_where_there_is_one, a_cache_that_is_away_is_replaced)
