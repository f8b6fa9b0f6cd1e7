/* cruet/login.h: thin over the service "login/1". A loader is a listener, so it comes and
 * goes with its scope. */
#include "cruet/login.h"

#include <string.h>

#include "app/ctx.h"
#include "app/scope.h"
#include "cruet/request.h"
#include "cruet/svc/login.h"
#include "cruet/template.h"
#include "plugin/service.h"

static const cruet_login *login_of(cruet_ctx *c, void **self, int *err)
{
	cruet_service s;

	*err = service_of(c, CRUET_LOGIN, CRUET_UPTO(cruet_login, next), "login", &s);
	if (*err)
		return NULL;
	*self = s.self;
	return s.vt;
}

/* --- passwords ------------------------------------------------------------------------
 */

const char *cruet_password_hash(cruet_ctx *c, const char *password)
{
	void *self;
	int err;
	const cruet_login *l = login_of(c, &self, &err);
	const char *hash;

	return l && !l->hash(self, c, password, &hash) ? hash : NULL;
}

int cruet_password_check(cruet_ctx *c, const char *account, const char *hash,
			 const char *password)
{
	void *self;
	int err;
	const cruet_login *l = login_of(c, &self, &err);

	return l ? l->check(self, c, account, hash, password) : err;
}

bool cruet_password_stale(cruet_ctx *c, const char *hash)
{
	void *self;
	int err;
	const cruet_login *l = login_of(c, &self, &err);

	return l && hash && l->stale(self, hash);
}

/* --- who is there ----------------------------------------------------------------------
 */

int cruet_login_user(cruet_ctx *c, const char *id, bool remember)
{
	void *self;
	int err;
	const cruet_login *l = login_of(c, &self, &err);

	return l ? l->enter(self, c, id, remember) : err;
}

int cruet_logout_user(cruet_ctx *c)
{
	void *self;
	int err;
	const cruet_login *l = login_of(c, &self, &err);

	return l ? l->leave(self, c) : err;
}

static int current(cruet_ctx *c, const cruet_json **user)
{
	void *self;
	int err;
	const cruet_login *l = login_of(c, &self, &err);

	*user = NULL;
	return l ? l->user(self, c, user) : err;
}

const cruet_json *cruet_current_user(cruet_ctx *c)
{
	const cruet_json *user;

	return current(c, &user) ? NULL : user;
}

int cruet_login_required(cruet_ctx *c)
{
	void *self;
	int err;
	const cruet_login *l = login_of(c, &self, &err);

	return l ? l->require(self, c) : err;
}

const char *cruet_login_next(cruet_ctx *c, const char *def)
{
	void *self;
	int err;
	const cruet_login *l = login_of(c, &self, &err);

	return l ? l->next(self, c, def) : def;
}

/* --- who knows users
 * -------------------------------------------------------------------- */

struct loader {
	cruet_login_load_fn *fn;
	void *arg;
};

static void asked(cruet_ctx *c, const void *what, void *arg)
{
	const cruet_login_asked *a = what;
	const struct loader *l = arg;

	if (a)
		a->load(a->self, c, l->fn, l->arg);
}

int cruet_login_loader(cruet_app *app, cruet_login_load_fn *fn, void *arg)
{
	int err = scope_open(app, "cruet_login_loader");

	if (err)
		return err;
	if (!fn)
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_login_loader: expected a function");
	struct loader *l = arena_zalloc(&app->arena, sizeof *l);
	if (!l)
		return scope_problem(app, CRUET_ENOMEM,
				     "cruet_login_loader: out of memory");
	*l = (struct loader){fn, arg};
	return cruet_listen(app, CRUET_LOGIN_EVENT, asked, l);
}

/* --- current_user in templates
 * ------------------------------------------------------------ */

static int template_user(cruet_ctx *c, const cruet_json **user)
{
	*user = NULL;
	return c && *cruet_method(c) ? current(c, user) : CRUET_OK;
}

static int user_get(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	const cruet_json *user;
	int err = template_user(c, &user);

	(void)self;
	if (err)
		return err;
	if (!strcmp(name, "is_authenticated")) {
		*out = cruet_value_bool(user != NULL);
		return CRUET_OK;
	}
	const cruet_json *member = cruet_json_get(user, name);
	*out = cruet_value_json(member);
	return member ? CRUET_OK : CRUET_ENOENT;
}

/* Nobody is as false as an empty list. */
static size_t user_count(cruet_ctx *c, void *self)
{
	const cruet_json *user;

	(void)self;
	return !template_user(c, &user) && user;
}

static const cruet_template_type user_type = {.size = sizeof user_type,
					      .name = "current_user",
					      .get = user_get,
					      .count = user_count};
const cruet_template_object cruet_login_current_user = {&user_type, NULL};
