#include "cli/shell_parse.h"

#include <string.h>

#include "base/text.h"

/* --- walking over C ----------------------------------------------------------------------- */

static const char space[] = " \t\r\n";

static bool is_word(int ch)
{
	return is_alnum(ch) || ch == '_';
}

static size_t word_length(const char *p)
{
	size_t n = 0;

	while (is_word(p[n]))
		n++;
	return n && !is_digit(*p) ? n : 0;
}

/* Behind a quoted text or a comment at p; p itself where there is none. A text that is not
 * closed ends with the NUL. */
static const char *skip_opaque(const char *p)
{
	if (*p == '"' || *p == '\'') {
		char quote = *p++;
		for (; *p && *p != quote; p++)
			p += *p == '\\' && p[1];
		return *p ? p + 1 : p;
	}
	if (p[0] == '/' && p[1] == '/')
		return p + strcspn(p, "\n");
	if (p[0] == '/' && p[1] == '*') {
		const char *end = strstr(p + 2, "*/");
		return end ? end + 2 : p + strlen(p);
	}
	return p;
}

/* The first of these characters in [p, end) outside of brackets and quotes; end: none. */
static const char *find(const char *p, const char *end, const char *set)
{
	int depth = 0;

	while (p < end) {
		const char *after = skip_opaque(p);
		if (after > p) {
			p = after < end ? after : end;
			continue;
		}
		if (!depth && strchr(set, *p))
			return p;
		if (strchr("([{", *p))
			depth++;
		else if (strchr(")]}", *p))
			depth--;
		p++;
	}
	return end;
}

/* "n +": the rest is still to come. */
static bool ends_in_operator(const char *text, size_t n)
{
	char last = n ? text[n - 1] : '\0', before = n > 1 ? text[n - 2] : '\0';

	if (last == '\\')
		return true;
	if (text[strspn(text, space)] == '#' || !last || !strchr("=,+-*/%&|^<>?.", last))
		return false;
	return !((last == '+' || last == '-') && before == last) && !(before == '*' && last == '/');
}

static bool begins_function(const char *p, size_t n);

bool line_is_whole(const char *text)
{
	size_t n = strlen(text);
	int depth = 0;

	while (n && strchr(space, text[n - 1]))
		n--;
	if (ends_in_operator(text, n) || begins_function(text, n))
		return false;
	for (const char *p = text; *p;) {
		const char *after = skip_opaque(p);
		if (after == p) {
			depth += strchr("([{", *p) ? 1 : strchr(")]}", *p) ? -1 : 0;
			p++;
			continue;
		}
		/* A text ends with its line, a comment may not. */
		if (p[0] == '/' && p[1] == '*' && (after - p < 4 || after[-1] != '/' || after[-2] != '*'))
			return false;
		p = after;
	}
	return depth <= 0;
}

static const char *trimmed_end(const char *p)
{
	const char *end = p + strlen(p);

	while (end > p && strchr(space, end[-1]))
		end--;
	return end;
}

/* --- declarations ------------------------------------------------------------------------- */

static bool among(const char *word, size_t n, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == n && !memcmp(*list, word, n))
			return true;
	return false;
}

static const char *const statements[] = {"break",  "case",   "continue", "do",	  "default",
					 "else",   "for",    "goto",	 "if",	  "return",
					 "switch", "while",  "asm",	 "__asm__", NULL};
static const char *const types[] = {"char",   "short", "int",	  "long",     "float",
				    "double", "void",  "signed",  "unsigned", "bool",
				    "_Bool",  NULL};
static const char *const makers[] = {"struct", "union", "enum", NULL};

/* "const struct entry *e", "int n", "int (*f": two words, or a type and "(*". */
static bool declares(const char *p)
{
	size_t words = 0;
	bool type = false;

	for (;;) {
		p += strspn(p, " \t\r\n*");
		size_t n = word_length(p);
		if (!n)
			break;
		if (!words && among(p, n, statements))
			return false;
		type = among(p, n, types);
		words++;
		p += n;
	}
	if (words == 1 && type && *p == '(')
		return p[1 + strspn(p + 1, space)] == '*';
	return words > 1 && (!*p || strchr("=;,[(", *p));
}

/* "a * b" may be both. */
static bool may_multiply(const char *p)
{
	const char *end = p + strlen(p), *eq = find(p, end, "=");

	p += word_length(p);
	p += strspn(p, space);
	return *p == '*' && (eq == end || eq[1] == '=');
}

static bool makes_type(const char *p)
{
	size_t n = word_length(p);

	if (n == 7 && !memcmp(p, "typedef", 7))
		return true;
	if (!among(p, n, makers))
		return false;
	p += n + strspn(p + n, space);
	p += word_length(p);
	p += strspn(p, space);
	const char *end = trimmed_end(p);
	while (end > p && strchr(" \t\r\n;", end[-1]))
		end--;
	return *p == '{' && end > p && end[-1] == '}';
}

/* "int f(int x) { ... }" */
static bool defines_function(const char *p)
{
	const char *end = trimmed_end(p), *brace = find(p, end, "{=;");

	if (brace == end || *brace != '{' || end[-1] != '}')
		return false;
	while (brace > p && strchr(space, brace[-1]))
		brace--;
	return brace > p && brace[-1] == ')' && word_length(p) && declares(p);
}

/* The word that a declarator in [p, end) gives a meaning to. */
static const char *declared(const char *p, const char *end, size_t *len)
{
	const char *name = NULL;

	*len = 0;
	for (const char *q = p; q < end;) {
		size_t n = word_length(q);
		if (n) {
			name = q;
			*len = n;
			q += n;
		} else if (*q == '[' || (*q == '(' && name && q[1 + strspn(q + 1, space)] != '*')) {
			break;
		} else if (*q == ')' && name) {
			break; /* "(*f)(" */
		} else {
			q++;
		}
	}
	return name;
}

/* "int f(int x)", the body of which begins on the next line. */
static bool begins_function(const char *p, size_t n)
{
	const char *end = p + n, *name;
	size_t len;

	p += strspn(p, space);
	if (p >= end || end[-1] != ')' || !declares(p) || find(p, end, "=;{") != end)
		return false;
	name = declared(p, end, &len);
	if (!name)
		return false;
	name += len + strspn(name + len, space);
	return *name == '(';
}

/* "extern int n;", "int f(int x);": it is somewhere else. */
static bool is_elsewhere(const char *p)
{
	const char *end = p + strlen(p);
	size_t n = word_length(p), len;

	if (n == 6 && !memcmp(p, "extern", 6))
		return true;
	const char *stop = find(p, end, "=,;"), *name = declared(p, stop, &len);
	if (!name || stop == end || *stop == '=')
		return false;
	name += len + strspn(name + len, space);
	return *name == '(';
}

bool parse_declarator(const char **p, const char *end, struct declarator *out)
{
	*p += strspn(*p, space);
	if (*p >= end || **p == ';')
		return false;
	const char *comma = find(*p, end, ",;"), *eq = find(*p, comma, "=");
	*out = (struct declarator){.p = *p, .end = eq};
	while (out->end > out->p && strchr(space, out->end[-1]))
		out->end--;
	if (eq < comma) {
		out->init = eq + 1 + strspn(eq + 1, space);
		out->init_end = comma;
	}
	out->name = declared(out->p, out->end, &out->len);
	*p = comma < end && *comma == ',' ? comma + 1 : end;
	return out->name;
}

const char *parse_without_storage(const char *p)
{
	static const char *const storage[] = {"static", "extern", NULL};
	size_t n = word_length(p);

	return among(p, n, storage) ? p + n + strspn(p + n, space) : p;
}

bool parse_has_own_type(const struct declarator *d)
{
	size_t n = word_length(d->p);

	return d->init && ((n == 4 && !memcmp(d->p, "auto", 4)) ||
			   (n == 11 && !memcmp(d->p, "__auto_type", 11)));
}

/* --- kinds -------------------------------------------------------------------------------- */

static bool calls_something(const char *text)
{
	const char *end = text + strlen(text), *eq = find(text, end, "=");

	return strchr(eq, '(') || parse_has_own_type(&(struct declarator){.p = text, .init = eq});
}

const char *line_piece(const char *text)
{
	text += strspn(text, space);
	const char *end = text + strlen(text), *stop;
	size_t n = word_length(text);

	if (*text == '#' || *text == '{' || among(text, n, statements))
		return end;
	stop = find(text, end, ";");
	return stop < end ? stop + 1 : end;
}

void line_ways(const char *text, enum line_kind ways[LINE_WAYS])
{
	text += strspn(text, space);
	const char *end = trimmed_end(text);
	bool closed = end > text && (end[-1] == ';' || end[-1] == '}');
	enum line_kind other = closed ? LINE_STATEMENT : LINE_EXPRESSION;
	size_t n = word_length(text);

	memset(ways, 0, LINE_WAYS * sizeof *ways);
	if (end == text) {
		ways[0] = LINE_NOTHING;
	} else if (*text == '#') {
		ways[0] = LINE_DIRECTIVE;
	} else if (*text == '{' || among(text, n, statements)) {
		ways[0] = LINE_STATEMENT;
	} else if (makes_type(text) || (declares(text) && is_elsewhere(text))) {
		ways[0] = LINE_TYPE;
	} else if (defines_function(text)) {
		ways[0] = LINE_FUNCTION;
	} else if (declares(parse_without_storage(text))) {
		enum line_kind fixed = calls_something(text) ? LINE_VARIABLES : LINE_FIXED;
		bool first = closed || !may_multiply(text);
		ways[!first] = fixed;
		ways[1 + !first] = fixed == LINE_FIXED ? LINE_VARIABLES : LINE_FIXED;
		ways[first ? 2 : 0] = other;
	} else {
		ways[0] = other;
		ways[1] = closed ? LINE_NOTHING : LINE_STATEMENT; /* of type void */
	}
}

const char *parse_function(const char *text, const char **name, size_t *len)
{
	const char *end = find(text, text + strlen(text), "{");

	while (end > text && strchr(space, end[-1]))
		end--;
	*name = declared(text, end, len);
	return end;
}

const char *parse_begin(const char *text)
{
	return text + strspn(text, space);
}
