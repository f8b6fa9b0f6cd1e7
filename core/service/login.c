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

/* Of a request: set while a loader runs. */
static const cruet_key loading_key = {"login.loading"};

static int not_while_loading(cruet_ctx *c)
{
	if (!cruet_g_get(c, &loading_key))
		return CRUET_OK;
	return ctx_fail(c, CRUET_ESTATE,
			"a loader of users asked for the current user, whom it is to find",
			false);
}

/* Records what a function returned, as the dispatcher does for a handler: the words of
 * another failure are not those of this one. */
static int recorded(cruet_ctx *c, int err)
{
	if (c->failure.stays || err == c->failure.err)
		return err;
	cruet_err_clear(c);
	return ctx_fail(c, err, NULL, false);
}

static int current(cruet_ctx *c, const cruet_json **user)
{
	void *self;
	int err;
	const cruet_login *l = login_of(c, &self, &err);

	*user = NULL;
	if (!err)
		err = not_while_loading(c);
	if (err)
		return err;
	err = l->user(self, c, user);
	return err ? recorded(c, err) : CRUET_OK;
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

	if (!err)
		err = not_while_loading(c);
	return err ? err : l->require(self, c);
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

/* What else a function may return, a reply above all, is none of these: it must not be
 * taken for a user, and says that whoever wrote it took a loader for a handler. */
static int not_loaded(cruet_ctx *c, int r)
{
	if (r < 0 || (r >= 400 && r <= 599))
		return recorded(c, r);
	return ctx_fail(c, CRUET_ESTATE,
			arena_printf(&c->arena,
				     "a loader of users returned %d: expected CRUET_OK, "
				     "CRUET_ENOENT for nobody, a status from 400 to 599 or a "
				     "CRUET_E code",
				     r),
			false);
}

/* What a loader met on its way to a user, or to nobody, was dealt with. */
static int run_loader(cruet_ctx *c, const char *id, void *arg, const cruet_json **user)
{
	const struct loader *l = arg;
	const struct failure before = c->failure;
	int r = cruet_g_set(c, &loading_key, arg, NULL);

	if (r)
		return r;
	r = l->fn(c, id, l->arg, user);
	cruet_g_set(c, &loading_key, NULL, NULL); /* there is a place for it */
	if (!r && !*user) /* what it forgot to look at, or nobody */
		r = c->failure.err != before.err ? c->failure.err : CRUET_ENOENT;
	if (r && r != CRUET_ENOENT)
		return not_loaded(c, r);
	if (c->failure.stays)
		return c->failure.err;
	c->failure = before;
	return r;
}

static void asked(cruet_ctx *c, const void *what, void *arg)
{
	const cruet_login_asked *a = what;

	if (a)
		a->load(a->self, c, run_loader, arg);
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

/* Of a request: set once the page of a failure has shown nobody. */
static const cruet_key nobody_key = {"login.nobody"};

/* The page of a failure is not to fail as well, only because it would greet a user who
 * cannot be found: it shows nobody. */
static int show_nobody(cruet_ctx *c, int err, const struct failure *before)
{
	if (err != c->answered.err)
		cruet_note(c, CRUET_ERROR, "%d: the page of a failure shows nobody as "
					   "the current user: %s",
			   cruet_err_status(c), cruet_err_text(c));
	c->failure = *before;
	return cruet_g_set(c, &nobody_key, c, NULL);
}

static int template_user(cruet_ctx *c, const cruet_json **user)
{
	*user = NULL;
	if (!c || !*cruet_method(c) || cruet_g_get(c, &nobody_key))
		return CRUET_OK;
	const struct failure before = c->failure;
	int err = current(c, user);
	if (err && c->answered.err && !c->failure.stays)
		return show_nobody(c, err, &before);
	return err;
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
