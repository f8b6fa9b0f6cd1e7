/* Who is there: a member of the session, and for the length of a request what the loader
 * made of it. The session has
 *
 *	"_login": {"id": "7", "client": "..."}
 *
 * where client is a hash of what the browser says of itself, and of its address with
 * protection = "strong": a cookie that turns up elsewhere is worth nothing. */
#include "login.h"

#include <cruet/login.h>
#include <cruet/session.h>
#include <cruet/svc/login.h>
#include <sodium.h>
#include <string.h>

#define MEMBER "_login"

enum {
	ID_MAX = 255,
	CLIENT_LEN = 16,
	CLIENT_SIZE = 23, /* base64 of it, and a NUL */
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

/* Of a request, once somebody has asked. */
struct visit {
	bool known;
	const cruet_json *user; /* NULL: nobody */
	int err;
};

static const cruet_key visit_key = {"login.visit"};

static struct visit *visit_of(cruet_ctx *c)
{
	struct visit *v = cruet_g_get(c, &visit_key);

	if (!v) {
		v = cruet_alloc(c, sizeof *v);
		if (!v || cruet_g_set(c, &visit_key, v, NULL))
			return NULL;
	}
	return v;
}

/* --- which client
 * ------------------------------------------------------------------------- */

static void hash_text(crypto_generichash_state *h, const char *text)
{
	crypto_generichash_update(h, (const unsigned char *)text, strlen(text) + 1);
}

static void client_of(const struct state *s, const cruet_ctx *c, char out[CLIENT_SIZE])
{
	const char *agent = cruet_header(c, "User-Agent");
	crypto_generichash_state h;
	unsigned char hash[CLIENT_LEN];

	crypto_generichash_init(&h, NULL, 0, sizeof hash);
	hash_text(&h, agent ? agent : "");
	if (s->cfg->protection == PROTECT_STRONG)
		hash_text(&h, cruet_peer(c));
	crypto_generichash_final(&h, hash, sizeof hash);
	sodium_bin2base64(out, CLIENT_SIZE, hash, sizeof hash, BASE64);
}

static bool same_client(struct state *s, cruet_ctx *c, const cruet_json *login)
{
	char client[CLIENT_SIZE];
	int64_t times;

	if (s->cfg->protection == PROTECT_OFF)
		return true;
	client_of(s, c, client);
	if (!strcmp(cruet_json_str(cruet_json_get(login, "client"), ""), client))
		return true;
	if (notice_due(&s->strange, cruet_now(s->app), &times))
		cruet_note(c, CRUET_WARN,
			   "a session is not believed: another client has logged in with "
			   "it; this one comes from %s (requests with such sessions, "
			   "since this was told last: %lld)",
			   cruet_peer(c), (long long)times);
	return false;
}

/* --- who
 * ---------------------------------------------------------------------------------- */

/* The id that the session has, NULL if it has none. */
static const char *id_of(const cruet_json *login)
{
	const char *id = cruet_json_str(cruet_json_get(login, "id"), NULL);

	return id && *id ? id : NULL;
}

/* One asking of all loaders. It stands apart from the visit: a loader may log out. */
struct asking {
	const char *id;
	bool asked; /* one was */
	int err;
	const cruet_json *user;
};

static void ask_loader(void *self, cruet_ctx *c, cruet_login_load_fn *fn, void *arg)
{
	struct asking *a = self;
	const cruet_json *user = NULL;

	if (a->asked && a->err != CRUET_ENOENT)
		return;
	a->asked = true;
	a->err = fn(c, a->id, arg, &user);
	if (!a->err)
		a->user = user;
}

/* What there is to know where no loader knows more. */
static const cruet_json *bare_user(cruet_ctx *c, const char *id)
{
	cruet_json *user = cruet_object(c);

	cruet_put_str(user, "id", id);
	return user;
}

static int load(cruet_ctx *c, const char *id, const cruet_json **user)
{
	struct asking a = {.id = cruet_strdup(c, id)};
	const cruet_login_asked asked = {
		.size = sizeof asked, .self = &a, .load = ask_loader};

	if (!a.id)
		return CRUET_ENOMEM;
	cruet_tell(c, CRUET_LOGIN_EVENT, &asked);
	if (!a.asked) {
		a.user = bare_user(c, id);
		a.err = a.user ? CRUET_OK : CRUET_ENOMEM;
	}
	*user = a.user;
	return a.err == CRUET_ENOENT ? CRUET_OK : a.err;
}

int user_get(void *self, cruet_ctx *c, const cruet_json **user)
{
	struct state *s = self;
	struct visit *v = visit_of(c);

	if (!v)
		return CRUET_ENOMEM;
	if (!v->known) {
		int before = cruet_err(c); /* of the error whose page this may be */
		const cruet_json *login = cruet_session_json(c, MEMBER);
		v->err = cruet_err(c) == before ? CRUET_OK : cruet_err(c);
		if (id_of(login) && same_client(s, c, login))
			v->err = load(c, id_of(login), &v->user);
		v->known = true;
	}
	*user = v->err ? NULL : v->user;
	return v->err;
}

/* --- coming and going
 * ------------------------------------------------------------------------ */

/* The next who asks looks anew. */
static void changed(cruet_ctx *c)
{
	struct visit *v = cruet_g_get(c, &visit_key);

	if (v)
		*v = (struct visit){.known = false};
}

static int keep(struct state *s, cruet_ctx *c, const char *id)
{
	char client[CLIENT_SIZE];
	cruet_json *login = cruet_object(c);

	cruet_put_str(login, "id", id);
	if (s->cfg->protection != PROTECT_OFF) {
		client_of(s, c, client);
		cruet_put_str(login, "client", client);
	}
	return login ? cruet_session_set_json(c, MEMBER, login) : CRUET_ENOMEM;
}

int user_enter(void *self, cruet_ctx *c, const char *id, bool remember)
{
	struct state *s = self;
	size_t len = id ? strnlen(id, ID_MAX + 1) : 0;

	if (!len || len > ID_MAX)
		return cruet_fail(c, 500,
				  "cruet_login_user: expected an id of 1 to %d bytes",
				  ID_MAX);
	const char *before = id_of(cruet_session_json(c, MEMBER));
	int err = before && strcmp(before, id) != 0 ? cruet_session_clear(c) : CRUET_OK;
	if (!err)
		err = cruet_session_renew(c);
	if (!err)
		err = keep(s, c, id);
	if (!err)
		err = cruet_session_permanent(c, remember);
	changed(c);
	if (!err)
		cruet_note(c, CRUET_INFO, "user %s has logged in", id);
	return err;
}

int user_leave(void *self, cruet_ctx *c)
{
	const char *id = id_of(cruet_session_json(c, MEMBER));

	(void)self;
	if (!id)
		return CRUET_OK;
	int err = cruet_session_clear(c);
	if (!err)
		err = cruet_session_renew(c);
	changed(c);
	if (!err)
		cruet_note(c, CRUET_INFO, "user %s has logged out", id);
	return err;
}
