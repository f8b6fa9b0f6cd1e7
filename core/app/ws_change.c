/* Connections when the generation changes. They stand on none between their messages and
 * so move by themselves. One whose rule is gone is closed, and that takes a while: its
 * client has to answer. Its close-function belongs to the old generation, which is
 * kept for it by a ctx that all of them share.
 *
 * The generation is published under the lock of the groups, so for each connection either
 * its end was there before, or it is found here. */
#include <stdlib.h>

#include "app/ws.h"
#include "app/ws_group.h"

enum { SERVICE_RESTART = 1012 }; /* IANA, WebSocket close codes */

struct ws_stand {
	unsigned refs; /* guarded by the lock of the groups */
	cruet_ctx *c;
};

const struct endpoint *ws_endpoint(const struct generation *g, const cruet_ws *w)
{
	const struct rule *r = router_rule_of(g->router, w->endpoint, 0);
	const struct endpoint *e = r ? r->target : NULL;

	return e && e->entry->ws ? e : NULL;
}

void ws_close_gone(cruet_ws *w)
{
	ws_close(w, SERVICE_RESTART, "this address is gone");
}

/* --- what they stand on --------------------------------------------------------------- */

/* On the current generation; with one reference. NULL: out of memory. */
static struct ws_stand *stand_new(struct host *h)
{
	struct ws_stand *s = malloc(sizeof *s);
	cruet_ctx *c = s ? ctx_open(h, 0) : NULL;

	if (!c) {
		free(s);
		return NULL;
	}
	*s = (struct ws_stand){.refs = 1, .c = c};
	return s;
}

void ws_stand_on(cruet_ctx *c, const struct ws_stand *s)
{
	ctx_stand_with(c, s->c);
}

/* The lock is held. True: it is the last one, and to be ended. */
static bool let_go(struct ws_stand *s)
{
	return s && !--s->refs;
}

static void end(struct ws_stand *s)
{
	ctx_close(s->c);
	free(s);
}

void ws_stand_leave(struct host *h, struct ws_stand *s)
{
	pthread_mutex_lock(&h->groups->lock);
	bool last = let_go(s);
	pthread_mutex_unlock(&h->groups->lock);
	if (last)
		end(s);
}

/* The lock is held. Without memory for a stand the function close does not run. */
static void leave_behind(cruet_ws *w, struct ws_stand *s)
{
	if (s && !w->stand) {
		s->refs++;
		w->stand = s;
	}
	ws_close_gone(w);
}

/* --- from the beginning to the end ---------------------------------------------------- */

void ws_began(cruet_ctx *c, cruet_ws *w)
{
	struct ws_groups *g = w->host->groups;

	pthread_mutex_lock(&g->lock);
	w->next = g->all;
	w->at = &g->all;
	if (w->next)
		w->next->at = &w->next;
	g->all = w;
	if (!ws_endpoint(atomic_load(&w->host->current), w)) { /* it changed meanwhile */
		struct ws_stand *s = stand_new(w->host);
		if (s)
			ctx_stand_with(s->c, c);
		leave_behind(w, s);
		let_go(s); /* w has it */
	}
	pthread_mutex_unlock(&g->lock);
}

struct ws_stand *ws_leave_all(cruet_ws *w)
{
	struct ws_groups *g = w->host->groups;

	pthread_mutex_lock(&g->lock);
	w->ended = true;
	if (w->at) {
		*w->at = w->next;
		if (w->next)
			w->next->at = w->at;
	}
	group_drop_all(g, &w->groups);
	struct ws_stand *s = w->stand;
	w->stand = NULL;
	pthread_mutex_unlock(&g->lock);
	return s;
}

void ws_change_generation(struct host *h)
{
	struct ws_stand *s = stand_new(h);

	pthread_mutex_lock(&h->groups->lock);
	generation_publish(h);
	for (cruet_ws *w = h->groups->all; w; w = w->next)
		if (!ws_endpoint(atomic_load(&h->current), w))
			leave_behind(w, s);
	bool last = let_go(s);
	pthread_mutex_unlock(&h->groups->lock);
	if (last)
		end(s);
}
