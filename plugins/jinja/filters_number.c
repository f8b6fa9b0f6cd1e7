/* Filters of numbers. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter.h"

FILTER(abs)
{
	UNUSED;
	if (a[0].kind == V_REAL)
		return val_real(fabs(a[0].as.r));
	if (is_whole(a[0]))
		return a[0].as.i < 0 ? op_negate(r, a[0]) : val_int(a[0].as.i);
	return fail(r, "TypeError", "bad operand type for abs(): '%s'", val_type(a[0]));
}

/* --- texts as numbers ------------------------------------------------------------------------------ */

/* s without white space around it and without single _ between digits; NULL: it has others,
 * or is too long for a number. */
static const char *cleaned(struct render *r, val s, char buf[512])
{
	size_t n = 0;

	s = text_strip(r, s, val_missing(), STRIP_BOTH);
	if (!s.len || s.len >= 512)
		return NULL;
	for (size_t i = 0; i < s.len; i++) {
		char ch = s.as.s[i];
		if (ch == '_') {
			bool between = i && i + 1 < s.len && s.as.s[i - 1] != '_' &&
				       s.as.s[i + 1] != '_' && strchr("0123456789abcdefABCDEFxXoOB",
								      s.as.s[i - 1]);
			if (!between)
				return NULL;
			continue;
		}
		if (!ch || ch == ' ')
			return NULL;
		buf[n++] = ch;
	}
	buf[n] = 0;
	return buf;
}

static bool as_real(struct render *r, val s, double *out)
{
	char buf[512], *end;
	const char *p = cleaned(r, s, buf);

	if (!p || strpbrk(p, "xXpP("))
		return false;
	*out = strtod(p, &end);
	return !*end && end > p;
}

static int base_of(const char *p)
{
	if (p[0] != '0')
		return 0;
	return (p[1] | 32) == 'x' ? 16 : (p[1] | 32) == 'o' ? 8 : (p[1] | 32) == 'b' ? 2 : 0;
}

/* False also for a number that 64 bits do not hold. */
static bool as_whole(struct render *r, val s, int64_t base, int64_t *out)
{
	char buf[512], *end;
	const char *p = cleaned(r, s, buf);

	if (!p)
		return false;
	bool minus = *p == '-';
	p += *p == '-' || *p == '+';
	int prefix = base_of(p);
	if (prefix && (base == prefix || !base)) {
		base = prefix;
		p += 2;
	} else if (!base) {
		base = 10;
		if (p[0] == '0' && p[strspn(p, "0")])
			return false;
	}
	if (!*p || strchr("+- \t\n", *p) || (base == 16 && base_of(p) == 16))
		return false;
	errno = 0;
	unsigned long long u = strtoull(p, &end, (int)base);
	if (*end || errno || u > (unsigned long long)INT64_MAX + minus)
		return false;
	*out = minus ? (int64_t)(0 - u) : (int64_t)u;
	return true;
}

static val too_large(struct render *r)
{
	return fail(r, "OverflowError", "a number is larger than 64 bits hold: at most %lld",
		    (long long)INT64_MAX);
}

/* What 64 bits do not hold is no integer: what a page is asked with must not end it. */
static val truncated(double d, val def)
{
	bool fits = d >= -9223372036854775808.0 && d < 9223372036854775808.0; /* not so NaN */

	return fits ? val_int((int64_t)d) : def;
}

/* A text that looks like the least integer may have been a smaller one. */
static val truncated_text(struct render *r, val s, val def)
{
	double d;

	return as_real(r, s, &d) && d > -9223372036854775808.0 ? truncated(d, def) : def;
}

FILTER(int)
{
	val def = is_missing(a[1]) ? val_int(0) : a[1];
	int64_t base = whole_arg(r, a[2], 10), v;

	UNUSED;
	if (is_whole(a[0]))
		return val_int(a[0].as.i);
	if (a[0].kind == V_REAL)
		return truncated(a[0].as.r, def);
	if (is_undef(a[0]))
		return fail_undefined(r, a[0]);
	if (!is_text(a[0]))
		return def;
	bool known = !base || (base >= 2 && base <= 36);
	return known && as_whole(r, a[0], base, &v) ? val_int(v) : truncated_text(r, a[0], def);
}

FILTER(float)
{
	val def = is_missing(a[1]) ? val_real(0) : a[1];
	double d;

	UNUSED;
	if (is_number(a[0]))
		return val_real(real_of(a[0]));
	if (is_undef(a[0]))
		return fail_undefined(r, a[0]);
	return is_text(a[0]) && as_real(r, a[0], &d) ? val_real(d) : def;
}

/* --- rounding -------------------------------------------------------------------------------------- */

enum { LARGEST_POWER = 18 }; /* of ten that 64 bits hold */

/* To a multiple of 10 ** places, halves to the even one. */
static val round_whole(struct render *r, int64_t v, int64_t places)
{
	int64_t unit = 1;

	if (places > LARGEST_POWER) {
		const int64_t half = INT64_C(5000000000000000000); /* of the power behind it */
		bool up = places == LARGEST_POWER + 1 && (v > half || v < -half);
		return up ? too_large(r) : val_int(0);
	}
	for (int64_t i = 0; i < places; i++)
		unit *= 10;
	int64_t rest = v % unit, half = unit / 2, result = v - rest; /* towards zero */
	bool odd = (result / unit) & 1;
	int64_t away = rest < 0 ? -rest : rest;
	if ((away > half || (away == half && odd)) &&
	    __builtin_add_overflow(result, rest < 0 ? -unit : unit, &result))
		return too_large(r);
	return val_int(result);
}

static val round_real(double d, int64_t places)
{
	char buf[400];

	if (isnan(d) || isinf(d) || places > 300)
		return val_real(d);
	if (places < 0) {
		if (places < -300)
			return val_real(0);
		double unit = pow(10, (double)-places);
		return val_real(nearbyint(d / unit) * unit);
	}
	if (fabs(d) >= 1e16)
		return val_real(d);
	snprintf(buf, sizeof buf, "%.*f", (int)places, d);
	return val_real(strtod(buf, NULL));
}

static bool is_method(val v, const char *name)
{
	return is_text(v) && v.len == strlen(name) && !memcmp(v.as.s, name, v.len);
}

FILTER(round)
{
	int64_t places = clamped(whole_arg(r, a[1], 0), 1000); /* more change nothing */
	val how = is_missing(a[2]) ? val_text("common", 6) : a[2];
	bool ceil_it = is_method(how, "ceil"), common = is_method(how, "common");

	UNUSED;
	if (!common && !ceil_it && !is_method(how, "floor"))
		return fail(r, "FilterArgumentError", "method must be common, ceil or floor");
	if (is_undef(a[0]))
		return fail_undefined(r, a[0]);
	if (!is_number(a[0]))
		return fail(r, "TypeError", "type %s doesn't define __round__ method",
			    val_type(a[0]));
	if (common && is_whole(a[0]))
		return places >= 0 ? val_int(a[0].as.i) : round_whole(r, a[0].as.i, -places);
	if (common)
		return round_real(a[0].as.r, places);
	double unit = pow(10, (double)places), d = real_of(a[0]) * unit;
	if (isinf(d) || isnan(d))
		return fail(r, "OverflowError", "cannot convert float infinity to integer");
	return val_real((ceil_it ? ceil(d) : floor(d)) / unit);
}

FILTER(filesizeformat)
{
	static const char *const units[2][8] = {
		{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"},
		{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}};
	bool binary = flag_arg(r, a[1], false);
	double bytes, base = binary ? 1024 : 1000, unit = base * base;

	UNUSED;
	if (is_undef(a[0]))
		return fail_undefined(r, a[0]);
	if (is_text(a[0]) ? !as_real(r, a[0], &bytes) : !is_number(a[0]))
		return fail(r, is_text(a[0]) ? "ValueError" : "TypeError",
			    "could not convert %s to float", val_type(a[0]));
	if (!is_text(a[0]))
		bytes = real_of(a[0]);
	if (bytes == 1)
		return val_text("1 Byte", 6);
	if (bytes < base) {
		if (bytes < -9e18)
			return too_large(r);
		return render_printf(r, "%lld Bytes", (long long)bytes);
	}
	if (isnan(bytes))
		return render_printf(r, "nan %s", units[binary][7]);
	int i = 0;
	for (; i < 7 && bytes >= unit; i++)
		unit *= base;
	return render_printf(r, "%.1f %s", base * bytes / unit, units[binary][i]);
}

const struct word filters_number[] = {
	{"abs", f_abs, {"x"}, 1},
	{"int", f_int, {"value", "default", "base"}, 1},
	{"float", f_float, {"value", "default"}, 1},
	{"round", f_round, {"value", "precision", "method"}, 1},
	{"filesizeformat", f_filesizeformat, {"value", "binary"}, 1},
	{.name = NULL}};
