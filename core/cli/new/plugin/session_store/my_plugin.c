/* Provides "session_store/1" in the memory of this process; <cruet/svc/session_store.h>
 * says what each function promises. A tree finds a session by its id, and a list has all
 * of them. What is kept elsewhere is kept under a hash of the id, so that whoever can
 * read it cannot take a session over. */
#include <cruet.h>
#include <cruet/plugin.h>
#include <cruet/svc/session_store.h>
#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MAX_EACH = 1 << 20 }; /* bytes; a provider takes at least 64 KiB */

struct config {
	uint64_t memory;
};

struct session {
	struct session *next, **link; /* *link points here */
	int64_t end;		      /* milliseconds, by cruet_now() */
	size_t len;
	char id[CRUET_SESSION_ID_LEN + 1];
	char data[];
};

struct state {
	cruet_app *app;
	uint64_t most;
	pthread_mutex_t lock; /* guards all that follows */
	void *tree;	      /* of ids, by tsearch() */
	struct session *all;
	uint64_t bytes;
};

/* --- sessions; the lock is held ----------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void drop_one(struct state *s, struct session *one)
{
	tdelete(one->id, &s->tree, by_id);
	*one->link = one->next;
	if (one->next)
		one->next->link = one->link;
	s->bytes -= sizeof *one + one->len;
	free(one);
}

static bool is_over(const struct state *s, const struct session *one)
{
	return one->end <= cruet_now(s->app);
}

/* NULL: there is none, or its time is over. */
static struct session *find(struct state *s, const char *id)
{
	char **found = tfind(id, &s->tree, by_id);
	struct session *one =
		found ? (struct session *)(*found - offsetof(struct session, id)) : NULL;

	if (!one || !is_over(s, one))
		return one;
	drop_one(s, one);
	return NULL;
}

static int64_t sweep_locked(struct state *s)
{
	int64_t n = 0;

	for (struct session *one = s->all, *next; one; one = next) {
		next = one->next;
		if (is_over(s, one)) {
			drop_one(s, one);
			n++;
		}
	}
	return n;
}

/* Takes the place of old, which may be NULL. */
static int put(struct state *s, struct session *old, const char *id, const void *p,
	       size_t len, uint64_t ttl_ms)
{
	int64_t now = cruet_now(s->app);
	size_t room = sizeof *old + len;

	if (len > SIZE_MAX_EACH)
		return CRUET_ELIMIT;
	if (s->bytes + room > s->most && (!sweep_locked(s) || s->bytes + room > s->most))
		return CRUET_EBUSY;
	struct session *one = malloc(room);
	if (!one)
		return CRUET_ENOMEM;
	one->end =
		ttl_ms > (uint64_t)(INT64_MAX - now) ? INT64_MAX : now + (int64_t)ttl_ms;
	one->len = len;
	memcpy(one->id, id, sizeof one->id);
	if (len)
		memcpy(one->data, p, len);
	if (old)
		drop_one(s, old);
	if (!tsearch(one->id, &s->tree, by_id)) {
		free(one);
		return CRUET_ENOMEM;
	}
	one->link = &s->all;
	one->next = s->all;
	if (one->next)
		one->next->link = &one->next;
	s->all = one;
	s->bytes += room;
	return CRUET_OK;
}

/* --- the service -------------------------------------------------------------- */

static int copy_out(const struct session *one, cruet_ctx *c, const void **p, size_t *len)
{
	char *copy = cruet_alloc(c, one->len + 1);

	if (!copy)
		return CRUET_ENOMEM;
	*p = memcpy(copy, one->data, one->len);
	*len = one->len;
	return CRUET_OK;
}

static int load(void *self, cruet_ctx *c, const char *id, const void **p, size_t *len)
{
	struct state *s = self;

	pthread_mutex_lock(&s->lock);
	struct session *one = find(s, id);
	int err = one ? copy_out(one, c, p, len) : CRUET_ENOENT;
	pthread_mutex_unlock(&s->lock);
	return err;
}

static int save(void *self, cruet_ctx *c, const char *id, const void *p, size_t len,
		uint64_t ttl_ms)
{
	struct state *s = self;

	(void)c;
	pthread_mutex_lock(&s->lock);
	int err = put(s, find(s, id), id, p, len, ttl_ms);
	pthread_mutex_unlock(&s->lock);
	return err;
}

/* What another request has ended is not brought back. */
static int update(void *self, cruet_ctx *c, const char *id, const void *p, size_t len,
		  uint64_t ttl_ms)
{
	struct state *s = self;

	(void)c;
	pthread_mutex_lock(&s->lock);
	struct session *old = find(s, id);
	int err = old ? put(s, old, id, p, len, ttl_ms) : CRUET_ENOENT;
	pthread_mutex_unlock(&s->lock);
	return err;
}

static int drop(void *self, cruet_ctx *c, const char *id)
{
	struct state *s = self;

	(void)c;
	pthread_mutex_lock(&s->lock);
	struct session *one = find(s, id);
	if (one)
		drop_one(s, one);
	pthread_mutex_unlock(&s->lock);
	return CRUET_OK;
}

static int64_t sweep(void *self)
{
	struct state *s = self;

	pthread_mutex_lock(&s->lock);
	int64_t n = sweep_locked(s);
	pthread_mutex_unlock(&s->lock);
	return n;
}

static const cruet_session_store service = {.size = sizeof service,
					    .load = load,
					    .save = save,
					    .drop = drop,
					    .sweep = sweep,
					    .update = update};

/* --- the plugin --------------------------------------------------------------- */

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	s->app = app;
	s->most = cfg->memory;
	if (pthread_mutex_init(&s->lock, NULL))
		return CRUET_ENOMEM;
	return cruet_provide(app, CRUET_SESSION_STORE, &service, s);
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	while (s->all)
		drop_one(s, s->all);
	pthread_mutex_destroy(&s->lock);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, memory, SIZE, .def = "64m", .flags = CRUET_OPT_BOUNDS,
		     .min = 2 << 20, .max = (int64_t)1 << 40,
		     .help = "a size from 2m to 1024g"),
	{.name = NULL}};

static const char *const provides[] = {CRUET_SESSION_STORE, NULL};

CRUET_PLUGIN(my_plugin, .version = "0.1.0",
	     .summary = "session_store/1 in the memory of the process",
	     .options = options, .config_size = sizeof(struct config),
	     .state_size = sizeof(struct state), .provides = provides, .init = init,
	     .fini = fini, .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE);
