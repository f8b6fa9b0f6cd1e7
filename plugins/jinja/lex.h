/* From the text of a template to tokens. */
#ifndef JINJA_LEX_H
#define JINJA_LEX_H

#include "engine.h"
#include "mem.h"
#include "value.h"

enum token_type {
	T_EOF,
	T_DATA,
	T_PRINT_BEGIN,
	T_PRINT_END,
	T_BLOCK_BEGIN,
	T_BLOCK_END,
	T_NAME,
	T_STRING,
	T_INT,
	T_REAL,
	T_ADD,
	T_SUB,
	T_DIV,
	T_FLOORDIV,
	T_MUL,
	T_MOD,
	T_POW,
	T_TILDE,
	T_LBRACKET,
	T_RBRACKET,
	T_LPAREN,
	T_RPAREN,
	T_LBRACE,
	T_RBRACE,
	T_EQ,
	T_NE,
	T_GT,
	T_GE,
	T_LT,
	T_LE,
	T_ASSIGN,
	T_DOT,
	T_COLON,
	T_PIPE,
	T_COMMA,
	T_SEMICOLON
};

struct token {
	uint8_t type;
	uint32_t line;
	const char *s; /* of data, names and strings */
	size_t len;
	union {
		int64_t i;
		double r;
	} as;
};

struct tokens {
	struct token *v; /* ends with T_EOF */
	size_t n;
};

/* False: *why says what is wrong, and where. */
bool lex(const struct syntax *syntax, const char *source, size_t len, locale_t locale,
	 struct mem *m, struct tokens *out, struct complaint *why);

/* White space and nothing else. */
bool lex_blank(const char *s, size_t n);
/* "'end of statement block'", as messages name it. */
const char *token_words(enum token_type type);

#endif
