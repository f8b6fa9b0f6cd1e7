/* The promises of "session_store/1". */
#include "trial.h"

#include <cruet/svc/session_store.h>

/* Ids as the session plugin makes them; they differ in the last letter, and in the case
 * of the first. */
static const char id_a[] = "Vt3_0bYw-9xKq2mZ7LrD4pHs1CfJ8uEa";
static const char id_b[] = "Vt3_0bYw-9xKq2mZ7LrD4pHs1CfJ8uEb";
static const char id_c[] = "vt3_0bYw-9xKq2mZ7LrD4pHs1CfJ8uEa";

enum { HOUR = 3600000, THREADS = 8, ROUNDS = 40, LARGE = 64 << 10 };

static const cruet_session_store *store_of(const struct trial *t)
{
	return t->s.vt;
}

static int load(struct trial *t, const char *id, const void **p, size_t *n)
{
	return store_of(t)->load(t->s.self, t->c, id, p, n);
}

static int save(struct trial *t, const char *id, const char *text, uint64_t ttl_ms)
{
	return store_of(t)->save(t->s.self, t->c, id, text, strlen(text), ttl_ms);
}

static int drop(struct trial *t, const char *id)
{
	return store_of(t)->drop(t->s.self, t->c, id);
}

static bool has_update(const struct trial *t)
{
	return CRUET_HAS(store_of(t), cruet_session_store, update);
}

static int update(struct trial *t, const char *id, const char *text, uint64_t ttl_ms)
{
	return store_of(t)->update(t->s.self, t->c, id, text, strlen(text), ttl_ms);
}

static bool gone(struct trial *t, const char *id)
{
	const void *p;
	size_t n;
	int err = load(t, id, &p, &n);

	expect(err == CRUET_OK || err == CRUET_ENOENT);
	return err == CRUET_ENOENT;
}

#define expect_session(t, id, want)                          \
	do {                                                 \
		const void *p_;                              \
		size_t n_;                                   \
		expect_int(load(t, id, &p_, &n_), CRUET_OK); \
		expect_bytes(p_, n_, want, strlen(want));    \
	} while (0)

static void nothing_is_there_at_first(struct trial *t)
{
	const void *p;
	size_t n;

	expect_int(load(t, id_a, &p, &n), CRUET_ENOENT);
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void what_is_saved_is_loaded(struct trial *t)
{
	expect_int(save(t, id_a, "{\"name\":\"Ada\"}", HOUR), CRUET_OK);
	expect_session(t, id_a, "{\"name\":\"Ada\"}");
	expect_session(t, id_a, "{\"name\":\"Ada\"}");
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void all_see_it(struct trial *t)
{
	expect_int(save(t, id_a, "x", HOUR), CRUET_OK);
	cruet_close(t->c);
	t->c = trial_open(t);
	expect_session(t, id_a, "x");
}

static void any_bytes_come_back(struct trial *t)
{
	static const char bytes[] = "\0\xff'\"\n\0\x80";
	const void *p;
	size_t n;

	expect_int(
		store_of(t)->save(t->s.self, t->c, id_a, bytes, sizeof bytes - 1, HOUR),
		CRUET_OK);
	expect_int(load(t, id_a, &p, &n), CRUET_OK);
	expect_bytes(p, n, bytes, sizeof bytes - 1);
	expect_int(save(t, id_a, "", HOUR), CRUET_OK);
	expect_session(t, id_a, "");
}

static void sixty_four_KiB_are_taken(struct trial *t)
{
	char *large = cruet_alloc(t->c, LARGE);
	const void *p;
	size_t n;

	for (size_t i = 0; i < LARGE; i++)
		large[i] = (char)(i * 7 >> 2);
	expect_int(store_of(t)->save(t->s.self, t->c, id_a, large, LARGE, HOUR),
		   CRUET_OK);
	expect_int(load(t, id_a, &p, &n), CRUET_OK);
	expect_bytes(p, n, large, LARGE);
}

/* One that takes any size is fine too. */
static void what_is_too_large_is_refused(struct trial *t)
{
	size_t n = 40 << 20;
	char *large = cruet_alloc(t->c, n);

	int err = store_of(t)->save(t->s.self, t->c, id_a, large, n, HOUR);
	expect(err == CRUET_OK || err == CRUET_ELIMIT);
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void saving_again_replaces(struct trial *t)
{
	expect_int(save(t, id_a, "a longer text", HOUR), CRUET_OK);
	expect_int(save(t, id_a, "b", HOUR), CRUET_OK);
	expect_session(t, id_a, "b");
}

static void sessions_are_told_apart(struct trial *t)
{
	expect_int(save(t, id_a, "a", HOUR), CRUET_OK);
	expect(gone(t, id_b));
	expect(gone(t, id_c));
	expect_int(save(t, id_b, "b", HOUR), CRUET_OK);
	expect_int(save(t, id_c, "c", HOUR), CRUET_OK);
	expect_session(t, id_a, "a");
	expect_int(drop(t, id_a), CRUET_OK);
	expect_session(t, id_b, "b");
	expect_session(t, id_c, "c");
}

static void what_is_dropped_is_gone(struct trial *t)
{
	expect_int(drop(t, id_a), CRUET_OK); /* nothing to drop is fine */
	expect_int(save(t, id_a, "a", HOUR), CRUET_OK);
	expect_int(drop(t, id_a), CRUET_OK);
	expect(gone(t, id_a));
	expect_int(drop(t, id_a), CRUET_OK);
}

static void what_was_loaded_lives_as_long_as_the_ctx(struct trial *t)
{
	const void *p;
	size_t n;

	expect_int(save(t, id_a, "first", HOUR), CRUET_OK);
	expect_int(load(t, id_a, &p, &n), CRUET_OK);
	expect_int(save(t, id_a, "other", HOUR), CRUET_OK);
	expect_int(drop(t, id_a), CRUET_OK);
	expect_bytes(p, n, "first", 5);
}

static void a_session_expires(struct trial *t)
{
	expect_int(save(t, id_a, "a", 100), CRUET_OK);
	expect_int(save(t, id_b, "b", HOUR), CRUET_OK);
	expect_int(save(t, id_c, "c", UINT64_MAX), CRUET_OK);
	wait_until(gone(t, id_a));
	expect(!gone(t, id_b));
	expect(!gone(t, id_c));
	expect_int(save(t, id_a, "again", HOUR), CRUET_OK);
	expect_session(t, id_a, "again");
}

static void saving_again_gives_another_time(struct trial *t)
{
	expect_int(save(t, id_a, "a", 100), CRUET_OK);
	expect_int(save(t, id_a, "a", HOUR), CRUET_OK);
	expect_int(save(t, id_b, "b", HOUR), CRUET_OK);
	expect_int(save(t, id_b, "b", 200), CRUET_OK);
	wait_until(gone(t, id_b));
	expect(!gone(t, id_a));
}

/* Where there is no update, requests save all the same. */
static void what_has_ended_is_not_brought_back(struct trial *t)
{
	if (!has_update(t))
		return;
	expect_int(update(t, id_a, "a", HOUR), CRUET_ENOENT);
	expect(gone(t, id_a));
	expect_int(save(t, id_a, "a", HOUR), CRUET_OK);
	expect_int(update(t, id_a, "b", HOUR), CRUET_OK);
	expect_session(t, id_a, "b");
	expect_int(update(t, id_a, "c", 100), CRUET_OK);
	wait_until(gone(t, id_a));
	expect_int(update(t, id_a, "d", HOUR), CRUET_ENOENT);
	expect(gone(t, id_a));
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void sweeping_leaves_what_lives(struct trial *t)
{
	if (!CRUET_HAS(store_of(t), cruet_session_store,
		       sweep)) /* they go by themselves */
		return;
	expect_int(save(t, id_a, "a", 50), CRUET_OK);
	expect_int(save(t, id_b, "b", HOUR), CRUET_OK);
	wait_until(gone(t, id_a));
	cruet_close(t->c); /* it may need what the ctx holds */
	t->c = NULL;
	expect(store_of(t)->sweep(t->s.self) >= 0);
	expect_int(store_of(t)->sweep(t->s.self), 0);
	t->c = trial_open(t);
	expect(gone(t, id_a));
	expect_session(t, id_b, "b");
}

/* --- many at once ----------------------------------------------------------------------
 */

/* All use one session; what it holds is always of one of them, and whole. */
static void share(struct trial *t, cruet_ctx *c, int which, void *arg)
{
	const cruet_session_store *vt = store_of(t);
	char mine[2000];

	(void)arg;
	memset(mine, 'a' + which, sizeof mine);
	for (int i = 0; i < ROUNDS; i++) {
		const void *p;
		size_t n = sizeof mine - (size_t)which * 100;
		expect_int(vt->save(t->s.self, c, id_a, mine, n, HOUR), CRUET_OK);
		int err = vt->load(t->s.self, c, id_a, &p, &n);
		expect(err == CRUET_OK || err == CRUET_ENOENT);
		for (size_t k = 1; !err && k < n; k++)
			if (((const char *)p)[k] != *(const char *)p)
				broken("a session of %zu bytes was put together of two",
				       n);
		if (i % 16 == 0)
			expect_int(vt->drop(t->s.self, c, id_a), CRUET_OK);
	}
}

static void sessions_are_never_torn(struct trial *t)
{
	cruet_close(t->c);
	t->c = NULL;
	trial_threads(t, THREADS, share, NULL);
}

/* --- in requests ------------------------------------------------------------------- */

/* As the session plugin does, if ?finish is asked for. */
static int save_at_the_end(cruet_ctx *c)
{
	const struct trial *t = cruet_data(c);

	if (!t || !cruet_query(c, "finish"))
		return CRUET_OK;
	return store_of(t)->save(t->s.self, c, id_a, "saved", 5, HOUR) ? 500 : CRUET_OK;
}

static int h_fails(cruet_ctx *c)
{
	const struct trial *t = cruet_data(c);
	const void *p;
	size_t n;
	int err = store_of(t)->load(t->s.self, c, id_a, &p, &n);

	if (err && err != CRUET_ENOENT)
		return err;
	return cruet_fail(c, 409, "no");
}

static void setup(struct trial *t)
{
	cruet_rule rule = {.size = sizeof rule,
			   .methods = "GET",
			   .path = "/fails",
			   .fn = h_fails,
			   .name = "fails",
			   .data = t};

	cruet_route(t->app, &rule);
	cruet_finish(t->app, save_at_the_end);
}

static void a_request_that_fails_keeps_its_session(struct trial *t)
{
	cruet_client *client = trial_client(t);

	expect_get(client, "/fails?finish=1", 409);
	expect_session(t, id_a, "saved");
	cruet_client_free(client);
}

static const struct promise promises[] = {
	PROMISE(nothing_is_there_at_first),
	PROMISE(what_is_saved_is_loaded),
	PROMISE(all_see_it),
	PROMISE(any_bytes_come_back),
	PROMISE(sixty_four_KiB_are_taken),
	PROMISE(what_is_too_large_is_refused),
	PROMISE(saving_again_replaces),
	PROMISE(sessions_are_told_apart),
	PROMISE(what_is_dropped_is_gone),
	PROMISE(what_was_loaded_lives_as_long_as_the_ctx),
	PROMISE(a_session_expires),
	PROMISE(saving_again_gives_another_time),
	PROMISE(what_has_ended_is_not_brought_back),
	PROMISE(sweeping_leaves_what_lives),
	PROMISE(sessions_are_never_torn),
	PROMISE(a_request_that_fails_keeps_its_session),
	{NULL, NULL}};

const struct contract contract_session_store = {
	.service = CRUET_SESSION_STORE,
	.need = CRUET_UPTO(cruet_session_store, drop),
	.setup = setup,
	.parts = {promises}};
