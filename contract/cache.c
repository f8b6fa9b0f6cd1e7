/* The promises of "cache/1": entries, one after the other. What many do at once, and the
 * plain functions of cruet/cache.h, are in cache_many.c. */
#include "cache.h"

static void nothing_is_there_at_first(struct trial *t)
{
	const void *p;
	size_t n;

	expect_int(get(t, "a", &p, &n), CRUET_ENOENT);
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void what_was_put_in_comes_out(struct trial *t)
{
	static const char bytes[] = "\0\xff\n\0 \x80";

	put(t, "bytes", bytes, sizeof bytes - 1, 0);
	expect_value(t, "bytes", bytes, sizeof bytes - 1);
	expect_value(t, "bytes", bytes, sizeof bytes - 1); /* also a second time */
}

static void a_nul_stands_behind_the_value(struct trial *t)
{
	const void *p;
	size_t n;

	put_text(t, "a", "text");
	expect_int(get(t, "a", &p, &n), CRUET_OK);
	expect_int(((const char *)p)[n], '\0');
}

static void an_empty_value_is_a_value(struct trial *t)
{
	put(t, "a", NULL, 0, 0);
	expect_value(t, "a", "", 0);
	put(t, "b", "", 0, 0);
	expect_value(t, "b", "", 0);
}

static void a_large_value_comes_out_whole(struct trial *t)
{
	size_t n = 100000;
	char *large = cruet_alloc(t->c, n);

	for (size_t i = 0; i < n; i++)
		large[i] = (char)(i * 31 >> 3);
	put(t, "large", large, n, 0);
	expect_value(t, "large", large, n);
	put(t, "large", large, n - 4321, 0);
	expect_value(t, "large", large, n - 4321);
}

static void a_new_value_takes_the_place_of_the_old(struct trial *t)
{
	put_text(t, "a", "one");
	put_text(t, "a", "another");
	expect_value(t, "a", "another", 7);
	put_text(t, "a", "3");
	expect_value(t, "a", "3", 1);
}

static void keys_are_compared_whole(struct trial *t)
{
	static const char *const keys[] = {"a",	   "ab",   "A",	   "a ",       "a:b",
					   "a*",   "a\n",  "\xff", "\xc3\xa4", "[a]",
					   "a\\b", "{a}b", "?",	   "a/b",      "%61"};
	size_t n = sizeof keys / sizeof *keys;

	for (size_t i = 0; i < n; i++)
		put(t, keys[i], &i, sizeof i, 0);
	for (size_t i = 0; i < n; i++)
		expect_value(t, keys[i], &i, sizeof i);
}

static void a_key_has_1_to_250_bytes(struct trial *t)
{
	char long_key[CRUET_CACHE_KEY_MAX + 2];
	const void *p;
	size_t n;
	int64_t now;

	memset(long_key, 'k', sizeof long_key);
	long_key[CRUET_CACHE_KEY_MAX] = '\0';
	put_text(t, long_key, "long");
	expect_value(t, long_key, "long", 4);
	long_key[CRUET_CACHE_KEY_MAX] = 'k';
	long_key[CRUET_CACHE_KEY_MAX + 1] = '\0';
	for (int i = 0; i < 2; i++) {
		const char *key = i ? "" : long_key;
		expect_int(get(t, key, &p, &n), CRUET_EINVAL);
		expect_int(set(t, key, "x", 1, 0, CRUET_CACHE_ALWAYS), CRUET_EINVAL);
		expect_int(incr(t, key, 1, 0, &now), CRUET_EINVAL);
		expect_int(touch(t, key, 0), CRUET_EINVAL);
		expect_int(del(t, key), CRUET_EINVAL);
	}
	expect_int(cruet_err(t->c), CRUET_OK); /* the caller says what it means */
}

static void a_value_that_is_too_large_is_refused_and_the_old_one_gone(struct trial *t)
{
	const void *p;
	size_t n = (size_t)stats_of(t).value_max;

	if (!n || n > 64 << 20) /* it does not say, or it is too much for a test */
		return;
	char *large = cruet_alloc(t->c, n + 1);
	put_text(t, "a", "old");
	expect_int(set(t, "a", large, n + 1, 0, CRUET_CACHE_ABSENT) == CRUET_OK, false);
	expect_value(t, "a", "old", 3);
	expect_int(set(t, "a", large, n + 1, 0, CRUET_CACHE_ALWAYS), CRUET_ELIMIT);
	expect_int(get(t, "a", &p, &n), CRUET_ENOENT);
	n = (size_t)stats_of(t).value_max;
	put(t, "a", large, n, 0);
	expect_value(t, "a", large, n);
}

static void what_was_got_lives_as_long_as_the_ctx(struct trial *t)
{
	const void *p;
	size_t n;

	put_text(t, "a", "first");
	expect_int(get(t, "a", &p, &n), CRUET_OK);
	put_text(t, "a", "other");
	expect_int(del(t, "a"), CRUET_OK);
	expect_bytes(p, n, "first", 5);
}

static void all_see_the_same(struct trial *t)
{
	put_text(t, "a", "here");
	cruet_close(t->c);
	t->c = trial_open(t);
	expect_value(t, "a", "here", 4);
}

/* --- times to live ---------------------------------------------------------------- */

static bool gone(struct trial *t, const char *key)
{
	const void *p;
	size_t n;
	int err = get(t, key, &p, &n);

	expect(err == CRUET_OK || err == CRUET_ENOENT);
	return err == CRUET_ENOENT;
}

static void what_has_expired_is_gone(struct trial *t)
{
	put(t, "soon", "x", 1, 100);
	put(t, "late", "x", 1, 3600000);
	put(t, "never", "x", 1, 0);
	put(t, "beyond", "x", 1, UINT64_MAX);
	wait_until(gone(t, "soon"));
	expect(!gone(t, "late"));
	expect(!gone(t, "never"));
	expect(!gone(t, "beyond"));
	expect_int(touch(t, "soon", 1000), CRUET_ENOENT);
}

static void a_new_value_has_a_new_time(struct trial *t)
{
	put(t, "a", "x", 1, 100);
	put(t, "a", "x", 1, 3600000);
	put(t, "b", "x", 1, 200);
	put(t, "c", "x", 1, 3600000);
	put(t, "c", "x", 1, 100);
	wait_until(gone(t, "b") && gone(t, "c"));
	expect(!gone(t, "a"));
}

static void touch_gives_another_time(struct trial *t)
{
	expect_int(touch(t, "none", 1000), CRUET_ENOENT);
	put(t, "longer", "x", 1, 100);
	put(t, "for_ever", "x", 1, 100);
	put(t, "measure", "x", 1, 200);
	put(t, "shorter", "x", 1, 0);
	expect_int(touch(t, "longer", 3600000), CRUET_OK);
	expect_int(touch(t, "for_ever", 0), CRUET_OK);
	expect_int(touch(t, "shorter", 100), CRUET_OK);
	wait_until(gone(t, "measure") && gone(t, "shorter"));
	expect_value(t, "longer", "x", 1);
	expect_value(t, "for_ever", "x", 1);
}

/* --- if there is one, if there is none -------------------------------------------- */

static void add_puts_in_what_is_not_there(struct trial *t)
{
	expect_int(set(t, "a", "1", 1, 0, CRUET_CACHE_ABSENT), CRUET_OK);
	expect_int(set(t, "a", "2", 1, 0, CRUET_CACHE_ABSENT), CRUET_EEXIST);
	expect_value(t, "a", "1", 1);
	expect_int(del(t, "a"), CRUET_OK);
	expect_int(set(t, "a", "3", 1, 100, CRUET_CACHE_ABSENT), CRUET_OK);
	wait_until(gone(t, "a"));
	expect_int(set(t, "a", "4", 1, 0, CRUET_CACHE_ABSENT), CRUET_OK);
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void replace_puts_in_what_is_there(struct trial *t)
{
	expect_int(set(t, "a", "1", 1, 0, CRUET_CACHE_PRESENT), CRUET_ENOENT);
	expect(gone(t, "a"));
	put_text(t, "a", "2");
	expect_int(set(t, "a", "three", 5, 0, CRUET_CACHE_PRESENT), CRUET_OK);
	expect_value(t, "a", "three", 5);
}

static void delete_deletes_one(struct trial *t)
{
	put_text(t, "a", "x");
	put_text(t, "b", "x");
	expect_int(del(t, "a"), CRUET_OK);
	expect_int(del(t, "a"), CRUET_OK);
	expect(gone(t, "a"));
	expect(!gone(t, "b"));
}

static void clear_deletes_what_begins_so(struct trial *t)
{
	static const char *const keys[] = {"p:a", "p:b", "p:", "p", "q:a", "xp:a", "P:a"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		put_text(t, keys[i], "x");
	expect_int(clear(t, "p:"), CRUET_OK);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		expect_int(gone(t, keys[i]), i < 3);
	expect_int(clear(t, ""), CRUET_OK);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		expect(gone(t, keys[i]));
}

static void clear_knows_no_patterns(struct trial *t)
{
	static const char *const prefixes[] = {"*", "?", "[a-z]", "a*", "\\", ".*", "%"};

	put_text(t, "abc", "x");
	put_text(t, "*b", "x");
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		expect_int(clear(t, prefixes[i]), CRUET_OK);
	expect(!gone(t, "abc"));
	expect(gone(t, "*b"));
}

/* --- counting --------------------------------------------------------------------- */

static void counts_begin_at_0(struct trial *t)
{
	int64_t now = 7;

	expect_int(incr(t, "n", 1, 0, &now), CRUET_OK);
	expect_int(now, 1);
	expect_int(incr(t, "n", 41, 0, &now), CRUET_OK);
	expect_int(now, 42);
	expect_int(incr(t, "n", -50, 0, &now), CRUET_OK);
	expect_int(now, -8);
	expect_int(incr(t, "n", 0, 0, &now), CRUET_OK);
	expect_int(now, -8);
	expect_int(incr(t, "down", -3, 0, &now), CRUET_OK);
	expect_int(now, -3);
}

static void counts_are_decimal_text(struct trial *t)
{
	int64_t now;

	incr(t, "n", 1234, 0, &now);
	expect_value(t, "n", "1234", 4);
	put_text(t, "m", "99");
	expect_int(incr(t, "m", 1, 0, &now), CRUET_OK);
	expect_int(now, 100);
	expect_value(t, "m", "100", 3);
}

static void counts_reach_to_64_bits(struct trial *t)
{
	int64_t now;

	expect_int(incr(t, "top", INT64_MAX, 0, &now), CRUET_OK);
	expect_int(incr(t, "top", 1, 0, &now), CRUET_ELIMIT);
	expect_value(t, "top", "9223372036854775807", 19);
	expect_int(incr(t, "low", INT64_MIN, 0, &now), CRUET_OK);
	expect_int(incr(t, "low", -1, 0, &now), CRUET_ELIMIT);
	expect_value(t, "low", "-9223372036854775808", 20);
	expect_int(incr(t, "low", INT64_MAX, 0, &now), CRUET_OK);
	expect_int(now, -1);
}

static void what_is_no_number_is_not_counted(struct trial *t)
{
	static const char *const texts[] = {"abc", "", "1.5", "12x",
					    "9223372036854775808"};
	int64_t now;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		put_text(t, "n", texts[i]);
		expect_int(incr(t, "n", 1, 0, &now), CRUET_EPARSE);
		expect_value(t, "n", texts[i], strlen(texts[i]));
	}
	expect_int(cruet_err(t->c), CRUET_OK);
}

/* Whoever goes on counting does not make it live longer. */
static void a_count_keeps_the_time_of_its_first(struct trial *t)
{
	int64_t now, last = 0;

	expect_int(incr(t, "n", 1, 200, &last), CRUET_OK);
	wait_until((incr(t, "n", 1, 200, &now), now < last || (last = now, false)));
	expect_int(now, 1);
	expect_int(incr(t, "stays", 1, 0, &now), CRUET_OK);
	expect_int(incr(t, "stays", 1, 1, &now), CRUET_OK);
	put(t, "measure", "x", 1, 100);
	wait_until(gone(t, "measure"));
	expect_value(t, "stays", "2", 1);
}

static const struct promise promises[] = {
	PROMISE(nothing_is_there_at_first),
	PROMISE(what_was_put_in_comes_out),
	PROMISE(a_nul_stands_behind_the_value),
	PROMISE(an_empty_value_is_a_value),
	PROMISE(a_large_value_comes_out_whole),
	PROMISE(a_new_value_takes_the_place_of_the_old),
	PROMISE(keys_are_compared_whole),
	PROMISE(a_key_has_1_to_250_bytes),
	PROMISE(a_value_that_is_too_large_is_refused_and_the_old_one_gone),
	PROMISE(what_was_got_lives_as_long_as_the_ctx),
	PROMISE(all_see_the_same),
	PROMISE(what_has_expired_is_gone),
	PROMISE(a_new_value_has_a_new_time),
	PROMISE(touch_gives_another_time),
	PROMISE(add_puts_in_what_is_not_there),
	PROMISE(replace_puts_in_what_is_there),
	PROMISE(delete_deletes_one),
	PROMISE(clear_deletes_what_begins_so),
	PROMISE(clear_knows_no_patterns),
	PROMISE(counts_begin_at_0),
	PROMISE(counts_are_decimal_text),
	PROMISE(counts_reach_to_64_bits),
	PROMISE(what_is_no_number_is_not_counted),
	PROMISE(a_count_keeps_the_time_of_its_first),
	{NULL, NULL}};

const struct contract contract_cache = {.service = CRUET_CACHE,
					.need = CRUET_UPTO(cruet_cache, stats),
					.parts = {promises, cache_many}};
