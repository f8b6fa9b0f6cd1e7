/* One shard by itself: what it counts, and who goes when room is needed. */
#include "shard.h"

#include <cruet/error.h>
#include <cruet/svc/cache.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "block.h"
#include "suite.h"

enum { SIZE = 64 << 10 };

static void *memory;
static struct shard *shard;

static void setup(void)
{
	memory = aligned_alloc(SHARD_ALIGN, SIZE);
	ck_assert_ptr_nonnull(memory);
	memset(memory, 0, SIZE);
	shard = shard_init(memory, SIZE);
	ck_assert_ptr_nonnull(shard);
}

static void teardown(void)
{
	shard_fini(shard);
	free(memory);
}

/* FNV-1a; any will do here. */
static struct probe probe_at(const char *key, int64_t now)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (const char *p = key; *p; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	return (struct probe){key, (uint16_t)strlen(key), h, now};
}

static int set_at(const char *key, size_t len, int64_t expires, int64_t now)
{
	static const char bytes[SIZE];
	struct probe q = probe_at(key, now);
	return shard_set(shard, &q, &(struct item){bytes, len, expires, 0});
}

static void set(const char *key, size_t len)
{
	ck_assert_int_eq(set_at(key, len, 0, 1), CRUET_OK);
}

static bool get_at(const char *key, int64_t now)
{
	char buf[SIZE];
	size_t len;
	struct probe q = probe_at(key, now);
	return shard_get(shard, &q, buf, sizeof buf, &len) == CRUET_OK;
}

static bool get(const char *key)
{
	return get_at(key, 1);
}

/* Without a mark: an entry that is there already is not added. */
static bool has(const char *key)
{
	struct probe q = probe_at(key, 1);
	return shard_set(shard, &q, &(struct item){"", 0, 0, CRUET_CACHE_ABSENT}) ==
	       CRUET_EEXIST;
}

static struct shard_counts counts(void)
{
	struct shard_counts sum = {0};
	shard_count(shard, &sum);
	return sum;
}

static const char *name(int i)
{
	static char key[16];
	snprintf(key, sizeof key, "k%d", i);
	return key;
}

/* Fills what is left with entries of one block; how many. */
static int fill(void)
{
	int n = 0;

	while (shard->left)
		set(name(n++), 10);
	return n;
}

START_TEST(bytes_in_use_are_counted_to_the_block)
{
	const uint64_t empty = counts().bytes;

	ck_assert_uint_lt(empty, SIZE / 16);
	set("k", 0);
	ck_assert_uint_eq(counts().bytes, empty + CACHE_BLOCK);
	set("k", 92); /* 93 bytes with the key: one block */
	ck_assert_uint_eq(counts().bytes, empty + CACHE_BLOCK);
	set("k", 93);
	ck_assert_uint_eq(counts().bytes, empty + 2 * CACHE_BLOCK);
	set("k", 92 + 124);
	ck_assert_uint_eq(counts().bytes, empty + 2 * CACHE_BLOCK);
	set("k", 93 + 124);
	ck_assert_uint_eq(counts().bytes, empty + 3 * CACHE_BLOCK);
	set("l", 1000);
	set("k", 1);
	struct probe q = probe_at("k", 1);
	shard_del(shard, &q);
	shard_clear(shard, "l", 1);
	ck_assert_uint_eq(counts().bytes, empty);
	ck_assert_uint_eq(counts().entries, 0);
}
END_TEST

START_TEST(all_of_the_memory_can_be_used_and_no_more)
{
	int n = fill();

	ck_assert_int_gt(n, SIZE / (CACHE_BLOCK + 4) - 4);
	ck_assert_uint_eq(counts().entries, (uint64_t)n);
	ck_assert_uint_eq(counts().evictions, 0);
	ck_assert_uint_le(counts().bytes, SIZE);
	ck_assert_uint_ge(counts().bytes, SIZE - SIZE / 32);
	for (int i = 0; i < 1000; i++)
		set(name(n + i), (size_t)i);
	ck_assert_uint_le(counts().bytes, SIZE);
	ck_assert_uint_gt(counts().evictions, 0);
}
END_TEST

START_TEST(the_oldest_that_nobody_asked_for_goes_first)
{
	int n = fill();

	set(name(n), 10);
	ck_assert(!get(name(0)));
	ck_assert(has(name(1)));
	set(name(n + 1), 10);
	ck_assert(!get(name(1)));
	ck_assert_uint_eq(counts().evictions, 2);
}
END_TEST

START_TEST(what_was_asked_for_stays)
{
	int n = fill();

	ck_assert(get(name(0)));
	ck_assert(get(name(2)));
	set(name(n), 10);     /* the hand takes the mark of 0, and 1 */
	set(name(n + 1), 10); /* the mark of 2, and 3 */
	ck_assert(!get(name(1)));
	ck_assert(!get(name(3)));
	ck_assert(has(name(0)));
	ck_assert(has(name(2)));
}
END_TEST

/* The hand goes on where it stood, and so passes what is old and used before it comes
 * back to it: this is what makes it other than second chance. */
START_TEST(the_hand_stays_where_it_was)
{
	int n = fill();

	ck_assert(get(name(0)));
	for (int i = 0; i < n - 2; i++) /* 1 to n - 2 */
		set(name(n + i), 10);
	ck_assert(has(name(0))); /* its mark is gone, and the hand is past it */
	ck_assert(!get(name(n - 2)));
	ck_assert(has(name(n - 1)));
}
END_TEST

START_TEST(one_that_is_used_outlives_many_that_are_not)
{
	int n = fill();

	for (int i = 0; i < 20 * n; i++) {
		ck_assert(get(name(0)));
		set(name(n + i), 10);
	}
	ck_assert(get(name(0)));
}
END_TEST

START_TEST(when_all_are_used_one_goes_all_the_same)
{
	int n = fill();

	ck_assert_int_gt(n, SHARD_STEPS);
	for (int i = 0; i < n; i++)
		ck_assert(get(name(i)));
	set("new", 10); /* after that many marks the hand takes what stands there */
	ck_assert(!get(name(SHARD_STEPS)));
	ck_assert(has(name(SHARD_STEPS - 1)));
	ck_assert(has("new"));
}
END_TEST

START_TEST(what_has_expired_goes_though_it_was_used)
{
	shard_clear(shard, "", 0);
	ck_assert_int_eq(set_at("k0", 10, 100, 1), CRUET_OK);
	ck_assert(get_at("k0", 99));
	for (int i = 1; shard->left; i++)
		set(name(i), 10);
	ck_assert_int_eq(set_at("new", 10, 0, 100), CRUET_OK);
	ck_assert_uint_eq(counts().expired, 1);
	ck_assert_uint_eq(counts().evictions, 0);
}
END_TEST

START_TEST(a_moment_decides_about_expiry)
{
	ck_assert_int_eq(set_at("a", 10, 100, 1), CRUET_OK);
	ck_assert(get_at("a", 99));
	ck_assert(!get_at("a", 100));
	ck_assert_uint_eq(counts().expired, 1);
	ck_assert_uint_eq(counts().entries, 0);
	ck_assert(!get_at("a", 1)); /* it is gone for good */
}
END_TEST

START_TEST(a_large_one_takes_the_room_of_many)
{
	int n = fill();
	size_t large = shard_value_max(SIZE);

	set("large", large);
	ck_assert(get("large"));
	ck_assert_uint_le(counts().bytes, SIZE);
	ck_assert_uint_le(counts().entries, (uint64_t)n / 2 + 8);
	set("large2", large);
	set("large3", large);
	ck_assert(get("large3"));
}
END_TEST

START_TEST(one_that_grows_keeps_its_mark)
{
	int n = fill();

	ck_assert(get(name(0)));
	set(name(0), 200); /* takes two: 1 goes, which has no mark */
	for (int i = 0; i < n - 1; i++) /* 2 to n - 1 go, then it is its turn */
		set(name(n + i), 10);
	ck_assert(get(name(0)));
}
END_TEST

/* Every operation at random, beside a table that knows what may be there. */
START_TEST(at_random_it_tells_nothing_untrue)
{
	enum { KEYS = 300 };
	static unsigned char first[KEYS]; /* of the value that was put in last */
	static size_t length[KEYS];
	static bool may[KEYS];
	char buf[SIZE], value[4096];
	uint32_t seed = 12345;
	size_t len, found = 0;

	for (int i = 0; i < 100000; i++) {
		seed = seed * 1664525 + 1013904223;
		int k = (int)(seed >> 8) % KEYS;
		struct probe q = probe_at(name(k), 1);
		switch (seed >> 28) {
		case 0:
			shard_del(shard, &q);
			may[k] = false;
			break;
		case 1:
		case 2:
		case 3:
		case 4:
		case 5:
		case 6:
			length[k] = seed % (seed & 64 ? 3000 : 90);
			first[k] = (unsigned char)i;
			memset(value, first[k], length[k]);
			may[k] = true;
			ck_assert_int_eq(
				shard_set(shard, &q,
					  &(struct item){value, length[k], 0, 0}),
				CRUET_OK);
			break;
		default:
			if (shard_get(shard, &q, buf, sizeof buf, &len))
				break;
			found++;
			ck_assert(may[k]);
			ck_assert_uint_eq(len, length[k]);
			memset(value, first[k], len);
			ck_assert_mem_eq(buf, value, len);
		}
	}
	ck_assert_uint_gt(found, 5000);
	ck_assert_uint_gt(counts().evictions, 1000);
	shard_clear(shard, "", 0);
	ck_assert_uint_eq(counts().entries, 0);
	ck_assert_uint_eq(shard->left, shard->nblocks - 1);
}
END_TEST

SUITE_WITH("cache_shard", setup, teardown, bytes_in_use_are_counted_to_the_block,
	   all_of_the_memory_can_be_used_and_no_more,
	   the_oldest_that_nobody_asked_for_goes_first, what_was_asked_for_stays,
	   the_hand_stays_where_it_was, one_that_is_used_outlives_many_that_are_not,
	   when_all_are_used_one_goes_all_the_same,
	   what_has_expired_goes_though_it_was_used, a_moment_decides_about_expiry,
	   a_large_one_takes_the_room_of_many, one_that_grows_keeps_its_mark,
	   at_random_it_tells_nothing_untrue)
