/* Methods of texts, lists, mappings, numbers and times: those of Python that templates use. */
#include <math.h>
#include <time.h>

#include "chars.h"
#include "filter.h"

#define METHOD(name) static val m_##name(struct render *r, val *a, struct args *all)

/* --- texts ---------------------------------------------------------------------------------- */

METHOD(upper)
{
	UNUSED;
	return text_upper(r, a[0]);
}

METHOD(lower)
{
	UNUSED;
	return text_lower(r, a[0]);
}

METHOD(capitalize)
{
	UNUSED;
	return text_capitalize(r, a[0]);
}

METHOD(title)
{
	UNUSED;
	return text_title(r, a[0]);
}

METHOD(swapcase)
{
	UNUSED;
	return text_swapcase(r, a[0]);
}

METHOD(strip)
{
	UNUSED;
	return text_strip(r, a[0], a[1], STRIP_BOTH);
}

METHOD(lstrip)
{
	UNUSED;
	return text_strip(r, a[0], a[1], STRIP_LEFT);
}

METHOD(rstrip)
{
	UNUSED;
	return text_strip(r, a[0], a[1], STRIP_RIGHT);
}

METHOD(split)
{
	UNUSED;
	return val_ptr(V_LIST, text_split(r, a[0], a[1], whole_arg(r, a[2], -1), false));
}

METHOD(rsplit)
{
	UNUSED;
	return val_ptr(V_LIST, text_split(r, a[0], a[1], whole_arg(r, a[2], -1), true));
}

METHOD(splitlines)
{
	UNUSED;
	return val_ptr(V_LIST, text_lines(r, a[0], flag_arg(r, a[1], false)));
}

METHOD(join)
{
	UNUSED;
	return text_join(r, a[0], a[1]);
}

METHOD(replace)
{
	UNUSED;
	return text_replace(r, a[0], text_arg(r, a[1]), text_arg(r, a[2]),
			    whole_arg(r, a[3], -1));
}

/* The part of a text between two places, which may be left out. */
static val part(struct render *r, val s, val from, val to)
{
	if (is_missing(from) && is_missing(to))
		return s;
	return get_slice(r, s, is_missing(from) ? val_none() : from,
			 is_missing(to) ? val_none() : to, val_none());
}

static bool has(val s, val what, bool at_end)
{
	return what.len <= s.len &&
	       !memcmp(at_end ? s.as.s + s.len - what.len : s.as.s, what.as.s, what.len);
}

static val begins(struct render *r, val *a, bool at_end)
{
	val s = part(r, a[0], a[2], a[3]);

	if (a[1].kind != V_TUPLE)
		return val_bool(has(s, text_arg(r, a[1]), at_end));
	for (size_t i = 0; i < list_of(a[1])->n; i++)
		if (has(s, text_arg(r, list_of(a[1])->v[i]), at_end) && !r->failed)
			return val_bool(true);
	return val_bool(false);
}

METHOD(startswith)
{
	UNUSED;
	return begins(r, a, false);
}

METHOD(endswith)
{
	UNUSED;
	return begins(r, a, true);
}

/* The last place of what in s; NULL. */
static const char *find_last(struct render *r, val s, val what)
{
	if (what.len > s.len)
		return NULL;
	for (const char *p = s.as.s + (s.len - what.len); busy(r, what.len + 1); p--) {
		if (!what.len || (*p == *what.as.s && !memcmp(p, what.as.s, what.len)))
			return p;
		if (p == s.as.s)
			break;
	}
	return NULL;
}

static int64_t found_at(struct render *r, val *a, bool last)
{
	val s = part(r, a[0], a[2], a[3]), what = text_arg(r, a[1]);

	if (r->failed || !is_text(s))
		return -1;
	const char *at = last ? find_last(r, s, what)
			      : bytes_find(s.as.s, s.len, what.as.s, what.len);
	return at ? (int64_t)chars_count(a[0].as.s, (size_t)(at - a[0].as.s)) : -1;
}

METHOD(find)
{
	UNUSED;
	return val_int(found_at(r, a, false));
}

METHOD(rfind)
{
	UNUSED;
	return val_int(found_at(r, a, true));
}

METHOD(index)
{
	int64_t at = found_at(r, a, false);

	UNUSED;
	return at < 0 ? fail(r, "ValueError", "substring not found") : val_int(at);
}

METHOD(count)
{
	val s = part(r, a[0], a[2], a[3]), what = text_arg(r, a[1]);

	UNUSED;
	if (r->failed)
		return val_none();
	if (!what.len)
		return val_int((int64_t)chars_count(s.as.s, s.len) + 1);
	return val_int((int64_t)bytes_count(s.as.s, s.len, what.as.s, what.len));
}

METHOD(format)
{
	UNUSED;
	return text_format_call(r, all->v[0], all);
}

static bool digit(locale_t l, uint32_t cp)
{
	(void)l;
	return cp >= '0' && cp <= '9';
}

static bool space(locale_t l, uint32_t cp)
{
	(void)l;
	return chars_is_space(cp);
}

static bool alnum(locale_t l, uint32_t cp)
{
	return cp != '_' && chars_is_word(l, cp);
}

METHOD(isdigit)
{
	UNUSED;
	return val_bool(text_all(r, a[0], digit));
}

METHOD(isalpha)
{
	UNUSED;
	return val_bool(text_all(r, a[0], chars_is_alpha));
}

METHOD(isalnum)
{
	UNUSED;
	return val_bool(text_all(r, a[0], alnum));
}

METHOD(isspace)
{
	UNUSED;
	return val_bool(text_all(r, a[0], space));
}

METHOD(isupper)
{
	UNUSED;
	return val_bool(text_cased(r, a[0], true));
}

METHOD(islower)
{
	UNUSED;
	return val_bool(text_cased(r, a[0], false));
}

METHOD(istitle)
{
	val title = text_title(r, a[0]);

	UNUSED;
	return val_bool(title.len == a[0].len && !memcmp(title.as.s, a[0].as.s, title.len) &&
			(text_cased(r, text_upper(r, a[0]), true)));
}

static val padded(struct render *r, val *a, int where)
{
	val fill = is_missing(a[2]) ? val_text(" ", 1) : text_arg(r, a[2]);

	if (is_safe(a[0]))
		fill = val_escaped(r, fill);
	if (!r->failed && chars_count(fill.as.s, fill.len) != 1)
		return fail(r, "TypeError", "The fill character must be exactly one character long");
	return text_pad(r, a[0], whole_arg(r, a[1], 0), fill, where);
}

METHOD(center)
{
	UNUSED;
	return padded(r, a, 0);
}

METHOD(ljust)
{
	UNUSED;
	return padded(r, a, -1);
}

METHOD(rjust)
{
	UNUSED;
	return padded(r, a, 1);
}

METHOD(zfill)
{
	val s = a[0];
	bool sign = s.len && (*s.as.s == '-' || *s.as.s == '+');
	int64_t width = whole_arg(r, a[1], 0);

	UNUSED;
	if (width < 1)
		return s;
	if (!sign)
		return text_pad(r, s, width, val_text("0", 1), 1);
	val digits = text_pad(r, val_text(s.as.s + 1, s.len - 1), width - 1, val_text("0", 1), 1);
	return op_binary(r, E_ADD, val_safe(s.as.s, 1, is_safe(s)), digits);
}

static val parted(struct render *r, val s, val sep, bool last)
{
	struct list *l = list_new(r, 3);

	sep = text_arg(r, sep);
	if (!l || r->failed)
		return val_none();
	if (!sep.len)
		return fail(r, "ValueError", "empty separator");
	const char *at = last ? find_last(r, s, sep)
			      : bytes_find(s.as.s, s.len, sep.as.s, sep.len);
	size_t head = at ? (size_t)(at - s.as.s) : s.len;
	val none = val_safe("", 0, is_safe(s)), whole = s;
	list_push(r, l, at ? val_safe(s.as.s, head, is_safe(s)) : last ? none : whole);
	list_push(r, l, at ? val_safe(at, sep.len, is_safe(s)) : none);
	list_push(r, l,
		  at	 ? val_safe(at + sep.len, s.len - head - sep.len, is_safe(s))
		  : last ? whole
			 : none);
	return val_ptr(V_TUPLE, l);
}

METHOD(partition)
{
	UNUSED;
	return parted(r, a[0], a[1], false);
}

METHOD(rpartition)
{
	UNUSED;
	return parted(r, a[0], a[1], true);
}

METHOD(removeprefix)
{
	val p = text_arg(r, a[1]);

	UNUSED;
	return has(a[0], p, false) ? val_safe(a[0].as.s + p.len, a[0].len - p.len, is_safe(a[0]))
				   : a[0];
}

METHOD(removesuffix)
{
	val p = text_arg(r, a[1]);

	UNUSED;
	return has(a[0], p, true) ? val_safe(a[0].as.s, a[0].len - p.len, is_safe(a[0])) : a[0];
}

METHOD(striptags)
{
	UNUSED;
	return text_striptags(r, a[0]);
}

METHOD(unescape)
{
	UNUSED;
	return text_unescape(r, a[0]);
}

#define PLAIN(name) {#name, m_##name, {"self"}, 1}

static const struct word of_texts[] = {
	PLAIN(upper),
	PLAIN(lower),
	PLAIN(capitalize),
	PLAIN(title),
	PLAIN(swapcase),
	{"casefold", m_lower, {"self"}, 1},
	{"strip", m_strip, {"self", "chars"}, 1},
	{"lstrip", m_lstrip, {"self", "chars"}, 1},
	{"rstrip", m_rstrip, {"self", "chars"}, 1},
	{"split", m_split, {"self", "sep", "maxsplit"}, 1},
	{"rsplit", m_rsplit, {"self", "sep", "maxsplit"}, 1},
	{"splitlines", m_splitlines, {"self", "keepends"}, 1},
	{"join", m_join, {"self", "iterable"}, 2},
	{"replace", m_replace, {"self", "old", "new", "count"}, 3},
	{"startswith", m_startswith, {"self", "prefix", "start", "end"}, 2},
	{"endswith", m_endswith, {"self", "suffix", "start", "end"}, 2},
	{"find", m_find, {"self", "sub", "start", "end"}, 2},
	{"rfind", m_rfind, {"self", "sub", "start", "end"}, 2},
	{"index", m_index, {"self", "sub", "start", "end"}, 2},
	{"count", m_count, {"self", "sub", "start", "end"}, 2},
	{.name = "format", .fn = m_format},
	PLAIN(isdigit),
	{"isdecimal", m_isdigit, {"self"}, 1},
	{"isnumeric", m_isdigit, {"self"}, 1},
	PLAIN(isalpha),
	PLAIN(isalnum),
	PLAIN(isspace),
	PLAIN(isupper),
	PLAIN(islower),
	PLAIN(istitle),
	{"center", m_center, {"self", "width", "fillchar"}, 2},
	{"ljust", m_ljust, {"self", "width", "fillchar"}, 2},
	{"rjust", m_rjust, {"self", "width", "fillchar"}, 2},
	{"zfill", m_zfill, {"self", "width"}, 2},
	{"partition", m_partition, {"self", "sep"}, 2},
	{"rpartition", m_rpartition, {"self", "sep"}, 2},
	{"removeprefix", m_removeprefix, {"self", "prefix"}, 2},
	{"removesuffix", m_removesuffix, {"self", "suffix"}, 2},
	{.name = NULL}};

static const struct word of_safe_texts[] = {
	PLAIN(striptags), PLAIN(unescape), {.name = NULL}};

/* --- finding them ----------------------------------------------------------------------------- */

METHOD(is_integer)
{
	UNUSED;
	return val_bool(a[0].as.r == floor(a[0].as.r));
}

static const struct word of_reals[] = {PLAIN(is_integer), {.name = NULL}};

METHOD(strftime)
{
	val format = text_arg(r, a[1]);
	char text[512], spec[256];
	int64_t rest = ((a[0].as.i % 1000) + 1000) % 1000;
	time_t s = (time_t)((a[0].as.i - rest) / 1000);
	struct tm t;

	UNUSED;
	if (r->failed || format.len >= sizeof spec - 1 || !gmtime_r(&s, &t))
		return fail(r, "ValueError", "strftime() takes a format of at most %zu bytes",
			    sizeof spec - 2);
	memcpy(spec, format.as.s, format.len);
	spec[format.len] = ' '; /* so that a result is never empty */
	spec[format.len + 1] = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	size_t n = strftime(text, sizeof text, spec, &t);
#pragma GCC diagnostic pop
	if (!n)
		return fail(r, "ValueError", "strftime() gives at most %zu bytes", sizeof text - 2);
	return render_copy(r, text, n - 1, false);
}

METHOD(isoformat)
{
	val s = val_str(r, a[0]);
	size_t from = r->out->len;

	UNUSED;
	for (size_t i = 0; i < s.len; i++)
		out_char(r->out, s.as.s[i] == ' ' ? 'T' : s.as.s[i]);
	return render_take(r, from, false);
}

METHOD(timestamp)
{
	UNUSED;
	return val_real((double)a[0].as.i / 1000);
}

static const struct word of_times[] = {{"strftime", m_strftime, {"self", "format"}, 2},
				       PLAIN(isoformat),
				       PLAIN(timestamp),
				       {.name = NULL}};

static const struct word *find(const struct word *all, const char *name, size_t len)
{
	for (; all->name; all++)
		if (*all->name == *name && strlen(all->name) == len &&
		    !memcmp(all->name, name, len))
			return all;
	return NULL;
}

const struct word *method_find(val of, const char *name, size_t len)
{
	const struct word *w = NULL;

	if (!len)
		return NULL;
	switch (of.kind) {
	case V_TEXT:
		w = find(of_texts, name, len);
		return !w && is_safe(of) ? find(of_safe_texts, name, len) : w;
	case V_JSON:
		return find(is_json_object(of) ? methods_dict : methods_tuple, name, len);
	case V_DICT:
		return find(methods_dict, name, len);
	case V_LIST:
		return find(methods_list, name, len);
	case V_TUPLE:
	case V_RANGE:
		return find(methods_tuple, name, len);
	case V_REAL:
		return find(of_reals, name, len);
	case V_TIME:
		return find(of_times, name, len);
	default:
		return NULL;
	}
}
