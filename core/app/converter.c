#include "app/converter.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/real.h"
#include "base/text.h"

bool conv_same_shape(const struct conv *a, const struct conv *b)
{
	if (a->kind != b->kind || a->weight != b->weight || a->is_signed != b->is_signed ||
	    a->min_len != b->min_len || a->max_len != b->max_len)
		return false;
	if (a->kind == CONV_CUSTOM)
		return a->custom == b->custom && !strcmp(a->args, b->args);
	if (a->kind != CONV_ANY)
		return true;
	const char *const *x = a->words, *const *y = b->words;
	while (*x && *y && !strcmp(*x, *y))
		x++, y++;
	return !*x && !*y;
}

bool conv_same(const struct conv *a, const struct conv *b)
{
	return a->kind != CONV_CUSTOM && conv_same_shape(a, b) && a->digits == b->digits &&
	       a->has_min == b->has_min && a->has_max == b->has_max && a->imin == b->imin &&
	       a->imax == b->imax && !(a->min < b->min || a->min > b->min) &&
	       !(a->max < b->max || a->max > b->max);
}

/* --- taking a piece of a path ---------------------------------------------------------------- */

static bool starts_char(char ch)
{
	return ((unsigned char)ch & 0xC0) != 0x80;
}

static size_t digit_run(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && is_digit(s[i]))
		i++;
	return i;
}

/* The most that a string may take, and how many characters that is. */
static size_t longest(const struct conv *cv, const char *s, size_t n, size_t *chars)
{
	size_t i = 0;
	*chars = 0;
	while (i < n && s[i] != '/' && *chars < cv->max_len) {
		i++;
		while (i < n && !starts_char(s[i]))
			i++;
		++*chars;
	}
	return i;
}

static bool next_string(const struct conv *cv, const char *s, size_t n, struct conv_try *t,
			size_t *len)
{
	if (t->at++ == 0) {
		t->len = longest(cv, s, n, &t->chars);
	} else {
		if (!t->chars)
			return false;
		do
			t->len--;
		while (t->len && !starts_char(s[t->len]));
		t->chars--;
	}
	*len = t->len;
	return t->chars >= cv->min_len;
}

static bool next_number(const struct conv *cv, const char *s, size_t n, struct conv_try *t,
			size_t *len)
{
	if (t->at++ == 0) {
		size_t sign = cv->is_signed && n && *s == '-';
		size_t d = digit_run(s + sign, n - sign);
		t->len = sign + d;
		t->chars = d; /* how often it may get shorter */
		if (cv->kind == CONV_FLOAT) {
			if (!d || t->len >= n || s[t->len] != '.')
				return false;
			t->chars = digit_run(s + t->len + 1, n - t->len - 1);
			t->len += 1 + t->chars;
		}
	} else {
		t->len--;
		t->chars--;
	}
	*len = t->len;
	return t->chars > 0;
}

static bool next_path(const char *s, size_t n, struct conv_try *t, size_t *len)
{
	if (!n || *s == '/')
		return false;
	do
		t->at++;
	while (t->at < n && !starts_char(s[t->at]));
	*len = t->at;
	return t->at <= n;
}

static bool uuid_shape(const char *s, size_t n)
{
	if (n < 36)
		return false;
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s[i] != '-' : hex_value((unsigned char)s[i]) < 0)
			return false;
	}
	return true;
}

/* Only lengths, longest first: whoever asks also asks conv_takes(). */
static bool next_custom(const struct conv *cv, const char *s, size_t n, struct conv_try *t,
			size_t *len)
{
	if (t->at++ == 0) {
		const char *slash = cv->slashes ? NULL : memchr(s, '/', n);
		t->len = slash ? (size_t)(slash - s) : n;
	} else {
		do
			t->len--;
		while (t->len && !starts_char(s[t->len]));
	}
	*len = t->len;
	return t->len > 0;
}

bool conv_next(const struct conv *cv, const char *s, size_t avail, struct conv_try *t,
	       size_t *len)
{
	switch (cv->kind) {
	case CONV_STRING:
		return next_string(cv, s, avail, t, len);
	case CONV_INT:
	case CONV_FLOAT:
		return next_number(cv, s, avail, t, len);
	case CONV_PATH:
		return next_path(s, avail, t, len);
	case CONV_UUID:
		*len = 36;
		return t->at++ == 0 && uuid_shape(s, avail);
	case CONV_ANY:
		while (cv->words[t->at]) {
			const char *w = cv->words[t->at++];
			*len = strlen(w);
			if (*len <= avail && !memcmp(s, w, *len))
				return true;
		}
		return false;
	case CONV_CUSTOM:
		return next_custom(cv, s, avail, t, len);
	}
	return false;
}

static bool takes_number(const struct conv *cv, const char *s, size_t n)
{
	size_t sign = cv->is_signed && n && *s == '-';
	size_t d = digit_run(s + sign, n - sign), end = sign + d;

	if (!d || cv->kind == CONV_INT)
		return d && end == n;
	if (end >= n || s[end] != '.')
		return false;
	d = digit_run(s + end + 1, n - end - 1);
	return d && end + 1 + d == n;
}

bool conv_takes(const struct conv *cv, cruet_ctx *c, const char *s, size_t len)
{
	size_t chars;
	const char *ignored = NULL;

	switch (cv->kind) {
	case CONV_STRING:
		return longest(cv, s, len, &chars) == len && chars >= cv->min_len;
	case CONV_INT:
	case CONV_FLOAT:
		return takes_number(cv, s, len);
	case CONV_PATH:
		return len && *s != '/';
	case CONV_UUID:
		return len == 36 && uuid_shape(s, len);
	case CONV_ANY:
		for (const char *const *w = cv->words; *w; w++)
			if (strlen(*w) == len && !memcmp(s, *w, len))
				return true;
		return false;
	case CONV_CUSTOM:
		return len && cv->custom->parse(cv->custom->self, cv->prepared, c, s, len, &ignored);
	}
	return false;
}

/* --- values ---------------------------------------------------------------------------------- */

/* What ends its text is a text already. */
static const char *text_of(struct arena *a, const char *s, size_t len)
{
	return s[len] ? arena_strndup(a, s, len) : s;
}

static bool accept_int(const struct conv *cv, struct arena *a, const char *s, size_t len,
		       struct arg *out)
{
	int64_t v;
	if (cv->digits && len != cv->digits)
		return false;
	if (!text_intn(s, len, &v) || (cv->has_min && v < cv->imin) ||
	    (cv->has_max && v > cv->imax))
		return false;
	out->kind = ARG_INT;
	out->number = v;
	/* The usual spelling needs no other. */
	size_t sign = *s == '-';
	out->value = (len > sign + 1 && s[sign] == '0') || (v == 0 && sign)
			     ? arena_printf(a, "%lld", (long long)v)
			     : text_of(a, s, len);
	return true;
}

static bool accept_float(const struct conv *cv, struct arena *a, const char *s, size_t len,
			 struct arg *out)
{
	char text[40];
	double v;
	char *copy = arena_strndup(a, s, len);

	out->kind = ARG_REAL;
	out->value = NULL;
	if (!copy)
		return true;
	if (!real_read(copy, &v) || (cv->has_min && v < cv->min) || (cv->has_max && v > cv->max))
		return false;
	real_put(text, sizeof text, v);
	out->value = arena_strdup(a, text);
	return true;
}

bool conv_accept(const struct conv *cv, struct arena *a, cruet_ctx *c, const char *s,
		 size_t len, struct arg *out)
{
	const char *as = NULL;

	out->kind = ARG_TEXT;
	switch (cv->kind) {
	case CONV_INT:
		return accept_int(cv, a, s, len, out);
	case CONV_FLOAT:
		return accept_float(cv, a, s, len, out);
	case CONV_CUSTOM:
		if (!cv->custom->parse(cv->custom->self, cv->prepared, c, s, len, &as))
			return false;
		out->value = as ? as : arena_strndup(a, s, len);
		return true;
	case CONV_UUID: {
		char *copy = arena_strndup(a, s, len);
		for (size_t i = 0; copy && i < len; i++)
			copy[i] = to_lower(copy[i]);
		out->value = copy;
		return true;
	}
	default:
		out->value = text_of(a, s, len);
		return true;
	}
}

static const char *format_int(const struct conv *cv, struct arena *a, const char *value,
			      const char **why)
{
	int64_t v;
	double d;
	if (!text_int(value, &v)) {
		if (!real_read(value, &d) || d < -9e15 || d > 9e15) {
			*why = arena_printf(a, "'%s' is no integer", value);
			return NULL;
		}
		v = (int64_t)d;
	}
	if (!cv->digits)
		return arena_printf(a, "%lld", (long long)v);
	return arena_printf(a, "%0*lld", (int)cv->digits, (long long)v);
}

/* As <float> reads it: always with a point, never with an exponent. */
static const char *format_float(struct arena *a, double v)
{
	char text[40], digits[24];
	size_t n = 0;

	real_put(text, sizeof text, v);
	const char *e = strchr(text, 'e');
	if (!e)
		return arena_strdup(a, text);
	int exp = atoi(e + 1);
	const char *minus = *text == '-' ? "-" : "";
	for (const char *p = text; p < e && n < sizeof digits - 1; p++)
		if (is_digit(*p))
			digits[n++] = *p;
	digits[n] = '\0';
	if (exp < 0)
		return arena_printf(a, "%s0.%0*d%s", minus, -exp - 1, 0, digits);
	return arena_printf(a, "%s%s%0*d.0", minus, digits, exp - (int)n + 1, 0);
}

const char *conv_format(const struct conv *cv, struct arena *a, cruet_ctx *c,
			const char *value, const char **why)
{
	const char *text;
	double d;

	switch (cv->kind) {
	case CONV_INT:
		return format_int(cv, a, value, why);
	case CONV_FLOAT:
		if (!real_read(value, &d)) {
			*why = arena_printf(a, "'%s' is no number", value);
			return NULL;
		}
		return format_float(a, d);
	case CONV_ANY:
		for (const char *const *w = cv->words; *w; w++)
			if (!strcmp(*w, value))
				return value;
		*why = arena_printf(a, "'%s' is none of the words that are allowed", value);
		return NULL;
	case CONV_CUSTOM:
		if (!cv->custom->format)
			return value;
		text = cv->custom->format(cv->custom->self, cv->prepared, c, value);
		if (!text)
			*why = arena_printf(a, "converter '%s' does not take '%s'",
					    cv->custom->name, value);
		return text;
	default:
		return value;
	}
}
