/* "...".format(...): fields in braces, and what stands behind their colon. */
#include <math.h>
#include <stdio.h>

#include "chars.h"
#include "filter.h"

enum { PRECISION_MAX = 100, NESTED_MAX = 2 };

struct spec {
	const char *fill;
	size_t nfill;
	char align, sign, type;
	bool alternate, zero; /* zero: align 0 puts zeros behind the sign of a number */
	char group; /* ',' or '_' */
	int64_t width, precision;
};

static bool is_align(char ch)
{
	return ch == '<' || ch == '>' || ch == '^' || ch == '=';
}

size_t text_digits(const char *s, size_t i, size_t n, int64_t *out)
{
	for (; i < n && s[i] >= '0' && s[i] <= '9'; i++) {
		int64_t next = (*out < 0 ? 0 : *out * 10) + (s[i] - '0');
		*out = next < WIDTH_MAX ? next : WIDTH_MAX;
	}
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
		if (d->fill != s) {
			d->fill = "0";
			d->nfill = 1;
		}
	}
	i = text_digits(s, i, n, &d->width);
	if (i < n && (s[i] == ',' || s[i] == '_'))
		d->group = s[i++];
	if (i < n && s[i] == '.') {
		d->precision = -1;
		i = text_digits(s, i + 1, n, &d->precision);
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

/* How many zeros in front of so many digits fill `room` characters, with a sign behind each
 * group of them, and none in front. */
static int64_t zeros_for(int64_t room, int64_t digits, int64_t each)
{
	int64_t all = (each * room + each + 1) / (each + 1);

	return all > digits ? all - digits : 0;
}

/* The whole part is in groups of `each`. */
static void put_number(struct render *r, struct out *o, const struct spec *d, bool minus,
		       const char *prefix, const char *s, size_t whole, size_t each)
{
	char sign[4], align = d->align ? d->align : d->zero ? '=' : '>';
	size_t from = o->len, zeros = 0;

	snprintf(sign, sizeof sign, "%s%s",
		 minus		  ? "-"
		 : d->sign == '+' ? "+"
		 : d->sign == ' ' ? " "
				  : "",
		 prefix);
	int64_t room = d->width - (int64_t)(strlen(sign) + strlen(s) - whole);
	if (d->group && whole && room > 0 && align == '=' && *d->fill == '0')
		zeros = (size_t)zeros_for(room, (int64_t)whole, (int64_t)each);
	if (!room_for(r, zeros + zeros / each))
		return;
	for (size_t i = 0, all = zeros + whole; i < all; i++) {
		if (d->group && i && (all - i) % each == 0)
			out_char(o, d->group);
		out_char(o, i < zeros ? '0' : s[i - zeros]);
	}
	out_str(o, s + whole);
	val text = render_take(r, from, false);
	put_aligned(r, o, d, sign, text.as.s, text.len, align);
}

static void put_char(struct render *r, struct out *o, const struct spec *d, int64_t v)
{
	char buf[4];

	if (v < 0 || v > 0x10FFFF) {
		fail(r, "OverflowError", "%%c arg not in range(0x110000)");
		return;
	}
	put_aligned(r, o, d, "", buf, chars_put(buf, (uint32_t)v), d->align ? d->align : '>');
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
	put_number(r, o, d, v < 0, d->alternate && base != 10 ? prefix : "", digits + at,
		   sizeof digits - 1 - at, base == 10 ? 3 : 4);
}

/* "{:.3}": as g, but one digit less stands in front of the point, and one always behind it. */
static void print_general(char *to, size_t room, double v, int precision)
{
	snprintf(to, room, "%.*g", precision, v);
	if (!isfinite(v) || strpbrk(to, ".e"))
		return;
	if (strlen(to) < (size_t)precision) {
		strcat(to, ".0");
		return;
	}
	snprintf(to, room, "%.*e", precision - 1, v);
	char *e = strchr(to, 'e'), *end = e;
	if (!strchr(to, '.'))
		return;
	while (end[-1] == '0')
		end--;
	end -= end[-1] == '.';
	memmove(end, e, strlen(e) + 1);
}

static void print_real(char *to, size_t room, const struct spec *d, double v)
{
	char type = d->type == '%' ? 'f' : d->type == 'n' ? 'g' : d->type, format[8];
	int precision = d->precision < 0 ? 6 : (int)d->precision;

	if (!type) {
		print_general(to, room, v, precision ? precision : 1);
		return;
	}
	snprintf(format, sizeof format, "%%%s.*%c", d->alternate ? "#" : "", type);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(to, room, format, precision, v);
#pragma GCC diagnostic pop
}

static void put_real(struct render *r, struct out *o, const struct spec *d, double v)
{
	char digits[512];
	val shortest = val_text(digits, 0);

	if (!d->type && d->precision < 0) {
		size_t from = r->out->len;
		real_print(r->out, fabs(v));
		shortest = render_take(r, from, false);
	} else {
		print_real(digits, sizeof digits - 1, d, fabs(d->type == '%' ? v * 100 : v));
		if (d->type == '%')
			strcat(digits, "%");
	}
	put_number(r, o, d, signbit(v) && !isnan(v), "", shortest.as.s,
		   strspn(shortest.as.s, "0123456789"), 3);
}

static void put_text(struct render *r, struct out *o, const struct spec *d, val v)
{
	size_t len = d->precision >= 0 ? chars_at(v.as.s, v.len, (size_t)d->precision) : v.len;

	put_aligned(r, o, d, "", v.as.s, len, d->align ? d->align : '<');
}

static bool is_one_of(char type, const char *types)
{
	return type && strchr(types, type);
}

static bool as_whole(val v, const struct spec *d)
{
	return is_whole(v) && (!d->type || is_one_of(d->type, "dbcxXon"));
}

/* What Python refuses, and what is too much here. */
static bool allowed(struct render *r, const struct spec *d, val v)
{
	bool whole = as_whole(v, d), text = is_text(v);

	if (text ? d->type && d->type != 's' : !whole && d->type && !is_one_of(d->type, "eEfFgGn%"))
		fail(r, "ValueError", "Unknown format code '%c' for object of type '%s'", d->type,
		     val_type(v));
	else if (d->group && (text || is_one_of(d->type, d->group == ',' ? "bcxXon" : "cn")))
		fail(r, "ValueError", "Cannot specify '%c' with '%c'.", d->group,
		     text ? 's' : d->type);
	else if (text && (d->sign || d->align == '='))
		fail(r, "ValueError", "%s not allowed in string format specifier",
		     d->sign ? "Sign" : "'=' alignment");
	else if (d->type == 'c' && d->sign)
		fail(r, "ValueError", "Sign not allowed with integer format specifier 'c'");
	else if (whole && d->precision >= 0)
		fail(r, "ValueError", "Precision not allowed in integer format specifier");
	else if (!text && d->precision > PRECISION_MAX)
		fail(r, "ValueError", "a number has a precision of at most %d, not %lld",
		     PRECISION_MAX, (long long)d->precision);
	return !r->failed;
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
	if (!allowed(r, &d, v))
		return;
	if (is_text(v))
		put_text(r, o, &d, v);
	else if (!as_whole(v, &d))
		put_real(r, o, &d, real_of(v));
	else if (d.type == 'c')
		put_char(r, o, &d, v.as.i);
	else
		put_whole(r, o, &d, v.as.i);
}

/* --- fields ---------------------------------------------------------------------------------------- */

struct fields {
	struct render *r;
	struct args *args; /* v[0] is the text itself */
	size_t next;
	bool numbered, counted; /* {0} and {} do not mix */
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

/* {} and {0}: an argument by its place, or by the one that was used last. */
static val placed(struct fields *f, const char *s, size_t n)
{
	int64_t index = -1;

	f->numbered |= n;
	f->counted |= !n;
	if (f->numbered && f->counted)
		return fail(f->r, "ValueError", "cannot switch from %s",
			    n ? "automatic field numbering to manual field specification"
			      : "manual field specification to automatic field numbering");
	text_digits(s, 0, n, &index);
	size_t at = n ? (size_t)index : f->next++;
	if (at + 1 >= f->args->n)
		return fail(f->r, "IndexError",
			    "Replacement index %zu out of range for positional args tuple", at);
	return f->args->v[at + 1];
}

/* name, name.attr, 0[key] */
static val field(struct fields *f, const char *s, size_t n)
{
	size_t i = 0;
	val v;

	while (i < n && s[i] != '.' && s[i] != '[')
		i++;
	v = !i || is_index(s, i) ? placed(f, s, i) : named(f, s, i);
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
			text_digits(s + from, 0, i - from, &index);
			v = get_item(f->r, v, val_int(index));
		} else {
			v = get_member(f->r, v, s + from, i - from);
		}
		i += item && i < n;
	}
	return v;
}

static void put_fields(struct fields *f, const char *s, size_t n, unsigned depth);

/* {{ and }} stand for one brace; gives where the text goes on. */
static size_t brace(struct fields *f, const char *s, size_t i, size_t n, unsigned depth)
{
	struct render *r = f->r;
	size_t begin = i + 1, end = begin, level = 1;

	if (begin < n && s[begin] == s[i]) {
		out_char(r->out, s[i]);
		return i + 2;
	}
	if (s[i] == '}') {
		fail(r, "ValueError", "Single '}' encountered in format string");
		return n;
	}
	if (depth == NESTED_MAX) {
		fail(r, "ValueError", "Max string recursion exceeded");
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
	size_t nspec = (size_t)(body + len - spec), from = r->out->len;
	if (memchr(spec, '{', nspec)) { /* the spec has fields of its own */
		put_fields(f, spec, nspec, depth + 1);
		val made = render_take(r, from, false);
		spec = made.as.s;
		nspec = made.len;
	}
	if (conversion && !is_one_of(conversion, "rsa"))
		fail(r, "ValueError", "Unknown conversion specifier %c",
		     conversion >= ' ' && conversion < 0x7F ? conversion : '?');
	if (conversion == 'r' || conversion == 'a')
		val_repr(r, r->out, v);
	else if (conversion)
		val_print(r, r->out, v);
	if (conversion)
		v = render_take(r, from, false);
	format_value(r, r->out, v, spec, nspec);
	if (f->safe) {
		val text = val_escaped(r, render_take(r, from, is_safe(v)));
		out_put(r->out, text.as.s, text.len);
	}
	return end;
}

static void put_fields(struct fields *f, const char *s, size_t n, unsigned depth)
{
	struct render *r = f->r;

	for (size_t i = 0; i < n && !r->failed && !r->out->trouble;)
		if (s[i] == '{' || s[i] == '}')
			i = brace(f, s, i, n, depth);
		else
			out_char(r->out, s[i++]);
}

val text_format_call(struct render *r, val s, struct args *a)
{
	struct fields f = {.r = r, .args = a, .safe = is_safe(s)};
	size_t from = r->out->len;

	put_fields(&f, s.as.s, s.len, 0);
	return render_take(r, from, is_safe(s));
}
