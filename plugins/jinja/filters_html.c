/* Filters that know HTML, addresses and JSON. */
#include "chars.h"
#include "filter.h"
#include "json_text.h"

FILTER(striptags)
{
	UNUSED;
	return text_striptags(r, soft_str(r, a[0]));
}

/* --- urlencode ------------------------------------------------------------------------------------ */

static void quote(struct render *r, val v, bool query)
{
	static const char hex[] = "0123456789ABCDEF";

	v = soft_str(r, v);
	for (size_t i = 0; i < v.len; i++) {
		unsigned char ch = (unsigned char)v.as.s[i];
		bool plain = (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z') ||
			     (ch && strchr("_.-~", ch)) || (ch == '/' && !query);
		if (plain) {
			out_char(r->out, (char)ch);
		} else if (ch == ' ' && query) {
			out_char(r->out, '+');
		} else {
			char buf[3] = {'%', hex[ch >> 4], hex[ch & 15]};
			out_put(r->out, buf, 3);
		}
	}
}

FILTER(urlencode)
{
	val v = a[0];
	size_t from = r->out->len;

	UNUSED;
	if (is_text(v) || !can_iterate(v)) {
		quote(r, v, false);
		return render_take(r, from, false);
	}
	struct list *pairs = is_mapping(v) ? pairs_of(r, v) : to_list(r, v);
	for (size_t i = 0; pairs && i < pairs->n && !r->failed; i++) {
		struct list *pair = to_list(r, pairs->v[i]);
		if (!pair || pair->n != 2)
			return fail(r, "ValueError", "urlencode wants a mapping, or pairs");
		out_str(r->out, i ? "&" : "");
		quote(r, pair->v[0], true);
		out_char(r->out, '=');
		quote(r, pair->v[1], true);
	}
	return render_take(r, from, false);
}

/* --- attributes --------------------------------------------------------------------------------------- */

/* Names that would end a name, or the tag. */
static bool splits_tag(val key)
{
	for (size_t i = 0; is_text(key) && i < key.len; i++)
		if (strchr(" \t\n\r\f\v/>=", key.as.s[i]))
			return true;
	return false;
}

FILTER(xmlattr)
{
	bool space = flag_arg(r, a[1], true);
	size_t from = r->out->len;

	UNUSED;
	if (is_undef(a[0]))
		return fail_undefined(r, a[0]);
	if (!is_mapping(a[0]))
		return fail(r, "AttributeError", "'%s' object has no attribute 'items'",
			    val_type(a[0]));
	struct list *pairs = pairs_of(r, a[0]);
	bool any = false;
	for (size_t i = 0; pairs && i < pairs->n && !r->failed; i++) {
		val key = list_of(pairs->v[i])->v[0], v = list_of(pairs->v[i])->v[1];
		if (v.kind == V_NONE || is_undef(v))
			continue;
		if (splits_tag(key))
			return fail(r, "ValueError", "Invalid character in attribute name: '%.*s'",
				    (int)key.len, key.as.s);
		if (any || space)
			out_char(r->out, ' ');
		any = true;
		val_escape(r, r->out, key);
		out_str(r->out, "=\"");
		val_escape(r, r->out, v);
		out_char(r->out, '"');
	}
	return render_take(r, from, r->context->escape);
}

/* --- tojson ---------------------------------------------------------------------------------------------- */

FILTER(tojson)
{
	bool wide = !is_missing(a[1]) && a[1].kind != V_NONE;
	int64_t indent = wide ? whole_arg(r, a[1], 2) : -1;
	size_t from = r->out->len;

	UNUSED;
	if (indent > 16)
		return fail(r, "ValueError", "tojson indents by at most 16 spaces");
	json_print(r, r->out, a[0], wide && indent < 0 ? 0 : (int)indent);
	val text = render_take(r, from, false);
	if (r->failed)
		return val_none();
	/* what could end a script, or an attribute */
	for (size_t i = 0; i < text.len; i++) {
		char ch = text.as.s[i];
		if (ch == '<' || ch == '>' || ch == '&' || ch == '\'')
			out_printf(r->out, "\\u%04x", ch);
		else
			out_char(r->out, ch);
	}
	return render_take(r, from, true);
}

const struct word filters_html[] = {
	{"striptags", f_striptags, {"value"}, 1},
	{"urlencode", f_urlencode, {"value"}, 1},
	{"xmlattr", f_xmlattr, {"d", "autospace"}, 1},
	{"tojson", f_tojson, {"value", "indent"}, 1},
	{"urlize",
	 f_urlize,
	 {"value", "trim_url_limit", "nofollow", "target", "rel", "extra_schemes"},
	 1},
	{"pprint", f_pprint, {"value"}, 1},
	{.name = NULL}};
