/* Tokens of expressions: names, numbers, strings, operators. */
#include "lex_priv.h"

#include <errno.h>
#include <stdlib.h>

#include "chars.h"

struct operator {
	const char *text;
	enum token_type type;
};

/* Longer ones first. */
static const struct operator operators[] = {
	{"//", T_FLOORDIV}, {"**", T_POW},	{"==", T_EQ},	    {"!=", T_NE},
	{">=", T_GE},	    {"<=", T_LE},	{"+", T_ADD},	    {"-", T_SUB},
	{"/", T_DIV},	    {"*", T_MUL},	{"%", T_MOD},	    {"~", T_TILDE},
	{"[", T_LBRACKET},  {"]", T_RBRACKET}, {"(", T_LPAREN},   {")", T_RPAREN},
	{"{", T_LBRACE},    {"}", T_RBRACE},	{">", T_GT},	    {"<", T_LT},
	{"=", T_ASSIGN},    {".", T_DOT},	{":", T_COLON},	    {"|", T_PIPE},
	{",", T_COMMA},	    {";", T_SEMICOLON}};

const char *token_words(enum token_type type)
{
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
		if (operators[i].type == type)
			return operators[i].text;
	switch (type) {
	case T_EOF:
		return "end of template";
	case T_DATA:
		return "template data / text";
	case T_PRINT_BEGIN:
		return "begin of print statement";
	case T_PRINT_END:
		return "end of print statement";
	case T_BLOCK_BEGIN:
		return "begin of statement block";
	case T_BLOCK_END:
		return "end of statement block";
	case T_STRING:
		return "string";
	case T_INT:
		return "integer";
	case T_REAL:
		return "float";
	default:
		return "name";
	}
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

/* --- numbers ---------------------------------------------------------------------------- */

/* digits, with single _ between them: where they end; p if there are none. */
static const char *digits(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && (is_digit(*q) || (q > p && *q == '_' && q[-1] != '_' && q + 1 < end &&
					    is_digit(q[1]))))
		q++;
	return q;
}

/* A number with a fraction or an exponent; p if it is none. */
static const char *real_end(const char *p, const char *end)
{
	const char *q = digits(p, end), *whole = q;

	if (q == p)
		return p;
	if (q + 1 < end && *q == '.' && is_digit(q[1]))
		q = digits(q + 1, end);
	if (q < end && (*q | 32) == 'e') {
		const char *e = q + 1;
		e += e < end && (*e == '+' || *e == '-');
		if (e < end && is_digit(*e))
			q = digits(e, end);
	}
	return q == whole ? p : q;
}

static int digit_value(char ch)
{
	return is_digit(ch) ? ch - '0' : (ch | 32) >= 'a' && (ch | 32) <= 'f' ? (ch | 32) - 'a' + 10 : 99;
}

/* 0x1F, 0o17, 0b11: where it ends; p if it is none. */
static const char *based_end(const char *p, const char *end, int *base)
{
	if (end - p < 3 || *p != '0')
		return p;
	*base = (p[1] | 32) == 'x' ? 16 : (p[1] | 32) == 'o' ? 8 : (p[1] | 32) == 'b' ? 2 : 0;
	const char *q = p + 2;
	if (!*base)
		return p;
	while (q < end && (digit_value(*q) < *base ||
			   (*q == '_' && q + 1 < end && digit_value(q[1]) < *base)))
		q++;
	return q == p + 2 ? p : q;
}

/* What follows a leading zero is no part of the number. */
static const char *whole_end(const char *p, const char *end)
{
	if (*p != '0')
		return digits(p, end);
	const char *q = p + 1;
	while (q < end && (*q == '0' || (*q == '_' && q + 1 < end && q[1] == '0')))
		q++;
	return q;
}

static bool take_whole(struct lexer *x, const char *p, const char *end, int base)
{
	int64_t v = 0;
	const char *from = p;

	for (; p < end; p++) {
		if (*p == '_')
			continue;
		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, digit_value(*p), &v))
			return lex_fail(x, x->line, "the number %.*s is too large: at most %lld",
					(int)(end - from > 60 ? 60 : end - from), from,
					(long long)INT64_MAX);
	}
	struct token *t = lex_add(x, T_INT, NULL, 0);
	if (t)
		t->as.i = v;
	return t;
}

static bool take_real(struct lexer *x, const char *p, const char *end)
{
	char text[64];
	size_t n = 0;

	for (; p < end; p++) {
		if (*p == '_')
			continue;
		if (n == sizeof text - 1)
			return lex_fail(x, x->line, "a number has more than %zu characters",
					sizeof text - 1);
		text[n++] = *p;
	}
	text[n] = 0;
	struct token *t = lex_add(x, T_REAL, NULL, 0);
	if (t)
		t->as.r = strtod(text, NULL);
	return t;
}

static bool number(struct lexer *x)
{
	const char *p = x->s + x->at, *end = x->s + x->len;
	int base = 10;
	const char *q = x->at && p[-1] == '.' ? p : real_end(p, end);
	bool ok;

	if (q > p) {
		ok = take_real(x, p, q);
	} else {
		q = based_end(p, end, &base);
		const char *from = q > p ? p + 2 : p;
		if (q == p) {
			base = 10;
			q = whole_end(p, end);
		}
		ok = take_whole(x, from, q, base);
	}
	x->at += (size_t)(q - p);
	return ok;
}

/* --- strings ------------------------------------------------------------------------------ */

/* \x41, \u0041, \U00000041: n digits. */
static const char *by_digits(struct lexer *x, const char *p, const char *end, int n, char **to)
{
	uint32_t cp = 0;

	for (int i = 0; i < n; i++, p++) {
		if (p >= end || digit_value(*p) > 15) {
			lex_fail(x, x->line, "truncated \\%cXX escape",
				 n == 2 ? 'x' : n == 4 ? 'u' : 'U');
			return NULL;
		}
		cp = cp * 16 + (uint32_t)digit_value(*p);
	}
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
		lex_fail(x, x->line, "illegal Unicode character");
		return NULL;
	}
	*to += chars_put(*to, cp);
	return p;
}

static const char *escape(struct lexer *x, const char *p, const char *end, char **to)
{
	static const char from[] = "\\'\"abfnrtv", as[] = "\\'\"\a\b\f\n\r\t\v";
	const char *known = memchr(from, *p, sizeof from - 1);

	if (known) {
		*(*to)++ = as[known - from];
		return p + 1;
	}
	if (*p == '\n')
		return p + 1;
	if (*p >= '0' && *p <= '7') {
		uint32_t v = 0;
		for (int i = 0; i < 3 && p < end && *p >= '0' && *p <= '7'; i++)
			v = v * 8 + (uint32_t)(*p++ - '0');
		*to += chars_put(*to, v);
		return p;
	}
	if (*p == 'x' || *p == 'u' || *p == 'U')
		return by_digits(x, p + 1, end, *p == 'x' ? 2 : *p == 'u' ? 4 : 8, to);
	if (*p == 'N') {
		lex_fail(x, x->line, "\\N{...} is not known: write the character itself, or \\uXXXX");
		return NULL;
	}
	*(*to)++ = '\\';
	*(*to)++ = *p;
	return p + 1;
}

static bool string(struct lexer *x)
{
	const char *p = x->s + x->at, *end = x->s + x->len, *q = p + 1;

	for (; q < end && *q != *p; q++)
		q += *q == '\\';
	if (q >= end)
		return lex_fail(x, x->line, "unexpected char '%c' at %zu: a string that does not end",
				*p, x->at);
	size_t extra = strlen(x->syntax->newline);
	char *copy = mem_alloc(x->m, (size_t)(q - p) * extra * 2 + 1), *to = copy;
	if (!copy)
		return lex_no_memory(x);
	for (const char *r = p + 1; r && r < q;)
		if (*r == '\\') {
			r = escape(x, r + 1, q, &to);
			if (!r)
				return false;
		} else if (*r == '\n') {
			to = stpcpy(to, x->syntax->newline);
			r++;
		} else {
			*to++ = *r++;
		}
	*to = 0;
	struct token *t = lex_add(x, T_STRING, copy, (size_t)(to - copy));
	for (const char *r = p; r < q; r++)
		x->line += *r == '\n';
	x->at += (size_t)(q - p) + 1;
	return t;
}

/* --- names and operators ------------------------------------------------------------------ */

static size_t name_len(const struct lexer *x)
{
	size_t at = x->at;
	uint32_t cp;

	while (at < x->len) {
		size_t n = chars_next(x->s + at, x->len - at, &cp);
		if (!chars_is_word(x->locale, cp))
			break;
		at += n;
	}
	return at - x->at;
}

static char closing(char ch)
{
	return ch == '(' ? ')' : ch == '[' ? ']' : '}';
}

static bool balance(struct lexer *x, char ch)
{
	if (strchr("([{", ch)) {
		if (x->nopen == LEX_OPEN_MAX)
			return lex_fail(x, x->line, "more than %d brackets inside each other",
					LEX_OPEN_MAX);
		x->open[x->nopen++] = closing(ch);
	} else if (strchr(")]}", ch)) {
		if (!x->nopen)
			return lex_fail(x, x->line, "unexpected '%c'", ch);
		if (x->open[--x->nopen] != ch)
			return lex_fail(x, x->line, "unexpected '%c', expected '%c'", ch,
					x->open[x->nopen]);
	}
	return true;
}

static bool operator(struct lexer *x)
{
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		size_t n = strlen(operators[i].text);
		if (n > x->len - x->at || memcmp(x->s + x->at, operators[i].text, n) != 0)
			continue;
		if (!balance(x, *operators[i].text) ||
		    !lex_add(x, operators[i].type, x->s + x->at, n))
			return false;
		x->at += n;
		return true;
	}
	return lex_fail(x, x->line, "unexpected char '%.*s' at %zu",
			(int)chars_next(x->s + x->at, x->len - x->at, &(uint32_t){0}),
			x->s + x->at, x->at);
}

bool lex_inner(struct lexer *x)
{
	char ch = x->s[x->at];

	if (is_digit(ch))
		return number(x);
	if (ch == '"' || ch == '\'')
		return string(x);
	size_t n = name_len(x);
	if (!n)
		return operator(x);
	bool ok = lex_add(x, T_NAME, x->s + x->at, n);
	x->at += n;
	return ok;
}
