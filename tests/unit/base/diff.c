#include "base/diff.h"

#include <stdlib.h>
#include <string.h>
#include "suite.h"

static char *of(const char *before, const char *after)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	diff_write(out, before, after);
	fclose(out);
	return text;
}

static void differ(const char *before, const char *after, const char *want)
{
	char *got = of(before, after);

	ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(equal_texts_have_no_difference)
{
	differ("", "", "");
	differ("a\nb\n", "a\nb\n", "");
	differ("a\nb", "a\nb\n", ""); /* the last line's end is no line */
}
END_TEST

START_TEST(lines_come_and_go)
{
	differ("", "a\n", "+a\n");
	differ("a\n", "", "-a\n");
	differ("a\nb\nc\n", "a\nx\nc\n", " a\n-b\n+x\n c\n");
	differ("a\nb\n", "b\nc\n", "-a\n b\n+c\n");
	differ("a\na\n", "a\na\na\n", " a\n a\n+a\n");
}
END_TEST

START_TEST(only_what_is_near_is_shown)
{
	differ("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
	       "@@ 2 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
	differ("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n",
	       "x\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\ny\n",
	       "-1\n+x\n 2\n 3\n 4\n@@ 9 @@\n 9\n 10\n 11\n-12\n+y\n");
	/* parts that touch are one */
	differ("1\n2\n3\n4\n5\n", "x\n2\n3\n4\ny\n", "-1\n+x\n 2\n 3\n 4\n-5\n+y\n");
}
END_TEST

START_TEST(control_bytes_are_shown)
{
	differ("a\x1b[2Jb\n", "\ta\r\n", "-a\\x1b[2Jb\n+\ta\\x0d\n");
}
END_TEST

/* As a patch: the lines without "+" are the first text, those without "-" the second. */
START_TEST(it_says_all_of_small_texts)
{
	for (unsigned n = 0; n < 4096; n++) {
		char a[16] = "", b[16] = "", left[64] = "", right[64] = "";
		for (unsigned i = 0; i < 3; i++) {
			strncat(a, &"x\ny\nz\nx\n"[2 * ((n >> 2 * i) & 3)], 2);
			strncat(b, &"x\ny\nz\nx\n"[2 * ((n >> (6 + 2 * i)) & 3)], 2);
		}
		char *got = of(a, b);
		for (char *line = strtok(got, "\n"); line; line = strtok(NULL, "\n")) {
			if (*line != '+')
				strcat(strcat(left, line + 1), "\n");
			if (*line != '-')
				strcat(strcat(right, line + 1), "\n");
		}
		if (*left || *right) {
			ck_assert_str_eq(left, a);
			ck_assert_str_eq(right, b);
		} else {
			ck_assert_str_eq(a, b);
		}
		free(got);
	}
}
END_TEST

/* Beyond the table: all out, all in. */
START_TEST(large_texts_are_shown_whole)
{
	size_t n = 3000, len = 0;
	char *a = calloc(n, 8), *b = calloc(n, 8), *got;

	for (size_t i = 0; i < n; i++) {
		sprintf(a + strlen(a), "a%zu\n", i);
		sprintf(b + strlen(b), "b%zu\n", i);
	}
	got = of(a, b);
	for (const char *p = got; (p = strchr(p, '\n')); p++)
		len++;
	ck_assert_uint_eq(len, 2 * n);
	ck_assert(!strncmp(got, "-a0\n-a1\n", 8));
	free(a);
	free(b);
	free(got);
}
END_TEST

SUITE("diff", equal_texts_have_no_difference, lines_come_and_go, only_what_is_near_is_shown,
      control_bytes_are_shown, it_says_all_of_small_texts, large_texts_are_shown_whole)
