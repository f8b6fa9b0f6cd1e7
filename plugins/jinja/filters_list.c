/* Filters of lists and mappings. */
#include "filter.h"

FILTER(default)
{
	UNUSED;
	if (is_undef(a[0]) || (flag_arg(r, a[2], false) && !val_truth(r, a[0])))
		return is_missing(a[1]) ? val_text("", 0) : a[1];
	return a[0];
}

FILTER(length)
{
	int64_t n = val_len(r, a[0]);

	UNUSED;
	if (n < 0 && !r->failed)
		return fail(r, "TypeError", "object of type '%s' has no len()", val_type(a[0]));
	return val_int(n);
}

FILTER(list)
{
	UNUSED;
	return val_ptr(V_LIST, to_list(r, a[0]));
}

FILTER(first)
{
	struct iter it;
	val v;

	UNUSED;
	if (!iter_open(r, &it, a[0]))
		return val_none();
	return iter_next(r, &it, &v) ? v
				     : undefined_hint(r, "No first item, sequence was empty.");
}

FILTER(last)
{
	UNUSED;
	if (a[0].kind == V_ITER)
		return fail(r, "TypeError", "'generator' object is not reversible");
	if (is_text(a[0]) || is_sequence(a[0]) || a[0].kind == V_RANGE) {
		if (!val_truth(r, a[0]))
			return undefined_hint(r, "No last item, sequence was empty.");
		return get_item(r, a[0], val_int(-1));
	}
	struct list *l = to_list(r, a[0]);
	if (!l)
		return val_none();
	return l->n ? l->v[l->n - 1] : undefined_hint(r, "No last item, sequence was empty.");
}

FILTER(random)
{
	int64_t n = val_len(r, a[0]);

	UNUSED;
	if (n < 0 || is_mapping(a[0]))
		return fail(r, "TypeError", "'%s' object is not subscriptable", val_type(a[0]));
	if (!n)
		return undefined_hint(r, "No random item, sequence was empty.");
	return get_item(r, a[0], val_int(render_dice(r, n > INT32_MAX ? INT32_MAX : (uint32_t)n)));
}

static void put_part(struct render *r, val v, bool escape)
{
	if (escape)
		val_escape(r, r->out, v);
	else
		val_print(r, r->out, v);
}

/* With escaping, one safe part makes the whole safe. */
FILTER(join)
{
	struct getter g = {.attribute = a[2], .def = val_missing()};
	val sep = is_missing(a[1]) ? val_text("", 0) : a[1];
	struct list *l = to_list(r, a[0]);
	bool safe = r->context->escape && is_safe(sep);

	UNUSED;
	for (size_t i = 0; l && i < l->n; i++) {
		if (!is_missing(a[2]) && a[2].kind != V_NONE)
			l->v[i] = getter_get(r, &g, l->v[i]);
		safe |= r->context->escape && is_safe(l->v[i]);
	}
	size_t from = r->out->len;
	for (size_t i = 0; l && i < l->n && !r->failed && !r->out->trouble; i++) {
		if (i)
			put_part(r, sep, safe);
		put_part(r, l->v[i], safe);
	}
	return render_take(r, from, safe);
}

FILTER(batch)
{
	struct list *of = to_list(r, a[0]), *l = list_new(r, 0), *row = NULL;
	int64_t size = whole_arg(r, a[1], 0);

	UNUSED;
	for (size_t i = 0; of && l && i < of->n && !r->failed; i++) {
		if (!row || (int64_t)row->n == size) {
			row = list_new(r, 0);
			list_push(r, l, val_ptr(V_LIST, row));
		}
		if (row)
			list_push(r, row, of->v[i]);
	}
	bool fill = row && !is_missing(a[2]) && a[2].kind != V_NONE;
	while (fill && (int64_t)row->n < size && round_more(r))
		if (!list_push(r, row, a[2]))
			break;
	return val_iter(l);
}

FILTER(slice)
{
	struct list *of = to_list(r, a[0]), *l = list_new(r, 0);
	int64_t slices = whole_arg(r, a[1], 0);
	bool fill = !is_missing(a[2]) && a[2].kind != V_NONE;

	UNUSED;
	if (!slices && !r->failed)
		return fail(r, "ZeroDivisionError", "integer division or modulo by zero");
	if (!of || !l || slices < 0)
		return val_iter(l);
	int64_t each = (int64_t)of->n / slices, extra = (int64_t)of->n % slices;
	size_t at = 0;
	for (int64_t i = 0; i < slices && round_more(r); i++) {
		struct list *row = list_new(r, 0);
		for (int64_t k = 0; row && k < each + (i < extra); k++)
			list_push(r, row, of->v[at++]);
		if (row && fill && i >= extra)
			list_push(r, row, a[2]);
		list_push(r, l, val_ptr(V_LIST, row));
	}
	return val_iter(l);
}

FILTER(items)
{
	UNUSED;
	if (is_undef(a[0]))
		return val_iter(list_new(r, 0));
	if (!is_mapping(a[0]))
		return fail(r, "TypeError", "Can only get item pairs from a mapping.");
	return val_iter(pairs_of(r, a[0]));
}

static val *keys_of(struct render *r, const struct list *l, const struct getter *g)
{
	val *keys = render_alloc(r, (l->n + 1) * sizeof *keys);

	for (size_t i = 0; keys && i < l->n; i++)
		keys[i] = getter_get(r, g, l->v[i]);
	return keys;
}

FILTER(sort)
{
	struct getter g = {.attribute = a[3],
			   .def = val_missing(),
			   .fold = !flag_arg(r, a[2], false),
			   .several = true};
	bool reverse = flag_arg(r, a[1], false);
	struct list *l = to_list(r, a[0]);
	val *keys = l ? keys_of(r, l, &g) : NULL;

	UNUSED;
	if (keys && !r->failed)
		sort_by(r, l, keys, reverse, true);
	return val_ptr(V_LIST, l);
}

FILTER(dictsort)
{
	bool fold = !flag_arg(r, a[1], false), reverse = flag_arg(r, a[3], false);
	val by = is_missing(a[2]) ? val_text("key", 3) : a[2];
	bool key = val_equal(r, by, val_text("key", 3));

	UNUSED;
	if (!key && !val_equal(r, by, val_text("value", 5)))
		return fail(r, "FilterArgumentError",
			    "You can only sort by either \"key\" or \"value\"");
	if (is_undef(a[0]))
		return fail_undefined(r, a[0]);
	if (!is_mapping(a[0]))
		return fail(r, "AttributeError", "'%s' object has no attribute 'items'",
			    val_type(a[0]));
	struct getter g = {
		.attribute = val_int(key ? 0 : 1), .def = val_missing(), .fold = fold};
	struct list *l = pairs_of(r, a[0]);
	val *keys = l ? keys_of(r, l, &g) : NULL;
	if (keys && !r->failed)
		sort_by(r, l, keys, reverse, false);
	return val_ptr(V_LIST, l);
}

FILTER(unique)
{
	struct getter g = {
		.attribute = a[2], .def = val_missing(), .fold = !flag_arg(r, a[1], false)};
	struct list *of = to_list(r, a[0]), *l = list_new(r, 0);
	struct dict *seen = dict_new(r);

	UNUSED;
	for (size_t i = 0; of && l && seen && i < of->n && !r->failed; i++) {
		val key = getter_get(r, &g, of->v[i]);
		if (r->failed || !is_missing(dict_get(r, seen, key)))
			continue;
		dict_put(r, seen, key, val_none());
		list_push(r, l, of->v[i]);
	}
	return val_iter(l);
}

static val extreme(struct render *r, val *a, bool most)
{
	struct getter g = {
		.attribute = a[2], .def = val_missing(), .fold = !flag_arg(r, a[1], false)};
	struct iter it;
	val best, v;

	if (!iter_open(r, &it, a[0]))
		return val_none();
	if (!iter_next(r, &it, &best))
		return undefined_hint(r, "No aggregated item, sequence was empty.");
	val key = getter_get(r, &g, best);
	while (iter_next(r, &it, &v) && round_more(r)) {
		val other = getter_get(r, &g, v);
		if (most ? val_less(r, key, other, false, ">") : val_less(r, other, key, false, "<")) {
			best = v;
			key = other;
		}
	}
	return best;
}

FILTER(min)
{
	UNUSED;
	return extreme(r, a, false);
}

FILTER(max)
{
	UNUSED;
	return extreme(r, a, true);
}

FILTER(sum)
{
	struct getter g = {.attribute = a[1], .def = val_missing()};
	val total = is_missing(a[2]) ? val_int(0) : a[2], v;
	struct list *own = NULL; /* what the first of two lists became: it may grow */
	struct iter it;

	UNUSED;
	if (is_text(total))
		return fail(r, "TypeError", "sum() can't sum strings [use ''.join(seq) instead]");
	if (!iter_open(r, &it, a[0]))
		return val_none();
	while (iter_next(r, &it, &v) && round_more(r)) {
		v = getter_get(r, &g, v);
		if (own && v.kind == total.kind) {
			list_extend(r, own, v);
			continue;
		}
		total = op_binary(r, E_ADD, total, v);
		own = is_sequence(total) ? list_of(total) : NULL;
	}
	return total;
}

/* One group: a tuple that also has names. */
static struct list *group_of(struct render *r, struct list *groups, val key)
{
	struct list *items = list_new(r, 0);
	val group = pair_of(r, key, val_ptr(V_LIST, items));

	if (!items || r->failed)
		return NULL;
	list_of(group)->group = true;
	return list_push(r, groups, group) ? items : NULL;
}

FILTER(groupby)
{
	bool fold = !flag_arg(r, a[3], false);
	val def = is_missing(a[2]) || a[2].kind == V_NONE ? val_missing() : a[2];
	struct getter g = {.attribute = a[1], .def = def, .fold = fold};
	struct getter shown = {.attribute = a[1], .def = def};
	struct list *l = to_list(r, a[0]), *groups = list_new(r, 0), *group = NULL;
	val *keys = l ? keys_of(r, l, &g) : NULL;

	UNUSED;
	if (!keys || !groups || r->failed)
		return val_none();
	sort_by(r, l, keys, false, false);
	for (size_t i = 0; i < l->n && !r->failed; i++) {
		if (!group || !val_equal(r, keys[i], keys[i - 1]))
			group = group_of(r, groups, getter_get(r, &shown, l->v[i]));
		if (group)
			list_push(r, group, l->v[i]);
	}
	return val_ptr(V_LIST, groups);
}

FILTER(attr)
{
	val name = text_arg(r, a[1]);

	UNUSED;
	return r->failed ? val_none() : get_attribute(r, a[0], name.as.s, name.len);
}

const struct word filters_list[] = {
	{"default", f_default, {"value", "default_value", "boolean"}, 1},
	{"d", f_default, {"value", "default_value", "boolean"}, 1},
	{"length", f_length, {"obj"}, 1},
	{"count", f_length, {"obj"}, 1},
	{"list", f_list, {"value"}, 1},
	{"first", f_first, {"seq"}, 1},
	{"last", f_last, {"seq"}, 1},
	{"random", f_random, {"seq"}, 1},
	{"join", f_join, {"value", "d", "attribute"}, 1},
	{"batch", f_batch, {"value", "linecount", "fill_with"}, 2},
	{"slice", f_slice, {"value", "slices", "fill_with"}, 2},
	{"items", f_items, {"value"}, 1},
	{"sort", f_sort, {"value", "reverse", "case_sensitive", "attribute"}, 1},
	{"dictsort", f_dictsort, {"value", "case_sensitive", "by", "reverse"}, 1},
	{"unique", f_unique, {"value", "case_sensitive", "attribute"}, 1},
	{"min", f_min, {"value", "case_sensitive", "attribute"}, 1},
	{"max", f_max, {"value", "case_sensitive", "attribute"}, 1},
	{"sum", f_sum, {"iterable", "attribute", "start"}, 1},
	{"groupby", f_groupby, {"value", "attribute", "default", "case_sensitive"}, 2},
	{"attr", f_attr, {"obj", "name"}, 2},
	{.name = NULL}};
