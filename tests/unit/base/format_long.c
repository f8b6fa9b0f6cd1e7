/* Texts that are longer than an int can say. */
#include "base/format.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

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

START_TEST(more_than_an_int_can_count_is_an_error)
{
#define FOUR(x) x x x x
#define FOUR_OF(x) x, x, x, x
	static const char sixty_four[] = FOUR(FOUR(FOUR("%s")));
	enum { SIZE = INT_MAX / 64 + 1 };
	char *big = malloc(SIZE + 1), out[4];
	ck_assert_ptr_nonnull(big);
	memset(big, 'x', SIZE);
	big[SIZE] = '\0';
#define REST                                                                             \
	FOUR_OF(FOUR_OF(big)), FOUR_OF(FOUR_OF(big)), FOUR_OF(FOUR_OF(big)),             \
		FOUR_OF(big), FOUR_OF(big), FOUR_OF(big), big, big, big
	ck_assert_int_eq(ours(out, sizeof out, sixty_four, big + 1, REST), INT_MAX);
	ck_assert_str_eq(out, "xxx");
	ck_assert_int_eq(ours(out, sizeof out, sixty_four, big, REST), -1);
	free(big);
}
END_TEST

SUITE("format_long", more_than_an_int_can_count_is_an_error)
