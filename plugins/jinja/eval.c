/* Expressions. */
#include "render.h"

val read_place(struct render *r, struct place at)
{
	const struct act *a = r->act;

	for (unsigned up = at.up; up; up--)
		a = a->up;
	return a->slots[at.slot];
}

static val name(struct render *r, const struct node *n)
{
	val v = read_place(r, n->u.var.at);

	return is_missing(v) ? undefined(r, n->u.var.name.s, n->u.var.name.len) : v;
}

static val sequence(struct render *r, const struct node *n, int kind)
{
	struct list *l = list_new(r, n->u.list.n);

	for (const struct node *kid = n->u.list.first; l && kid; kid = kid->next)
		if (!list_push(r, l, eval(r, kid)))
			break;
	return val_ptr(kind, l);
}

static val dictionary(struct render *r, const struct node *n)
{
	struct dict *d = dict_new(r);

	for (const struct node *k = n->u.list.first; d && k; k = k->next->next) {
		val key = eval(r, k);
		if (!dict_put(r, d, key, eval(r, k->next)))
			break;
	}
	return val_ptr(V_DICT, d);
}

static val concat(struct render *r, const struct node *n)
{
	val few[8];
	val *v = n->u.list.n <= 8 ? few : render_alloc(r, n->u.list.n * sizeof *v);
	size_t i = 0;

	if (!v)
		return val_none();
	for (const struct node *kid = n->u.list.first; kid; kid = kid->next)
		v[i++] = eval(r, kid);
	return op_concat(r, v, i, escapes(r, n->flags));
}

static val comparison(struct render *r, const struct node *n)
{
	val left = eval(r, n->u.kid.a);

	for (const struct node *o = n->u.kid.b; o; o = o->next) {
		val right = eval(r, o->u.kid.a);
		if (r->failed || !op_compare(r, o->aux, left, right))
			return val_bool(false);
		left = right;
	}
	return val_bool(true);
}

static val slice(struct render *r, const struct node *n)
{
	val of = eval(r, n->u.kid.a);
	val from = n->u.kid.b ? eval(r, n->u.kid.b) : val_none();
	val to = n->u.kid.c ? eval(r, n->u.kid.c) : val_none();
	val step = n->u.kid.d ? eval(r, n->u.kid.d) : val_none();

	/* Jinja2 works constants out beforehand, and takes what fails then for undefined */
	bool constant = n->u.kid.a->op == E_CONST || n->u.kid.a->op == E_NEG;
	if (constant && !is_text(of))
		return undefined(r, "slice", 5);
	return r->failed ? val_none() : get_slice(r, of, from, to, step);
}

static val condition(struct render *r, const struct node *n)
{
	if (val_truth(r, eval(r, n->u.kid.a)))
		return eval(r, n->u.kid.b);
	if (n->u.kid.c)
		return eval(r, n->u.kid.c);
	static const struct undef none = {
		.hint = "the inline if-expression evaluated to false and no else section was defined.",
		.harmless = true};
	return val_undef(&none);
}

static val binary(struct render *r, const struct node *n)
{
	val a = eval(r, n->u.kid.a), b = eval(r, n->u.kid.b);

	return r->failed ? val_none() : op_binary(r, n->op, a, b);
}

static val safe(struct render *r, const struct node *n)
{
	val v = val_str(r, eval(r, n->u.kid.a));

	if (escapes(r, n->flags))
		v.flags |= CRUET_VALUE_SAFE;
	return v;
}

static val item(struct render *r, const struct node *n)
{
	val of = eval(r, n->u.kid.a), key = eval(r, n->u.kid.b);

	return r->failed ? val_none() : get_item(r, of, key);
}

val eval(struct render *r, const struct node *n)
{
	val a;

	switch (n->op) {
	case E_CONST:
		return n->u.value;
	case E_NAME:
		return name(r, n);
	case E_LIST:
		return sequence(r, n, V_LIST);
	case E_TUPLE:
		return sequence(r, n, V_TUPLE);
	case E_DICT:
		return dictionary(r, n);
	case E_NEG:
		return op_negate(r, eval(r, n->u.kid.a));
	case E_POS:
		return op_plus(r, eval(r, n->u.kid.a));
	case E_NOT:
		return val_bool(!val_truth(r, eval(r, n->u.kid.a)));
	case E_AND:
		a = eval(r, n->u.kid.a);
		return val_truth(r, a) ? eval(r, n->u.kid.b) : a;
	case E_OR:
		a = eval(r, n->u.kid.a);
		return val_truth(r, a) ? a : eval(r, n->u.kid.b);
	case E_CONCAT:
		return concat(r, n);
	case E_COMPARE:
		return comparison(r, n);
	case E_COND:
		return condition(r, n);
	case E_ATTR:
		a = eval(r, n->u.attr.a);
		return get_attr(r, a, &n->u.attr.name);
	case E_ITEM:
		return item(r, n);
	case E_SLICE:
		return slice(r, n);
	case E_CALL:
		return eval_call(r, n, NULL);
	case E_FILTER:
		return eval_filter(r, n, eval(r, n->u.call.a));
	case E_TEST:
		return eval_test(r, n);
	case E_SAFE:
		return safe(r, n);
	default:
		return binary(r, n);
	}
}
