#include "cruet/response.h"

#include <stdlib.h>
#include <string.h>

#include "app/dispatch.h"
#include "app/element.h"
#include "base/text.h"
#include "cruet/log.h"
#include "cruet/memory.h"
#include "cruet/request.h"
#include "cruet/svc/json.h"
#include "http/cookie.h"
#include "http/json_read.h"

enum { COOKIE_MAX = 4093 };

static const char text_plain[] = "text/plain; charset=utf-8";
static const char text_html[] = "text/html; charset=utf-8";

static CRUET_COLD int misuse(cruet_ctx *c, const char *text)
{
	return ctx_fail(c, CRUET_EINVAL, text, false);
}

static CRUET_COLD int no_memory(cruet_ctx *c)
{
	return ctx_fail(c, CRUET_ENOMEM, NULL, false);
}

static CRUET_COLD int begun(cruet_ctx *c, const char *call)
{
	return ctx_fail(c, CRUET_ESTATE,
			arena_printf(&c->arena,
				     "%s: the reply has begun, its head has been sent: do this before "
				     "the handler returns, or in an after-hook",
				     call),
			false);
}

int ctx_reply_open(cruet_ctx *c, const char *call)
{
	return c->begun ? begun(c, call) : CRUET_OK;
}

/* --- status and headers -------------------------------------------------------- */

int cruet_status(cruet_ctx *c, int status)
{
	int err = ctx_reply_open(c, "cruet_status");

	if (err)
		return err;
	if (status < 200 || status > 599)
		return misuse(c, arena_printf(&c->arena,
					      "cruet_status: %d: expected 200 to 599", status));
	c->status = status;
	return CRUET_OK;
}

/* Framing belongs to the core and the transport. */
static bool reserved(const char *name)
{
	return text_ieq(name, "Content-Length") || text_ieq(name, "Transfer-Encoding") ||
	       text_ieq(name, "Connection");
}

static int put_header(cruet_ctx *c, const char *name, const char *v, const char *call,
		      int (*put)(struct fields *, const char *, const char *))
{
	if (c->begun)
		return begun(c, call);
	if (!name || !field_name_ok(name))
		return misuse(c, arena_printf(&c->arena, "%s: '%s' is no header name", call,
					      name ? name : ""));
	if (!v)
		return misuse(c, arena_printf(&c->arena, "%s: the value of %s is NULL", call, name));
	if (!field_value_ok(v))
		return misuse(c, arena_printf(&c->arena,
					      "%s: the value of %s holds a line break or another "
					      "control character",
					      call, name));
	if (reserved(name)) {
		if (text_ieq(name, "Connection") && text_ieq(v, "close")) {
			c->close = true;
			return CRUET_OK;
		}
		return misuse(c, arena_printf(&c->arena, "%s: %s is set by the server itself",
					      call, name));
	}
	name = arena_strdup(&c->arena, name);
	v = arena_strdup(&c->arena, v);
	if (!name || !v || put(&c->reply, name, v))
		return no_memory(c);
	return CRUET_OK;
}

int cruet_set_header(cruet_ctx *c, const char *name, const char *v)
{
	return put_header(c, name, v, "cruet_set_header", fields_set);
}

int cruet_add_header(cruet_ctx *c, const char *name, const char *v)
{
	return put_header(c, name, v, "cruet_add_header", fields_add);
}

int cruet_del_header(cruet_ctx *c, const char *name)
{
	int err = ctx_reply_open(c, "cruet_del_header");

	if (!err)
		fields_del(&c->reply, name);
	return err;
}

/* True if a list between commas has the name, or "*". */
static bool lists(const char *s, const char *name)
{
	size_t len = strlen(name);

	while (*(s += strspn(s, ", \t"))) {
		size_t n = strcspn(s, ", \t");
		if ((n == len && text_ieqn(s, name, n)) || (n == 1 && *s == '*'))
			return true;
		s += n;
	}
	return false;
}

bool reply_varies(const cruet_ctx *c, const char *name)
{
	const struct fields *f = &c->reply;

	for (size_t i = 0; i < f->n; i++)
		if (text_ieq(f->items[i].name, "Vary") && lists(f->items[i].value, name))
			return true;
	return false;
}

int cruet_vary(cruet_ctx *c, const char *name)
{
	if (name && reply_varies(c, name))
		return CRUET_OK;
	return put_header(c, "Vary", name, "cruet_vary", fields_add);
}

int cruet_set_cookie(cruet_ctx *c, const char *name, const char *v,
		     const cruet_cookie_opts *opts)
{
	cruet_cookie_opts o = {.size = sizeof o};
	const char *why = NULL;

	if (c->begun)
		return begun(c, "cruet_set_cookie");
	if (opts)
		memcpy(&o, opts, opts->size < sizeof o ? opts->size : sizeof o);
	o.size = sizeof o;
	if (c->head && !strcmp(c->target.scheme, "https") && !(o.flags & CRUET_COOKIE_INSECURE))
		o.flags |= CRUET_COOKIE_SECURE;
	const char *line = cookie_write(&c->arena, name, v, &o, c->now_ms / 1000, &why);
	if (!line)
		return why ? misuse(c, why) : no_memory(c);
	size_t len = strlen(line);
	if (len > COOKIE_MAX)
		cruet_note(c, CRUET_WARN,
			   "cookie %s takes %zu bytes: browsers ignore one of more than %d", name,
			   len, COOKIE_MAX);
	return fields_add(&c->reply, "Set-Cookie", line) ? no_memory(c) : CRUET_OK;
}

/* Makes room for a reply. What runs is the stream itself, maybe: it must not be closed from
 * inside. */
static int reply_anew(cruet_ctx *c)
{
	if (c->begun)
		return begun(c, "a second reply");
	stream_close(c, CRUET_ESTATE);
	if (c->out.kind == OUT_UPGRADE && c->status == 101)
		c->status = 0; /* an after-hook thinks better of it */
	return CRUET_OK;
}

int ctx_reply(cruet_ctx *c, const struct out *out)
{
	int err = reply_anew(c);

	if (err)
		return err;
	c->out = *out;
	return CRUET_DONE;
}

int ctx_reply_bytes(cruet_ctx *c, const void *p, size_t len)
{
	int err = reply_anew(c);

	if (err)
		return err;
	c->out.kind = OUT_BYTES;
	c->out.p = p;
	c->out.len = len;
	return CRUET_DONE;
}

/* --- bodies ----------------------------------------------------------------------- */

/* Takes p as it is: it lives as long as the request. */
static int reply_with(cruet_ctx *c, const char *mime, const void *p, size_t len)
{
	if (c->begun)
		return begun(c, "a second reply");
	if (mime && fields_set(&c->reply, "Content-Type", mime))
		return no_memory(c);
	return ctx_reply_bytes(c, p, len);
}

static int reply_text(cruet_ctx *c, const char *mime, const char *s)
{
	if (!s && !c->drafting)
		return misuse(c, "a reply of NULL: nothing was written with cruet_write()");
	if (!s) {
		if (buf_err(&c->draft))
			return no_memory(c);
		return reply_with(c, mime, c->draft.p, c->draft.len);
	}
	size_t len = strlen(s);
	char *copy = arena_strndup(&c->arena, s, len);
	return copy ? reply_with(c, mime, copy, len) : no_memory(c);
}

int cruet_text(cruet_ctx *c, const char *s)
{
	return reply_text(c, text_plain, s);
}

int cruet_html(cruet_ctx *c, const char *s)
{
	return reply_text(c, text_html, s);
}

int cruet_textf(cruet_ctx *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = arena_vprintf(&c->arena, fmt, ap);
	va_end(ap);
	return s ? reply_with(c, text_plain, s, strlen(s)) : no_memory(c);
}

int cruet_bytes(cruet_ctx *c, const char *mime, const void *p, size_t len)
{
	if (mime && !field_value_ok(mime))
		return misuse(c, "cruet_bytes: the type holds a line break");
	char *type = mime ? arena_strdup(&c->arena, mime) : NULL;
	void *copy = arena_alloc(&c->arena, len);
	if (!copy || (mime && !type))
		return no_memory(c);
	if (len)
		memcpy(copy, p, len);
	return reply_with(c, type, copy, len);
}

int cruet_send(cruet_ctx *c, const char *mime, void *p, size_t len, cruet_free_fn *free_fn)
{
	if (free_fn) {
		int err = cruet_defer(c, free_fn, p);
		if (err)
			return err;
	}
	if (mime && !field_value_ok(mime))
		return misuse(c, "cruet_send: the type holds a line break");
	char *type = mime ? arena_strdup(&c->arena, mime) : NULL;
	return mime && !type ? no_memory(c) : reply_with(c, type, p, len);
}

int cruet_empty(cruet_ctx *c, int status)
{
	int err = cruet_status(c, status);
	if (err)
		return err;
	fields_del(&c->reply, "Content-Type");
	return reply_with(c, NULL, "", 0);
}

/* A plugin sees no value that lost a part of itself. */
static CRUET_COLD int json_by(cruet_ctx *c, const struct entry_service *e, const cruet_json *j)
{
	const char *p = NULL;
	size_t len = 0;

	int err = json_check(j);
	if (err)
		return ctx_fail_json(c, err);
	err = ((const cruet_json_writer *)e->vt)->write(e->self, c, j, &p, &len);
	if (err || !p || !len)
		return element_fail(c, e, err, "wrote no JSON");
	return reply_with(c, "application/json", p, len);
}

int cruet_jsonify(cruet_ctx *c, const cruet_json *j)
{
	const struct entry_service *e = element_of(c, ELEMENT_JSON);
	struct buf b;

	if (!j)
		return c->failure.err ? c->failure.err : misuse(c, "cruet_jsonify: the value is NULL");
	if (e)
		return json_by(c, e, j);
	buf_init(&b, &c->arena, 0);
	int err = json_write(&b, j, c->host->debug);
	buf_char(&b, '\n');
	err = err ? err : buf_err(&b);
	return err ? ctx_fail_json(c, err) : reply_with(c, "application/json", b.p, b.len);
}

static void draft(cruet_ctx *c)
{
	if (c->drafting)
		return;
	buf_init(&c->draft, &c->arena, 0);
	c->drafting = true;
}

void cruet_write(cruet_ctx *c, const char *s)
{
	draft(c);
	buf_str(&c->draft, s);
}

void cruet_writef(cruet_ctx *c, const char *fmt, ...)
{
	va_list ap;
	draft(c);
	va_start(ap, fmt);
	buf_vprintf(&c->draft, fmt, ap);
	va_end(ap);
}

/* --- redirects ----------------------------------------------------------------------- */

int redirect_to(cruet_ctx *c, int status, const char *location)
{
	struct buf url, page;

	if (c->begun)
		return begun(c, "a redirect");
	if (!field_value_ok(location))
		return misuse(c, "a redirect to an address with a line break");
	/* An IRI becomes a URI; what is encoded already stays. */
	buf_init(&url, &c->arena, 0);
	percent_encode(&url, location, strlen(location), "%!#$&'()*+,/:;=?@[]", false);
	buf_init(&page, &c->arena, 0);
	buf_str(&page, "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n"
		       "<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the "
		       "target URL: <a href=\"");
	html_escape(&page, url.p, url.len);
	buf_str(&page, "\">");
	html_escape(&page, location, strlen(location));
	buf_str(&page, "</a>. If not, click the link.\n");
	if (buf_err(&url) || buf_err(&page) || fields_set(&c->reply, "Location", url.p))
		return no_memory(c);
	c->status = status;
	return reply_with(c, text_html, page.p, page.len);
}

int cruet_redirect(cruet_ctx *c, int code, const char *url)
{
	if (!url)
		return c->failure.err ? c->failure.err : misuse(c, "cruet_redirect: the address is NULL");
	if (code && code != 301 && code != 302 && code != 303 && code != 305 && code != 307 &&
	    code != 308)
		return misuse(c, arena_printf(&c->arena,
					      "cruet_redirect: %d: expected 301, 302, 303, 307, 308, "
					      "or 0 for the usual one",
					      code));
	bool reading = !c->head || !strcmp(c->head->method, "GET") ||
		       !strcmp(c->head->method, "HEAD");
	return redirect_to(c, code ? code : reading ? 302 : 303, url);
}

/* --- what after-hooks see -------------------------------------------------------------- */

int cruet_reply_status(const cruet_ctx *c)
{
	return c->status ? c->status : 200;
}

const char *cruet_reply_header(const cruet_ctx *c, const char *name)
{
	return fields_get(&c->reply, name);
}

const void *cruet_reply_body(const cruet_ctx *c, size_t *len)
{
	if (len)
		*len = c->out.kind == OUT_BYTES ? c->out.len : 0;
	return c->out.kind == OUT_BYTES ? c->out.p : NULL;
}

void cruet_compress(cruet_ctx *c, bool may)
{
	c->compress = may ? 1 : -1;
}

int cruet_may_compress(const cruet_ctx *c)
{
	return c->compress;
}

int cruet_after_this(cruet_ctx *c, cruet_fn *fn)
{
	if (!fn)
		return misuse(c, "cruet_after_this: the function is NULL");
	struct once *o = arena_zalloc(&c->arena, sizeof *o);
	if (!o)
		return no_memory(c);
	o->scope = c->scope;
	o->fn = fn;
	*c->last_once = o;
	c->last_once = &o->next;
	return CRUET_OK;
}

void ctx_reply_reset(cruet_ctx *c)
{
	static const char *const of_body[] = {"Content-Type", "Content-Encoding",
					      "Content-Language", "Content-Range",
					      "Content-Disposition", "Content-Location",
					      "ETag", "Last-Modified", "Location",
					      "Accept-Ranges"};
	for (size_t i = 0; i < sizeof of_body / sizeof *of_body; i++)
		fields_del(&c->reply, of_body[i]);
	c->status = 0;
	ctx_reply(c, &(struct out){.kind = OUT_NONE});
	c->drafting = false;
}
