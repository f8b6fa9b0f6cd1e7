/* cruet/db.h over the service "db/1": statements, results that are kept,
 * transactions. What is read from a row is in db_row.c and db_json.c.
 *
 * A provider hands out borrowed rows; here they are copied into the memory of the
 * ctx, so that nothing of a statement is left open when a call returns, and a
 * failure in the middle of a result is seen by the call and not by the walk. */
#include "service/db.h"

#include <stdio.h>

#include "app/ctx.h"
#include "cruet/memory.h"
#include "cruet/svc/db.h"
#include "plugin/service.h"

enum { NEED = CRUET_UPTO(cruet_db, schema), RESULT_MAX = 64 << 20, SQL_SHOWN = 200 };

#define KIND(name, status, parent)                                                   \
	const cruet_errtype cruet_db_##name##_kind = {sizeof(cruet_errtype), status, \
						      "db." #name, parent}
KIND(error, 500, NULL);
KIND(unique, 409, &cruet_db_error_kind);
KIND(foreign_key, 409, &cruet_db_error_kind);
KIND(not_null, 422, &cruet_db_error_kind);
KIND(check, 422, &cruet_db_error_kind);
KIND(busy, 503, &cruet_db_error_kind);
KIND(full, 503, &cruet_db_error_kind);
KIND(unavailable, 503, &cruet_db_error_kind);
KIND(timeout, 504, &cruet_db_error_kind);
KIND(syntax, 500, &cruet_db_error_kind);
KIND(none, 404, NULL);
#undef KIND

/* What the last statement did. */
struct done {
	int64_t changes, last_id;
};
static const cruet_key done_key = {"db.done"};

static const cruet_db *db_of(cruet_ctx *c, void **self, int *err)
{
	cruet_service s;

	*err = service_of(c, CRUET_DB, NEED, "sqlite", &s);
	if (*err)
		return NULL;
	*self = s.self;
	return s.vt;
}

/* A provider records all but this one. */
static int recorded(cruet_ctx *c, int err)
{
	return err == CRUET_ENOMEM ? ctx_fail(c, err, NULL, false) : err;
}

/* --- running --------------------------------------------------------------------- */

static int checked(cruet_ctx *c, const cruet_db_call *call)
{
	if (!call->sql)
		return ctx_fail(c, CRUET_EINVAL, "a statement is NULL", false);
	for (uint32_t i = 0; i < call->nvalues; i++) {
		uint32_t kind = call->values[i].kind;
		if (kind < CRUET_DB_NULL || kind > CRUET_DB_BLOB)
			return ctx_fail(
				c, CRUET_EINVAL,
				arena_printf(
					&c->arena,
					"%.*s: value %u is no value of a database: an "
					"integer may be at most 9223372036854775807",
					SQL_SHOWN, call->sql, i + 1),
				false);
	}
	return CRUET_OK;
}

static int remember(cruet_ctx *c, const cruet_db_call *call)
{
	struct done *d = cruet_g_get(c, &done_key);

	if (!d) {
		d = cruet_alloc(c, sizeof *d);
		if (!d)
			return CRUET_ENOMEM;
		int err = cruet_g_set(c, &done_key, d, NULL);
		if (err)
			return err;
	}
	*d = (struct done){call->changes, call->last_id};
	return CRUET_OK;
}

/* --- remembering statements ------------------------------------------------------ */

enum { SQL_KEPT = 2000 };

struct said {
	struct db_said *first, **last;
};
static const cruet_key said_key = {"db.said"};

const struct db_said *db_said(const cruet_ctx *c)
{
	const struct said *all = cruet_g_get(c, &said_key);
	return all ? all->first : NULL;
}

/* NULL: it is not remembered. What memory is missing for is nobody's failure. */
static struct db_said *say(cruet_ctx *c, const char *sql)
{
	struct said *all = cruet_g_get(c, &said_key);
	struct db_said *one = arena_zalloc(&c->arena, sizeof *one);

	if (!all && (all = arena_zalloc(&c->arena, sizeof *all))) {
		all->last = &all->first;
		if (cruet_g_set(c, &said_key, all, NULL))
			return NULL;
	}
	if (!all || !one)
		return NULL;
	*one = (struct db_said){.sql = arena_strndup(&c->arena, sql, strnlen(sql, SQL_KEPT)), .us = -1};
	if (!one->sql)
		return NULL;
	*all->last = one;
	all->last = &one->next;
	return one;
}

static int run_watched(cruet_ctx *c, const cruet_db *db, void *self, cruet_db_call *call)
{
	struct db_said *one = say(c, call->sql);
	int64_t began = date_monotonic_us();
	int err = db->run(self, c, call);

	if (one)
		one->us = date_monotonic_us() - began;
	return err;
}

/* CRUET_OK, the recorded failure, or what row returned. */
static int run(cruet_ctx *c, cruet_db_call *call)
{
	void *self;
	int err;
	const cruet_db *db = db_of(c, &self, &err);

	if (!err)
		err = checked(c, call);
	if (err)
		return err;
	err = recorded(c, c->host->debug ? run_watched(c, db, self, call) : db->run(self, c, call));
	if (err != CRUET_OK && err != CRUET_DONE)
		return err;
	int lost = remember(c, call);
	return lost ? lost : err;
}

static cruet_db_call call_of(const char *sql, size_t n, const cruet_db_value *values)
{
	/* More values than a uint32_t counts fit no statement either. */
	uint32_t nvalues = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	return (cruet_db_call){.size = sizeof(cruet_db_call),
			       .nvalues = nvalues,
			       .sql = sql,
			       .values = values};
}

int cruet_db_exec_v(cruet_ctx *c, const char *sql, size_t n, const cruet_db_value *values)
{
	cruet_db_call call = call_of(sql, n, values);
	return run(c, &call);
}

int64_t cruet_db_last_id(cruet_ctx *c)
{
	const struct done *d = cruet_g_get(c, &done_key);
	return d ? d->last_id : 0;
}

int64_t cruet_db_changes(cruet_ctx *c)
{
	const struct done *d = cruet_g_get(c, &done_key);
	return d ? d->changes : 0;
}

/* --- keeping what comes ---------------------------------------------------------- */

struct cruet_db_rows {
	struct db_set set;
	const cruet_db_row *next;
	struct cruet_db_row *last;
	size_t count, bytes;
	const char *sql;
	bool one; /* the first row is enough */
};

static bool has_bytes(const cruet_db_value *v)
{
	return v->kind == CRUET_DB_TEXT || v->kind == CRUET_DB_BLOB;
}

static int too_large(cruet_ctx *c, const char *sql)
{
	return cruet_raise(
		c, &cruet_db_error_kind,
		"%.*s: the result has more than %d MiB: ask for fewer rows, or "
		"walk them with cruet_db_each()",
		SQL_SHOWN, sql, RESULT_MAX >> 20);
}

/* Takes n more bytes of what a result may have. */
static bool afford(size_t *bytes, size_t n)
{
	if (n > RESULT_MAX - *bytes)
		return false;
	*bytes += n;
	return true;
}

static int keep_names(struct db_set *set, size_t n, const char *const *names)
{
	const char **copy = arena_array(&set->c->arena, n, sizeof *copy);

	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = arena_strdup(&set->c->arena, names[i]);
		if (!copy[i])
			return CRUET_ENOMEM;
	}
	set->names = copy;
	set->ncolumns = n;
	return copy ? CRUET_OK : CRUET_ENOMEM;
}

/* A row and all its bytes in one piece. NULL: out of memory, or *large. */
static struct cruet_db_row *copy_row(cruet_db_rows *rows, const cruet_db_value *values,
				     bool *large)
{
	size_t n = rows->set.ncolumns;
	size_t size = sizeof(struct cruet_db_row) + n * sizeof *values;
	bool fits = afford(&rows->bytes, size);

	for (size_t i = 0; fits && i < n; i++)
		if (has_bytes(&values[i])) {
			fits = afford(&rows->bytes, values[i].len) &&
			       afford(&rows->bytes, 1);
			size += values[i].len + 1;
		}
	*large = !fits;
	struct cruet_db_row *row = fits ? arena_alloc(&rows->set.c->arena, size) : NULL;
	if (!row)
		return NULL;
	cruet_db_value *to = (cruet_db_value *)(row + 1);
	char *bytes = (char *)(to + n);
	*row = (struct cruet_db_row){&rows->set, NULL, to};
	for (size_t i = 0; i < n; i++) {
		to[i] = values[i];
		if (!has_bytes(&values[i]))
			continue;
		to[i].as.p = memcpy(bytes, values[i].as.p, values[i].len);
		bytes[values[i].len] = '\0';
		bytes += values[i].len + 1;
	}
	return row;
}

static int keep(void *arg, size_t n, const char *const *names,
		const cruet_db_value *values)
{
	cruet_db_rows *rows = arg;
	bool large;

	if (!rows->count && keep_names(&rows->set, n, names))
		return CRUET_ENOMEM;
	struct cruet_db_row *row = copy_row(rows, values, &large);
	if (!row)
		return large ? too_large(rows->set.c, rows->sql) : CRUET_ENOMEM;
	if (rows->last)
		rows->last->next = row;
	else
		rows->next = row;
	rows->last = row;
	rows->count++;
	return rows->one ? CRUET_DONE : CRUET_OK;
}

static cruet_db_rows *collect(cruet_ctx *c, cruet_db_call *call, bool one)
{
	cruet_db_rows *rows = cruet_alloc(c, sizeof *rows);

	if (!rows)
		return NULL;
	rows->set.c = c;
	rows->sql = call->sql;
	rows->one = one;
	call->row = keep;
	call->arg = rows;
	int err = run(c, call);
	return err == CRUET_OK || err == CRUET_DONE ? rows : NULL;
}

cruet_db_rows *cruet_db_query_v(cruet_ctx *c, const char *sql, size_t n,
				const cruet_db_value *values)
{
	cruet_db_call call = call_of(sql, n, values);
	return collect(c, &call, false);
}

const cruet_db_row *cruet_db_next(cruet_db_rows *rows)
{
	const cruet_db_row *row = rows ? rows->next : NULL;

	if (row)
		rows->next = row->next;
	return row;
}

size_t cruet_db_count(const cruet_db_rows *rows)
{
	return rows ? rows->count : 0;
}

static int none(cruet_ctx *c, const char *sql)
{
	return cruet_raise(c, &cruet_db_none_kind, "%.*s: there is no such row",
			   SQL_SHOWN, sql);
}

/* CRUET_OK with a row, or the failure. */
static int first_row(cruet_ctx *c, const char *sql, size_t n,
		     const cruet_db_value *values, const cruet_db_row **row)
{
	cruet_db_call call = call_of(sql, n, values);
	cruet_db_rows *rows = collect(c, &call, true);

	*row = cruet_db_next(rows);
	if (*row)
		return CRUET_OK;
	return rows ? none(c, sql) : c->failure.err;
}

const cruet_db_row *cruet_db_one_v(cruet_ctx *c, const char *sql, size_t n,
				   const cruet_db_value *values)
{
	const cruet_db_row *row;
	return first_row(c, sql, n, values, &row) ? NULL : row;
}

int cruet_db_get_int_v(cruet_ctx *c, int64_t *out, const char *sql, size_t n,
		       const cruet_db_value *values)
{
	const cruet_db_row *row;
	int err = first_row(c, sql, n, values, &row);

	*out = 0;
	return err ? err : db_int(row, 0, out);
}

int cruet_db_get_real_v(cruet_ctx *c, double *out, const char *sql, size_t n,
			const cruet_db_value *values)
{
	const cruet_db_row *row;
	int err = first_row(c, sql, n, values, &row);

	*out = 0;
	return err ? err : db_real(row, 0, out);
}

int cruet_db_get_bool_v(cruet_ctx *c, bool *out, const char *sql, size_t n,
			const cruet_db_value *values)
{
	const cruet_db_row *row;
	int err = first_row(c, sql, n, values, &row);

	*out = false;
	return err ? err : db_bool(row, 0, out);
}

int cruet_db_get_str_v(cruet_ctx *c, const char **out, const char *sql, size_t n,
		       const cruet_db_value *values)
{
	const cruet_db_row *row;
	int err = first_row(c, sql, n, values, &row);

	*out = NULL;
	return err ? err : db_str(row, 0, out);
}

/* --- walking without keeping ----------------------------------------------------- */

struct walk {
	cruet_ctx *c;
	cruet_db_row_fn *fn;
	void *arg;
};

static int pass_on(void *arg, size_t n, const char *const *names,
		   const cruet_db_value *values)
{
	struct walk *w = arg;
	struct db_set set = {w->c, n, names};
	struct cruet_db_row row = {&set, NULL, values};

	return w->fn(w->c, &row, w->arg);
}

int cruet_db_each_v(cruet_ctx *c, cruet_db_row_fn *fn, void *arg, const char *sql,
		    size_t n, const cruet_db_value *values)
{
	struct walk w = {c, fn, arg};
	cruet_db_call call = call_of(sql, n, values);

	call.row = pass_on;
	call.arg = &w;
	return run(c, &call);
}

/* About what a JSON value takes, with its name. */
enum { NODE_SIZE = 112 };

struct listing {
	cruet_ctx *c;
	cruet_json *array;
	size_t bytes;
	const char *sql;
};

static int list(void *arg, size_t n, const char *const *names,
		const cruet_db_value *values)
{
	struct listing *l = arg;
	struct db_set set = {l->c, n, names};
	struct cruet_db_row row = {&set, NULL, values};
	bool fits = afford(&l->bytes, (n + 1) * NODE_SIZE);

	for (size_t i = 0; fits && i < n; i++)
		fits = !has_bytes(&values[i]) || afford(&l->bytes, values[i].len);
	if (!fits)
		return too_large(l->c, l->sql);
	int err = cruet_json_first(l->array) ? CRUET_OK : db_distinct(&set);
	return err ? err : db_put(cruet_push_object(l->array), &row);
}

cruet_json *cruet_db_json_v(cruet_ctx *c, const char *sql, size_t n,
			    const cruet_db_value *values)
{
	struct listing l = {c, cruet_array(c), 0, sql};
	cruet_db_call call = call_of(sql, n, values);

	call.row = list;
	call.arg = &l;
	return l.array && !run(c, &call) ? l.array : NULL;
}

cruet_json *cruet_db_json_one_v(cruet_ctx *c, const char *sql, size_t n,
				const cruet_db_value *values)
{
	return cruet_db_row_json(cruet_db_one_v(c, sql, n, values));
}

/* --- transactions ---------------------------------------------------------------- */

int cruet_db_begin(cruet_ctx *c)
{
	void *self;
	int err;
	const cruet_db *db = db_of(c, &self, &err);
	return db ? recorded(c, db->begin(self, c)) : err;
}

int cruet_db_commit(cruet_ctx *c)
{
	void *self;
	int err;
	const cruet_db *db = db_of(c, &self, &err);
	return db ? recorded(c, db->commit(self, c)) : err;
}

int cruet_db_rollback(cruet_ctx *c)
{
	void *self;
	int err;
	const cruet_db *db = db_of(c, &self, &err);
	return db ? recorded(c, db->rollback(self, c)) : err;
}

/* --- setup ------------------------------------------------------------------------- */

int cruet_db_schema(cruet_app *app, const char *name, const char *sql)
{
	cruet_service s;
	int err = cruet_bind(app, CRUET_DB, NULL, NEED, &s);

	if (err)
		return err;
	const cruet_db *db = s.vt;
	return db->schema(s.self, app, app->owner ? app->owner->name : "app", name, sql);
}
