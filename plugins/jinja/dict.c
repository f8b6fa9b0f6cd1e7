/* Lists and dictionaries of templates. Small dictionaries are searched; larger ones have an
 * index. */
#include "render.h"

enum { SMALL = 8 };

uint32_t name_hash(const char *s, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

struct list *list_new(struct render *r, size_t room)
{
	struct list *l = render_alloc(r, sizeof *l);

	if (!l)
		return NULL;
	*l = (struct list){.cap = room};
	if (room) {
		l->v = room < SIZE_MAX / sizeof *l->v ? render_alloc(r, room * sizeof *l->v) : NULL;
		if (!l->v) {
			fail_memory(r);
			return NULL;
		}
	}
	return l;
}

bool list_push(struct render *r, struct list *l, val v)
{
	if (r->failed)
		return false;
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 4;
		val *more = render_alloc(r, cap * sizeof *more);
		if (!more)
			return false;
		if (l->n)
			memcpy(more, l->v, l->n * sizeof *more);
		l->v = more;
		l->cap = cap;
	}
	l->v[l->n++] = v;
	return true;
}

/* --- hashing --------------------------------------------------------------------------------- */

bool val_hash(struct render *r, val v, uint64_t *hash)
{
	uint64_t h = 1469598103934665603u;
	const struct list *l;
	uint64_t one;

	switch (v.kind) {
	case V_TEXT:
		*hash = name_hash(v.as.s, v.len);
		return true;
	case V_REAL: /* equal to an integer: hashes as that */
		if (v.as.r >= -9e15 && v.as.r <= 9e15 && v.as.r == (double)(int64_t)v.as.r) {
			*hash = (uint64_t)(int64_t)v.as.r * 11400714819323198485u;
			return true;
		}
		*hash = (uint64_t)v.as.i;
		return true;
	case V_BOOL:
	case V_INT:
	case V_TIME:
		*hash = (uint64_t)v.as.i * 11400714819323198485u;
		return true;
	case V_TUPLE:
		l = list_of(v);
		if (!deeper(r))
			return false;
		for (size_t i = 0; i < l->n; i++) {
			if (!round_more(r) || !val_hash(r, l->v[i], &one))
				return false;
			h = (h ^ one) * 1099511628211u;
		}
		r->depth--;
		*hash = h;
		return true;
	case V_LIST:
	case V_DICT:
	case V_JSON:
		fail(r, "TypeError", "unhashable type: '%s'", val_type(v));
		return false;
	case V_NONE:
	case V_UNDEF:
	case V_MISSING:
		*hash = h + v.kind;
		return true;
	default:
		*hash = (uint64_t)(uintptr_t)v.as.p * 11400714819323198485u;
		return true;
	}
}

/* --- dictionaries ------------------------------------------------------------------------------ */

struct dict *dict_new(struct render *r)
{
	struct dict *d = render_alloc(r, sizeof *d);

	if (d)
		*d = (struct dict){.v = NULL};
	return d;
}

/* The place in the index where the key is, or would be. */
static uint32_t *indexed(struct render *r, const struct dict *d, val key, uint64_t hash)
{
	size_t mask = d->nindex - 1, i = (size_t)(hash ^ hash >> 32) & mask;

	while (d->index[i] && !val_equal(r, d->v[d->index[i] - 1].key, key) && !r->failed)
		i = (i + 1) & mask;
	return &d->index[i];
}

static bool build_index(struct render *r, struct dict *d)
{
	size_t room = 32;
	uint64_t hash;

	while (room < d->n * 4)
		room *= 2;
	d->index = mem_array(&r->mem, room, sizeof *d->index);
	d->nindex = room;
	if (!d->index) {
		fail_memory(r);
		return false;
	}
	for (size_t i = 0; i < d->n; i++) {
		if (!val_hash(r, d->v[i].key, &hash))
			return false;
		*indexed(r, d, d->v[i].key, hash) = (uint32_t)i + 1;
	}
	return true;
}

static struct pair *find(struct render *r, const struct dict *d, val key)
{
	uint64_t hash;

	if (!val_hash(r, key, &hash))
		return NULL;
	if (d->index) {
		uint32_t at = *indexed(r, d, key, hash);
		return at ? &d->v[at - 1] : NULL;
	}
	for (size_t i = 0; i < d->n; i++)
		if (val_equal(r, d->v[i].key, key))
			return &d->v[i];
	return NULL;
}

bool dict_put(struct render *r, struct dict *d, val key, val v)
{
	struct pair *found = find(r, d, key);
	uint64_t hash;

	if (r->failed)
		return false;
	if (found) {
		found->value = v;
		return true;
	}
	if (d->n == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 4;
		struct pair *more = render_alloc(r, cap * sizeof *more);
		if (!more)
			return false;
		if (d->n)
			memcpy(more, d->v, d->n * sizeof *more);
		d->v = more;
		d->cap = cap;
	}
	d->v[d->n++] = (struct pair){key, v};
	if (d->n <= SMALL)
		return true;
	if (!d->index || d->n * 2 > d->nindex)
		return build_index(r, d);
	if (!val_hash(r, key, &hash))
		return false;
	*indexed(r, d, key, hash) = (uint32_t)d->n;
	return true;
}

bool dict_put_name(struct render *r, struct dict *d, const char *name, val v)
{
	return dict_put(r, d, val_text(name, strlen(name)), v);
}

val dict_get(struct render *r, const struct dict *d, val key)
{
	const struct pair *found = find(r, d, key);

	return found ? found->value : val_missing();
}

val dict_get_name(const struct dict *d, const char *name, size_t len)
{
	for (size_t i = 0; i < d->n; i++)
		if (is_text(d->v[i].key) && d->v[i].key.len == len &&
		    !memcmp(d->v[i].key.as.s, name, len))
			return d->v[i].value;
	return val_missing();
}

val dict_take(struct render *r, struct dict *d, val key)
{
	struct pair *found = find(r, d, key);

	if (!found)
		return val_missing();
	val v = found->value;
	size_t at = (size_t)(found - d->v);
	memmove(found, found + 1, (d->n - at - 1) * sizeof *found);
	d->n--;
	d->index = NULL;
	if (d->n > SMALL)
		build_index(r, d);
	return v;
}

/* What dict(...) makes of its arguments. */
val dict_from(struct render *r, struct args *a)
{
	struct dict *d = dict_new(r);
	struct iter it;
	val one, value;

	if (!d)
		return val_none();
	if (a->n > 1)
		return fail(r, "TypeError", "dict expected at most 1 argument, got %zu", a->n);
	bool any = a->n && iter_open(r, &it, a->v[0]);
	if (any && is_mapping(a->v[0]))
		while (iter_pair(r, &it, &one, &value) && round_more(r))
			dict_put(r, d, one, value);
	else if (any)
		while (iter_next(r, &it, &one) && round_more(r)) {
			struct list *pair = to_list(r, one);
			if (pair && pair->n == 2)
				dict_put(r, d, pair->v[0], pair->v[1]);
			else
				fail(r, "ValueError", "dict() wants pairs");
		}
	for (size_t i = 0; i < a->nnamed; i++)
		dict_put(r, d, val_text(a->named[i].name, a->named[i].len), a->named[i].v);
	return val_ptr(V_DICT, d);
}
