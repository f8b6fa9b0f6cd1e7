#include <string.h>

#include "app/dispatch.h"
#include "app/element.h"
#include "base/text.h"
#include "cruet/log.h"
#include "cruet/request.h"
#include "cruet/svc/error_page.h"
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

/* The core's own page. */
static void prepare(cruet_ctx *c, const struct page *p, const char *accept)
{
	struct buf b;

	buf_init(&b, &c->arena, 0);
	const char *type = write_page(&b, accept, p);
	const char *page = b.p;
	size_t len = b.len;
	if (buf_err(&b)) { /* no memory for a page: the words that are there anyway */
		page = cruet_reason(p->status);
		len = strlen(page);
		type = text_plain;
	}
	/* An Accept that leaves the choice to us changes nothing that a cache must
	 * know of. */
	if (accept && strcmp(accept, "*/*") != 0 && !reply_varies(c, "Accept"))
		fields_add(&c->reply, "Vary", "Accept");
	fields_set(&c->reply, "Content-Type", type);
	ctx_reply_bytes(c, page, len);
}

/* --- a plugin's page ------------------------------------------------------------------ */

/* False: the core's own page is to be made. */
static bool prepared_by(cruet_ctx *c, const struct entry_service *e, const struct page *p,
			const char *accept)
{
	const cruet_error_info info = {.size = sizeof info,
				       .status = p->status,
				       .reason = cruet_reason(p->status),
				       .text = p->text,
				       .id = p->id,
				       .accept = accept};
	int r = ((const cruet_error_page *)e->vt)->make(e->self, c, &info);
	bool ok = r == CRUET_DONE && c->out.kind && c->out.kind != OUT_UPGRADE &&
		  !c->failure.stays;

	if (!ok) {
		cruet_note(c, CRUET_ERROR, "'%s' made no page for %d: %s", entry_provider(e),
			   p->status, c->failure.err ? failure_text(&c->failure)
				      : r < 0	       ? cruet_strerror(r)
						       : "it prepared none");
		ctx_reply_reset(c);
	}
	cruet_err_clear(c);
	return ok;
}

/* A request that was refused is not to be believed, and its body not to be read: to the
 * plugin there is none. */
static bool prepared_alone(cruet_ctx *c, const struct entry_service *e, const struct page *p,
			   const char *accept)
{
	const cruet_head *head = c->head;
	cruet_exchange *x = c->x;
	const struct door door = c->door;
	const struct destination target = c->target;
	enum body_state state = c->body_state;

	c->head = NULL;
	c->x = NULL;
	c->door = (struct door){.length = 0};
	c->target = (struct destination){.host = NULL};
	c->body_state = BODY_READ;
	bool ok = prepared_by(c, e, p, accept);
	c->body_state = state;
	c->target = target;
	c->door = door;
	c->x = x;
	c->head = head;
	return ok;
}

/* The reply of a failure: for who writes the application, of a plugin, or the core's. */
static void make(cruet_ctx *c, int status)
{
	const char *accept = c->head ? cruet_header(c, "Accept") : NULL;
	const struct entry_service *e = element_of(c, ELEMENT_ERROR_PAGE);
	const struct page p = {.status = status,
			       .text = text_of(&c->answered, status),
			       .id = status >= 500 ? c->name : NULL};

	if (!c->refused && c->host->debugger && c->host->debugger(c))
		return;
	bool made = e && (c->refused ? prepared_alone : prepared_by)(c, e, &p, accept);
	if (!made)
		prepare(c, &p, accept);
}

void error_page(cruet_ctx *c)
{
	int status = c->answered.status ? c->answered.status : 500;

	make(c, status);
	ctx_failure_headers(c);
	c->status = status;
}
