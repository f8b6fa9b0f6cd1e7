/* The reply to input that does not fit: problem details (RFC 9457) with one
 * entry per field, or a page that lists the errors. */
#include "app/ctx.h"
#include "base/buf.h"
#include "base/text.h"
#include "cruet/memory.h"
#include "cruet/request.h"
#include "cruet/response.h"
#include "cruet/svc/validate.h"
#include "cruet/validate.h"
#include "http/negotiate.h"

#include <string.h>

static const char title[] = "Unprocessable Content";

/* "The name field is required. (and 2 more errors)" */
static const char *detail(cruet_ctx *c, const cruet_json *errors)
{
	const char *first = "The input does not fit.";
	size_t n = 0;

	for (const cruet_json *f = cruet_json_first(errors); f; f = cruet_json_next(f)) {
		if (!n)
			first = cruet_json_str(cruet_json_first(f), first);
		n += cruet_json_len(f);
	}
	if (n < 2)
		return first;
	return cruet_printf(c, "%s (and %zu more error%s)", first, n - 1, n > 2 ? "s" : "");
}

static int problem(cruet_ctx *c, const cruet_json *errors)
{
	struct buf b;
	size_t len;
	cruet_json *head = cruet_object(c);

	cruet_put_str(head, "type", "about:blank");
	cruet_put_str(head, "title", title);
	cruet_put_int(head, "status", 422);
	cruet_put_str(head, "detail", detail(c, errors));
	const char *start = cruet_json_text(c, head, &len);
	const char *list = errors ? cruet_json_text(c, errors, NULL) : "{}";
	if (!start || !list)
		return CRUET_ENOMEM;
	buf_init(&b, &c->arena, 0);
	buf_put(&b, start, len - 1); /* without its closing brace */
	buf_printf(&b, ",\"errors\":%s}\n", list);
	if (buf_err(&b))
		return buf_err(&b);
	return cruet_bytes(c, "application/problem+json", b.p, b.len);
}

static int page(cruet_ctx *c, const cruet_json *errors)
{
	struct buf b;

	buf_init(&b, &c->arena, 0);
	buf_printf(&b,
		   "<!doctype html>\n<html lang=en>\n<title>422 %s</title>\n<h1>%s</h1>\n"
		   "<ul>\n",
		   title, title);
	for (const cruet_json *f = cruet_json_first(errors); f; f = cruet_json_next(f))
		for (const cruet_json *e = cruet_json_first(f); e; e = cruet_json_next(e)) {
			const char *text = cruet_json_str(e, "");
			buf_str(&b, "<li>");
			html_escape(&b, text, strlen(text));
			buf_str(&b, "</li>\n");
		}
	buf_str(&b, "</ul>\n");
	return buf_err(&b) ? buf_err(&b) : cruet_html(c, b.p);
}

static int plain(cruet_ctx *c, const cruet_json *errors)
{
	struct buf b;

	buf_init(&b, &c->arena, 0);
	buf_printf(&b, "422 %s\n", title);
	for (const cruet_json *f = cruet_json_first(errors); f; f = cruet_json_next(f))
		for (const cruet_json *e = cruet_json_first(f); e; e = cruet_json_next(e))
			buf_printf(&b, "%s\n", cruet_json_str(e, ""));
	return buf_err(&b) ? buf_err(&b) : cruet_text(c, b.p);
}

int cruet_invalid_reply(cruet_ctx *c)
{
	static const char *const html_first[] = {"text/html", "application/problem+json",
						 "application/json", "text/plain", NULL};
	static const char *const json_first[] = {"application/problem+json", "application/json",
						 "text/html", "text/plain", NULL};
	const cruet_valid *v = cruet_valid_failed(c);
	const cruet_json *errors = v ? v->errors : NULL;
	const char *accept = cruet_header(c, "Accept");
	/* Who sent JSON reads it, unless it says otherwise. */
	bool json = v && v->from == CRUET_FROM_JSON;
	const char *const *offers = json ? json_first : html_first;
	const char *best = accept ? accept_best(accept, offers) : NULL;

	if (!best)
		best = offers[0];
	int err = cruet_status(c, 422);
	if (!err && accept && strcmp(accept, "*/*") != 0)
		err = cruet_add_header(c, "Vary", "Accept");
	if (err)
		return err;
	if (!strcmp(best, "text/html"))
		return page(c, errors);
	return strcmp(best, "text/plain") ? problem(c, errors) : plain(c, errors);
}
