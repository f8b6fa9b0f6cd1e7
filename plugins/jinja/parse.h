/* From tokens to a tree, whose names compile() then finds places for. */
#ifndef JINJA_PARSE_H
#define JINJA_PARSE_H

#include "lex.h"
#include "node.h"

enum {
	PARSE_DEPTH = 160,  /* of expressions, and of blocks, inside each other */
	PARSE_HEIGHT = 200, /* of an expression's tree, which grows with its length too */
	PARSE_ARGS = 255
};

struct parser {
	const struct tokens *tokens;
	const struct token *t; /* the current one */
	struct mem *m;
	struct complaint *why;
	struct template *template;
	unsigned depth;
};

/* The body of the whole template; NULL with *why, or an empty template and kind NULL. */
bool parse(struct parser *p, struct node **body);

/* --- shared by the files of the parser ---------------------------------------------------- */

/* Records the first failure; gives NULL. */
void *parse_fail(struct parser *p, uint32_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void *parse_assert(struct parser *p, uint32_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void *parse_no_memory(struct parser *p);
struct node *parse_new(struct parser *p, enum op op, uint32_t line);
/* kid is below n: NULL if that makes it too high, or if kid is NULL. */
struct node *parse_above(struct parser *p, struct node *n, const struct node *kid);

const struct token *parse_next(struct parser *p); /* the current one, and goes on */
bool parse_named(const struct token *t, const char *name, size_t len);
bool parse_is(const struct parser *p, enum token_type type);
bool parse_is_name(const struct parser *p, const char *name);
bool parse_ahead(const struct parser *p, enum token_type type); /* the one after it */
bool parse_ahead_name(const struct parser *p, const char *name);
bool parse_skip(struct parser *p, enum token_type type);
bool parse_skip_name(struct parser *p, const char *name);
/* The token, and goes on; NULL with a failure. */
const struct token *parse_expect(struct parser *p, enum token_type type);
bool parse_expect_name(struct parser *p, const char *name);
struct name parse_name(const struct token *t);
/* "'endif'", what the current token is called in messages. */
const char *parse_found(const struct parser *p, char buf[80]);

/* Expressions. (parse_expr.c) */
struct node *parse_expression(struct parser *p);
struct node *parse_without_if(struct parser *p);
struct node *parse_primary(struct parser *p);
enum { TUPLE_SIMPLE = 1, TUPLE_WITHOUT_IF = 2, TUPLE_IN_BRACKETS = 4 };
/* A tuple, or what is none; ends also before the name `until`, which may be NULL. */
struct node *parse_tuple(struct parser *p, int how, const char *until);
/* |a|b(c): above n, which may be NULL. first: at the name already, behind no bar. */
struct node *parse_filters(struct parser *p, struct node *n, bool first);

/* Targets of assignments. */
struct node *parse_target(struct parser *p, bool with_namespace, const char *until);
struct node *parse_target_name(struct parser *p);

/* Statements up to one of the names, which are separated by '|'; stays at it. */
bool parse_body(struct parser *p, const char *until, struct node **body);
/* The same from "%}" to the name, and behind it. */
bool parse_block_of(struct parser *p, const char *until, struct node **body);
/* {% trans %}. (parse_trans.c) */
struct node *parse_trans(struct parser *p);

#endif
