/* map, select, reject, selectattr, rejectattr: filters that take others. */
#include "filter.h"

/* A filter or test by name with the arguments behind it, ready to be called for each item. */
struct chosen {
	const struct word *word;
	struct args args; /* args.v[0] is the item's place */
};

/* skip: how many arguments belong to the filter itself. */
static bool choose(struct render *r, int what, struct args *all, size_t skip, struct chosen *out)
{
	val name = all->v[skip];
	const char *kind = what == CRUET_TEMPLATE_FILTER ? "filter" : "test";

	if (!is_text(name)) {
		if (is_undef(name))
			fail(r, "TemplateRuntimeError",
			     "No %s named Undefined. (did you forget to quote the callable name?)",
			     kind);
		else
			fail(r, "TemplateRuntimeError", "the name of a %s is a text, not %s", kind,
			     val_type(name));
		return false;
	}
	out->word = words_find(r->e, what, name.as.s, name.len);
	if (!out->word) {
		fail(r, "TemplateRuntimeError", "No %s named '%.*s'.", kind, (int)name.len,
		     name.as.s);
		return false;
	}
	out->args = (struct args){all->v + skip, all->n - skip, all->named, all->nnamed};
	return true;
}

/* The item stands where the word's name is, which one that takes others reads for each. */
static val apply(struct render *r, const struct chosen *c, val item)
{
	struct args a = c->args;
	val name = a.v[0];

	if (!deeper(r))
		return val_none();
	a.v[0] = item;
	val v = words_call(r, c->word, &a);
	a.v[0] = name;
	r->depth--;
	return v;
}

FILTER(map)
{
	struct getter g = {.attribute = val_missing(), .def = val_missing()};
	struct chosen c = {.word = NULL};
	struct list *l = list_new(r, 0);
	struct iter it;
	val v;

	UNUSED;
	if (!l || !all->n || !val_truth(r, all->v[0]))
		return r->failed ? val_none() : val_iter(l);
	val of = all->v[0];
	if (all->n == 1) {
		g.attribute = args_take(all, "attribute", 9);
		g.def = args_take(all, "default", 7);
		if (g.def.kind == V_NONE)
			g.def = val_missing();
		if (is_missing(g.attribute))
			return fail(r, "FilterArgumentError", "map requires a filter argument");
		if (all->nnamed)
			return fail(r, "FilterArgumentError", "Unexpected keyword argument '%.*s'",
				    (int)all->named[0].len, all->named[0].name);
	} else if (!choose(r, CRUET_TEMPLATE_FILTER, all, 1, &c)) {
		return val_none();
	}
	if (!iter_open(r, &it, of))
		return val_none();
	while (iter_next(r, &it, &v) && round_more(r))
		if (!list_push(r, l, c.word ? apply(r, &c, v) : getter_get(r, &g, v)))
			break;
	return val_iter(l);
}

static val pick(struct render *r, struct args *all, bool keep, bool by_attribute)
{
	struct getter g = {.attribute = val_missing(), .def = val_missing()};
	struct chosen c = {.word = NULL};
	struct list *l = list_new(r, 0);
	size_t skip = by_attribute ? 2 : 1;
	struct iter it;
	val v;

	if (!l || !all->n || !val_truth(r, all->v[0]))
		return r->failed ? val_none() : val_iter(l);
	val of = all->v[0];
	if (by_attribute) {
		if (all->n < 2)
			return fail(r, "FilterArgumentError",
				    "Missing parameter for attribute name");
		g.attribute = all->v[1];
	}
	if (all->n > skip && !choose(r, CRUET_TEMPLATE_TEST, all, skip, &c))
		return val_none();
	if (!iter_open(r, &it, of))
		return val_none();
	while (iter_next(r, &it, &v) && round_more(r)) {
		val looked = getter_get(r, &g, v);
		if (c.word)
			looked = apply(r, &c, looked);
		if (val_truth(r, looked) == keep && !list_push(r, l, v))
			break;
	}
	return val_iter(l);
}

FILTER(select)
{
	UNUSED;
	return pick(r, all, true, false);
}

FILTER(reject)
{
	UNUSED;
	return pick(r, all, false, false);
}

FILTER(selectattr)
{
	UNUSED;
	return pick(r, all, true, true);
}

FILTER(rejectattr)
{
	UNUSED;
	return pick(r, all, false, true);
}

const struct word filters_pick[] = {{.name = "map", .fn = f_map},
				    {.name = "select", .fn = f_select},
				    {.name = "reject", .fn = f_reject},
				    {.name = "selectattr", .fn = f_selectattr},
				    {.name = "rejectattr", .fn = f_rejectattr},
				    {.name = NULL}};
