/* The table for validate/1: what rules a field was declared with, and what its kind adds. What
 * can be chosen is no part of it (input.c looks at that): it may differ from request to
 * request, and tables are kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forms.h"

/* --- looking at the text of rules ------------------------------------------------------ */

static bool is_one(const char *word, size_t n, const char *const *names)
{
	for (; *names; names++)
		if (strlen(*names) == n && !strncmp(word, *names, n))
			return true;
	return false;
}

/* To the bar behind the parameters; bars in quotes belong to them. */
static const char *skip_params(const char *p)
{
	for (bool quoted = false; *p && (quoted || *p != '|'); p++)
		quoted ^= *p == '"';
	return p;
}

bool rules_name(const char *rules, const char *const *names)
{
	static const char *const patterns[] = {"regex", "not_regex", NULL};
	const char *p = rules ? rules : "";

	while (*(p += strspn(p, "| "))) {
		size_t n = strcspn(p, ":| ");
		if (is_one(p, n, names))
			return true;
		if (is_one(p, n, patterns)) /* in which a bar may be anything */
			return false;
		p = skip_params(p + n);
	}
	return false;
}

/* --- what a kind adds --------------------------------------------------------------------- */

/* So that what a browser promises holds without one, too. */
static const struct kind {
	int32_t type;
	const char *rule;
	const char *says[9]; /* with one of these its rules say it themselves */
} kinds[] = {
	{CRUET_FIELD_NUMBER,
	 "numeric",
	 {"numeric", "integer", "decimal", "digits", "digits_between", "regex", "in", "enum"}},
	{CRUET_FIELD_DATE, "date_format:Y-m-d", {"date", "date_format", "regex", "in", "enum"}},
	{CRUET_FIELD_TIME, "date_format:H:i,H:i:s", {"date", "date_format", "regex", "in", "enum"}},
	{CRUET_FIELD_DATETIME,
	 "date_format:Y-m-d\\TH:i,Y-m-d\\TH:i:s",
	 {"date", "date_format", "regex", "in", "enum"}},
	{CRUET_FIELD_EMAIL, "email", {"email", "regex", "in", "enum"}},
	{CRUET_FIELD_URL, "url", {"url", "regex", "in", "enum"}},
	{CRUET_FIELD_COLOR, "hex_color", {"hex_color", "regex", "in", "enum"}}};

static const char *kind_rule(const cruet_form_field *def)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].type == def->type)
			return rules_name(def->rules, kinds[i].says) ? "" : kinds[i].rule;
	return "";
}

/* --- the table ---------------------------------------------------------------------------- */

bool row_many(const cruet_form_field *def)
{
	static const char *const lists[] = {"in", "enum", NULL};

	return (def->flags & CRUET_FIELD_MANY) != 0 ||
	       (def->type == CRUET_FIELD_CHECKBOX &&
		(def->choices || rules_name(def->rules, lists)));
}

/* "array|max:2", "required|numeric"; its length, as snprintf() has it. */
static int write_rules(char *buf, size_t cap, const cruet_form_field *def)
{
	const char *own = def->rules ? def->rules : "";
	const char *more = row_many(def) ? "array" : kind_rule(def);

	if (!*own && !*more)
		more = "string";
	/* an array is said first: what the others mean depends on it */
	return row_many(def) ? snprintf(buf, cap, "%s%s%s", more, *own ? "|" : "", own)
			     : snprintf(buf, cap, "%s%s%s", own, *own && *more ? "|" : "", more);
}

const cruet_field_rule *form_rules(const struct form *f)
{
	cruet_field_rule *table = cruet_alloc(f->head.c, (f->n + 1) * sizeof *table);

	for (size_t i = 0; table && i < f->n; i++) {
		const cruet_form_field *def = &f->fields[i].def;
		size_t cap = (size_t)write_rules(NULL, 0, def) + 1;
		char *rules = cruet_alloc(f->head.c, cap);
		if (!rules)
			return NULL;
		write_rules(rules, cap, def);
		table[i] = (cruet_field_rule){def->name, rules};
	}
	return table;
}

static void free_rules(cruet_field_rule *table)
{
	for (size_t i = 0; table && table[i].field; i++)
		free((char *)table[i].rules);
	free(table);
}

static cruet_field_rule *rules_of_def(const cruet_form_def *def)
{
	cruet_form_field row;
	size_t n = 0;

	while (row_at(def, n, &row))
		n++;
	cruet_field_rule *table = calloc(n + 1, sizeof *table);
	for (size_t i = 0; table && row_at(def, i, &row); i++) {
		size_t cap = (size_t)write_rules(NULL, 0, &row) + 1;
		char *rules = malloc(cap);
		if (!rules) {
			free_rules(table);
			return NULL;
		}
		write_rules(rules, cap, &row);
		table[i] = (cruet_field_rule){row.name, rules};
	}
	return table;
}

int def_check_rules(cruet_app *app, const cruet_form_def *def)
{
	cruet_service s;
	int err = cruet_bind(app, CRUET_VALIDATE, NULL, CRUET_UPTO(cruet_validator, compile), &s);

	if (err)
		return err;
	cruet_field_rule *table = rules_of_def(def);
	if (!table) {
		cruet_reject(app, "out of memory");
		return CRUET_ENOMEM;
	}
	err = ((const cruet_validator *)s.vt)->compile(s.self, app, table);
	free_rules(table);
	return err;
}
