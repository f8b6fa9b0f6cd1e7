/* The reply to a request whose process has crashed, as it goes over the wire. */
#include <string.h>

#include "app/scope.h"
#include "base/arena.h"
#include "base/buf.h"
#include "server/debugger.h"
#include "server/story.h"

/* Where nobody could say whether there is a proxy, because what was to be looked at is damaged,
 * there may be one. */
static bool is_proxied(const struct story *s)
{
	const char *said = dossier_find(&s->facts, FACT_REQUEST, "proxied");
	return !said || strcmp(said, "no") != 0;
}

static enum debug_guard guard(const struct story *s)
{
	struct debug_client who = {.host = dossier_find(&s->facts, FACT_REQUEST, "host"),
				   .peer = dossier_find(&s->facts, FACT_REQUEST, "peer"),
				   .cookies = story_header(s, "Cookie"),
				   .origin = story_header(s, "Origin"),
				   .site = story_header(s, "Sec-Fetch-Site"),
				   .mode = story_header(s, "Sec-Fetch-Mode"),
				   .proxied = is_proxied(s)};

	return debug_guard(s->root->host, &who);
}

/* more: further headers, up to one without a name. */
static void put_head(struct buf *b, enum page_form form, const cruet_field *more, size_t len)
{
	buf_printf(b,
		   "HTTP/1.1 500 Internal Server Error\r\n"
		   "Content-Type: %s\r\n"
		   "Content-Length: %zu\r\n"
		   "X-Content-Type-Options: nosniff\r\n"
		   "Cache-Control: no-store\r\n",
		   page_type(form), len);
	for (; more->name; more++)
		buf_printf(b, "%s: %s\r\n", more->name, more->value);
	buf_str(b, "Connection: close\r\n\r\n");
}

void story_reply(struct arena *a, const struct story *s, struct story_reply *out)
{
	enum page_form form = page_form(story_header(s, "Accept"), story_header(s, "User-Agent"),
					story_header(s, "X-Requested-With"));
	if (s->brief && form == PAGE_HTML)
		form = PAGE_TEXT;
	enum debug_guard may = guard(s);
	cruet_field own[] = {{NULL, NULL}, {NULL, NULL}};
	const cruet_field *more = own;
	struct buf head, body;

	*out = (struct story_reply){.len = 0};
	buf_init(&head, a, 0);
	buf_init(&body, a, 0);
	if (may == DEBUG_SHOW) {
		struct page *p = story_begin(a, s);
		story_end(p, s);
		page_write(&body, p, form);
		own[0] = (cruet_field){"Content-Security-Policy", page_policy(p)};
	} else if (may == DEBUG_ASK_PIN && form == PAGE_HTML) {
		buf_str(&body, debug_guard_ask);
		more = debug_guard_ask_fields;
	}
	put_head(&head, form, more, body.len);
	if (!body.len || (more == own && !own[0].value) || buf_err(&body) || buf_err(&head))
		return;
	*out = (struct story_reply){head.p, body.p, head.len, body.len};
}
