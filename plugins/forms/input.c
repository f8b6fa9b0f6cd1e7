/* What was sent: read by field, checked by the rules, and kept to be shown again. */
#include <cruet/upload.h>
#include <string.h>

#include "forms.h"

/* --- reading ----------------------------------------------------------------------- */

/* Browsers end each line of a text area with CR LF, and count it as one character. */
static const char *lines(cruet_ctx *c, const char *s)
{
	char *copy, *to;

	if (!strchr(s, '\r'))
		return s;
	copy = to = cruet_strdup(c, s);
	if (!copy)
		return s; /* the request is failing */
	for (const char *from = copy; *from; from++) {
		if (*from == '\r' && from[1] == '\n')
			continue;
		*to++ = *from == '\r' ? '\n' : *from;
	}
	*to = '\0';
	return copy;
}

/* Writers of JSON say nothing when memory runs out: what was written is looked for. */
static int put(cruet_json *input, const char *name, const char *value)
{
	cruet_put_str(input, name, value);
	return cruet_json_get(input, name) ? CRUET_OK : CRUET_ENOMEM;
}

static int push(cruet_json *input, const char *name, const char *value)
{
	/* The object is ours; reading gives it as one that is not to be changed. */
	cruet_json *list = (cruet_json *)cruet_json_get(input, name);

	if (!list)
		list = cruet_put_array(input, name);
	size_t before = cruet_json_len(list);
	cruet_push_str(list, value);
	return cruet_json_len(list) > before ? CRUET_OK : CRUET_ENOMEM;
}

static int read_many(cruet_ctx *c, const struct field *f, cruet_json *input)
{
	const char *name, *value;
	int err = CRUET_OK;

	for (size_t i = 0; !err && cruet_pair(c, CRUET_FROM_FORM, i, &name, &value); i++)
		if (!strcmp(name, f->def.name))
			err = push(input, name, value);
	return err;
}

/* Rules see the name of a file. */
static int read_files(struct field *f, cruet_json *input)
{
	int err = files_find(f);

	if (!err && f->nfiles && !f->many)
		return put(input, f->def.name, cruet_upload_filename(f->files[0]));
	for (size_t i = 0; !err && i < f->nfiles; i++)
		err = push(input, f->def.name, cruet_upload_filename(f->files[i]));
	return err;
}

static int read_field(cruet_ctx *c, struct field *f, cruet_json *input)
{
	if (f->type == CRUET_FIELD_FILE)
		return read_files(f, input);
	if (f->many)
		return read_many(c, f, input);
	const char *value = cruet_form(c, f->def.name);
	if (value && f->type == CRUET_FIELD_TEXTAREA)
		value = lines(c, value);
	return value ? put(input, f->def.name, value) : CRUET_OK;
}

/* --- checking ---------------------------------------------------------------------- */

int field_miss(const struct field *f, const char *rule, const char *value)
{
	const struct cruet_form *head = &f->form->head;
	const char *text = cruet_validate_text(head->c, rule, f->def.name, f->def.label, value);

	return text ? cruet_valid_fail(head->valid, f->def.name, "%s", text) : cruet_err(head->c);
}

static bool offered(const cruet_choice *list, const char *value)
{
	while (list->value && strcmp(list->value, value) != 0)
		list++;
	return list->value;
}

/* What was sent of one field; where a browser sends "" for nothing it is that. */
static bool all_offered(const struct field *f, const cruet_json *sent)
{
	const char *text = cruet_json_str(sent, NULL);

	if (text)
		return !*text || offered(f->choices, text);
	for (sent = cruet_json_first(sent); sent; sent = cruet_json_next(sent))
		if (!offered(f->choices, cruet_json_str(sent, "")))
			return false;
	return true;
}

static int check_choices(const struct form *f)
{
	int err = CRUET_OK;

	for (size_t i = 0; i < f->n && !err; i++) {
		const struct field *field = &f->fields[i];
		if (field->choices && !field_errors(field) &&
		    !all_offered(field, cruet_json_get(f->input, field->def.name)))
			err = field_miss(field, "in", NULL);
	}
	return err;
}

/* Where choices were given neither here nor there, rules have to have them. */
static bool rules_choose(const struct form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct field *field = &f->fields[i];
		if (!field->choices && (field->type == CRUET_FIELD_SELECT ||
					field->type == CRUET_FIELD_RADIO ||
					(field->type == CRUET_FIELD_CHECKBOX && field->many)))
			return true;
	}
	return false;
}

static const char *const *labels_of(const struct form *f)
{
	const char **labels = cruet_alloc(f->head.c, (f->n + 1) * sizeof *labels);

	for (size_t i = 0; labels && i < f->n; i++)
		labels[i] = f->fields[i].def.label;
	return labels;
}

static bool was_sent(const struct form *f)
{
	cruet_ctx *c = f->head.c;
	const char *which = csrf_changes(c) ? cruet_form(c, FORM_FIELD) : NULL;

	return csrf_changes(c) && (!which || !strcmp(which, f->name));
}

static int add_general(struct form *f, const char *text)
{
	if (!f->general)
		f->general = cruet_array(f->head.c);
	size_t before = cruet_json_len(f->general);
	cruet_push_str(f->general, text);
	return cruet_json_len(f->general) > before ? CRUET_OK : CRUET_ENOMEM;
}

static int read_all(struct form *f)
{
	int err = CRUET_OK;

	f->input = cruet_object(f->head.c);
	if (!f->input)
		return CRUET_ENOMEM;
	for (size_t i = 0; i < f->n && !err; i++)
		err = read_field(f->head.c, &f->fields[i], f->input);
	return err;
}

static int is_foreign(struct form *f)
{
	const char *text = cruet_validate_text(f->head.c, "form_token", NULL, NULL, NULL);

	return text ? add_general(f, text) : cruet_err(f->head.c);
}

static int check_rules(struct form *f)
{
	const cruet_field_rule *rules = form_rules(f);
	const char *const *labels = labels_of(f);

	if (!rules || !labels)
		return CRUET_ENOMEM;
	f->head.valid = cruet_check_labelled(f->head.c, f->input, 0, rules, labels);
	return f->head.valid ? CRUET_OK : cruet_err(f->head.c);
}

static int check(struct form *f)
{
	int err = read_all(f);

	if (err)
		return err;
	f->foreign = !csrf_right(f->head.c);
	if (cruet_err(f->head.c))
		return cruet_err(f->head.c);
	if (f->foreign)
		return is_foreign(f);
	err = rules_choose(f) ? form_traits(f) : CRUET_OK;
	if (!err)
		err = check_rules(f);
	if (!err)
		err = check_choices(f);
	return err ? err : files_check(f);
}

static bool clean(const struct form *f)
{
	return !f->general && !cruet_invalid(f->head.valid);
}

bool form_ok(struct form *f)
{
	if (!f->checked) {
		int before = cruet_err(f->head.c);
		f->checked = true;
		f->sent = !before && was_sent(f);
		f->head.err = f->sent ? check(f) : cruet_err(f->head.c);
		if (f->head.err || !f->sent)
			return false;
		if (!clean(f))
			f->head.err = cruet_status(f->head.c, f->foreign ? 403 : 422);
	}
	return f->sent && !f->head.err && clean(f);
}

int form_fail(struct form *f, const char *field, const char *text)
{
	if (field && !form_field_or_fail(f, field))
		return cruet_err(f->head.c);
	int err = field && f->head.valid ? cruet_valid_fail(f->head.valid, field, "%s", text)
					 : add_general(f, text);
	return err || !f->sent || f->foreign ? err : cruet_status(f->head.c, 422);
}

/* --- what is shown ------------------------------------------------------------------ */

const cruet_json *field_shown(const struct field *f)
{
	if (f->type == CRUET_FIELD_PASSWORD || f->type == CRUET_FIELD_FILE)
		return NULL;
	return f->form->input ? cruet_json_get(f->form->input, f->def.name) : f->first;
}

static bool is_value(cruet_ctx *c, const cruet_json *v, const char *value)
{
	const char *text = cruet_json_str(v, NULL);

	if (!text && v)
		text = cruet_json_text(c, v, NULL);
	return text && !strcmp(text, value);
}

bool field_shows(const struct field *f, const char *value)
{
	const cruet_json *v = field_shown(f);
	cruet_ctx *c = f->form->head.c;

	if (cruet_json_kind(v) != CRUET_JSON_ARRAY)
		return is_value(c, v, value);
	for (v = cruet_json_first(v); v; v = cruet_json_next(v))
		if (is_value(c, v, value))
			return true;
	return false;
}

const cruet_json *field_errors(const struct field *f)
{
	return cruet_json_get(cruet_valid_errors(f->form->head.valid), f->def.name);
}
