/* The in-process client: a transport with no socket. A request is built as a head and
 * a body, and its reply is kept (client_exchange.c). */
#include "cruet/testing.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/ctx.h"
#include "app/scope.h"
#include "base/text.h"
#include "http/json_read.h"
#include "server/client_priv.h"
#include "server/location.h"

enum { FOLLOW_MAX = 20 };

static const char usual_host[] = "localhost";
static const char boundary[] = "cruet-client-boundary-7MA4YWxkTrZu0gW";

static void reset_next(cruet_client *t)
{
	arena_reset(&t->next);
	fields_init(&t->headers, &t->next);
	fields_init(&t->query, &t->next);
	fields_init(&t->without, &t->next);
	fields_init(&t->form, &t->next);
	buf_init(&t->parts, &t->next, 0);
	t->multipart = t->no_memory = false;
}

static void reset_last(cruet_client *t)
{
	cJSON_Delete(t->json);
	t->json = NULL;
	arena_reset(&t->last);
	fields_init(&t->reply, &t->last);
	buf_init(&t->out, &t->last, 0);
	t->status = 0;
	t->broken = false;
}

cruet_client *cruet_client_new(cruet_app *app)
{
	cruet_client *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->app = app;
	t->scheme = "http";
	t->usable = app && app_start(app->root) == CRUET_OK;
	arena_init(&t->next, 4096);
	arena_init(&t->last, 4096);
	cookie_jar_init(&t->jar);
	reset_next(t);
	reset_last(t);
	return t;
}

void cruet_client_free(cruet_client *t)
{
	if (!t)
		return;
	cJSON_Delete(t->json);
	cookie_jar_fini(&t->jar);
	arena_fini(&t->next);
	arena_fini(&t->last);
	free(t);
}

void client_set_scheme(cruet_client *t, const char *scheme)
{
	t->scheme = scheme;
}

/* --- what the next request will carry ------------------------------------------------ */

static void add(cruet_client *t, struct fields *f, const char *name, const char *value)
{
	if (fields_add(f, arena_strdup(f->arena, name),
		       arena_strdup(f->arena, value ? value : "")))
		t->no_memory = true;
}

void cruet_client_set_header(cruet_client *t, const char *name, const char *value)
{
	add(t, value ? &t->headers : &t->without, name, value);
}

void cruet_client_add_query(cruet_client *t, const char *name, const char *value)
{
	add(t, &t->query, name, value);
}

void cruet_client_add_field(cruet_client *t, const char *name, const char *value)
{
	add(t, &t->form, name, value);
}

/* A name inside a Content-Disposition, as browsers write it. */
static void put_quoted(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '"')
			buf_str(b, "%22");
		else if (*s == '\r' || *s == '\n')
			buf_str(b, *s == '\r' ? "%0D" : "%0A");
		else
			buf_char(b, *s);
	}
}

static void put_part_head(struct buf *b, const char *field, const char *filename,
			  const char *mime)
{
	buf_printf(b, "--%s\r\nContent-Disposition: form-data; name=\"", boundary);
	put_quoted(b, field);
	if (filename) {
		buf_str(b, "\"; filename=\"");
		put_quoted(b, filename);
	}
	buf_str(b, "\"\r\n");
	if (mime)
		buf_printf(b, "Content-Type: %s\r\n", mime);
	buf_str(b, "\r\n");
}

void cruet_client_add_file(cruet_client *t, const char *field, const char *filename,
			   const char *mime, const void *p, size_t len)
{
	t->multipart = true;
	put_part_head(&t->parts, field, filename, mime ? mime : "application/octet-stream");
	buf_put(&t->parts, p, len);
	buf_str(&t->parts, "\r\n");
	t->no_memory |= buf_err(&t->parts) != CRUET_OK;
}

static void put_pairs(struct buf *b, const struct fields *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (i)
			buf_char(b, '&');
		percent_encode(b, f->items[i].name, strlen(f->items[i].name), "*", true);
		buf_char(b, '=');
		percent_encode(b, f->items[i].value, strlen(f->items[i].value), "*", true);
	}
}

/* --- sending ----------------------------------------------------------------------------- */

static void default_header(cruet_client *t, struct fields *f, const char *name,
			   const char *value)
{
	if (value && !fields_get(f, name) && !fields_get(&t->without, name))
		add(t, f, name, value);
}

/* Method, path, type and body are in memory of t->last. */
static int perform(cruet_client *t)
{
	struct arena *a = &t->last;
	struct fields f;
	struct buf target;

	fields_init(&f, a);
	buf_init(&target, a, 0);
	buf_str(&target, t->path);
	if (t->query.n) {
		buf_char(&target, strchr(t->path, '?') ? '&' : '?');
		put_pairs(&target, &t->query);
	}
	for (size_t i = 0; i < t->headers.n; i++)
		add(t, &f, t->headers.items[i].name, t->headers.items[i].value);
	default_header(t, &f, "Host", usual_host);
	t->host = fields_get(&f, "Host") ? fields_get(&f, "Host") : "";
	default_header(t, &f, "User-Agent", "cruet-client");
	default_header(t, &f, "Cookie",
		       cookie_jar_header(&t->jar, a, t->path, cruet_now(t->app) / 1000));
	default_header(t, &f, "Content-Type", t->mime);
	if ((t->body_len || t->mime) && !fields_get(&f, "Transfer-Encoding"))
		default_header(t, &f, "Content-Length", arena_printf(a, "%zu", t->body_len));

	if (t->no_memory || buf_err(&target)) {
		reset_next(t);
		return 0;
	}
	cruet_head head = {
		.size = sizeof head,
		.minor = 1,
		.method = t->method,
		.target = target.p,
		.fields = f.items,
		.nfields = f.n,
		.peer = "127.0.0.1",
		.scheme = t->scheme,
	};
	client_serve(t, &head);
	for (size_t i = 0; i < t->reply.n; i++)
		if (text_ieq(t->reply.items[i].name, "Set-Cookie"))
			cookie_jar_store(&t->jar, t->reply.items[i].value, t->path,
					 cruet_now(t->app) / 1000);
	if (t->no_memory)
		reset_last(t);
	reset_next(t);
	return t->status;
}

int cruet_client_send(cruet_client *t, const char *method, const char *path, const char *mime,
		      const void *body, size_t len)
{
	if (!t || !t->usable)
		return 0;
	/* What is sent may lie in the reply that is about to be forgotten. */
	struct arena fresh;
	arena_init(&fresh, 4096);
	char *copy = arena_alloc(&fresh, len + 1);
	if (copy && len)
		memcpy(copy, body, len);
	const char *m = arena_strdup(&fresh, method), *p = arena_strdup(&fresh, path);
	const char *type = arena_strdup(&fresh, mime);
	reset_last(t);
	arena_fini(&t->last);
	t->last = fresh;
	fields_init(&t->reply, &t->last);
	buf_init(&t->out, &t->last, 0);
	if (!copy || !m || !p || (mime && !type)) {
		reset_next(t);
		return 0;
	}
	copy[len] = '\0';
	t->method = m;
	t->path = p;
	t->mime = type;
	t->body = copy;
	t->body_len = len;
	return perform(t);
}

int cruet_client_get(cruet_client *t, const char *path)
{
	return cruet_client_send(t, "GET", path, NULL, NULL, 0);
}

int cruet_client_post(cruet_client *t, const char *path, const char *mime, const char *body)
{
	return cruet_client_send(t, "POST", path, mime, body, body ? strlen(body) : 0);
}

int cruet_client_json(cruet_client *t, const char *method, const char *path, const char *json)
{
	return cruet_client_send(t, method, path, json ? "application/json" : NULL, json,
				 json ? strlen(json) : 0);
}

int cruet_client_submit(cruet_client *t, const char *path)
{
	struct buf b;
	int status;

	if (!t)
		return 0;
	buf_init(&b, NULL, 0);
	if (!t->multipart) {
		put_pairs(&b, &t->form);
		t->no_memory |= buf_err(&b) != CRUET_OK;
		status = cruet_client_send(t, "POST", path, "application/x-www-form-urlencoded",
					   b.p, b.len);
	} else {
		for (size_t i = 0; i < t->form.n; i++) {
			put_part_head(&b, t->form.items[i].name, NULL, NULL);
			buf_str(&b, t->form.items[i].value);
			buf_str(&b, "\r\n");
		}
		buf_put(&b, t->parts.p, t->parts.len);
		buf_printf(&b, "--%s--\r\n", boundary);
		struct buf type;
		buf_init(&type, NULL, 0);
		buf_printf(&type, "multipart/form-data; boundary=%s", boundary);
		t->no_memory |= buf_err(&b) || buf_err(&type);
		status = cruet_client_send(t, "POST", path, type.p, b.p, b.len);
		buf_fini(&type);
	}
	buf_fini(&b);
	return status;
}

static bool redirects(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

int cruet_client_follow(cruet_client *t)
{
	for (int i = 0; t && redirects(t->status); i++) {
		const char *to = cruet_client_header(t, "Location");
		if (!to)
			break;
		const char *path = location_path(&t->last, t->host, t->path, to);
		if (!path || i == FOLLOW_MAX)
			return t->status = 0;
		bool same = t->status == 307 || t->status == 308 ||
			    !strcmp(t->method, "HEAD");
		if (strcmp(t->host, usual_host) != 0 && !fields_get(&t->headers, "Host"))
			cruet_client_set_header(t, "Host", t->host);
		cruet_client_send(t, same ? t->method : "GET", path, same ? t->mime : NULL,
				  same ? t->body : NULL, same ? t->body_len : 0);
	}
	return t ? t->status : 0;
}

/* --- the reply ---------------------------------------------------------------------------- */

int cruet_client_status(const cruet_client *t)
{
	return t->status;
}

bool cruet_client_broken(const cruet_client *t)
{
	return t->broken;
}

const char *cruet_client_body(const cruet_client *t)
{
	return t->out.p;
}

size_t cruet_client_body_len(const cruet_client *t)
{
	return t->out.len;
}

const char *cruet_client_header(const cruet_client *t, const char *name)
{
	return fields_get(&t->reply, name);
}

bool cruet_client_header_at(const cruet_client *t, size_t i, const char **name,
			    const char **value)
{
	if (i >= t->reply.n)
		return false;
	*name = t->reply.items[i].name;
	*value = t->reply.items[i].value;
	return true;
}

const cruet_json *cruet_client_body_json(cruet_client *t)
{
	static const struct json_limits limits = {64, 1000000};
	struct json_problem why;

	if (!t->json)
		t->json = json_read(t->out.p, t->out.len, 0, &limits, &why);
	return t->json;
}

const char *cruet_client_cookie(const cruet_client *t, const char *name)
{
	return cookie_jar_get(&t->jar, name, cruet_now(t->app) / 1000);
}

void cruet_client_set_cookie(cruet_client *t, const char *name, const char *value)
{
	cookie_jar_set(&t->jar, name, value);
}

int cruet_client_command(cruet_client *t, const char *name, int argc, char **argv)
{
	if (!t || !t->usable || argc < 0)
		return 1;
	char **all = calloc((size_t)argc + 2, sizeof *all);
	if (!all)
		return 1;
	all[0] = (char *)name;
	if (argc)
		memcpy(all + 1, argv, (size_t)argc * sizeof *all);
	int code = command_run(t->app, name, argc + 1, all);
	free(all);
	return code;
}
