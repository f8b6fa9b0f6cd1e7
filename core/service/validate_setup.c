/* cruet/validate.h, what is called in setup. What is added is a listener, so it comes and
 * goes with the scope that added it, and each generation has its own. */
#include "app/scope.h"
#include "cruet/svc/validate.h"
#include "cruet/validate.h"

enum { NEED = CRUET_UPTO(cruet_validator, check) };

struct addition {
	void *self; /* to whom it was added */
	cruet_validate_added added;
};

static void asked(cruet_ctx *c, const void *what, void *arg)
{
	const cruet_validate_asked *a = what;
	const struct addition *add = arg;

	(void)c;
	if (a && a->self == add->self)
		a->take(a->arg, &add->added);
}

static const cruet_validator *bind(cruet_app *app, cruet_service *s, int *err)
{
	*err = cruet_bind(app, CRUET_VALIDATE, NULL, NEED, s);
	return *err ? NULL : s->vt;
}

/* The provider has said that it may be. */
static int keep(cruet_app *app, const char *call, void *self, const cruet_validate_added *added)
{
	struct addition *a = arena_zalloc(&app->arena, sizeof *a);
	const char *key = arena_strdup(&app->arena, added->key);
	const char *text = added->text ? arena_strdup(&app->arena, added->text) : NULL;

	if (!a || !key || (added->text && !text))
		return scope_problem(app, CRUET_ENOMEM, "%s: out of memory", call);
	*a = (struct addition){self, *added};
	a->added.key = key;
	a->added.text = text;
	return cruet_listen(app, CRUET_VALIDATE_EVENT, asked, a);
}

int cruet_validate_rules(cruet_app *app, const cruet_field_rule *rules)
{
	cruet_service s;
	int err;
	const cruet_validator *vt = bind(app, &s, &err);

	return vt ? vt->compile(s.self, app, rules) : err;
}

int cruet_validate_add(cruet_app *app, const char *name, cruet_rule_fn *fn,
		       const char *message, void *arg)
{
	static const char call[] = "cruet_validate_add";
	cruet_service s;
	int err = scope_open(app, call);
	const cruet_validator *vt = err ? NULL : bind(app, &s, &err);

	if (vt)
		err = vt->add(s.self, app, name, fn, message, arg);
	return err ? err
		   : keep(app, call, s.self,
			  &(cruet_validate_added){.size = sizeof(cruet_validate_added),
						  .kind = CRUET_VALIDATE_RULE,
						  .key = name,
						  .text = message,
						  .fn = fn,
						  .arg = arg});
}

/* A message or a label. */
static int add_text(cruet_app *app, const char *call, uint32_t kind, const char *key,
		    const char *text)
{
	cruet_service s;
	int err = scope_open(app, call);
	const cruet_validator *vt = err ? NULL : bind(app, &s, &err);

	if (vt)
		err = (kind == CRUET_VALIDATE_LABEL ? vt->label : vt->message)(s.self, app, key,
									       text);
	return err ? err
		   : keep(app, call, s.self,
			  &(cruet_validate_added){.size = sizeof(cruet_validate_added),
						  .kind = kind,
						  .key = key,
						  .text = text});
}

int cruet_validate_message(cruet_app *app, const char *key, const char *text)
{
	return add_text(app, "cruet_validate_message", CRUET_VALIDATE_MESSAGE, key, text);
}

int cruet_validate_label(cruet_app *app, const char *field, const char *label)
{
	return add_text(app, "cruet_validate_label", CRUET_VALIDATE_LABEL, field, label);
}
