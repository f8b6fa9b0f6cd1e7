/* wordwrap, as Python's textwrap does it. */
#include "chars.h"
#include "filter.h"

struct wrapper {
	struct render *r;
	const char *s; /* one line */
	size_t len;
	int64_t width;
	bool break_words, break_hyphens, safe;
	struct list *lines;
	size_t from;   /* in the output: where the current line begins */
	int64_t filled; /* its characters */
};

static uint32_t at(const struct wrapper *w, size_t i)
{
	uint32_t cp = 0;

	if (i < w->len)
		chars_next(w->s + i, w->len - i, &cp);
	return cp;
}

static uint32_t before(const struct wrapper *w, size_t i)
{
	return i ? at(w, i - chars_prev(w->s, i)) : 0;
}

static bool blank(uint32_t cp)
{
	return cp == ' ' || (cp >= 9 && cp <= 13);
}

static bool letter(const struct wrapper *w, uint32_t cp)
{
	return cp && chars_is_word(w->r->e->locale, cp) && cp != '_' && !(cp >= '0' && cp <= '9');
}

static bool may_precede_dash(const struct wrapper *w, uint32_t cp)
{
	return cp && (chars_is_word(w->r->e->locale, cp) ||
		      (cp < 0x80 && strchr("!\"'&.,?", (int)cp)));
}

/* Two hyphens or more between words: how long; 0: none here. */
static size_t dash(const struct wrapper *w, size_t i)
{
	size_t n = 0;

	if (i && w->s[i - 1] == '-') /* inside of one, which is not looked at again */
		return 0;
	while (i + n < w->len && w->s[i + n] == '-')
		n++;
	return n >= 2 && may_precede_dash(w, before(w, i)) &&
			       chars_is_word(w->r->e->locale, at(w, i + n)) && at(w, i + n)
		       ? n
		       : 0;
}

/* Whether a word may break behind the hyphen that stands at i. */
static bool hyphen(const struct wrapper *w, size_t from, size_t i)
{
	if (i >= w->len || w->s[i] != '-')
		return false;
	size_t one = i > from ? i - chars_prev(w->s, i) : i;
	if (one == i || !letter(w, at(w, one)))
		return false;
	uint32_t two = one ? before(w, one) : 0;
	size_t second = one ? one - chars_prev(w->s, one) : 0;
	bool left = letter(w, two) || (two == '-' && letter(w, before(w, second)));
	size_t next = i + 1;
	if (!left || !letter(w, at(w, next)))
		return false;
	uint32_t cp;
	next += chars_next(w->s + next, w->len - next, &cp);
	if (at(w, next) == '-')
		next++;
	return letter(w, at(w, next));
}

/* Where the piece that begins at i ends: white space, a dash, or a word up to where it may
 * break. */
static size_t piece(const struct wrapper *w, size_t i)
{
	size_t from = i, n;
	uint32_t cp;

	if (blank(at(w, i))) {
		while (i < w->len && blank(at(w, i)))
			i++;
		return i;
	}
	n = w->break_hyphens ? dash(w, i) : 0;
	if (n)
		return i + n;
	while (i < w->len) {
		i += chars_next(w->s + i, w->len - i, &cp);
		if (i >= w->len || blank(at(w, i)))
			break;
		if (w->break_hyphens && hyphen(w, from, i))
			return i + 1;
		if (w->break_hyphens && dash(w, i))
			break;
	}
	return i;
}

static void put(struct wrapper *w, size_t from, size_t to)
{
	out_put(w->r->out, w->s + from, to - from);
	w->filled += (int64_t)chars_count(w->s + from, to - from);
}

static void end_line(struct wrapper *w)
{
	struct out *o = w->r->out;

	while (o->len > w->from && blank((unsigned char)o->p[o->len - 1]))
		o->len--;
	if (o->len > w->from)
		list_push(w->r, w->lines, render_take(w->r, w->from, w->safe));
	w->filled = 0;
}

static bool all_hyphens(const char *s, size_t n)
{
	while (n && s[n - 1] == '-')
		n--;
	return !n;
}

/* As much of a word that fits in no line as fits in this one; gives where the rest begins. */
static size_t put_long(struct wrapper *w, size_t from, size_t to)
{
	int64_t left = w->width - w->filled;

	if (!w->break_words) {
		if (w->filled)
			return from;
		put(w, from, to);
		return to;
	}
	size_t end = from + chars_at(w->s + from, to - from, left < 1 ? 1 : (size_t)left);
	if (w->break_hyphens) {
		const char *last = memrchr(w->s + from, '-', end - from);
		size_t n = last ? (size_t)(last - (w->s + from)) : 0;
		if (n && !all_hyphens(w->s + from, n))
			end = from + n + 1;
	}
	put(w, from, end);
	return end;
}

/* A piece of n characters that fits in no line, over several; what is left of it is a piece
 * of its own. */
static void put_pieces(struct wrapper *w, size_t from, size_t to, int64_t n)
{
	while (from < to && !w->r->failed) {
		int64_t before = w->filled;
		if (n <= w->width && !before) {
			put(w, from, to);
			return;
		}
		from = put_long(w, from, to);
		n -= w->filled - before;
		if (from < to)
			end_line(w);
	}
}

static void wrap_line(struct wrapper *w)
{
	size_t i = 0;
	size_t first = w->lines->n;

	w->from = w->r->out->len;
	w->filled = 0;
	while (i < w->len && !w->r->failed) {
		size_t end = piece(w, i);
		int64_t n = (int64_t)chars_count(w->s + i, end - i);
		if (!w->filled && w->r->out->len == w->from && blank(at(w, i)) &&
		    w->lines->n > first) {
			i = end;
			continue;
		}
		if (w->filled + n <= w->width) {
			put(w, i, end);
			i = end;
			continue;
		}
		if (n > w->width) {
			put_pieces(w, i, end, n);
			i = end;
			continue;
		}
		end_line(w);
		if (blank(at(w, i)))
			i = end;
	}
	end_line(w);
}

val f_wordwrap(struct render *r, val *a, struct args *all)
{
	val s = text_arg(r, a[0]);
	val sep = is_missing(a[3]) || a[3].kind == V_NONE
			  ? val_text(r->e->options.syntax.newline,
				     strlen(r->e->options.syntax.newline))
			  : text_arg(r, a[3]);
	struct wrapper w = {.r = r,
			    .width = whole_arg(r, a[1], 79),
			    .break_words = flag_arg(r, a[2], true),
			    .break_hyphens = flag_arg(r, a[4], true)};
	struct list *in = text_lines(r, s, false), *out = list_new(r, 0);

	(void)all;
	if (!in || !out || r->failed)
		return val_none();
	if (w.width <= 0 && in->n)
		return fail(r, "ValueError", "invalid width %lld (must be > 0)",
			    (long long)w.width);
	for (size_t i = 0; i < in->n && round_more(r); i++) {
		w.s = in->v[i].as.s;
		w.len = in->v[i].len;
		w.lines = list_new(r, 0);
		if (!w.lines)
			break;
		wrap_line(&w);
		list_push(r, out, text_join(r, sep, val_ptr(V_LIST, w.lines)));
	}
	return text_join(r, sep, val_ptr(V_LIST, out));
}
