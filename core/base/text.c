#include "base/text.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/percent.h"

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
	for (size_t i = 0; i < len; n++) {
		bool space = plus && p[i] == '+';
		i += percent_byte(p + i, len - i, &out[n]);
		if (space)
			out[n] = ' ';
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

/* --- what others read ------------------------------------------------------------------------ */

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
