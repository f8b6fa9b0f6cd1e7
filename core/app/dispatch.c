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
 *  9. the reply is completed and sent, in one piece; encode-hooks may give its body
 *     another form before
 * 10. teardown-hooks, all of them, once; then who listens to "request_ended"
 * 11. deferred calls, last first; the arena is reset
 * 12. the ctx leaves its generation
 *
 * It may wait, and holds no thread then where the transport can park it: before 4 for a
 * place (its rule tells which), in 5 for what the handler waits for, in 9 for the source
 * of a stream or for a slow client. cruet_continue() goes on, on any thread. Each of
 * these steps ends with the next one, so that nothing is left to do on the way back: a
 * request that was parked may have ended on another thread by then.
 *
 * Everything that runs returns one number (types.h), and every failure meets in
 * settle(): there it is decided whether there is a reply. */
#include "app/dispatch.h"

#include <string.h>
#include <unistd.h>

#include "app/closed.h"
#include "app/where.h"
#include "app/ws.h"
#include "base/text.h"
#include "cruet/response.h"

enum { CLIENT_LEFT = 499 }; /* in the log, for what was not answered for that reason */

static const struct level *level_of(const cruet_ctx *c)
{
	return c->endpoint ? c->endpoint->level : c->gen->top;
}

/* Why a number that was returned is a mistake; NULL where it is a failure. */
static CRUET_COLD const char *mistake(cruet_ctx *c, int r, const char *who)
{
	struct arena *a = &c->arena;

	if (r == CRUET_OK)
		return arena_printf(a, "%s ended without a reply: return cruet_text(...) or a failure",
				    who);
	if (r == CRUET_LATER)
		return arena_printf(a, "%s returned CRUET_LATER: only the handler of a rule may "
				       "answer later",
				    who);
	if (r == CRUET_DONE)
		return arena_printf(a, "%s returned CRUET_DONE without a reply: return "
				       "cruet_text(...) or cruet_empty(...)",
				    who);
	if (r < 0 || (r >= 400 && r <= 599))
		return NULL;
	return arena_printf(a, "%s returned %d: expected CRUET_OK, CRUET_DONE, a status from 400 "
			       "to 599 or a CRUET_E code",
			    who, r);
}

/* Records what a function returned, unless it has said more about it already. */
static CRUET_COLD void record(cruet_ctx *c, int r, const char *who)
{
	if (c->failure.stays || (r && r == c->failure.err))
		return;
	c->failure.err = CRUET_OK;
	const char *why = mistake(c, r, who);
	ctx_fail(c, why ? CRUET_ESTATE : r, why, false);
}

/* What a hook or handler returned becomes either "there is a reply" (true) or a
 * failure (false). A reply covers a failure that was recorded on the way to it, but
 * not one that stays. */
static bool settle(cruet_ctx *c, int r, const char *who)
{
	if (r == CRUET_DONE && c->out.kind && !c->failure.stays) {
		cruet_err_clear(c);
		return true;
	}
	record(c, r, who);
	return false;
}

/* The same for what need not reply: whether all may go on. */
bool dispatch_went_well(cruet_ctx *c, int r, const char *who)
{
	if ((r == CRUET_OK || r == CRUET_DONE) && !c->failure.stays) {
		cruet_err_clear(c);
		return true;
	}
	record(c, r, who);
	return false;
}

/* From here to there code of the application runs for c: for who looks whether that ends. */
static void clock_in(cruet_ctx *c)
{
	if (!c->host->debug)
		return;
	atomic_store(&c->since_ms, date_monotonic_us() / 1000);
	atomic_store(&c->thread, gettid());
}

static void clock_out(cruet_ctx *c)
{
	if (c->host->debug)
		atomic_store(&c->thread, 0);
}

static int run_all(cruet_ctx *c, const struct calls *calls)
{
	for (size_t i = 0; i < calls->n; i++) {
		int r = ctx_run(c, calls->items[i].scope, calls->items[i].fn.run);
		if (r != CRUET_OK)
			return r;
		if (c->failure.stays)
			return c->failure.err;
		cruet_err_clear(c);
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

static CRUET_COLD int answer_options(cruet_ctx *c)
{
	struct lookup q = target_lookup(c);
	const char *allow = router_allowed(c->gen->router, &c->arena, c, &q);
	int err = cruet_set_header(c, "Allow", allow ? allow : "OPTIONS");
	return err ? err : ctx_reply_bytes(c, "", 0);
}

static CRUET_COLD int answer_redirect(cruet_ctx *c)
{
	const char *to = target_url(c, c->match.location, c->match.domain);
	return to ? redirect_to(c, 308, to) : ctx_fail(c, CRUET_ENOMEM, NULL, false);
}

static int handle(cruet_ctx *c)
{
	int err;

	if (c->endpoint) {
		if (c->endpoint->auto_options && text_eq(c->head->method, "OPTIONS"))
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
		if (!ws_asked(c))
			return ws_required(c);
		return ctx_fail(c, 400, "There is no WebSocket at this address.", true);
	default:
		if (!strcmp(c->door.raw_path, "*")) /* OPTIONS of the server itself */
			return cruet_empty(c, 204);
		return ctx_fail(c, 404, NULL, false);
	}
}

/* --- 6: failures ---------------------------------------------------------------- */

/* A failure of who that nothing may take for what it says of itself: it becomes an
 * unexpected one, and keeps its words. */
static CRUET_COLD void make_unexpected(cruet_ctx *c, const char *who)
{
	const struct failure f = c->failure;

	if (failure_unexpected(&f))
		return;
	cruet_err_clear(c);
	ctx_fail(c, CRUET_ESTATE,
		 arena_printf(&c->arena, "%s failed with %d%s%s", who, f.err, f.text ? ": " : "",
			      f.text ? f.text : ""),
		 false);
}

/* A 503 that tells the client when to come again was foreseen: it comes in crowds, and
 * whoever gives it says more in the log if there is more to say. */
static bool foreseen(const struct failure *f)
{
	return f->status == 503 && f->public_text && fields_get(&f->fields, "Retry-After");
}

void dispatch_tell_failure(cruet_ctx *c)
{
	ctx_take_failure(c);
	if (c->answered.status >= 500 && !foreseen(&c->answered))
		cruet_note(c, CRUET_ERROR, "%d: %s", c->answered.status, cruet_err_text(c));
	if (failure_unexpected(&c->answered))
		cruet_tell(c, "request_failed", NULL);
	cruet_err_clear(c); /* what a listener met is not the request's */
}

/* Runs the handler of the failure. True if there is a reply; otherwise c->failure is
 * what the handler met. */
static CRUET_COLD bool handle_failure(cruet_ctx *c, const struct entry_error *e)
{
	ctx_reply_reset(c);
	int r = ctx_run(c, e->head.scope, e->fn);
	if (r == CRUET_OK && !c->failure.stays) { /* leaves it to the default page */
		cruet_err_clear(c);
		ctx_reply_reset(c);
		error_page(c);
		return true;
	}
	if (settle(c, r, "an error handler")) {
		if (!c->status)
			c->status = c->answered.status;
		if (c->status == c->answered.status)
			ctx_failure_headers(c);
		return true;
	}
	cruet_note(c, CRUET_ERROR, "an error handler failed while it answered %d: %s",
		   c->answered.status, failure_text(&c->answered));
	make_unexpected(c, "an error handler");
	return false;
}

/* Makes the reply of a failure: by its handler; if that fails, by the one of the
 * failure that it met; then by the default page. Returns true if the failure was
 * unexpected: a handler of its own makes it an expected one, a page for the 500 that
 * it became does not. */
static CRUET_COLD bool answer_failure(cruet_ctx *c)
{
	clock_out(c); /* what comes now is short, but for a page that is made of it */
	for (int tries = 0;; tries++) {
		bool as_500;
		dispatch_tell_failure(c);
		const struct entry_error *e = error_handler(c, level_of(c), &as_500);
		/* who develops wants to see what nobody foresaw, and not its page */
		if (!e || tries == 2 || (as_500 && c->host->debugger)) {
			ctx_reply_reset(c);
			error_page(c);
			return failure_unexpected(&c->answered);
		}
		if (handle_failure(c, e))
			return tries || as_500;
	}
}

/* --- 7 to 9: hooks that see the reply --------------------------------------------- */

/* Each of them, whatever becomes of the others: one that fails is logged, and the reply is
 * the page of that. True: one did. */
static bool run_each(cruet_ctx *c, const struct calls *calls, const char *who)
{
	bool failed = false;

	for (size_t i = 0; i < calls->n; i++) {
		int r = ctx_run(c, calls->items[i].scope, calls->items[i].fn.run);
		if (dispatch_went_well(c, r, who))
			continue;
		ctx_take_failure(c);
		cruet_note(c, CRUET_ERROR, "%s failed: %s", who, cruet_err_text(c));
		ctx_reply_reset(c);
		error_page(c);
		failed = true;
	}
	return failed;
}

static bool run_after(cruet_ctx *c)
{
	static const char who[] = "an after-hook";

	for (struct once *o = c->onces; o; o = o->next)
		if (!dispatch_went_well(c, ctx_run(c, o->scope, o->fn), who))
			return false;
	const struct calls *after = &level_of(c)->after;
	for (size_t i = 0; i < after->n; i++)
		if (!dispatch_went_well(c, ctx_run(c, after->items[i].scope, after->items[i].fn.run), who))
			return false;
	return true;
}

/* A failing after-hook makes a 500 that all of them see; a second failure is
 * logged and otherwise ignored. */
static bool finish_reply(cruet_ctx *c)
{
	bool open = false;

	if (!run_after(c)) {
		open = true;
		make_unexpected(c, "an after-hook");
		answer_failure(c);
		if (!run_after(c)) {
			cruet_note(c, CRUET_ERROR,
				   "an after-hook failed again while an error was answered: %s",
				   cruet_err_text(c));
			cruet_err_clear(c);
		}
	}
	return run_each(c, &level_of(c)->finish, "a finish-hook") || open;
}

/* --- the whole ----------------------------------------------------------------------- */

/* The reply has left, or never will. */
static void end(cruet_ctx *c)
{
	if (!c->refused) {
		cruet_tell(c, "request_finished", NULL);
		ctx_teardown(c, c->met ? c->met : c->broken);
	}
	if (c->host->trace)
		c->host->trace(c);
	if (c->gen->ended)
		event_tell_ended(c);
	ctx_close(c);
}

/* A failure that nothing of the application is to see. */
static CRUET_COLD void answer_alone(cruet_ctx *c)
{
	ctx_take_failure(c);
	c->refused = true;
	error_page(c);
	if (send_reply(c) != CRUET_LATER)
		end(c);
}

static CRUET_COLD void refuse(cruet_ctx *c, int status, const char *why)
{
	ctx_fail(c, status, why, true);
	c->close = true;
	answer_alone(c);
}

static CRUET_COLD void no_memory(cruet_exchange *x)
{
	static const cruet_field fields[] = {{"Retry-After", "1"}};
	x->ops->send(x, &(cruet_reply){.size = sizeof(cruet_reply),
				       .status = 503,
				       .fields = fields,
				       .nfields = 1,
				       .close = 1});
}

/* 6 to 12, for what a handler, or a hook in its place, has returned. */
static void answer(cruet_ctx *c, int r, const char *who)
{
	if (!settle(c, r, who) && answer_failure(c))
		c->met = c->answered.err;
	if (finish_reply(c))
		c->met = c->answered.err;
	if (c->host->inspect && c->host->inspect(c))
		c->met = c->answered.err;
	if (run_each(c, &level_of(c)->encode, "an encode-hook"))
		c->met = c->answered.err;
	clock_out(c);
	if (send_reply(c) != CRUET_LATER)
		end(c);
}

/* The client has left before there was a reply. */
static CRUET_COLD void abandon(cruet_ctx *c)
{
	stream_close(c, CRUET_EIO);
	c->x->ops->end(c->x, CRUET_EIO);
	c->status = CLIENT_LEFT;
	c->met = c->cut = CRUET_EIO;
	end(c);
}

static int run_next(cruet_ctx *c)
{
	cruet_fn *next = c->later;

	c->later = NULL;
	c->now_ms = cruet_now(c->host->root);
	clock_in(c);
	return ctx_run(c, c->endpoint->entry->head.scope, next);
}

/* 5 of a handler that answers later: what it named runs in its place. */
static void run_later(cruet_ctx *c)
{
	enum later what;
	int r = CRUET_LATER;

	clock_out(c);
	while (r == CRUET_LATER && (what = later_wait(c)) != LATER_FAILED) {
		if (what == LATER_PARKED)
			return;
		if (what == LATER_LEFT) {
			abandon(c);
			return;
		}
		r = run_next(c);
		clock_out(c);
	}
	answer(c, r == CRUET_LATER ? c->failure.err : r, c->endpoint->name);
}

/* 3 to 5. r: what finding the rule has met. */
static void run(cruet_ctx *c, int r)
{
	const struct level *l = level_of(c);
	const char *who = "a before-hook";

	clock_in(c);
	cruet_tell(c, "request_started", NULL);
	if (!r)
		r = origin_check(c, l);
	if (!r)
		r = run_all(c, &l->match);
	if (!r)
		r = run_all(c, &l->before);
	if (r == CRUET_OK) {
		r = handle(c);
		if (r == CRUET_LATER) {
			run_later(c);
			return;
		}
		who = c->endpoint ? c->endpoint->name : "the router";
	}
	answer(c, r, who);
}

/* Tells the transport which rule was found. False: there is no place for it now, and
 * the request is not this thread's any more. */
static bool has_place(cruet_ctx *c)
{
	const struct endpoint *e = c->endpoint;

	if (!CRUET_HAS(c->x->ops, cruet_exchange_ops, route))
		return true;
	c->stage = STAGE_ROUTED;
	return c->x->ops->route(c->x, e ? e->hash : 0, e ? e->name : "") != CRUET_LATER;
}

static void serve(cruet_ctx *c)
{
	int r = find_rule(c);
	const struct owner *closed = closed_owner(c);

	if (closed) {
		closed_fail(c, closed);
		answer_alone(c);
	} else if (r || has_place(c)) {
		run(c, r);
	}
}

/* A ctx for what came through x; NULL: there is no memory, and that was answered. */
static cruet_ctx *take(cruet_app *app, cruet_exchange *x, const cruet_head *head)
{
	int64_t now_ms = head && CRUET_HAS(head, cruet_head, now_ms) ? head->now_ms : 0;
	cruet_ctx *c = ctx_open_for(app->host, x, now_ms);

	if (!c) {
		no_memory(x);
		return NULL;
	}
	c->x = x;
	c->head = head;
	c->body_max = c->host->settings.body_max;
	if (c->host->trace || c->gen->ended)
		c->began_us = date_monotonic_us();
	return c;
}

void cruet_serve(cruet_app *app, cruet_exchange *x, const cruet_head *head)
{
	cruet_ctx *c = take(app, x, head);
	const char *why;

	if (!c)
		return;
	where_enter(c);
	int status = front_door(&c->arena, head, 0, &c->host_seen, &c->door, &why);
	if (!status)
		status = target_read(c, &why);
	if (status)
		refuse(c, status, why);
	else if (!target_trusted(c))
		refuse(c, 400, "this host is not one of those that are served here");
	else
		serve(c);
	where_leave();
}

void cruet_continue(cruet_exchange *x)
{
	cruet_ctx *c = x->ctx;

	where_enter(c);
	switch (c->stage) {
	case STAGE_ROUTED:
		c->now_ms = cruet_now(c->host->root);
		run(c, CRUET_OK);
		break;
	case STAGE_LATER:
		run_later(c);
		break;
	case STAGE_STREAM:
	case STAGE_SENT:
		if (send_continue(c) != CRUET_LATER)
			end(c);
		break;
	}
	where_leave();
}

void cruet_refuse(cruet_app *app, cruet_exchange *x, const cruet_head *head, int status,
		  const char *why)
{
	cruet_ctx *c = take(app, x, head);

	if (!c)
		return;
	c->door.raw_path = c->door.path = c->door.query = c->door.host = "";
	refuse(c, status, why);
}
