#include "base/text.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

int hex_value(int ch)
{
	if (is_digit(ch))
		return ch - '0';
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	return -1;
}

/* A set of ASCII characters: bit n of the two words together is character n. */
static bool in_set(const uint64_t set[2], unsigned ch)
{
	return ch < 128 && set[ch >> 6] >> (ch & 63) & 1;
}

/* Computed from the definitions at enum text_class; tests/unit/base/text.c holds it
 * against them. */
const unsigned char text_classes[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	66, 127, 22, 67, 127, 71, 127, 127, 126, 126, 127, 127, 126, 127, 127, 86,
	127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 86, 126, 86, 126, 86, 70,
	86, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95,
	95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 86, 22, 86, 87, 127,
	87, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
	127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 86, 87, 86, 127, 64,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
};

bool text_ieqn(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (to_lower(a[i]) != to_lower(b[i]))
			return false;
		if (!a[i])
			return true;
	}
	return true;
}

bool text_ieq_whole(const char *a, const char *b)
{
	for (; *a == *b || to_lower(*a) == to_lower(*b); a++, b++)
		if (!*a)
			return true;
	return false;
}

bool text_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool text_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && !memcmp(s + n - m, suffix, m);
}

/* Multiplying lets each bit change the higher ones, which then change the lower. */
static uint64_t mixed(uint64_t h)
{
	h *= UINT64_C(0x9E3779B97F4A7C15); /* 2^64 by the golden ratio */
	return h ^ h >> 32;
}

/* Eight bytes at a time: most names take one or two steps. */
uint32_t text_hash(const char *s, size_t len)
{
	uint64_t h = len, v;

	for (; len >= sizeof v; s += sizeof v, len -= sizeof v) {
		memcpy(&v, s, sizeof v);
		h = mixed(h ^ v);
	}
	for (v = 0; len; len--)
		v = v << 8 | (unsigned char)*s++;
	return (uint32_t)mixed(mixed(h ^ v));
}

/* --- UTF-8 ---------------------------------------------------------------------------- */

size_t utf8_next(const char *s, size_t len, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s;

	if (!len)
		return 0;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	size_t n = p[0] >= 0xC2 && p[0] <= 0xDF ? 2 : p[0] >= 0xE0 && p[0] <= 0xEF ? 3
		   : p[0] >= 0xF0 && p[0] <= 0xF4			    ? 4
									    : 0;
	if (!n || n > len)
		return 0;
	uint32_t v = p[0] & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3Fu);
	}
	if ((n == 3 && v < 0x800) || (n == 4 && (v < 0x10000 || v > 0x10FFFF)) ||
	    (v >= 0xD800 && v <= 0xDFFF))
		return 0;
	*cp = v;
	return n;
}

bool utf8_valid(const char *p, size_t len)
{
	uint32_t cp;

	for (size_t i = 0, n; i < len; i += n) {
		if ((unsigned char)p[i] < 0x80) {
			n = 1;
			continue;
		}
		n = utf8_next(p + i, len - i, &cp);
		if (!n)
			return false;
	}
	return true;
}

size_t utf8_put(char out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

void utf8_clean(struct buf *b, const char *p, size_t len)
{
	size_t from = 0, n;
	uint32_t cp;

	for (size_t i = 0; i < len; i += n ? n : 1) {
		n = (unsigned char)p[i] < 0x80 ? 1 : utf8_next(p + i, len - i, &cp);
		if (n)
			continue;
		buf_put(b, p + from, i - from);
		buf_put(b, "\xEF\xBF\xBD", 3);
		from = i + 1;
	}
	buf_put(b, p + from, len - from);
}

/* --- percent-encoding and HTML ------------------------------------------------------------ */

char *percent_decode(struct arena *a, const char *p, size_t len, bool plus, size_t *out_len)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0;

	if (!out)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		int hi, lo;
		if (p[i] == '%' && len - i > 2 && (hi = hex_value(p[i + 1])) >= 0 &&
		    (lo = hex_value(p[i + 2])) >= 0) {
			out[n++] = (char)(hi << 4 | lo);
			i += 2;
		} else {
			out[n++] = plus && p[i] == '+' ? ' ' : p[i];
		}
	}
	out[n] = '\0';
	if (out_len)
		*out_len = n;
	return out;
}

bool percent_valid(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] == '%' &&
		    (len - i < 3 || hex_value(p[i + 1]) < 0 || hex_value(p[i + 2]) < 0))
			return false;
	return true;
}

static void add_to_set(uint64_t set[2], const char *chars)
{
	for (; *chars; chars++)
		if ((unsigned char)*chars < 128)
			set[*chars >> 6] |= UINT64_C(1) << (*chars & 63);
}

void percent_encode(struct buf *b, const char *s, size_t len, const char *safe, bool plus)
{
	static const char digits[] = "0123456789ABCDEF";
	/* letters, digits and -._~ */
	uint64_t set[2] = {0x03ff600000000000, 0x47fffffe87fffffe};
	size_t from = 0;

	add_to_set(set, safe);
	for (size_t i = 0; i < len; i++) {
		unsigned char ch = (unsigned char)s[i];
		if (in_set(set, ch))
			continue;
		buf_put(b, s + from, i - from);
		from = i + 1;
		if (plus && ch == ' ') {
			buf_char(b, '+');
		} else {
			char esc[3] = {'%', digits[ch >> 4], digits[ch & 15]};
			buf_put(b, esc, 3);
		}
	}
	buf_put(b, s + from, len - from);
}

void html_escape(struct buf *b, const char *s, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		const char *as = s[i] == '&'   ? "&amp;"
				 : s[i] == '<' ? "&lt;"
				 : s[i] == '>' ? "&gt;"
				 : s[i] == '"' ? "&#34;"
				 : s[i] == '\'' ? "&#39;"
						: NULL;
		if (!as)
			continue;
		buf_put(b, s + from, i - from);
		buf_str(b, as);
		from = i + 1;
	}
	buf_put(b, s + from, len - from);
}

/* --- numbers --------------------------------------------------------------------------------- */

bool text_intn(const char *s, size_t len, int64_t *out)
{
	enum { ALWAYS_FIT = 18 }; /* characters of a number of 64 bits */
	bool minus = len && *s == '-';
	uint64_t v = 0, limit = (uint64_t)INT64_MAX + minus;

	if (len == (size_t)minus)
		return false;
	for (size_t i = minus; i < len; i++) {
		if (!is_digit(s[i]))
			return false;
		unsigned d = (unsigned)(s[i] - '0');
		if (i >= ALWAYS_FIT && v > (limit - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool text_int(const char *s, int64_t *out)
{
	return text_intn(s, strlen(s), out);
}

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

bool text_real(const char *s, double *out)
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

size_t text_put_real(char *out, size_t cap, double v)
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

/* --- names -------------------------------------------------------------------------------------- */

enum { NEAR_MAX = 64 };

/* Optimal string alignment: Levenshtein with neighbours swapped. */
size_t text_distance(const char *a, const char *b)
{
	size_t n = strnlen(a, NEAR_MAX), m = strnlen(b, NEAR_MAX);
	unsigned char rows[3][NEAR_MAX + 1];
	unsigned char *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= m; j++)
		last[j] = (unsigned char)j;
	memset(before, 0, NEAR_MAX + 1);
	for (size_t i = 1; i <= n; i++) {
		now[0] = (unsigned char)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned d = last[j - 1] + (a[i - 1] != b[j - 1]);
			if (last[j] + 1u < d)
				d = last[j] + 1u;
			if (now[j - 1] + 1u < d)
				d = now[j - 1] + 1u;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1u < d)
				d = before[j - 2] + 1u;
			now[j] = (unsigned char)d;
		}
		unsigned char *t = before;
		before = last;
		last = now;
		now = t;
	}
	return last[m];
}

const char *text_nearest(const char *s, const char *const *names)
{
	const char *best = NULL;
	size_t least = SIZE_MAX, n = strlen(s);

	for (; names && *names; names++) {
		size_t d = text_distance(s, *names), m = strlen(*names);
		size_t longer = n > m ? n : m;
		/* Up to a third of the letters may be wrong, at least one. */
		if (d < least && d <= (longer / 3 > 1 ? longer / 3 : 1) && d < longer) {
			least = d;
			best = *names;
		}
	}
	return best;
}

/* U+0080 to U+009F are control characters too: 0xC2 and the number itself. */
static bool is_control(const char *s, bool *second)
{
	unsigned char ch = (unsigned char)*s, next = (unsigned char)s[1];
	bool first = ch == 0xC2 && next >= 0x80 && next <= 0x9F;
	bool control = ch < ' ' || ch == 0x7f || first || *second;

	*second = first;
	return control;
}

void text_visible(char *out, size_t cap, const char *in)
{
	static const char hex[] = "0123456789abcdef";
	bool second = false;
	size_t n = 0;

	for (; *in && n + 5 < cap; in++) {
		unsigned char ch = (unsigned char)*in;
		if (!is_control(in, &second)) {
			out[n++] = (char)ch;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[ch >> 4];
		out[n++] = hex[ch & 15];
	}
	out[n] = '\0';
}

bool text_same_secret(const void *a, const void *b, size_t len)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char diff = 0;

	for (size_t i = 0; i < len; i++)
		diff |= x[i] ^ y[i];
	return !diff;
}
