/* Dates and times. A row with date_format is read by that, in all rules. */
#include "run.h"

static bool by_formats(const struct field *f, const char *s, int64_t *ms)
{
	const struct rule *formats = f ? f->formats : NULL;

	for (size_t i = 0; formats && i < formats->nparams; i++)
		if (date_by_format(s, formats->texts[i], ms))
			return true;
	return false;
}

/* The moment that a value of this field is; other: of a field that has no format. */
static bool moment(const struct field *f, const struct field *other, const cruet_json *v,
		   int64_t *ms)
{
	const char *s = text_of(v);

	return s &&
	       (by_formats(f, s, ms) || by_formats(other, s, ms) || date_read(s, ms));
}

static int test_date(struct attempt *a)
{
	const char *s = text_of(a->value);
	int64_t ms;

	return fits(s && date_read(s, &ms));
}

static int test_date_format(struct attempt *a)
{
	const char *s = text_or_number(a->run->c, a->value);
	int64_t ms;

	return fits(s && by_formats(a->attr->field, s, &ms));
}

/* Before 0, after it, or at the same time; false: one of them is no date. */
static bool compared(const struct attempt *a, int *out)
{
	const struct param *p = &a->rule->params[0];
	const struct field *f = a->attr->field;
	int64_t own, other;

	if (!moment(f, NULL, a->value, &own))
		return false;
	if (!p->is_field)
		other = when_ms(&p->when, a->run->now_ms);
	else if (!moment(p->field, f, other_value(a, p), &other))
		return false;
	*out = (own > other) - (own < other);
	return true;
}

static int test_after(struct attempt *a)
{
	int order;

	return fits(compared(a, &order) && order > 0);
}

static int test_after_or_equal(struct attempt *a)
{
	int order;

	return fits(compared(a, &order) && order >= 0);
}

static int test_before(struct attempt *a)
{
	int order;

	return fits(compared(a, &order) && order < 0);
}

static int test_before_or_equal(struct attempt *a)
{
	int order;

	return fits(compared(a, &order) && order <= 0);
}

static int test_date_equals(struct attempt *a)
{
	int order;

	return fits(compared(a, &order) && order == 0);
}

const struct rule_def date_rules[] = {
	{"date", .test = test_date,
	 .message = "The :attribute field must be a valid date."},
	{"date_format", 1, ANY, TAKES_FORMATS, 0, 0, test_date_format, "format",
	 "The :attribute field must match the format :format."},
	{"date_equals", 1, 1, TAKES_DATE_OR_FIELD, 0, 0, test_date_equals, "date",
	 "The :attribute field must be a date equal to :date."},
	{"after", 1, 1, TAKES_DATE_OR_FIELD, 0, 0, test_after, "date",
	 "The :attribute field must be a date after :date."},
	{"after_or_equal", 1, 1, TAKES_DATE_OR_FIELD, 0, 0, test_after_or_equal, "date",
	 "The :attribute field must be a date after or equal to :date."},
	{"before", 1, 1, TAKES_DATE_OR_FIELD, 0, 0, test_before, "date",
	 "The :attribute field must be a date before :date."},
	{"before_or_equal", 1, 1, TAKES_DATE_OR_FIELD, 0, 0, test_before_or_equal, "date",
	 "The :attribute field must be a date before or equal to :date."},
	{NULL}};
