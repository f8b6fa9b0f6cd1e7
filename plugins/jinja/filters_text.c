/* Filters of texts. */
#include "chars.h"
#include "filter.h"

FILTER(upper)
{
	UNUSED;
	return text_upper(r, soft_str(r, a[0]));
}

FILTER(lower)
{
	UNUSED;
	return text_lower(r, soft_str(r, a[0]));
}

FILTER(capitalize)
{
	UNUSED;
	return text_capitalize(r, soft_str(r, a[0]));
}

static void put(struct render *r, val text)
{
	out_put(r->out, text.as.s, text.len);
}

/* Words begin behind white space and -({[<. */
FILTER(title)
{
	val s = soft_str(r, a[0]);
	size_t from = r->out->len, begin = 0;
	bool before = false; /* between words */
	uint32_t cp;

	UNUSED;
	for (size_t i = 0; i <= s.len;) {
		size_t n = i < s.len ? chars_next(s.as.s + i, s.len - i, &cp) : 1;
		bool between = i < s.len && (chars_is_space(cp) ||
					     (cp < 0x80 && cp && strchr("-({[<", (int)cp)));
		if (i && (i == s.len || between != before)) {
			val word = val_text(s.as.s + begin, i - begin);
			uint32_t first = (uint32_t)chars_at(word.as.s, word.len, 1);
			put(r, text_upper(r, val_text(word.as.s, first)));
			put(r, text_lower(r, val_text(word.as.s + first, word.len - first)));
			begin = i;
		}
		before = between;
		i += n;
	}
	return render_take(r, from, false);
}

FILTER(trim)
{
	UNUSED;
	return text_strip(r, soft_str(r, a[0]), a[1], STRIP_BOTH);
}

FILTER(center)
{
	UNUSED;
	return text_pad(r, soft_str(r, a[0]), whole_arg(r, a[1], 80), val_text(" ", 1), 0);
}

FILTER(string)
{
	UNUSED;
	return soft_str(r, a[0]);
}

FILTER(safe)
{
	val v = val_is(a[0], &module_type) ? val_escaped(r, a[0]) : soft_str(r, a[0]);

	UNUSED;
	v.flags |= CRUET_VALUE_SAFE;
	return v;
}

FILTER(escape)
{
	UNUSED;
	return val_escaped(r, a[0]);
}

FILTER(forceescape)
{
	val v = soft_str(r, a[0]);

	UNUSED;
	v.flags = 0;
	return val_escaped(r, v);
}

FILTER(replace)
{
	val s = a[0], old = a[1], with = a[2];
	int64_t count = is_missing(a[3]) || a[3].kind == V_NONE ? -1 : whole_arg(r, a[3], -1);

	UNUSED;
	if (!r->context->escape) {
		s = val_str(r, s);
		old = val_str(r, old);
		with = val_str(r, with);
		s.flags = old.flags = with.flags = 0;
	} else if (is_safe(old) || (is_safe(with) && !is_safe(s))) {
		s = val_escaped(r, s);
	} else {
		s = soft_str(r, s);
	}
	return text_replace(r, s, soft_str(r, old), soft_str(r, with), count);
}

FILTER(format)
{
	struct dict *d;

	UNUSED;
	if (all->n > 1 && all->nnamed)
		return fail(r, "FilterArgumentError",
			    "can't handle positional and keyword arguments at the same time");
	val s = soft_str(r, all->v[0]);
	if (all->nnamed) {
		d = dict_new(r);
		for (size_t i = 0; d && i < all->nnamed; i++)
			dict_put(r, d, val_text(all->named[i].name, all->named[i].len),
				 all->named[i].v);
		return r->failed ? val_none() : text_format(r, s, val_ptr(V_DICT, d));
	}
	struct list *l = list_new(r, all->n);
	for (size_t i = 1; l && i < all->n; i++)
		list_push(r, l, all->v[i]);
	return r->failed ? val_none() : text_format(r, s, val_ptr(V_TUPLE, l));
}

FILTER(indent)
{
	val s = text_arg(r, a[0]), width = a[1];
	bool first = flag_arg(r, a[2], false), blank = flag_arg(r, a[3], false);

	UNUSED;
	if (!is_text(width))
		width = text_repeat(r, val_text(" ", 1), whole_arg(r, width, 4));
	if (r->failed)
		return val_none();
	if (is_safe(s))
		width.flags |= CRUET_VALUE_SAFE;
	struct list *lines = text_lines(r, s, false);
	size_t from = r->out->len;
	bool empty_end = !s.len || strchr("\n\r\v\f", s.as.s[s.len - 1]);
	size_t n = lines ? lines->n + (lines->n && empty_end) : 0;
	for (size_t i = 0; i < (n ? n : 1) && lines; i++) {
		val line = i < lines->n ? lines->v[i] : val_text("", 0);
		out_str(r->out, i ? "\n" : "");
		if (i ? blank || line.len : first)
			out_put(r->out, width.as.s, width.len);
		out_put(r->out, line.as.s, line.len);
	}
	return render_take(r, from, is_safe(s));
}

FILTER(truncate)
{
	int64_t length = whole_arg(r, a[1], 255);
	bool kill = flag_arg(r, a[2], false);
	val end = is_missing(a[3]) ? val_text("...", 3) : text_arg(r, a[3]);
	int64_t leeway = is_missing(a[4]) || a[4].kind == V_NONE ? 5 : whole_arg(r, a[4], 5);
	int64_t dots = (int64_t)chars_count(end.as.s, end.len);

	UNUSED;
	if (length < dots)
		return fail(r, "AssertionError", "expected length >= %lld, got %lld",
			    (long long)dots, (long long)length);
	if (leeway < 0)
		return fail(r, "AssertionError", "expected leeway >= 0, got %lld",
			    (long long)leeway);
	int64_t len = val_len(r, a[0]);
	if (len < 0)
		return fail(r, "TypeError", "object of type '%s' has no len()", val_type(a[0]));
	if (len - leeway <= length)
		return a[0];
	val s = text_arg(r, a[0]);
	s = get_slice(r, s, val_none(), val_int(length - dots), val_none());
	if (!kill) {
		const char *space = is_text(s) ? memrchr(s.as.s, ' ', s.len) : NULL;
		if (space)
			s.len = (uint32_t)(space - s.as.s);
	}
	return r->failed ? val_none() : op_binary(r, E_ADD, s, end);
}

FILTER(wordcount)
{
	val s = soft_str(r, a[0]);
	bool inside = false;
	int64_t n = 0;
	uint32_t cp;

	UNUSED;
	for (size_t i = 0; i < s.len;) {
		i += chars_next(s.as.s + i, s.len - i, &cp);
		bool word = chars_is_word(r->e->locale, cp);
		n += word && !inside;
		inside = word;
	}
	return val_int(n);
}

FILTER(reverse)
{
	UNUSED;
	if (is_text(a[0]))
		return text_reverse(r, a[0]);
	if (!can_iterate(a[0]))
		return fail(r, "FilterArgumentError", "argument must be iterable");
	struct list *l = to_list(r, a[0]);
	for (size_t i = 0; l && i < l->n / 2; i++) {
		val v = l->v[i];
		l->v[i] = l->v[l->n - 1 - i];
		l->v[l->n - 1 - i] = v;
	}
	return a[0].kind == V_ITER ? val_ptr(V_LIST, l) : val_iter(l);
}

const struct word filters_text[] = {
	{"upper", f_upper, {"s"}, 1},
	{"lower", f_lower, {"s"}, 1},
	{"capitalize", f_capitalize, {"s"}, 1},
	{"title", f_title, {"s"}, 1},
	{"trim", f_trim, {"value", "chars"}, 1},
	{"center", f_center, {"value", "width"}, 1},
	{"string", f_string, {"object"}, 1},
	{"safe", f_safe, {"value"}, 1},
	{"escape", f_escape, {"s"}, 1},
	{"e", f_escape, {"s"}, 1},
	{"forceescape", f_forceescape, {"value"}, 1},
	{"replace", f_replace, {"s", "old", "new", "count"}, 3},
	{.name = "format", .fn = f_format},
	{"indent", f_indent, {"s", "width", "first", "blank"}, 1},
	{"truncate", f_truncate, {"s", "length", "killwords", "end", "leeway"}, 1},
	{"wordcount", f_wordcount, {"s"}, 1},
	{"wordwrap",
	 f_wordwrap,
	 {"s", "width", "break_long_words", "wrapstring", "break_on_hyphens"},
	 1},
	{"reverse", f_reverse, {"value"}, 1},
	{.name = NULL}};
