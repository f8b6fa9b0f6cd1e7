/* Methods of lists and mappings. Lists and mappings of JSON are the caller's: they are read
 * and never changed. */
#include "filter.h"

#define METHOD(name) static val m_##name(struct render *r, val *a, struct args *all)

/* --- mappings ------------------------------------------------------------------------------- */

METHOD(items)
{
	UNUSED;
	return val_ptr(V_LIST, pairs_of(r, a[0]));
}

METHOD(keys)
{
	UNUSED;
	return val_ptr(V_LIST, to_list(r, a[0]));
}

METHOD(values)
{
	struct list *l = pairs_of(r, a[0]);

	UNUSED;
	for (size_t i = 0; l && i < l->n; i++)
		l->v[i] = list_of(l->v[i])->v[1];
	return val_ptr(V_LIST, l);
}

static val find(struct render *r, val of, val key)
{
	if (of.kind == V_DICT)
		return dict_get(r, dict_of(of), key);
	const cruet_json *j = is_text(key) ? json_member(of.as.json, key.as.s, key.len) : NULL;
	return j ? val_of_json(j) : val_missing();
}

METHOD(get)
{
	val v = find(r, a[0], a[1]);

	UNUSED;
	return !is_missing(v) ? v : is_missing(a[2]) ? val_none() : a[2];
}

/* Only what the template made can be changed. */
static bool own(struct render *r, val of, const char *what)
{
	if (of.kind != V_JSON)
		return true;
	fail(r, "TypeError", "%s() cannot change what the application gave: copy it first, by "
			     "dict() or |list",
	     what);
	return false;
}

METHOD(pop_member)
{
	UNUSED;
	if (!own(r, a[0], "pop"))
		return val_none();
	val v = dict_take(r, dict_of(a[0]), a[1]);
	if (!is_missing(v))
		return v;
	if (is_missing(a[2]) && !r->failed)
		return fail(r, "KeyError", "pop(): there is no such key");
	return a[2];
}

METHOD(setdefault)
{
	val v = find(r, a[0], a[1]);

	UNUSED;
	if (!is_missing(v) || !own(r, a[0], "setdefault"))
		return v;
	v = is_missing(a[2]) ? val_none() : a[2];
	dict_put(r, dict_of(a[0]), a[1], v);
	return v;
}

METHOD(update)
{
	struct args rest = {all->v + 1, all->n - 1, all->named, all->nnamed};

	UNUSED;
	if (!own(r, all->v[0], "update"))
		return val_none();
	val more = dict_from(r, &rest);
	for (size_t i = 0; !r->failed && i < dict_of(more)->n; i++)
		dict_put(r, dict_of(all->v[0]), dict_of(more)->v[i].key,
			 dict_of(more)->v[i].value);
	return val_none();
}

METHOD(copy_members)
{
	struct args alone = {a, 1, NULL, 0};

	UNUSED;
	return dict_from(r, &alone);
}

METHOD(clear_members)
{
	UNUSED;
	if (own(r, a[0], "clear"))
		*dict_of(a[0]) = (struct dict){.v = NULL};
	return val_none();
}

const struct word methods_dict[] = {{"items", m_items, {"self"}, 1},
				    {"keys", m_keys, {"self"}, 1},
				    {"values", m_values, {"self"}, 1},
				    {"get", m_get, {"self", "key", "default"}, 2},
				    {"pop", m_pop_member, {"self", "key", "default"}, 2},
				    {"setdefault", m_setdefault, {"self", "key", "default"}, 2},
				    {.name = "update", .fn = m_update},
				    {"copy", m_copy_members, {"self"}, 1},
				    {"clear", m_clear_members, {"self"}, 1},
				    {.name = NULL}};

/* --- lists ------------------------------------------------------------------------------------ */

METHOD(append)
{
	UNUSED;
	if (a[1].kind == V_LIST && a[1].as.p == a[0].as.p)
		return fail(r, "ValueError", "a list cannot be put into itself");
	list_push(r, list_of(a[0]), a[1]);
	return val_none();
}

METHOD(extend)
{
	UNUSED;
	list_extend(r, list_of(a[0]), a[1]);
	return val_none();
}

METHOD(insert)
{
	struct list *l = list_of(a[0]);
	int64_t at = whole_arg(r, a[1], 0), n = (int64_t)l->n;

	UNUSED;
	at += at < 0 ? n : 0;
	at = at < 0 ? 0 : at > n ? n : at;
	if (!list_push(r, l, a[2]))
		return val_none();
	memmove(l->v + at + 1, l->v + at, (size_t)(n - at) * sizeof *l->v);
	l->v[at] = a[2];
	return val_none();
}

METHOD(pop)
{
	struct list *l = list_of(a[0]);
	int64_t at = whole_arg(r, a[1], -1);

	UNUSED;
	at += at < 0 ? (int64_t)l->n : 0;
	if (r->failed || at < 0 || at >= (int64_t)l->n)
		return fail(r, "IndexError", "pop index out of range");
	val v = l->v[at];
	memmove(l->v + at, l->v + at + 1, (l->n - (size_t)at - 1) * sizeof *l->v);
	l->n--;
	return v;
}

static int64_t index_of(struct render *r, val of, val what)
{
	struct iter it;
	int64_t i = 0;
	val v;

	if (!iter_open(r, &it, of))
		return -1;
	for (; iter_next(r, &it, &v) && round_more(r); i++)
		if (val_equal(r, v, what))
			return i;
	return -1;
}

METHOD(index)
{
	int64_t at = index_of(r, a[0], a[1]);

	UNUSED;
	return at < 0 ? fail(r, "ValueError", "it is not in the list") : val_int(at);
}

METHOD(remove)
{
	val index[2] = {a[0], val_int(index_of(r, a[0], a[1]))};

	UNUSED;
	if (index[1].as.i < 0)
		return fail(r, "ValueError", "list.remove(x): x not in list");
	m_pop(r, index, all);
	return val_none();
}

METHOD(count)
{
	struct iter it;
	int64_t n = 0;
	val v;

	UNUSED;
	if (iter_open(r, &it, a[0]))
		while (iter_next(r, &it, &v) && round_more(r))
			n += val_equal(r, v, a[1]);
	return val_int(n);
}

METHOD(reverse)
{
	struct list *l = list_of(a[0]);

	UNUSED;
	for (size_t i = 0; i < l->n / 2; i++) {
		val v = l->v[i];
		l->v[i] = l->v[l->n - 1 - i];
		l->v[l->n - 1 - i] = v;
	}
	return val_none();
}

METHOD(sort)
{
	struct list *l = list_of(a[0]);
	val *keys = render_alloc(r, (l->n + 1) * sizeof *keys);

	UNUSED;
	if (!keys)
		return val_none();
	if (l->n)
		memcpy(keys, l->v, l->n * sizeof *keys);
	sort_by(r, l, keys, flag_arg(r, a[1], false), false);
	return val_none();
}

METHOD(copy)
{
	UNUSED;
	return val_ptr(V_LIST, to_list(r, a[0]));
}

METHOD(clear)
{
	UNUSED;
	list_of(a[0])->n = 0;
	return val_none();
}

const struct word methods_list[] = {{"append", m_append, {"self", "x"}, 2},
				    {"extend", m_extend, {"self", "iterable"}, 2},
				    {"insert", m_insert, {"self", "i", "x"}, 3},
				    {"pop", m_pop, {"self", "i"}, 1},
				    {"remove", m_remove, {"self", "x"}, 2},
				    {"index", m_index, {"self", "x"}, 2},
				    {"count", m_count, {"self", "x"}, 2},
				    {"reverse", m_reverse, {"self"}, 1},
				    {"sort", m_sort, {"self", "reverse"}, 1},
				    {"copy", m_copy, {"self"}, 1},
				    {"clear", m_clear, {"self"}, 1},
				    {.name = NULL}};

const struct word methods_tuple[] = {{"index", m_index, {"self", "x"}, 2},
				     {"count", m_count, {"self", "x"}, 2},
				     {"copy", m_copy, {"self"}, 1},
				     {.name = NULL}};
