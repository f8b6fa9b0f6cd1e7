/* {% macro %}, {% call %}, {% include %}, {% import %}, {% extends %}. */
#include "parse_priv.h"

static struct include_node *new_include(struct parser *p, struct node *n)
{
	struct include_node *i = n ? mem_array(p->m, 1, sizeof *i) : NULL;

	if (!i)
		return parse_no_memory(p);
	n->u.include = i;
	i->name = parse_expression(p);
	return i->name ? i : NULL;
}

/* True if it was said whether with the context or without. */
static bool with_context(struct parser *p, struct node *n)
{
	bool with = parse_is_name(p, "with");

	if ((!with && !parse_is_name(p, "without")) || !parse_ahead_name(p, "context"))
		return false;
	n->flags = (uint8_t)((n->flags & ~N_CONTEXT) | (with ? N_CONTEXT : 0));
	parse_next(p);
	parse_next(p);
	return true;
}

struct node *parse_extends(struct parser *p)
{
	struct node *n = parse_new(p, S_EXTENDS, parse_next(p)->line);

	return new_include(p, n) ? n : NULL;
}

struct node *parse_include(struct parser *p)
{
	struct node *n = parse_new(p, S_INCLUDE, parse_next(p)->line);

	if (!new_include(p, n))
		return NULL;
	n->flags = N_CONTEXT;
	if (parse_is_name(p, "ignore") && parse_ahead_name(p, "missing")) {
		n->flags |= N_IGNORE;
		parse_next(p);
		parse_next(p);
	}
	with_context(p, n);
	return n;
}

struct node *parse_import(struct parser *p)
{
	struct node *n = parse_new(p, S_IMPORT, parse_next(p)->line);
	struct include_node *i = new_include(p, n);

	if (!i || !parse_expect_name(p, "as"))
		return NULL;
	i->target = parse_target_name(p);
	with_context(p, n);
	return i->target ? n : NULL;
}

static bool import_one(struct parser *p, struct include_node *i)
{
	struct import_name *more = mem_more(p->m, i->names, i->n, sizeof *more);
	const struct token *t = p->t;

	if (!more)
		return parse_no_memory(p);
	i->names = more;
	struct node *target = parse_target_name(p);
	if (!target)
		return false;
	if (t->s[0] == '_')
		return parse_assert(p, t->line,
				    "names starting with an underline can not be imported");
	if (parse_skip_name(p, "as"))
		target = parse_target_name(p);
	more[i->n++] = (struct import_name){parse_name(t), target};
	return target;
}

struct node *parse_from(struct parser *p)
{
	struct node *n = parse_new(p, S_FROM, parse_next(p)->line);
	struct include_node *i = new_include(p, n);

	if (!i || !parse_expect_name(p, "import"))
		return NULL;
	for (;;) {
		if (i->n && !parse_expect(p, T_COMMA))
			return NULL;
		if (with_context(p, n))
			break;
		if (!import_one(p, i))
			return NULL;
		if (with_context(p, n) || !parse_is(p, T_COMMA))
			break;
	}
	return n;
}

/* --- macros and calls -------------------------------------------------------------------------- */

static bool signature(struct parser *p, struct macro_node *m)
{
	struct node **arg = &m->args, **def = &m->defaults;

	if (!parse_expect(p, T_LPAREN))
		return false;
	while (!parse_is(p, T_RPAREN)) {
		if (m->nargs && !parse_expect(p, T_COMMA))
			return false;
		*arg = parse_target_name(p);
		if (!*arg)
			return false;
		(*arg)->flags |= N_PARAM;
		arg = &(*arg)->next;
		if (++m->nargs > PARSE_ARGS)
			return parse_fail(p, p->t->line, "more than %d parameters", PARSE_ARGS);
		if (parse_skip(p, T_ASSIGN)) {
			*def = parse_expression(p);
			if (!*def)
				return false;
			def = &(*def)->next;
			m->ndefaults++;
		} else if (m->ndefaults) {
			return parse_fail(p, p->t->line,
					  "non-default argument follows default argument");
		}
	}
	return parse_expect(p, T_RPAREN);
}

static struct macro_node *new_macro(struct parser *p, struct node *n)
{
	struct macro_node *m = n ? mem_array(p->m, 1, sizeof *m) : NULL;

	if (!m)
		return parse_no_memory(p);
	n->u.macro = m;
	return m;
}

struct node *parse_macro(struct parser *p)
{
	struct node *n = parse_new(p, S_MACRO, parse_next(p)->line);
	struct macro_node *m = new_macro(p, n);

	if (!m)
		return NULL;
	m->target = parse_target_name(p);
	if (!m->target)
		return NULL;
	m->name = m->target->u.var.name;
	return signature(p, m) && parse_block_of(p, "endmacro", &m->body) ? n : NULL;
}

struct node *parse_call_block(struct parser *p)
{
	struct node *n = parse_new(p, S_CALL, parse_next(p)->line);
	struct macro_node *m = new_macro(p, n);

	if (!m || (parse_is(p, T_LPAREN) && !signature(p, m)))
		return NULL;
	m->call = parse_expression(p);
	if (!m->call)
		return NULL;
	if (m->call->op != E_CALL)
		return parse_fail(p, n->line, "expected call");
	return parse_block_of(p, "endcall", &m->body) ? n : NULL;
}

/* {% print a, b %} */
struct node *parse_print(struct parser *p)
{
	struct node *first = NULL, **last = &first;
	uint32_t line = parse_next(p)->line;

	while (!parse_is(p, T_BLOCK_END)) {
		if (first && !parse_expect(p, T_COMMA))
			return NULL;
		*last = parse_printed(p, parse_expression(p));
		if (!*last)
			return NULL;
		last = &(*last)->next;
	}
	if (first)
		return first;
	first = parse_new(p, S_DATA, line);
	if (first)
		first->u.value = val_text("", 0);
	return first;
}

struct node *parse_do(struct parser *p)
{
	struct node *n = parse_new(p, S_DO, parse_next(p)->line);

	if (!n)
		return NULL;
	n->u.kid.a = parse_tuple(p, 0, NULL);
	return n->u.kid.a ? n : NULL;
}

struct node *parse_break(struct parser *p)
{
	return parse_new(p, S_BREAK, parse_next(p)->line);
}

struct node *parse_continue(struct parser *p)
{
	return parse_new(p, S_CONTINUE, parse_next(p)->line);
}
