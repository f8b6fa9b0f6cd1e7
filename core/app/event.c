/* Events and log lines: what others are told. */
#include <string.h>

#include "app/ctx.h"
#include "cruet/request.h"

void cruet_tell(cruet_ctx *c, const char *event, const void *what)
{
	const struct generation *g = c->gen;

	for (size_t i = 0; i < g->nevents; i++) {
		const struct event_calls *ev = &g->events[i];
		if (strcmp(ev->event, event) != 0)
			continue;
		cruet_app *was = c->scope;
		for (size_t k = 0; k < ev->n; k++) {
			c->scope = ev->items[k]->head.scope;
			ev->items[k]->fn(c, what, ev->items[k]->arg);
		}
		c->scope = was;
		return;
	}
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
	if (!c->head && c->endpoint) /* of a WebSocket */
		logger_say(l, level, who, "[%llx] %s: %s", (unsigned long long)c->id,
			   c->endpoint->name, text ? text : fmt);
	else if (!c->head)
		logger_say(l, level, who, "%s", text ? text : fmt);
	else
		logger_say(l, level, who, "[%llx] %s %s: %s", (unsigned long long)c->id,
			   c->head->method, c->endpoint ? c->endpoint->name : cruet_path(c),
			   text ? text : fmt);
}

void cruet_log_to(cruet_app *app, cruet_log_fn *fn, void *arg)
{
	if (app)
		logger_to(&app->host->log, fn, arg);
}
