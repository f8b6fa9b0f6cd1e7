/* Sessions in a table of a database. Statements run in the ctx of the request, which has
 * a connection already; what it left open has been rolled back when a session is saved.
 * The SQL is what SQLite and PostgreSQL have in common. */
#include "session_store.h"

#include <string.h>

static const char table[] = "create table if not exists session_store (\n"
			    "\tid text primary key,\n"
			    "\tdata bytea not null,\n"
			    "\texpires_at bigint not null\n" /* milliseconds since 1970 */
			    ");\n"
			    "create index if not exists session_store_expires_at on "
			    "session_store(expires_at);\n";

/* --- statements ------------------------------------------------------------------------
 */

/* What the database said is for the log; the caller gets a code, and says what it could
 * not do. */
static int failed(cruet_ctx *c, int err)
{
	const cruet_errtype *kind = cruet_err_kind(c);

	if (err == CRUET_ENOMEM)
		return err;
	cruet_note(c, CRUET_WARN, "%s", cruet_err_text(c));
	cruet_err_clear(c);
	if (kind == &cruet_db_busy_kind)
		return CRUET_EBUSY;
	return kind == &cruet_db_timeout_kind ? CRUET_ETIMEOUT : CRUET_EIO;
}

static int run(const struct state *s, cruet_ctx *c, cruet_db_call *call)
{
	const cruet_db *db = s->below.vt;

	return db->run(s->below.self, c, call);
}

/* Runs sql with those values; *changes: rows that it touched. */
static int change(const struct state *s, cruet_ctx *c, const char *sql, uint32_t n,
		  const cruet_db_value *values, int64_t *changes)
{
	cruet_db_call call = {
		.size = sizeof call, .nvalues = n, .sql = sql, .values = values};
	int err = run(s, c, &call);

	*changes = call.changes;
	return err;
}

static cruet_db_value text(const char *p)
{
	return (cruet_db_value){.kind = CRUET_DB_TEXT, .len = strlen(p), .as.p = p};
}

static cruet_db_value blob(const void *p, size_t len)
{
	return (cruet_db_value){.kind = CRUET_DB_BLOB, .len = len, .as.p = p ? p : ""};
}

static cruet_db_value whole(int64_t i)
{
	return (cruet_db_value){.kind = CRUET_DB_INT, .as.i = i};
}

static cruet_db_value expires(const struct state *s, uint64_t ttl_ms)
{
	int64_t now = cruet_now(s->app);

	return whole(ttl_ms < (uint64_t)(INT64_MAX - now) ? now + (int64_t)ttl_ms
							  : INT64_MAX);
}

/* --- the service ------------------------------------------------------------------- */

struct found {
	cruet_ctx *c;
	char *copy; /* NULL: no row */
	size_t len;
};

static int keep_row(void *arg, size_t n, const char *const *names,
		    const cruet_db_value *values)
{
	struct found *f = arg;

	(void)n, (void)names;
	f->len = values->len;
	f->copy = cruet_alloc(f->c, f->len + 1);
	if (!f->copy)
		return CRUET_ENOMEM;
	memcpy(f->copy, values->as.p, f->len);
	return CRUET_OK;
}

static int load(void *self, cruet_ctx *c, const char *id, const void **p, size_t *len)
{
	const struct state *s = self;
	char hash[HASH_LEN + 1];
	struct found f = {.c = c};

	hash_id(id, hash);
	const cruet_db_value values[] = {text(hash), whole(cruet_now(s->app))};
	cruet_db_call call = {
		.size = sizeof call,
		.sql = "select data from session_store where id = ? and expires_at > ?",
		.nvalues = 2,
		.values = values,
		.row = keep_row,
		.arg = &f};
	int err = run(s, c, &call);
	if (err)
		return failed(c, err);
	if (!f.copy)
		return CRUET_ENOENT;
	*p = f.copy;
	*len = f.len;
	return CRUET_OK;
}

static int save(void *self, cruet_ctx *c, const char *id, const void *p, size_t len,
		uint64_t ttl_ms)
{
	const struct state *s = self;
	char hash[HASH_LEN + 1];
	int64_t changes;

	if (len > DATA_MAX)
		return CRUET_ELIMIT;
	hash_id(id, hash);
	const cruet_db_value values[] = {text(hash), blob(p, len), expires(s, ttl_ms)};
	int err =
		change(s, c,
		       "insert into session_store(id, data, expires_at) values(?, ?, ?) "
		       "on conflict(id) do update set data = excluded.data, "
		       "expires_at = excluded.expires_at",
		       3, values, &changes);
	return err ? failed(c, err) : CRUET_OK;
}

static int update(void *self, cruet_ctx *c, const char *id, const void *p, size_t len,
		  uint64_t ttl_ms)
{
	const struct state *s = self;
	char hash[HASH_LEN + 1];
	int64_t changes;

	if (len > DATA_MAX)
		return CRUET_ELIMIT;
	hash_id(id, hash);
	const cruet_db_value values[] = {blob(p, len), expires(s, ttl_ms), text(hash),
					 whole(cruet_now(s->app))};
	int err = change(s, c,
			 "update session_store set data = ?, expires_at = ? "
			 "where id = ? and expires_at > ?",
			 4, values, &changes);
	if (err)
		return failed(c, err);
	return changes ? CRUET_OK : CRUET_ENOENT;
}

static int drop(void *self, cruet_ctx *c, const char *id)
{
	char hash[HASH_LEN + 1];
	int64_t changes;

	hash_id(id, hash);
	const cruet_db_value value = text(hash);
	int err = change(self, c, "delete from session_store where id = ?", 1, &value,
			 &changes);
	return err ? failed(c, err) : CRUET_OK;
}

/* --- cleaning up ------------------------------------------------------------------- */

/* Deletes at most sweep_max, some at a time. What failed is recorded in c. */
static int sweep_in(const struct state *s, cruet_ctx *c, int64_t *swept)
{
	int64_t changes = 0;

	*swept = 0;
	do {
		int64_t left = s->cfg->sweep_max - *swept;
		const cruet_db_value values[] = {
			whole(cruet_now(s->app)),
			whole(left < SWEEP_BATCH ? left : SWEEP_BATCH)};
		int err = change(s, c,
				 "delete from session_store where id in (select id from "
				 "session_store where expires_at <= ? limit ?)",
				 2, values, &changes);
		if (err)
			return err;
		*swept += changes;
	} while (changes == SWEEP_BATCH && !cruet_stopping(s->app));
	return CRUET_OK;
}

static int64_t sweep(void *self)
{
	const struct state *s = self;
	int64_t swept;
	cruet_ctx *c = cruet_open(s->app);

	if (!c)
		return CRUET_ENOMEM;
	int err = sweep_in(s, c, &swept);
	if (err)
		err = failed(c, err);
	cruet_close(c);
	return err ? err : swept;
}

/* The host logs what is recorded in c. */
static void sweep_by_time(cruet_ctx *c, void *arg)
{
	const struct state *s = arg;
	int64_t swept;

	if (!sweep_in(s, c, &swept) && swept)
		cruet_note(c, CRUET_DEBUG, "%lld expired sessions were deleted",
			   (long long)swept);
}

const cruet_session_store db_store = {.size = sizeof db_store,
				      .load = load,
				      .save = save,
				      .drop = drop,
				      .sweep = sweep,
				      .update = update};

int db_init(cruet_app *app)
{
	struct state *s = cruet_state(app);
	int err = cruet_db_schema(app, "001_table", table);

	return err ? err : cruet_every(app, s->cfg->sweep, sweep_by_time, s);
}
