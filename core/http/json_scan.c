#include "http/json_scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "base/text.h"
#include "cruet/error.h"

enum { NUMBER_MAX = 63 }; /* what cJSON reads of a number */

void scan_init(struct scan *s, const char *text, size_t len, const struct json_limits *limits,
	       struct json_problem *why)
{
	*s = (struct scan){.text = text, .len = len, .limits = *limits, .why = why};
	buf_init(&s->names, NULL, 0);
	*why = (struct json_problem){.line = 0};
}

void scan_fini(struct scan *s)
{
	buf_fini(&s->names);
	free(s->keys);
	free(s->integers);
}

bool scan_fail(struct scan *s, size_t offset, const char *fmt, ...)
{
	va_list ap;

	s->why->line = s->why->column = 1;
	for (size_t i = 0; i < offset && i < s->len; i++) {
		s->why->column++;
		if (s->text[i] == '\n') {
			s->why->line++;
			s->why->column = 1;
		}
	}
	va_start(ap, fmt);
	vsnprintf(s->why->what, sizeof s->why->what, fmt, ap);
	va_end(ap);
	return false;
}

static bool no_memory(struct scan *s)
{
	s->why->line = 0;
	snprintf(s->why->what, sizeof s->why->what, "out of memory");
	return false;
}

/* What stands at the present place, for "expected ..., found ...". */
static bool unexpected(struct scan *s, const char *expected)
{
	unsigned char ch = s->at < s->len ? (unsigned char)s->text[s->at] : 0;

	if (s->at >= s->len)
		return scan_fail(s, s->at, "expected %s, found the end of the text", expected);
	if (ch > ' ' && ch < 0x7f)
		return scan_fail(s, s->at, "expected %s, found '%c'", expected, ch);
	return scan_fail(s, s->at, "expected %s, found byte 0x%02X", expected, ch);
}

void scan_space(struct scan *s)
{
	while (s->at < s->len && (s->text[s->at] == ' ' || s->text[s->at] == '\n' ||
				  s->text[s->at] == '\t' || s->text[s->at] == '\r'))
		s->at++;
}

static bool next_is(struct scan *s, char ch)
{
	if (s->at >= s->len || s->text[s->at] != ch)
		return false;
	s->at++;
	return true;
}

/* --- strings --------------------------------------------------------------------------- */

static bool hex4(struct scan *s, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, s->at++) {
		int v = s->at < s->len ? hex_value((unsigned char)s->text[s->at]) : -1;
		if (v < 0)
			return unexpected(s, "four hex digits after \\u");
		*out = *out << 4 | (uint32_t)v;
	}
	return true;
}

/* After "\u". */
static bool unicode_escape(struct scan *s, struct buf *out)
{
	size_t start = s->at - 2;
	uint32_t cp, low;
	char bytes[4];

	if (!hex4(s, &cp))
		return false;
	if (!cp)
		return scan_fail(s, start, "\\u0000 is not accepted in a string");
	if (cp >= 0xDC00 && cp <= 0xDFFF)
		return scan_fail(s, start, "half of a surrogate pair");
	if (cp >= 0xD800 && cp <= 0xDBFF) {
		if (!next_is(s, '\\') || !next_is(s, 'u'))
			return scan_fail(s, start, "half of a surrogate pair");
		if (!hex4(s, &low))
			return false;
		if (low < 0xDC00 || low > 0xDFFF)
			return scan_fail(s, start, "half of a surrogate pair");
		cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
	}
	if (out)
		buf_put(out, bytes, utf8_put(bytes, cp));
	return true;
}

static bool escape(struct scan *s, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char ch = s->at < s->len ? s->text[s->at] : '\0';
	const char *p = ch ? strchr(from, ch) : NULL;

	if (ch == 'u') {
		s->at++;
		return unicode_escape(s, out);
	}
	if (!p)
		return unexpected(s, "one of \"\\/bfnrtu after a backslash");
	s->at++;
	if (out)
		buf_char(out, to[p - from]);
	return true;
}

bool scan_string(struct scan *s, struct buf *out)
{
	size_t start = s->at;
	uint32_t cp;

	if (!next_is(s, '"'))
		return unexpected(s, "a string in double quotes");
	for (;;) {
		size_t from = s->at;
		while (s->at < s->len && (unsigned char)s->text[s->at] >= ' ' &&
		       (unsigned char)s->text[s->at] < 0x80 && s->text[s->at] != '"' &&
		       s->text[s->at] != '\\')
			s->at++;
		if (out)
			buf_put(out, s->text + from, s->at - from);
		if (s->at >= s->len)
			return scan_fail(s, start, "this string has no end");
		unsigned char ch = (unsigned char)s->text[s->at];
		if (ch == '"') {
			s->at++;
			return true;
		}
		if (ch == '\\') {
			s->at++;
			if (!escape(s, out))
				return false;
		} else if (ch < ' ') {
			return scan_fail(s, s->at,
					 "a control character in a string: write it as \\u%04x", ch);
		} else {
			size_t n = utf8_next(s->text + s->at, s->len - s->at, &cp);
			if (!n)
				return scan_fail(s, s->at, "byte 0x%02X is not UTF-8", ch);
			if (out)
				buf_put(out, s->text + s->at, n);
			s->at += n;
		}
	}
}

/* --- numbers ---------------------------------------------------------------------------- */

static size_t digits(struct scan *s)
{
	size_t from = s->at;
	while (s->at < s->len && is_digit(s->text[s->at]))
		s->at++;
	return s->at - from;
}

static bool keep_integer(struct scan *s, size_t start, size_t len)
{
	if (s->nintegers == s->integers_cap) {
		size_t cap = s->integers_cap ? s->integers_cap * 2 : 16;
		void *p = realloc(s->integers, cap * sizeof *s->integers);
		if (!p)
			return no_memory(s);
		s->integers = p;
		s->integers_cap = cap;
	}
	s->integers[s->nintegers++] = (struct scan_integer){s->numbers, start, len};
	return true;
}

static bool number(struct scan *s)
{
	size_t start = s->at;
	bool whole = true;
	char copy[NUMBER_MAX + 1];
	int64_t v;
	double real;

	next_is(s, '-');
	if (next_is(s, '0')) {
		if (s->at < s->len && is_digit(s->text[s->at]))
			return scan_fail(s, start, "a number may not begin with 0");
	} else if (!digits(s)) {
		return unexpected(s, "a digit");
	}
	if (next_is(s, '.')) {
		whole = false;
		if (!digits(s))
			return unexpected(s, "a digit after the point");
	}
	if (s->at < s->len && (s->text[s->at] == 'e' || s->text[s->at] == 'E')) {
		whole = false;
		s->at++;
		if (!next_is(s, '+'))
			next_is(s, '-');
		if (!digits(s))
			return unexpected(s, "a digit in the exponent");
	}
	size_t len = s->at - start;
	if (len > NUMBER_MAX)
		return scan_fail(s, start, "a number of more than %d characters", NUMBER_MAX);
	memcpy(copy, s->text + start, len);
	copy[len] = '\0';
	if (whole) {
		if (!text_intn(copy, len, &v))
			return scan_fail(s, start, "an integer beyond 64 bits");
		if ((v > JSON_EXACT_MAX || v < -JSON_EXACT_MAX) && !keep_integer(s, start, len))
			return false;
	} else if (!real_read(copy, &real)) {
		return scan_fail(s, start, "a number out of range");
	}
	s->numbers++;
	return true;
}

/* --- arrays and objects -------------------------------------------------------------------- */

static bool count_member(struct scan *s)
{
	if (++s->members <= s->limits.members)
		return true;
	s->why->limit = true;
	return scan_fail(s, s->at, "more than %u values", s->limits.members);
}

static bool enter(struct scan *s)
{
	if (++s->depth > s->limits.depth) {
		s->why->limit = true;
		return scan_fail(s, s->at, "nested deeper than %u", s->limits.depth);
	}
	s->at++;
	scan_space(s);
	return true;
}

static bool array(struct scan *s)
{
	if (!enter(s))
		return false;
	if (!next_is(s, ']')) {
		for (;;) {
			if (!count_member(s) || !scan_value(s))
				return false;
			scan_space(s);
			if (next_is(s, ']'))
				break;
			if (!next_is(s, ','))
				return unexpected(s, "',' or ']'");
			scan_space(s);
		}
	}
	s->depth--;
	return true;
}

static bool push_key(struct scan *s)
{
	size_t offset = s->at, at = s->names.len;

	if (!scan_string(s, &s->names))
		return false;
	if (buf_err(&s->names))
		return no_memory(s);
	if (s->nkeys == s->keys_cap) {
		size_t cap = s->keys_cap ? s->keys_cap * 2 : 32;
		void *p = realloc(s->keys, cap * sizeof *s->keys);
		if (!p)
			return no_memory(s);
		s->keys = p;
		s->keys_cap = cap;
	}
	s->keys[s->nkeys++] = (struct scan_key){at, s->names.len - at, offset};
	return true;
}

static int compare_keys(const void *a, const void *b, void *names)
{
	const struct scan_key *x = a, *y = b;
	const char *base = names;
	int c = memcmp(base + x->at, base + y->at, x->len < y->len ? x->len : y->len);

	if (c)
		return c;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Sorting, not comparing all pairs: thousands of members stay cheap. */
static bool names_differ(struct scan *s, size_t from)
{
	size_t n = s->nkeys - from;

	if (n < 2)
		return true;
	struct scan_key *k = s->keys + from;
	qsort_r(k, n, sizeof *k, compare_keys, s->names.p);
	for (size_t i = 1; i < n; i++)
		if (k[i].len == k[i - 1].len &&
		    !memcmp(s->names.p + k[i].at, s->names.p + k[i - 1].at, k[i].len))
			return scan_fail(s, k[i].offset, "the name \"%.*s\" stands here twice",
					 (int)(k[i].len < 60 ? k[i].len : 60),
					 s->names.p + k[i].at);
	return true;
}

static bool object(struct scan *s)
{
	size_t keys = s->nkeys, names = s->names.len;

	if (!enter(s))
		return false;
	if (!next_is(s, '}')) {
		for (;;) {
			if (!count_member(s) || !push_key(s))
				return false;
			scan_space(s);
			if (!next_is(s, ':'))
				return unexpected(s, "':'");
			scan_space(s);
			if (!scan_value(s))
				return false;
			scan_space(s);
			if (next_is(s, '}'))
				break;
			if (!next_is(s, ','))
				return unexpected(s, "',' or '}'");
			scan_space(s);
		}
	}
	if (!names_differ(s, keys))
		return false;
	s->nkeys = keys;
	s->names.len = names;
	s->depth--;
	return true;
}

static bool word(struct scan *s, const char *w)
{
	size_t n = strlen(w);
	if (s->len - s->at < n || memcmp(s->text + s->at, w, n) != 0)
		return unexpected(s, "a value");
	s->at += n;
	return true;
}

bool scan_value(struct scan *s)
{
	switch (s->at < s->len ? s->text[s->at] : '\0') {
	case '{':
		return object(s);
	case '[':
		return array(s);
	case '"':
		return scan_string(s, NULL);
	case 't':
		return word(s, "true");
	case 'f':
		return word(s, "false");
	case 'n':
		return word(s, "null");
	case '-':
		return number(s);
	default:
		return s->at < s->len && is_digit(s->text[s->at]) ? number(s)
								  : unexpected(s, "a value");
	}
}

bool scan_document(struct scan *s)
{
	if (s->len >= 3 && !memcmp(s->text, "\xEF\xBB\xBF", 3))
		return scan_fail(s, 0, "a byte order mark: JSON begins without one");
	scan_space(s);
	if (!scan_value(s))
		return false;
	scan_space(s);
	return s->at == s->len || unexpected(s, "the end of the text");
}

char *scan_blank_comments(struct scan *s)
{
	char *out = malloc(s->len + 1);
	bool quoted = false;

	if (!out) {
		no_memory(s);
		return NULL;
	}
	memcpy(out, s->text, s->len);
	out[s->len] = '\0';
	for (size_t i = 0; i < s->len; i++) {
		char two = i + 1 < s->len ? out[i + 1] : '\0';
		if (quoted) {
			if (out[i] == '\\')
				i++;
			else if (out[i] == '"' || out[i] == '\n')
				quoted = false;
		} else if (out[i] == '"') {
			quoted = true;
		} else if (out[i] == '/' && two == '/') {
			while (i < s->len && out[i] != '\n')
				out[i++] = ' ';
		} else if (out[i] == '/' && two == '*') {
			const char *end = memmem(s->text + i + 2, s->len - i - 2, "*/", 2);
			if (!end) {
				scan_fail(s, i, "this comment has no end");
				free(out);
				return NULL;
			}
			for (size_t stop = (size_t)(end - s->text) + 2; i < stop; i++)
				if (out[i] != '\n')
					out[i] = ' ';
			i--;
		}
	}
	return out;
}
