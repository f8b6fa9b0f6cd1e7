#include "number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POWER_MAX = 300, DIGITS_MAX = 100000 };

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static const char *skip_space(const char *s)
{
	return s + strspn(s, " \t\n\r\v\f");
}

/* [eE][+-]digits; s is left alone if there is none. */
static const char *exponent(const char *s, int32_t *out)
{
	const char *p = s + 1;
	bool negative = false;
	int32_t e = 0;

	if (*s != 'e' && *s != 'E')
		return s;
	if (*p == '+' || *p == '-')
		negative = *p++ == '-';
	if (!is_digit(*p))
		return s;
	for (; is_digit(*p); p++)
		if (e < 1000000)
			e = e * 10 + (*p - '0');
	*out = negative ? -e : e;
	return p;
}

bool decimal_parse(const char *s, struct decimal *out)
{
	struct decimal d = {.p = ""};
	const char *first = NULL, *last = NULL; /* digits that are not 0 */
	int32_t seen = 0, e = 0, after_first = 0, after_last = 0;
	bool point = false;

	s = skip_space(s);
	if (*s == '+' || *s == '-')
		d.negative = *s++ == '-';
	for (; is_digit(*s) || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
			continue;
		}
		if (++seen > DIGITS_MAX)
			return false;
		d.places += point;
		if (*s != '0') {
			if (!first) {
				first = s;
				after_first = seen;
			}
			last = s;
			after_last = seen;
		}
	}
	const char *end = exponent(s, &e);
	d.exponent = end != s;
	if (!seen || *skip_space(end))
		return false;
	if (first) {
		int32_t whole = seen - d.places;
		d.p = first;
		d.len = (size_t)(last - first) + 1;
		d.top = whole - after_first + e;
		d.low = whole - after_last + e;
		if (d.top > POWER_MAX || d.top < -POWER_MAX)
			return false;
	} else {
		d.negative = false;
	}
	*out = d;
	return true;
}

static int compare_magnitude(const struct decimal *a, const struct decimal *b)
{
	const char *p = a->p, *pe = p + a->len, *q = b->p, *qe = q + b->len;

	if (!a->len || !b->len)
		return (a->len != 0) - (b->len != 0);
	if (a->top != b->top)
		return a->top < b->top ? -1 : 1;
	while (p < pe || q < qe) {
		if (p < pe && *p == '.')
			p++;
		if (q < qe && *q == '.')
			q++;
		char x = p < pe ? *p++ : '0', y = q < qe ? *q++ : '0';
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	int r = compare_magnitude(a, b);
	return a->negative ? -r : r;
}

size_t decimal_digits(const struct decimal *d)
{
	return d->len ? (size_t)(d->top - d->low) + 1 : 0;
}

bool decimal_multiple(const struct decimal *v, const struct decimal *m)
{
	uint64_t unit = 0, rest = 0;

	if (!v->len)
		return true;
	/* The last digit of v is not 0, so finer digits than m's never fit. */
	if (v->low < m->low)
		return false;
	for (size_t i = 0; i < m->len; i++)
		if (m->p[i] != '.')
			unit = unit * 10 + (uint64_t)(m->p[i] - '0');
	for (size_t i = 0; i < v->len; i++)
		if (v->p[i] != '.')
			rest = (rest * 10 + (uint64_t)(v->p[i] - '0')) % unit;
	for (int32_t i = m->low; i < v->low; i++)
		rest = rest * 10 % unit;
	return rest == 0;
}

double decimal_real(const struct decimal *d)
{
	enum { PRECISE = 40 };
	char text[PRECISE + 24];
	size_t n = 0, i = 0;

	for (; i < d->len && n < PRECISE; i++)
		if (d->p[i] != '.')
			text[n++] = d->p[i];
	if (!n)
		return 0;
	/* What is cut off is not 0: it decides between two that are equally near. */
	if (i < d->len)
		text[n++] = '1';
	/* No point in it, so the locale does not matter. */
	snprintf(text + n, sizeof text - n, "e%d", d->top - (int)n + 1);
	double v = strtod(text, NULL);
	return d->negative ? -v : v;
}

bool decimal_int(const struct decimal *d, int64_t *out)
{
	int64_t v = 0;

	if (d->low < 0 || d->top > 18)
		return false;
	for (size_t i = 0; i < d->len; i++)
		if (d->p[i] != '.' && (__builtin_mul_overflow(v, 10, &v) ||
				       __builtin_sub_overflow(v, d->p[i] - '0', &v)))
			return false;
	for (int32_t i = 0; d->len && i < d->low; i++)
		if (__builtin_mul_overflow(v, 10, &v))
			return false;
	/* v is negative so far, for INT64_MIN to fit. */
	if (!d->negative && v == INT64_MIN)
		return false;
	*out = d->negative ? v : -v;
	return true;
}

bool integer_parse(const char *s, int64_t *out)
{
	struct decimal d;
	const char *p = skip_space(s);

	if (*p == '+' || *p == '-')
		p++;
	if (!is_digit(*p) || (*p == '0' && is_digit(p[1])))
		return false;
	p += strspn(p, "0123456789");
	return !*skip_space(p) && decimal_parse(s, &d) && decimal_int(&d, out);
}
