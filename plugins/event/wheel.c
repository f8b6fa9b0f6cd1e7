#include "wheel.h"

#include <stddef.h>

static int64_t tick_of(int64_t ms)
{
	return ms / WHEEL_TICK_MS;
}

void wheel_init(struct wheel *w, int64_t now_ms)
{
	*w = (struct wheel){.turned = tick_of(now_ms), .first = INT64_MAX};
}

void wheel_del(struct wheel *w, struct wheel_entry *e)
{
	if (!e->link)
		return;
	*e->link = e->next;
	if (e->next)
		e->next->link = e->link;
	e->link = NULL;
	w->entries--;
}

void wheel_set(struct wheel *w, struct wheel_entry *e, int64_t at_ms)
{
	int64_t tick = tick_of(at_ms) + 1; /* not before its time */

	wheel_del(w, e);
	if (tick <= w->turned)
		tick = w->turned + 1;
	if (tick > w->turned + WHEEL_SLOTS - 1)
		tick = w->turned + WHEEL_SLOTS - 1;
	if (tick < w->first)
		w->first = tick;
	struct wheel_entry **slot = &w->slots[(uint64_t)tick % WHEEL_SLOTS];
	e->at = at_ms;
	e->next = *slot;
	e->link = slot;
	if (*slot)
		(*slot)->link = &e->next;
	*slot = e;
	w->entries++;
}

struct wheel_entry *wheel_due(struct wheel *w, int64_t now_ms)
{
	int64_t now = tick_of(now_ms);

	if (!w->entries) {
		w->turned = now;
		return NULL;
	}
	while (w->turned < now) {
		struct wheel_entry *e = w->slots[(uint64_t)(w->turned + 1) % WHEEL_SLOTS];
		if (!e) {
			w->turned++;
			continue;
		}
		wheel_del(w, e);
		if (e->at <= now_ms)
			return e;
		int64_t was = w->turned++; /* it is farther away than one turn: not here again */
		wheel_set(w, e, e->at);
		w->turned = was;
	}
	return NULL;
}

int wheel_wait(struct wheel *w, int64_t now_ms)
{
	if (!w->entries)
		return -1;
	if (w->first <= w->turned)
		w->first = w->turned + 1;
	while (!w->slots[(uint64_t)w->first % WHEEL_SLOTS])
		w->first++;
	int64_t ms = w->first * WHEEL_TICK_MS - now_ms;
	return ms > 0 ? (int)ms : 0;
}
