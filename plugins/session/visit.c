/* One request's session: opened at the first access, saved by the finish-hook.
 *
 * What is not ours, too old or unreadable is an empty session; only a store that
 * fails is an error, because an empty session written over a full one would lose
 * it. An id is never taken from a cookie whose session is gone: the next save
 * makes a new one. */
#include "session.h"

#include <sodium.h>
#include <string.h>

/* Clocks of several machines differ a little. */
enum { SKEW = 60, COOKIE_MAX = 4093 };

/* Where flashed messages wait (cruet/svc/session.h). */
#define FLASHES "_flashes"

static const cruet_errtype session_error = {sizeof session_error, 500, "session", NULL};
static const cruet_errtype store_error = {sizeof store_error, 503, "session.store",
					  &session_error};

static const cruet_session_store *store_of(const struct state *s)
{
	return s->store.vt;
}

/* Fails the request, now and again when the session should be saved: the first
 * reason stays. why NULL: there is no memory. */
static int refuse(cruet_ctx *c, struct visit *v, const cruet_errtype *kind,
		  const char *why)
{
	if (!v->kind) {
		v->kind = kind;
		v->why = why;
	}
	return cruet_raise(c, v->kind, "%s", v->why ? v->why : "out of memory");
}

static int store_fails(struct state *s, cruet_ctx *c, struct visit *v, const char *what,
		       int err)
{
	return refuse(c, v, &store_error,
		      cruet_printf(c, "the session store '%s' could not %s: %s",
				   s->store.provider, what, cruet_strerror(err)));
}

/* --- opening ------------------------------------------------------------------------ */

/* What c carries as JSON, if it is an object. What cannot be read is no failure
 * of the request. */
static cruet_json *object_of(cruet_ctx *c, struct visit *v, const void *p, size_t len)
{
	int before = cruet_err(c);
	cruet_json *j = cruet_json_parse(c, p, len);

	if (!j && cruet_err(c) == CRUET_ENOMEM)
		refuse(c, v, &session_error, NULL);
	else if (!j && !before)
		cruet_err_clear(c);
	return cruet_json_kind(j) == CRUET_JSON_OBJECT ? j : NULL;
}

static bool fresh(const struct state *s, int64_t time)
{
	int64_t now = cruet_now(s->app) / 1000;

	return time <= now + SKEW && now - time <= (int64_t)(s->cfg->lifetime / 1000);
}

/* The data that an id stands for; NULL if there is none. */
static cruet_json *from_store(struct state *s, cruet_ctx *c, struct visit *v,
			      const struct token *t)
{
	const void *p;
	size_t len;

	if (t->len != CRUET_SESSION_ID_LEN)
		return NULL;
	memcpy(v->id, t->payload, t->len);
	int err = store_of(s)->load(s->store.self, c, v->id, &p, &len);
	cruet_json *data = err ? NULL : object_of(c, v, p, len);
	if (err && err != CRUET_ENOENT)
		store_fails(s, c, v, "load it", err);
	if (!data)
		v->id[0] = '\0';
	return data;
}

static cruet_json *from_cookie(struct state *s, cruet_ctx *c, struct visit *v)
{
	const char *value = s->keys.n ? cruet_cookie(c, s->cookie) : NULL;
	size_t len = value ? strlen(value) : 0;
	struct token t;

	if (!len || len > TOKEN_MAX)
		return NULL;
	void *buf = cruet_alloc(c, len);
	if (!buf) {
		refuse(c, v, &session_error, NULL);
		return NULL;
	}
	if (!token_open(&s->keys, value, len, buf, &t) || !fresh(s, t.time) ||
	    t.by_id != (s->store.vt != NULL))
		return NULL;
	return t.by_id ? from_store(s, c, v, &t) : object_of(c, v, t.payload, t.len);
}

/* The visit with its data; NULL when out of memory. Without an access yet. */
static struct visit *visit_of(struct state *s, cruet_ctx *c)
{
	struct visit *v = cruet_g_get(c, &s->key);

	if (!v) {
		v = cruet_alloc(c, sizeof *v);
		if (!v || cruet_g_set(c, &s->key, v, NULL))
			return NULL;
	}
	if (!v->data && !v->kind)
		v->data = from_cookie(s, c, v);
	if (!v->data && !v->kind)
		v->data = cruet_object(c);
	if (!v->data && !v->kind)
		refuse(c, v, &session_error, NULL);
	return v;
}

int visit_open(void *self, cruet_ctx *c, cruet_json **data)
{
	struct visit *v = visit_of(self, c);

	if (!v)
		return CRUET_ENOMEM;
	*data = v->data;
	return v->data ? CRUET_OK : refuse(c, v, v->kind, v->why);
}

int visit_change(void *self, cruet_ctx *c)
{
	struct state *s = self;
	struct visit *v = visit_of(s, c);

	if (!v)
		return CRUET_ENOMEM;
	if (v->kind)
		return refuse(c, v, v->kind, v->why);
	if (!s->keys.n)
		return refuse(
			c, v, &session_error,
			"the session cannot be written: there is no secret_key: put one "
			"into cruet.json, or CRUET_SECRET_KEY=... into .env");
	if (!*cruet_method(c))
		return refuse(c, v, &session_error,
			      "the session cannot be written: there is no request here");
	if (v->saved)
		return refuse(c, v, &session_error,
			      "the session cannot be written: it has been saved: write "
			      "before or "
			      "in an after-hook");
	v->changed = true;
	return CRUET_OK;
}

int visit_renew(void *self, cruet_ctx *c)
{
	struct visit *v = visit_of(self, c);
	bool changed = v && v->changed;
	int err = visit_change(self, c);

	if (err)
		return err;
	v->changed = changed; /* an empty session stays one that nobody touched */
	v->renewed = true;
	return CRUET_OK;
}

/* --- saving ------------------------------------------------------------------------- */

static size_t cookie_size(const struct state *s, size_t len)
{
	return strlen(s->cookie) + 1 + token_size(len, cruet_now(s->app) / 1000);
}

static bool fits(const struct state *s, size_t len)
{
	return s->store.vt ? len <= s->cfg->max_size : cookie_size(s, len) <= COOKIE_MAX;
}

static int send_cookie(struct state *s, cruet_ctx *c, struct visit *v, struct token *t)
{
	cruet_cookie_opts opts = s->opts;

	t->time = cruet_now(s->app) / 1000;
	size_t size = token_size(t->len, t->time), whole = cookie_size(s, t->len);
	if (whole > COOKIE_MAX)
		return refuse(
			c, v, &session_error,
			cruet_printf(
				c,
				"the session makes a cookie of %zu bytes, and browsers "
				"keep %d: keep less in it, or set store = \"server\" "
				"with a plugin that provides \"%s\"",
				whole, COOKIE_MAX, CRUET_SESSION_STORE));
	char *value = cruet_alloc(c, size + 1);
	if (!value)
		return CRUET_ENOMEM;
	if (!token_seal(&s->keys, t, value, size + 1))
		return refuse(c, v, &session_error,
			      "the session cannot be signed: the clock is out of range");
	if (t->permanent)
		opts.expires = t->time + (int64_t)(s->cfg->lifetime / 1000);
	return cruet_set_cookie(c, s->cookie, value, &opts);
}

static void make_id(char id[CRUET_SESSION_ID_LEN + 1])
{
	unsigned char random[CRUET_SESSION_ID_LEN / 4 * 3];

	randombytes_buf(random, sizeof random);
	sodium_bin2base64(id, CRUET_SESSION_ID_LEN + 1, random, sizeof random,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Under the id that the session was loaded with. CRUET_ENOENT: another request has ended
 * it since. */
static int update(struct state *s, cruet_ctx *c, const struct visit *v, const char *text,
		  size_t len)
{
	const cruet_session_store *store = store_of(s);

	if (!CRUET_HAS(store, cruet_session_store, update))
		return store->save(s->store.self, c, v->id, text, len, s->cfg->lifetime);
	return store->update(s->store.self, c, v->id, text, len, s->cfg->lifetime);
}

/* Under a new id. The old one is dropped once the data is safe. */
static int move(struct state *s, cruet_ctx *c, struct visit *v, const char *text,
		size_t len)
{
	const cruet_session_store *store = store_of(s);
	char old[sizeof v->id];

	memcpy(old, v->id, sizeof old);
	make_id(v->id);
	int err = store->save(s->store.self, c, v->id, text, len, s->cfg->lifetime);
	if (err)
		return store_fails(s, c, v, "save it", err);
	err = old[0] ? store->drop(s->store.self, c, old) : CRUET_OK;
	return err ? store_fails(s, c, v, "drop the old one", err) : CRUET_OK;
}

/* *gone: there is nothing to send a cookie for. */
static int to_store(struct state *s, cruet_ctx *c, struct visit *v, const char *text,
		    size_t len, bool *gone)
{
	if (len > s->cfg->max_size)
		return refuse(
			c, v, &session_error,
			cruet_printf(
				c,
				"the session has %zu bytes, and option max_size allows "
				"%llu: keep less in it",
				len, (unsigned long long)s->cfg->max_size));
	if (!v->id[0] || v->renewed)
		return move(s, c, v, text, len);
	int err = update(s, c, v, text, len);
	*gone = err == CRUET_ENOENT;
	return err && !*gone ? store_fails(s, c, v, "save it", err) : CRUET_OK;
}

static int forget(struct state *s, cruet_ctx *c, struct visit *v)
{
	cruet_cookie_opts opts = s->opts;
	int err = v->id[0] ? store_of(s)->drop(s->store.self, c, v->id) : CRUET_OK;

	if (err)
		return store_fails(s, c, v, "drop it", err);
	opts.max_age = -1;
	return cruet_set_cookie(c, s->cookie, "", &opts);
}

/* The session as text that will be readable next time: strict reading refuses what
 * a handler may have put into a tree by hand. */
static int written(cruet_ctx *c, struct visit *v, const char **text, size_t *len)
{
	*text = cruet_json_text(c, v->data, len);
	if (!*text)
		return cruet_err(c);
	if (!v->changed || cruet_json_parse(c, *text, *len))
		return CRUET_OK;
	if (cruet_err(c) < 0)
		return cruet_err(c);
	const char *why = cruet_printf(c, "the session could not be read again: %s",
				       cruet_err_text(c));
	cruet_err_clear(c);
	return refuse(c, v, &session_error, why);
}

/* How many messages, oldest first, have to go so that a session of len bytes fits;
 * 0 where that cannot help. */
static int count_excess(const struct state *s, cruet_ctx *c, const cruet_json *flashes,
			size_t len, size_t *n)
{
	const cruet_json *f = cruet_json_first(flashes);

	for (*n = 0; f && !fits(s, len); f = cruet_json_next(f), ++*n) {
		size_t size;
		if (!cruet_json_text(c, f, &size))
			return cruet_err(c);
		len -= size + (cruet_json_next(f) ? 1 : 0); /* and a comma */
	}
	if (!fits(s, len))
		*n = 0;
	return CRUET_OK;
}

/* A copy of the session without its n oldest messages; NULL: no memory. */
static cruet_json *without(cruet_ctx *c, const cruet_json *data,
			   const cruet_json *flashes, size_t n)
{
	const cruet_json *f = cruet_json_first(flashes);
	cruet_json *copy = cruet_object(c);

	for (const cruet_json *m = cruet_json_first(data); m; m = cruet_json_next(m))
		if (m != flashes)
			cruet_put_json(copy, cruet_json_name(m), m);
	while (f && n--)
		f = cruet_json_next(f);
	cruet_json *left = f ? cruet_put_array(copy, FLASHES) : NULL;
	for (; f; f = cruet_json_next(f))
		cruet_push_json(left, f);
	return copy;
}

/* Messages that nobody fetches must not make a session too large that would fit
 * without them: the oldest ones go. */
static int shed_flashes(struct state *s, cruet_ctx *c, struct visit *v, const char **text,
			size_t *len)
{
	const cruet_json *flashes = cruet_json_get(v->data, FLASHES);
	size_t n;
	int err = count_excess(s, c, flashes, *len, &n);

	if (err || !n)
		return err;
	if (n == cruet_json_len(flashes))
		cruet_note(c, CRUET_WARN,
			   "flashed messages are lost: the session has no room for them");
	v->data = without(c, v->data, flashes, n);
	return v->data ? written(c, v, text, len) : refuse(c, v, &session_error, NULL);
}

static int save(struct state *s, cruet_ctx *c, struct visit *v)
{
	struct token t = {.by_id = s->store.vt != NULL};
	const char *text;
	size_t len;
	bool gone = false;

	t.permanent = cruet_json_bool(cruet_json_get(v->data, "_permanent"), false);
	if (!cruet_json_first(v->data))
		return v->changed ? forget(s, c, v) : CRUET_OK;
	if (!v->changed && !v->renewed && !(t.permanent && s->cfg->refresh))
		return CRUET_OK;
	int err = written(c, v, &text, &len);
	if (!err)
		err = shed_flashes(s, c, v, &text, &len);
	if (!err && !cruet_json_first(v->data))
		return forget(s, c, v);
	if (!err && t.by_id)
		err = to_store(s, c, v, text, len, &gone);
	if (err || gone)
		return err;
	t.payload = t.by_id ? v->id : text;
	t.len = t.by_id ? CRUET_SESSION_ID_LEN : len;
	return send_cookie(s, c, v, &t);
}

int visit_save(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));
	struct visit *v = cruet_g_get(c, &s->key);

	if (!v) {
		/* Nobody asked for it; a permanent one is refreshed all the same. */
		const char *value =
			s->keys.n && s->cfg->refresh ? cruet_cookie(c, s->cookie) : NULL;
		if (!value || !token_claims_permanent(value))
			return CRUET_OK;
		v = visit_of(s, c);
		if (v && v->kind)
			cruet_note(c, CRUET_WARN, "not refreshed: %s", cruet_err_text(c));
		if (!v || !cruet_json_first(v->data))
			return CRUET_OK;
	}
	int err = s->keys.n ? cruet_vary(c, "Cookie") : CRUET_OK;
	if (err)
		return err;
	if (v->kind) /* whoever sent an error has heard of it */
		return cruet_reply_status(c) < 500 ? refuse(c, v, v->kind, v->why)
						   : CRUET_OK;
	err = save(s, c, v);
	v->saved = true;
	return err;
}
