/* Conditional requests and ranges. */
#include "http/validators.h"

#include "suite.h"

#define NOW   INT64_C(1704164645)
#define SAME  "Tue, 02 Jan 2024 03:04:05 GMT"
#define SOON  "Tue, 02 Jan 2024 03:04:06 GMT"
#define ONCE  "Tue, 02 Jan 2024 03:04:04 GMT"

static const struct {
	const char *etag;
	int64_t modified;
	const char *method;
	struct preconditions p;
	int want;
} conditions[] = {
	{"\"a\"", NOW, "GET", {0}, 0},
	{"\"a\"", NOW, "GET", {.none_match = "\"a\""}, 304},
	{"\"a\"", NOW, "HEAD", {.none_match = "W/\"a\""}, 304},
	{"W/\"a\"", NOW, "GET", {.none_match = "\"a\""}, 304},
	{"\"a\"", NOW, "PUT", {.none_match = "\"a\""}, 412},
	{"\"a\"", NOW, "GET", {.none_match = "\"b\", \"a\""}, 304},
	{"\"a\"", NOW, "GET", {.none_match = "\"a\"x"}, 0},
	{"\"a\"", NOW, "GET", {.none_match = "\"a"}, 0},
	{"\"a\"", NOW, "GET", {.none_match = "*"}, 304},
	{NULL, NOW, "GET", {.none_match = "\"a\""}, 0},
	{"\"a\"", NOW, "GET", {.none_match = "\"b\"", .modified_since = SOON}, 0},
	{"\"a\"", NOW, "GET", {.modified_since = SAME}, 304},
	{"\"a\"", NOW, "GET", {.modified_since = ONCE}, 0},
	{"\"a\"", NOW, "GET", {.modified_since = "yesterday"}, 0},
	{"\"a\"", NOW, "POST", {.modified_since = SAME}, 0},
	{"\"a\"", -1, "GET", {.modified_since = SAME}, 0},
	{"\"a\"", NOW, "PUT", {.match = "\"a\""}, 0},
	{"\"a\"", NOW, "PUT", {.match = "\"b\""}, 412},
	{"W/\"a\"", NOW, "PUT", {.match = "W/\"a\""}, 412}, /* strong comparison */
	{"\"a\"", NOW, "GET", {.match = "*"}, 0},
	{"\"a\"", NOW, "PUT", {.unmodified_since = SAME}, 0},
	{"\"a\"", NOW, "PUT", {.unmodified_since = ONCE}, 412},
	{"\"a\"", NOW, "PUT", {.match = "\"a\"", .unmodified_since = ONCE}, 0},
	{"\"a\"", NOW, "GET", {.match = "\"b\"", .none_match = "\"a\""}, 412},
};

START_TEST(conditions_are_weighed_in_their_order)
{
	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		struct validators v = {conditions[i].etag, conditions[i].modified};
		int got = validators_check(&v, conditions[i].method, &conditions[i].p);
		ck_assert_msg(got == conditions[i].want, "condition %zu: %d", i, got);
	}
}
END_TEST

START_TEST(a_range_counts_only_for_the_state_it_was_meant_for)
{
	struct validators v = {"\"a\"", NOW}, weak = {"W/\"a\"", NOW};

	ck_assert(validators_range_counts(&v, NULL));
	ck_assert(validators_range_counts(&v, "\"a\""));
	ck_assert(!validators_range_counts(&v, "\"b\""));
	ck_assert(!validators_range_counts(&v, "*"));
	ck_assert(!validators_range_counts(&weak, "W/\"a\""));
	ck_assert(validators_range_counts(&v, SAME));
	ck_assert(!validators_range_counts(&v, SOON));
	ck_assert(!validators_range_counts(&v, ONCE));
}
END_TEST

static const struct {
	const char *value;
	uint64_t size;
	int want;
	uint64_t first, last;
} ranges[] = {
	{NULL, 10, 0, 0, 0},
	{"bytes=0-3", 10, 206, 0, 3},
	{"bytes=5-", 10, 206, 5, 9},
	{"bytes=-3", 10, 206, 7, 9},
	{"bytes=-999", 10, 206, 0, 9},
	{"bytes=0-999", 10, 206, 0, 9},
	{"bytes= 1-2 ", 10, 206, 1, 2},
	{"Bytes=9-9", 10, 206, 9, 9},
	{"bytes=-0", 10, 416, 0, 0},
	{"bytes=10-", 10, 416, 0, 0},
	{"bytes=99999999999999999999999-", 10, 416, 0, 0},
	{"bytes=0-99999999999999999999999", 10, 206, 0, 9},
	{"bytes=18446744073709551615-18446744073709551616", 10, 416, 0, 0},
	{"bytes=5-2", 10, 0, 0, 0},
	{"bytes=-", 10, 0, 0, 0},
	{"bytes=", 10, 0, 0, 0},
	{"bytes=a-b", 10, 0, 0, 0},
	{"bytes=0-1,3-4", 10, 0, 0, 0},
	{"items=0-1", 10, 0, 0, 0},
	{"bytes=0-1x", 10, 0, 0, 0},
	{"bytes=0-", 0, 0, 0, 0},
};

START_TEST(one_range_of_bytes_is_understood)
{
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		uint64_t first = 0, last = 0;
		int got = range_parse(ranges[i].value, ranges[i].size, &first, &last);
		ck_assert_msg(got == ranges[i].want && first == ranges[i].first &&
				      last == ranges[i].last,
			      "%s: %d %llu-%llu", ranges[i].value ? ranges[i].value : "none", got,
			      (unsigned long long)first, (unsigned long long)last);
	}
}
END_TEST

SUITE("validators", conditions_are_weighed_in_their_order,
      a_range_counts_only_for_the_state_it_was_meant_for, one_range_of_bytes_is_understood)
