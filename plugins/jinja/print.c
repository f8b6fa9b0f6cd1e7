/* Values as text: str(), repr() and escape() of Python. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "chars.h"
#include "engine_priv.h"
#include "host.h"

/* --- numbers -------------------------------------------------------------------------------- */

/* The digits of the shortest number that reads back as d, and its exponent. */
static int shortest(double d, char digits[32], int *exponent)
{
	char buf[40];
	int precision = 0;

	for (precision = 15; precision <= 17; precision++) {
		snprintf(buf, sizeof buf, "%.*e", precision - 1, d);
		if (precision == 17 || strtod(buf, NULL) == d)
			break;
	}
	char *e = strchr(buf, 'e');
	*exponent = atoi(e + 1);
	int n = 0;
	for (char *p = buf; p < e; p++)
		if (*p >= '0' && *p <= '9')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

/* Most reals that are shown have a few digits behind the point. A whole number and a power of
 * ten are exact, so their quotient is what reading the decimal number gives: if that is d, and
 * no shorter one gave it, these are its digits. */
static bool short_print(struct out *o, double d)
{
	static const double powers[] = {1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

	for (int i = 0; i < 6 && d * powers[i] < 9007199254740992.0; i++) {
		uint64_t n = (uint64_t)(d * powers[i] + 0.5), power = (uint64_t)powers[i];
		if ((double)n / powers[i] != d)
			continue;
		out_int(o, (int64_t)(n / power));
		out_char(o, '.');
		for (n %= power, power /= 10; power; n %= power, power /= 10)
			out_char(o, (char)('0' + n / power));
		return true;
	}
	return false;
}

void real_print(struct out *o, double d)
{
	char digits[32];
	int exponent, n;

	if (isnan(d)) {
		out_str(o, "nan");
		return;
	}
	if (signbit(d))
		out_char(o, '-');
	d = fabs(d);
	if (isinf(d)) {
		out_str(o, "inf");
		return;
	}
	if (d < 1e15 && d == (double)(int64_t)d) {
		out_int(o, (int64_t)d);
		out_put(o, ".0", 2);
		return;
	}
	if (d >= 1e-4 && short_print(o, d))
		return;
	n = shortest(d, digits, &exponent);
	if (exponent < -4 || exponent >= 16) {
		out_char(o, digits[0]);
		if (n > 1)
			out_char(o, '.');
		out_put(o, digits + 1, (size_t)n - 1);
		out_printf(o, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
		return;
	}
	if (exponent < 0) {
		out_str(o, "0.");
		out_fill(o, '0', (size_t)(-exponent - 1));
		out_put(o, digits, (size_t)n);
		return;
	}
	if (n <= exponent + 1) {
		out_put(o, digits, (size_t)n);
		out_fill(o, '0', (size_t)(exponent + 1 - n));
		out_put(o, ".0", 2);
		return;
	}
	out_put(o, digits, (size_t)exponent + 1);
	out_char(o, '.');
	out_put(o, digits + exponent + 1, (size_t)(n - exponent - 1));
}

/* --- times ------------------------------------------------------------------------------------ */

static void time_print(struct out *o, int64_t ms)
{
	struct tm tm;
	int64_t rest = ((ms % 1000) + 1000) % 1000;
	time_t s = (time_t)((ms - rest) / 1000);
	char text[64];

	if (!gmtime_r(&s, &tm) || !strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm)) {
		out_int(o, ms);
		return;
	}
	out_str(o, text);
	if (rest)
		out_printf(o, ".%03d000", (int)rest);
}

/* --- repr --------------------------------------------------------------------------------------- */

static void text_repr(struct render *r, struct out *o, val v)
{
	const char *s = v.as.s, *end = s + v.len;
	char quote = memchr(s, '\'', v.len) && !memchr(s, '"', v.len) ? '"' : '\'';
	uint32_t cp;

	out_str(o, is_safe(v) ? "Markup(" : "");
	out_char(o, quote);
	while (s < end) {
		size_t n = chars_next(s, (size_t)(end - s), &cp);
		if (cp == (uint32_t)quote || cp == '\\')
			out_printf(o, "\\%c", (char)cp);
		else if (cp == '\n')
			out_str(o, "\\n");
		else if (cp == '\r')
			out_str(o, "\\r");
		else if (cp == '\t')
			out_str(o, "\\t");
		else if (chars_is_printable(r->e->locale, cp))
			out_put(o, s, n);
		else
			out_printf(o, cp < 0x100 ? "\\x%02x" : cp < 0x10000 ? "\\u%04x" : "\\U%08x",
				   cp);
		s += n;
	}
	out_char(o, quote);
	out_str(o, is_safe(v) ? ")" : "");
}

static void items_repr(struct render *r, struct out *o, val v)
{
	bool tuple = v.kind == V_TUPLE;
	struct iter it;
	size_t n = 0;
	val one;

	out_char(o, tuple ? '(' : '[');
	if (iter_open(r, &it, v))
		for (; iter_next(r, &it, &one) && round_more(r) && !o->trouble; n++) {
			out_str(o, n ? ", " : "");
			val_repr(r, o, one);
		}
	out_str(o, tuple ? n == 1 ? ",)" : ")" : "]");
}

static void members_repr(struct render *r, struct out *o, val v)
{
	struct iter it;
	size_t n = 0;
	val key, value;

	out_char(o, '{');
	if (iter_open(r, &it, v))
		for (; iter_pair(r, &it, &key, &value) && round_more(r) && !o->trouble; n++) {
			out_str(o, n ? ", " : "");
			val_repr(r, o, key);
			out_str(o, ": ");
			val_repr(r, o, value);
		}
	out_char(o, '}');
}

static void range_repr(struct out *o, const struct range *n)
{
	out_printf(o, "range(%lld, %lld", (long long)n->start, (long long)n->stop);
	if (n->step != 1)
		out_printf(o, ", %lld", (long long)n->step);
	out_char(o, ')');
}

void val_repr(struct render *r, struct out *o, val v)
{
	switch (v.kind) {
	case V_UNDEF:
		out_str(o, "Undefined");
		break;
	case V_TEXT:
		text_repr(r, o, v);
		break;
	case V_LIST:
	case V_TUPLE:
	case V_DICT:
	case V_JSON:
		if (!deeper(r))
			break;
		if (is_mapping(v))
			members_repr(r, o, v);
		else
			items_repr(r, o, v);
		r->depth--;
		break;
	default:
		val_print(r, o, v);
	}
}

/* --- str ---------------------------------------------------------------------------------------- */

static void undef_print(struct render *r, struct out *o, val v)
{
	const struct undef *u = v.as.p;

	if (undefined_fails(r, v))
		fail_undefined(r, v);
	if (r->e->options.undefined != UNDEFINED_SHOWN || !u)
		return;
	if (u->hint)
		out_printf(o, "{{ undefined value printed: %s }}", u->hint);
	else if (u->of)
		out_printf(o, "{{ no such element: %s['%.*s'] }}", u->of, (int)u->len, u->name);
	else
		out_printf(o, "{{ %.*s }}", (int)u->len, u->name);
}

static void object_print(struct render *r, struct out *o, const struct object *object)
{
	if (object->type->text)
		object->type->text(r, (void *)object, o);
	else
		out_printf(o, "<%s>", object->type->name);
}

void val_print(struct render *r, struct out *o, val v)
{
	val text;

	switch (v.kind) {
	case V_UNDEF:
		undef_print(r, o, v);
		break;
	case V_NONE:
		out_put(o, "None", 4);
		break;
	case V_BOOL:
		out_str(o, v.as.i ? "True" : "False");
		break;
	case V_INT:
		out_int(o, v.as.i);
		break;
	case V_REAL:
		real_print(o, v.as.r);
		break;
	case V_TEXT:
		out_put(o, v.as.s, v.len);
		break;
	case V_TIME:
		time_print(o, v.as.i);
		break;
	case V_HOST:
		text = host_text(r, v.as.host);
		out_put(o, text.as.s, is_text(text) ? text.len : 0);
		break;
	case V_ITER:
		out_str(o, "<generator object>");
		break;
	case V_RANGE:
		range_repr(o, v.as.p);
		break;
	case V_OBJECT:
		object_print(r, o, v.as.p);
		break;
	default:
		val_repr(r, o, v);
	}
}

val val_str(struct render *r, val v)
{
	if (is_text(v))
		return v;
	size_t from = r->out->len;
	val_print(r, r->out, v);
	return render_take(r, from, false);
}

/* What knows its own HTML, or has nothing in it that needs escaping. */
static bool is_html(struct render *r, val v)
{
	return is_safe(v) || val_is(v, &module_type) || (v.kind >= V_NONE && v.kind <= V_REAL) ||
	       (is_undef(v) && r->e->options.undefined != UNDEFINED_SHOWN);
}

void val_escape(struct render *r, struct out *o, val v)
{
	if (v.kind == V_HOST)
		v = host_text(r, v.as.host);
	if (is_html(r, v)) {
		val_print(r, o, v);
		return;
	}
	v = val_str(r, v);
	out_escape(o, v.as.s, v.len);
}

val val_escaped(struct render *r, val v)
{
	if (is_text(v) && is_safe(v))
		return v;
	size_t from = r->out->len;
	val_escape(r, r->out, v);
	return render_take(r, from, true);
}
