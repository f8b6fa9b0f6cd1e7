/* Provides "db/1" from a SQLite file. This file is what the plugin says of itself,
 * and its ladder. */
#include "sqlite.h"

#include <cruet/health.h>
#include <stdlib.h>

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);

	if (!cfg->path[0] || !strncmp(cfg->path, "file:", 5))
		return cruet_reject(app,
				    "option path = \"%s\": expected a file such as "
				    "var/site.db, or :memory:",
				    cfg->path);
	return CRUET_OK;
}

static const cruet_db service = {
	.size = sizeof service,
	.run = db_run,
	.begin = db_begin,
	.commit = db_commit,
	.rollback = db_rollback,
	.schema = db_schema,
};

/* Who finds the database busy may come again soon. */
static int add_retry_after(cruet_ctx *c)
{
	if (cruet_err_kind(c) != &cruet_db_busy_kind || cruet_reply_status(c) != 503 ||
	    cruet_reply_header(c, "Retry-After"))
		return CRUET_OK;
	return cruet_set_header(c, "Retry-After", "1");
}

/* Whether there is a connection, and the file can be read. */
static int ping(cruet_ctx *c)
{
	static const char sql[] = "select 1 from sqlite_schema limit 1";
	struct state *s = cruet_state(cruet_scope(c));
	struct conn *k;

	int err = pool_conn(s, c, &k);
	if (err)
		return err;
	int rc = conn_exec(k, sql);
	if (rc)
		err = fault(s, c, k, sql, rc);
	pool_rest(s, c);
	return err;
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	steps_free(&s->steps);
	gate_fini(&s->seats);
	gate_fini(&s->pen);
	pthread_mutex_destroy(&s->lock);
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	s->cfg = cfg;
	s->app = app;
	s->key.name = "sqlite.connection";
	s->pool = in_memory(cfg) ? 1 : (size_t)cfg->pool;
	gate_init(&s->seats, s->pool, SIZE_MAX);
	gate_init(&s->pen, 1, SIZE_MAX);
	pthread_mutex_init(&s->lock, NULL);
	steps_init(&s->steps);
	int err = cruet_after(app, add_retry_after);
	/* Before what others save in their finish-hooks, a session for example: that is no
	 * part of what a handler left open. And once more after all of these. */
	if (!err)
		err = cruet_after(app, pool_finish);
	if (!err)
		err = cruet_finish(app, pool_finish);
	if (!err)
		err = cruet_health_check(app, NULL, 0, ping);
	if (!err)
		err = check_register(app);
	if (!err)
		err = cruet_provide(app, CRUET_DB, &service, s);
	if (err)
		fini(app);
	return err;
}

static void stop(cruet_app *app)
{
	struct state *s = cruet_state(app);

	for (struct conn *k = s->idle, *next; k; k = next) {
		next = k->next;
		conn_close(k);
	}
	s->idle = NULL;
	free(s->file);
	s->file = NULL;
}

static int start(cruet_app *app)
{
	struct state *s = cruet_state(app);
	char why[WHY_SIZE];

	if (!conn_find_file(s, why, sizeof why) ||
	    conn_open_first(s, &s->idle, why, sizeof why)) {
		cruet_reject(app, "%s", why);
		stop(app);
		return CRUET_EIO;
	}
	if (!schema_apply(s, s->idle)) {
		stop(app);
		return CRUET_EIO;
	}
	return CRUET_OK;
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, path, STR, .def = "site.db",
		     .help = "a file, which is made if it is not there; or :memory:"),
	CRUET_OPTION(struct config, schema, STR, .def = "",
		     .help = "a folder with .sql files, each of which is run once"),
	CRUET_OPTION(struct config, pool, INT, .def = "8", .flags = CRUET_OPT_BOUNDS,
		     .min = 1, .max = 256, .help = "from 1 to 256 connections"),
	CRUET_OPTION(struct config, wait, TIME, .def = "5s", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 600000,
		     .help = "the time to wait for a connection, at most 10m"),
	CRUET_OPTION(struct config, busy_timeout, TIME, .def = "5s",
		     .flags = CRUET_OPT_BOUNDS, .min = 0, .max = 600000,
		     .help = "the time to wait for a lock, at most 10m"),
	CRUET_OPTION(struct config, query_timeout, TIME, .def = "30s",
		     .flags = CRUET_OPT_BOUNDS, .min = 0, .max = 3600000,
		     .help = "the time that a statement may take, at most 1h; 0: any"),
	CRUET_OPTION(struct config, statements, INT, .def = "64",
		     .flags = CRUET_OPT_BOUNDS, .min = 0, .max = 256,
		     .help = "from 0 to 256 statements to keep prepared per connection"),
	CRUET_OPTION(struct config, synchronous, ENUM, .def = "full",
		     .choices = "full|normal",
		     .help = "full, or normal to let a power cut take the last commits"),
	{.name = NULL}};

static const char *const provides[] = {CRUET_DB, NULL};

CRUET_PLUGIN(sqlite, .version = "0.1.0", .summary = "SQLite databases",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .provides = provides,
	     .options = options, .config_size = sizeof(struct config),
	     .state_size = sizeof(struct state), .configure = configure, .init = init,
	     .start = start, .stop = stop, .fini = fini);
