#include "text.h"

#include "chars.h"
#include "engine_priv.h"

/* --- arguments --------------------------------------------------------------------------------- */

int64_t whole_arg(struct render *r, val v, int64_t def)
{
	if (is_missing(v))
		return def;
	if (is_whole(v))
		return v.as.i;
	if (is_undef(v))
		fail_undefined(r, v);
	else
		fail(r, "TypeError", "'%s' object cannot be interpreted as an integer", val_type(v));
	return def;
}

bool flag_arg(struct render *r, val v, bool def)
{
	return is_missing(v) ? def : val_truth(r, v);
}

val text_arg(struct render *r, val v)
{
	if (is_text(v))
		return v;
	if (is_undef(v))
		fail_undefined(r, v);
	else
		fail(r, "TypeError", "expected str, got '%s'", val_type(v));
	return val_text("", 0);
}

/* --- letters ------------------------------------------------------------------------------------- */

static void put_char(struct out *o, uint32_t cp)
{
	char buf[4];

	out_put(o, buf, chars_put(buf, cp));
}

static void put_upper(struct render *r, uint32_t cp)
{
	if (cp == 0xDF) /* the only one that becomes two letters and is in daily use */
		out_put(r->out, "SS", 2);
	else
		put_char(r->out, chars_upper(r->e->locale, cp));
}

static void put_lower(struct render *r, uint32_t cp)
{
	put_char(r->out, chars_lower(r->e->locale, cp));
}

enum caps { CAPS_UPPER, CAPS_LOWER, CAPS_FIRST, CAPS_WORDS, CAPS_SWAP };

static val capitals(struct render *r, val s, enum caps how)
{
	locale_t l = r->e->locale;
	size_t from = r->out->len;
	bool inside = false; /* a word */
	uint32_t cp;

	for (size_t i = 0; i < s.len;) {
		size_t n = chars_next(s.as.s + i, s.len - i, &cp);
		bool up = how == CAPS_UPPER || (how == CAPS_SWAP && chars_is_lower(l, cp)) ||
			  ((how == CAPS_FIRST || how == CAPS_WORDS) && !inside);
		if (n == 1 && cp >= 0x80)
			out_put(r->out, s.as.s + i, 1); /* no UTF-8 */
		else if (up && how != CAPS_UPPER && how != CAPS_SWAP && cp == 0xDF)
			out_put(r->out, "Ss", 2);
		else if (up)
			put_upper(r, cp);
		else
			put_lower(r, cp);
		inside = how == CAPS_FIRST ||
			 (chars_is_upper(l, cp) || chars_is_lower(l, cp));
		i += n;
	}
	return render_take(r, from, is_safe(s));
}

val text_upper(struct render *r, val s)
{
	return capitals(r, s, CAPS_UPPER);
}

val text_lower(struct render *r, val s)
{
	return capitals(r, s, CAPS_LOWER);
}

val text_capitalize(struct render *r, val s)
{
	return capitals(r, s, CAPS_FIRST);
}

val text_title(struct render *r, val s)
{
	return capitals(r, s, CAPS_WORDS);
}

val text_swapcase(struct render *r, val s)
{
	return capitals(r, s, CAPS_SWAP);
}

bool text_all(struct render *r, val s, bool (*is)(locale_t l, uint32_t cp))
{
	uint32_t cp;

	for (size_t i = 0; i < s.len; i += chars_next(s.as.s + i, s.len - i, &cp)) {
		chars_next(s.as.s + i, s.len - i, &cp);
		if (!is(r->e->locale, cp))
			return false;
	}
	return s.len != 0;
}

bool text_cased(struct render *r, val s, bool upper)
{
	bool any = false;
	uint32_t cp;

	for (size_t i = 0; i < s.len;) {
		i += chars_next(s.as.s + i, s.len - i, &cp);
		bool up = chars_is_upper(r->e->locale, cp), low = chars_is_lower(r->e->locale, cp);
		if (upper ? low : up)
			return false;
		any |= upper ? up : low;
	}
	return any;
}

val text_reverse(struct render *r, val s)
{
	char *copy = render_alloc(r, (size_t)s.len + 1), *to = copy;

	if (!copy)
		return val_none();
	for (size_t left = s.len; left;) {
		size_t n = chars_prev(s.as.s, left);
		to = mempcpy(to, s.as.s + left - n, n);
		left -= n;
	}
	*to = 0;
	return val_safe(copy, s.len, is_safe(s));
}

/* --- cutting ------------------------------------------------------------------------------------- */

static bool among(struct render *r, val chars, const char *s, size_t n, uint32_t cp)
{
	uint32_t one;

	if (!is_text(chars))
		return chars_is_space(cp);
	if (!busy(r, chars.len))
		return false;
	for (size_t i = 0; i < chars.len;) {
		size_t len = chars_next(chars.as.s + i, chars.len - i, &one);
		if (len == n && !memcmp(chars.as.s + i, s, n))
			return true;
		i += len;
	}
	return false;
}

val text_strip(struct render *r, val s, val chars, int sides)
{
	size_t from = 0, to = s.len;
	uint32_t cp;

	if (!is_missing(chars) && chars.kind != V_NONE)
		chars = text_arg(r, chars);
	while ((sides & STRIP_LEFT) && from < to) {
		size_t n = chars_next(s.as.s + from, to - from, &cp);
		if (!among(r, chars, s.as.s + from, n, cp))
			break;
		from += n;
	}
	while ((sides & STRIP_RIGHT) && from < to) {
		size_t n = chars_prev(s.as.s + from, to - from);
		chars_next(s.as.s + to - n, n, &cp);
		if (!among(r, chars, s.as.s + to - n, n, cp))
			break;
		to -= n;
	}
	return val_safe(s.as.s + from, to - from, is_safe(s));
}

static void put_for(struct render *r, val v, bool safe)
{
	if (safe && !is_safe(v))
		out_escape(r->out, v.as.s, v.len);
	else
		out_put(r->out, v.as.s, v.len);
}

/* An empty text stands before each character, and at the end. */
static void replace_between(struct render *r, val s, val with, int64_t count)
{
	uint32_t cp;

	for (size_t i = 0; i <= s.len;) {
		if (count) {
			put_for(r, with, is_safe(s));
			count -= count > 0;
		}
		if (i == s.len)
			break;
		size_t n = chars_next(s.as.s + i, s.len - i, &cp);
		out_put(r->out, s.as.s + i, n);
		i += n;
	}
}

val text_replace(struct render *r, val s, val old, val with, int64_t count)
{
	size_t from = r->out->len;
	const char *p = s.as.s, *end = p + s.len, *found;

	if (is_safe(s) && !is_safe(old))
		old = val_escaped(r, old);
	if (!old.len) {
		replace_between(r, s, with, count);
		return render_take(r, from, is_safe(s));
	}
	while (count && (found = bytes_find(p, (size_t)(end - p), old.as.s, old.len)) &&
	       !r->out->trouble) {
		out_put(r->out, p, (size_t)(found - p));
		put_for(r, with, is_safe(s));
		p = found + old.len;
		count -= count > 0;
	}
	out_put(r->out, p, (size_t)(end - p));
	return render_take(r, from, is_safe(s));
}

val text_pad(struct render *r, val s, int64_t width, val fill, int where)
{
	size_t from = r->out->len;
	int64_t n = (int64_t)chars_count(s.as.s, s.len);

	if (width <= n)
		return s;
	int64_t missing = width - n;
	if (!room_for(r, (uint64_t)missing))
		return val_none();
	/* as Python does it: the odd one left, if the width is odd */
	int64_t left = where < 0 ? 0 : where > 0 ? missing : missing / 2 + (missing & width & 1);
	for (int64_t i = 0; i < left; i++)
		out_put(r->out, fill.as.s, fill.len);
	out_put(r->out, s.as.s, s.len);
	for (int64_t i = left; i < missing; i++)
		out_put(r->out, fill.as.s, fill.len);
	return render_take(r, from, is_safe(s));
}

/* --- pieces ---------------------------------------------------------------------------------------- */

static bool push_piece(struct render *r, struct list *l, val s, size_t from, size_t to)
{
	return list_push(r, l, val_safe(s.as.s + from, to - from, is_safe(s)));
}

static size_t spaces(val s, size_t at, bool are)
{
	uint32_t cp;

	while (at < s.len) {
		size_t n = chars_next(s.as.s + at, s.len - at, &cp);
		if (chars_is_space(cp) != are)
			break;
		at += n;
	}
	return at;
}

static void split_words(struct render *r, struct list *l, val s, int64_t max)
{
	size_t end, all = text_strip(r, s, val_missing(), STRIP_RIGHT).len;

	for (size_t at = spaces(s, 0, true); at < all; at = spaces(s, end, true)) {
		end = max-- ? spaces(s, at, false) : all;
		if (!push_piece(r, l, s, at, end))
			return;
	}
}

static void split_at(struct render *r, struct list *l, val s, val sep, int64_t max)
{
	const char *p = s.as.s, *end = p + s.len, *found;

	while (max-- && (found = bytes_find(p, (size_t)(end - p), sep.as.s, sep.len))) {
		if (!push_piece(r, l, s, (size_t)(p - s.as.s), (size_t)(found - s.as.s)))
			return;
		p = found + sep.len;
	}
	push_piece(r, l, s, (size_t)(p - s.as.s), s.len);
}

/* The last max pieces, the rest as the first one. */
static struct list *keep_last(struct render *r, struct list *l, val s, int64_t max)
{
	size_t extra = max >= 0 && l->n > (uint64_t)max + 1 ? l->n - (size_t)max - 1 : 0;

	if (!extra)
		return l;
	struct list *kept = list_new(r, l->n - extra);
	if (!kept)
		return NULL;
	val last = l->v[extra];
	size_t end = (size_t)(last.as.s - s.as.s) + last.len;
	size_t begin = (size_t)(l->v[0].as.s - s.as.s);
	push_piece(r, kept, s, begin, end);
	for (size_t i = extra + 1; i < l->n; i++)
		list_push(r, kept, l->v[i]);
	return kept;
}

struct list *text_split(struct render *r, val s, val sep, int64_t max, bool from_right)
{
	struct list *l = list_new(r, 0);
	bool words = is_missing(sep) || sep.kind == V_NONE;

	if (!l || (!words && !is_text(sep))) {
		text_arg(r, sep);
		return NULL;
	}
	if (words) {
		split_words(r, l, s, from_right ? -1 : max);
		if (from_right && max >= 0 && l->n > (uint64_t)max + 1) {
			/* the first piece begins where the text does */
			val first = l->v[0];
			l->v[0] = val_safe(s.as.s, (size_t)(first.as.s - s.as.s) + first.len,
					   is_safe(s));
		}
	} else if (!sep.len) {
		fail(r, "ValueError", "empty separator");
		return NULL;
	} else {
		split_at(r, l, s, sep, from_right ? -1 : max);
	}
	return from_right ? keep_last(r, l, s, max) : l;
}

static bool ends_line(uint32_t cp)
{
	return (cp >= 10 && cp <= 13) || (cp >= 0x1C && cp <= 0x1E) || cp == 0x85 ||
	       cp == 0x2028 || cp == 0x2029;
}

struct list *text_lines(struct render *r, val s, bool keep)
{
	struct list *l = list_new(r, 0);
	size_t begin = 0;
	uint32_t cp;

	for (size_t i = 0; l && i < s.len;) {
		size_t n = chars_next(s.as.s + i, s.len - i, &cp);
		if (!ends_line(cp)) {
			i += n;
			continue;
		}
		size_t end = i;
		i += n;
		if (cp == '\r' && i < s.len && s.as.s[i] == '\n')
			i++;
		if (!push_piece(r, l, s, begin, keep ? i : end))
			return NULL;
		begin = i;
	}
	if (l && begin < s.len)
		push_piece(r, l, s, begin, s.len);
	return l;
}

val text_join(struct render *r, val sep, val all)
{
	struct iter it;
	size_t from = r->out->len;
	bool any = false;
	val one;

	if (!iter_open(r, &it, all))
		return val_none();
	for (; iter_next(r, &it, &one) && round_more(r); any = true) {
		if (!is_text(one)) {
			fail(r, "TypeError", "sequence item: expected str instance, %s found",
			     val_type(one));
			return val_none();
		}
		if (any)
			out_put(r->out, sep.as.s, sep.len);
		put_for(r, one, is_safe(sep));
	}
	return render_take(r, from, is_safe(sep));
}
