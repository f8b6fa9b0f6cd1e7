#include "auth.h"

#include <cruet/db.h>
#include <cruet/forms.h>
#include <cruet/login.h>
#include <cruet/session.h>
#include <cruet/validate.h>
#include <ctype.h>

CRUET_FORM(register_form, "Register",
	   {"username", "Username", "required|alpha_dash:ascii|max:40",
	    .autocomplete = "username"},
	   {"password", "Password", "required|string|max:200", CRUET_FIELD_PASSWORD,
	    .autocomplete = "new-password"});

CRUET_FORM(login_form, "Log in",
	   {"username", "Username", "required|string", .autocomplete = "username"},
	   {"password", "Password", "required|string", CRUET_FIELD_PASSWORD,
	    .autocomplete = "current-password"});

/* --- registering -------------------------------------------------------------- */

static int taken(struct cruet_form *form, const char *name)
{
	return cruet_form_fail(form, "username", "User %s is already registered.", name);
}

/* Looks before it hashes, which costs much. Of two who ask at once the database lets one
 * have the name. */
static int add_user(cruet_ctx *c, struct cruet_form *form)
{
	const char *name = cruet_form_str(form, "username");
	int64_t there;
	int err = cruet_db_get(c, &there, "select count(*) from user where username = ?",
			       name);

	if (err || there)
		return err ? err : taken(form, name);
	const char *hash = cruet_password_hash(c, cruet_form_str(form, "password"));
	if (!hash)
		return cruet_err(c);
	err = cruet_db_exec(c, "insert into user(username, password) values(?, ?)", name,
			    hash);
	if (!err || cruet_err_kind(c) != &cruet_db_unique_kind)
		return err;
	cruet_err_clear(c);
	return taken(form, name);
}

static int sign_up(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &register_form);
	int err = cruet_form_ok(form) ? add_user(c, form) : CRUET_OK;

	if (err)
		return err;
	if (!cruet_form_ok(form))
		return cruet_form_render(c, form, "auth/register.html", NULL);
	cruet_flash(c, NULL, "You are registered. Log in to write.");
	return cruet_redirect(c, 0, cruet_url(c, "auth.login", (char *)0));
}

/* --- logging in and out ---------------------------------------------------------- */

static int find_user(cruet_ctx *c, const char *name, const char **id, const char **hash)
{
	cruet_db_rows *rows = cruet_db_query(
		c, "select id, password from user where username = ?", name);
	const cruet_db_row *row = rows ? cruet_db_next(rows) : NULL;

	*id = row ? cruet_number(c, cruet_db_int(row, "id")) : NULL;
	*hash = row ? cruet_db_str(row, "password") : NULL;
	return rows ? CRUET_OK : cruet_err(c);
}

/* Ann and ann are one user: their tries are counted together. */
static const char *account_of(cruet_ctx *c, const char *name)
{
	char *account = cruet_strdup(c, name);

	for (char *p = account; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return account;
}

/* Which of the two is wrong is not said. */
static int enter(cruet_ctx *c, struct cruet_form *form)
{
	const char *name = cruet_form_str(form, "username"), *id, *hash;
	const char *account = account_of(c, name);
	int err = account ? find_user(c, name, &id, &hash) : CRUET_ENOMEM;

	if (!err)
		err = cruet_password_check(c, account, hash,
					   cruet_form_str(form, "password"));
	if (err == CRUET_EDENIED)
		return cruet_form_fail(form, NULL, "Incorrect username or password.");
	return err ? err : cruet_login_user(c, id, false);
}

static int log_in(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &login_form);
	int err = cruet_form_ok(form) ? enter(c, form) : CRUET_OK;

	if (err)
		return err;
	if (!cruet_form_ok(form))
		return cruet_form_render(c, form, "auth/login.html", NULL);
	return cruet_redirect(c, 0,
			      cruet_login_next(c, cruet_url(c, "blog.index", (char *)0)));
}

static int log_out(cruet_ctx *c)
{
	int err = cruet_csrf_check(c);

	if (!err)
		err = cruet_logout_user(c);
	return err ? err : cruet_redirect(c, 0, cruet_url(c, "blog.index", (char *)0));
}

/* --- who is there ------------------------------------------------------------------ */

static int load_user(cruet_ctx *c, const char *id, void *arg, const cruet_json **user)
{
	cruet_db_rows *rows =
		cruet_db_query(c, "select id, username from user where id = ?", id);
	const cruet_db_row *row = rows ? cruet_db_next(rows) : NULL;

	(void)arg;
	if (!row)
		return rows ? CRUET_ENOENT : cruet_err(c);
	*user = cruet_db_row_json(row);
	return *user ? CRUET_OK : cruet_err(c);
}

int64_t auth_user(cruet_ctx *c)
{
	return cruet_json_int(cruet_json_get(cruet_current_user(c), "id"), 0);
}

void auth_routes(cruet_app *auth)
{
	cruet_form_check(auth, &register_form);
	cruet_form_check(auth, &login_form);
	cruet_validate_message(auth, "username.required", "Username is required.");
	cruet_validate_message(auth, "password.required", "Password is required.");
	cruet_login_loader(auth, load_user, NULL);
	cruet_add(auth, "GET,POST", "/register", sign_up, "register", CRUET_HERE);
	cruet_add(auth, "GET,POST", "/login", log_in, "login", CRUET_HERE);
	cruet_add(auth, "POST", "/logout", log_out, "logout", CRUET_HERE);
}
