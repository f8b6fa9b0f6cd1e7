/* The parameters of a rule: numbers, dates, other fields, patterns. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"

enum { DIGITS_OF_COUNT = 9 };

/* why becomes: max: WHY. */
static bool fail(const struct rule *rule, char *why, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool fail(const struct rule *rule, char *why, const char *fmt, ...)
{
	va_list ap;
	int n = snprintf(why, WHY_MAX, "%s: ", rule->def->name);

	va_start(ap, fmt);
	vsnprintf(why + n, WHY_MAX - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

/* --- other fields ----------------------------------------------------------------- */

static const struct field *row_of(const struct rules *r, const struct path *path)
{
	for (size_t i = 0; i < r->nfields; i++)
		if (path_same(&r->fields[i].path, path))
			return &r->fields[i];
	return NULL;
}

/* How far the two go together, up to the last star that they share. */
static void share(struct param *p, const struct path *own)
{
	for (uint8_t i = 0; i < p->path.n && i < own->n; i++) {
		const char *a = p->path.steps[i], *b = own->steps[i];
		if (a && b ? strcmp(a, b) != 0 : a != b)
			return;
		if (!a) {
			p->shared++;
			p->below = (uint8_t)(i + 1);
		}
	}
}

static bool read_field(struct compiler *k, struct field *f, const struct rule *rule,
		       struct param *p, char *why)
{
	char text[WHY_MAX];

	if (!path_parse(p->text, k->pool, &p->path, text))
		return fail(rule, why, "\"%.60s\" is no field: %.100s", p->text, text);
	if (p->path.nwild > f->path.nwild && rule->def->takes != TAKES_SET)
		return fail(rule, why,
			    "\"%.60s\" has more stars than the field, so what they stand "
			    "for is not known",
			    p->text);
	/* "sizes" stands for its elements, as "sizes.*" does. */
	if (rule->def->takes == TAKES_SET && !p->path.nwild && p->path.n < STEPS_MAX) {
		p->path.steps[p->path.n++] = NULL;
		p->path.nwild = 1;
	}
	p->is_field = true;
	p->field = row_of(k->out, &p->path);
	share(p, &f->path);
	return true;
}

/* NAME_confirmation */
static bool add_confirmation(struct compiler *k, struct field *f, struct rule *rule,
			     char *why)
{
	static const char suffix[] = "_confirmation";
	size_t n = strlen(f->path.text);

	if (!f->path.steps[f->path.n - 1])
		return fail(rule, why,
			    "the field ends with a star: name the other field");
	char *text = pool_alloc(k->pool, 1, n + sizeof suffix);
	rule->texts = pool_alloc(k->pool, 1, sizeof *rule->texts);
	if (!text || !rule->texts)
		return false;
	snprintf(text, n + sizeof suffix, "%s%s", f->path.text, suffix);
	rule->texts[0] = text;
	rule->nparams = 1;
	return true;
}

/* --- values ----------------------------------------------------------------------- */

static bool read_count(const struct rule *rule, struct param *p, char *why)
{
	size_t n = strspn(p->text, "0123456789");

	if (!n || n > DIGITS_OF_COUNT || p->text[n])
		return fail(rule, why, "\"%.60s\": expected a whole number such as 3",
			    p->text);
	p->count = strtoull(p->text, NULL, 10);
	return true;
}

static bool read_date(const struct field *f, struct param *p)
{
	for (size_t i = 0; f->formats && i < f->formats->nparams; i++)
		if (date_by_format(p->text, f->formats->texts[i], &p->when.ms)) {
			p->when.base = WHEN_FIXED;
			return true;
		}
	return when_parse(p->text, &p->when);
}

static bool read_format(const struct rule *rule, const struct param *p, char *why)
{
	const char *bad = date_format_bad(p->text);

	if (!*p->text)
		return fail(rule, why, "the format is empty: expected one such as Y-m-d");
	if (bad)
		return fail(rule, why,
			    "'%c' in \"%.60s\" is no letter of a format: write \\%c for "
			    "the letter itself",
			    *bad, p->text, *bad);
	return true;
}

/* "rfc or strict" out of "rfc|strict" */
static bool read_choice(const struct rule *rule, const struct param *p, char *why)
{
	size_t len = strlen(p->text), n;
	char list[WHY_MAX / 4] = "";

	for (const char *s = rule->def->choices; *s; s += n + (s[n] == '|')) {
		size_t used = strlen(list);
		n = strcspn(s, "|");
		if (n == len && !strncmp(s, p->text, n))
			return true;
		snprintf(list + used, sizeof list - used, "%s%.*s",
			 !used	? ""
			 : s[n] ? ", "
				: " or ",
			 (int)n, s);
	}
	return fail(rule, why, "\"%.60s\": expected %s", p->text, list);
}

static bool read_param(struct compiler *k, struct field *f, const struct rule *rule,
		       struct param *p, bool first, char *why)
{
	switch (rule->def->takes) {
	case TAKES_NUMBERS:
		return decimal_parse(p->text, &p->number) ||
		       fail(rule, why, "\"%.60s\": expected a number", p->text);
	case TAKES_COUNTS:
		return read_count(rule, p, why);
	case TAKES_FIELD_AND_TEXT:
		return !first || read_field(k, f, rule, p, why);
	case TAKES_FIELDS:
	case TAKES_CONFIRMATION:
	case TAKES_SET:
		return read_field(k, f, rule, p, why);
	case TAKES_NUMBER_OR_FIELD:
		return decimal_parse(p->text, &p->number) ||
		       read_field(k, f, rule, p, why);
	case TAKES_DATE_OR_FIELD:
		return read_date(f, p) || read_field(k, f, rule, p, why);
	case TAKES_FORMATS:
		return read_format(rule, p, why);
	case TAKES_CHOICES:
		return read_choice(rule, p, why);
	default:
		return true;
	}
}

/* --- patterns --------------------------------------------------------------------- */

static bool compile_pattern(struct rule *rule, const char *text, uint32_t options,
			    char *why)
{
	PCRE2_UCHAR message[128];
	PCRE2_SIZE at;
	int code;

	rule->regex = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
				    options | PCRE2_UTF | PCRE2_DOLLAR_ENDONLY |
					    PCRE2_NEVER_BACKSLASH_C,
				    &code, &at, NULL);
	if (rule->regex)
		return true;
	pcre2_get_error_message(code, message, sizeof message);
	return fail(rule, why, "%s at byte %zu of \"%.100s\"", (const char *)message,
		    (size_t)at + 1, text);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool sort_texts(struct compiler *k, struct rule *rule)
{
	rule->sorted = pool_alloc(k->pool, rule->nparams, sizeof *rule->sorted);
	if (!rule->sorted)
		return false;
	for (size_t i = 0; i < rule->nparams; i++)
		rule->sorted[i] = rule->texts[i];
	if (rule->nparams)
		qsort(rule->sorted, rule->nparams, sizeof *rule->sorted, by_text);
	return true;
}

bool compile_params(struct compiler *k, struct field *f, struct rule *rule,
		    char why[WHY_MAX])
{
	const struct rule_def *d = rule->def;

	*why = '\0';
	if (d->takes == TAKES_CONFIRMATION && !rule->nparams &&
	    !add_confirmation(k, f, rule, why))
		return false;
	rule->params = pool_alloc(k->pool, rule->nparams, sizeof *rule->params);
	if (!rule->params)
		return false;
	for (size_t i = 0; i < rule->nparams; i++) {
		rule->params[i].text = rule->texts[i];
		if (!read_param(k, f, rule, &rule->params[i], i == 0, why))
			return false;
	}
	if ((d->flags & SORTED) && !sort_texts(k, rule))
		return false;
	if (d->takes == TAKES_PATTERN &&
	    !compile_pattern(rule, rule->texts[0],
			     rule->pattern_options | PCRE2_AUTO_CALLOUT, why))
		return false;
	if (d->pattern && !compile_pattern(rule, d->pattern, PCRE2_UCP, why))
		return false;
	return !d->check || d->check(rule, why);
}
