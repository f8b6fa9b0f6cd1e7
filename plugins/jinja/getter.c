/* Attributes by name, and sorting by them. */
#include "chars.h"
#include "filter.h"

static val folded(struct render *r, const struct getter *g, val v)
{
	return g->fold && is_text(v) ? text_lower(r, v) : v;
}

/* One part of a path: digits are an index. */
static val part(struct render *r, val item, const char *s, size_t n)
{
	int64_t index = 0;
	size_t i = 0;

	for (; i < n && s[i] >= '0' && s[i] <= '9' && i < 18; i++)
		index = index * 10 + (s[i] - '0');
	if (n && i == n)
		return get_item(r, item, val_int(index));
	return get_member(r, item, s, n);
}

static val follow(struct render *r, const struct getter *g, val item, const char *s, size_t n)
{
	const char *end = s + n;

	for (;;) {
		const char *dot = memchr(s, '.', (size_t)(end - s));
		item = part(r, item, s, (size_t)((dot ? dot : end) - s));
		if (!is_missing(g->def) && is_undef(item))
			item = g->def;
		if (!dot || r->failed)
			return item;
		s = dot + 1;
	}
}

static val several(struct render *r, const struct getter *g, val item)
{
	struct list *l = list_new(r, 1);
	const char *s = g->attribute.as.s, *end = s + g->attribute.len;

	while (l) {
		const char *comma = memchr(s, ',', (size_t)(end - s));
		val v = follow(r, g, item, s, (size_t)((comma ? comma : end) - s));
		if (!list_push(r, l, folded(r, g, v)) || !comma)
			break;
		s = comma + 1;
	}
	return val_ptr(V_LIST, l);
}

val getter_get(struct render *r, const struct getter *g, val item)
{
	val v = item;

	if (is_text(g->attribute)) {
		if (g->several && memchr(g->attribute.as.s, ',', g->attribute.len))
			return several(r, g, item);
		v = follow(r, g, item, g->attribute.as.s, g->attribute.len);
	} else if (!is_missing(g->attribute) && g->attribute.kind != V_NONE) {
		v = get_item(r, item, g->attribute);
		if (!is_missing(g->def) && is_undef(v))
			v = g->def;
	}
	return folded(r, g, v);
}

/* --- sorting -------------------------------------------------------------------------------- */

struct entry {
	val key, item;
};

static bool less(struct render *r, const struct entry *a, const struct entry *b, bool as_lists)
{
	if (!round_more(r) || (as_lists && val_equal(r, a->key, b->key)))
		return false;
	return val_less(r, a->key, b->key, false, "<");
}

static void merge(struct render *r, struct entry *v, struct entry *spare, size_t n, bool reverse,
		  bool as_lists)
{
	size_t half = n / 2, i = 0, k = half, to = 0;

	if (n < 2 || r->failed)
		return;
	merge(r, v, spare, half, reverse, as_lists);
	merge(r, v + half, spare, n - half, reverse, as_lists);
	memcpy(spare, v, half * sizeof *v);
	while (i < half && k < n) {
		bool later = reverse ? less(r, &spare[i], &v[k], as_lists)
				     : less(r, &v[k], &spare[i], as_lists);
		v[to++] = later ? v[k++] : spare[i++];
	}
	memcpy(v + to, spare + i, (half - i) * sizeof *v);
}

void sort_by(struct render *r, struct list *l, val *keys, bool reverse, bool as_lists)
{
	struct entry *v = render_alloc(r, (l->n * 2 + 1) * sizeof *v);

	if (!v)
		return;
	for (size_t i = 0; i < l->n; i++)
		v[i] = (struct entry){keys[i], l->v[i]};
	merge(r, v, v + l->n, l->n, reverse, as_lists);
	for (size_t i = 0; i < l->n; i++) {
		keys[i] = v[i].key;
		l->v[i] = v[i].item;
	}
}

val pair_of(struct render *r, val a, val b)
{
	struct list *l = list_new(r, 2);

	if (!l || !list_push(r, l, a) || !list_push(r, l, b))
		return val_none();
	return val_ptr(V_TUPLE, l);
}

struct list *pairs_of(struct render *r, val v)
{
	struct list *l = list_new(r, 0);
	struct iter it;
	val key, value;

	if (!l || !iter_open(r, &it, v))
		return NULL;
	while (iter_pair(r, &it, &key, &value))
		if (!round_more(r) || !list_push(r, l, pair_of(r, key, value)))
			return NULL;
	return l;
}
