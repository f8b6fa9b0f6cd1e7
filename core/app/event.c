/* Events and log lines: what others are told. */
#include <stdio.h>
#include <string.h>

#include "app/closed.h"
#include "app/ctx.h"
#include "cruet/request.h"

void event_tell(cruet_ctx *c, const struct event_calls *ev, const void *what)
{
	cruet_app *was = c->scope;

	for (size_t i = 0; i < ev->n; i++) {
		if (scope_is_closed(ev->items[i]->head.scope))
			continue;
		c->scope = ev->items[i]->head.scope;
		ev->items[i]->fn(c, what, ev->items[i]->arg);
	}
	c->scope = was;
}

void cruet_tell(cruet_ctx *c, const char *event, const void *what)
{
	const struct generation *g = c->gen;

	for (size_t i = 0; i < g->nevents; i++) {
		const struct event_calls *ev = &g->events[i];
		if (!strcmp(ev->event, event)) {
			event_tell(c, ev, what);
			return;
		}
	}
}

static void tell_scopes(cruet_app *scope, const char *event, const void *what)
{
	for (struct entry *e = scope->entries; e; e = e->next) {
		const struct entry_listen *l = (const struct entry_listen *)e;
		cruet_app *child = entry_scope(e);
		if (child)
			tell_scopes(child, event, what);
		else if (e->kind == ENTRY_LISTEN && !strcmp(l->event, event))
			l->fn(NULL, what, l->arg);
	}
}

void cruet_tell_setup(cruet_app *app, const char *event, const void *what)
{
	if (app)
		tell_scopes(app->root, event, what);
}

/* How many listen in a scope or below it; c: they are told. */
static size_t tell_below(cruet_ctx *c, cruet_app *scope, const char *event)
{
	size_t n = 0;

	for (struct entry *e = scope->entries; e; e = e->next) {
		const struct entry_listen *l = (const struct entry_listen *)e;
		cruet_app *child = entry_scope(e);
		if (child && child->kind == SCOPE_BLUEPRINT)
			n += tell_below(c, child, event);
		if (e->kind != ENTRY_LISTEN || strcmp(l->event, event) != 0)
			continue;
		n++;
		if (!c)
			continue;
		c->scope = scope;
		l->fn(c, NULL, l->arg);
	}
	return n;
}

void event_tell_scope(cruet_app *scope, const char *event)
{
	bool heard = !scope_is_closed(scope) && tell_below(NULL, scope, event);
	cruet_ctx *c = heard ? cruet_open(scope) : NULL;

	if (c)
		tell_below(c, scope, event);
	cruet_close(c);
}

void event_tell_ended(cruet_ctx *c)
{
	const cruet_head *h = c->head;

	event_tell(c, c->gen->ended,
		   &(cruet_ended){.size = sizeof(cruet_ended),
				  .refused = c->refused,
				  .status = c->status ? c->status : 200,
				  .err = c->cut,
				  .method = h ? h->method : NULL,
				  .target = h ? h->target : NULL,
				  .minor = h ? h->minor : 1,
				  .received = c->body_got,
				  .sent = c->sent,
				  .took_us = date_monotonic_us() - c->began_us});
}

void cruet_log(cruet_app *app, int level, const char *fmt, ...)
{
	va_list ap;

	if (!app)
		return;
	const struct owner *o = app->owner;
	va_start(ap, fmt);
	logger_vsay(&app->host->log, level, o ? o->name : app->root->name, fmt, ap);
	va_end(ap);
}

/* --- what a request is called ---------------------------------------------------------- */

enum { ID_MAX = 24, NAME_MAX_LEN = 128 };

static const char *id_number(const cruet_ctx *c, char out[ID_MAX])
{
	snprintf(out, ID_MAX, "%llx", (unsigned long long)c->id);
	return out;
}

const char *cruet_request_id(const cruet_ctx *c)
{
	char number[ID_MAX];

	if (c->name)
		return c->name;
	const char *id = arena_strdup((struct arena *)&c->arena, id_number(c, number));
	if (!id)
		ctx_fail((cruet_ctx *)c, CRUET_ENOMEM, NULL, false);
	return id ? id : "";
}

int cruet_set_request_id(cruet_ctx *c, const char *id)
{
	size_t n = 0;

	while (id && id[n] > ' ' && id[n] < 0x7f)
		n++;
	if (!n || id[n] || n > NAME_MAX_LEN)
		return ctx_fail(c, CRUET_EINVAL,
				"cruet_set_request_id: expected 1 to 128 visible ASCII characters",
				false);
	const char *name = arena_strndup(&c->arena, id, n);
	if (!name)
		return ctx_fail(c, CRUET_ENOMEM, NULL, false);
	c->name = name;
	return CRUET_OK;
}

void cruet_note(cruet_ctx *c, int level, const char *fmt, ...)
{
	va_list ap;
	const struct logger *l = &c->host->log;

	if (level < l->level)
		return;
	va_start(ap, fmt);
	char *text = arena_vprintf(&c->arena, fmt, ap);
	va_end(ap);
	const struct owner *o = c->scope->owner;
	const char *who = o ? o->name : c->host->root->name;
	char number[ID_MAX];
	const char *id = c->name ? c->name : id_number(c, number);
	if (!c->head && c->endpoint) /* of a WebSocket */
		logger_say(l, level, who, "[%s] %s: %s", id, c->endpoint->name, text ? text : fmt);
	else if (!c->head)
		logger_say(l, level, who, "%s", text ? text : fmt);
	else
		logger_say(l, level, who, "[%s] %s %s: %s", id, c->head->method,
			   c->endpoint ? c->endpoint->name : cruet_path(c), text ? text : fmt);
}

void cruet_log_to(cruet_app *app, cruet_log_fn *fn, void *arg)
{
	if (app)
		logger_to(&app->host->log, fn, arg);
}
