/* {% if %}, {% for %}, {% set %}, {% block %} and others. */
#include "parse_priv.h"

struct node *parse_if(struct parser *p)
{
	struct node *n = parse_new(p, S_IF, p->t->line);
	struct branch **last = n ? &n->u.branch : NULL;
	bool more = true;

	while (n && more) {
		struct branch *b = mem_array(p->m, 1, sizeof *b);
		if (!b)
			return parse_no_memory(p);
		*last = b;
		last = &b->next;
		if (parse_skip_name(p, "else")) {
			more = false;
			if (!parse_body_to(p, "endif", &b->body))
				return NULL;
			continue;
		}
		parse_next(p); /* if, elif */
		b->test = parse_tuple(p, TUPLE_WITHOUT_IF, NULL);
		if (!b->test || !parse_body_to(p, "elif|else|endif", &b->body))
			return NULL;
		more = !parse_is_name(p, "endif");
	}
	parse_next(p);
	return n;
}

struct node *parse_for(struct parser *p)
{
	struct node *n = parse_new(p, S_FOR, parse_next(p)->line);
	struct for_node *f = n ? mem_array(p->m, 1, sizeof *f) : NULL;

	if (!f)
		return parse_no_memory(p);
	n->u.loop = f;
	f->target = parse_target(p, false, "in");
	if (!f->target || !parse_expect_name(p, "in"))
		return NULL;
	f->iter = parse_tuple(p, TUPLE_WITHOUT_IF, "recursive");
	if (!f->iter)
		return NULL;
	if (parse_skip_name(p, "if")) {
		f->test = parse_expression(p);
		if (!f->test)
			return NULL;
	}
	f->recursive = parse_skip_name(p, "recursive");
	if (!parse_body_to(p, "endfor|else", &f->body))
		return NULL;
	if (parse_skip_name(p, "endfor"))
		return n;
	parse_next(p);
	return parse_block_of(p, "endfor", &f->other) ? n : NULL;
}

static struct set_node *new_set(struct parser *p, struct node *n)
{
	struct set_node *s = n ? mem_array(p->m, 1, sizeof *s) : NULL;

	if (!s)
		return parse_no_memory(p);
	n->u.set = s;
	return s;
}

struct node *parse_set(struct parser *p)
{
	struct node *n = parse_new(p, S_SET, parse_next(p)->line);
	struct set_node *s = new_set(p, n);

	if (!s)
		return NULL;
	s->target = parse_target(p, true, NULL);
	if (!s->target)
		return NULL;
	if (parse_skip(p, T_ASSIGN)) {
		s->value = parse_tuple(p, 0, NULL);
		return s->value ? n : NULL;
	}
	n->op = S_SET_BLOCK;
	s->value = parse_filters(p, NULL, false);
	return !p->why->kind && parse_block_of(p, "endset", &s->body) ? n : NULL;
}

struct node *parse_with(struct parser *p)
{
	struct node *n = parse_new(p, S_WITH, parse_next(p)->line);
	struct set_node *s = new_set(p, n);

	if (!s)
		return NULL;
	struct node **target = &s->target, **value = &s->value;
	while (!parse_is(p, T_BLOCK_END)) {
		if (s->target && !parse_expect(p, T_COMMA))
			return NULL;
		*target = parse_target(p, false, NULL);
		if (!*target || !parse_expect(p, T_ASSIGN))
			return NULL;
		*value = parse_expression(p);
		if (!*value)
			return NULL;
		target = &(*target)->next;
		value = &(*value)->next;
	}
	return parse_block_of(p, "endwith", &s->body) ? n : NULL;
}

struct node *parse_autoescape(struct parser *p)
{
	struct node *n = parse_new(p, S_SCOPE, parse_next(p)->line);
	struct set_node *s = new_set(p, n);

	if (!s)
		return NULL;
	s->value = parse_expression(p);
	return s->value && parse_block_of(p, "endautoescape", &s->body) ? n : NULL;
}

struct node *parse_filter_block(struct parser *p)
{
	struct node *n = parse_new(p, S_FILTER, parse_next(p)->line);
	struct set_node *s = new_set(p, n);

	if (!s)
		return NULL;
	s->value = parse_filters(p, NULL, true);
	return s->value && parse_block_of(p, "endfilter", &s->body) ? n : NULL;
}

static bool only_blanks(const struct node *body)
{
	for (const struct node *n = body; n; n = n->next)
		if (n->op != S_DATA || !lex_blank(n->u.value.as.s, n->u.value.len))
			return false;
	return true;
}

struct node *parse_block(struct parser *p)
{
	struct node *n = parse_new(p, S_BLOCK, parse_next(p)->line);
	struct block_node *b = n ? mem_array(p->m, 1, sizeof *b) : NULL;
	const struct token *name = parse_expect(p, T_NAME);

	if (!b)
		return parse_no_memory(p);
	if (!name)
		return NULL;
	n->u.block = b;
	b->name = parse_name(name);
	b->line = n->line;
	b->of = p->template;
	b->scoped = parse_skip_name(p, "scoped");
	b->required = parse_skip_name(p, "required");
	if (parse_is(p, T_SUB))
		return parse_fail(p, p->t->line,
				  "Block names in Jinja have to be valid Python identifiers and may "
				  "not contain hyphens, use an underscore instead.");
	if (!parse_block_of(p, "endblock", &b->body))
		return NULL;
	if (b->required && !only_blanks(b->body))
		return parse_fail(p, n->line,
				  "Required blocks can only contain comments or whitespace");
	if (parse_is(p, T_NAME) && parse_named(p->t, b->name.s, b->name.len))
		parse_next(p);
	struct block_node **last = &p->template->blocks;
	for (; *last; last = &(*last)->next)
		if (name_is(&(*last)->name, &b->name))
			return parse_assert(p, n->line, "block '%.*s' defined twice",
					    (int)b->name.len, b->name.s);
	*last = b;
	return n;
}
