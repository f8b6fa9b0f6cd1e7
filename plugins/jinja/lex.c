/* The lexer of Jinja2, by hand. A template is text with four kinds of marks in it; which of
 * them begins where is decided as Jinja2's regular expressions decide: the earliest place
 * wins, and there the longest mark. */
#include "lex.h"

#include <stdio.h>
#include <stdlib.h>

#include "chars.h"
#include "lex_priv.h"

enum mark { MARK_NONE, MARK_RAW, MARK_PRINT, MARK_LINE, MARK_LINE_COMMENT, MARK_COMMENT,
	MARK_BLOCK };

enum { MARKS = 5 };

struct rule {
	enum mark mark;
	const char *text;
	size_t len;
};



/* --- white space ------------------------------------------------------------------------ */

size_t lex_spaces(const char *s, size_t n)
{
	size_t at = 0;
	uint32_t cp;

	while (at < n) {
		size_t len = chars_next(s + at, n - at, &cp);
		if (!chars_is_space(cp))
			break;
		at += len;
	}
	return at;
}

bool lex_blank(const char *s, size_t n)
{
	return lex_spaces(s, n) == n;
}

/* The length of s without the white space at its end. */
static size_t stripped(const char *s, size_t n)
{
	uint32_t cp;

	while (n) {
		size_t len = chars_prev(s, n);
		chars_next(s + n - len, len, &cp);
		if (!chars_is_space(cp))
			break;
		n -= len;
	}
	return n;
}

static uint32_t lines_of(const char *s, size_t n)
{
	uint32_t lines = 0;

	for (const char *end = s + n; (s = memchr(s, '\n', (size_t)(end - s))); s++)
		lines++;
	return lines;
}

/* --- telling ---------------------------------------------------------------------------- */

bool lex_fail(struct lexer *x, uint32_t line, const char *fmt, ...)
{
	va_list ap;

	x->why->kind = "TemplateSyntaxError";
	x->why->line = line;
	va_start(ap, fmt);
	vsnprintf(x->why->what, sizeof x->why->what, fmt, ap);
	va_end(ap);
	return false;
}

bool lex_no_memory(struct lexer *x)
{
	lex_fail(x, x->line, "out of memory");
	x->why->kind = "MemoryError";
	return false;
}

struct token *lex_add(struct lexer *x, enum token_type type, const char *s, size_t len)
{
	if (x->ntokens == x->room) {
		size_t room = x->room ? x->room * 2 : 64;
		struct token *more = realloc(x->tokens, room * sizeof *more);
		if (!more) {
			lex_no_memory(x);
			return NULL;
		}
		x->tokens = more;
		x->room = room;
	}
	struct token *t = &x->tokens[x->ntokens++];
	*t = (struct token){.type = (uint8_t)type, .line = x->line, .s = s, .len = len};
	return t;
}

/* --- marks ------------------------------------------------------------------------------ */

static bool at_text(const struct lexer *x, size_t at, const char *text)
{
	size_t len = strlen(text);

	return len <= x->len - at && !memcmp(x->s + at, text, len);
}

/* -END and the white space behind it, +END, END and perhaps a line's end: how long what
 * stands here is; 0: it is none. */
static size_t end_mark(const struct lexer *x, size_t at, const char *end, bool plus, bool trim)
{
	size_t len = strlen(end);

	if (at < x->len && x->s[at] == '-' && at_text(x, at + 1, end)) {
		size_t after = at + 1 + len;
		return 1 + len + lex_spaces(x->s + after, x->len - after);
	}
	if (plus && at < x->len && x->s[at] == '+' && at_text(x, at + 1, end))
		return 1 + len;
	if (!at_text(x, at, end))
		return 0;
	return len + (trim && at + len < x->len && x->s[at + len] == '\n');
}

/* "{% raw %}": its length up to its end, *sign the character behind its beginning. */
static size_t raw_mark(const struct lexer *x, size_t at, char *sign)
{
	const char *begin = x->syntax->block_begin;

	if (!at_text(x, at, begin))
		return 0;
	size_t p = at + strlen(begin);
	*sign = p < x->len && (x->s[p] == '-' || x->s[p] == '+') ? x->s[p++] : 0;
	p += lex_spaces(x->s + p, x->len - p);
	if (!at_text(x, p, "raw"))
		return 0;
	p += 3;
	p += lex_spaces(x->s + p, x->len - p);
	size_t end = end_mark(x, p, x->syntax->block_end, false, false);
	return end ? p + end - at : 0;
}

static bool line_begins(const struct lexer *x, size_t at)
{
	return at == 0 || x->s[at - 1] == '\n';
}

/* Where a line statement or comment that begins here has its mark; 0 length: none. */
static size_t prefix_mark(const struct lexer *x, size_t at, const struct rule *r)
{
	size_t p = at;

	if (r->mark == MARK_LINE) {
		if (!line_begins(x, at))
			return 0;
		while (p < x->len && (x->s[p] == ' ' || x->s[p] == '\t' || x->s[p] == '\v'))
			p++;
	} else {
		uint32_t cp = ' ';
		if (at)
			chars_next(x->s + at - chars_prev(x->s, at), chars_prev(x->s, at), &cp);
		if (!line_begins(x, at) && chars_is_space(cp))
			return 0;
		while (p < x->len && x->s[p] != '\n' && x->s[p] != '\r' &&
		       lex_spaces(x->s + p, 1))
			p++;
	}
	return at_text(x, p, r->text) ? p + r->len - at : 0;
}

/* What begins at this place, and how long its mark is with the sign behind it. */
static enum mark mark_at(const struct lexer *x, size_t at, size_t *len, char *sign)
{
	*sign = 0;
	*len = raw_mark(x, at, sign);
	if (*len)
		return MARK_RAW;
	for (size_t i = 0; i < x->nrules; i++) {
		const struct rule *r = &x->rules[i];
		if (r->mark == MARK_LINE || r->mark == MARK_LINE_COMMENT)
			*len = prefix_mark(x, at, r);
		else
			*len = at_text(x, at, r->text) ? r->len : 0;
		if (!*len)
			continue;
		size_t p = at + *len;
		*sign = p < x->len && (x->s[p] == '-' || x->s[p] == '+') ? x->s[p] : 0;
		*len += *sign != 0;
		return r->mark;
	}
	return MARK_NONE;
}

/* Longer marks first, and of equal ones in the order in which they stand here. */
static void sort_rules(struct lexer *x, struct rule *rules)
{
	const struct syntax *s = x->syntax;
	const struct rule all[MARKS] = {{MARK_PRINT, s->print_begin, 0},
					{MARK_LINE, s->line_statement, 0},
					{MARK_LINE_COMMENT, s->line_comment, 0},
					{MARK_COMMENT, s->comment_begin, 0},
					{MARK_BLOCK, s->block_begin, 0}};

	for (size_t i = 0; i < MARKS; i++) {
		struct rule r = all[i];
		if (!r.text)
			continue;
		r.len = strlen(r.text);
		x->starts[(unsigned char)*r.text] = true;
		x->by_line |= r.mark == MARK_LINE || r.mark == MARK_LINE_COMMENT;
		size_t at = x->nrules++;
		for (; at && rules[at - 1].len < r.len; at--)
			rules[at] = rules[at - 1];
		rules[at] = r;
	}
	x->rules = rules;
}

/* --- text between marks ------------------------------------------------------------------- */

/* Lines end as the syntax says. */
static const char *with_newlines(struct lexer *x, const char *s, size_t *len)
{
	const char *newline = x->syntax->newline;
	size_t lines = lines_of(s, *len), extra = strlen(newline) - 1;

	if (!strcmp(newline, "\n") || !lines)
		return s;
	char *copy = mem_alloc(x->m, *len + lines * extra + 1), *to = copy;
	if (!copy)
		return NULL;
	for (size_t i = 0; i < *len; i++)
		if (s[i] == '\n')
			to = stpcpy(to, newline);
		else
			*to++ = s[i];
	*len = (size_t)(to - copy);
	return copy;
}

/* Text in front of a mark: what the mark's sign and the options leave of it. */
static bool add_data(struct lexer *x, size_t from, size_t to, char sign, bool may_strip)
{
	const char *s = x->s + from;
	size_t len = to - from, whole = len;

	if (sign == '-') {
		len = stripped(s, len);
	} else if (sign != '+' && x->syntax->lstrip_blocks && may_strip) {
		const char *last = memrchr(s, '\n', len);
		size_t begin = last ? (size_t)(last - s) + 1 : 0;
		if ((begin || x->line_starts) && begin < len &&
		    lex_spaces(s + begin, len - begin) == len - begin)
			len = begin;
	}
	if (len) {
		size_t shown = len;
		const char *text = with_newlines(x, s, &shown);
		if (!text || !lex_add(x, T_DATA, text, shown))
			return text ? false : lex_no_memory(x);
	}
	x->line += lines_of(s, whole);
	return true;
}

static void pass(struct lexer *x, size_t len)
{
	x->line += lines_of(x->s + x->at, len);
	x->at += len;
	x->line_starts = len ? x->s[x->at - 1] == '\n' : x->line_starts;
}

static bool comment(struct lexer *x)
{
	for (size_t p = x->at; p < x->len; p++) {
		size_t end = end_mark(x, p, x->syntax->comment_end, true,
				      x->syntax->trim_blocks);
		if (!end)
			continue;
		pass(x, p - x->at + end);
		return true;
	}
	return lex_fail(x, x->line, "Missing end of comment tag");
}

static bool raw(struct lexer *x)
{
	const char *begin = x->syntax->block_begin;
	char sign;

	for (size_t p = x->at; p < x->len; p++) {
		if (!at_text(x, p, begin))
			continue;
		size_t q = p + strlen(begin);
		sign = q < x->len && (x->s[q] == '-' || x->s[q] == '+') ? x->s[q++] : 0;
		q += lex_spaces(x->s + q, x->len - q);
		if (!at_text(x, q, "endraw"))
			continue;
		q += 6;
		q += lex_spaces(x->s + q, x->len - q);
		size_t end = end_mark(x, q, x->syntax->block_end, true,
				      x->syntax->trim_blocks);
		if (!end)
			continue;
		if (!add_data(x, x->at, p, sign, true))
			return false;
		x->at = p;
		pass(x, q + end - p);
		return true;
	}
	return lex_fail(x, x->line, "Missing end of raw directive");
}

/* --- what stands between a mark and its end -------------------------------------------------- */

/* The end of a line statement: white space up to the end of a line, or of all. */
static size_t line_end(const struct lexer *x)
{
	size_t n = lex_spaces(x->s + x->at, x->len - x->at);

	if (x->at + n == x->len)
		return n;
	const char *last = memrchr(x->s + x->at, '\n', n);
	return last ? (size_t)(last - x->s) + 1 - x->at : 0;
}

static size_t inner_end(const struct lexer *x, enum mark mark, bool *ends)
{
	size_t n;

	*ends = true;
	switch (mark) {
	case MARK_PRINT:
		n = end_mark(x, x->at, x->syntax->print_end, false, false);
		break;
	case MARK_LINE:
		n = line_end(x);
		*ends = n || x->at == x->len;
		return n;
	default:
		n = end_mark(x, x->at, x->syntax->block_end, true, x->syntax->trim_blocks);
		break;
	}
	*ends = n != 0;
	return n;
}

static bool inside(struct lexer *x, enum mark mark)
{
	enum token_type last = mark == MARK_PRINT ? T_PRINT_END : T_BLOCK_END;
	bool ends;

	if (!lex_add(x, mark == MARK_PRINT ? T_PRINT_BEGIN : T_BLOCK_BEGIN, NULL, 0))
		return false;
	x->nopen = 0;
	for (;;) {
		size_t n = inner_end(x, mark, &ends);
		if (ends && !x->nopen) {
			if (!lex_add(x, last, NULL, 0))
				return false;
			pass(x, n);
			return true;
		}
		if (x->at >= x->len)
			return true; /* the parser misses the end */
		n = lex_spaces(x->s + x->at, x->len - x->at);
		if (n) {
			pass(x, n);
			continue;
		}
		if (!lex_inner(x))
			return false;
	}
}

static bool step(struct lexer *x)
{
	size_t p = x->at, len = 0;
	enum mark mark = MARK_NONE;
	char sign = 0;

	for (; p < x->len; p++)
		if ((x->starts[(unsigned char)x->s[p]] || x->by_line) &&
		    (mark = mark_at(x, p, &len, &sign)) != MARK_NONE)
			break;
	if (mark == MARK_NONE) {
		bool ok = add_data(x, x->at, x->len, 0, false);
		x->at = x->len;
		return ok;
	}
	if (!add_data(x, x->at, p, sign, mark != MARK_PRINT))
		return false;
	x->at = p;
	pass(x, len);
	switch (mark) {
	case MARK_RAW:
		return raw(x);
	case MARK_COMMENT:
		return comment(x);
	case MARK_LINE_COMMENT:
		while (x->at < x->len && x->s[x->at] != '\n')
			x->at++;
		return true;
	default:
		return inside(x, mark);
	}
}

/* Lines end in \n, and the last one is no line of its own. */
static bool take_source(struct lexer *x, const char *source, size_t len)
{
	char *s = mem_alloc(x->m, len + 1);
	size_t n = 0;

	if (!s)
		return lex_no_memory(x);
	for (size_t i = 0; i < len; i++) {
		if (source[i] == '\r') {
			s[n++] = '\n';
			i += i + 1 < len && source[i + 1] == '\n';
		} else {
			s[n++] = source[i];
		}
	}
	if (n && s[n - 1] == '\n' && !x->syntax->keep_trailing_newline)
		n--;
	s[n] = 0;
	x->s = s;
	x->len = n;
	return true;
}

bool lex(const struct syntax *syntax, const char *source, size_t len, locale_t locale,
	 struct mem *m, struct tokens *out, struct complaint *why)
{
	struct rule rules[MARKS];
	struct lexer x = {.syntax = syntax, .m = m, .why = why, .locale = locale, .line = 1,
			  .line_starts = true};

	sort_rules(&x, rules);
	bool ok = take_source(&x, source, len);
	while (ok && x.at < x.len)
		ok = step(&x);
	ok = ok && lex_add(&x, T_EOF, NULL, 0);
	if (!ok) {
		free(x.tokens);
		return false;
	}
	*out = (struct tokens){x.tokens, x.ntokens};
	return true;
}
