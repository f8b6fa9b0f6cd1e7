/* Bodies, targets, and what the files of the parser share. */
#include "parse_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- telling ----------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 0)))
static void fail(struct parser *p, const char *kind, uint32_t line, const char *fmt, va_list ap)
{
	if (p->why->kind)
		return;
	p->why->kind = kind;
	p->why->line = line;
	vsnprintf(p->why->what, sizeof p->why->what, fmt, ap);
}

void *parse_fail(struct parser *p, uint32_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(p, "TemplateSyntaxError", line, fmt, ap);
	va_end(ap);
	return NULL;
}

void *parse_assert(struct parser *p, uint32_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(p, "TemplateAssertionError", line, fmt, ap);
	va_end(ap);
	return NULL;
}

void *parse_no_memory(struct parser *p)
{
	if (!p->why->kind) {
		parse_fail(p, p->t->line, "out of memory");
		p->why->kind = "MemoryError";
	}
	return NULL;
}

const char *parse_found(const struct parser *p, char buf[80])
{
	if (parse_is(p, T_NAME))
		snprintf(buf, 80, "'%.*s'", (int)(p->t->len > 60 ? 60 : p->t->len), p->t->s);
	else
		snprintf(buf, 80, "'%s'", token_words(p->t->type));
	return buf;
}

/* --- nodes and tokens ----------------------------------------------------------------------- */

struct node *parse_new(struct parser *p, enum op op, uint32_t line)
{
	struct node *n = mem_array(p->m, 1, sizeof *n);

	if (!n)
		return parse_no_memory(p);
	n->op = (uint8_t)op;
	n->line = line;
	return n;
}

struct node *parse_above(struct parser *p, struct node *n, const struct node *kid)
{
	if (!kid)
		return NULL;
	if (kid->more >= PARSE_HEIGHT)
		return parse_fail(p, kid->line,
				  "an expression is more than %d operations high: use {%% set %%} "
				  "for parts of it",
				  PARSE_HEIGHT);
	if (n->more <= kid->more)
		n->more = (uint8_t)(kid->more + 1);
	return n;
}

const struct token *parse_next(struct parser *p)
{
	const struct token *t = p->t;

	if (t->type != T_EOF)
		p->t++;
	return t;
}

bool parse_is(const struct parser *p, enum token_type type)
{
	return p->t->type == type;
}

bool parse_named(const struct token *t, const char *name, size_t len)
{
	return t->type == T_NAME && t->len == len && !memcmp(t->s, name, len);
}

bool parse_is_name(const struct parser *p, const char *name)
{
	return parse_named(p->t, name, strlen(name));
}

bool parse_ahead(const struct parser *p, enum token_type type)
{
	return p->t->type != T_EOF && p->t[1].type == type;
}

bool parse_ahead_name(const struct parser *p, const char *name)
{
	return p->t->type != T_EOF && parse_named(p->t + 1, name, strlen(name));
}

bool parse_skip(struct parser *p, enum token_type type)
{
	if (!parse_is(p, type))
		return false;
	parse_next(p);
	return true;
}

bool parse_skip_name(struct parser *p, const char *name)
{
	if (!parse_is_name(p, name))
		return false;
	parse_next(p);
	return true;
}

const struct token *parse_expect(struct parser *p, enum token_type type)
{
	char found[80];

	if (parse_is(p, type))
		return parse_next(p);
	if (parse_is(p, T_EOF))
		return parse_fail(p, p->t->line, "unexpected end of template, expected '%s'.",
				  token_words(type));
	return parse_fail(p, p->t->line, "expected token '%s', got %s", token_words(type),
			  parse_found(p, found));
}

bool parse_expect_name(struct parser *p, const char *name)
{
	char found[80];

	if (parse_skip_name(p, name))
		return true;
	parse_fail(p, p->t->line, "expected token '%s', got %s", name, parse_found(p, found));
	return false;
}

struct name parse_name(const struct token *t)
{
	return (struct name){t->s, (uint32_t)t->len, name_hash(t->s, t->len)};
}

/* --- targets ------------------------------------------------------------------------------- */

struct node *parse_target_name(struct parser *p)
{
	const struct token *t = parse_expect(p, T_NAME);
	struct node *n = t ? parse_new(p, E_NAME, t->line) : NULL;

	if (!n)
		return NULL;
	n->u.var.name = parse_name(t);
	n->flags = N_STORE;
	if (parse_named(t, "true", 4) || parse_named(t, "false", 5) || parse_named(t, "none", 4) ||
	    parse_named(t, "True", 4) || parse_named(t, "False", 5) || parse_named(t, "None", 4))
		return parse_fail(p, t->line, "can't assign to 'name'");
	return n;
}

/* What can be assigned to becomes a target. */
static bool as_target(struct parser *p, struct node *n)
{
	if (n->op == E_NAME) {
		n->flags |= N_STORE;
		return true;
	}
	if (n->op != E_TUPLE && n->op != E_LIST) {
		parse_fail(p, n->line, "can't assign to '%s'",
			   n->op == E_CONST ? "const" : "expression");
		return false;
	}
	for (struct node *kid = n->u.list.first; kid; kid = kid->next)
		if (!as_target(p, kid))
			return false;
	return true;
}

struct node *parse_target(struct parser *p, bool with_namespace, const char *until)
{
	struct node *n;

	if (with_namespace && parse_ahead(p, T_DOT)) {
		const struct token *of = parse_expect(p, T_NAME);
		n = of ? parse_new(p, E_NSREF, of->line) : NULL;
		if (!n)
			return NULL;
		parse_next(p);
		const struct token *attr = parse_expect(p, T_NAME);
		if (!attr)
			return NULL;
		n->u.var.name = parse_name(of);
		n->u.var.attr = parse_name(attr);
		return n;
	}
	n = parse_tuple(p, TUPLE_SIMPLE, until);
	return n && as_target(p, n) ? n : NULL;
}

/* --- bodies ---------------------------------------------------------------------------------- */

static struct node *statement(struct parser *p);

static bool among(const struct parser *p, const char *names)
{
	if (!parse_is(p, T_NAME))
		return false;
	for (const char *s = names; s; s = strchr(s, '|') ? strchr(s, '|') + 1 : NULL)
		if (parse_named(p->t, s, strcspn(s, "|")))
			return true;
	return false;
}

static struct node *data(struct parser *p)
{
	const struct token *t = parse_next(p);
	struct node *n = parse_new(p, S_DATA, t->line);

	if (n)
		n->u.value = val_text(t->s, t->len);
	return n;
}

struct node *parse_printed(struct parser *p, struct node *value)
{
	struct node *n = value ? parse_new(p, S_PRINT, value->line) : NULL;

	if (n)
		n->u.kid.a = value;
	return n;
}

bool parse_body(struct parser *p, const char *until, struct node **body)
{
	struct node **last = body;

	*body = NULL;
	if (++p->depth > PARSE_DEPTH)
		return parse_fail(p, p->t->line, "more than %d blocks inside each other",
				  PARSE_DEPTH);
	while (!parse_is(p, T_EOF)) {
		struct node *n = NULL;
		if (parse_is(p, T_DATA)) {
			n = data(p);
		} else if (parse_skip(p, T_PRINT_BEGIN)) {
			n = parse_printed(p, parse_tuple(p, 0, NULL));
			if (n && !parse_expect(p, T_PRINT_END))
				return false;
		} else {
			parse_next(p); /* T_BLOCK_BEGIN: there is nothing else */
			if (until && among(p, until))
				break;
			n = statement(p);
			if (n && !parse_expect(p, T_BLOCK_END))
				return false;
		}
		if (!n)
			return false;
		*last = n;
		while (*last)
			last = &(*last)->next;
	}
	p->depth--;
	return true;
}

static bool ended(struct parser *p, const char *until)
{
	if (!parse_is(p, T_EOF))
		return true;
	parse_fail(p, p->t->line,
		   "Unexpected end of template. Jinja was looking for the following tags: '%.*s'%s%s%s.",
		   (int)strcspn(until, "|"), until, strchr(until, '|') ? " or '" : "",
		   strchr(until, '|') ? strchr(until, '|') + 1 : "",
		   strchr(until, '|') ? "'" : "");
	return false;
}

bool parse_body_to(struct parser *p, const char *until, struct node **body)
{
	parse_skip(p, T_COLON);
	return parse_expect(p, T_BLOCK_END) && parse_body(p, until, body) && ended(p, until);
}

bool parse_block_of(struct parser *p, const char *until, struct node **body)
{
	if (!parse_body_to(p, until, body))
		return false;
	parse_next(p);
	return true;
}

static struct node *statement(struct parser *p)
{
	static const struct {
		const char *name;
		struct node *(*parse)(struct parser *p);
	} all[] = {{"if", parse_if},
		   {"for", parse_for},
		   {"set", parse_set},
		   {"block", parse_block},
		   {"extends", parse_extends},
		   {"include", parse_include},
		   {"import", parse_import},
		   {"from", parse_from},
		   {"macro", parse_macro},
		   {"call", parse_call_block},
		   {"filter", parse_filter_block},
		   {"with", parse_with},
		   {"autoescape", parse_autoescape},
		   {"print", parse_print},
		   {"do", parse_do},
		   {"break", parse_break},
		   {"continue", parse_continue},
		   {"trans", parse_trans}};

	if (!parse_is(p, T_NAME))
		return parse_fail(p, p->t->line, "tag name expected");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (parse_is_name(p, all[i].name))
			return all[i].parse(p);
	return parse_fail(p, p->t->line, "Encountered unknown tag '%.*s'.",
			  (int)(p->t->len > 60 ? 60 : p->t->len), p->t->s);
}

bool parse(struct parser *p, struct node **body)
{
	return parse_body(p, NULL, body);
}
