#include "cruet/request.h"

#include <string.h>

#include "app/ctx.h"
#include "base/text.h"
#include "cruet/memory.h"
#include "http/cookie.h"
#include "http/json_read.h"
#include "http/query.h"

/* --- what the head says ----------------------------------------------------------- */

const char *cruet_method(const cruet_ctx *c)
{
	return c->head ? c->head->method : "";
}

const char *cruet_path(const cruet_ctx *c)
{
	return c->door.path ? c->door.path : "";
}

const char *cruet_raw_path(const cruet_ctx *c)
{
	return c->door.raw_path ? c->door.raw_path : "";
}

const char *cruet_endpoint(const cruet_ctx *c)
{
	return c->endpoint ? c->endpoint->name : NULL;
}

const char *cruet_pattern(const cruet_ctx *c)
{
	return c->endpoint ? c->match.rule->path : NULL;
}

cruet_app *cruet_scope(const cruet_ctx *c)
{
	return c->scope;
}

bool cruet_debugging(const cruet_ctx *c)
{
	return c->host->debug;
}

void *cruet_data(const cruet_ctx *c)
{
	return c->endpoint ? c->endpoint->entry->rule.data : NULL;
}

/* Headers of which a second one is a mistake: the first counts. */
static bool stands_once(const char *name)
{
	static const char *const once[] = {"Authorization", "Content-Type", "Content-Length",
					   "Host", "If-Modified-Since", "If-Unmodified-Since",
					   "If-Range", "Max-Forwards", "Origin",
					   "Proxy-Authorization", "Range", "Referer",
					   "Sec-Fetch-Site", "User-Agent", NULL};
	for (size_t i = 0; once[i]; i++)
		if (text_ieq(name, once[i]))
			return true;
	return false;
}

const char *cruet_header(const cruet_ctx *c, const char *name)
{
	const char *first = NULL;
	struct buf all;
	bool many = false;

	if (!c->head)
		return NULL;
	for (size_t i = 0; i < c->head->nfields; i++) {
		const cruet_field *f = &c->head->fields[i];
		if (!text_ieq(f->name, name))
			continue;
		if (!first) {
			first = f->value;
			if (stands_once(name))
				return first;
			continue;
		}
		if (!many) {
			buf_init(&all, (struct arena *)&c->arena, 0);
			buf_str(&all, first);
			many = true;
		}
		buf_str(&all, text_ieq(name, "Cookie") ? "; " : ",");
		buf_str(&all, f->value);
	}
	if (!many)
		return first;
	if (!buf_err(&all))
		return all.p;
	ctx_fail((cruet_ctx *)c, CRUET_ENOMEM, NULL, false);
	return first;
}

/* --- query, cookies, form ------------------------------------------------------------ */

static int too_many(cruet_ctx *c, int err, const char *what, size_t max)
{
	if (err == CRUET_ENOMEM)
		return ctx_fail(c, err, NULL, false);
	return ctx_fail_unread(c, 413, arena_printf(&c->arena, "more than %zu %s", max, what));
}

static const struct fields *query(cruet_ctx *c)
{
	if (!c->query_parsed && c->head) {
		size_t max = (size_t)c->host->settings.fields_max;
		int err = query_parse(&c->query, c->door.query, strlen(c->door.query), max);
		if (err)
			too_many(c, err, "query parameters", max);
	}
	c->query_parsed = true;
	return &c->query;
}

static const struct fields *cookies(cruet_ctx *c)
{
	if (!c->cookies_parsed) {
		c->cookies_parsed = true;
		size_t max = (size_t)c->host->settings.cookies_max;
		const char *line = cruet_header(c, "Cookie");
		int err = line ? cookie_parse(&c->cookies, line, max) : CRUET_OK;
		if (err == CRUET_ENOMEM)
			ctx_fail(c, err, NULL, false);
		else if (err)
			cruet_note(c, CRUET_WARN, "more than %zu cookies: the rest is ignored", max);
	}
	return &c->cookies;
}

/* "Application/JSON; charset=x" is "application/json". */
static bool mime_is(const char *type, const char *want)
{
	size_t n = strcspn(type, ";");
	while (n && (type[n - 1] == ' ' || type[n - 1] == '\t'))
		n--;
	return n == strlen(want) && text_ieqn(type, want, n);
}

static void read_urlencoded(cruet_ctx *c)
{
	const struct server_settings *l = &c->host->settings;

	if (ctx_read_body(c))
		return;
	if (c->body_len > l->field_max) {
		body_refuse(c, 413,
			    arena_printf(&c->arena, "the form is larger than %llu bytes",
					 (unsigned long long)l->field_max));
		return;
	}
	int err = query_parse(&c->form, c->body, c->body_len, (size_t)l->fields_max);
	if (err == CRUET_ENOMEM)
		ctx_fail(c, err, NULL, false);
	else if (err)
		body_refuse(c, 413,
			    arena_printf(&c->arena, "more than %lld form fields",
					 (long long)l->fields_max));
}

static const struct fields *form(cruet_ctx *c)
{
	if (c->form_parsed)
		return &c->form;
	c->form_parsed = true;
	const char *type = cruet_header(c, "Content-Type");
	if (type && mime_is(type, "application/x-www-form-urlencoded"))
		read_urlencoded(c);
	else if (type && mime_is(type, "multipart/form-data"))
		upload_read_form(c);
	return &c->form;
}

const char *cruet_query(cruet_ctx *c, const char *name)
{
	return fields_get_exact(query(c), name);
}

int64_t cruet_query_int(cruet_ctx *c, const char *name, int64_t def)
{
	int64_t v;
	const char *s = cruet_query(c, name);
	return s && text_int(s, &v) ? v : def;
}

const char *cruet_cookie(cruet_ctx *c, const char *name)
{
	return fields_get_exact(cookies(c), name);
}

const char *cruet_form(cruet_ctx *c, const char *name)
{
	return fields_get_exact(form(c), name);
}

static bool at(const cruet_field *items, size_t n, size_t i, const char **name,
	       const char **value)
{
	if (i >= n)
		return false;
	*name = items[i].name;
	*value = items[i].value;
	return true;
}

bool cruet_pair(cruet_ctx *c, int from, size_t i, const char **name, const char **value)
{
	const struct fields *f = NULL;

	switch (from) {
	case CRUET_FROM_QUERY:
		f = query(c);
		break;
	case CRUET_FROM_FORM:
		f = form(c);
		break;
	case CRUET_FROM_COOKIES:
		f = cookies(c);
		break;
	case CRUET_FROM_HEADERS:
		return c->head && at(c->head->fields, c->head->nfields, i, name, value);
	case CRUET_FROM_REPLY:
		f = &c->reply;
		break;
	case CRUET_FROM_ARGS:
		if (i >= c->match.nargs)
			return false;
		*name = c->match.args[i].name;
		*value = c->match.args[i].value;
		return true;
	default:
		ctx_fail(c, CRUET_EINVAL, "cruet_pair: from is none of CRUET_FROM_...", false);
		return false;
	}
	return at(f->items, f->n, i, name, value);
}

/* --- path arguments ---------------------------------------------------------------------- */

static const struct arg *argument(cruet_ctx *c, const char *name)
{
	for (size_t i = 0; i < c->match.nargs; i++)
		if (!strcmp(c->match.args[i].name, name))
			return &c->match.args[i];
	ctx_fail(c, CRUET_EINVAL,
		 arena_printf(&c->arena, "the rule %s has no argument '%s'",
			      c->endpoint ? c->match.rule->path : "(none)", name),
		 false);
	return NULL;
}

const char *cruet_arg(cruet_ctx *c, const char *name)
{
	const struct arg *a = argument(c, name);
	return a ? a->value : "";
}

const char *cruet_take_arg(cruet_ctx *c, const char *name)
{
	struct arg *args = (struct arg *)c->match.args; /* of this request alone */

	for (size_t i = 0; i < c->match.nargs; i++) {
		if (strcmp(args[i].name, name) != 0)
			continue;
		const char *value = args[i].value;
		memmove(&args[i], &args[i + 1], (c->match.nargs - i - 1) * sizeof *args);
		c->match.nargs--;
		return value;
	}
	return NULL;
}

int64_t cruet_arg_int(cruet_ctx *c, const char *name)
{
	int64_t v = 0;
	const struct arg *a = argument(c, name);

	if (!a)
		return 0;
	if (a->kind == ARG_INT)
		return a->number;
	if (!text_int(a->value, &v))
		ctx_fail(c, CRUET_EINVAL,
			 arena_printf(&c->arena,
				      "the argument '%s' of %s is no integer: write <int:%s>", name,
				      c->match.rule->path, name),
			 false);
	return v;
}

/* --- JSON ------------------------------------------------------------------------------- */

const cruet_json *cruet_body_json_any(cruet_ctx *c)
{
	if (c->body_json)
		return c->body_json;
	if (ctx_read_body(c))
		return NULL;
	c->body_json = cruet_json_parse(c, c->body, c->body_len);
	return c->body_json;
}

const cruet_json *cruet_body_json(cruet_ctx *c)
{
	const char *type = cruet_header(c, "Content-Type");
	if (!cruet_is_json(c)) {
		ctx_fail(c, 415,
			 arena_printf(&c->arena, "expected application/json, got %s",
				      type ? type : "no Content-Type"),
			 true);
		return NULL;
	}
	return cruet_body_json_any(c);
}
