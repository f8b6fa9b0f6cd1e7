/* The promises of "cache/1": what many do at once, and what it knows of itself. */
#include "cache.h"

enum { THREADS = 8, ROUNDS = 200, LARGE = 3000 };

/* A provider gives 0 for what it does not know. */
static void stats_tell_what_happened(struct trial *t)
{
	const cruet_cache_stats before = stats_of(t);
	const void *p;
	size_t n;

	put_text(t, "a", "x");
	expect_value(t, "a", "x", 1);
	expect_int(get(t, "b", &p, &n), CRUET_ENOENT);
	expect_int(get(t, "c", &p, &n), CRUET_ENOENT);
	const cruet_cache_stats now = stats_of(t);
	if (now.hits || now.misses) {
		expect_int((int64_t)(now.hits - before.hits), 1);
		expect_int((int64_t)(now.misses - before.misses), 2);
	}
	if (now.sets)
		expect_int((int64_t)(now.sets - before.sets), 1);
	if (now.bytes_max)
		expect(now.bytes <= now.bytes_max);
}

/* One that was built with fewer members has no room for more. */
static void stats_fill_in_what_the_caller_knows(struct trial *t)
{
	cruet_cache_stats st;
	const unsigned char *bytes = (const unsigned char *)&st;
	size_t known = CRUET_UPTO(cruet_cache_stats, misses);

	memset(&st, 0xa5, sizeof st);
	st.size = (uint32_t)known;
	expect_int(cache_of(t)->stats(t->s.self, t->c, &st), CRUET_OK);
	expect_int(st.size, (int64_t)known);
	for (size_t i = known; i < sizeof st; i++)
		expect_int(bytes[i], 0xa5);
}

static void add_each(struct trial *t, cruet_ctx *c, int which, void *arg)
{
	atomic_int *won = arg;
	char key[] = "k00";

	for (int i = 0; i < ROUNDS; i++) {
		key[1] = (char)('0' + i / 16);
		key[2] = (char)('0' + i % 16);
		int err = cache_of(t)->set(t->s.self, c, key, &which, sizeof which, 0,
					   CRUET_CACHE_ABSENT);
		expect(err == CRUET_OK || err == CRUET_EEXIST);
		if (!err)
			atomic_fetch_add(won, 1);
	}
}

static void of_many_who_add_one_succeeds(struct trial *t)
{
	atomic_int won = 0;

	trial_threads(t, THREADS, add_each, &won);
	expect_int(won, ROUNDS);
}

static void count_each(struct trial *t, cruet_ctx *c, int which, void *arg)
{
	int64_t now;

	(void)arg;
	for (int i = 0; i < ROUNDS; i++)
		expect_int(
			cache_of(t)->incr(t->s.self, c, "n", which % 2 ? 1 : 3, 0, &now),
			CRUET_OK);
}

static void no_count_is_lost(struct trial *t)
{
	int64_t now;

	trial_threads(t, THREADS, count_each, NULL);
	expect_int(incr(t, "n", 0, 0, &now), CRUET_OK);
	expect_int(now, (int64_t)THREADS / 2 * ROUNDS * 4);
}

/* One byte again and again, in lengths that differ. */
static void put_and_look(struct trial *t, cruet_ctx *c, int which, void *arg)
{
	const cruet_cache *vt = cache_of(t);
	char mine[LARGE];

	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		size_t n = (size_t)(1 + which * 977 + i * 131) % LARGE;
		const void *p;
		memset(mine, 'a' + (which + i) % 26, sizeof mine);
		expect_int(
			vt->set(t->s.self, c, "shared", mine, n, 0, CRUET_CACHE_ALWAYS),
			CRUET_OK);
		int err = vt->get(t->s.self, c, "shared", &p, &n);
		expect(err == CRUET_OK || err == CRUET_ENOENT);
		for (size_t k = 1; !err && k < n; k++)
			if (((const char *)p)[k] != *(const char *)p)
				broken("a value of %zu bytes was put together of two", n);
		if (i % 16 == 0)
			expect_int(vt->del(t->s.self, c, "shared"), CRUET_OK);
	}
}

static void values_are_never_torn(struct trial *t)
{
	trial_threads(t, THREADS, put_and_look, NULL);
}

const struct promise cache_many[] = {PROMISE(stats_tell_what_happened),
				     PROMISE(stats_fill_in_what_the_caller_knows),
				     PROMISE(of_many_who_add_one_succeeds),
				     PROMISE(no_count_is_lost),
				     PROMISE(values_are_never_torn),
				     {NULL, NULL}};
