#include "line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes that each text may take at most, as it is written: all of them together
 * with what stands between them are less than a line. */
enum { TARGET_MAX = 1600, REFERER_MAX = 500, AGENT_MAX = 400, NAME_MAX_LEN = 160 };

enum kind { WORD, QUOTED, JSON };

/* A line that is being written, up to limit; a text in it that is being bounded. */
struct writer {
	char *at;
	const char *limit;
	const char *end;
	enum kind kind;
	bool cut;
};

/* --- bytes ------------------------------------------------------------------------ */

static void raw(struct writer *w, const char *s)
{
	w->at = stpcpy(w->at, s);
}

/* Numbers and the like, which have room. */
__attribute__((format(printf, 2, 3))) static void print(struct writer *w, const char *fmt, ...)
{
	size_t room = (size_t)(w->limit - w->at);
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(w->at, room, fmt, ap);
	va_end(ap);
	w->at += n > 0 && (size_t)n < room ? (size_t)n : 0;
}

/* The length of the UTF-8 character at s, 2 to 4, that no terminal takes for a
 * command; 0: it is none. */
static size_t utf8(const unsigned char *s)
{
	static const struct {
		unsigned char first, last, least,
			most; /* of the first byte, the second */
		size_t len;
	} forms[] = {{0xc2, 0xc2, 0xa0, 0xbf, 2}, {0xc3, 0xdf, 0x80, 0xbf, 2},
		     {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		     {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		     {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		     {0xf4, 0xf4, 0x80, 0x8f, 4}};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (*s < forms[i].first || *s > forms[i].last)
			continue;
		if (s[1] < forms[i].least || s[1] > forms[i].most)
			return 0;
		for (size_t k = 2; k < forms[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].len;
	}
	return 0;
}

/* The character at s as it is to be written; its length in *len. */
static size_t spell(const unsigned char *s, enum kind kind, char out[8], size_t *len)
{
	bool plain = *s >= ' ' && *s < 0x7f;

	*len = kind == JSON ? utf8(s) : 0;
	if (*len) {
		memcpy(out, s, *len);
		return *len;
	}
	*len = 1;
	if (kind != WORD && (*s == '"' || *s == '\\')) {
		out[0] = '\\';
		out[1] = (char)*s;
		return 2;
	}
	if (plain && (kind != WORD || (*s != ' ' && *s != '"' && *s != '\\'))) {
		out[0] = (char)*s;
		return 1;
	}
	return (size_t)snprintf(out, 8, kind == JSON ? "\\u%04x" : "\\x%02x", *s);
}

static void put(struct writer *w, const char *s, size_t len)
{
	char out[8];
	size_t step;

	for (size_t i = 0; i < len && !w->cut; i += step) {
		size_t n = spell((const unsigned char *)s + i, w->kind, out, &step);
		w->cut = n > (size_t)(w->end - w->at);
		if (!w->cut)
			w->at = mempcpy(w->at, out, n);
	}
}

static void begin(struct writer *w, enum kind kind, size_t max)
{
	w->kind = kind;
	w->cut = false;
	w->end = w->at + max - 3;
}

static void finish(struct writer *w)
{
	if (w->cut)
		raw(w, "...");
}

/* --- texts ------------------------------------------------------------------------ */

static bool same(char a, char b)
{
	return a == b || ((a ^ b) == 0x20 && (a | 0x20) >= 'a' && (a | 0x20) <= 'z');
}

static int hex(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* True if [s, s+len), percent-encoded or not, is the name, in any case. */
static bool is_name(const char *s, size_t len, const char *name)
{
	size_t i = 0;

	for (; i < len && *name; name++) {
		char ch = s[i++];
		if (ch == '%' && i + 1 < len && hex(s[i]) >= 0 && hex(s[i + 1]) >= 0) {
			ch = (char)(hex(s[i]) << 4 | hex(s[i + 1]));
			i += 2;
		}
		if (!same(ch, *name))
			return false;
	}
	return i == len && !*name;
}

static bool masked(const char *const *mask, const char *s, size_t len)
{
	for (; mask && *mask; mask++)
		if (is_name(s, len, *mask))
			return true;
	return false;
}

/* What stands behind '?', with the values that are nobody's business left out.
 */
static void put_query(struct writer *w, const struct line_opts *o, const char *s)
{
	while (*s) {
		size_t pair = strcspn(s, "&;#"), name = strcspn(s, "=&;#");
		bool hide = name < pair && masked(o->mask, s, name);
		put(w, s, hide ? name : pair);
		if (hide)
			put(w, "=***", 4);
		s += pair;
		put(w, s, *s ? 1 : 0);
		s += *s ? 1 : 0;
	}
}

static void put_url(struct writer *w, const struct line_opts *o, const char *url)
{
	size_t n = strcspn(url, "?");

	put(w, url, n);
	if (!url[n] || !o->query)
		return;
	put(w, "?", 1);
	put_query(w, o, url + n + 1);
}

static void word(struct writer *w, const char *s, size_t max)
{
	begin(w, WORD, max);
	put(w, s && *s ? s : "-", s && *s ? strlen(s) : 1);
	finish(w);
}

/* --- lines ------------------------------------------------------------------------ */

struct moment {
	int64_t year;
	unsigned month, day, hour, minute, second, ms;
};

/* Days since 1970 as a date (the algorithm of H. Hinnant, "chrono-compatible
 * low-level date algorithms"), for years from 1970 on. */
static struct moment moment_of(int64_t now_ms)
{
	int64_t ms = now_ms > 0 ? now_ms : 0, seconds = ms / 1000;
	int64_t days = seconds / 86400 + 719468, era = days / 146097;
	unsigned doe = (unsigned)(days - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	unsigned of_day = (unsigned)(seconds % 86400);
	unsigned month = mp < 10 ? mp + 3 : mp - 9;

	return (struct moment){.year = yoe + era * 400 + (month <= 2),
			       .month = month,
			       .day = doy - (153 * mp + 2) / 5 + 1,
			       .hour = of_day / 3600,
			       .minute = of_day / 60 % 60,
			       .second = of_day % 60,
			       .ms = (unsigned)(ms % 1000)};
}

static void number(struct writer *w, const char *before, uint64_t v)
{
	print(w, "%s%llu", before, (unsigned long long)v);
}

static void quoted_url(struct writer *w, const struct line_opts *o, const char *url,
		       size_t max)
{
	begin(w, QUOTED, max);
	put_url(w, o, url && *url ? url : "-");
	finish(w);
}

static void common(struct writer *w, const struct line_opts *o, const struct entry *e)
{
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct moment m = moment_of(e->now_ms);

	word(w, e->peer, NAME_MAX_LEN);
	print(w, " - - [%02u/%s/%04lld:%02u:%02u:%02u +0000] \"", m.day,
			 months[m.month - 1], (long long)m.year, m.hour, m.minute,
			 m.second);
	begin(w, QUOTED, NAME_MAX_LEN);
	put(w, e->method ? e->method : "-", strlen(e->method ? e->method : "-"));
	finish(w);
	if (e->target) {
		raw(w, " ");
		quoted_url(w, o, e->target, TARGET_MAX);
		number(w, " HTTP/1.", e->minor);
	}
	number(w, "\" ", (uint64_t)e->status);
	number(w, " ", e->sent);
}

static void combined(struct writer *w, const struct line_opts *o, const struct entry *e)
{
	common(w, o, e);
	raw(w, " \"");
	quoted_url(w, o, e->referer, REFERER_MAX);
	raw(w, "\" \"");
	begin(w, QUOTED, AGENT_MAX);
	put(w, e->agent && *e->agent ? e->agent : "-",
	    e->agent && *e->agent ? strlen(e->agent) : 1);
	finish(w);
	raw(w, "\"");
}

static void extended(struct writer *w, const struct line_opts *o, const struct entry *e)
{
	combined(w, o, e);
	print(w, " %lld.%06lld ", (long long)e->took_us / 1000000,
			 (long long)e->took_us % 1000000);
	word(w, e->id, NAME_MAX_LEN);
	raw(w, " ");
	word(w, e->endpoint, NAME_MAX_LEN);
}

/* A member that is left out where it is not known. */
static void member(struct writer *w, const char *name, const char *v, size_t max)
{
	if (!v)
		return;
	print(w, ",\"%s\":\"", name);
	begin(w, JSON, max);
	put(w, v, strlen(v));
	finish(w);
	raw(w, "\"");
}

static void url_member(struct writer *w, const struct line_opts *o, const char *name,
		       const char *url, size_t max)
{
	if (!url)
		return;
	print(w, ",\"%s\":\"", name);
	begin(w, JSON, max);
	put_url(w, o, url);
	finish(w);
	raw(w, "\"");
}

static void json(struct writer *w, const struct line_opts *o, const struct entry *e)
{
	struct moment m = moment_of(e->now_ms);

	print(w, "{\"time\":\"%04lld-%02u-%02uT%02u:%02u:%02u.%03uZ\"",
			 (long long)m.year, m.month, m.day, m.hour, m.minute, m.second,
			 m.ms);
	member(w, "peer", e->peer, NAME_MAX_LEN);
	member(w, "method", e->method, NAME_MAX_LEN);
	url_member(w, o, "target", e->target, TARGET_MAX);
	number(w, ",\"version\":\"1.", e->minor);
	number(w, "\",\"status\":", (uint64_t)e->status);
	number(w, ",\"sent\":", e->sent);
	number(w, ",\"received\":", e->received);
	print(w, ",\"ms\":%lld.%03lld", (long long)e->took_us / 1000,
			 (long long)e->took_us % 1000);
	member(w, "id", e->id, NAME_MAX_LEN);
	member(w, "endpoint", e->endpoint, NAME_MAX_LEN);
	member(w, "scheme", e->scheme, NAME_MAX_LEN);
	member(w, "host", e->host, NAME_MAX_LEN);
	url_member(w, o, "referer", e->referer, REFERER_MAX);
	member(w, "agent", e->agent, AGENT_MAX);
	member(w, "err", e->err, NAME_MAX_LEN);
	raw(w, "}");
}

size_t line_write(char out[LINE_MAX_LEN], const struct line_opts *o,
		  const struct entry *e)
{
	static void (*const formats[])(struct writer *, const struct line_opts *,
				       const struct entry *) = {common, combined,
								extended, json};
	struct writer w = {.at = out, .limit = out + LINE_MAX_LEN};

	formats[o->format](&w, o, e);
	raw(&w, "\n");
	return (size_t)(w.at - out);
}
