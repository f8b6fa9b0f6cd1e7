/* Depth first in the written order: an item goes in behind all that it needs. So
 * the order is stable, and a circle shows itself as an item that is met while it
 * is still open. */
#include "plugin/order.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cruet/error.h"

enum mark { NEW = 0, OPEN, DONE };

struct sorter {
	struct order_item *items, *out;
	size_t n, nout;
	enum mark *marks;
	size_t *path;            /* items that are open, and */
	const char **path_needs; /* the service for which each opened the next */
	size_t depth;
	const struct order_outside *outside;
	struct arena *a;
	const char **why;
};

int order_need_is(const char *need, const char *service)
{
	size_t n = strlen(need);
	if (n && need[n - 1] == '?')
		n--;
	return strlen(service) == n && !memcmp(need, service, n);
}

static bool provides(const struct order_item *it, const char *need)
{
	for (size_t i = 0; it->provides && it->provides[i]; i++)
		if (order_need_is(need, it->provides[i]))
			return true;
	return false;
}

/* *s->why is the mistake; NULL: out of memory. */
static int mistake(struct sorter *s, int err)
{
	if (!*s->why || !s->outside->told)
		return err;
	s->outside->told(s->outside->told_arg, *s->why);
	*s->why = NULL;
	return CRUET_OK;
}

static int circle(struct sorter *s, size_t back_to, const char *need)
{
	struct buf b;
	size_t at = 0;

	while (s->path[at] != back_to)
		at++;
	buf_init(&b, s->a, 0);
	buf_printf(&b, "plugins need each other: %s", s->items[back_to].name);
	for (size_t i = at; i < s->depth; i++)
		s->items[s->path[i]].bad = true;
	for (; at + 1 < s->depth; at++)
		buf_printf(&b, " -> %s (%s)", s->items[s->path[at + 1]].name, s->path_needs[at]);
	buf_printf(&b, " -> %s (%s)", s->items[back_to].name, need);
	*s->why = buf_err(&b) ? NULL : b.p;
	return mistake(s, CRUET_ECYCLE);
}

static int visit(struct sorter *s, size_t i);

static int visit_need(struct sorter *s, size_t i, const char *need)
{
	bool met = false;

	s->path_needs[s->depth - 1] = need;
	for (size_t k = 0; k < s->n; k++) {
		if (!provides(&s->items[k], need) || k == i)
			continue;
		met = true;
		int err = s->marks[k] == OPEN ? circle(s, k, need) : visit(s, k);
		if (err)
			return err;
	}
	size_t n = strlen(need);
	if (met || (n && need[n - 1] == '?') || s->outside->provides(s->outside->arg, need))
		return CRUET_OK;
	const char *hint = s->outside->hint(s->outside->arg, need);
	if (hint)
		*s->why = arena_printf(s->a, "plugin '%s' needs service \"%s\", which no attached "
					     "plugin provides%s",
				       s->items[i].name, need, hint);
	s->items[i].bad = true;
	return mistake(s, CRUET_ENOENT);
}

static int visit(struct sorter *s, size_t i)
{
	const struct order_item *it = &s->items[i];

	if (s->marks[i] == DONE)
		return CRUET_OK;
	s->marks[i] = OPEN;
	s->path[s->depth++] = i;
	for (size_t k = 0; it->needs && it->needs[k]; k++) {
		int err = visit_need(s, i, it->needs[k]);
		if (err)
			return err;
	}
	for (size_t k = 0; it->after && it->after[k]; k++) {
		for (size_t j = 0; j < s->n; j++) {
			if (strcmp(s->items[j].plugin, it->after[k]) != 0 || s->marks[j] != NEW)
				continue; /* a wish that would make a circle is dropped */
			s->path_needs[s->depth - 1] = "after";
			int err = visit(s, j);
			if (err)
				return err;
		}
	}
	s->depth--;
	s->marks[i] = DONE;
	s->out[s->nout++] = *it;
	return CRUET_OK;
}

int order_sort(struct order_item *items, size_t n, const struct order_outside *outside,
	       struct arena *a, const char **why)
{
	struct sorter s = {
		.items = items,
		.n = n,
		.out = arena_array(a, n + 1, sizeof *items),
		.marks = arena_array(a, n + 1, sizeof *s.marks),
		.path = arena_array(a, n + 1, sizeof *s.path),
		.path_needs = arena_array(a, n + 1, sizeof *s.path_needs),
		.outside = outside,
		.a = a,
		.why = why,
	};
	*why = NULL;
	if (!s.out || !s.marks || !s.path || !s.path_needs)
		return CRUET_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		int err = visit(&s, i);
		if (err)
			return err;
	}
	if (n)
		memcpy(items, s.out, n * sizeof *items);
	return CRUET_OK;
}
