/* "..." % values, as Python does it. */
#include <math.h>
#include <stdio.h>

#include "chars.h"
#include "filter.h"

enum { PRECISION_MAX = 100 };

struct directive {
	bool left, plus, space, alternate, zero;
	int64_t width, precision; /* -1: none */
};

struct formatter {
	struct render *r;
	val format, args;
	size_t used; /* of a tuple */
	bool safe;
};

static val next_arg(struct formatter *f)
{
	if (f->args.kind == V_TUPLE) {
		struct list *l = list_of(f->args);
		if (f->used < l->n)
			return l->v[f->used++];
	} else if (!f->used++) {
		return f->args;
	}
	return fail(f->r, "TypeError", "not enough arguments for format string");
}

static val named_arg(struct formatter *f, const char *name, size_t len)
{
	if (!is_mapping(f->args))
		return fail(f->r, "TypeError", "format requires a mapping");
	val key = val_text(name, len);
	val v = f->args.kind == V_DICT ? dict_get(f->r, dict_of(f->args), key) : val_missing();
	if (f->args.kind == V_JSON) {
		const cruet_json *j = json_member(f->args.as.json, name, len);
		v = j ? val_of_json(j) : val_missing();
	}
	if (is_missing(v))
		return fail(f->r, "KeyError", "'%.*s'", (int)len, name);
	f->used = 1;
	return v;
}

static void put_padded(struct formatter *f, const struct directive *d, const char *s, size_t len)
{
	int64_t pad = d->width - (int64_t)chars_count(s, len);

	if (pad > 0 && !room_for(f->r, (uint64_t)pad))
		return;
	if (pad > 0 && !d->left)
		out_fill(f->r->out, ' ', (size_t)pad);
	out_put(f->r->out, s, len);
	if (pad > 0 && d->left)
		out_fill(f->r->out, ' ', (size_t)pad);
}

static void put_text(struct formatter *f, const struct directive *d, val v, char kind)
{
	struct render *r = f->r;
	size_t from = r->out->len;

	if (kind == 'r' || kind == 'a')
		val_repr(r, r->out, v);
	else
		val_print(r, r->out, v);
	val text = render_take(r, from, kind == 's' && is_safe(v));
	if (f->safe)
		text = val_escaped(r, text);
	if (d->precision >= 0)
		text.len = (uint32_t)chars_at(text.as.s, text.len, (size_t)d->precision);
	put_padded(f, d, text.as.s, text.len);
}

/* sign, 0x and zeros, then digits, of which there are at least so many. */
static void put_number(struct formatter *f, const struct directive *d, bool minus,
		       const char *prefix, const char *digits, int64_t least)
{
	char sign[2] = {minus ? '-' : d->plus ? '+' : d->space ? ' ' : 0, 0};
	size_t from = f->r->out->len;
	int64_t n = (int64_t)strlen(digits), zeros = least > n ? least - n : 0;
	int64_t len = (int64_t)(strlen(sign) + strlen(prefix)) + n + zeros;

	out_str(f->r->out, sign);
	out_str(f->r->out, prefix);
	if (d->zero && !d->left && d->width > len)
		zeros += d->width - len;
	if (room_for(f->r, (uint64_t)zeros))
		out_fill(f->r->out, '0', (size_t)zeros);
	out_str(f->r->out, digits);
	val text = render_take(f->r, from, false);
	put_padded(f, d, text.as.s, text.len);
}

static bool as_int(struct formatter *f, val v, char kind, int64_t *out)
{
	if (is_whole(v)) {
		*out = v.as.i;
	} else if (v.kind == V_REAL && strchr("diu", kind) && fabs(v.as.r) < 9e18) {
		*out = (int64_t)v.as.r;
	} else {
		if (is_undef(v))
			fail_undefined(f->r, v);
		else
			fail(f->r, "TypeError", "%%%c format: a number is required, not %s", kind,
			     val_type(v));
		return false;
	}
	return true;
}

static void put_int(struct formatter *f, const struct directive *d, val v, char kind)
{
	char digits[32];
	int64_t i;

	if (!as_int(f, v, kind, &i))
		return;
	unsigned long long u = i < 0 ? 0 - (unsigned long long)i : (unsigned long long)i;
	snprintf(digits, sizeof digits, kind == 'o' ? "%llo" : kind == 'x' ? "%llx"
							   : kind == 'X'   ? "%llX"
									   : "%llu",
		 u);
	const char *prefix = !d->alternate ? "" : kind == 'x' ? "0x"
					   : kind == 'X'      ? "0X"
					   : kind == 'o'      ? "0o"
							      : "";
	put_number(f, d, i < 0, prefix, digits, d->precision);
}

static void put_real(struct formatter *f, const struct directive *d, val v, char kind)
{
	char spec[16], digits[512];
	int precision = d->precision < 0 ? 6 : (int)d->precision;

	if (d->precision > PRECISION_MAX) {
		fail(f->r, "ValueError", "a number has a precision of at most %d, not %lld",
		     PRECISION_MAX, (long long)d->precision);
		return;
	}
	if (!is_number(v)) {
		if (is_undef(v))
			fail_undefined(f->r, v);
		else
			fail(f->r, "TypeError", "must be real number, not %s", val_type(v));
		return;
	}
	double x = real_of(v);
	snprintf(spec, sizeof spec, "%%%s.*%c", d->alternate ? "#" : "", kind);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(digits, sizeof digits, spec, precision, fabs(x)); /* spec: two characters of ours */
#pragma GCC diagnostic pop
	put_number(f, d, signbit(x) && !isnan(x), "", digits, 0);
}

static void put_char(struct formatter *f, const struct directive *d, val v)
{
	char buf[4];

	if (is_whole(v) && v.as.i >= 0 && v.as.i <= 0x10FFFF)
		v = val_text(buf, chars_put(buf, (uint32_t)v.as.i));
	if (!is_text(v) || chars_count(v.as.s, v.len) != 1) {
		fail(f->r, "TypeError", "%%c requires int or char");
		return;
	}
	if (f->safe)
		v = val_escaped(f->r, v);
	put_padded(f, d, v.as.s, v.len);
}

static void put_one(struct formatter *f, const struct directive *d, val v, char kind)
{
	if (f->r->failed)
		return;
	switch (kind) {
	case 's':
	case 'r':
	case 'a':
		put_text(f, d, v, kind);
		break;
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_int(f, d, v, kind);
		break;
	case 'e':
	case 'E':
	case 'f':
	case 'F':
	case 'g':
	case 'G':
		put_real(f, d, v, kind);
		break;
	case 'c':
		put_char(f, d, v);
		break;
	default:
		fail(f->r, "ValueError", "unsupported format character '%c' (0x%x)",
		     kind >= ' ' && kind < 0x7F ? kind : '?', (unsigned char)kind);
	}
}

/* A number, or a star; -1 stays where there is none. */
static size_t number(struct formatter *f, const char *s, size_t i, size_t n, int64_t *out)
{
	if (i < n && s[i] == '*') {
		val v = next_arg(f);
		if (!is_whole(v))
			fail(f->r, "TypeError", "* wants int");
		*out = clamped(v.as.i, WIDTH_MAX);
		return i + 1;
	}
	return text_digits(s, i, n, out);
}

static size_t flags(struct directive *d, const char *s, size_t i, size_t n)
{
	for (; i < n; i++)
		if (s[i] == '-')
			d->left = true;
		else if (s[i] == '+')
			d->plus = true;
		else if (s[i] == ' ')
			d->space = true;
		else if (s[i] == '#')
			d->alternate = true;
		else if (s[i] == '0')
			d->zero = true;
		else
			break;
	return i;
}

/* From behind a '%'; gives where the text goes on. */
static size_t directive(struct formatter *f, const char *s, size_t i, size_t n)
{
	struct directive d = {.width = -1, .precision = -1};
	val v = val_missing();

	if (i < n && s[i] == '(') {
		size_t begin = i + 1, depth = 1;
		for (i = begin; i < n && depth; i++)
			depth += s[i] == '(' ? 1 : s[i] == ')' ? (size_t)-1 : 0;
		if (depth) {
			fail(f->r, "ValueError", "incomplete format key");
			return n;
		}
		v = named_arg(f, s + begin, i - begin - 1);
	}
	i = flags(&d, s, i, n);
	i = number(f, s, i, n, &d.width);
	if (d.width < -1) {
		d.left = true;
		d.width = -d.width;
	}
	if (i < n && s[i] == '.') {
		d.precision = 0;
		i = number(f, s, i + 1, n, &d.precision);
		if (d.precision < 0)
			d.precision = 0;
	}
	while (i < n && strchr("hlL", s[i]))
		i++;
	if (i >= n) {
		fail(f->r, "ValueError", "incomplete format");
		return n;
	}
	if (s[i] == '%') {
		out_char(f->r->out, '%');
		return i + 1;
	}
	put_one(f, &d, is_missing(v) ? next_arg(f) : v, s[i]);
	return i + 1;
}

val text_format(struct render *r, val format, val args)
{
	struct formatter f = {.r = r, .format = format, .args = args, .safe = is_safe(format)};
	const char *s = format.as.s;
	size_t from = r->out->len, n = format.len;

	for (size_t i = 0; i < n && !r->failed && !r->out->trouble;) {
		const char *next = memchr(s + i, '%', n - i);
		size_t plain = next ? (size_t)(next - s) : n;
		out_put(r->out, s + i, plain - i);
		i = next ? directive(&f, s, plain + 1, n) : n;
	}
	bool left = args.kind == V_TUPLE ? f.used < list_of(args)->n
					 : !f.used && !is_mapping(args) && args.kind != V_LIST &&
						   args.kind != V_RANGE && !is_undef(args) &&
						   !is_json_array(args);
	if (left && !r->failed)
		fail(r, "TypeError", "not all arguments converted during string formatting");
	return render_take(r, from, is_safe(format));
}
