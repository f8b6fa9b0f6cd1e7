/* The texts of a table: "required|in:a,b|regex:/^x|y$/i" and "items.*.price". */
#include "rules.h"

#include <stdio.h>
#include <string.h>

static bool name_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_';
}

static size_t name_length(const char *s)
{
	size_t n = 0;

	while (name_char(s[n]))
		n++;
	return n;
}

static const char *skip_spaces(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* --- parameters ------------------------------------------------------------------- */

/* "..." with "" for a quote. */
static const char *quoted(const char *p, struct pool *pool, const char **out, char *why)
{
	const char *end = ++p;

	while (*end && (*end != '"' || end[1] == '"'))
		end += *end == '"' ? 2 : 1;
	if (!*end) {
		snprintf(why, WHY_MAX, "a quote is not closed");
		return NULL;
	}
	char *copy = pool_strndup(pool, p, (size_t)(end - p)), *to = copy;
	if (!copy)
		return NULL;
	for (const char *from = copy; *from; from++) {
		*to++ = *from;
		from += *from == '"';
	}
	*to = '\0';
	*out = copy;
	return skip_spaces(end + 1);
}

static const char *plain(const char *p, struct pool *pool, const char **out)
{
	size_t n = strcspn(p, ",|");
	const char *end = p + n;

	while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	*out = pool_strndup(pool, p, n);
	return *out ? end : NULL;
}

static size_t count_params(const char *p)
{
	size_t n = 1;
	bool inside = false;

	for (; *p && (inside || *p != '|'); p++) {
		inside ^= *p == '"';
		n += *p == ',';
	}
	return n;
}

/* p stands behind the colon. Where it ends, or NULL. */
static const char *params(const char *p, struct pool *pool, struct raw_rule *out,
			  char *why)
{
	size_t max = count_params(p);

	if (max > PARAMS_MAX) {
		snprintf(why, WHY_MAX, "more than %d parameters", PARAMS_MAX);
		return NULL;
	}
	out->params = pool_alloc(pool, max, sizeof *out->params);
	if (!out->params)
		return NULL;
	for (p--; *p && *p != '|';) {
		const char **to = &out->params[out->nparams++];
		p = skip_spaces(p + 1);
		p = *p == '"' ? quoted(p, pool, to, why) : plain(p, pool, to);
		if (!p)
			return NULL;
		if (*p && *p != ',' && *p != '|') {
			snprintf(why, WHY_MAX,
				 "\"%.20s\" follows a quoted parameter: "
				 "expected a comma or a |",
				 p);
			return NULL;
		}
	}
	return p;
}

/* --- regular expressions ---------------------------------------------------------- */

static bool option_of(char ch, uint32_t *options)
{
	switch (ch) {
	case 'i':
		*options |= PCRE2_CASELESS;
		return true;
	case 'm':
		*options |= PCRE2_MULTILINE;
		return true;
	case 's':
		*options |= PCRE2_DOTALL;
		return true;
	case 'x':
		*options |= PCRE2_EXTENDED;
		return true;
	case 'u':
		*options |= PCRE2_UCP;
		return true;
	case 'U':
		*options |= PCRE2_UNGREEDY;
		return true;
	case 'A':
		*options |= PCRE2_ANCHORED;
		return true;
	case 'D': /* as it is anyway */
		return true;
	default:
		return false;
	}
}

static char closing(char ch)
{
	switch (ch) {
	case '(':
		return ')';
	case '[':
		return ']';
	case '{':
		return '}';
	case '<':
		return '>';
	default:
		return ch;
	}
}

/* The delimiter that closes; brackets inside brackets come in pairs. */
static const char *pattern_end(const char *start, char close)
{
	size_t depth = 1;
	const char *p;

	for (p = start + 1; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (*p == close && !--depth)
			break;
		else if (*p == *start)
			depth++;
	}
	return p;
}

/* /.../flags: commas and bars inside belong to it. */
static const char *pattern(const char *p, struct pool *pool, struct raw_rule *out,
			   char *why)
{
	const char *start = skip_spaces(p), *end;
	char close = closing(*start);

	if (!*start || strchr("\\|,", *start) || name_char((char)(*start | 0x20))) {
		snprintf(why, WHY_MAX,
			 "expected a pattern between delimiters, such as /^[a-z]+$/");
		return NULL;
	}
	end = pattern_end(start, close);
	if (!*end) {
		snprintf(why, WHY_MAX, "the pattern does not end with %c", close);
		return NULL;
	}
	out->params = pool_alloc(pool, 1, sizeof *out->params);
	if (!out->params)
		return NULL;
	out->params[0] = pool_strndup(pool, start + 1, (size_t)(end - start) - 1);
	out->nparams = 1;
	for (end++; *end && *end != '|' && *end != ' '; end++)
		if (!option_of(*end, &out->pattern_options)) {
			snprintf(why, WHY_MAX,
				 "'%c' follows the pattern: expected flags out of "
				 "imsxuUA, or "
				 "a |; write %c inside the pattern as \\%c",
				 *end, close, close);
			return NULL;
		}
	return out->params[0] ? skip_spaces(end) : NULL;
}

/* --- a rule ----------------------------------------------------------------------- */

static bool takes_pattern(const struct raw_rule *r)
{
	const struct rule_def *def = catalog_find(r->name, r->name_len);

	return def && def->takes == TAKES_PATTERN;
}

/* why becomes: regex: WHY. */
static void of_rule(const struct raw_rule *r, char *why)
{
	char text[WHY_MAX];

	snprintf(text, sizeof text, "%s", *why ? why : "out of memory");
	snprintf(why, WHY_MAX, "%.*s: %.400s", (int)(r->name_len < 60 ? r->name_len : 60),
		 r->name, text);
}

bool rule_text_next(const char **at, struct pool *pool, struct raw_rule *out,
		    char why[WHY_MAX])
{
	const char *p = *at + strspn(*at, " \t\r\n|");

	*why = '\0';
	*out = (struct raw_rule){.name = p, .name_len = name_length(p)};
	if (!*p)
		return false;
	if (!out->name_len) {
		snprintf(why, WHY_MAX, "\"%.20s\": expected the name of a rule", p);
		return false;
	}
	p = skip_spaces(p + out->name_len);
	if (*p == ':') {
		p = takes_pattern(out) ? pattern(p + 1, pool, out, why)
				       : params(p + 1, pool, out, why);
		if (!p) {
			of_rule(out, why);
			return false;
		}
	}
	if (*p && *p != '|') {
		snprintf(why, WHY_MAX, "\"%.20s\": expected a colon or a |", p);
		return false;
	}
	*at = p;
	return true;
}

/* --- paths ------------------------------------------------------------------------ */

/* One step of [s, ...), without its backslashes; *s moves behind it. */
static const char *step(const char **s, struct pool *pool, bool *star)
{
	size_t n = 0;
	const char *p = *s;

	*star = *p == '*' && (!p[1] || p[1] == '.');
	while (p[n] && p[n] != '.')
		n += p[n] == '\\' && p[n + 1] ? 2 : 1;
	char *copy = pool_strndup(pool, p, n), *to = copy;
	*s = p + n;
	if (!copy)
		return NULL;
	for (const char *from = copy; *from; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return copy;
}

bool path_parse(const char *text, struct pool *pool, struct path *out, char why[WHY_MAX])
{
	bool star;

	*out = (struct path){.text = pool_strndup(pool, text, strlen(text)),
			     .steps = pool_alloc(pool, STEPS_MAX, sizeof *out->steps)};
	snprintf(why, WHY_MAX, "out of memory");
	if (!out->text || !out->steps)
		return false;
	for (const char *s = text;; s++) {
		if (out->n == STEPS_MAX) {
			snprintf(why, WHY_MAX, "more than %d steps", STEPS_MAX);
			return false;
		}
		const char *name = step(&s, pool, &star);
		if (!name)
			return false;
		if (!*name) {
			snprintf(why, WHY_MAX,
				 "an empty step; a dot that belongs to a name "
				 "is written \\.");
			return false;
		}
		out->nwild += star;
		out->steps[out->n++] = star ? NULL : name;
		if (!*s)
			break;
	}
	if (out->nwild > WILD_MAX) {
		snprintf(why, WHY_MAX, "more than %d stars", WILD_MAX);
		return false;
	}
	*why = '\0';
	return true;
}

static bool same_step(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool path_begins(const struct path *p, const struct path *with)
{
	if (p->n < with->n)
		return false;
	for (size_t i = 0; i < with->n; i++)
		if (!same_step(p->steps[i], with->steps[i]))
			return false;
	return true;
}

bool path_same(const struct path *a, const struct path *b)
{
	return a->n == b->n && path_begins(a, b);
}

bool path_holds(const struct path *a, const struct path *b)
{
	if (a->n >= b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->steps[i] && b->steps[i] && strcmp(a->steps[i], b->steps[i]) != 0)
			return false;
	return true;
}
