/* Which names stand in a frame: Jinja2's FrameSymbolVisitor. What opens a frame of its own
 * is not gone into, but for what of it is evaluated in this one. */
#include "symbols.h"
#include "walk.h"

struct pass {
	struct parser *p;
	struct symbols *s;
};

static bool visit(void *arg, struct node *n);

static void visit_list(struct pass *a, struct node *first)
{
	walk_list(first, visit, a);
}

/* Each branch sees what was known before; afterwards all see what any of them knows. */
static void visit_branches(struct pass *a, struct branch *b)
{
	struct symbols branches[3];
	struct symbols *before = a->s;

	if (!b->test) /* else, alone */
		return;
	visit(a, b->test);
	for (size_t i = 0; i < 3; i++)
		if (!symbols_copy(a->p, before, &branches[i]))
			return;
	a->s = &branches[0];
	visit_list(a, b->body);
	a->s = &branches[1];
	for (struct branch *e = b->next; e && e->test; e = e->next) {
		struct branch alone = {e->test, e->body, NULL};
		visit_branches(a, &alone);
	}
	a->s = &branches[2];
	for (struct branch *e = b->next; e; e = e->next)
		if (!e->test)
			visit_list(a, e->body);
	a->s = before;
	symbols_branches(a->p, a->s, branches, 3);
}

static void visit_from(struct pass *a, struct include_node *i)
{
	visit(a, i->name);
	if (i->target)
		symbols_store(a->p, a->s, &i->target->u.var.name);
	for (uint32_t k = 0; k < i->n; k++)
		symbols_store(a->p, a->s, &i->names[k].target->u.var.name);
}

static bool visit(void *arg, struct node *n)
{
	struct pass *a = arg;

	switch (n->op) {
	case E_NAME:
		if (n->flags & N_PARAM)
			symbols_param(a->p, a->s, &n->u.var.name);
		else if (n->flags & N_STORE)
			symbols_store(a->p, a->s, &n->u.var.name);
		else
			symbols_load(a->p, a->s, &n->u.var.name);
		break;
	case E_NSREF:
		symbols_load(a->p, a->s, &n->u.var.name);
		break;
	case S_IF:
		visit_branches(a, n->u.branch);
		break;
	case S_MACRO:
		symbols_store(a->p, a->s, &n->u.macro->name);
		break;
	case S_IMPORT:
	case S_FROM:
		visit_from(a, n->u.include);
		break;
	case S_SET:
		visit(a, n->u.set->value);
		visit(a, n->u.set->target);
		break;
	case S_SET_BLOCK:
		visit(a, n->u.set->target);
		break;
	case S_FOR:
		visit(a, n->u.loop->iter);
		break;
	case S_CALL:
		visit(a, n->u.macro->call);
		break;
	case S_FILTER:
		visit(a, n->u.set->value);
		break;
	case S_WITH:
		visit_list(a, n->u.set->value);
		break;
	case S_SCOPE:
	case S_BLOCK:
		break;
	default:
		walk_kids(n, visit, a);
		break;
	}
	return !a->p->why->kind;
}

void analyze(struct parser *p, struct symbols *s, struct node *first)
{
	struct pass a = {p, s};

	visit_list(&a, first);
}

static bool as_param(void *arg, struct node *n)
{
	struct pass *a = arg;

	if (n->op == E_NAME)
		symbols_param(a->p, a->s, &n->u.var.name);
	return walk_kids(n, as_param, arg);
}

void analyze_target(struct parser *p, struct symbols *s, struct node *target)
{
	struct pass a = {p, s};

	as_param(&a, target);
}
