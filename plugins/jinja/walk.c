#include "walk.h"

bool walk_list(struct node *first, walk_fn *fn, void *arg)
{
	for (struct node *n = first; n; n = n->next)
		if (!fn(arg, n))
			return false;
	return true;
}

static bool maybe(struct node *n, walk_fn *fn, void *arg)
{
	return !n || fn(arg, n);
}

bool walk_call(const struct call_node *c, walk_fn *fn, void *arg)
{
	if (!c)
		return true;
	if (!walk_list(c->args, fn, arg))
		return false;
	for (uint32_t i = 0; i < c->nnamed; i++)
		if (!fn(arg, c->named[i].value))
			return false;
	return maybe(c->star, fn, arg) && maybe(c->star_star, fn, arg);
}

static bool branches(const struct branch *b, walk_fn *fn, void *arg)
{
	for (; b; b = b->next)
		if (!maybe(b->test, fn, arg) || !walk_list(b->body, fn, arg))
			return false;
	return true;
}

static bool statement_kids(const struct node *n, walk_fn *fn, void *arg)
{
	const struct for_node *f = n->u.loop;
	const struct set_node *s = n->u.set;
	const struct macro_node *m = n->u.macro;
	const struct include_node *i = n->u.include;

	switch (n->op) {
	case S_IF:
		return branches(n->u.branch, fn, arg);
	case S_FOR:
		return fn(arg, f->target) && fn(arg, f->iter) && walk_list(f->body, fn, arg) &&
		       walk_list(f->other, fn, arg) && maybe(f->test, fn, arg);
	case S_FILTER:
		return walk_list(s->body, fn, arg) && fn(arg, s->value);
	case S_SET:
	case S_SET_BLOCK:
	case S_WITH:
	case S_SCOPE:
		return walk_list(s->target, fn, arg) && walk_list(s->value, fn, arg) &&
		       walk_list(s->body, fn, arg);
	case S_MACRO:
	case S_CALL:
		return maybe(m->call, fn, arg) && walk_list(m->args, fn, arg) &&
		       walk_list(m->defaults, fn, arg) && walk_list(m->body, fn, arg);
	case S_INCLUDE:
	case S_IMPORT:
	case S_FROM:
	case S_EXTENDS:
		if (!fn(arg, i->name) || !maybe(i->target, fn, arg))
			return false;
		for (uint32_t k = 0; k < i->n; k++)
			if (!fn(arg, i->names[k].target))
				return false;
		return true;
	case S_BLOCK:
		return walk_list(n->u.block->body, fn, arg);
	default:
		return true;
	}
}

bool walk_kids(const struct node *n, walk_fn *fn, void *arg)
{
	switch (n->op) {
	case E_CONST:
	case E_NAME:
	case E_NSREF:
	case S_DATA:
	case S_BREAK:
	case S_CONTINUE:
		return true;
	case E_LIST:
	case E_TUPLE:
	case E_DICT:
	case E_CONCAT:
		return walk_list(n->u.list.first, fn, arg);
	case E_ATTR:
		return fn(arg, n->u.attr.a);
	case E_CALL:
	case E_FILTER:
	case E_TEST:
		return maybe(n->u.call.a, fn, arg) && walk_call(n->u.call.args, fn, arg);
	case E_COMPARE:
		return fn(arg, n->u.kid.a) && walk_list(n->u.kid.b, fn, arg);
	default:
		if (n->op >= S_IF && n->op <= S_SCOPE)
			return statement_kids(n, fn, arg);
		return maybe(n->u.kid.a, fn, arg) && maybe(n->u.kid.b, fn, arg) &&
		       maybe(n->u.kid.c, fn, arg) && maybe(n->u.kid.d, fn, arg);
	}
}

struct search {
	const char *name;
	enum op op;
	bool shadowed, found;
};

static bool called(const struct node *n, const char *name)
{
	return n->u.var.name.len == strlen(name) &&
	       !memcmp(n->u.var.name.s, name, n->u.var.name.len);
}

static bool reads(void *arg, struct node *n)
{
	struct search *s = arg;

	if (n->op == S_BLOCK || s->shadowed)
		return true;
	if (n->op == E_NAME && called(n, s->name)) {
		s->found = !(n->flags & (N_STORE | N_PARAM));
		s->shadowed = !s->found;
		return !s->found;
	}
	return walk_kids(n, reads, arg);
}

bool walk_reads(struct node *first, const char *name)
{
	struct search s = {.name = name};

	walk_list(first, reads, &s);
	return s.found;
}

static bool sets(void *arg, struct node *n)
{
	struct search *s = arg;

	if (n->op == E_NAME && (n->flags & N_STORE) && !(n->flags & N_PARAM) &&
	    called(n, s->name)) {
		s->found = true;
		return false;
	}
	return walk_kids(n, sets, arg);
}

bool walk_sets(struct node *n, const char *name)
{
	struct search s = {.name = name};

	sets(&s, n);
	return s.found;
}

static bool scoped(void *arg, struct node *n)
{
	struct search *s = arg;

	s->found |= n->op == S_BLOCK && n->u.block->scoped;
	return !s->found && walk_kids(n, scoped, arg);
}

bool walk_scoped(struct node *first)
{
	struct search s = {.found = false};

	walk_list(first, scoped, &s);
	return s.found;
}

static bool has(void *arg, struct node *n)
{
	struct search *s = arg;

	s->found |= n->op == s->op;
	return !s->found && walk_kids(n, has, arg);
}

bool walk_has(struct node *first, enum op op)
{
	struct search s = {.op = op};

	walk_list(first, has, &s);
	return s.found;
}
