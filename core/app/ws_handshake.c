/* From a request to a WebSocket (RFC 6455, 4.2). What is said about the wire itself
 * (Sec-WebSocket-Accept, -Extensions) is the transport's. */
#include <string.h>

#include "app/dispatch.h"
#include "app/ws.h"
#include "base/text.h"
#include "cruet/log.h"
#include "cruet/memory.h"
#include "cruet/request.h"

const char ws_unspoken[] =
	"This server speaks no WebSocket: the event transport does, or a server "
	"behind the proxy that these requests are sent to.";

/* True if one of the values between commas is token, in any case. */
static bool lists(const char *values, const char *token)
{
	size_t n = strlen(token);

	for (const char *s = values; s && *s; s += strcspn(s, ",")) {
		s += strspn(s, ", \t");
		size_t len = strcspn(s, ", \t");
		if (len == n && text_ieqn(s, token, n))
			return true;
	}
	return false;
}

bool ws_asked(const cruet_ctx *c)
{
	return c->door.upgrade && c->head->minor >= 1 && !strcmp(c->head->method, "GET") &&
	       lists(cruet_header(c, "Upgrade"), "websocket") &&
	       lists(cruet_header(c, "Connection"), "upgrade");
}

static int need_upgrade(cruet_ctx *c, const char *why)
{
	int err = cruet_fail_header(c, "Upgrade", "websocket");

	if (!err)
		err = cruet_fail_header(c, "Sec-WebSocket-Version", "13");
	return err ? err : ctx_fail(c, 426, why, true);
}

int ws_required(cruet_ctx *c)
{
	return need_upgrade(c, "This address speaks WebSocket only.");
}

static size_t count(const cruet_ctx *c, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < c->head->nfields; i++)
		n += text_ieq(c->head->fields[i].name, name);
	return n;
}

/* 16 bytes in Base64: of the last character before the padding four bits are unused. */
static bool key_ok(const char *s)
{
	static const char last[] = "AQgw";

	for (size_t i = 0; i < 22; i++)
		if (!is_alnum(s[i]) && s[i] != '+' && s[i] != '/')
			return false;
	return strchr(last, s[21]) && !strcmp(s + 22, "==");
}

static int check(cruet_ctx *c)
{
	const char *version = cruet_header(c, "Sec-WebSocket-Version");
	const char *key = cruet_header(c, "Sec-WebSocket-Key");
	const char *length = cruet_header(c, "Content-Length");

	if (!version || strcmp(version, "13") != 0)
		return need_upgrade(c, "Version 13 of the WebSocket protocol is spoken here.");
	if (!key || count(c, "Sec-WebSocket-Key") != 1 || !key_ok(key))
		return ctx_fail(c, 400,
				"A WebSocket handshake needs one Sec-WebSocket-Key of 16 bytes in "
				"Base64.",
				true);
	if (cruet_header(c, "Transfer-Encoding") || (length && strcmp(length, "0") != 0))
		return ctx_fail(c, 400, "A WebSocket handshake has no body.", true);
	return CRUET_OK;
}

/* The first of the client's that is spoken here; NULL: none. */
static int choose_protocol(cruet_ctx *c, const char *spoken)
{
	const char *s = cruet_header(c, "Sec-WebSocket-Protocol");

	if (!spoken || !s || fields_get(&c->reply, "Sec-WebSocket-Protocol"))
		return CRUET_OK;
	for (; *s; s += strcspn(s, ",")) {
		s += strspn(s, ", \t");
		size_t n = strcspn(s, ", \t");
		char *token = n ? arena_strndup(&c->arena, s, n) : NULL;
		if (n && !token)
			return CRUET_ENOMEM;
		if (token && lists(spoken, token))
			return cruet_set_header(c, "Sec-WebSocket-Protocol", token);
	}
	return CRUET_OK;
}

int ws_handshake(cruet_ctx *c)
{
	const cruet_ws_rule *rule = c->endpoint->entry->ws;
	int err = check(c);

	if (err)
		return err;
	if (!CRUET_HAS(c->x->ops, cruet_exchange_ops, upgrade))
		return ctx_fail(c, 501, ws_unspoken, true);
	if (rule->accept) {
		int r = rule->accept(c);
		if (r == CRUET_LATER)
			return ctx_fail(c, CRUET_ESTATE,
					"the accept of a WebSocket returned CRUET_LATER: it must "
					"answer at once",
					false);
		if (r != CRUET_OK)
			return r;
	}
	err = choose_protocol(c, rule->protocols);
	if (err)
		return err;
	c->status = 101;
	return ctx_reply(c, &(struct out){.kind = OUT_UPGRADE});
}

/* --- the reply --------------------------------------------------------------- */

static void refuse(cruet_ctx *c, int err)
{
	static const char malformed[] = "The WebSocket handshake is malformed.";

	ctx_reply_reset(c);
	ctx_fail(c, err == CRUET_EPARSE ? 400 : err, err == CRUET_EPARSE ? malformed : NULL, true);
	ctx_take_failure(c);
	if (c->answered.status >= 500)
		cruet_note(c, CRUET_ERROR, "the transport could not upgrade: %s",
			   failure_text(&c->answered));
	error_page(c);
	c->broken = c->answered.err;
}

static int upgrade(cruet_ctx *c, cruet_ws *w, const cruet_ws_rule *rule)
{
	cruet_upgrade how = {
		.size = sizeof how,
		.idle_ms = rule->idle_ms,
		.max_message = rule->max_message,
		.max_queue = rule->max_queue,
		.ws = w,
	};
	cruet_link link = {.ops = NULL};

	int err = fields_set(&c->reply, "Upgrade", "websocket");
	if (err)
		return err;
	how.fields = c->reply.items;
	how.nfields = c->reply.n;
	err = c->x->ops->upgrade(c->x, &how, &link);
	if (err)
		return err;
	pthread_mutex_lock(&w->lock);
	w->link = link;
	pthread_mutex_unlock(&w->lock);
	return CRUET_OK;
}

static void run_open(cruet_ctx *c, cruet_ws *w, const cruet_ws_rule *rule)
{
	cruet_app *was = c->scope;

	if (!rule->open)
		return;
	c->scope = c->endpoint->entry->head.scope;
	int err = ws_settle(c, w, rule->open(w, c), "open");
	c->scope = was;
	if (err)
		c->broken = err;
}

bool ws_upgrade(cruet_ctx *c)
{
	const cruet_ws_rule *rule = c->endpoint->entry->ws;
	const char *protocol = fields_get(&c->reply, "Sec-WebSocket-Protocol");
	cruet_ws *w = ws_new(c->host, c->endpoint->name, protocol);
	int err = w ? upgrade(c, w, rule) : CRUET_ENOMEM;

	if (err) {
		cruet_ws_unref(w);
		fields_del(&c->reply, "Upgrade");
		fields_del(&c->reply, "Sec-WebSocket-Protocol");
		refuse(c, err);
		return false;
	}
	c->status = 101;
	ws_began(c, w);
	run_open(c, w, rule);
	return true;
}
