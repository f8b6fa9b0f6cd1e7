/* . [] () and filters and tests. */
#include "parse_expr.h"

static bool misplaced(struct parser *p, uint32_t line)
{
	parse_fail(p, line, "invalid syntax for function call expression");
	return false;
}

static bool argument(struct parser *p, struct node *n, struct call_node *c, struct node ***last,
		     uint32_t line)
{
	struct node **slot = NULL;

	if (parse_is(p, T_MUL)) {
		if (c->star || c->star_star)
			return misplaced(p, line);
		slot = &c->star;
		parse_next(p);
	} else if (parse_is(p, T_POW)) {
		if (c->star_star)
			return misplaced(p, line);
		slot = &c->star_star;
		parse_next(p);
	} else if (parse_is(p, T_NAME) && parse_ahead(p, T_ASSIGN)) {
		if (c->star_star)
			return misplaced(p, line);
		struct named_node *more = mem_more(p->m, c->named, c->nnamed, sizeof *more);
		if (!more)
			return parse_no_memory(p);
		c->named = more;
		more[c->nnamed] = (struct named_node){parse_name(parse_next(p)), NULL};
		slot = &more[c->nnamed++].value;
		parse_next(p);
	} else {
		if (c->star || c->star_star || c->nnamed)
			return misplaced(p, line);
		slot = *last;
		c->n++;
	}
	*slot = parse_expression(p);
	if (!*slot || !parse_above(p, n, *slot))
		return false;
	if (slot == *last)
		*last = &(*slot)->next;
	if (c->n + c->nnamed > PARSE_ARGS) {
		parse_fail(p, line, "more than %d arguments", PARSE_ARGS);
		return false;
	}
	return true;
}

static struct call_node *arguments(struct parser *p, struct node *n)
{
	struct call_node *c = mem_array(p->m, 1, sizeof *c);
	uint32_t line = p->t->line;

	if (!c)
		return parse_no_memory(p);
	struct node **last = &c->args;
	if (!parse_expect(p, T_LPAREN))
		return NULL;
	for (bool more = false; !parse_is(p, T_RPAREN); more = true) {
		if (more && !parse_expect(p, T_COMMA))
			return NULL;
		if (parse_is(p, T_RPAREN))
			break;
		if (!argument(p, n, c, &last, line))
			return NULL;
	}
	return parse_expect(p, T_RPAREN) ? c : NULL;
}

static struct node *call(struct parser *p, struct node *of)
{
	struct node *n = parse_new(p, E_CALL, p->t->line);

	if (!n || !parse_above(p, n, of))
		return NULL;
	n->u.call.a = of;
	n->u.call.args = arguments(p, n);
	return n->u.call.args ? n : NULL;
}

/* One bound of a slice; true with NULL where it is left out. */
static bool bound(struct parser *p, struct node *n, struct node **out)
{
	if (parse_is(p, T_COLON) || parse_is(p, T_RBRACKET) || parse_is(p, T_COMMA))
		return true;
	*out = parse_expression(p);
	return *out && parse_above(p, n, *out);
}

static struct node *slice(struct parser *p, struct node *of, struct node *from, uint32_t line)
{
	struct node *n = parse_new(p, E_SLICE, line);

	if (!n || !parse_above(p, n, of) || (from && !parse_above(p, n, from)))
		return NULL;
	n->u.kid.a = of;
	n->u.kid.b = from;
	parse_next(p); /* ':' */
	if (!bound(p, n, &n->u.kid.c))
		return NULL;
	if (parse_skip(p, T_COLON) && !bound(p, n, &n->u.kid.d))
		return NULL;
	return n;
}

static struct node *item(struct parser *p, struct node *of, struct node *key, uint32_t line)
{
	struct node *n = parse_new(p, E_ITEM, line);

	if (!n || !parse_above(p, n, of) || !parse_above(p, n, key))
		return NULL;
	n->u.kid.a = of;
	n->u.kid.b = key;
	return n;
}

static struct node *member(struct parser *p, struct node *of)
{
	uint32_t line = parse_next(p)->line;
	const struct token *t = parse_next(p);

	if (t->type == T_INT) {
		struct node *key = parse_constant(p, t->line, val_int(t->as.i));
		return key ? item(p, of, key, line) : NULL;
	}
	if (t->type != T_NAME)
		return parse_fail(p, t->line, "expected name or number");
	struct node *n = parse_new(p, E_ATTR, line);
	if (!n || !parse_above(p, n, of))
		return NULL;
	n->u.attr.a = of;
	n->u.attr.name = parse_name(t);
	return n;
}

/* a[b], a[b:c], a[b, c] */
static struct node *subscript(struct parser *p, struct node *of)
{
	uint32_t line = parse_next(p)->line;
	struct node *first = NULL, *n, *last = NULL;

	if (!parse_is(p, T_COLON)) {
		if (parse_is(p, T_RBRACKET)) {
			n = parse_new(p, E_TUPLE, line);
			parse_next(p);
			return n ? item(p, of, n, line) : NULL;
		}
		first = parse_expression(p);
		if (!first)
			return NULL;
	}
	if (parse_is(p, T_COLON)) {
		n = slice(p, of, first, line);
		return n && parse_expect(p, T_RBRACKET) ? n : NULL;
	}
	if (parse_skip(p, T_RBRACKET))
		return item(p, of, first, line);
	n = parse_new(p, E_TUPLE, line);
	if (!n || !parse_append(p, n, &last, first))
		return NULL;
	while (!parse_is(p, T_RBRACKET))
		if (!parse_expect(p, T_COMMA) || !parse_append(p, n, &last, parse_expression(p)))
			return NULL;
	parse_next(p);
	return item(p, of, n, line);
}

struct node *parse_postfix(struct parser *p, struct node *n)
{
	while (n && (parse_is(p, T_DOT) || parse_is(p, T_LBRACKET) || parse_is(p, T_LPAREN)))
		n = parse_is(p, T_DOT)	      ? member(p, n)
		    : parse_is(p, T_LBRACKET) ? subscript(p, n)
					      : call(p, n);
	return n;
}

/* --- filters and tests ------------------------------------------------------------------------ */

/* a.b.c as one name. */
static bool dotted(struct parser *p, struct name *out)
{
	const struct token *t = parse_expect(p, T_NAME), *last = t;

	while (last && parse_skip(p, T_DOT))
		last = parse_expect(p, T_NAME);
	if (!last)
		return false;
	char *s = mem_alloc(p->m, (size_t)(last->s + last->len - t->s) + 1), *to = s;
	if (!s)
		return parse_no_memory(p);
	for (; t <= last; t++)
		to = mempcpy(to, t->s, t->len);
	*to = 0;
	*out = (struct name){s, (uint32_t)(to - s), name_hash(s, (size_t)(to - s))};
	return true;
}

struct node *parse_filters(struct parser *p, struct node *n, bool first)
{
	while (first || parse_skip(p, T_PIPE)) {
		struct node *f = parse_new(p, E_FILTER, p->t->line);
		first = false;
		if (!f || !dotted(p, &f->u.call.name) || (n && !parse_above(p, f, n)))
			return NULL;
		f->u.call.a = n;
		if (parse_is(p, T_LPAREN)) {
			f->u.call.args = arguments(p, f);
			if (!f->u.call.args)
				return NULL;
		}
		n = f;
	}
	return n;
}

static bool begins_argument(const struct parser *p)
{
	switch (p->t->type) {
	case T_NAME:
		return !parse_is_name(p, "else") && !parse_is_name(p, "or") &&
		       !parse_is_name(p, "and");
	case T_STRING:
	case T_INT:
	case T_REAL:
	case T_LPAREN:
	case T_LBRACKET:
	case T_LBRACE:
		return true;
	default:
		return false;
	}
}

static struct node *test(struct parser *p, struct node *of)
{
	uint32_t line = parse_next(p)->line; /* is */
	bool negated = parse_skip_name(p, "not");
	struct node *n = parse_new(p, E_TEST, line);

	if (!n || !dotted(p, &n->u.call.name) || !parse_above(p, n, of))
		return NULL;
	n->u.call.a = of;
	if (parse_is(p, T_LPAREN)) {
		n->u.call.args = arguments(p, n);
		if (!n->u.call.args)
			return NULL;
	} else if (begins_argument(p)) {
		if (parse_is_name(p, "is"))
			return parse_fail(p, p->t->line, "You cannot chain multiple tests with is");
		struct call_node *c = mem_array(p->m, 1, sizeof *c);
		if (!c)
			return parse_no_memory(p);
		c->args = parse_postfix(p, parse_primary(p));
		c->n = 1;
		if (!c->args || !parse_above(p, n, c->args))
			return NULL;
		n->u.call.args = c;
	}
	if (!negated)
		return n;
	struct node *not = parse_new(p, E_NOT, line);
	if (!not || !parse_above(p, not, n))
		return NULL;
	not->u.kid.a = n;
	return not;
}

struct node *parse_filters_and_tests(struct parser *p, struct node *n)
{
	while (n) {
		if (parse_is(p, T_PIPE))
			n = parse_filters(p, n, false);
		else if (parse_is_name(p, "is"))
			n = test(p, n);
		else if (parse_is(p, T_LPAREN))
			n = call(p, n);
		else
			break;
	}
	return n;
}
