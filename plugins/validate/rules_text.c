/* What a text is made of. */
#include <string.h>

#include "run.h"

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

/* True if all of s is ASCII of that kind; *other: it has characters beyond ASCII. */
static bool made_of(const char *s, bool digits, const char *more, bool *other)
{
	*other = false;
	for (; *s; s++) {
		*other |= (unsigned char)*s >= 0x80;
		if (!*other && !is_letter(*s) && !(digits && is_digit(*s)) &&
		    !strchr(more, *s))
			return false;
	}
	return !*other;
}

/* What is no text fits in no case. */
static int fits_pattern(const struct attempt *a, const char *s, bool wanted)
{
	bool found = false;
	int err = s ? matches(a, s, &found) : MISFIT;

	return err ? err : fits(found == wanted);
}

/* Unicode's letters, or with the parameter ascii those of ASCII alone. */
static int letters(const struct attempt *a, const char *s, bool digits, const char *more)
{
	bool other = false;

	if (!s)
		return MISFIT;
	if (made_of(s, digits, more, &other))
		return CRUET_OK;
	return other && !a->rule->nparams ? fits_pattern(a, s, true) : MISFIT;
}

static int test_alpha(struct attempt *a)
{
	return letters(a, text_of(a->value), false, "");
}

static int test_alpha_num(struct attempt *a)
{
	return letters(a, text_or_number(a->run->c, a->value), true, "");
}

static int test_alpha_dash(struct attempt *a)
{
	return letters(a, text_or_number(a->run->c, a->value), true, "-_");
}

static int test_ascii(struct attempt *a)
{
	const char *s = text_or_number(a->run->c, a->value);

	while (s && *s && (unsigned char)*s < 0x80)
		s++;
	return fits(s && !*s);
}

/* The pattern finds a letter of the other case. */
static int test_case(struct attempt *a)
{
	return fits_pattern(a, text_of(a->value), false);
}

static int test_hex_color(struct attempt *a)
{
	const char *s = text_of(a->value);

	if (!s || *s != '#')
		return MISFIT;
	size_t n = strspn(s + 1, "0123456789abcdefABCDEF");
	return fits(!s[n + 1] && (n == 3 || n == 4 || n == 6 || n == 8));
}

/* --- beginnings and ends ---------------------------------------------------------- */

typedef bool part_fn(const char *s, size_t n, const char *part, size_t len);

static bool starts(const char *s, size_t n, const char *part, size_t len)
{
	return n >= len && !memcmp(s, part, len);
}

static bool ends(const char *s, size_t n, const char *part, size_t len)
{
	return n >= len && !memcmp(s + n - len, part, len);
}

/* What is no text has neither beginning nor end, and fits in no case. */
static int has_part(const struct attempt *a, part_fn *fn, bool wanted)
{
	const char *s = text_or_number(a->run->c, a->value);
	size_t n = s ? strlen(s) : 0;
	bool found = false;

	for (size_t i = 0; s && i < a->rule->nparams && !found; i++)
		found = fn(s, n, a->rule->texts[i], strlen(a->rule->texts[i]));
	return fits(s && found == wanted);
}

static int test_starts_with(struct attempt *a)
{
	return has_part(a, starts, true);
}

static int test_ends_with(struct attempt *a)
{
	return has_part(a, ends, true);
}

static int test_doesnt_start_with(struct attempt *a)
{
	return has_part(a, starts, false);
}

static int test_doesnt_end_with(struct attempt *a)
{
	return has_part(a, ends, false);
}

/* --- regular expressions ---------------------------------------------------------- */

static int test_regex(struct attempt *a)
{
	return fits_pattern(a, text_or_number(a->run->c, a->value), true);
}

static int test_not_regex(struct attempt *a)
{
	return fits_pattern(a, text_or_number(a->run->c, a->value), false);
}

const struct rule_def text_rules[] = {
	{"alpha", 0, 1, TAKES_CHOICES, .test = test_alpha, .choices = "ascii",
	 .pattern = "^[\\pL\\pM]++$",
	 .message = "The :attribute field must only contain letters."},
	{"alpha_num", 0, 1, TAKES_CHOICES, .test = test_alpha_num, .choices = "ascii",
	 .pattern = "^[\\pL\\pM\\pN]++$",
	 .message = "The :attribute field must only contain letters and numbers."},
	{"alpha_dash", 0, 1, TAKES_CHOICES, .test = test_alpha_dash, .choices = "ascii",
	 .pattern = "^[\\pL\\pM\\pN_-]++$",
	 .message =
		 "The :attribute field must only contain letters, numbers, dashes, and "
		 "underscores."},
	{"ascii", .test = test_ascii,
	 .message = "The :attribute field must only contain single-byte alphanumeric "
		    "characters and symbols."},
	{"lowercase", .test = test_case, .pattern = "[\\p{Lu}\\p{Lt}]",
	 .message = "The :attribute field must be lowercase."},
	{"uppercase", .test = test_case, .pattern = "[\\p{Ll}\\p{Lt}]",
	 .message = "The :attribute field must be uppercase."},
	{"hex_color", .test = test_hex_color,
	 .message = "The :attribute field must be a valid hexadecimal color."},
	{"starts_with", 1, ANY, TAKES_TEXT, 0, 0, test_starts_with, "values",
	 "The :attribute field must start with one of the following: :values."},
	{"doesnt_start_with", 1, ANY, TAKES_TEXT, 0, 0, test_doesnt_start_with, "values",
	 "The :attribute field must not start with one of the following: :values."},
	{"ends_with", 1, ANY, TAKES_TEXT, 0, 0, test_ends_with, "values",
	 "The :attribute field must end with one of the following: :values."},
	{"doesnt_end_with", 1, ANY, TAKES_TEXT, 0, 0, test_doesnt_end_with, "values",
	 "The :attribute field must not end with one of the following: :values."},
	{"regex", 1, 1, TAKES_PATTERN, .test = test_regex,
	 .message = "The :attribute field format is invalid."},
	{"not_regex", 1, 1, TAKES_PATTERN, .test = test_not_regex,
	 .message = "The :attribute field format is invalid."},
	{NULL}};
