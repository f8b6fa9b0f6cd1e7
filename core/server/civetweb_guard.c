/* What civetweb lets through and must not: it parses leniently, but in place, so that
 * how far neighbouring fields lie apart shows what stood between them. Each check
 * here closes one way in which two servers could read one request differently. */
#include <civetweb.h>
#include <string.h>

#include "base/text.h"
#include "server/civetweb_priv.h"

enum { BUFFER_ALIGN = 16 };

static int bad(const char **why, int status, const char *text)
{
	*why = text;
	return status;
}

/* civetweb skips white space before a request, beyond what it has received: into what
 * an earlier client sent. So a request must begin where the buffer does. That is the
 * lowest place where one was seen, and malloc's alignment tells most of the others.
 * One empty line is allowed (RFC 9112 2.2); it cannot end what was received. */
static bool at_start(struct worker *w, const char *method)
{
	const char *at = method;

	if ((uintptr_t)at % BUFFER_ALIGN == 2 && at[-2] == '\r' && at[-1] == '\n')
		at -= 2;
	if ((uintptr_t)at % BUFFER_ALIGN)
		return false;
	if (!w->start || at < w->start)
		w->start = at;
	return at == w->start;
}

/* "Name: value": one colon right after the name, then blanks alone. Goes on to the next
 * line, and takes blanks off the value's end. */
static int split_line(const struct mg_header *h, const char **line, const char **why)
{
	const char *p = h->name + text_span(h->name, TEXT_TOKEN);

	if (*p++)
		return bad(why, 400, "A header name holds a character that may not stand there.");
	while (p < h->value && (*p == ' ' || *p == '\t'))
		p++;
	if (p != h->value)
		return bad(why, 400, "There is a blank before the colon of a header field.");
	size_t n = text_span(h->value, TEXT_VALUE);
	if (h->value[n])
		return bad(why, 400, "A header value holds a control character.");
	*line = h->value + n + 2;
	while (n && (h->value[n - 1] == ' ' || h->value[n - 1] == '\t'))
		n--;
	((char *)h->value)[n] = '\0';
	return 0;
}

static bool has_token(const char *list, const char *token)
{
	size_t len = strlen(token);

	while (*list) {
		list += strspn(list, ", \t");
		size_t n = strcspn(list, ", \t");
		if (n == len && text_ieqn(list, token, n))
			return true;
		list += n;
	}
	return false;
}

struct connection { /* what the Connection headers say */
	bool any, close, keep, first_keeps, upgrade;
};

static void take_connection(struct connection *c, const char *value)
{
	bool keep = has_token(value, "keep-alive"), upgrade = has_token(value, "upgrade");

	if (!c->any) { /* civetweb obeys the first, and closes after an upgrade */
		c->first_keeps = keep && !upgrade;
		c->any = true;
	}
	c->close |= has_token(value, "close");
	c->keep |= keep;
	c->upgrade |= upgrade;
}

static void take_field(struct exchange *e, struct connection *c, const cruet_field *f)
{
	switch (f->name[0] | 0x20) { /* all others cost one comparison */
	case 'c':
		if (text_ieq(f->name, "Connection"))
			take_connection(c, f->value);
		break;
	case 't':
		if (text_ieq(f->name, "Transfer-Encoding"))
			e->unread = -1;
		break;
	case 'e':
		if (text_ieq(f->name, "Expect"))
			e->continues = e->head.minor && text_ieq(f->value, "100-continue");
		break;
	case 'u':
		if (text_ieq(f->name, "Upgrade"))
			e->upgrade = has_token(f->value, "websocket");
		break;
	default:
		break;
	}
}

/* The fields, and that nothing but their end follows: civetweb takes whatever it does
 * not understand (a folded line, a colon first, a byte above 0x7f, a 65th field) for
 * the end of the list. */
static int take_fields(struct exchange *e, const struct mg_request_info *ri, const char *line,
		       struct connection *c, const char **why)
{
	size_t n = ri->num_headers > 0 ? (size_t)ri->num_headers : 0;

	if (n >= FIELDS_MAX || n > e->worker->server->opts.headers_max)
		return bad(why, 431, "There are more header fields than are accepted here.");
	for (size_t i = 0; i < n; i++) {
		const struct mg_header *h = &ri->http_headers[i];
		if (h->name != line)
			return bad(why, 400, "A line of the head does not end in CR LF.");
		int status = split_line(h, &line, why);
		if (status)
			return status;
		e->fields[i] = (cruet_field){h->name, h->value};
		take_field(e, c, &e->fields[i]);
	}
	e->head.nfields = n;
	if (line[0] != (n ? '\r' : '\0') || line[1])
		return bad(why, 400, "A line of the head is no header field.");
	cruet_tally(&e->counted.bytes_in, (uint64_t)(line + 2 - e->worker->start));
	if (line + 2 - e->worker->start > (ptrdiff_t)e->worker->server->opts.head_max)
		return bad(why, 431, "The head is larger than is accepted here.");
	return 0;
}

int guard_head(struct exchange *e, const struct mg_request_info *ri, const char **why)
{
	struct connection c = {.any = false};

	e->head = (cruet_head){
		.size = sizeof e->head,
		.minor = ri->http_version[2] != '0',
		.method = ri->request_method,
		.target = ri->request_uri,
		.fields = e->fields,
		.peer = ri->remote_addr,
		.scheme = "http",
		.checked = 1,
	};
	e->unread = ri->content_length > 0 ? ri->content_length : 0;
	e->keep = false;
	if (!at_start(e->worker, ri->request_method))
		return bad(why, 400, "There is white space before the request.");
	size_t method = text_span(ri->request_method, TEXT_TOKEN);
	if (ri->request_method[method])
		return bad(why, 400, "The method is no word.");
	if (ri->request_uri != ri->request_method + method + 1 ||
	    ri->http_version != ri->request_uri + strlen(ri->request_uri) + 1 + strlen("HTTP/"))
		return bad(why, 400, "The parts of the request line are not one blank apart.");
	int status = take_fields(e, ri, ri->http_version + 3 + 2, &c, why);
	if (status)
		return status;
	e->upgrade = e->upgrade && c.upgrade;
	e->keep = !c.close && (c.any ? c.first_keeps : e->head.minor > 0);
	return 0;
}
