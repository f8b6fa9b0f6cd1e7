/* One request, in this order:
 *
 *  1. a ctx is taken from the pool; it stands on the current generation
 *  2. the front door checks the head; what fails is answered before any code of
 *     the application runs
 *  3. the router finds the rule; what cruet_on_match() registered sees it
 *  4. before-hooks, outermost scope first; one that answers or fails ends this
 *  5. the handler; or, where no rule matched, 404, 405 or a redirect
 *  6. a failure goes to its error handler, or becomes the default page
 *  7. after-hooks: those of this request, then innermost scope first, reversed
 *  8. finish-hooks: what must see the final reply (a session)
 *  9. the reply is completed and sent, in one piece
 * 10. teardown-hooks, all of them, once
 * 11. deferred calls, last first; the arena is reset
 * 12. the ctx leaves its generation
 *
 * Everything that runs returns one number (types.h), and every failure meets in
 * settle(): there it is decided whether there is a reply. */
#include "app/dispatch.h"

#include <string.h>

#include "base/text.h"
#include "cruet/response.h"

static const struct level *level_of(const cruet_ctx *c)
{
	return c->endpoint ? c->endpoint->level : c->gen->top;
}

/* A failure that no reply can cover: memory ran out, the API was misused, or the body
 * could not be read, so that the reply speaks of something that never came. */
static bool hard(const cruet_ctx *c)
{
	return c->err == CRUET_ENOMEM || c->err == CRUET_EINVAL || c->err == CRUET_ESTATE ||
	       (c->err && c->body_state == BODY_FAILED && c->err == c->body_err);
}

/* What a hook or handler returned becomes either "there is a reply" (true) or a
 * recorded failure (false). The code that was returned wins over one that was
 * recorded before and got over. */
static bool settle(cruet_ctx *c, int r, const char *who)
{
	if (r == CRUET_DONE && !hard(c)) {
		cruet_err_clear(c);
		return true;
	}
	if (hard(c))
		return false;
	if (r == CRUET_DONE || (r && r == c->err))
		return false;
	cruet_err_clear(c);
	if (r < 0 || (r >= 400 && r <= 599))
		ctx_fail(c, r, NULL, false);
	else if (r == CRUET_OK)
		ctx_fail(c, CRUET_ESTATE,
			 arena_printf(&c->arena,
				      "%s ended without a reply: return cruet_text(...) or a failure",
				      who),
			 false);
	else
		ctx_fail(c, CRUET_ESTATE,
			 arena_printf(&c->arena,
				      "%s returned %d: expected CRUET_OK, CRUET_DONE, a status "
				      "from 400 to 599 or a CRUET_E code",
				      who, r),
			 false);
	return false;
}

static int run_all(cruet_ctx *c, const struct calls *calls)
{
	for (size_t i = 0; i < calls->n; i++) {
		int r = ctx_run(c, calls->items[i].scope, calls->items[i].fn.run);
		if (r != CRUET_OK)
			return r;
	}
	return CRUET_OK;
}

/* --- 3 and 5: the rule ------------------------------------------------------- */

static int find_rule(cruet_ctx *c)
{
	struct lookup q = target_lookup(c);
	int err = router_match(c->gen->router, &c->arena, c, &q, &c->match);
	if (err)
		return ctx_fail(c, err, NULL, false);
	if (c->match.kind == MATCH_FOUND)
		c->endpoint = c->match.rule->target;
	return CRUET_OK;
}

static int answer_options(cruet_ctx *c)
{
	struct lookup q = target_lookup(c);
	const char *allow = router_allowed(c->gen->router, &c->arena, c, &q);
	int err = cruet_set_header(c, "Allow", allow ? allow : "OPTIONS");
	return err ? err : ctx_reply(c, &(struct out){.kind = OUT_BYTES, .p = ""});
}

static int answer_redirect(cruet_ctx *c)
{
	const char *to = target_url(c, c->match.location, c->match.domain);
	return to ? redirect_to(c, 308, to) : ctx_fail(c, CRUET_ENOMEM, NULL, false);
}

static int handle(cruet_ctx *c)
{
	int err;

	if (c->endpoint) {
		if (c->endpoint->auto_options && !strcmp(c->head->method, "OPTIONS"))
			return answer_options(c);
		const struct entry_rule *e = c->endpoint->entry;
		return ctx_run(c, e->head.scope, e->rule.fn);
	}
	switch (c->match.kind) {
	case MATCH_REDIRECT:
		return answer_redirect(c);
	case MATCH_METHOD:
		err = cruet_set_header(c, "Allow", c->match.allow);
		return err ? err : ctx_fail(c, 405, NULL, false);
	case MATCH_WEBSOCKET:
		return ctx_fail(c, 400, NULL, false);
	default:
		return ctx_fail(c, 404, NULL, false);
	}
}

/* --- 6: failures ---------------------------------------------------------------- */

static bool unexpected(const cruet_ctx *c)
{
	return c->err < 0 || (c->err_kind && c->err_status == 500);
}

/* Replaces the failure by the one that its handler met; the first is logged. */
static void fail_again(cruet_ctx *c, int r, const char *who)
{
	int first = c->err;
	const char *text = c->err_text;

	cruet_err_clear(c);
	if (settle(c, r, who))
		return;
	cruet_note(c, CRUET_ERROR, "%s failed while it answered %d%s%s", who, first,
		   text ? ": " : "", text ? text : "");
	if (!unexpected(c)) {
		const char *second = c->err_text;
		cruet_err_clear(c);
		ctx_fail(c, CRUET_ESTATE, second, false);
	}
}

/* Makes the reply of a failure. Returns true if it was unexpected and nobody but
 * the default page took it. */
static bool answer_failure(cruet_ctx *c)
{
	for (int tries = 0; tries < 2; tries++) {
		if (c->err_status >= 500)
			cruet_note(c, CRUET_ERROR, "%d: %s", c->err_status, cruet_err_text(c));
		if (unexpected(c))
			cruet_tell(c, "request_failed", NULL);
		const struct entry_error *e = error_handler(c, level_of(c));
		if (!e)
			break;
		int status = c->err_status;
		ctx_reply_reset(c);
		c->failing = true;
		int r = ctx_run(c, e->head.scope, e->fn);
		if (r == CRUET_DONE && c->out.kind) {
			if (!c->status)
				c->status = status;
			return false;
		}
		if (r == CRUET_OK) {
			ctx_reply_reset(c);
			error_page(c);
			return false;
		}
		fail_again(c, r, "an error handler");
	}
	bool open = unexpected(c);
	ctx_reply_reset(c);
	error_page(c);
	return open;
}

/* --- 7 and 8: hooks that see the reply --------------------------------------------- */

static int run_after(cruet_ctx *c)
{
	for (struct once *o = c->onces; o; o = o->next) {
		int r = ctx_run(c, o->scope, o->fn);
		if (r != CRUET_OK && r != CRUET_DONE)
			return r;
	}
	const struct calls *after = &level_of(c)->after;
	for (size_t i = 0; i < after->n; i++) {
		int r = ctx_run(c, after->items[i].scope, after->items[i].fn.run);
		if (r != CRUET_OK && r != CRUET_DONE)
			return r;
	}
	return CRUET_OK;
}

/* A failing after-hook makes a 500 that all of them see; a second failure is
 * logged and otherwise ignored. */
static bool finish_reply(cruet_ctx *c)
{
	bool open = false;
	int r = run_after(c);
	if (r != CRUET_OK) {
		cruet_err_clear(c);
		ctx_fail(c, r, NULL, false);
		open = answer_failure(c);
		if (run_after(c) != CRUET_OK)
			cruet_note(c, CRUET_ERROR,
				   "an after-hook failed again while an error was answered");
	}
	const struct calls *finish = &level_of(c)->finish;
	for (size_t i = 0; i < finish->n; i++) {
		cruet_err_clear(c);
		r = ctx_run(c, finish->items[i].scope, finish->items[i].fn.run);
		if (r == CRUET_OK || r == CRUET_DONE)
			continue;
		if (!c->err)
			ctx_fail(c, r, NULL, false);
		cruet_note(c, CRUET_ERROR, "a finish-hook failed: %s", cruet_err_text(c));
		ctx_reply_reset(c);
		error_page(c);
		open = true;
	}
	return open;
}

/* --- 10 to 12 ---------------------------------------------------------------------- */

static void run_teardown(cruet_ctx *c, int err)
{
	const struct calls *t = &level_of(c)->teardown;
	for (size_t i = 0; i < t->n; i++) {
		c->scope = t->items[i].scope;
		t->items[i].fn.end(c, err);
	}
}

/* --- the whole ----------------------------------------------------------------------- */

static bool host_trusted(const struct host *h, const char *host)
{
	if (!h->settings.trusted_hosts[0])
		return true;
	const char *colon = strrchr(host, ':');
	size_t n = colon && !strchr(colon, ']') ? (size_t)(colon - host) : strlen(host);
	for (const char *const *t = h->settings.trusted_hosts; *t; t++) {
		size_t len = strlen(*t);
		if (**t == '.' ? (n >= len && text_ieqn(host + n - len, *t, len)) ||
					 (n == len - 1 && text_ieqn(host, *t + 1, n))
			       : n == len && text_ieqn(host, *t, n))
			return true;
	}
	return false;
}

static void refuse(cruet_ctx *c, int status, const char *why)
{
	ctx_fail(c, status, why, true);
	error_page(c);
	c->close = true;
	send_reply(c);
}

static void no_memory(cruet_exchange *x)
{
	static const cruet_field fields[] = {{"Content-Length", "0"}, {"Retry-After", "1"}};
	x->ops->send(x, &(cruet_reply){.size = sizeof(cruet_reply),
				       .status = 503,
				       .fields = fields,
				       .nfields = 2,
				       .close = 1});
}

static void serve(cruet_ctx *c)
{
	bool open = false;
	cruet_tell(c, "request_started", NULL);
	int r = find_rule(c);
	const struct level *l = level_of(c);
	const char *who = "a before-hook";

	if (!r)
		r = origin_check(c, l);
	if (!r)
		r = run_all(c, &l->match);
	if (!r)
		r = run_all(c, &l->before);
	if (r == CRUET_OK) {
		r = handle(c);
		who = c->endpoint ? c->endpoint->name : "the router";
	}
	if (!settle(c, r, who))
		open = answer_failure(c);
	int err = open ? c->err : CRUET_OK;
	if (finish_reply(c))
		err = c->err ? c->err : CRUET_ESTATE;
	send_reply(c);
	if (!err)
		err = c->broken;
	cruet_tell(c, "request_finished", NULL);
	run_teardown(c, err);
}

void cruet_serve(cruet_app *app, cruet_exchange *x, const cruet_head *head)
{
	struct host *h = app->host;
	cruet_ctx *c = ctx_open(h, x->worker);
	if (!c) {
		no_memory(x);
		return;
	}
	c->x = x;
	c->head = head;
	c->body_max = h->settings.body_max;
	const char *why;
	int status = front_door(&c->arena, head, 0, &c->door, &why);
	if (!status)
		status = target_read(c, &why);
	if (status)
		refuse(c, status, why);
	else if (!host_trusted(h, c->target.host))
		refuse(c, 400, "this host is not one of those that are served here");
	else
		serve(c);
	ctx_close(c);
}

void cruet_refuse(cruet_app *app, cruet_exchange *x, const cruet_head *head, int status,
		  const char *why)
{
	cruet_ctx *c = ctx_open(app->host, x->worker);
	if (!c) {
		no_memory(x);
		return;
	}
	c->x = x;
	c->head = head;
	c->door.raw_path = c->door.path = c->door.query = c->door.host = "";
	refuse(c, status, why);
	ctx_close(c);
}
