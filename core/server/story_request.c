/* The request as sections of a page, and as a command. */
#include <cjson/cJSON.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fields.h"
#include "base/text.h"
#include "http/cookie.h"
#include "http/json_read.h"
#include "http/query.h"
#include "server/story.h"

enum { PAIRS_MAX = 1000 };

const char *story_header(const struct story *s, const char *name)
{
	struct fact f;

	for (size_t at = 0; dossier_next(&s->facts, &at, &f);)
		if (f.kind == FACT_HEADER && text_ieq(f.name, name))
			return f.value;
	return NULL;
}

static bool body_of(const struct story *s, struct fact *out)
{
	for (size_t at = 0; dossier_next(&s->facts, &at, out);)
		if (out->kind == FACT_BODY)
			return true;
	return false;
}

static const char *url_of(struct arena *a, const struct story *s)
{
	const char *scheme = dossier_find(&s->facts, FACT_REQUEST, "scheme");
	const char *host = dossier_find(&s->facts, FACT_REQUEST, "host");
	const char *target = dossier_find(&s->facts, FACT_REQUEST, "target");

	if (!target || strstr(target, "://") == target + strcspn(target, ":/"))
		return target;
	if (text_eq(target, "*"))
		target = "/";
	return host && *host ? arena_printf(a, "%s://%s%s", scheme ? scheme : "http", host, target)
			     : target;
}

/* --- sections --------------------------------------------------------------------------- */

static void add_facts(struct page *p, const struct story *s, enum fact_kind kind,
		      const char *title)
{
	struct fact f;

	page_section(p, title);
	for (size_t at = 0; dossier_next(&s->facts, &at, &f);)
		if (f.kind == kind)
			page_pair(p, f.name, f.value);
}

static void add_fields(struct page *p, const struct fields *l, const char *title)
{
	page_section(p, title);
	for (size_t i = 0; i < l->n; i++)
		page_pair(p, l->items[i].name, l->items[i].value);
}

static void add_query(struct page *p, const struct story *s)
{
	const char *target = dossier_find(&s->facts, FACT_REQUEST, "target");
	const char *query = target ? strchr(target, '?') : NULL;
	struct fields l;

	fields_init(&l, p->arena);
	if (query)
		query_parse(&l, query + 1, strlen(query + 1), PAIRS_MAX);
	add_fields(p, &l, "Query");
}

static void add_cookies(struct page *p, const struct story *s)
{
	const char *line = story_header(s, "Cookie");
	struct fields l;

	fields_init(&l, p->arena);
	if (line)
		cookie_parse(&l, line, PAIRS_MAX);
	add_fields(p, &l, "Cookies");
}

static void add_body(struct page *p, const struct story *s)
{
	static const struct json_limits limits = {64, 10000};
	const char *type = story_header(s, "Content-Type");
	struct json_problem why;
	struct fact f;
	struct buf b;

	if (!body_of(s, &f))
		return;
	cJSON *j = type && strstr(type, "json") ? json_read(f.value, f.len, 0, &limits, &why) : NULL;
	buf_init(&b, p->arena, 0);
	if (j)
		json_write(&b, j, 1);
	page_section(p, j ? "JSON" : "Body");
	page_text(p, j && !buf_err(&b) ? b.p : f.value);
	cJSON_Delete(j);
}

static void add_sql(struct page *p, const struct story *s)
{
	struct fact f;
	int64_t us;

	page_section(p, "SQL of this request");
	for (size_t at = 0; dossier_next(&s->facts, &at, &f);) {
		if (f.kind != FACT_SQL)
			continue;
		bool done = text_int(f.value, &us);
		page_pair(p, done ? arena_printf(p->arena, "%lld.%02lld ms", (long long)us / 1000,
						 (long long)us / 10 % 100)
				  : "did not return",
			  f.name);
	}
}

static void add_lines(struct page *p, const struct story *s, enum fact_kind kind,
		      const char *title)
{
	struct fact f;
	struct buf b;

	buf_init(&b, p->arena, 0);
	for (size_t at = 0; dossier_next(&s->facts, &at, &f);) {
		if (f.kind != kind)
			continue;
		buf_str(&b, b.len ? "\n" : "");
		buf_str(&b, f.value);
	}
	page_section(p, title);
	page_text(p, buf_err(&b) ? NULL : b.p);
}

static void add_request(struct page *p, const struct story *s)
{
	struct fact f;

	page_section(p, "Request");
	page_pair(p, "URL", url_of(p->arena, s));
	for (size_t at = 0; dossier_next(&s->facts, &at, &f);)
		if (f.kind == FACT_REQUEST && !text_eq(f.name, "target") &&
		    !text_eq(f.name, "scheme") && !text_eq(f.name, "host"))
			page_pair(p, f.name, f.value);
}

void story_request(struct page *p, const struct story *s)
{
	add_lines(p, s, FACT_REPORT, "What the sanitizer says");
	if (dossier_find(&s->facts, FACT_REQUEST, "method")) {
		add_request(p, s);
		add_facts(p, s, FACT_ARGUMENT, "Arguments of the path");
		add_query(p, s);
		add_facts(p, s, FACT_FORM, "Form");
		add_body(p, s);
		add_facts(p, s, FACT_HEADER, "Headers");
		add_cookies(p, s);
		add_facts(p, s, FACT_SESSION, "Session");
	}
	add_lines(p, s, FACT_LEAK, "Leaks of requests before");
	add_sql(p, s);
	add_lines(p, s, FACT_LOG, "Log");
}

/* --- the command ------------------------------------------------------------------------ */

/* 'it'\''s': nothing in it means anything to a shell. */
static void quote(struct buf *b, const char *text, size_t len)
{
	buf_char(b, '\'');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\'')
			buf_str(b, "'\\''");
		else
			buf_char(b, text[i]);
	}
	buf_char(b, '\'');
}

/* What curl says by itself. */
static bool is_curls(const char *name)
{
	return text_ieq(name, "Host") || text_ieq(name, "Content-Length") ||
	       text_ieq(name, "Connection") || text_ieq(name, "Accept-Encoding") ||
	       text_ieq(name, "Transfer-Encoding") || text_ieq(name, "Expect");
}

const char *story_curl(struct arena *a, const struct story *s)
{
	const char *method = dossier_find(&s->facts, FACT_REQUEST, "method");
	const char *url = url_of(a, s);
	struct fact f;
	struct buf b;

	if (!method || !url)
		return NULL;
	buf_init(&b, a, 0);
	buf_str(&b, "curl -i");
	if (strpbrk(url, "[]{}")) /* else these stand for several URLs */
		buf_str(&b, " -g");
	const char *target = dossier_find(&s->facts, FACT_REQUEST, "target");
	if (text_eq(target, "*"))
		buf_str(&b, " --request-target '*'");
	if (text_eq(method, "HEAD")) {
		buf_str(&b, " --head");
	} else if (!text_eq(method, "GET")) {
		buf_str(&b, " -X ");
		quote(&b, method, strlen(method));
	}
	for (size_t at = 0; dossier_next(&s->facts, &at, &f);)
		if (f.kind == FACT_HEADER && !is_curls(f.name)) {
			const char *line = *f.value ? arena_printf(a, "%s: %s", f.name, f.value)
						    : arena_printf(a, "%s;", f.name);
			buf_str(&b, " -H ");
			quote(&b, line ? line : "", line ? strlen(line) : 0);
		}
	if (body_of(s, &f) && !memchr(f.value, '\0', f.len)) {
		buf_str(&b, " --data-raw ");
		quote(&b, f.value, f.len);
	}
	buf_char(&b, ' ');
	quote(&b, url, strlen(url));
	return buf_err(&b) ? NULL : b.p;
}
