/* urlize: addresses in a text become links. What counts as one is what Jinja2's regular
 * expressions say. */
#include <strings.h>

#include "chars.h"
#include "filter.h"

static bool is_alnum(char ch)
{
	return (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z');
}

static bool is_alpha(char ch)
{
	return (ch | 32) >= 'a' && (ch | 32) <= 'z';
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

/* \w: letters of other scripts too. */
static bool is_word(char ch)
{
	return is_alnum(ch) || ch == '_' || (unsigned char)ch >= 0x80;
}

static bool begins(const char *s, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !strncasecmp(s, with, len);
}

/* --- addresses ---------------------------------------------------------------------------------- */

/* (:port)? ([/?#]...)? and nothing else. */
static bool ends_address(const char *s, size_t n)
{
	size_t i = 0, digits = 0;

	if (n && s[0] == ':') {
		for (i = 1; i < n && is_digit(s[i]) && digits < 5; i++)
			digits++;
		if (!digits)
			return false;
	}
	return i == n || s[i] == '/' || s[i] == '?' || s[i] == '#';
}

/* The host: as far as \w, %, - and . go. */
static size_t host_len(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (is_word(s[i]) || s[i] == '%' || s[i] == '-' || s[i] == '.'))
		i++;
	return i;
}

static bool is_top(const char *s, size_t n)
{
	if (begins(s, n, "xn--") && n >= 6 && n <= 63) {
		for (size_t i = 4; i < n; i++)
			if (!is_word(s[i]) && s[i] != '%')
				return false;
		return true;
	}
	for (size_t i = 0; i < n; i++)
		if (!is_alpha(s[i]))
			return false;
	return n >= 2 && n <= 63;
}

/* Where the last name of a host may begin: what is left of it is (name.)+, or nothing. */
static bool names_before(const char *s, size_t n, size_t least)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] != '.') {
			len++;
			continue;
		}
		if (len < (least ? least : 1) || (least && len > 63))
			return false;
		len = 0;
	}
	return !len;
}

/* Behind http:// or www., a name that could be a top domain; after it the end. */
static bool with_scheme(const char *s, size_t n)
{
	size_t host = host_len(s, n);

	for (size_t end = host; end > 0; end--) {
		if (!ends_address(s + end, n - end))
			continue;
		for (size_t from = end; from-- > 0;)
			if ((from == 0 || s[from - 1] == '.') && is_top(s + from, end - from) &&
			    names_before(s, from, 0))
				return true;
	}
	return false;
}

static bool known_top(const char *s, size_t n)
{
	static const char *const names[] = {"com", "net", "int", "edu", "gov",
					    "org", "info", "mil"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (n == strlen(names[i]) && !strncasecmp(s, names[i], n))
			return true;
	return false;
}

static bool bare(const char *s, size_t n)
{
	size_t host = host_len(s, n);

	for (size_t end = host; end > 0; end--) {
		if (!ends_address(s + end, n - end))
			continue;
		for (size_t from = end; from-- > 1;)
			if (s[from - 1] == '.' && known_top(s + from, end - from) &&
			    names_before(s, from, 2))
				return true;
	}
	return false;
}

static bool is_ip(const char *s, size_t n)
{
	size_t i = 0;

	if (n && s[0] == '[') {
		size_t colons = 0;
		for (i = 1; i < n && s[i] != ']'; i++)
			if (s[i] == ':')
				colons++;
			else if (!is_digit(s[i]) && !((s[i] | 32) >= 'a' && (s[i] | 32) <= 'f'))
				return false;
		return i < n && colons >= 3 && colons <= 8 && ends_address(s + i + 1, n - i - 1);
	}
	for (int part = 0; part < 4; part++) {
		size_t digits = 0;
		while (i < n && is_digit(s[i]) && digits < 3) {
			i++;
			digits++;
		}
		if (!digits || (part < 3 && (i >= n || s[i++] != '.')))
			return false;
	}
	return ends_address(s + i, n - i);
}

static size_t scheme_len(const char *s, size_t n)
{
	return begins(s, n, "https://") ? 8 : begins(s, n, "http://") ? 7 : 0;
}

static bool is_address(const char *s, size_t n)
{
	size_t scheme = scheme_len(s, n);

	if (scheme && (with_scheme(s + scheme, n - scheme) || is_ip(s + scheme, n - scheme)))
		return true;
	if (begins(s, n, "www.") && with_scheme(s + 4, n - 4))
		return true;
	return bare(s, n);
}

/* something@name.name */
static bool is_mail(const char *s, size_t n)
{
	const char *at = memrchr(s, '@', n);

	if (!at || at == s)
		return false;
	const char *host = at + 1;
	size_t len = n - (size_t)(host - s);
	const char *dot = memrchr(host, '.', len);
	if (!dot || dot == host || !is_word(*host) || dot + 1 == s + n)
		return false;
	for (const char *p = host; p < s + n; p++)
		if (!is_word(*p) && (p > dot || (*p != '.' && *p != '-')))
			return false;
	return true;
}

/* --- words ---------------------------------------------------------------------------------------- */

struct links {
	struct render *r;
	int64_t limit; /* characters of a shown address; -1: all */
	val rel, target;
	struct list *schemes;
};

static bool at_end(const char *s, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !memcmp(s + n - len, with, len);
}

static void put_shown(struct links *l, const char *s, size_t n)
{
	struct out *o = l->r->out;

	if (l->limit >= 0 && (int64_t)chars_count(s, n) > l->limit) {
		out_put(o, s, chars_at(s, n, (size_t)l->limit));
		out_str(o, "...");
	} else {
		out_put(o, s, n);
	}
}

static void put_link(struct links *l, const char *prefix, const char *s, size_t n)
{
	struct out *o = l->r->out;

	out_printf(o, "<a href=\"%s", prefix);
	out_put(o, s, n);
	out_char(o, '"');
	if (is_text(l->rel) && l->rel.len) {
		out_str(o, " rel=\"");
		out_escape(o, l->rel.as.s, l->rel.len);
		out_char(o, '"');
	}
	if (is_text(l->target) && l->target.len) {
		out_str(o, " target=\"");
		val_escape(l->r, o, l->target);
		out_char(o, '"');
	}
	out_char(o, '>');
	put_shown(l, s, n);
	out_str(o, "</a>");
}

static void put_mail(struct links *l, const char *prefix, const char *s, size_t n,
		     const char *shown, size_t nshown)
{
	struct out *o = l->r->out;

	out_printf(o, "<a href=\"%s", prefix);
	out_put(o, s, n);
	out_str(o, "\">");
	out_put(o, shown, nshown);
	out_str(o, "</a>");
}

static bool own_scheme(struct links *l, const char *s, size_t n)
{
	for (size_t i = 0; l->schemes && i < l->schemes->n; i++) {
		val scheme = l->schemes->v[i];
		if (is_text(scheme) && n > scheme.len && !memcmp(s, scheme.as.s, scheme.len))
			return true;
	}
	return false;
}

static void put_middle(struct links *l, const char *s, size_t n)
{
	if (is_address(s, n)) {
		put_link(l, at_end(s, 8 < n ? 8 : n, "https://") || begins(s, n, "http://") ? ""
											   : "https://",
			 s, n);
	} else if (begins(s, n, "mailto:") && is_mail(s + 7, n - 7)) {
		put_mail(l, "", s, n, s + 7, n - 7);
	} else if (memchr(s, '@', n) && !begins(s, n, "www.") && !memchr(s, ':', n) &&
		   is_mail(s, n)) {
		put_mail(l, "mailto:", s, n, s, n);
	} else if (own_scheme(l, s, n)) {
		/* with rel and target, but never shortened */
		int64_t limit = l->limit;
		l->limit = -1;
		put_link(l, "", s, n);
		l->limit = limit;
	} else {
		out_put(l->r->out, s, n);
	}
}

static size_t opening(const char *s, size_t n)
{
	size_t i = 0;

	for (;;)
		if (i < n && (s[i] == '(' || s[i] == '<'))
			i++;
		else if (begins(s + i, n - i, "&lt;"))
			i += 4;
		else
			return i;
}

/* The length of s without the punctuation at its end. */
static size_t closing(const char *s, size_t n)
{
	for (;;)
		if (n && strchr(")>.,\n", s[n - 1]))
			n--;
		else if (at_end(s, n, "&gt;"))
			n -= 4;
		else
			return n;
}

/* Brackets that were opened in the middle take their closing ones back from the tail. */
static size_t balanced(const char *s, size_t n, size_t whole)
{
	static const char *const pairs[][2] = {{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}};

	for (size_t i = 0; i < 3; i++) {
		const char *open = pairs[i][0], *close = pairs[i][1];
		size_t nopen = bytes_count(s, n, open, strlen(open));
		if (nopen <= bytes_count(s, n, close, strlen(close)))
			continue;
		size_t in_tail = bytes_count(s + n, whole - n, close, strlen(close));
		for (size_t k = 0; k < (nopen < in_tail ? nopen : in_tail); k++) {
			const char *found = bytes_find(s + n, whole - n, close, strlen(close));
			if (!found)
				break;
			n = (size_t)(found - s) + strlen(close);
		}
	}
	return n;
}

static void put_word(struct links *l, const char *s, size_t n)
{
	size_t head = opening(s, n);
	size_t middle = closing(s + head, n - head);

	middle = balanced(s + head, middle, n - head);
	out_put(l->r->out, s, head);
	put_middle(l, s + head, middle);
	out_put(l->r->out, s + head + middle, n - head - middle);
}

/* --- the filter --------------------------------------------------------------------------------------- */

/* Words of rel, each once, in order. */
static val rel_of(struct render *r, val rel, bool nofollow)
{
	struct list *words = is_text(rel) ? text_split(r, rel, val_missing(), -1, false)
					  : list_new(r, 0);
	struct dict *once = dict_new(r);
	struct list *l = list_new(r, 0);

	if (!words || !once || !l)
		return val_none();
	if (nofollow)
		list_push(r, words, val_text("nofollow", 8));
	list_push(r, words, val_text("noopener", 8));
	for (size_t i = 0; i < words->n; i++) {
		if (!is_missing(dict_get(r, once, words->v[i])))
			continue;
		dict_put(r, once, words->v[i], val_none());
		list_push(r, l, words->v[i]);
	}
	val *keys = render_alloc(r, (l->n + 1) * sizeof *keys);
	if (!keys)
		return val_none();
	if (l->n)
		memcpy(keys, l->v, l->n * sizeof *keys);
	sort_by(r, l, keys, false, false);
	return text_join(r, val_text(" ", 1), val_ptr(V_LIST, l));
}

/* \w.+- two or more, a colon, and up to two slashes. */
static bool is_scheme(struct render *r, val s)
{
	size_t i = 0;

	for (; is_text(s) && i < s.len &&
	       (is_word(s.as.s[i]) || strchr(".+-", s.as.s[i]));)
		i++;
	bool good = i >= 2 && i < s.len && s.as.s[i] == ':' &&
		    (i + 1 == s.len || (s.len - i <= 3 && s.as.s[i + 1] == '/' &&
					(s.len - i == 2 || s.as.s[i + 2] == '/')));
	if (!good)
		fail(r, "FilterArgumentError", "'%.*s' is not a valid URI scheme prefix.",
		     is_text(s) ? (int)s.len : 0, is_text(s) ? s.as.s : "");
	return good;
}

val f_urlize(struct render *r, val *a, struct args *all)
{
	bool has_limit = !is_missing(a[1]) && a[1].kind != V_NONE;
	struct links l = {.r = r,
			  .limit = has_limit ? whole_arg(r, a[1], -1) : -1,
			  .rel = rel_of(r, a[4], flag_arg(r, a[2], false)),
			  .target = a[3]};
	val s = val_escaped(r, a[0]);
	size_t from = r->out->len;
	uint32_t cp;

	(void)all;
	if (!is_missing(a[5]) && a[5].kind != V_NONE)
		l.schemes = to_list(r, a[5]);
	for (size_t i = 0; l.schemes && i < l.schemes->n; i++)
		if (!is_scheme(r, l.schemes->v[i]))
			return val_none();
	for (size_t i = 0, begin = 0; i <= s.len && !r->failed;) {
		size_t n = i < s.len ? chars_next(s.as.s + i, s.len - i, &cp) : 1;
		bool space = i == s.len || chars_is_space(cp);
		if (space) {
			if (i > begin)
				put_word(&l, s.as.s + begin, i - begin);
			if (i < s.len)
				out_put(r->out, s.as.s + i, n);
			begin = i + n;
		}
		i += n;
	}
	return render_take(r, from, r->context->escape);
}
