/* Facts go through memory that another process may have written. */
#include "server/dossier.h"

#include <string.h>

#include "suite.h"

static char room[4096];

START_TEST(facts_come_back_in_order)
{
	struct dossier d;
	struct fact f;
	size_t at = 0;

	dossier_init(&d, room, sizeof room);
	dossier_add(&d, FACT_HEADER, "Host", "a", 1);
	dossier_add(&d, FACT_BODY, "", "b\0c", 3);
	dossier_add(&d, FACT_HEADER, "Host", "z", 1);
	ck_assert(dossier_next(&d, &at, &f));
	ck_assert_int_eq(f.kind, FACT_HEADER);
	ck_assert_str_eq(f.name, "Host");
	ck_assert_str_eq(f.value, "a");
	ck_assert(dossier_next(&d, &at, &f));
	ck_assert_int_eq(f.kind, FACT_BODY);
	ck_assert_uint_eq(f.len, 3);
	ck_assert_mem_eq(f.value, "b\0c", 4);
	ck_assert(dossier_next(&d, &at, &f));
	ck_assert(!dossier_next(&d, &at, &f));
	ck_assert_str_eq(dossier_find(&d, FACT_HEADER, "Host"), "a");
	ck_assert_ptr_null(dossier_find(&d, FACT_FORM, "Host"));
}
END_TEST

START_TEST(what_does_not_fit_is_left_out)
{
	struct dossier d;
	struct fact f;
	size_t at = 0;

	dossier_init(&d, room, 64);
	memset(room, 'x', sizeof room);
	dossier_add(&d, FACT_LOG, "", room + 1000, 64);
	ck_assert_uint_eq(d.n, 0);
	dossier_add(&d, FACT_LOG, "", "short", 5);
	dossier_add(&d, FACT_LOG, "", NULL, 0);
	ck_assert(dossier_next(&d, &at, &f));
	ck_assert_str_eq(f.value, "short");
	ck_assert(!dossier_next(&d, &at, &f));
	ck_assert_int_eq(room[64], 'x');
}
END_TEST

/* Each byte, with each of a few values: never beyond the end, and it always ends. */
START_TEST(damaged_ones_are_read_as_far_as_they_go)
{
	static const unsigned char values[] = {0, 1, 7, 0x7f, 0x80, 0xff};
	struct dossier d;
	struct fact f;

	dossier_init(&d, room, sizeof room);
	dossier_add(&d, FACT_HEADER, "Host", "example", 7);
	dossier_add(&d, FACT_FORM, "a", "b", 1);
	char *copy = malloc(d.n);
	ck_assert_ptr_nonnull(copy);
	for (size_t i = 0; i < d.n; i++)
		for (size_t v = 0; v < sizeof values; v++) {
			struct dossier bad = {.p = copy, .n = d.n};
			memcpy(copy, room, d.n);
			copy[i] = (char)values[v];
			for (size_t at = 0; dossier_next(&bad, &at, &f);) {
				ck_assert(f.kind >= FACT_REQUEST && f.kind < FACT_KINDS);
				ck_assert_uint_lt(strlen(f.name), d.n);
				ck_assert_uint_lt(f.len, d.n);
			}
		}
	for (size_t n = 0; n < d.n; n++) {
		struct dossier cut = {.p = copy, .n = n};
		memcpy(copy, room, n);
		for (size_t at = 0; dossier_next(&cut, &at, &f);)
			ck_assert_uint_le(at, n);
	}
	free(copy);
}
END_TEST

SUITE("dossier", facts_come_back_in_order, what_does_not_fit_is_left_out,
      damaged_ones_are_read_as_far_as_they_go)
