/* Who is there: passwords, logging in and out, pages for those who are logged in. Thin over
 * the service "login/1"; without a plugin that provides it, calls fail the request with 500
 * and the log names such a plugin. Not part of cruet.h. Needs sessions.
 *
 *	int err = cruet_password_check(c, name, hash, cruet_form(c, "password"));
 *	if (err == CRUET_EDENIED)
 *		return show_form(c, "That name and password do not fit.");
 *	if (!err)
 *		err = cruet_login_user(c, id, false);
 *	return err ? err : cruet_redirect(c, 0, cruet_login_next(c, "/"));
 *
 * Where users are kept is the application's matter: a user is known by an id, any text of
 * 1 to 255 bytes. */
#ifndef CRUET_LOGIN_H
#define CRUET_LOGIN_H

#include "cruet/types.h"

/* Gives the user with this id, as an object that lives as long as the request: what
 * cruet_db_row_json() gives will do. Its members are known to templates, so leave the hash
 * of the password out. CRUET_ENOENT: there is no such user (any more), and nobody is logged
 * in. A status from 400 to 599 or a code: it failed, and so does the request, as with a
 * handler; that turns away who is blocked. A reply (CRUET_DONE) is a mistake, and 500; so is
 * to ask for the current user here. [request] */
typedef int cruet_login_load_fn(cruet_ctx *c, const char *id, void *arg,
				const cruet_json **user);

CRUET_BEGIN

/* --- passwords [request] ---------------------------------------------------------------- */

/* Hashing takes time on purpose, and memory. So few may do it at once, and few more wait for
 * it; whoever comes then fails with 503 and Retry-After. */

/* The hash to keep: ASCII, less than 128 bytes. NULL: it failed; 422 if the password is
 * empty, NULL or of more than 1,024 bytes, 429 with Retry-After if this client has had too
 * many of them made. */
CRUET_API const char *cruet_password_hash(cruet_ctx *c, const char *password);

/* CRUET_OK: this is the password. CRUET_EDENIED: it is not, and nothing is recorded: what
 * that means is the caller's to say. hash is what cruet_password_hash() gave, or one of
 * Werkzeug's (scrypt or pbkdf2:sha256); NULL: there is no such user, which takes the same
 * time. account is the name that somebody claims to have: tries are counted by it and by
 * the client's address, and of those that are too many the request fails with 429 and
 * Retry-After. NULL: nothing is counted, for a user who is logged in and says the password
 * once more. */
CRUET_API int cruet_password_check(cruet_ctx *c, const char *account, const char *hash,
				   const char *password);

/* True if a hash is weaker than one that would be made today, or made in another way: make
 * a new one while the password is at hand. */
CRUET_API bool cruet_password_stale(cruet_ctx *c, const char *hash);

/* --- logging in and out [request] --------------------------------------------------------- */

/* From now on, and in the requests that come, this is the user. The session gets a new id.
 * What another user left in it is removed. remember: the session outlives the browser's
 * window. */
CRUET_API int cruet_login_user(cruet_ctx *c, const char *id, bool remember);
/* Nobody is. The session is emptied, and gets a new id. */
CRUET_API int cruet_logout_user(cruet_ctx *c);

/* The user as the loader gave it, {"id": "7"} if there is no loader; the same at each call
 * of a request. NULL: nobody is logged in, or it failed, and then cruet_err(c) says so.
 * Templates have it as current_user; on the page of a failure that is nobody if it fails. */
CRUET_API const cruet_json *cruet_current_user(cruet_ctx *c);

/* CRUET_OK if somebody is logged in. Otherwise a page is sent to the login view, with the
 * path to come back to as "next" and a flashed message, and CRUET_DONE is returned; what is
 * no page fails with 401. It is a hook, for all rules of a scope:
 *
 *	cruet_before(admin, cruet_login_required);
 *
 * and the first line of a handler, for one: int err = cruet_login_required(c); if (err)
 * return err; */
CRUET_API int cruet_login_required(cruet_ctx *c) CRUET_MUST_CHECK;

/* Where to go after logging in: what "next" says in the query or in the form, if it is a
 * path of this site, else def. */
CRUET_API const char *cruet_login_next(cruet_ctx *c, const char *def);

/* --- setup ---------------------------------------------------------------------------------- */

/* Who knows users. If several do, they are asked in turn. arg lives as long as the
 * application. [setup] */
CRUET_API int cruet_login_loader(cruet_app *app, cruet_login_load_fn *fn, void *arg);

CRUET_END
#endif
