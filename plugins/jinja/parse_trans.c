/* {% trans %}: texts that could be translated. They go through gettext() and its relatives,
 * which give them back as they are. */
#include <stdio.h>

#include "chars.h"
#include "parse.h"

struct trans {
	struct named_node *names; /* variables of the text */
	uint32_t n;
	struct node *plural; /* what decides; NULL: none so far */
	bool used;	     /* the text names some variable */
	struct node *before; /* {% set _trans = ... %}, or NULL */
};

static struct node *constant(struct parser *p, uint32_t line, val v)
{
	struct node *n = parse_new(p, E_CONST, line);

	if (n)
		n->u.value = v;
	return n;
}

static struct node *variable(struct parser *p, uint32_t line, struct name name, int flags)
{
	struct node *n = parse_new(p, E_NAME, line);

	if (n) {
		n->u.var.name = name;
		n->flags = (uint8_t)flags;
	}
	return n;
}

static struct named_node *find(struct trans *t, const struct name *name)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (name_is(&t->names[i].name, name))
			return &t->names[i];
	return NULL;
}

static bool add(struct parser *p, struct trans *t, struct name name, struct node *value)
{
	struct named_node *more = mem_more(p->m, t->names, t->n, sizeof *more);

	if (!more || !value)
		return value ? parse_no_memory(p) : false;
	t->names = more;
	more[t->n++] = (struct named_node){name, value};
	return true;
}

/* A call is made once, for the text and for the number. */
static bool decides(struct parser *p, struct trans *t)
{
	static const char word[] = "_trans";
	const struct name name = {word, 6, name_hash(word, 6)};
	struct named_node *last = &t->names[t->n - 1];

	if (t->plural)
		return true;
	if (last->value->op == E_CALL) {
		struct node *set = parse_new(p, S_SET, last->value->line);
		struct set_node *s = mem_array(p->m, 1, sizeof *s);
		if (!set || !s)
			return parse_no_memory(p);
		s->target = variable(p, set->line, name, N_STORE);
		s->value = last->value;
		set->u.set = s;
		t->before = set;
		last->value = variable(p, set->line, name, 0);
	}
	t->plural = last->value;
	return t->plural;
}

/* name=value, name, trimmed, up to the end of the tag. */
static bool head(struct parser *p, struct trans *t, bool *trimmed)
{
	bool said = false;

	while (!parse_is(p, T_BLOCK_END)) {
		if (t->n && !parse_expect(p, T_COMMA))
			return false;
		if (parse_skip(p, T_COLON))
			break;
		const struct token *token = parse_expect(p, T_NAME);
		if (!token)
			return false;
		struct name name = parse_name(token);
		if (find(t, &name))
			return parse_assert(p, token->line,
					    "translatable variable '%.*s' defined twice.",
					    (int)name.len, name.s);
		if (parse_skip(p, T_ASSIGN)) {
			if (!add(p, t, name, parse_expression(p)))
				return false;
		} else if (!said && ((token->len == 7 && !memcmp(token->s, "trimmed", 7)) ||
				     (token->len == 9 && !memcmp(token->s, "notrimmed", 9)))) {
			said = true;
			*trimmed = token->len == 7;
			continue;
		} else if (!add(p, t, name, variable(p, token->line, name, 0))) {
			return false;
		}
		if (!decides(p, t))
			return false;
	}
	return parse_expect(p, T_BLOCK_END);
}


static bool part(struct parser *p, struct trans *t, struct out *o)
{
	if (parse_is(p, T_DATA)) {
		const struct token *token = parse_next(p);
		for (size_t i = 0; i < token->len; i++) {
			out_char(o, token->s[i]);
			if (token->s[i] == '%')
				out_char(o, '%');
		}
		return true;
	}
	parse_next(p); /* T_PRINT_BEGIN */
	const struct token *token = parse_expect(p, T_NAME);
	if (!token || !parse_expect(p, T_PRINT_END))
		return false;
	struct name name = parse_name(token);
	out_printf(o, "%%(%.*s)s", (int)name.len, name.s);
	if (!find(t, &name) && !add(p, t, name, variable(p, token->line, name, 0)))
		return false;
	if (!t->used && !t->plural)
		t->plural = find(t, &name)->value;
	t->used = true;
	return true;
}

/* Up to {% endtrans, or {% pluralize where that may come. */
static bool message(struct parser *p, struct trans *t, bool may_pluralize, struct out *o)
{
	while (parse_is(p, T_DATA) || parse_is(p, T_PRINT_BEGIN))
		if (!part(p, t, o))
			return false;
	if (parse_is(p, T_EOF))
		return parse_fail(p, p->t->line, "unclosed translation block");
	parse_next(p); /* T_BLOCK_BEGIN */
	if (parse_is_name(p, "endtrans"))
		return true;
	if (parse_is_name(p, "pluralize"))
		return may_pluralize ||
		       parse_fail(p, p->t->line,
				  "a translatable section can have only one pluralize section");
	return parse_fail(p, p->t->line,
			  "control structures in translatable sections are not allowed");
}

/* Lines and the white space around them become one space. */
static void trim(struct out *o)
{
	size_t to = 0;

	for (size_t i = 0; i < o->len; i++) {
		if (o->p[i] != '\n' && !lex_blank(o->p + i, 1)) {
			o->p[to++] = o->p[i];
			continue;
		}
		size_t from = i;
		bool newline = false;
		for (; i < o->len && lex_blank(o->p + i, 1); i++)
			newline |= o->p[i] == '\n';
		bool end = !to || i == o->len;
		if (newline && !end)
			o->p[to++] = ' ';
		else if (!newline && !end)
			for (size_t k = from; k < i; k++)
				o->p[to++] = o->p[k];
		i--;
	}
	o->len = to;
}

/* Without variables % stands for itself. */
static struct node *text_node(struct parser *p, uint32_t line, struct out *o, bool trimmed,
			      bool used)
{
	size_t to = 0;

	if (trimmed)
		trim(o);
	for (size_t i = 0; i < o->len && !used; i++) {
		o->p[to++] = o->p[i];
		i += o->p[i] == '%';
	}
	if (!used)
		o->len = to;
	char *s = o->trouble ? NULL : mem_strndup(p->m, o->p ? o->p : "", o->len);
	return s ? constant(p, line, val_text(s, o->len)) : parse_no_memory(p);
}

static struct node *call(struct parser *p, uint32_t line, const char *function,
			 struct node *args, uint32_t n)
{
	struct node *node = parse_new(p, E_CALL, line);
	struct call_node *c = mem_array(p->m, 1, sizeof *c);
	const struct name name = {function, (uint32_t)strlen(function),
				  name_hash(function, strlen(function))};

	if (!node || !c)
		return parse_no_memory(p);
	c->args = args;
	c->n = n;
	node->u.call.a = variable(p, line, name, 0);
	node->u.call.args = c;
	return node->u.call.a ? node : NULL;
}

/* gettext(...) as HTML, and % {variables} if the text has some. */
static struct node *formatted(struct parser *p, struct trans *t, uint32_t line,
			      struct node *text)
{
	struct node *safe = parse_new(p, E_SAFE, line);

	if (!safe || !text)
		return NULL;
	safe->u.kid.a = text;
	if (!t->n)
		return safe;
	struct node *dict = parse_new(p, E_DICT, line), *mod = parse_new(p, E_MOD, line);
	if (!dict || !mod)
		return NULL;
	struct node **last = &dict->u.list.first;
	for (uint32_t i = 0; i < t->n; i++) {
		struct node *key = constant(p, line,
					    val_text(t->names[i].name.s, t->names[i].name.len));
		struct node *value = parse_new(p, E_COMPARE, line); /* a node of its own: the
								       * variable may be an
								       * argument too */
		if (!key || !value)
			return NULL;
		*value = *t->names[i].value;
		value->next = NULL;
		*last = key;
		key->next = value;
		last = &value->next;
		dict->u.list.n += 2;
	}
	mod->u.kid.a = safe;
	mod->u.kid.b = dict;
	return mod;
}

static struct node *build(struct parser *p, struct trans *t, uint32_t line, struct node *context,
			  struct node *singular, struct node *plural)
{
	static const char *const functions[2][2] = {{"gettext", "ngettext"},
						    {"pgettext", "npgettext"}};
	struct node *first = context ? context : singular, *number = NULL;

	if (!singular)
		return NULL;
	if (context)
		context->next = singular;
	if (plural) {
		number = parse_new(p, E_COMPARE, line);
		if (!number)
			return NULL;
		*number = *t->plural;
		number->next = NULL;
		singular->next = plural;
		plural->next = number;
	}
	struct node *text = call(p, line, functions[context != NULL][plural != NULL], first,
				 1 + (context != NULL) + (plural ? 2 : 0));
	struct node *print = parse_new(p, S_PRINT, line);
	if (!print)
		return NULL;
	print->u.kid.a = formatted(p, t, line, text);
	return print->u.kid.a ? print : NULL;
}

/* {% pluralize %}, or {% pluralize name %}. */
static bool pluralize(struct parser *p, struct trans *t)
{
	parse_next(p);
	if (!parse_is(p, T_BLOCK_END)) {
		const struct token *token = parse_expect(p, T_NAME);
		if (!token)
			return false;
		struct name name = parse_name(token);
		const struct named_node *found = find(t, &name);
		if (!found)
			return parse_assert(p, token->line,
					    "unknown variable '%.*s' for pluralization",
					    (int)name.len, name.s);
		t->plural = found->value;
	}
	return parse_expect(p, T_BLOCK_END);
}

static struct node *parts(struct parser *p, struct trans *t, struct out *one, struct out *many)
{
	uint32_t line = parse_next(p)->line;
	struct node *context = NULL, *plural = NULL;
	bool trimmed = false, has_plural = false;

	if (parse_is(p, T_STRING)) {
		const struct token *token = parse_next(p);
		context = constant(p, line, val_text(token->s, token->len));
	}
	if (!head(p, t, &trimmed) || !message(p, t, true, one))
		return NULL;
	if (parse_is_name(p, "pluralize")) {
		has_plural = true;
		if (!pluralize(p, t) || !message(p, t, false, many))
			return NULL;
		if (!t->plural)
			return parse_fail(p, line, "pluralize without variables");
	}
	parse_next(p); /* endtrans */
	struct node *singular = text_node(p, line, one, trimmed, t->used);
	if (has_plural)
		plural = text_node(p, line, many, trimmed, t->used);
	struct node *print = build(p, t, line, context, singular, plural);
	if (print && t->before) {
		t->before->next = print;
		return t->before;
	}
	return print;
}

struct node *parse_trans(struct parser *p)
{
	struct trans t = {.n = 0};
	struct out one, many;

	out_init(&one, 0, 1 << 20);
	out_init(&many, 0, 1 << 20);
	struct node *n = parts(p, &t, &one, &many);
	out_fini(&one);
	out_fini(&many);
	return p->why->kind ? NULL : n;
}
