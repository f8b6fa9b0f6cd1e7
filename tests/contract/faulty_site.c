/* Providers of "login/1" and "forms/1" that break the promise that FAULT names, and keep the
 * others: they stand before good ones, which are attached where nobody else finds them. */
#include <cruet.h>
#include <cruet/contract.h>
#include <cruet/svc/forms.h>
#include <cruet/svc/login.h>
#include <stdlib.h>
#include <string.h>

extern const cruet_plugin cruet_plugin_login, cruet_plugin_forms;

static cruet_service good;
static cruet_login login;
static cruet_forms forms;

/* --- login ----------------------------------------------------------------------------- */

static int keep_as_it_is(void *self, cruet_ctx *c, const char *password, const char **hash)
{
	(void)self;
	*hash = cruet_strdup(c, password ? password : "");
	return *hash ? CRUET_OK : CRUET_ENOMEM;
}

static int compare(void *self, cruet_ctx *c, const char *account, const char *hash,
		   const char *password)
{
	(void)self, (void)c, (void)account;
	return hash && password && !strcmp(hash, password) ? CRUET_OK : CRUET_EDENIED;
}

static int stay(void *self, cruet_ctx *c)
{
	(void)self, (void)c;
	return CRUET_OK;
}

static const char *anywhere(void *self, cruet_ctx *c, const char *def)
{
	const char *next = cruet_query(c, "next");

	(void)self;
	return next ? next : def;
}

static int break_login(cruet_app *app, const char *fault)
{
	login = *(const cruet_login *)good.vt;
	if (!strcmp(fault, "plain")) {
		login.hash = keep_as_it_is;
		login.check = compare;
	}
	if (!strcmp(fault, "leave"))
		login.leave = stay;
	if (!strcmp(fault, "require"))
		login.require = stay;
	if (!strcmp(fault, "next"))
		login.next = anywhere;
	return cruet_provide(app, CRUET_LOGIN, &login, good.self);
}

/* --- forms ----------------------------------------------------------------------------- */

static const char *one_for_all(void *self, cruet_ctx *c)
{
	(void)self, (void)c;
	return "the same for everybody";
}

static int break_forms(cruet_app *app, const char *fault)
{
	forms = *(const cruet_forms *)good.vt;
	if (!strcmp(fault, "guard"))
		forms.guard = stay;
	if (!strcmp(fault, "token"))
		forms.token = one_for_all;
	return cruet_provide(app, CRUET_FORMS, &forms, good.self);
}

/* --- both ------------------------------------------------------------------------------ */

static bool is_login(const char *service)
{
	return !strcmp(service, CRUET_LOGIN);
}

static int attach(cruet_app *app, void *arg)
{
	const char *service = arg, *fault = getenv("FAULT");
	cruet_app *aside = cruet_blueprint(app, "aside", "/aside");
	bool l = is_login(service);

	cruet_use(app, "session", NULL);
	cruet_use(app, "validate", NULL);
	cruet_use_static(aside, l ? &cruet_plugin_login : &cruet_plugin_forms,
			 l ? "memory=1m\nrounds=1" : NULL);
	int err = cruet_bind(aside, service, NULL, l ? sizeof login : sizeof forms, &good);
	if (err)
		return err;
	return l ? break_login(app, fault) : break_forms(app, fault);
}

int main(int argc, char **argv)
{
	char *service = getenv("SERVICE");
	const cruet_contract k = {
		.size = sizeof k, .service = service, .attach = attach, .arg = service};

	return cruet_contract_run(&k, argc, argv);
}
