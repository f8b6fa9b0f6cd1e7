/* The queue: whole records, in the order of each thread, none twice, none lost
 * unsaid. */
#include "ring.h"
#include "suite.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

static char out[1 << 16];

static void put(struct ring *r, const char *text)
{
	bool filling;

	ck_assert(ring_put(r, text, strlen(text), &filling));
}

static void takes(struct ring *r, size_t cap, const char *text)
{
	ck_assert_uint_eq(ring_take(r, out, cap), strlen(text));
	ck_assert(!memcmp(out, text, strlen(text)));
}

START_TEST(records_come_out_as_they_went_in)
{
	struct ring *r = ring_new(1024);

	takes(r, sizeof out, "");
	put(r, "one");
	put(r, "twelve bytes");
	put(r, "8 bytes.");
	takes(r, sizeof out, "one");
	takes(r, sizeof out, "twelve bytes");
	takes(r, sizeof out, "8 bytes.");
	takes(r, sizeof out, "");
	ring_free(r);
}
END_TEST

START_TEST(what_does_not_fit_waits)
{
	struct ring *r = ring_new(1024);

	put(r, "12345");
	put(r, "678");
	takes(r, 4, "");
	takes(r, 5, "12345");
	takes(r, 5, "678");
	ring_free(r);
}
END_TEST

START_TEST(a_full_one_takes_nothing_until_there_is_room)
{
	struct ring *r = ring_new(512); /* 64 cells of 8 bytes */
	char text[24];
	bool filling, was_filling = false;
	size_t n = 0;

	memset(text, 'x', sizeof text);
	while (ring_put(r, text, sizeof text, &filling)) {
		n++;
		ck_assert(filling == (n > 8));
		was_filling |= filling;
	}
	ck_assert_uint_eq(n, 16);
	ck_assert(was_filling && filling);
	ck_assert_uint_eq(ring_take(r, out, 24), 24);
	ck_assert(ring_put(r, text, sizeof text, &filling));
	ck_assert(!ring_put(r, text, sizeof text, &filling));
	for (n = 0; ring_take(r, out, sizeof out); n++)
		ck_assert(!memcmp(out, text, sizeof text));
	ck_assert_uint_eq(n, 16);
	ring_free(r);
}
END_TEST

START_TEST(records_of_all_lengths_go_round_the_end)
{
	struct ring *r = ring_new(512);
	char text[200];
	bool filling;

	for (size_t i = 0; i < 5000; i++) {
		size_t len = 1 + i * 7 % sizeof text;
		memset(text, 'a' + (int)(i % 26), len);
		ck_assert(ring_put(r, text, len, &filling));
		ck_assert_uint_eq(ring_take(r, out, sizeof out), len);
		ck_assert(!memcmp(out, text, len));
	}
	ring_free(r);
}
END_TEST

START_TEST(what_is_larger_than_the_whole_is_refused)
{
	struct ring *r = ring_new(512);
	bool filling;

	ck_assert(!ring_put(r, out, 512, &filling));
	ck_assert(ring_put(r, out, 400, &filling));
	ck_assert_uint_eq(ring_take(r, out, sizeof out), 400);
	ring_free(r);
}
END_TEST

enum { THREADS = 4, RECORDS = 40000 };

struct record {
	uint32_t thread, number;
	char fill[40]; /* of which a part is sent; each byte is number's last */
};

struct sender {
	struct ring *r;
	uint32_t thread;
	size_t refused;
};

static void *sends(void *arg)
{
	struct sender *s = arg;
	struct record rec = {.thread = s->thread};
	bool filling;

	for (; rec.number < RECORDS; rec.number++) {
		memset(rec.fill, (int)(rec.number & 255), sizeof rec.fill);
		size_t len = 8 + (rec.number * 5 + s->thread) % 40;
		s->refused += !ring_put(s->r, &rec, len, &filling);
	}
	return NULL;
}

static void check(size_t size, int64_t last[THREADS])
{
	struct record rec;

	ck_assert_uint_ge(size, 8);
	memcpy(&rec, out, size);
	ck_assert_uint_lt(rec.thread, THREADS);
	ck_assert_int_gt(rec.number, last[rec.thread]);
	ck_assert_uint_eq(size, 8 + (rec.number * 5 + rec.thread) % 40);
	last[rec.thread] = rec.number;
	for (size_t i = 0; i < size - 8; i++)
		ck_assert_int_eq((unsigned char)rec.fill[i], rec.number & 255);
}

struct reader {
	struct ring *r;
	atomic_bool over;
	size_t got;
};

static void *reads(void *arg)
{
	struct reader *rd = arg;
	int64_t last[THREADS] = {-1, -1, -1, -1};
	bool over;

	do {
		over = atomic_load(&rd->over); /* before the last look */
		for (size_t len; (len = ring_take(rd->r, out, sizeof out)); rd->got++)
			check(len, last);
	} while (!over);
	return NULL;
}

START_TEST(many_threads_may_put)
{
	struct reader rd = {.r = ring_new(8192)};
	struct sender s[THREADS];
	pthread_t id[THREADS], reader;
	size_t refused = 0;

	ck_assert_int_eq(pthread_create(&reader, NULL, reads, &rd), 0);
	for (uint32_t i = 0; i < THREADS; i++) {
		s[i] = (struct sender){rd.r, i, 0};
		ck_assert_int_eq(pthread_create(&id[i], NULL, sends, &s[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(id[i], NULL);
		refused += s[i].refused;
	}
	atomic_store(&rd.over, true);
	pthread_join(reader, NULL);
	ck_assert_uint_eq(rd.got + refused, THREADS * RECORDS);
	ck_assert_uint_gt(rd.got, 0);
	ring_free(rd.r);
}
END_TEST

SUITE("access_log_ring", records_come_out_as_they_went_in, what_does_not_fit_waits,
      a_full_one_takes_nothing_until_there_is_room,
      records_of_all_lengths_go_round_the_end, what_is_larger_than_the_whole_is_refused,
      many_threads_may_put)
