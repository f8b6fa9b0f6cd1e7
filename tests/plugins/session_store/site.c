/* A site whose sessions are on the server, in a table and in a cache. */
#include "fixture.h"

/* BLAKE2b, 32 bytes of it in base64url, of an id that is all A. */
#define KNOWN_HASH "chfm__wHoDxQdfoAR-lZWOSENTUi34Ccs6P_mNtfgo0"

static cruet_app *app;
static cruet_client *ada, *bob; /* two browsers */
static bool cached;

/* --- handlers ---------------------------------------------------------------------- */

static int h_login(cruet_ctx *c)
{
	cruet_session_renew(c);
	cruet_session_set_str(c, "name", cruet_query(c, "as"));
	return cruet_text(c, "in");
}

static int h_logout(cruet_ctx *c)
{
	cruet_session_clear(c);
	return cruet_text(c, "out");
}

static int h_who(cruet_ctx *c)
{
	return cruet_text(c, cruet_session_str(c, "name", "nobody"));
}

static int h_count(cruet_ctx *c)
{
	cruet_session_set_int(c, "n", cruet_session_int(c, "n", 0) + 1);
	return cruet_textf(c, "%d", (int)cruet_session_int(c, "n", 0));
}

/* Ends while this one is on its way: the same browser, another request. */
static int h_slow(cruet_ctx *c)
{
	cruet_session_set_str(c, "cart", "full");
	int status = cruet_client_get(ada, "/logout");
	return cruet_textf(c, "%d", status);
}

/* Leaves a transaction open and says why it failed in the session. */
static int h_fails(cruet_ctx *c)
{
	int err = cruet_db_begin(c);

	if (!err)
		err = cruet_db_exec(c, "insert into notes values('lost')");
	cruet_session_set_str(c, "name", "still here");
	return err ? err : cruet_fail(c, 409, "no");
}

static int h_forgets(cruet_ctx *c)
{
	int err = cruet_db_begin(c);

	cruet_session_set_str(c, "name", "still here");
	return err ? err : cruet_text(c, "done");
}

static int h_fill(cruet_ctx *c)
{
	size_t n = (size_t)cruet_query_int(c, "n", 0);
	char *text = cruet_alloc(c, n + 1);

	memset(text, 'x', n);
	cruet_session_set_str(c, "fill", text);
	return cruet_text(c, "filled");
}

static void routes(void)
{
	cruet_get(app, "/login", h_login);
	cruet_get(app, "/logout", h_logout);
	cruet_get(app, "/who", h_who);
	cruet_get(app, "/count", h_count);
	cruet_get(app, "/slow", h_slow);
	cruet_get(app, "/fails", h_fails);
	cruet_get(app, "/forgets", h_forgets);
	cruet_get(app, "/fill", h_fill);
}

static void begin(const char *session_options)
{
	char options[256];

	snprintf(options, sizeof options, "store=server\n%s", session_options);
	cruet_use(app, "session", options);
	routes();
	ada = cruet_client_new(app);
	bob = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
}

static void on_db(void)
{
	app = new_app();
	use_db(app, NULL);
	cruet_db_schema(app, "notes", "create table notes(text text)");
	begin("lifetime=1h");
}

static void on_cache(void)
{
	app = new_app();
	use_cache(app, "memory=1m\nshards=1");
	begin("lifetime=1h\nmax_size=1m");
	cached = true;
}

static void teardown(void)
{
	cruet_client_free(ada);
	cruet_client_free(bob);
	cruet_free(app);
	folder_done();
}

/* Entries of the store, wherever they are. */
static int64_t kept(void)
{
	cruet_cache_stats st = {.size = sizeof st};

	if (!cached)
		return rows(app);
	cruet_ctx *c = open_ctx(app);
	ck_assert_int_eq(cruet_cache_stats_get(c, &st), CRUET_OK);
	cruet_close(c);
	return (int64_t)st.entries;
}

/* --- both -------------------------------------------------------------------------- */

START_TEST(a_session_lasts_from_request_to_request)
{
	assert_says(ada, "/who", "nobody");
	assert_get(ada, "/login?as=Ada", 200);
	assert_get(bob, "/login?as=Bob", 200);
	assert_says(ada, "/who", "Ada");
	assert_says(bob, "/who", "Bob");
	for (int i = 1; i <= 5; i++)
		assert_get(ada, "/count", 200);
	ck_assert_str_eq(cruet_client_body(ada), "5");
	ck_assert_int_eq(kept(), 2);
	ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(a_renewed_session_has_another_id_and_the_old_one_is_worth_nothing)
{
	assert_get(ada, "/count", 200);
	char *planted = strdup(cruet_client_cookie(ada, "session"));
	assert_get(ada, "/login?as=Ada", 200);
	ck_assert_int_eq(kept(), 1);
	assert_says(ada, "/count", "2");
	cruet_client_set_cookie(bob, "session", planted);
	assert_says(bob, "/who", "nobody");
	assert_says(bob, "/count", "1");
	free(planted);
}
END_TEST

START_TEST(a_log_out_is_for_good)
{
	assert_get(ada, "/login?as=Ada", 200);
	char *copy = strdup(cruet_client_cookie(ada, "session"));
	assert_get(ada, "/logout", 200);
	ck_assert_int_eq(kept(), 0);
	cruet_client_set_cookie(ada, "session", copy);
	assert_says(ada, "/who", "nobody");
	free(copy);
}
END_TEST

START_TEST(what_was_ended_meanwhile_is_not_brought_back)
{
	assert_get(ada, "/login?as=Ada", 200);
	cruet_client_set_cookie(bob, "session", cruet_client_cookie(ada, "session"));
	assert_says(bob, "/slow", "200"); /* in it, ada logs out */
	ck_assert_ptr_null(cruet_client_header(bob, "Set-Cookie"));
	ck_assert_int_eq(kept(), 0);
	assert_says(bob, "/who", "nobody");
	ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(a_session_expires)
{
	assert_get(ada, "/login?as=Ada", 200);
	cruet_clock_set(app, NOON + 3599000);
	assert_says(ada, "/who", "Ada");
	cruet_clock_set(app, NOON + 3601000);
	assert_says(ada, "/who", "nobody");
}
END_TEST

#define BOTH                                                                         \
	a_session_lasts_from_request_to_request,                                     \
		a_renewed_session_has_another_id_and_the_old_one_is_worth_nothing,   \
		a_log_out_is_for_good, what_was_ended_meanwhile_is_not_brought_back, \
		a_session_expires

/* --- in a table -------------------------------------------------------------------- */

START_TEST(the_table_holds_no_id)
{
	const char *text;

	assert_get(ada, "/login?as=Ada", 200);
	/* 1i. PAYLOAD: the id in base64 */
	const char *cookie = cruet_client_cookie(ada, "session");
	ck_assert_int_eq(strncmp(cookie, "1i.", 3), 0);
	cruet_ctx *c = open_ctx(app);
	ck_assert(!cruet_db_get(c, &text, "select id from session_store"));
	ck_assert_uint_eq(strlen(text), 43);
	ck_assert_uint_ne(strlen(text), ID_LEN);
	ck_assert_ptr_null(strstr(cookie, text));
	ck_assert_int_eq(number(c, "select expires_at from session_store"),
			 NOON + 3600000);
	ck_assert(
		!cruet_db_get(c, &text, "select cast(data as text) from session_store"));
	ck_assert_str_eq(text, "{\"name\":\"Ada\"}");
	cruet_close(c);
}
END_TEST

START_TEST(the_hash_is_blake2b)
{
	teardown();
	app = new_app();
	use_db(app, NULL);
	cruet_service s;
	ck_assert_int_eq(cruet_bind(app, CRUET_SESSION_STORE, NULL,
				    sizeof(cruet_session_store), &s),
			 CRUET_OK);
	cruet_ctx *c = open_ctx(app);
	const cruet_session_store *vt = s.vt;
	const char *text;
	ck_assert_int_eq(
		vt->save(s.self, c, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", 1, 9),
		CRUET_OK);
	ck_assert(!cruet_db_get(c, &text, "select id from session_store"));
	ck_assert_str_eq(text, KNOWN_HASH);
	cruet_close(c);
	ada = bob = NULL;
}
END_TEST

START_TEST(a_session_is_no_part_of_what_a_handler_left_open)
{
	assert_get(ada, "/fails", 409);
	assert_says(ada, "/who", "still here");
	assert_get(bob, "/forgets", 500);
	assert_says(bob, "/who", "still here");
	cruet_ctx *c = open_ctx(app);
	ck_assert_int_eq(number(c, "select count(*) from notes"), 0);
	cruet_close(c);
}
END_TEST

START_TEST(a_database_that_fails_is_a_503_and_loses_nothing)
{
	assert_get(ada, "/login?as=Ada", 200);
	cruet_ctx *c = open_ctx(app);
	ck_assert(!cruet_db_exec(c, "alter table session_store rename to away"));
	assert_get(ada, "/who", 503);
	assert_logged(
		"the session store 'session_store' could not load it: input or output "
		"failed");
	assert_logged(
		"select data from session_store where id = ? and expires_at > ?: no "
		"such table: session_store");
	assert_get(bob, "/count", 503);
	assert_logged("could not save it: input or output failed");
	ck_assert(!cruet_db_exec(c, "alter table away rename to session_store"));
	assert_says(ada, "/who", "Ada");
	cruet_close(c);
}
END_TEST

START_TEST(the_application_starts_again_with_the_sessions_it_had)
{
	assert_get(ada, "/login?as=Ada", 200);
	char *cookie = strdup(cruet_client_cookie(ada, "session"));
	cruet_client_free(ada);
	cruet_client_free(bob);
	cruet_free(app);
	on_db();
	cruet_client_set_cookie(bob, "session", cookie);
	assert_says(bob, "/who", "Ada");
	free(cookie);
}
END_TEST

/* --- in a cache -------------------------------------------------------------------- */

START_TEST(a_session_that_had_to_go_is_an_empty_one)
{
	char key[16];

	assert_get(ada, "/login?as=Ada", 200);
	cruet_ctx *c = open_ctx(app);
	static const char large[10000];
	for (int i = 0; i < 500; i++) {
		snprintf(key, sizeof key, "k%d", i);
		ck_assert_int_eq(cruet_cache_set(c, key, large, sizeof large, 0),
				 CRUET_OK);
	}
	cruet_close(c);
	assert_says(ada, "/who", "nobody");
	assert_says(ada, "/count", "1");
	ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(more_than_the_cache_takes_is_a_sentence)
{
	assert_get(ada, "/fill?n=100000", 200);
	assert_get(ada, "/fill?n=1000000", 503);
	assert_logged("the session store 'session_store' could not save it: over a size "
		      "limit");
}
END_TEST

START_TEST(the_key_is_told_from_others)
{
	cruet_service s;

	teardown();
	app = new_app();
	use_cache(app, "memory=1m");
	ck_assert_int_eq(cruet_bind(app, CRUET_SESSION_STORE, NULL,
				    sizeof(cruet_session_store), &s),
			 CRUET_OK);
	cruet_service cache;
	ck_assert_int_eq(cruet_bind(app, CRUET_CACHE, NULL, sizeof(cruet_cache), &cache),
			 CRUET_OK);
	cruet_ctx *c = open_ctx(app);
	const cruet_session_store *vt = s.vt;
	const cruet_cache *below = cache.vt;
	const void *p;
	size_t n;
	ck_assert_int_eq(
		vt->save(s.self, c, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", 1, 900),
		CRUET_OK);
	ck_assert_int_eq(below->get(cache.self, c, "session_store:" KNOWN_HASH, &p, &n),
			 CRUET_OK);
	ck_assert(!vt->sweep); /* they go by themselves */
	cruet_close(c);
	ada = bob = NULL;
}
END_TEST

int main(void)
{
	const TTest *const table[] = {
		BOTH,
		the_table_holds_no_id,
		the_hash_is_blake2b,
		a_session_is_no_part_of_what_a_handler_left_open,
		a_database_that_fails_is_a_503_and_loses_nothing,
		the_application_starts_again_with_the_sessions_it_had};
	const TTest *const cache[] = {BOTH, a_session_that_had_to_go_is_an_empty_one,
				      more_than_the_cache_takes_is_a_sentence,
				      the_key_is_told_from_others};
	int a = suite_run_with("session_store_db", table, sizeof table / sizeof *table,
			       60, on_db, teardown);
	int b = suite_run_with("session_store_cache", cache, sizeof cache / sizeof *cache,
			       60, on_cache, teardown);
	return a ? a : b;
}
