/* Names, constants, lists, tuples. */
#include "parse_expr.h"

/* --- names and constants ---------------------------------------------------------------- */

struct node *parse_constant(struct parser *p, uint32_t line, val v)
{
	struct node *n = parse_new(p, E_CONST, line);

	if (n)
		n->u.value = v;
	return n;
}

static bool token_is(const struct token *t, const char *name)
{
	return t->len == strlen(name) && !memcmp(t->s, name, t->len);
}

static struct node *named(struct parser *p)
{
	const struct token *t = parse_next(p);

	if (token_is(t, "true") || token_is(t, "True"))
		return parse_constant(p, t->line, val_bool(true));
	if (token_is(t, "false") || token_is(t, "False"))
		return parse_constant(p, t->line, val_bool(false));
	if (token_is(t, "none") || token_is(t, "None"))
		return parse_constant(p, t->line, val_none());
	if (t->s[0] >= '0' && t->s[0] <= '9')
		return parse_fail(p, t->line, "Invalid character in identifier");
	struct node *n = parse_new(p, E_NAME, t->line);
	if (n)
		n->u.var.name = parse_name(t);
	return n;
}

/* "a" "b" is "ab". */
static struct node *strings(struct parser *p)
{
	const struct token *first = p->t;
	size_t len = 0;

	for (const struct token *t = first; t->type == T_STRING; t++)
		len += t->len;
	char *s = mem_alloc(p->m, len + 1), *to = s;
	if (!s)
		return parse_no_memory(p);
	while (parse_is(p, T_STRING)) {
		const struct token *t = parse_next(p);
		to = mempcpy(to, t->s, t->len);
	}
	*to = 0;
	return parse_constant(p, first->line, val_text(s, len));
}

/* Appends to the list that n holds. */
bool parse_append(struct parser *p, struct node *n, struct node **last, struct node *kid)
{
	if (!kid || !parse_above(p, n, kid))
		return false;
	if (*last)
		(*last)->next = kid;
	else
		n->u.list.first = kid;
	*last = kid;
	n->u.list.n++;
	return true;
}

static struct node *list(struct parser *p)
{
	struct node *n = parse_new(p, E_LIST, parse_next(p)->line), *last = NULL;

	while (n && !parse_is(p, T_RBRACKET)) {
		if (last && !parse_expect(p, T_COMMA))
			return NULL;
		if (parse_is(p, T_RBRACKET))
			break;
		if (!parse_append(p, n, &last, parse_expression(p)))
			return NULL;
	}
	return n && parse_expect(p, T_RBRACKET) ? n : NULL;
}

static struct node *dict(struct parser *p)
{
	struct node *n = parse_new(p, E_DICT, parse_next(p)->line), *last = NULL;

	while (n && !parse_is(p, T_RBRACE)) {
		if (last && !parse_expect(p, T_COMMA))
			return NULL;
		if (parse_is(p, T_RBRACE))
			break;
		if (!parse_append(p, n, &last, parse_expression(p)) || !parse_expect(p, T_COLON) ||
		    !parse_append(p, n, &last, parse_expression(p)))
			return NULL;
	}
	return n && parse_expect(p, T_RBRACE) ? n : NULL;
}

static struct node *primary(struct parser *p)
{
	const struct token *t = p->t;
	struct node *n;
	char found[80];

	switch (t->type) {
	case T_NAME:
		return named(p);
	case T_STRING:
		return strings(p);
	case T_INT:
		parse_next(p);
		return parse_constant(p, t->line, val_int(t->as.i));
	case T_REAL:
		parse_next(p);
		return parse_constant(p, t->line, val_real(t->as.r));
	case T_LPAREN:
		parse_next(p);
		n = parse_tuple(p, TUPLE_IN_BRACKETS, NULL);
		return n && parse_expect(p, T_RPAREN) ? n : NULL;
	case T_LBRACKET:
		return list(p);
	case T_LBRACE:
		return dict(p);
	default:
		return parse_fail(p, t->line, "unexpected %s", parse_found(p, found));
	}
}

struct node *parse_primary(struct parser *p)
{
	if (++p->depth > PARSE_DEPTH)
		return parse_fail(p, p->t->line, "more than %d brackets or blocks inside each other",
				  PARSE_DEPTH);
	struct node *n = primary(p);
	p->depth--;
	return n;
}

static bool tuple_ends(const struct parser *p, const char *until)
{
	return parse_is(p, T_PRINT_END) || parse_is(p, T_BLOCK_END) || parse_is(p, T_RPAREN) ||
	       (until && parse_is_name(p, until));
}

struct node *parse_tuple(struct parser *p, int how, const char *until)
{
	struct node *n = parse_new(p, E_TUPLE, p->t->line), *last = NULL;
	bool is_tuple = false;
	char found[80];

	while (n) {
		if (last && !parse_expect(p, T_COMMA))
			return NULL;
		if (tuple_ends(p, until))
			break;
		if (!parse_append(p, n, &last,
			    how & TUPLE_SIMPLE	     ? parse_primary(p)
			    : how & TUPLE_WITHOUT_IF ? parse_without_if(p)
						     : parse_expression(p)))
			return NULL;
		if (!parse_is(p, T_COMMA))
			break;
		is_tuple = true;
	}
	if (n && !is_tuple && last)
		return last;
	if (n && !is_tuple && !(how & TUPLE_IN_BRACKETS))
		return parse_fail(p, p->t->line, "Expected an expression, got %s",
				  parse_found(p, found));
	return n;
}
