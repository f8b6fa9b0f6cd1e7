/* Values out of lists, and lists of values. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

static int by_text(const void *key, const void *at)
{
	return strcmp(key, *(const char *const *)at);
}

bool is_param(const struct rule *r, const char *text)
{
	return bsearch(text, r->sorted, r->nparams, sizeof *r->sorted, by_text) != NULL;
}

/* --- in --------------------------------------------------------------------------- */

/* null is written as nothing. */
static bool is_in(const struct attempt *a, const cruet_json *v)
{
	const char *s =
		cruet_json_kind(v) == CRUET_JSON_NULL ? "" : scalar_text(a->run->c, v);

	return s && is_param(a->rule, s);
}

/* Of a field that is an array all elements. */
static bool all_in(const struct attempt *a)
{
	const cruet_json *v = a->value;

	if (!is_container(v))
		return is_in(a, v);
	if (!(a->attr->field->type & TYPE_ARRAY))
		return false;
	for (v = cruet_json_first(v); v; v = cruet_json_next(v))
		if (!is_in(a, v))
			return false;
	return true;
}

static bool none_in(const struct attempt *a)
{
	const cruet_json *v = a->value;

	if (!is_container(v))
		return !is_in(a, v);
	for (v = cruet_json_first(v); v; v = cruet_json_next(v))
		if (is_in(a, v))
			return false;
	return true;
}

static int test_in(struct attempt *a)
{
	return fits(all_in(a));
}

static int test_not_in(struct attempt *a)
{
	return fits(none_in(a));
}

/* --- arrays ----------------------------------------------------------------------- */

/* How many of the parameters are among the elements; *ok false: out of memory. */
static size_t elements(const struct attempt *a, bool *ok)
{
	const struct value_set *set = set_of(a, a->value, SET_LOOSE);
	size_t n = 0;

	*ok = set != NULL;
	for (size_t i = 0; set && i < a->rule->nparams; i++)
		n += set_has_text(a->run, set, a->rule->texts[i]);
	return n;
}

static int test_contains(struct attempt *a)
{
	bool ok;
	size_t n = elements(a, &ok);

	return ok ? fits(is_container(a->value) && n == a->rule->nparams) : CRUET_ENOMEM;
}

static int test_doesnt_contain(struct attempt *a)
{
	bool ok;
	size_t n = elements(a, &ok);

	return ok ? fits(is_container(a->value) && !n) : CRUET_ENOMEM;
}

/* How many of the parameters are names of members. */
static size_t keys(const struct attempt *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->rule->nparams; i++)
		n += member(a->run, a->value, a->rule->texts[i]) != NULL;
	return n;
}

static int test_in_array_keys(struct attempt *a)
{
	return fits(keys(a) > 0);
}

static int test_required_array_keys(struct attempt *a)
{
	return fits(is_container(a->value) && keys(a) == a->rule->nparams);
}

/* --- among others ----------------------------------------------------------------- */

/* "items.*.id": among all of them. A row without a star asks it of its own elements. */
static int test_distinct(struct attempt *a)
{
	const char *how = a->rule->nparams ? a->rule->texts[0] : "";
	enum set_mode mode = !strcmp(how, "strict")	   ? SET_STRICT
			     : !strcmp(how, "ignore_case") ? SET_FOLDED
							   : SET_LOOSE;
	const struct path *path = &a->attr->field->path;
	const struct value_set *set =
		path->nwild ? set_at(a, path, mode) : set_of(a, a->value, mode);

	if (!set)
		return CRUET_ENOMEM;
	return fits(path->nwild ? !set_has_twice(a->run, set, a->value)
				: !set_repeats(set));
}

/* "sizes.*", or "sizes" for its elements. */
static int test_in_array(struct attempt *a)
{
	const struct param *p = &a->rule->params[0];
	const struct value_set *set = set_at(a, &p->path, SET_LOOSE);

	return set ? fits(set_has(a->run, set, a->value)) : CRUET_ENOMEM;
}

const struct rule_def list_rules[] = {
	{"in", 1, ANY, TAKES_TEXT, SORTED, 0, test_in, "values",
	 "The selected :attribute is invalid."},
	{"enum", 1, ANY, TAKES_TEXT, SORTED, 0, test_in, "values",
	 "The selected :attribute is invalid."},
	{"not_in", 1, ANY, TAKES_TEXT, SORTED, 0, test_not_in, "values",
	 "The selected :attribute is invalid."},
	{"contains", 1, ANY, TAKES_TEXT, 0, 0, test_contains, "values",
	 "The :attribute field is missing a required value."},
	{"doesnt_contain", 1, ANY, TAKES_TEXT, 0, 0, test_doesnt_contain, "values",
	 "The :attribute field must not contain any of the following: :values."},
	{"in_array_keys", 1, ANY, TAKES_TEXT, 0, 0, test_in_array_keys, "values",
	 "The :attribute field must contain at least one of the following keys: "
	 ":values."},
	{"required_array_keys", 1, ANY, TAKES_TEXT, 0, 0, test_required_array_keys,
	 "values", "The :attribute field must contain entries for: :values."},
	{"distinct", 0, 1, TAKES_CHOICES, SETS, 0, test_distinct,
	 .choices = "strict|ignore_case",
	 .message = "The :attribute field has a duplicate value."},
	{"in_array", 1, 1, TAKES_SET, SETS, 0, test_in_array, "other",
	 "The :attribute field must exist in :other."},
	{NULL}};
