/* Expressions, by precedence: if, or, and, not, comparison, + -, ~, * / // %, **, signs. What
 * binds closer is in parse_postfix.c and parse_primary.c. */
#include "parse_expr.h"

static struct node *one(struct parser *p, enum op op, uint32_t line, struct node *a)
{
	struct node *n = a ? parse_new(p, op, line) : NULL;

	if (!n || !parse_above(p, n, a))
		return NULL;
	n->u.kid.a = a;
	return n;
}

static struct node *two(struct parser *p, enum op op, uint32_t line, struct node *a,
			struct node *b)
{
	struct node *n = b ? one(p, op, line, a) : NULL;

	if (!n || !parse_above(p, n, b))
		return NULL;
	n->u.kid.b = b;
	return n;
}

static struct node *unary(struct parser *p, bool with_filter)
{
	uint32_t line = p->t->line;
	struct node *n;

	if (++p->depth > PARSE_DEPTH)
		return parse_fail(p, line, "more than %d signs or brackets inside each other",
				  PARSE_DEPTH);
	if (parse_skip(p, T_SUB))
		n = one(p, E_NEG, line, unary(p, false));
	else if (parse_skip(p, T_ADD))
		n = one(p, E_POS, line, unary(p, false));
	else
		n = parse_primary(p);
	p->depth--;
	n = parse_postfix(p, n);
	return with_filter ? parse_filters_and_tests(p, n) : n;
}

static struct node *power(struct parser *p)
{
	uint32_t line = p->t->line;
	struct node *n = unary(p, true);

	while (n && parse_skip(p, T_POW))
		n = two(p, E_POW, line, n, unary(p, true));
	return n;
}

static struct node *product(struct parser *p)
{
	uint32_t line = p->t->line;
	struct node *n = power(p);

	while (n) {
		enum op op = parse_is(p, T_MUL)	       ? E_MUL
			     : parse_is(p, T_DIV)      ? E_DIV
			     : parse_is(p, T_FLOORDIV) ? E_FLOORDIV
			     : parse_is(p, T_MOD)      ? E_MOD
						       : E_CONST;
		if (op == E_CONST)
			break;
		parse_next(p);
		n = two(p, op, line, n, power(p));
	}
	return n;
}

static struct node *concat(struct parser *p)
{
	uint32_t line = p->t->line;
	struct node *first = product(p), *last = NULL;

	if (!first || !parse_is(p, T_TILDE))
		return first;
	struct node *n = parse_new(p, E_CONCAT, line);
	if (!n || !parse_append(p, n, &last, first))
		return NULL;
	while (parse_skip(p, T_TILDE))
		if (!parse_append(p, n, &last, product(p)))
			return NULL;
	return n;
}

static struct node *sum(struct parser *p)
{
	uint32_t line = p->t->line;
	struct node *n = concat(p);

	while (n && (parse_is(p, T_ADD) || parse_is(p, T_SUB))) {
		enum op op = parse_next(p)->type == T_ADD ? E_ADD : E_SUB;
		n = two(p, op, line, n, concat(p));
	}
	return n;
}

static bool comparison_sign(struct parser *p, enum compare *out)
{
	static const enum compare by_token[] = {[T_EQ] = C_EQ, [T_NE] = C_NE, [T_GT] = C_GT,
						[T_GE] = C_GE, [T_LT] = C_LT, [T_LE] = C_LE};

	if (p->t->type >= T_EQ && p->t->type <= T_LE) {
		*out = by_token[parse_next(p)->type];
		return true;
	}
	if (parse_skip_name(p, "in")) {
		*out = C_IN;
		return true;
	}
	if (!parse_is_name(p, "not") || !parse_ahead_name(p, "in"))
		return false;
	parse_next(p);
	parse_next(p);
	*out = C_NOT_IN;
	return true;
}

/* a < b < c: the operands follow each other, each with the sign before it. */
static struct node *comparison(struct parser *p)
{
	uint32_t line = p->t->line;
	struct node *n = sum(p), *all = NULL, *last = NULL;
	enum compare sign;

	while (n && comparison_sign(p, &sign)) {
		struct node *operand = sum(p);
		if (!operand || (!all && !(all = one(p, E_COMPARE, line, n))) ||
		    !parse_above(p, all, operand))
			return NULL;
		struct node *o = one(p, E_COMPARE, operand->line, operand);
		if (!o)
			return NULL;
		o->aux = (uint8_t)sign;
		if (last)
			last->next = o;
		else
			all->u.kid.b = o;
		last = o;
	}
	return all ? all : n;
}

static struct node *negation(struct parser *p)
{
	uint32_t line = p->t->line;

	if (!parse_skip_name(p, "not"))
		return comparison(p);
	if (++p->depth > PARSE_DEPTH)
		return parse_fail(p, line, "more than %d times not", PARSE_DEPTH);
	struct node *n = one(p, E_NOT, line, negation(p));
	p->depth--;
	return n;
}

static struct node *conjunction(struct parser *p)
{
	uint32_t line = p->t->line;
	struct node *n = negation(p);

	while (n && parse_skip_name(p, "and"))
		n = two(p, E_AND, line, n, negation(p));
	return n;
}

struct node *parse_without_if(struct parser *p)
{
	uint32_t line = p->t->line;
	struct node *n = conjunction(p);

	while (n && parse_skip_name(p, "or"))
		n = two(p, E_OR, line, n, conjunction(p));
	return n;
}

struct node *parse_expression(struct parser *p)
{
	uint32_t line = p->t->line;

	if (++p->depth > PARSE_DEPTH)
		return parse_fail(p, line, "more than %d expressions inside each other",
				  PARSE_DEPTH);
	struct node *n = parse_without_if(p);
	while (n && parse_skip_name(p, "if")) {
		struct node *test = parse_without_if(p);
		struct node *other = test && parse_skip_name(p, "else") ? parse_expression(p) : NULL;
		if (!test || p->why->kind)
			return NULL;
		n = two(p, E_COND, line, test, n);
		if (n && other)
			n = parse_above(p, n, other);
		if (n)
			n->u.kid.c = other;
	}
	p->depth--;
	return n;
}
