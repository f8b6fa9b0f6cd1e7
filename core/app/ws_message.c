/* What a connection lives through after its handshake: each message, and the end, in a
 * ctx of its own. No before- or after-hook runs for it; teardown-hooks do. */
#include <string.h>

#include "app/closed.h"
#include "app/dispatch.h"
#include "app/where.h"
#include "app/ws.h"
#include "base/text.h"
#include "cruet/log.h"

enum { INTERNAL = 1011, TRY_AGAIN = 1013, OF_STATUS = 4000 };

const cruet_ws_rule *ws_enter(cruet_ctx *c, const cruet_ws *w)
{
	const struct endpoint *e = ws_endpoint(c->gen, w);

	if (!e)
		return NULL;
	c->endpoint = e;
	c->scope = e->entry->head.scope;
	return e->entry->ws;
}

int ws_settle(cruet_ctx *c, cruet_ws *w, int r, const char *what)
{
	if (dispatch_went_well(c, r, arena_printf(&c->arena, "%s of %s", what, w->endpoint)))
		return CRUET_OK;
	dispatch_tell_failure(c);
	const struct failure *f = &c->answered;
	bool said = f->public_text && f->text && utf8_valid(f->text, strlen(f->text));
	ws_close(w, f->err >= 400 ? OF_STATUS + f->err : INTERNAL, said ? f->text : NULL);
	return f->err;
}

static void run_message(cruet_ctx *c, cruet_ws *w, const cruet_ws_rule *rule, int kind,
			const void *p, size_t len)
{
	char *copy = arena_alloc(&c->arena, len + 1);
	int r = CRUET_ENOMEM;

	if (copy) {
		if (len)
			memcpy(copy, p, len);
		copy[len] = '\0';
		r = rule->message(w, c, kind, copy, len);
	}
	ctx_teardown(c, ws_settle(c, w, r, "message"));
}

void cruet_ws_received(cruet_ws *w, uint32_t worker, int kind, const void *p, size_t len)
{
	cruet_ctx *c = ctx_open(w->host, worker);

	if (!c) {
		ws_close(w, TRY_AGAIN, NULL);
		return;
	}
	where_enter(c);
	const cruet_ws_rule *rule = ws_enter(c, w);
	if (!rule)
		ws_close_gone(w);
	else if (closed_owner(c))
		ws_close(w, TRY_AGAIN, NULL);
	else if (rule->message)
		run_message(c, w, rule, kind, p, len);
	where_leave();
	ctx_close(c);
}

void cruet_ws_ended(cruet_ws *w, uint32_t worker, int code)
{
	pthread_mutex_lock(&w->lock);
	w->link = (cruet_link){.ops = NULL};
	pthread_mutex_unlock(&w->lock);
	cruet_ctx *c = ctx_open(w->host, worker); /* before it is known that no change counts */
	struct ws_stand *stand = ws_leave_all(w);
	if (c && stand)
		ws_stand_on(c, stand);
	const cruet_ws_rule *rule = c ? ws_enter(c, w) : NULL;
	if (rule && rule->close && !closed_owner(c)) {
		where_enter(c);
		rule->close(w, c, code);
		ctx_teardown(c, ws_settle(c, w, CRUET_OK, "close"));
		where_leave();
	}
	if (c)
		ctx_close(c);
	ws_stand_leave(w->host, stand);
	cruet_ws_unref(w);
}
