/* All rules there are: each family stands in a file of its own. */
#include <string.h>

#include "rules.h"

static const struct rule_def *const families[] = {
	presence_rules, prohibit_rules, type_rules, size_rules,	   number_rules,
	text_rules,	format_rules,	list_rules, compare_rules, date_rules};

enum { FAMILIES = sizeof families / sizeof *families };

const struct rule_def *catalog_find(const char *name, size_t len)
{
	for (size_t f = 0; f < FAMILIES; f++)
		for (const struct rule_def *d = families[f]; d->name; d++)
			if (!strncmp(d->name, name, len) && !d->name[len])
				return d;
	return NULL;
}

const struct rule_def *catalog_at(size_t i)
{
	for (size_t f = 0; f < FAMILIES; f++)
		for (const struct rule_def *d = families[f]; d->name; d++)
			if (!i--)
				return d;
	return NULL;
}
