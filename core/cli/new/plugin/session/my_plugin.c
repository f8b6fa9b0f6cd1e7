/* Provides "session/1": sessions in the memory of this process, one for each browser,
 * which has a cookie with its id; <cruet/svc/session.h> says what each function promises.
 *
 * An id is random, and of two halves: a session is looked up by the first one, and the
 * second one is compared in a time that says nothing of it. */
#include <cruet.h>
#include <cruet/plugin.h>
#include <cruet/svc/session.h>
#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { HALF = 32, ID_LEN = 2 * HALF, SIZE_MAX_EACH = 65536 };

struct config {
	const char *cookie;
	uint64_t lifetime;
	int64_t most;
};

struct session {
	struct session *newer, *older; /* in the order of saving */
	int64_t end;		       /* milliseconds, by cruet_now() */
	size_t len;
	char name[HALF + 1], proof[HALF];
	char text[]; /* JSON */
};

struct state {
	const struct config *cfg;
	cruet_app *app;
	cruet_key key;	      /* of a request's visit; its address counts */
	pthread_mutex_t lock; /* guards all that follows */
	void *tree;	      /* of names, by tsearch() */
	struct session *newest, *oldest;
	int64_t n;
};

/* What one request does with its session. */
struct visit {
	cruet_json *data;
	char id[ID_LEN + 1]; /* "": none yet */
	bool changed, renewed, saved;
};

static const cruet_errtype session_error = {sizeof session_error, 500, "session", NULL};

/* --- all sessions; the lock is held ------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void drop(struct state *s, struct session *one)
{
	tdelete(one->name, &s->tree, by_text);
	*(one->newer ? &one->newer->older : &s->newest) = one->older;
	*(one->older ? &one->older->newer : &s->oldest) = one->newer;
	s->n--;
	free(one);
}

static bool is_same(const char *a, const char *b)
{
	unsigned char differs = 0;

	for (size_t i = 0; i < HALF; i++)
		differs |= (unsigned char)(a[i] ^ b[i]);
	return !differs;
}

static struct session *find(struct state *s, const char *id)
{
	char name[HALF + 1];

	memcpy(name, id, HALF);
	name[HALF] = '\0';
	char **found = tfind(name, &s->tree, by_text);
	if (!found)
		return NULL;
	struct session *one = (struct session *)(*found - offsetof(struct session, name));
	if (!is_same(one->proof, id + HALF))
		return NULL;
	if (one->end > cruet_now(s->app))
		return one;
	drop(s, one);
	return NULL;
}

/* All live equally long, so the one that was saved first ends first; where there are too
 * many it goes before its time. */
static int put(struct state *s, const char *id, const char *text, size_t len)
{
	struct session *one = malloc(sizeof *one + len + 1), *old = find(s, id);

	if (!one)
		return CRUET_ENOMEM;
	one->end = cruet_now(s->app) + (int64_t)s->cfg->lifetime;
	one->len = len;
	memcpy(one->name, id, HALF);
	one->name[HALF] = '\0';
	memcpy(one->proof, id + HALF, HALF);
	memcpy(one->text, text, len + 1);
	if (old)
		drop(s, old);
	while (s->oldest && (s->n >= s->cfg->most || s->oldest->end <= cruet_now(s->app)))
		drop(s, s->oldest);
	if (!tsearch(one->name, &s->tree, by_text)) {
		free(one);
		return CRUET_ENOMEM;
	}
	one->newer = NULL;
	one->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = one;
	s->newest = one;
	s->n++;
	return CRUET_OK;
}

/* --- opening ------------------------------------------------------------------ */

/* The text that an id stands for, in the memory of the request; NULL: none. */
static const char *load(struct state *s, cruet_ctx *c, const char *id, size_t *len)
{
	pthread_mutex_lock(&s->lock);
	const struct session *one = find(s, id);
	char *text = one ? cruet_alloc(c, one->len + 1) : NULL;
	if (text) {
		memcpy(text, one->text, one->len);
		*len = one->len;
	}
	pthread_mutex_unlock(&s->lock);
	return text;
}

/* With its data; NULL when out of memory. */
static struct visit *visit_of(struct state *s, cruet_ctx *c)
{
	struct visit *v = cruet_g_get(c, &s->key);
	size_t len;

	if (v)
		return v;
	v = cruet_alloc(c, sizeof *v);
	if (!v)
		return NULL;
	const char *id = cruet_cookie(c, s->cfg->cookie), *text = NULL;
	if (id && strlen(id) == ID_LEN)
		text = load(s, c, id, &len);
	if (text) {
		memcpy(v->id, id, ID_LEN);
		v->data = cruet_json_parse(c, text, len);
	} else {
		v->data = cruet_object(c);
	}
	return v->data && !cruet_g_set(c, &s->key, v, NULL) ? v : NULL;
}

static int open(void *self, cruet_ctx *c, cruet_json **data)
{
	struct visit *v = visit_of(self, c);

	*data = v ? v->data : NULL;
	return v ? CRUET_OK : CRUET_ENOMEM;
}

static int change(void *self, cruet_ctx *c)
{
	struct visit *v = visit_of(self, c);

	if (!v)
		return CRUET_ENOMEM;
	if (!*cruet_method(c))
		return cruet_raise(c, &session_error,
				   "the session cannot be written: there is no "
				   "request here");
	if (v->saved)
		return cruet_raise(c, &session_error,
				   "the session cannot be written: it has been "
				   "saved");
	v->changed = true;
	return CRUET_OK;
}

/* An empty session stays one that nobody touched. */
static int renew(void *self, cruet_ctx *c)
{
	struct visit *v = visit_of(self, c);
	bool changed = v && v->changed;
	int err = change(self, c);

	if (err)
		return err;
	v->changed = changed;
	v->renewed = true;
	return CRUET_OK;
}

static const cruet_session service = {
	.size = sizeof service, .open = open, .change = change, .renew = renew};

/* --- saving ------------------------------------------------------------------- */

static void forget(struct state *s, const char *id)
{
	if (!*id)
		return;
	pthread_mutex_lock(&s->lock);
	struct session *one = find(s, id);
	if (one)
		drop(s, one);
	pthread_mutex_unlock(&s->lock);
}

static int make_id(char id[ID_LEN + 1])
{
	unsigned char random[ID_LEN / 2];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return CRUET_EIO;
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
	return CRUET_OK;
}

/* Its text, which can be read again. Messages that nobody fetched must not make it too
 * large. */
static const char *written(cruet_ctx *c, struct visit *v, size_t *len)
{
	const char *text = cruet_json_text(c, v->data, len);

	if (text && *len > SIZE_MAX_EACH && cruet_json_get(v->data, "_flashes")) {
		cruet_json *less = cruet_object(c);
		const cruet_json *m = cruet_json_first(v->data);
		for (; m; m = cruet_json_next(m))
			if (strcmp(cruet_json_name(m), "_flashes") != 0)
				cruet_put_json(less, cruet_json_name(m), m);
		text = cruet_json_text(c, less, len);
	}
	return text && cruet_json_parse(c, text, *len) ? text : NULL;
}

static int send_cookie(struct state *s, cruet_ctx *c, const char *value, int64_t max_age)
{
	cruet_cookie_opts opts = {.size = sizeof opts, .max_age = max_age};

	return cruet_set_cookie(c, s->cfg->cookie, value, &opts);
}

static int keep(struct state *s, cruet_ctx *c, struct visit *v)
{
	bool permanent = cruet_json_bool(cruet_json_get(v->data, "_permanent"), false);
	size_t len;
	const char *text = written(c, v, &len);

	if (!text)
		return cruet_err(c) ? cruet_err(c) : CRUET_ENOMEM;
	if (len > SIZE_MAX_EACH)
		return cruet_raise(c, &session_error,
				   "the session has %zu bytes, and may have %d: "
				   "keep less in it",
				   len, SIZE_MAX_EACH);
	if (v->renewed)
		forget(s, v->id);
	if ((v->renewed || !*v->id) && make_id(v->id))
		return cruet_raise(c, &session_error, "no random bytes are to be had");
	pthread_mutex_lock(&s->lock);
	int err = put(s, v->id, text, len);
	pthread_mutex_unlock(&s->lock);
	return err ? err
		   : send_cookie(s, c, v->id,
				 permanent ? (int64_t)(s->cfg->lifetime / 1000) : 0);
}

/* The finish-hook. Who never asked for a session has none. */
static int save(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));
	struct visit *v = cruet_g_get(c, &s->key);

	if (!v)
		return CRUET_OK;
	v->saved = true;
	int err = cruet_vary(c, "Cookie");
	if (err || !(v->changed || v->renewed))
		return err;
	if (cruet_json_first(v->data))
		return keep(s, c, v);
	if (!v->changed)
		return CRUET_OK;
	forget(s, v->id);
	return send_cookie(s, c, "", -1);
}

/* --- the plugin --------------------------------------------------------------- */

static int init(cruet_app *app)
{
	struct state *s = cruet_state(app);

	s->app = app;
	s->cfg = cruet_config(app);
	s->key.name = "my_plugin";
	if (pthread_mutex_init(&s->lock, NULL))
		return CRUET_ENOMEM;
	cruet_finish(app, save);
	return cruet_provide(app, CRUET_SESSION, &service, s);
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	while (s->oldest)
		drop(s, s->oldest);
	pthread_mutex_destroy(&s->lock);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, cookie, STR, .def = "my_plugin", .help = "a name"),
	CRUET_OPTION(struct config, lifetime, TIME, .def = "14d",
		     .flags = CRUET_OPT_BOUNDS, .min = 1000, .max = 34560000000,
		     .help = "a time from 1s to 400d"),
	CRUET_OPTION(struct config, most, INT, .def = "10000", .flags = CRUET_OPT_BOUNDS,
		     .min = 1, .max = 1000000, .help = "a number of sessions to 1000000"),
	{.name = NULL}};

static const char *const provides[] = {CRUET_SESSION, NULL};

CRUET_PLUGIN(my_plugin, .version = "0.1.0",
	     .summary = "session/1 in the memory of the process", .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .provides = provides, .init = init, .fini = fini, .flags = CRUET_UNLOADABLE);
