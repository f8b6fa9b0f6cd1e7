#include <string.h>

#include "app/dispatch.h"
#include "base/text.h"
#include "cruet/request.h"
#include "http/json_read.h"
#include "http/negotiate.h"

static const char text_plain[] = "text/plain; charset=utf-8";

/* What to say where nobody said anything better. */
static const char *describe(int status)
{
	switch (status) {
	case 400:
		return "The server could not understand the request.";
	case 401:
		return "The server could not verify that you may see this page: log in, or send "
		       "the right credentials.";
	case 403:
		return "You don't have the permission to access the requested resource.";
	case 404:
		return "The requested URL was not found on the server. If you entered the URL "
		       "manually please check your spelling and try again.";
	case 405:
		return "The method is not allowed for the requested URL.";
	case 408:
		return "The request did not arrive in time.";
	case 409:
		return "The request conflicts with what is there already.";
	case 410:
		return "The requested URL is gone for good.";
	case 413:
		return "The data transmitted exceeds the limit.";
	case 415:
		return "The server does not support the type of the data transmitted.";
	case 422:
		return "The request was well-formed, but what it says does not make sense.";
	case 429:
		return "Too many requests: try again later.";
	case 500:
		return "The server met an unexpected error and could not complete the request.";
	case 501:
		return "The server does not support what the request asks for.";
	case 503:
		return "The server is temporarily unable to answer: try again later.";
	case 504:
		return "The server waited too long for something that it needs.";
	default:
		return "The request could not be completed.";
	}
}

/* What a page says. */
struct page {
	int status;
	const char *text;
	const char *id; /* of the request, for who looks for it in the log; or NULL */
};

static void write_html(struct buf *b, const struct page *p)
{
	int status = p->status;
	const char *text = p->text, *reason = cruet_reason(status);

	buf_printf(b,
		   "<!doctype html>\n<html lang=en>\n<title>%d %s</title>\n<h1>%s</h1>\n<p>",
		   status, reason, reason);
	for (const char *nl; (nl = strchr(text, '\n')); text = nl + 1) {
		html_escape(b, text, (size_t)(nl - text));
		buf_str(b, "<br>");
	}
	html_escape(b, text, strlen(text));
	buf_str(b, "</p>\n");
	if (!p->id)
		return;
	buf_str(b, "<p>Request ID: <code>");
	html_escape(b, p->id, strlen(p->id));
	buf_str(b, "</code></p>\n");
}

/* Problem details, RFC 9457. */
static void write_problem(struct buf *b, const struct page *p)
{
	buf_str(b, "{\"type\":\"about:blank\",\"title\":");
	json_write_text(b, cruet_reason(p->status));
	buf_printf(b, ",\"status\":%d,\"detail\":", p->status);
	json_write_text(b, p->text);
	if (p->id) {
		buf_str(b, ",\"request_id\":");
		json_write_text(b, p->id);
	}
	buf_str(b, "}\n");
}

/* The words for the client. What is no text would spoil the page. */
static const char *text_of(const struct failure *f, int status)
{
	bool fit = f->public_text && f->text && utf8_valid(f->text, strlen(f->text));
	return fit ? f->text : describe(status);
}

/* Writes the page as the client prefers it; returns its type. */
static const char *write_page(struct buf *b, const char *accept, const struct page *p)
{
	static const char *const offers[] = {"text/html", "application/problem+json",
					     "application/json", "text/plain", NULL};
	const char *best = accept ? accept_best(accept, offers) : offers[0];

	if (!best || best == offers[0]) {
		write_html(b, p);
		return "text/html; charset=utf-8";
	}
	if (best == offers[3]) {
		buf_printf(b, "%d %s\n%s\n", p->status, cruet_reason(p->status), p->text);
		if (p->id)
			buf_printf(b, "Request ID: %s\n", p->id);
		return text_plain;
	}
	write_problem(b, p);
	return "application/problem+json";
}

void error_page(cruet_ctx *c)
{
	int status = c->answered.status ? c->answered.status : 500;
	const char *accept = c->head ? cruet_header(c, "Accept") : NULL;
	const struct fields *more = &c->answered.fields;
	struct out page = {.kind = OUT_BYTES};
	struct buf b;

	buf_init(&b, &c->arena, 0);
	const char *type = write_page(&b, accept,
				      &(struct page){.status = status,
						     .text = text_of(&c->answered, status),
						     .id = status >= 500 ? c->name : NULL});
	page.p = b.p;
	page.len = b.len;
	if (buf_err(&b)) { /* no memory for a page: the words that are there anyway */
		page.p = cruet_reason(status);
		page.len = strlen(page.p);
		type = text_plain;
	}
	/* An Accept that leaves the choice to us changes nothing that a cache must
	 * know of. */
	if (accept && strcmp(accept, "*/*") != 0 && !reply_varies(c, "Accept"))
		fields_add(&c->reply, "Vary", "Accept");
	fields_set(&c->reply, "Content-Type", type);
	for (size_t i = 0; i < more->n; i++)
		fields_add(&c->reply, more->items[i].name, more->items[i].value);
	c->status = status;
	ctx_reply(c, &page);
}
