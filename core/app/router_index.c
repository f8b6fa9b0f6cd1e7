/* Where many parts with variables begin at one place, as in "/item1-<id>",
 * "/item2-<id>" and so on, those that cannot fit are left out by their text: a part
 * is filed under the text that it begins with, or else ends with. One that has
 * neither, such as <id>, may always fit. Of each kind the lists hold the numbers of
 * the edges in ascending order, which is the order of trying. */
#include "app/router_priv.h"

#include <string.h>


enum { EDGES_FEW = 8 };

struct list { /* of the edges with one text */
	const char *text;
	uint32_t len, hash;
	uint32_t *edges;
	uint32_t n;
};

struct side { /* all texts at one end of a part */
	struct list *lists; /* hashed */
	uint32_t mask;
	uint32_t *lens; /* of the texts, each once, ascending */
	uint32_t nlens;
	bool tail; /* texts are hashed from that end on: a longer one continues */
};

struct edge_index {
	struct side head, tail;
	uint32_t *always;
	uint32_t nalways;
};

/* A part that takes the rest of the path ends where the path ends. */
static const struct item *text_of(const struct part *p, bool *tail)
{
	const struct item *last = &p->items[p->nitems - 1];

	*tail = !p->items[0].text;
	if (!*tail)
		return &p->items[0];
	return last->text && !p->final ? last : NULL;
}

/* Continues a hash (FNV-1a) over the bytes at one end of a text, from the done-th on. */
static uint32_t hash_on(uint32_t h, const char *text, size_t len, bool tail, size_t done,
			size_t n)
{
	for (; done < n; done++)
		h = (h ^ (unsigned char)text[tail ? len - 1 - done : done]) * 16777619u;
	return h;
}

static struct list *find(const struct side *s, const char *text, size_t len, uint32_t hash)
{
	uint32_t i = hash & s->mask;

	while (s->lists[i].text && (s->lists[i].hash != hash || s->lists[i].len != len ||
				    memcmp(s->lists[i].text, text, len) != 0))
		i = (i + 1) & s->mask;
	return &s->lists[i];
}

static bool add_number(struct arena *a, uint32_t **list, uint32_t *n, uint32_t v)
{
	uint32_t *more = arena_more(a, *list, *n, sizeof **list);

	if (!more)
		return false;
	*list = more;
	more[(*n)++] = v;
	return true;
}

static bool add_len(struct arena *a, struct side *s, uint32_t len)
{
	uint32_t i = s->nlens;

	while (i && s->lens[i - 1] > len)
		i--;
	if (i && s->lens[i - 1] == len)
		return true;
	if (!add_number(a, &s->lens, &s->nlens, len))
		return false;
	memmove(s->lens + i + 1, s->lens + i, (s->nlens - 1 - i) * sizeof *s->lens);
	s->lens[i] = len;
	return true;
}

static bool add_text(struct arena *a, struct side *s, const struct item *text, uint32_t edge)
{
	uint32_t hash = hash_on(0, text->text, text->len, s->tail, 0, text->len);
	struct list *l = find(s, text->text, text->len, hash);

	if (!l->text && !add_len(a, s, (uint32_t)text->len))
		return false;
	l->text = text->text;
	l->len = (uint32_t)text->len;
	l->hash = hash;
	return add_number(a, &l->edges, &l->n, edge);
}

static bool side_init(struct side *s, struct arena *a, size_t n, bool tail)
{
	s->tail = tail;
	for (s->mask = 15; s->mask < n * 2;)
		s->mask = s->mask * 2 + 1;
	s->lists = arena_array(a, (size_t)s->mask + 1, sizeof *s->lists);
	return s->lists;
}

bool index_make(struct arena *a, struct state *s)
{
	bool tail;

	if (s->nedges <= EDGES_FEW)
		return true;
	struct edge_index *x = arena_zalloc(a, sizeof *x);
	if (!x || !side_init(&x->head, a, s->nedges, false) ||
	    !side_init(&x->tail, a, s->nedges, true))
		return false;
	for (uint32_t i = 0; i < s->nedges; i++) {
		const struct item *text = text_of(s->edges[i].part, &tail);
		bool ok = text ? add_text(a, tail ? &x->tail : &x->head, text, i)
			       : add_number(a, &x->always, &x->nalways, i);
		if (!ok)
			return false;
	}
	s->index = x;
	return true;
}

/* --- looking up --- */

static void add_list(struct candidates *c, const uint32_t *edges, size_t n)
{
	if (!n)
		return;
	if (c->nlists < CANDIDATE_LISTS) {
		c->lists[c->nlists].at = edges;
		c->lists[c->nlists].end = edges + n;
	}
	c->nlists++;
}

static void add_side(struct candidates *c, const struct side *s, const char *text, size_t len)
{
	uint32_t hash = 0;
	size_t done = 0;

	for (uint32_t i = 0; i < s->nlens && s->lens[i] <= len; i++) {
		size_t n = s->lens[i];
		hash = hash_on(hash, text, len, s->tail, done, n);
		done = n;
		const struct list *l = find(s, s->tail ? text + len - n : text, n, hash);
		add_list(c, l->edges, l->n);
	}
}

void candidates_start(struct candidates *c, const struct state *s, const char *text, size_t len)
{
	const struct edge_index *x = s->index;

	c->state = s;
	c->next = 0;
	c->nlists = 0;
	c->all = !x;
	if (!x)
		return;
	add_list(c, x->always, x->nalways);
	add_side(c, &x->head, text, len);
	add_side(c, &x->tail, text, len);
	c->all = c->nlists > CANDIDATE_LISTS;
}

const struct edge *candidates_next(struct candidates *c)
{
	unsigned first = c->nlists;

	if (c->all)
		return c->next < c->state->nedges ? &c->state->edges[c->next++] : NULL;
	for (unsigned i = 0; i < c->nlists; i++)
		if (c->lists[i].at < c->lists[i].end &&
		    (first == c->nlists || *c->lists[i].at < *c->lists[first].at))
			first = i;
	return first < c->nlists ? &c->state->edges[*c->lists[first].at++] : NULL;
}
