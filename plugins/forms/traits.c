/* What HTML can say of the rules of a field, so that a browser helps before anything is sent.
 * The rules are read by who knows them (cruet_validate_each); here each that HTML has a word
 * for sets a trait, and what they mean for a field of that type is decided when all were seen. */
#include <stdlib.h>
#include <string.h>

#include "forms.h"

/* What the rules of one field say, before its type is known. */
struct said {
	bool number, whole;
	const char *least, *most; /* of size */
	const char *from, *to;	  /* of dates */
	const char *step;
};

struct reading {
	struct form *f;
	struct said *said; /* one for each field */
};

typedef void take_fn(struct field *f, struct said *s, const cruet_rule_seen *r);

static const char *param(const cruet_rule_seen *r, size_t i)
{
	return i < r->nparams ? r->params[i] : NULL;
}

/* --- one rule ----------------------------------------------------------------------- */

static void suggest(struct field *f, int32_t type)
{
	if (f->type == CRUET_FIELD_AUTO)
		f->type = type;
}

static void take_required(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)s, (void)r;
	f->required = true;
}
static void take_accepted(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	take_required(f, s, r);
	suggest(f, CRUET_FIELD_CHECKBOX);
}
static void take_boolean(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)s, (void)r;
	suggest(f, CRUET_FIELD_CHECKBOX);
}
static void take_email(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)s, (void)r;
	suggest(f, CRUET_FIELD_EMAIL);
}
static void take_url(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)s, (void)r;
	suggest(f, CRUET_FIELD_URL);
}
static void take_integer(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)r;
	s->number = s->whole = true;
	suggest(f, CRUET_FIELD_NUMBER);
}
static void take_numeric(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)r;
	s->number = true;
	suggest(f, CRUET_FIELD_NUMBER);
}
static void take_decimal(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	const char *most = param(r, r->nparams - 1);
	char digits[32] = "";

	take_numeric(f, s, r);
	long n = most ? strtol(most, NULL, 10) : 0;
	if (n < 1 || n > 20)
		return;
	memset(digits, '0', (size_t)n - 1);
	s->step = cruet_printf(f->form->head.c, "0.%s1", digits);
}
static void take_multiple(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)f;
	s->step = param(r, 0);
}
static void take_min(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)f;
	s->least = param(r, 0);
}
static void take_max(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)f;
	s->most = param(r, 0);
}
static void take_between(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)f;
	s->least = param(r, 0);
	s->most = param(r, 1);
}
static void take_size(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)f;
	s->least = s->most = param(r, 0);
}
static void take_date(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)s, (void)r;
	suggest(f, CRUET_FIELD_DATE);
}
static void take_format(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	const char *format = param(r, 0);

	(void)s;
	if (!format || r->nparams != 1)
		return;
	if (!strcmp(format, "Y-m-d"))
		suggest(f, CRUET_FIELD_DATE);
	else if (!strcmp(format, "H:i"))
		suggest(f, CRUET_FIELD_TIME);
	else if (!strcmp(format, "Y-m-d\\TH:i"))
		suggest(f, CRUET_FIELD_DATETIME);
}
static void take_from(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)f;
	s->from = param(r, 0);
}
static void take_to(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)f;
	s->to = param(r, 0);
}
static void take_digits(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	const char *from = param(r, 0), *to = param(r, 1);

	(void)s;
	if (from)
		f->pattern = cruet_printf(f->form->head.c, to ? "[0-9]{%s,%s}" : "[0-9]{%s}", from,
					  to);
	f->inputmode = "numeric";
}

/* A pattern that means the same to a browser: from ^ to $, made of what both languages know. A
 * hyphen that stands for itself in brackets is a mistake there. */
static void take_regex(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789 _-[]{}+*?.,:;#@!%";
	const char *p = param(r, 0);
	size_t n = p ? strlen(p) : 0;

	(void)s;
	if (n < 3 || r->flagged || *p != '^' || p[n - 1] != '$' || strspn(p + 1, plain) != n - 2 ||
	    strstr(p, "[-") || strstr(p, "-]"))
		return;
	f->pattern = cruet_printf(f->form->head.c, "%.*s", (int)(n - 2), p + 1);
}

/* red,green become choices of their own names. */
static void take_in(struct field *f, struct said *s, const cruet_rule_seen *r)
{
	(void)s;
	if (f->offers || (f->type && f->type != CRUET_FIELD_SELECT &&
			  f->type != CRUET_FIELD_RADIO && f->type != CRUET_FIELD_CHECKBOX))
		return;
	cruet_choice *list = cruet_alloc(f->form->head.c, (r->nparams + 1) * sizeof *list);
	for (size_t i = 0; list && i < r->nparams; i++)
		list[i].value = r->params[i];
	f->offers = list;
}

static const struct {
	const char *rule;
	take_fn *take;
} takers[] = {
	{"required", take_required}, {"accepted", take_accepted}, {"boolean", take_boolean},
	{"email", take_email},	     {"url", take_url},		  {"integer", take_integer},
	{"numeric", take_numeric},   {"decimal", take_decimal},	  {"multiple_of", take_multiple},
	{"min", take_min},	     {"gte", take_min},		  {"max", take_max},
	{"lte", take_max},	     {"between", take_between},	  {"size", take_size},
	{"date", take_date},	     {"date_format", take_format}, {"after_or_equal", take_from},
	{"before_or_equal", take_to}, {"digits", take_digits},	  {"digits_between", take_digits},
	{"regex", take_regex},	     {"in", take_in},		  {"enum", take_in}};

static int take(const cruet_rule_seen *r, void *arg)
{
	const struct reading *reading = arg;
	struct field *f = form_field(reading->f, r->field);

	for (size_t i = 0; f && i < sizeof takers / sizeof *takers; i++)
		if (!strcmp(takers[i].rule, r->name))
			takers[i].take(f, &reading->said[f - reading->f->fields], r);
	return CRUET_OK;
}

/* --- all of them --------------------------------------------------------------------- */

static bool is_number(const char *s)
{
	s += *s == '-';
	return *s && !s[strspn(s, "0123456789.")];
}

static bool is_count(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

/* 2026-11-24; what is said by other fields or by today is no date yet. */
static bool is_date(const char *s)
{
	return strlen(s) == 10 && s[4] == '-' && s[7] == '-' && strspn(s, "0123456789-") == 10;
}

static const char *where(bool (*fits)(const char *), const char *s)
{
	return s && fits(s) ? s : NULL;
}

static bool is_line(int32_t type)
{
	return (type >= CRUET_FIELD_TEXT && type <= CRUET_FIELD_SEARCH);
}

static void decide(struct field *f, const struct said *s)
{
	suggest(f, f->offers ? CRUET_FIELD_SELECT : CRUET_FIELD_TEXT);
	if (f->type == CRUET_FIELD_NUMBER) {
		f->min = where(is_number, s->least);
		f->max = where(is_number, s->most);
		/* Browsers count steps from the least value: from another than 0 they would
		 * not be multiples. */
		bool zero = !f->min || !strcmp(f->min, "0");
		f->step = zero && where(is_number, s->step) ? s->step : s->whole ? NULL : "any";
	} else if (f->type == CRUET_FIELD_DATE) {
		f->min = where(is_date, s->from);
		f->max = where(is_date, s->to);
	} else if (is_line(f->type) && !s->number) {
		f->minlength = where(is_count, s->least);
		f->maxlength = where(is_count, s->most);
	}
	if (!is_line(f->type) || f->type == CRUET_FIELD_TEXTAREA)
		f->pattern = f->inputmode = NULL;
}

/* Nothing to choose from is a mistake; an empty list, of which nothing is taken, is none. */
static int check_offers(const struct field *f)
{
	bool group = f->type == CRUET_FIELD_CHECKBOX && f->many;

	if (f->offers || (f->type != CRUET_FIELD_SELECT && f->type != CRUET_FIELD_RADIO && !group))
		return CRUET_OK;
	return cruet_fail(f->form->head.c, 500,
			  "form %s: field '%s' has nothing to choose from: give it choices or the "
			  "rule in, or call cruet_form_choices() before cruet_form_ok()",
			  f->form->name, f->def.name);
}

int form_traits(struct form *f)
{
	const cruet_field_rule *rules = f->traits ? NULL : form_rules(f);
	struct reading r = {f, NULL};

	if (f->traits)
		return CRUET_OK;
	r.said = cruet_alloc(f->head.c, (f->n + 1) * sizeof *r.said);
	if (!rules || !r.said)
		return CRUET_ENOMEM;
	for (size_t i = 0; i < f->n; i++)
		f->fields[i].offers = f->fields[i].choices;
	int err = cruet_validate_each(f->head.c, rules, take, &r);
	for (size_t i = 0; i < f->n && !err; i++) {
		decide(&f->fields[i], &r.said[i]);
		err = check_offers(&f->fields[i]);
	}
	f->traits = !err;
	return err;
}
