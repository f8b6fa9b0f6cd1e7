/* From a table to what a check reads. Rows are read first, and then their parameters,
 * because these may name other rows. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"

static bool fail(char *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool fail(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, WHY_MAX, fmt, ap);
	va_end(ap);
	return false;
}

/* why becomes: field "age": WHY. */
static bool of_field(const char *field, char *why)
{
	char text[WHY_MAX];

	if (!*why)
		snprintf(why, WHY_MAX, "out of memory");
	snprintf(text, sizeof text, "%s", why);
	snprintf(why, WHY_MAX, "field \"%.60s\": %.400s", field, text);
	return false;
}

/* --- the rules of a row ----------------------------------------------------------- */

static bool unknown(const char *name, size_t len, const struct asker *who, char *why)
{
	char word[64];

	snprintf(word, sizeof word, "%.*s", (int)len, name);
	if (added_find(who, CRUET_VALIDATE_RULE, name, len))
		return fail(why, "\"%s\" names an error, and is no rule", word);
	const char *near = cruet_nearest(word, known_rule, who);
	return near ? fail(why, "unknown rule \"%s\": did you mean \"%s\"?", word, near)
		    : fail(why,
			   "unknown rule \"%s\": neither the plugin nor "
			   "cruet_validate_add() has one of that name",
			   word);
}

static bool takes_so_many(const struct rule_def *d, size_t n, char *why)
{
	char range[32];

	if (n >= d->min && (d->max == ANY || n <= d->max))
		return true;
	if (!d->max)
		return fail(why, "%s takes no parameters, and has %zu", d->name, n);
	if (d->max == ANY)
		snprintf(range, sizeof range, "%u or more parameters", d->min);
	else if (d->min == d->max)
		snprintf(range, sizeof range, "%u parameter%s", d->min,
			 d->min == 1 ? "" : "s");
	else
		snprintf(range, sizeof range, "%u to %u parameters", d->min, d->max);
	return fail(why, "%s takes %s, and has %zu", d->name, range, n);
}

static void note_flags(struct field *f, const struct rule *rule)
{
	const struct rule_def *d = rule->def;

	f->type |= d->type;
	f->excludes |= (d->flags & EXCLUDES) != 0;
	if (d->takes == TAKES_FORMATS)
		f->formats = rule;
	if (!(d->flags & MODIFIER))
		return;
	f->bail |= !strcmp(d->name, "bail");
	f->sometimes |= !strcmp(d->name, "sometimes");
	f->nullable |= !strcmp(d->name, "nullable");
}

static bool add_rule(struct compiler *k, struct field *f, const struct raw_rule *raw,
		     char *why)
{
	struct rule *rule = &f->rules[f->nrules];

	rule->def = catalog_find(raw->name, raw->name_len);
	if (!rule->def && added_rule(k->who, raw->name, raw->name_len))
		rule->def = &custom_def;
	if (!rule->def)
		return unknown(raw->name, raw->name_len, k->who, why);
	if (!takes_so_many(rule->def, raw->nparams, why))
		return false;
	rule->name = pool_strndup(k->pool, raw->name, raw->name_len);
	if (!rule->name)
		return false;
	rule->texts = raw->params;
	rule->nparams = raw->nparams;
	rule->pattern_options = raw->pattern_options;
	if (rule->def->flags & SETS)
		rule->slot = k->out->nslots++;
	if (rule->def == &custom_def)
		rule->slot = k->out->nadded++;
	note_flags(f, rule);
	f->nrules++;
	return true;
}

/* At least as many as there are rules. */
static size_t most_rules(const char *s)
{
	size_t n = 1;

	for (; *s && n < RULES_MAX; s++)
		n += *s == '|';
	return n;
}

static bool read_row(struct compiler *k, struct field *f, const cruet_field_rule *row,
		     char *why)
{
	const char *at = row->rules;
	struct raw_rule raw;

	if (!row->rules)
		return fail(why, "it has no rules: write \"\" if anything is welcome");
	if (!path_parse(row->field, k->pool, &f->path, why))
		return false;
	f->rules = pool_alloc(k->pool, most_rules(at), sizeof *f->rules);
	if (!f->rules)
		return false;
	while (rule_text_next(&at, k->pool, &raw, why)) {
		if (f->nrules == RULES_MAX)
			return fail(why, "more than %d rules", RULES_MAX);
		if (!add_rule(k, f, &raw, why))
			return false;
	}
	return !*why;
}

/* --- what rows are to each other -------------------------------------------------- */

static bool is_part(const struct field *f, const struct field *of)
{
	return f->path.n > of->path.n && path_begins(&f->path, &of->path);
}

static bool relate(struct rules *r, size_t i, char *why)
{
	struct field *f = &r->fields[i];

	for (size_t j = 0; j < r->nfields; j++) {
		const struct field *other = &r->fields[j];
		if (j < i && path_same(&f->path, &other->path))
			return fail(why, "it has two rows: write its rules in one");
		f->opens |= path_holds(&f->path, &other->path);
		if (is_part(f, other) && (!f->above || is_part(other, f->above)))
			f->above = other;
		if (j < i && f->excludes && is_part(other, f))
			return fail(why,
				    "a rule may take it out: its row must stand before "
				    "that of \"%.60s\"",
				    other->path.text);
	}
	return true;
}

/* --- the whole -------------------------------------------------------------------- */

static bool read_rows(struct compiler *k, const cruet_field_rule *table, char *why)
{
	struct rules *r = k->out;

	for (size_t i = 0; i < r->nfields; i++) {
		const char *rules = table[i].rules ? table[i].rules : "";
		r->source[2 * i] =
			pool_strndup(k->pool, table[i].field, strlen(table[i].field));
		r->source[2 * i + 1] = pool_strndup(k->pool, rules, strlen(rules));
		*why = '\0';
		if (!r->source[2 * i] || !r->source[2 * i + 1] ||
		    !read_row(k, &r->fields[i], &table[i], why))
			return of_field(table[i].field, why);
	}
	return true;
}

/* Those of date_format, or all others. */
static bool read_params(struct compiler *k, struct field *f, bool formats, char *why)
{
	for (size_t i = 0; i < f->nrules; i++) {
		struct rule *rule = &f->rules[i];
		if ((rule->def->takes == TAKES_FORMATS) == formats &&
		    !compile_params(k, f, rule, why))
			return false;
	}
	return true;
}

static bool finish_rows(struct compiler *k, char *why)
{
	struct rules *r = k->out;

	for (size_t i = 0; i < r->nfields; i++) {
		struct field *f = &r->fields[i];
		/* Dates of other rules are read by the format of their field. */
		if (!relate(r, i, why) || !read_params(k, f, true, why) ||
		    !read_params(k, f, false, why))
			return of_field(f->path.text, why);
	}
	return true;
}

static size_t count_rows(const cruet_field_rule *table)
{
	size_t n = 0;

	while (table[n].field)
		n++;
	return n;
}

struct rules *rules_compile(const struct asker *who, const cruet_field_rule *table,
			    char why[WHY_MAX])
{
	struct rules *r = calloc(1, sizeof *r);
	size_t n = count_rows(table);

	snprintf(why, WHY_MAX, "out of memory");
	if (!r)
		return NULL;
	if (n > FIELDS_MAX) {
		fail(why, "the table has %zu rows: expected at most %d", n, FIELDS_MAX);
		goto drop;
	}
	struct compiler k = {who, r, &r->pool};
	r->fields = pool_alloc(&r->pool, n, sizeof *r->fields);
	r->source = pool_alloc(&r->pool, n, 2 * sizeof *r->source);
	if (!r->fields || !r->source)
		goto drop;
	r->nfields = n;
	r->hash = rules_hash(table);
	if (!read_rows(&k, table, why) || !finish_rows(&k, why))
		goto drop;
	if (tree_build(r))
		return r;
	snprintf(why, WHY_MAX, "out of memory");
drop:
	rules_free(r);
	return NULL;
}

static bool rule_added(const struct rule *rule, const struct asker *who,
		       const cruet_validate_added **to, char *why)
{
	size_t len = strlen(rule->name);
	const cruet_validate_added *added;

	if (rule->def != &custom_def)
		return true;
	added = added_rule(who, rule->name, len);
	if (!added)
		return unknown(rule->name, len, who, why);
	if (to)
		to[rule->slot] = added;
	return true;
}

bool rules_added(const struct rules *r, const struct asker *who,
		 const cruet_validate_added **to, char why[WHY_MAX])
{
	for (size_t i = 0; r->nadded && i < r->nfields; i++) {
		const struct field *f = &r->fields[i];
		for (size_t j = 0; j < f->nrules; j++)
			if (!rule_added(&f->rules[j], who, to, why))
				return of_field(f->path.text, why);
	}
	return true;
}

void rules_free(struct rules *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->nfields; i++)
		for (size_t j = 0; j < r->fields[i].nrules; j++)
			pcre2_code_free(r->fields[i].rules[j].regex);
	pool_free(&r->pool);
	free(r);
}

/* --- the same table again --------------------------------------------------------- */

static uint64_t add_text(uint64_t h, const char *s)
{
	do
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	while (*s++);
	return h;
}

uint64_t rules_hash(const cruet_field_rule *table)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; table->field; table++) {
		h = add_text(h, table->field);
		h = add_text(h, table->rules ? table->rules : "");
	}
	return h;
}

bool rules_are(const struct rules *r, const cruet_field_rule *table)
{
	size_t i = 0;

	for (; i < r->nfields && table[i].field; i++)
		if (!table[i].rules || strcmp(r->source[2 * i], table[i].field) != 0 ||
		    strcmp(r->source[2 * i + 1], table[i].rules) != 0)
			return false;
	return i == r->nfields && !table[i].field;
}
