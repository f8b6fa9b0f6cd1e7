#include "json_text.h"

#include <math.h>

#include "chars.h"
#include "filter.h"

static void put_text(struct out *o, val v)
{
	uint32_t cp;

	out_char(o, '"');
	for (size_t i = 0; i < v.len;) {
		size_t n = chars_next(v.as.s + i, v.len - i, &cp);
		static const char from[] = "\"\\\b\f\n\r\t", as[] = "\"\\bfnrt";
		const char *known = cp < 0x80 && cp ? strchr(from, (int)cp) : NULL;
		if (known)
			out_printf(o, "\\%c", as[known - from]);
		else if (cp >= 0x10000)
			out_printf(o, "\\u%04x\\u%04x", 0xD800 + ((cp - 0x10000) >> 10),
				   0xDC00 + (cp & 0x3FF));
		else if (cp < 0x20 || cp >= 0x7F)
			out_printf(o, cp == 0x7F ? "%c" : "\\u%04x", cp);
		else
			out_char(o, (char)cp);
		i += n;
	}
	out_char(o, '"');
}

static void put_real(struct out *o, double d)
{
	if (isnan(d))
		out_str(o, "NaN");
	else if (isinf(d))
		out_str(o, d < 0 ? "-Infinity" : "Infinity");
	else
		real_print(o, d);
}

static void new_line(struct out *o, int indent, int depth)
{
	if (indent < 0)
		return;
	out_char(o, '\n');
	out_fill(o, ' ', (size_t)indent * (size_t)depth);
}

static void put_value(struct render *r, struct out *o, val v, int indent, int depth);

static void put_list(struct render *r, struct out *o, val v, int indent, int depth)
{
	struct iter it;
	size_t n = 0;
	val one;

	out_char(o, '[');
	if (iter_open(r, &it, v))
		for (; iter_next(r, &it, &one) && round_more(r) && !o->trouble; n++) {
			out_str(o, !n ? "" : indent < 0 ? ", " : ",");
			new_line(o, indent, depth + 1);
			put_value(r, o, one, indent, depth + 1);
		}
	if (n)
		new_line(o, indent, depth);
	out_char(o, ']');
}

/* Keys are texts in JSON. */
static val key_text(struct render *r, val key)
{
	if (key.kind == V_BOOL)
		return key.as.i ? val_text("true", 4) : val_text("false", 5);
	if (key.kind == V_NONE)
		return val_text("null", 4);
	if (is_text(key) || is_number(key))
		return val_str(r, key);
	return fail(r, "TypeError", "keys must be str, int, float, bool or None, not %s",
		    val_type(key));
}

static void put_dict(struct render *r, struct out *o, val v, int indent, int depth)
{
	struct list *pairs = pairs_of(r, v);
	val *keys = pairs ? render_alloc(r, (pairs->n + 1) * sizeof *keys) : NULL;

	if (!keys)
		return;
	for (size_t i = 0; i < pairs->n; i++)
		keys[i] = list_of(pairs->v[i])->v[0];
	sort_by(r, pairs, keys, false, false);
	out_char(o, '{');
	for (size_t i = 0; i < pairs->n && !r->failed && !o->trouble; i++) {
		val key = key_text(r, keys[i]);
		out_str(o, !i ? "" : indent < 0 ? ", " : ",");
		new_line(o, indent, depth + 1);
		put_text(o, is_text(key) ? key : val_text("", 0));
		out_str(o, ": ");
		put_value(r, o, list_of(pairs->v[i])->v[1], indent, depth + 1);
	}
	if (pairs->n)
		new_line(o, indent, depth);
	out_char(o, '}');
}

static void put_value(struct render *r, struct out *o, val v, int indent, int depth)
{
	switch (v.kind) {
	case V_NONE:
		out_str(o, "null");
		return;
	case V_BOOL:
		out_str(o, v.as.i ? "true" : "false");
		return;
	case V_INT:
		out_int(o, v.as.i);
		return;
	case V_REAL:
		put_real(o, v.as.r);
		return;
	case V_TEXT:
		put_text(o, v);
		return;
	case V_LIST:
	case V_TUPLE:
	case V_DICT:
	case V_JSON:
		if (!deeper(r))
			return;
		if (is_mapping(v))
			put_dict(r, o, v, indent, depth);
		else
			put_list(r, o, v, indent, depth);
		r->depth--;
		return;
	default:
		fail(r, "TypeError", "Object of type %s is not JSON serializable", val_type(v));
	}
}

void json_print(struct render *r, struct out *o, val v, int indent)
{
	put_value(r, o, v, indent, 0);
}
