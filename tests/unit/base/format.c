/* What format_into() writes is what vsnprintf() would have written. */
#include "base/format.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

enum { CAP = 64 };

static int ours(char *out, size_t cap, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int ours(char *out, size_t cap, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = format_into(out, cap, fmt, ap);
	va_end(ap);
	return n;
}

/* The same into room of every size, with what lies behind it. */
#define SAME(...)                                                                        \
	do {                                                                             \
		for (size_t cap = 0; cap <= CAP; cap++) {                                \
			char want[CAP + 1], got[CAP + 1];                                \
			memset(want, '#', sizeof want);                                  \
			memset(got, '#', sizeof got);                                    \
			int n = snprintf(want, cap, __VA_ARGS__);                        \
			ck_assert_int_eq(ours(got, cap, __VA_ARGS__), n);                \
			ck_assert_uint_lt((size_t)n, CAP);                               \
			size_t said = (size_t)n < cap ? (size_t)n + 1 : cap;             \
			ck_assert_mem_eq(got, want, said);                               \
			ck_assert_mem_eq(got + cap, want + cap, sizeof got - cap);       \
		}                                                                        \
	} while (0)

START_TEST(texts_are_put_together)
{
	const char *empty = "";
	SAME("%s", empty);
	SAME("plain");
	SAME("%s", "a");
	SAME("item %s\n", "4711");
	SAME("%s%s", "a", "bc");
	SAME("%s-%s-%s", "a", empty, "c");
	SAME("\xC3\xA4 %s", "\xFF\x01");
}
END_TEST

START_TEST(other_conversions_go_to_printf)
{
	SAME("%d", -7);
	SAME("%s %d %s", "a", 7, "b"); /* which begins like those of texts alone */
	SAME("%s%%", "a");
	SAME("%%s");
	SAME("100%%");
	SAME("%5s|%-5s|%.2s|%.*s", "a", "b", "cde", 1, "fg");
	SAME("%s%c", "a", 'b');
	SAME("%s %ls", "a", L"wide");
}
END_TEST

START_TEST(no_text_is_said_to_be_null)
{
	const char *volatile none = NULL;
	char out[CAP];
	const char *s = none;
	ck_assert_int_eq(ours(out, sizeof out, "a %s b", s), 10);
	ck_assert_str_eq(out, "a (null) b");
}
END_TEST

START_TEST(there_may_be_nowhere_to_write_to)
{
	ck_assert_int_eq(ours(NULL, 0, "a%s", "bc"), 3);
	ck_assert_int_eq(ours(NULL, 0, "a%d", 10), 3);
}
END_TEST

SUITE("format", texts_are_put_together, other_conversions_go_to_printf,
      no_text_is_said_to_be_null, there_may_be_nowhere_to_write_to)
