/* Provides "forms/1". This file is what the plugin says of itself, and the functions of the
 * service. */
#include "forms.h"

#include <cruet/svc/session.h>
#include <cruet/svc/template.h>
#include <sodium.h>

static struct form *of(struct cruet_form *head)
{
	return (struct form *)head; /* head is its first member */
}

/* --- the service ------------------------------------------------------------------- */

static int service_check(void *self, cruet_app *app, const cruet_form_def *def)
{
	char why[300];
	const char *wrong = def_wrong(def, why, sizeof why);

	(void)self;
	if (wrong)
		return cruet_reject(app, "forms: %s", wrong);
	return def_check_rules(app, def);
}

static bool service_ok(struct cruet_form *f)
{
	return form_ok(of(f));
}

static int service_fail(struct cruet_form *f, const char *field, const char *text)
{
	return form_fail(of(f), field, text);
}

static int service_set(struct cruet_form *f, const char *name, const cruet_json *value)
{
	struct field *field = form_field(of(f), name);

	if (!field)
		return CRUET_ENOENT;
	/* The value may go before the form does. */
	cruet_json *holder = cruet_object(f->c);
	cruet_put_json(holder, "value", value);
	field->first = cruet_json_get(holder, "value");
	return field->first ? CRUET_OK : CRUET_ENOMEM;
}

static int service_choices(struct cruet_form *f, const char *name, const cruet_choice *list)
{
	struct field *field = form_field_or_fail(of(f), name);

	if (!field)
		return cruet_err(f->c);
	if (of(f)->checked)
		return cruet_fail(f->c, 500,
				  "cruet_form_choices: field '%s' was looked at already: call it "
				  "before cruet_form_ok()",
				  name);
	field->choices = field->offers = list;
	return CRUET_OK;
}

static int service_action(struct cruet_form *f, const char *url)
{
	of(f)->action = url;
	return CRUET_OK;
}

static int service_name(struct cruet_form *f, const char *name)
{
	return form_rename(of(f), name);
}

static struct cruet_upload *service_file(struct cruet_form *f, const char *name, size_t i)
{
	struct field *field = form_field_or_fail(of(f), name);

	return field && i < field->nfiles && !cruet_invalid(f->valid) ? field->files[i] : NULL;
}

static const char *service_html(struct cruet_form *f, const char *part)
{
	return form_html(of(f), part);
}

static const cruet_template_object *service_object(struct cruet_form *f)
{
	return form_object(of(f));
}

static int service_open(void *self, cruet_ctx *c, const cruet_form_def *def,
			struct cruet_form **out);

static const cruet_forms service = {
	.size = sizeof service,
	.check = service_check,
	.open = service_open,
	.ok = service_ok,
	.fail = service_fail,
	.set = service_set,
	.choices = service_choices,
	.action = service_action,
	.html = service_html,
	.object = service_object,
	.token = csrf_token,
	.guard = csrf_guard,
	.name = service_name,
	.file = service_file,
};

static int service_open(void *self, cruet_ctx *c, const cruet_form_def *def,
			struct cruet_form **out)
{
	struct form *f;
	int err = def_open(c, def, &f);

	(void)self;
	if (err)
		return err;
	f->head = (struct cruet_form){.size = sizeof f->head, .c = c, .vt = &service};
	*out = &f->head;
	return CRUET_OK;
}

/* --- in templates ------------------------------------------------------------------ */

/* What stands in a page that no request asked for has no session. */
static bool has_request(cruet_ctx *c)
{
	return c && *cruet_method(c);
}

static int template_token(cruet_ctx *c, const cruet_value *args, size_t n, void *arg,
			  cruet_value *out)
{
	const char *token = has_request(c) ? cruet_csrf_token(c) : "";

	(void)args, (void)n, (void)arg;
	*out = cruet_value_text(token);
	return token ? CRUET_OK : cruet_err(c);
}

static int template_field(cruet_ctx *c, const cruet_value *args, size_t n, void *arg,
			  cruet_value *out)
{
	const char *html = has_request(c) ? cruet_csrf_field(c) : "";

	(void)args, (void)n, (void)arg;
	*out = cruet_value_html(html);
	return html ? CRUET_OK : cruet_err(c);
}

/* --- ladder ------------------------------------------------------------------------ */

/* Errors that are found here, in words that an application may change. */
static const struct {
	const char *name, *text;
} errors[] = {{"file_size", "The :attribute field must be a file of at most :value."},
	      {"file_type", "The :attribute field must be a file of one of these types: :value."},
	      {"form_token", "This form was shown too long ago, or in another session. Please send "
			     "it again."}};

static int name_errors(cruet_app *app)
{
	int err = CRUET_OK;

	for (size_t i = 0; i < sizeof errors / sizeof *errors && !err; i++)
		err = cruet_validate_add(app, errors[i].name, NULL, errors[i].text, NULL);
	return err;
}

static int init(cruet_app *app)
{
	cruet_service template;

	if (sodium_init() < 0)
		return cruet_reject(app, "libsodium finds no source of random numbers");
	int err = name_errors(app);
	if (!err)
		err = cruet_provide(app, CRUET_FORMS, &service, NULL);
	if (err || cruet_bind(app, CRUET_TEMPLATE, NULL, CRUET_UPTO(cruet_template, add), &template))
		return err; /* it does without templates */
	err = cruet_template_function(app, "csrf_token", template_token, NULL);
	return err ? err : cruet_template_function(app, "csrf_field", template_field, NULL);
}

static const char *const needs[] = {CRUET_VALIDATE, CRUET_SESSION, CRUET_TEMPLATE "?", NULL};
static const char *const provides[] = {CRUET_FORMS, NULL};

CRUET_PLUGIN(forms, .version = "0.1.0",
	     .summary = "forms: fields, errors, HTML and tokens of a session",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .needs = needs, .provides = provides,
	     .init = init);
