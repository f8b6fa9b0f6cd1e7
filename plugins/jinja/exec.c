/* Statements, but for loops, macros, and what reaches other templates. */
#include "steps.h"

bool escapes(const struct render *r, int flags)
{
	return flags & N_ASK ? r->context->escape : flags & N_ESCAPE;
}

/* --- variables ------------------------------------------------------------------------------ */

static val *slot(struct render *r, struct place at)
{
	struct act *a = r->act;

	for (unsigned up = at.up; up; up--)
		a = a->up;
	return &a->slots[at.slot];
}

void assign_place(struct render *r, struct place at, val v)
{
	*slot(r, at) = v;
}

static void load(struct render *r, const struct load_node *l)
{
	val *to = &r->act->slots[l->slot];

	if (l->load == LOAD_RESOLVE)
		*to = context_find(r, r->context, &l->name);
	else if (l->load == LOAD_ALIAS)
		*to = *slot(r, l->from);
	else
		*to = val_missing();
}

void frame_first(struct render *r, const struct frame_node *f)
{
	for (uint32_t i = 0; i < f->n; i++)
		if (f->loads[i].once)
			load(r, &f->loads[i]);
}

void frame_enter(struct render *r, const struct frame_node *f)
{
	for (uint32_t i = 0; i < f->n; i++)
		if (!f->loads[i].once)
			load(r, &f->loads[i]);
}

static void unpack(struct render *r, const struct node *target, val v)
{
	struct iter it;
	val one;
	const struct node *t = target->u.list.first;

	if (!iter_open(r, &it, v))
		return;
	for (; t && iter_next(r, &it, &one); t = t->next)
		assign(r, t, one);
	if (r->failed)
		return;
	if (t)
		fail(r, "ValueError", "not enough values to unpack (expected %u)",
		     target->u.list.n);
	else if (iter_next(r, &it, &one))
		fail(r, "ValueError", "too many values to unpack (expected %u)",
		     target->u.list.n);
}

void assign(struct render *r, const struct node *target, val v)
{
	if (r->failed)
		return;
	switch (target->op) {
	case E_NAME:
		*slot(r, target->u.var.at) = v;
		if (target->flags & N_EXPORT)
			context_set(r, r->context, &target->u.var.name, v,
				    target->u.var.name.s[0] != '_');
		break;
	case E_NSREF:
		namespace_set(r, read_place(r, target->u.var.at), &target->u.var.attr, v);
		break;
	default:
		unpack(r, target, v);
	}
}

/* --- printing ----------------------------------------------------------------------------------- */

void print_value(struct render *r, val v, int flags)
{
	bool escape = escapes(r, flags);

	if (v.kind == V_TEXT) {
		if (escape && !is_safe(v))
			out_escape(r->out, v.as.s, v.len);
		else
			out_put(r->out, v.as.s, v.len);
	} else if (v.kind == V_INT) {
		out_int(r->out, v.as.i);
	} else if (escape) {
		val_escape(r, r->out, v);
	} else {
		val_print(r, r->out, v);
	}
}

bool skipped(const struct render *r, const struct node *n)
{
	return (n->flags & N_CHECK) && r->act->root->extends;
}

/* --- statements --------------------------------------------------------------------------------- */

const struct node *if_body(struct render *r, const struct branch *b)
{
	for (; b; b = b->next)
		if (!b->test || val_truth(r, eval(r, b->test)))
			return r->failed ? NULL : b->body;
	return NULL;
}

/* A chain of filters, the innermost of which takes v. */
static val filtered(struct render *r, const struct node *f, val v)
{
	return eval_filter(r, f, f->u.call.a ? filtered(r, f->u.call.a, v) : v);
}

/* What the body prints, as a value; the filter, if any, has been applied. */
static enum flow capture(struct render *r, const struct node *n, val *out)
{
	const struct set_node *s = n->u.set;
	size_t from = r->out->len;

	frame_enter(r, &s->frame);
	enum flow flow = exec(r, s->body);
	*out = render_take(r, from, escapes(r, n->flags));
	if (s->value && flow == FLOW_ON)
		*out = filtered(r, s->value, *out);
	return r->failed ? FLOW_STOP : flow;
}

static enum flow exec_set_block(struct render *r, const struct node *n)
{
	val v;
	enum flow flow = capture(r, n, &v);

	if (flow != FLOW_ON)
		return flow;
	if (r->context->escape && !is_safe(v)) {
		v = val_str(r, v);
		v.flags |= CRUET_VALUE_SAFE;
	}
	assign(r, n->u.set->target, v);
	return FLOW_ON;
}

static enum flow exec_filter(struct render *r, const struct node *n)
{
	val v;
	enum flow flow = capture(r, n, &v);

	if (flow == FLOW_ON)
		val_print(r, r->out, v);
	return flow;
}

void with_enter(struct render *r, const struct set_node *s)
{
	const struct node *value = s->value;

	frame_enter(r, &s->frame);
	for (const struct node *t = s->target; t; t = t->next, value = value->next)
		assign(r, t, eval(r, value));
}

void scope_enter(struct render *r, const struct set_node *s)
{
	frame_enter(r, &s->frame);
	r->context->escape = val_truth(r, eval(r, s->value));
}

static enum flow exec_scope(struct render *r, const struct set_node *s)
{
	bool before = r->context->escape;

	scope_enter(r, s);
	enum flow flow = exec(r, s->body);
	r->context->escape = before;
	return flow;
}

static enum flow one(struct render *r, const struct node *n)
{
	switch (n->op) {
	case S_DATA:
		if (!skipped(r, n))
			out_put(r->out, n->u.value.as.s, n->u.value.len);
		return FLOW_ON;
	case S_PRINT:
		if (!skipped(r, n))
			print_value(r, eval(r, n->u.kid.a), n->flags);
		return FLOW_ON;
	case S_IF:
		return exec(r, if_body(r, n->u.branch));
	case S_FOR:
		return exec_for(r, n);
	case S_SET:
		assign(r, n->u.set->target, eval(r, n->u.set->value));
		return FLOW_ON;
	case S_SET_BLOCK:
		return exec_set_block(r, n);
	case S_FILTER:
		return exec_filter(r, n);
	case S_WITH:
		with_enter(r, n->u.set);
		return exec(r, n->u.set->body);
	case S_SCOPE:
		return exec_scope(r, n->u.set);
	case S_MACRO:
		assign(r, n->u.macro->target, make_macro(r, n));
		return FLOW_ON;
	case S_CALL:
		exec_call_block(r, n);
		return FLOW_ON;
	case S_BLOCK:
		if (!skipped(r, n))
			exec_block(r, n);
		return FLOW_ON;
	case S_INCLUDE:
		exec_include(r, n);
		return FLOW_ON;
	case S_IMPORT:
	case S_FROM:
		exec_import(r, n);
		return FLOW_ON;
	case S_EXTENDS:
		exec_extends(r, n);
		return FLOW_ON;
	case S_BREAK:
		return FLOW_BREAK;
	case S_CONTINUE:
		return FLOW_CONTINUE;
	default: /* S_DO */
		eval(r, n->u.kid.a);
		return FLOW_ON;
	}
}

bool output_failed(struct render *r)
{
	if (r->out->trouble == OUT_NOMEM)
		fail_memory(r);
	else
		fail_length(r);
	return true;
}

enum flow exec_until(struct render *r, const struct node *n, const struct node *end)
{
	for (; n != end; n = n->next) {
		r->line = n->line;
		enum flow flow = one(r, n);
		if (r->failed || output_fails(r))
			return FLOW_STOP;
		if (flow != FLOW_ON)
			return flow;
	}
	return FLOW_ON;
}
