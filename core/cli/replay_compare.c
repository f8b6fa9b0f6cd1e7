#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diff.h"
#include "base/text.h"
#include "cli/json_out.h"
#include "cli/replay.h"
#include "http/json_read.h"

enum { SHOWN_MAX = 20 };

/* What is another one each time, or follows from the body. */
static const char *const usual[] = {"Connection",   "Content-Length", "Date",
				    "ETag",	    "Keep-Alive",     "Last-Modified",
				    "Server",	    "Server-Timing",  "Transfer-Encoding",
				    "X-Request-Id", "X-Content-Type-Options", NULL};

static bool among(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (text_ieq(name, *list))
			return true;
	return false;
}

__attribute__((format(printf, 2, 3))) static void differ(struct differences *d, const char *fmt, ...)
{
	va_list ap;
	bool ok = true;

	va_start(ap, fmt);
	const char *line = arena_vprintf(d->a, fmt, ap);
	va_end(ap);
	d->n++;
	if (!line || d->n > SHOWN_MAX)
		return;
	buf_printf(d->text, "  %s\n", line);
	if (d->list)
		json_push(d->list, cJSON_CreateString(line), &ok);
}

/* --- headers ------------------------------------------------------------------------------ */

/* All values of a name, sorted by nothing: their order counts. */
static const char *values(const struct fields *f, const char *name, struct arena *a)
{
	const char *all = NULL;

	for (size_t i = 0; i < f->n; i++)
		if (text_ieq(f->items[i].name, name))
			all = all ? arena_printf(a, "%s | %s", all, f->items[i].value)
				  : f->items[i].value;
	return all;
}

static bool seen_before(const struct fields *f, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (text_ieq(f->items[j].name, f->items[i].name))
			return true;
	return false;
}

static void compare_headers(struct differences *d, const struct fields *was, const struct fields *now)
{
	for (size_t i = 0; i < was->n; i++) {
		const char *name = was->items[i].name;
		if (among(name, usual) || among(name, d->ignore) || seen_before(was, i))
			continue;
		const char *before = values(was, name, d->a), *after = values(now, name, d->a);
		if (!after)
			differ(d, "%s is missing: it was %s", name, before);
		else if (strcmp(before, after) != 0)
			differ(d, "%s is %s: it was %s", name, after, before);
	}
	for (size_t i = 0; i < now->n; i++) {
		const char *name = now->items[i].name;
		if (among(name, usual) || among(name, d->ignore) || seen_before(now, i))
			continue;
		if (!fields_get(was, name))
			differ(d, "%s is new: %s", name, values(now, name, d->a));
	}
}

/* --- JSON --------------------------------------------------------------------------------- */

static const char *shown(const cJSON *v, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	return json_write(&b, v, 0) || buf_err(&b) ? "?" : b.p;
}

static const cJSON *member(const cJSON *of, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(of, name);
}

static void compare_json(struct differences *d, const char *path, const cJSON *was, const cJSON *now);

static const char *below(struct differences *d, const char *path, const char *name)
{
	const char *text = arena_printf(d->a, "%s%s%s", path, *path ? "." : "", name);
	return text ? text : name;
}

static void compare_objects(struct differences *d, const char *path, const cJSON *was,
			    const cJSON *now)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, was)
	{
		const char *at = below(d, path, v->string);
		if (among(v->string, d->ignore) || among(at, d->ignore))
			continue;
		if (member(now, v->string))
			compare_json(d, at, v, member(now, v->string));
		else
			differ(d, "%s is missing: it was %s", at, shown(v, d->a));
	}
	cJSON_ArrayForEach(v, now)
	{
		const char *at = below(d, path, v->string);
		if (!among(v->string, d->ignore) && !among(at, d->ignore) && !member(was, v->string))
			differ(d, "%s is new: %s", at, shown(v, d->a));
	}
}

static void compare_lists(struct differences *d, const char *path, const cJSON *was,
			  const cJSON *now)
{
	const cJSON *x = was->child, *y = now->child;
	int n = 0;

	for (; x && y; x = x->next, y = y->next) {
		char number[24];
		snprintf(number, sizeof number, "%d", n++);
		compare_json(d, below(d, path, number), x, y);
	}
	if (x || y)
		differ(d, "%s has %d elements: there were %d", *path ? path : "the list",
		       cJSON_GetArraySize(now), cJSON_GetArraySize(was));
}

static void compare_json(struct differences *d, const char *path, const cJSON *was, const cJSON *now)
{
	if (cJSON_IsObject(was) && cJSON_IsObject(now)) {
		compare_objects(d, path, was, now);
	} else if (cJSON_IsArray(was) && cJSON_IsArray(now)) {
		compare_lists(d, path, was, now);
	} else {
		const char *before = shown(was, d->a), *after = shown(now, d->a);
		if (strcmp(before, after) != 0)
			differ(d, "%s is %s: it was %s", *path ? path : "the body", after, before);
	}
}

static bool is_json(const struct fields *f)
{
	const char *type = fields_get(f, "Content-Type");
	return type && strstr(type, "json");
}

/* False: they are no JSON, both of them. */
static bool compared_as_json(struct differences *d, const struct recorded *was,
			     const struct recorded *now)
{
	static const struct json_limits limits = {64, 1000000};
	struct json_problem why;
	cJSON *x = NULL, *y = NULL;

	if (is_json(&was->reply) && is_json(&now->reply)) {
		x = json_read(was->reply_body.p, was->reply_body.len, 0, &limits, &why);
		y = json_read(now->reply_body.p, now->reply_body.len, 0, &limits, &why);
	}
	if (x && y)
		compare_json(d, "", x, y);
	cJSON_Delete(x);
	cJSON_Delete(y);
	return x && y;
}

/* --- other bodies ------------------------------------------------------------------------- */

static bool is_text(const struct recorded_body *b)
{
	return utf8_valid(b->p, b->len) && !memchr(b->p, 0, b->len);
}

static bool compare_texts(struct differences *d, const char *was, const char *now)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return false;
	diff_write(out, was, now);
	if (fclose(out)) {
		free(text);
		return false;
	}
	differ(d, "the body differs:\n%s", *text ? text : "(in the end of its last line)\n");
	free(text);
	return true;
}

static bool compare_bodies(struct differences *d, const struct recorded *was,
			   const struct recorded *now)
{
	const struct recorded_body *x = &was->reply_body, *y = &now->reply_body;

	if (!x->kept || among("body", d->ignore) || compared_as_json(d, was, now) ||
	    (x->len == y->len && !memcmp(x->p, y->p, x->len)))
		return true;
	if (is_text(x) && is_text(y))
		return compare_texts(d, x->p, y->p);
	differ(d, "the body differs: %zu bytes: it had %zu", y->len, x->len);
	return true;
}

bool replay_compare(struct differences *d, const struct recorded *was, const struct recorded *now)
{
	if (was->status != now->status)
		differ(d, "the status is %d: it was %d", now->status, was->status);
	compare_headers(d, &was->reply, &now->reply);
	bool ok = compare_bodies(d, was, now);
	if (d->n > SHOWN_MAX)
		buf_printf(d->text, "  and %zu more\n", d->n - SHOWN_MAX);
	return ok && !buf_err(d->text);
}
