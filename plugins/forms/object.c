/* A form in templates: {{ form }}, {{ form.title }}, form.title.errors, {{ form.csrf }}. What
 * is HTML is marked so; values, labels and errors are texts, which templates escape. */
#include <string.h>

#include "forms.h"

static int failed(cruet_ctx *c)
{
	int err = cruet_err(c);

	return err ? err : CRUET_ENOMEM;
}

static int html(cruet_ctx *c, const char *text, cruet_value *out)
{
	if (!text)
		return failed(c);
	*out = cruet_value_html(text);
	return CRUET_OK;
}

/* An array also where there is nothing, so that a loop runs over it. */
static int list(cruet_ctx *c, const cruet_json *errors, cruet_value *out)
{
	if (!errors)
		errors = cruet_array(c);
	if (!errors)
		return failed(c);
	*out = cruet_value_json(errors);
	return CRUET_OK;
}

/* --- a field ----------------------------------------------------------------------- */

static const char *const field_members[] = {"error", "errors", "help", "html", "id", "input", "label",
					    "name", "notes", "required", "text", "value", NULL};

static const char *member_at(const void *names, size_t i)
{
	return ((const char *const *)names)[i];
}

/* The members that are HTML. */
static int field_part(cruet_ctx *c, struct field *f, const char *name, cruet_value *out)
{
	if (!strcmp(name, "html"))
		return html(c, field_html(f), out);
	if (!strcmp(name, "label"))
		return html(c, field_label_html(f), out);
	if (!strcmp(name, "input"))
		return html(c, field_input_html(f), out);
	if (!strcmp(name, "notes"))
		return html(c, field_notes_html(f), out);
	const char *near = cruet_nearest(name, member_at, field_members);
	return cruet_fail(c, 500, "field %s has no member '%s'%s%s%s", f->def.name, name,
			  near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int field_get(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	struct field *f = self;

	if (!strcmp(name, "value"))
		*out = cruet_value_json(field_shown(f));
	else if (!strcmp(name, "errors"))
		return list(c, field_errors(f), out);
	else if (!strcmp(name, "error"))
		*out = cruet_value_text(cruet_json_str(cruet_json_first(field_errors(f)), NULL));
	else if (!strcmp(name, "text"))
		*out = cruet_value_text(f->label);
	else if (!strcmp(name, "help"))
		*out = cruet_value_text(f->def.help);
	else if (!strcmp(name, "id"))
		*out = cruet_value_text(f->id);
	else if (!strcmp(name, "name"))
		*out = cruet_value_text(f->def.name);
	else if (!strcmp(name, "required"))
		*out = cruet_value_bool(f->required);
	else
		return field_part(c, f, name, out);
	return CRUET_OK;
}

static int field_text(cruet_ctx *c, void *self, cruet_value *out)
{
	return html(c, field_html(self), out);
}

static const cruet_template_type field_type = {
	.size = sizeof field_type, .name = "field", .get = field_get, .text = field_text};

static cruet_value value_of(struct field *f)
{
	f->object = (cruet_template_object){&field_type, f};
	return cruet_value_host(&f->object);
}

/* --- a form ------------------------------------------------------------------------ */

static bool is_html(const char *name)
{
	static const char *const names[] = {"begin", "csrf", "end", "submit", "summary"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static int form_get(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	struct form *f = self;

	if (is_html(name))
		return html(c, form_html(f, name), out);
	if (!strcmp(name, "errors"))
		return list(c, f->general, out);
	if (!strcmp(name, "sent"))
		*out = cruet_value_bool(f->sent);
	else if (!strcmp(name, "ok"))
		*out = cruet_value_bool(form_ok(f));
	else {
		struct field *field = form_field_or_fail(f, name);
		if (!field)
			return failed(c);
		*out = value_of(field);
	}
	return CRUET_OK;
}

/* The fields that are seen, in their order. */
static int form_row(cruet_ctx *c, void *self, size_t i, cruet_value *out)
{
	struct form *f = self;

	(void)c;
	for (size_t k = 0; k < f->n; k++)
		if (f->fields[k].type != CRUET_FIELD_HIDDEN && !i--) {
			*out = value_of(&f->fields[k]);
			return CRUET_OK;
		}
	return CRUET_ENOENT;
}

static int form_text(cruet_ctx *c, void *self, cruet_value *out)
{
	return html(c, form_html(self, NULL), out);
}

static const cruet_template_type form_type = {.size = sizeof form_type,
					      .name = "form",
					      .get = form_get,
					      .row = form_row,
					      .text = form_text};

/* Rules are read before the page is made: what it asks for is then there. */
const cruet_template_object *form_object(struct form *f)
{
	if (form_traits(f))
		return NULL;
	f->object = (cruet_template_object){&form_type, f};
	return &f->object;
}
