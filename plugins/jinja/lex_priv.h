/* Between lex.c and lex_inner.c alone. */
#ifndef JINJA_LEX_PRIV_H
#define JINJA_LEX_PRIV_H

#include <stdarg.h>

#include "lex.h"

enum { LEX_OPEN_MAX = 200 };

struct lexer {
	const struct syntax *syntax;
	struct mem *m;
	struct complaint *why;
	locale_t locale;
	const char *s;
	size_t len, at;
	uint32_t line;
	bool line_starts; /* what was read last ended a line */
	bool by_line;	  /* some marks begin with a line */
	bool starts[256];
	const struct rule *rules;
	size_t nrules;
	struct token *tokens;
	size_t ntokens, room;
	char open[LEX_OPEN_MAX]; /* brackets that are to be closed, by what closes them */
	size_t nopen;
};

/* The length of the white space that s begins with. */
size_t lex_spaces(const char *s, size_t n);
bool lex_fail(struct lexer *x, uint32_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct token *lex_add(struct lexer *x, enum token_type type, const char *s, size_t len);
bool lex_no_memory(struct lexer *x);

/* One token of an expression, which is not at its end. (lex_inner.c) */
bool lex_inner(struct lexer *x);

#endif
