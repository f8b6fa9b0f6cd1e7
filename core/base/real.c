#include "base/real.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* strtod() and printf() know the point of the locale alone. So no point ever goes
 * through them: "12.5e3" is read as "125e2", and only the digits and the exponent
 * of what printf() gives are looked at. */

enum { REAL_MAX = 400, EXPONENT_MAX = 99999 };

/* "e-12" and the like at s, or nothing; its end, or NULL if it is cut short. */
static const char *exponent(const char *s, int *out)
{
	bool minus = false;

	*out = 0;
	if (*s != 'e' && *s != 'E')
		return s;
	s++;
	if (*s == '+' || *s == '-')
		minus = *s++ == '-';
	if (!is_digit(*s))
		return NULL;
	for (; is_digit(*s); s++)
		if (*out < EXPONENT_MAX)
			*out = *out * 10 + (*s - '0');
	if (minus)
		*out = -*out;
	return s;
}

bool real_read(const char *s, double *out)
{
	char copy[REAL_MAX + 32];
	size_t n = 0;
	int exp, after_point = 0;

	if (strnlen(s, REAL_MAX + 1) > REAL_MAX)
		return false;
	if (*s == '-')
		copy[n++] = *s++;
	if (!is_digit(*s))
		return false;
	while (is_digit(*s))
		copy[n++] = *s++;
	if (*s == '.') {
		if (!is_digit(*++s))
			return false;
		for (; is_digit(*s); after_point++)
			copy[n++] = *s++;
	}
	s = exponent(s, &exp);
	if (!s || *s)
		return false;
	snprintf(copy + n, sizeof copy - n, "e%d", exp - after_point);
	*out = strtod(copy, NULL);
	return isfinite(*out);
}

static bool reads_back(const char *digits, int exp, double v)
{
	char text[40];

	snprintf(text, sizeof text, "%se%d", digits, exp);
	return strtod(text, NULL) == v;
}

/* Fills digits, which holds n; *exp is the exponent of the first. */
static void print_digits(double v, int n, char *digits, int *exp)
{
	char text[40];
	const char *p = text;

	snprintf(text, sizeof text, "%.*e", n - 1, v);
	for (; *p && *p != 'e'; p++)
		if (is_digit(*p))
			*digits++ = *p;
	*digits = '\0';
	exponent(p, exp);
}

/* Numbers as people write them: v is m / 10^k with both exact in a double, and a
 * division rounds right, so m / 10^k == v says that "m e-k" reads back as v. */
static int few_digits(double v, char digits[24], int *exp)
{
	static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

	for (int k = 0; k < 7 && v < 1e9; k++) {
		double m = rint(v * powers[k]);
		if (m / powers[k] != v)
			continue;
		int n = snprintf(digits, 24, "%" PRId64, (int64_t)m);
		*exp = n - 1 - k;
		return n;
	}
	return 0;
}

/* The fewest digits that read back as v >= 0; returns how many. 15 always survive
 * a double and can be cut only by their zeros, but for numbers too small to have
 * 15. At a power of two the numbers above lie twice as far apart as those below:
 * there the second nearest text of 16 digits may do where the nearest does not. */
static int shortest(double v, char digits[24], int *exp)
{
	int n = few_digits(v, digits, exp);

	for (n = n ? n : v < DBL_MIN ? 1 : 15; n < 17; n++) {
		print_digits(v, n, digits, exp);
		if (reads_back(digits, *exp - (n - 1), v))
			break;
		if (n == 16 && digits[15] != '9') {
			digits[15]++;
			if (reads_back(digits, *exp - 15, v))
				break;
		}
	}
	if (n == 17)
		print_digits(v, n, digits, exp);
	while (n > 1 && digits[n - 1] == '0')
		digits[--n] = '\0';
	return n;
}

size_t real_put(char *out, size_t cap, double v)
{
	char digits[24];
	const char *minus = signbit(v) ? "-" : "";
	int exp, len;

	if (!isfinite(v)) {
		len = snprintf(out, cap, "%s", isnan(v) ? "nan" : *minus ? "-inf" : "inf");
	} else {
		int n = shortest(fabs(v), digits, &exp);
		if (exp < -4 || exp >= 16)
			len = snprintf(out, cap, "%s%c%s%se%c%02d", minus, digits[0],
				       n > 1 ? "." : "", digits + 1, exp < 0 ? '-' : '+', abs(exp));
		else if (exp < 0) /* 0.00ddd */
			len = snprintf(out, cap, "%s0.%.*s%s", minus, -exp - 1, "000", digits);
		else if (n <= exp + 1) /* ddd00.0 */
			len = snprintf(out, cap, "%s%s%.*s.0", minus, digits, exp + 1 - n,
				       "0000000000000000");
		else
			len = snprintf(out, cap, "%s%.*s.%s", minus, exp + 1, digits,
				       digits + exp + 1);
	}
	return len < 0 ? 0 : (size_t)len < cap ? (size_t)len : cap ? cap - 1 : 0;
}
