/* cruet/forms.h: plain functions over the service "forms/1". A form that is NULL is one whose
 * request fails already. */
#include "cruet/forms.h"

#include <stdarg.h>

#include "app/ctx.h"
#include "cruet/memory.h"
#include "cruet/svc/forms.h"
#include "cruet/template.h"
#include "cruet/validate.h"
#include "plugin/service.h"

enum { NEED = CRUET_UPTO(cruet_forms, file) };

/* A failure that nobody has recorded is. */
static int recorded(cruet_ctx *c, int err)
{
	if (err && !c->failure.err)
		ctx_fail(c, err, NULL, false);
	return err;
}

static const cruet_forms *forms_of(cruet_ctx *c, void **self, int *err)
{
	cruet_service s;

	*err = service_of(c, CRUET_FORMS, NEED, "forms", &s);
	*self = *err ? NULL : s.self;
	return *err ? NULL : s.vt;
}

struct cruet_form *cruet_form_open(cruet_ctx *c, const cruet_form_def *def)
{
	struct cruet_form *form = NULL;
	void *self;
	int err;
	const cruet_forms *vt = forms_of(c, &self, &err);

	if (vt)
		err = recorded(c, vt->open(self, c, def, &form));
	return err ? NULL : form;
}

struct cruet_form *cruet_form_open_as(cruet_ctx *c, const cruet_form_def *def, const char *name)
{
	struct cruet_form *form = cruet_form_open(c, def);

	if (!form)
		return NULL;
	return recorded(c, form->vt->name(form, name)) ? NULL : form;
}

bool cruet_form_ok(struct cruet_form *form)
{
	return form && form->vt->ok(form);
}

int cruet_form_fail(struct cruet_form *form, const char *field, const char *fmt, ...)
{
	va_list ap;

	if (!form)
		return CRUET_EINVAL;
	va_start(ap, fmt);
	const char *text = arena_vprintf(&form->c->arena, fmt, ap);
	va_end(ap);
	return text ? recorded(form->c, form->vt->fail(form, field, text))
		    : recorded(form->c, CRUET_ENOMEM);
}

/* --- showing it ------------------------------------------------------------------------ */

const struct cruet_template_object *cruet_form_object(struct cruet_form *form)
{
	static const cruet_template_type type = {.size = sizeof type, .name = "form"};
	static const cruet_template_object none = {&type, NULL};

	if (!form)
		return &none;
	const cruet_template_object *object = form->vt->object(form);
	form->c->form_shown = true;
	if (!object)
		recorded(form->c, CRUET_ENOMEM);
	return object ? object : &none;
}

int cruet_form_render(cruet_ctx *c, struct cruet_form *form, const char *name,
		      const cruet_json *vars)
{
	if (!form)
		return c->failure.err ? c->failure.err
				      : ctx_fail(c, CRUET_EINVAL,
						 "cruet_form_render: expected a form that was "
						 "opened, and got NULL",
						 false);
	cruet_value v = cruet_value_host(cruet_form_object(form));
	int err = form->err ? form->err : cruet_template_set(c, "form", v);
	return err ? recorded(c, err) : cruet_render(c, name, vars);
}

const char *cruet_form_html(struct cruet_form *form, const char *part)
{
	if (!form)
		return NULL;
	const char *html = form->err ? NULL : form->vt->html(form, part);
	if (!html)
		recorded(form->c, form->err ? form->err : CRUET_ENOMEM);
	return html;
}

/* --- values ------------------------------------------------------------------------------ */

struct cruet_valid *cruet_form_valid(struct cruet_form *form)
{
	return form ? form->valid : NULL;
}

const char *cruet_form_str(struct cruet_form *form, const char *field)
{
	return cruet_valid_str(cruet_form_valid(form), field);
}

int64_t cruet_form_int(struct cruet_form *form, const char *field, int64_t def)
{
	return cruet_valid_int(cruet_form_valid(form), field, def);
}

double cruet_form_real(struct cruet_form *form, const char *field, double def)
{
	return cruet_valid_real(cruet_form_valid(form), field, def);
}

/* A checkbox that is checked sends "1"; with the rule boolean it is true already. */
bool cruet_form_bool(struct cruet_form *form, const char *field)
{
	const cruet_json *v = cruet_valid_get(cruet_form_valid(form), field);
	const char *text = cruet_json_str(v, NULL);

	return text ? *text && strcmp(text, "0") != 0 : cruet_json_bool(v, false);
}

struct cruet_upload *cruet_form_file(struct cruet_form *form, const char *field, size_t i)
{
	return form && form->valid ? form->vt->file(form, field, i) : NULL;
}

/* --- before it is shown ------------------------------------------------------------------- */

int cruet_form_set(struct cruet_form *form, const char *field, const char *value)
{
	if (!form)
		return CRUET_EINVAL;
	cruet_json *holder = cruet_object(form->c);
	cruet_put_str(holder, field, value);
	const cruet_json *v = cruet_json_first(holder);
	int err = v ? form->vt->set(form, field, v) : CRUET_ENOMEM;
	if (err == CRUET_ENOENT)
		return ctx_fail(form->c, CRUET_EINVAL,
				cruet_printf(form->c, "cruet_form_set: the form has no field '%s'",
					     field),
				false);
	return recorded(form->c, err);
}

int cruet_form_fill(struct cruet_form *form, const cruet_json *values)
{
	int err = form ? CRUET_OK : CRUET_EINVAL;

	for (const cruet_json *v = cruet_json_first(values); v && !err; v = cruet_json_next(v)) {
		err = form->vt->set(form, cruet_json_name(v), v);
		if (err == CRUET_ENOENT)
			err = CRUET_OK; /* a row may have more columns than the form fields */
	}
	return form ? recorded(form->c, err) : err;
}

int cruet_form_choices(struct cruet_form *form, const char *field, const cruet_choice *choices)
{
	return form ? recorded(form->c, form->vt->choices(form, field, choices)) : CRUET_EINVAL;
}

int cruet_form_action(struct cruet_form *form, const char *url)
{
	return form ? recorded(form->c, form->vt->action(form, url)) : CRUET_EINVAL;
}

/* --- forms made by hand -------------------------------------------------------------------- */

const char *cruet_csrf_token(cruet_ctx *c)
{
	void *self;
	int err;
	const cruet_forms *vt = forms_of(c, &self, &err);
	const char *token = vt ? vt->token(self, c) : NULL;

	if (vt && !token)
		recorded(c, CRUET_ENOMEM);
	return token;
}

const char *cruet_csrf_field(cruet_ctx *c)
{
	const char *token = cruet_csrf_token(c);

	return token ? cruet_printf(c, "<input type=\"hidden\" name=\"_csrf\" value=\"%s\">\n",
				    token)
		     : NULL;
}

int cruet_csrf_check(cruet_ctx *c)
{
	void *self;
	int err;
	const cruet_forms *vt = forms_of(c, &self, &err);

	return vt ? recorded(c, vt->guard(self, c)) : err;
}

/* --- setup --------------------------------------------------------------------------------- */

int cruet_form_check(cruet_app *app, const cruet_form_def *def)
{
	cruet_service s;
	int err = cruet_bind(app, CRUET_FORMS, NULL, NEED, &s);

	return err ? err : ((const cruet_forms *)s.vt)->check(s.self, app, def);
}
