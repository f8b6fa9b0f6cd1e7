/* What a form was declared as: checked, and laid out for one request. A row may be shorter
 * than ours, where the application was built with an older header. */
#include <stdio.h>
#include <string.h>

#include "forms.h"

enum { FIELDS_MAX = 500, NAME_LEN_MAX = 64, TYPES = CRUET_FIELD_HIDDEN + 1 };

/* Members of a form in templates, which a field would hide. */
static const char *const taken[] = {"begin", "csrf", "end",	    "errors", "ok",
				    "sent",  "submit", "summary", NULL};

static const char *taken_at(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

static bool is_taken(const char *name)
{
	for (size_t i = 0; taken_at(taken, i); i++)
		if (!strcmp(taken_at(taken, i), name))
			return true;
	return false;
}

/* --- a declaration ----------------------------------------------------------------- */

bool row_at(const cruet_form_def *def, size_t i, cruet_form_field *out)
{
	size_t size = def->field_size < sizeof *out ? def->field_size : sizeof *out;

	memset(out, 0, sizeof *out);
	memcpy(out, (const char *)def->fields + i * def->field_size, size);
	return out->name;
}

static bool is_name(const char *s)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char all[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	return *s && strchr(letters, *s) && !s[strspn(s, all)] && strlen(s) <= NAME_LEN_MAX;
}

static bool chooses(int32_t type)
{
	return type == CRUET_FIELD_SELECT || type == CRUET_FIELD_RADIO ||
	       type == CRUET_FIELD_CHECKBOX;
}

/* Ids of buttons, help and errors are made of that of their field. */
static bool ids_meet(const char *name, const char *other)
{
	size_t n = strlen(name);
	const char *end = other + n;

	if (strncmp(name, other, n) != 0 || *end++ != '-')
		return false;
	return !strcmp(end, "help") || !strcmp(end, "error") ||
	       (*end && !end[strspn(end, "0123456789")]);
}

/* Rules of one value, which an array never fits. */
static const char *const single[] = {
	"accepted",	 "alpha",   "alpha_dash", "alpha_num", "boolean",   "date",
	"date_format",	 "decimal", "declined",	  "digits",    "email",	    "integer",
	"digits_between", "numeric", "regex",	  "string",    "uuid",	    "url",
	NULL};

static const char *many_wrong(const cruet_form_field *row)
{
	static const char *const lists[] = {"in", "enum", NULL};

	if (row->flags & CRUET_FIELD_MANY && row->type != CRUET_FIELD_SELECT &&
	    row->type != CRUET_FIELD_CHECKBOX && row->type != CRUET_FIELD_FILE &&
	    (row->type || !(row->choices || rules_name(row->rules, lists))))
		return "it has CRUET_FIELD_MANY: expected CRUET_FIELD_SELECT, _CHECKBOX or _FILE";
	if (row_many(row) && rules_name(row->rules, single))
		return "its value is an array: rules of one text or number do not fit it";
	return NULL;
}

static const char *row_wrong(const cruet_form_def *def, size_t i, const cruet_form_field *row)
{
	cruet_form_field other;

	if (!is_name(row->name))
		return "expected a letter, then letters, digits, - and _, 64 in all at most";
	if (is_taken(row->name))
		return "that is a member of every form in templates: choose another name";
	for (size_t j = 0; j < i; j++)
		if (row_at(def, j, &other) && !strcmp(other.name, row->name))
			return "there are two of that name";
	for (size_t j = 0; row_at(def, j, &other); j++)
		if (ids_meet(other.name, row->name))
			return "its id would be that of a part of another field: choose a name "
			       "that does not end with -help, -error or a number";
	if (row->type < 0 || row->type >= TYPES)
		return "its type is none of enum cruet_field_type";
	if (row->choices && row->type && !chooses(row->type))
		return "it has choices: expected CRUET_FIELD_SELECT, _RADIO or _CHECKBOX";
	if ((row->accept || row->max_size) && row->type != CRUET_FIELD_FILE)
		return "accept and max_size are for CRUET_FIELD_FILE";
	return many_wrong(row);
}

const char *def_wrong(const cruet_form_def *def, char *buf, size_t cap)
{
	cruet_form_field row;

	if (!def || def->size < sizeof *def || def->field_size < CRUET_UPTO(cruet_form_field, type) ||
	    !def->fields || !def->name)
		return "expected what CRUET_FORM() makes";
	for (size_t i = 0; row_at(def, i, &row); i++) {
		const char *why = i == FIELDS_MAX ? "a form has at most 500 fields"
						  : row_wrong(def, i, &row);
		if (!why)
			continue;
		snprintf(buf, cap, "form %s: field '%.80s': %s", def->name, row.name, why);
		return buf;
	}
	return NULL;
}

/* --- a form of a request ------------------------------------------------------------ */

static const char *label_of(cruet_ctx *c, const cruet_form_field *def)
{
	if (def->label)
		return def->label;
	char *words = cruet_strdup(c, def->name);
	for (char *p = words; p && *p; p++)
		if (*p == '_')
			*p = ' ';
	if (words && *words >= 'a' && *words <= 'z')
		*words = (char)(*words - 'a' + 'A');
	return words;
}

static int open_field(struct form *f, cruet_ctx *c, struct field *field)
{
	const cruet_form_field *def = &field->def;

	field->form = f;
	field->label = label_of(c, def);
	field->id = cruet_printf(c, "%s-%s", f->name, def->name);
	field->type = def->type;
	field->choices = def->choices;
	field->many = row_many(def);
	if (def->value) {
		cruet_json *holder = cruet_object(c);
		cruet_put_str(holder, "value", def->value);
		field->first = cruet_json_get(holder, "value");
	}
	return field->label && field->id && (field->first || !def->value) ? CRUET_OK
									  : CRUET_ENOMEM;
}

int def_open(cruet_ctx *c, const cruet_form_def *def, struct form **out)
{
	char why[300];
	const char *wrong = def_wrong(def, why, sizeof why);
	struct form *f = cruet_alloc(c, sizeof *f);
	cruet_form_field row;
	int err = CRUET_OK;

	if (wrong)
		return cruet_fail(c, 500, "forms: %s", wrong);
	if (!f)
		return CRUET_ENOMEM;
	f->def = def;
	f->name = def->name;
	while (row_at(def, f->n, &row))
		f->n++;
	f->fields = cruet_alloc(c, f->n * sizeof *f->fields + 1);
	if (!f->fields)
		return CRUET_ENOMEM;
	for (size_t i = 0; i < f->n && !err; i++) {
		row_at(def, i, &f->fields[i].def);
		err = open_field(f, c, &f->fields[i]);
	}
	*out = f;
	return err;
}

int form_rename(struct form *f, const char *name)
{
	cruet_ctx *c = f->head.c;

	if (!name || !is_name(name) || strchr(name, '-'))
		return cruet_fail(c, 500,
				  "cruet_form_open_as: '%s': expected a letter, then letters, digits "
				  "and _, 64 in all at most",
				  name ? name : "");
	f->name = cruet_strdup(c, name);
	for (size_t i = 0; f->name && i < f->n; i++) {
		f->fields[i].id = cruet_printf(c, "%s-%s", name, f->fields[i].def.name);
		if (!f->fields[i].id)
			return CRUET_ENOMEM;
	}
	return f->name ? CRUET_OK : CRUET_ENOMEM;
}

struct field *form_field(const struct form *f, const char *name)
{
	for (size_t i = 0; name && i < f->n; i++)
		if (!strcmp(f->fields[i].def.name, name))
			return &f->fields[i];
	return NULL;
}

static const char *name_at(const void *form, size_t i)
{
	const struct form *f = form;

	return i < f->n ? f->fields[i].def.name : taken_at(taken, i - f->n);
}

struct field *form_field_or_fail(const struct form *f, const char *name)
{
	struct field *field = form_field(f, name);
	cruet_ctx *c = f->head.c;

	if (field)
		return field;
	const char *near = cruet_nearest(name, name_at, f);
	int err = near ? cruet_fail(c, 500, "form %s has no field '%s': did you mean '%s'?",
				    f->def->name, name, near)
		       : cruet_fail(c, 500, "form %s has no field '%s'", f->def->name, name);
	(void)err; /* which is recorded */
	return NULL;
}
