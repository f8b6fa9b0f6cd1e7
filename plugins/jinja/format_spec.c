/* "...".format(...): fields in braces, and what stands behind their colon. */
#include <math.h>
#include <stdio.h>

#include "chars.h"
#include "filter.h"

struct spec {
	const char *fill;
	size_t nfill;
	char align, sign, type;
	bool alternate, zero;
	char group; /* ',' or '_' */
	int64_t width, precision;
};

static bool is_align(char ch)
{
	return ch == '<' || ch == '>' || ch == '^' || ch == '=';
}

static size_t number(const char *s, size_t i, size_t n, int64_t *out)
{
	for (; i < n && s[i] >= '0' && s[i] <= '9'; i++)
		*out = (*out < 0 ? 0 : *out > 1000000 ? *out : *out * 10) + (s[i] - '0');
	return i;
}

static bool read_spec(struct render *r, const char *s, size_t n, struct spec *d)
{
	size_t i = 0;
	uint32_t cp;

	*d = (struct spec){.fill = " ", .nfill = 1, .width = -1, .precision = -1};
	size_t first = n ? chars_next(s, n, &cp) : 0;
	if (first && first < n && is_align(s[first])) {
		d->fill = s;
		d->nfill = first;
		d->align = s[first];
		i = first + 1;
	} else if (n && is_align(s[0])) {
		d->align = s[0];
		i = 1;
	}
	if (i < n && strchr("+- ", s[i]))
		d->sign = s[i++];
	if (i < n && s[i] == '#')
		d->alternate = s[i++];
	if (i < n && s[i] == '0') {
		d->zero = s[i++];
		if (!d->align) {
			d->fill = "0";
			d->nfill = 1;
			d->align = '=';
		}
	}
	i = number(s, i, n, &d->width);
	if (i < n && (s[i] == ',' || s[i] == '_'))
		d->group = s[i++];
	if (i < n && s[i] == '.') {
		d->precision = -1;
		i = number(s, i + 1, n, &d->precision);
		if (d->precision < 0) {
			fail(r, "ValueError", "Format specifier missing precision");
			return false;
		}
	}
	if (i < n)
		d->type = s[i++];
	if (i < n) {
		fail(r, "ValueError", "Invalid format specifier '%.*s'", (int)n, s);
		return false;
	}
	return true;
}

static void fill(struct render *r, struct out *o, const struct spec *d, int64_t n)
{
	if (n > 0 && !room_for(r, (uint64_t)n))
		return;
	while (n-- > 0)
		out_put(o, d->fill, d->nfill);
}

static void put_aligned(struct render *r, struct out *o, const struct spec *d, const char *sign,
			const char *s, size_t len, char align)
{
	int64_t pad = d->width - (int64_t)chars_count(s, len) - (int64_t)strlen(sign);
	int64_t left = pad <= 0 ? 0 : align == '>' ? pad : align == '^' ? pad / 2 : 0;

	if (align == '=') {
		out_str(o, sign);
		fill(r, o, d, pad);
	} else {
		fill(r, o, d, left);
		out_str(o, sign);
	}
	out_put(o, s, len);
	if (align != '=')
		fill(r, o, d, pad - left);
}

/* The digits before the point in groups of three. */
static void grouped(char *to, size_t room, const char *s, char group)
{
	size_t whole = strspn(s, "0123456789"), at = 0;

	for (size_t i = 0; s[i] && at + 2 < room; i++) {
		if (group && i && i < whole && (whole - i) % 3 == 0)
			to[at++] = group;
		to[at++] = s[i];
	}
	to[at] = 0;
}

static void put_number(struct render *r, struct out *o, const struct spec *d, bool minus,
		       const char *prefix, const char *digits)
{
	char text[700], sign[4];

	snprintf(sign, sizeof sign, "%s%s",
		 minus		  ? "-"
		 : d->sign == '+' ? "+"
		 : d->sign == ' ' ? " "
				  : "",
		 prefix);
	grouped(text, sizeof text, digits, d->group);
	put_aligned(r, o, d, sign, text, strlen(text), d->align ? d->align : '>');
}

static void put_whole(struct render *r, struct out *o, const struct spec *d, int64_t v)
{
	char digits[80];
	unsigned long long u = v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v;
	size_t at = sizeof digits - 1;

	digits[at] = 0;
	unsigned base = d->type == 'b' ? 2 : d->type == 'o' ? 8 : (d->type | 32) == 'x' ? 16 : 10;
	do {
		digits[--at] = (d->type == 'X' ? "0123456789ABCDEF" : "0123456789abcdef")[u % base];
		u /= base;
	} while (u);
	char prefix[3] = {'0', d->type, 0};
	put_number(r, o, d, v < 0, d->alternate && base != 10 ? prefix : "", digits + at);
}

static void put_real(struct render *r, struct out *o, const struct spec *d, double v)
{
	char digits[512], format[8];
	char type = !d->type || d->type == 'n' ? 'g' : d->type;
	int precision = d->precision < 0 ? 6 : d->precision > 100 ? 100 : (int)d->precision;

	if (!d->type && d->precision < 0) {
		size_t from = r->out->len;
		real_print(r->out, fabs(v));
		val text = render_take(r, from, false);
		put_number(r, o, d, signbit(v), "", text.as.s);
		return;
	}
	if (type == '%')
		v *= 100;
	snprintf(format, sizeof format, "%%.*%c", type == '%' ? 'f' : type);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(digits, sizeof digits - 1, format, precision, fabs(v));
#pragma GCC diagnostic pop
	if (type == '%')
		strcat(digits, "%");
	put_number(r, o, d, signbit(v) && !isnan(v), "", digits);
}

static void put_text(struct render *r, struct out *o, const struct spec *d, val v)
{
	if (d->type && d->type != 's') {
		fail(r, "ValueError", "Unknown format code '%c' for object of type 'str'", d->type);
		return;
	}
	v = val_str(r, v);
	size_t len = d->precision >= 0 ? chars_at(v.as.s, v.len, (size_t)d->precision) : v.len;
	put_aligned(r, o, d, "", v.as.s, len, d->align ? d->align : '<');
}

void format_value(struct render *r, struct out *o, val v, const char *s, size_t len)
{
	struct spec d;

	if (!len) {
		val_print(r, o, v);
		return;
	}
	if (!read_spec(r, s, len, &d))
		return;
	if (is_undef(v) || (!is_text(v) && !is_number(v))) {
		fail(r, "TypeError", "unsupported format string passed to %s.__format__",
		     val_type(v));
		return;
	}
	if (is_text(v))
		put_text(r, o, &d, v);
	else if (is_whole(v) && (!d.type || strchr("dbxXon", d.type)))
		put_whole(r, o, &d, v.as.i);
	else if (!d.type || strchr("eEfFgGn%", d.type))
		put_real(r, o, &d, real_of(v));
	else
		fail(r, "ValueError", "Unknown format code '%c' for object of type '%s'", d.type,
		     val_type(v));
}

/* --- fields ---------------------------------------------------------------------------------------- */

struct fields {
	struct render *r;
	struct args *args; /* v[0] is the text itself */
	size_t next;
	bool safe;
};

static val named(struct fields *f, const char *s, size_t n)
{
	for (size_t i = 0; i < f->args->nnamed; i++)
		if (f->args->named[i].len == n && !memcmp(f->args->named[i].name, s, n))
			return f->args->named[i].v;
	return fail(f->r, "KeyError", "'%.*s'", (int)n, s);
}

static bool is_index(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] >= '0' && s[i] <= '9' && i < 9)
		i++;
	return n && i == n;
}

/* name, name.attr, 0[key] */
static val field(struct fields *f, const char *s, size_t n)
{
	size_t i = 0;
	val v;

	while (i < n && s[i] != '.' && s[i] != '[')
		i++;
	if (!i || is_index(s, i)) {
		int64_t index = -1;
		number(s, 0, i, &index);
		size_t at = i ? (size_t)index : f->next++;
		if (at + 1 >= f->args->n)
			return fail(f->r, "IndexError",
				    "Replacement index %zu out of range for positional args tuple",
				    at);
		v = f->args->v[at + 1];
	} else {
		v = named(f, s, i);
	}
	while (i < n && !f->r->failed) {
		bool item = s[i++] == '[';
		size_t from = i;
		while (i < n && (item ? s[i] != ']' : s[i] != '.' && s[i] != '['))
			i++;
		if (!item && i > from && s[from] == '_')
			return fail(f->r, "SecurityError", "access to attribute '%.*s' is unsafe",
				    (int)(i - from), s + from);
		int64_t index = -1;
		if (item && is_index(s + from, i - from)) {
			number(s + from, 0, i - from, &index);
			v = get_item(f->r, v, val_int(index));
		} else {
			v = get_member(f->r, v, s + from, i - from);
		}
		i += item && i < n;
	}
	return v;
}

/* {{ and }} stand for one brace; gives where the text goes on. */
static size_t brace(struct fields *f, const char *s, size_t i, size_t n, unsigned depth)
{
	struct render *r = f->r;
	size_t begin = i + 1, end = begin, level = 1;

	if (begin < n && s[begin] == s[i]) {
		out_char(r->out, s[i]);
		return i + 2;
	}
	if (s[i] == '}' || depth > 2) {
		fail(r, "ValueError", "Single '}' encountered in format string");
		return n;
	}
	for (; end < n && level; end++)
		level += s[end] == '{' ? 1 : s[end] == '}' ? (size_t)-1 : 0;
	if (level) {
		fail(r, "ValueError", "expected '}' before end of string");
		return n;
	}
	const char *body = s + begin;
	size_t len = end - 1 - begin, name = 0;
	while (name < len && body[name] != ':' && body[name] != '!')
		name++;
	val v = field(f, body, name);
	char conversion = name < len && body[name] == '!' && name + 1 < len ? body[name + 1] : 0;
	const char *colon = memchr(body + name, ':', len - name);
	const char *spec = colon ? colon + 1 : body + len;
	size_t from = r->out->len;
	if (conversion == 'r')
		val_repr(r, r->out, v);
	else if (conversion)
		val_print(r, r->out, v);
	if (conversion)
		v = render_take(r, from, false);
	format_value(r, r->out, v, spec, (size_t)(body + len - spec));
	if (f->safe) {
		val text = val_escaped(r, render_take(r, from, is_safe(v)));
		out_put(r->out, text.as.s, text.len);
	}
	return end;
}

val text_format_call(struct render *r, val s, struct args *a)
{
	struct fields f = {.r = r, .args = a, .safe = is_safe(s)};
	size_t from = r->out->len;

	for (size_t i = 0; i < s.len && !r->failed && !r->out->trouble;)
		if (s.as.s[i] == '{' || s.as.s[i] == '}')
			i = brace(&f, s.as.s, i, s.len, 0);
		else
			out_char(r->out, s.as.s[i++]);
	return render_take(r, from, is_safe(s));
}
