/* The image of a plugin, changed in one place after another: whatever is wrong in the bytes gives
 * a sentence, never a crash. */
#include "plugin/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cruet/error.h"
#include "described.h"
#include "suite.h"

static struct image im;

static void make(void)
{
	uint64_t descriptor, options;

	image_init(&im);
	describe(&im, &descriptor, &options);
	image_finish(&im);
}

/* In memory of exactly its size, so that a step too far is seen. */
static int read_exactly(const unsigned char *bytes, size_t len)
{
	struct arena a;
	struct facts f;
	const char *reason;
	unsigned char *copy = malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	arena_init(&a, 16384);
	int err = facts_read(copy, len, "pages", &a, &f, &reason);
	if (err ? !reason : strcmp(f.plugin->name, "pages")) /* assertions that hold take long, too */
		ck_abort_msg("%d, %s", err, reason ? reason : "and no word");
	arena_fini(&a);
	free(copy);
	return err;
}

START_TEST(cut_at_every_length)
{
	make();
	for (size_t len = 0; len < IMAGE_LEN; len++)
		ck_assert_int_ne(read_exactly(im.bytes, len), CRUET_OK);
	ck_assert_int_eq(read_exactly(im.bytes, IMAGE_LEN), CRUET_OK);
}
END_TEST

START_TEST(each_byte_changed)
{
	static const unsigned char values[] = {0x00, 0x7f, 0xff};

	make();
	for (size_t i = 0; i < im.data; i++) {
		unsigned char was = im.bytes[i];
		if (i >= DATA || i < HASH || was) { /* the tables' empty room says nothing */
			for (size_t k = 0; k < sizeof values; k++) {
				im.bytes[i] = values[k];
				read_exactly(im.bytes, IMAGE_LEN);
			}
		}
		im.bytes[i] = was;
	}
}
END_TEST

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

START_TEST(words_changed_at_random)
{
	uint32_t state = 20240607;
	struct image whole;

	make();
	whole = im;
	for (int round = 0; round < 1000; round++) {
		for (unsigned n = next_random(&state) % 4 + 1; n; n--) {
			size_t where = next_random(&state) % (im.data - 8) & ~(size_t)3;
			uint64_t v = next_random(&state) & 1 ? BASE + next_random(&state) % IMAGE_LEN
							     : (uint64_t)next_random(&state) << 40;
			memcpy(im.bytes + where, &v, 8);
		}
		read_exactly(im.bytes, IMAGE_LEN);
		im = whole;
	}
}
END_TEST

SUITE("facts_changed", cut_at_every_length, each_byte_changed, words_changed_at_random)
