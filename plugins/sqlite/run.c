/* One statement: bound, stepped, reset. */
#include "sqlite.h"

#include <stdio.h>
#include <strings.h>

/* --- values in ------------------------------------------------------------------- */

static int bind_one(sqlite3_stmt *st, int i, const cruet_db_value *v)
{
	switch (v->kind) {
	case CRUET_DB_INT:
	case CRUET_DB_BOOL:
		return sqlite3_bind_int64(st, i, v->as.i);
	case CRUET_DB_REAL:
		return sqlite3_bind_double(st, i, v->as.r);
	case CRUET_DB_TEXT:
		return sqlite3_bind_text64(st, i, v->as.p, v->len, SQLITE_STATIC,
					   SQLITE_UTF8);
	case CRUET_DB_BLOB:
		return sqlite3_bind_blob64(st, i, v->as.p, v->len, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(st, i);
	}
}

/* They stay where they are until the statement is reset. */
static int bind_all(sqlite3_stmt *st, const cruet_db_call *call)
{
	int rc = SQLITE_OK;

	for (uint32_t i = 0; !rc && i < call->nvalues; i++)
		rc = bind_one(st, (int)i + 1, &call->values[i]);
	return rc;
}

static int wrong_count(cruet_ctx *c, const cruet_db_call *call, int expected)
{
	char why[96];

	snprintf(why, sizeof why, "the statement takes %d value%s, and %u came", expected,
		 expected == 1 ? "" : "s", call->nvalues);
	return fault_syntax(c, call->sql, why);
}

/* --- rows out -------------------------------------------------------------------- */

/* SQLite has no truth values; a column that was declared as one has them. */
static bool declared_bool(sqlite3_stmt *st, int i)
{
	const char *type = sqlite3_column_decltype(st, i);
	return type && (!strcasecmp(type, "boolean") || !strcasecmp(type, "bool"));
}

/* False: out of memory. */
static bool read_one(sqlite3_stmt *st, int i, cruet_db_value *v)
{
	*v = (cruet_db_value){.kind = CRUET_DB_NULL};
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_INTEGER:
		v->as.i = sqlite3_column_int64(st, i);
		v->kind = (v->as.i == 0 || v->as.i == 1) && declared_bool(st, i)
				  ? CRUET_DB_BOOL
				  : CRUET_DB_INT;
		return true;
	case SQLITE_FLOAT:
		v->kind = CRUET_DB_REAL;
		v->as.r = sqlite3_column_double(st, i);
		return true;
	case SQLITE_TEXT:
		v->kind = CRUET_DB_TEXT;
		v->as.p = sqlite3_column_text(st, i);
		v->len = (size_t)sqlite3_column_bytes(st, i);
		return v->as.p != NULL;
	case SQLITE_BLOB:
		v->kind = CRUET_DB_BLOB;
		v->as.p = sqlite3_column_blob(st, i);
		v->len = (size_t)sqlite3_column_bytes(st, i);
		if (!v->len)
			v->as.p = "";
		return v->as.p != NULL;
	default:
		return true;
	}
}

/* Hands the row on. The names are asked for each time: they change when the schema
 * does. */
static int hand_on(struct stmt *p, const cruet_db_call *call)
{
	int n = sqlite3_data_count(p->st);

	if (!stmt_columns(p, n))
		return CRUET_ENOMEM;
	for (int i = 0; i < n; i++) {
		p->names[i] = sqlite3_column_name(p->st, i);
		if (!p->names[i] || !read_one(p->st, i, &p->values[i]))
			return CRUET_ENOMEM;
	}
	return call->row(call->arg, (size_t)n, p->names, p->values);
}

/* --- the run --------------------------------------------------------------------- */

/* Takes the time that SQLite needs for it from what is left, so that what is done
 * with a row costs the statement nothing. */
static int step(struct conn *k, sqlite3_stmt *st, int64_t *left)
{
	int64_t begin = conn_clock();

	k->deadline = begin + *left;
	int rc = sqlite3_step(st);
	k->deadline = 0;
	*left -= conn_clock() - begin;
	return rc;
}

/* SQLite's result code; *stop is what ended the walk before its end. */
static int step_all(const struct state *s, struct conn *k, struct stmt *p,
		    const cruet_db_call *call, int *stop)
{
	int64_t left = (int64_t)s->cfg->query_timeout * 1000000;
	bool timed = left > 0;
	int rc = bind_all(p->st, call);

	*stop = CRUET_OK;
	while (!rc && !*stop) {
		rc = timed ? step(k, p->st, &left) : sqlite3_step(p->st);
		if (rc == SQLITE_ROW) {
			rc = SQLITE_OK;
			*stop = call->row ? hand_on(p, call) : CRUET_OK;
		}
	}
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A value of the wrong type is refused by a column, or it is the limit of a statement
 * that stores nothing: no rule of a table, but a mistake of who wrote it. */
static int failed(struct state *s, cruet_ctx *c, struct conn *k, const char *sql, int rc,
		  bool writes)
{
	if ((rc & 0xff) == SQLITE_MISMATCH && !writes)
		return fault_syntax(c, sql, sqlite3_errmsg(k->db));
	return fault(s, c, k, sql, rc);
}

static int run(struct state *s, cruet_ctx *c, struct conn *k, struct stmt *p,
	       cruet_db_call *call)
{
	bool writes = !sqlite3_stmt_readonly(p->st);
	int expected = sqlite3_bind_parameter_count(p->st), stop;

	if ((uint32_t)expected != call->nvalues)
		return wrong_count(c, call, expected);
	if (writes)
		sqlite3_set_last_insert_rowid(k->db, 0);
	int64_t before = sqlite3_total_changes64(k->db);
	int rc = step_all(s, k, p, call, &stop);
	if (rc) { /* ending it would give the same code, and no text */
		int err = failed(s, c, k, call->sql, rc, writes);
		stmt_end(p);
		return err;
	}
	rc = stmt_end(p);
	if (rc)
		return fault(s, c, k, call->sql, rc);
	/* What is neither insert, update nor delete leaves both as they were. */
	if (sqlite3_total_changes64(k->db) != before)
		call->changes = sqlite3_changes64(k->db);
	if (writes)
		call->last_id = sqlite3_last_insert_rowid(k->db);
	return stop;
}

static int not_prepared(struct state *s, cruet_ctx *c, struct conn *k, const char *sql,
			int rc)
{
	switch (rc) {
	case STMT_EMPTY:
		return fault_syntax(c, sql, "there is no statement in it");
	case STMT_MORE_THAN_ONE:
		return fault_syntax(c, sql,
				    "one statement at a time: more text follows it");
	default:
		return fault(s, c, k, sql, rc);
	}
}

/* Outside a transaction, a statement that writes holds the pen for itself. */
static int run_prepared(struct state *s, cruet_ctx *c, struct conn *k, struct stmt *p,
			cruet_db_call *call)
{
	bool borrow = !k->writing && !sqlite3_stmt_readonly(p->st);

	if (borrow && !pool_take_pen(s, k))
		return fault_locked(s, c, call->sql);
	int err = run(s, c, k, p, call);
	if (borrow && !k->depth)
		pool_leave_pen(s, k);
	return err;
}

/* What the last statement of another request has left would be the answer. */
static int passes_on(cruet_ctx *c, const char *sql)
{
	return fault_syntax(
		c, sql,
		"this is about one connection, and after each statement another request may "
		"have it: call cruet_db_last_id() or cruet_db_changes(), or do all of it "
		"between cruet_db_begin() and cruet_db_commit()");
}

static int run_text(struct state *s, cruet_ctx *c, struct conn *k, cruet_db_call *call)
{
	struct stmt *p;

	if (transaction_lost(k))
		return cruet_raise(
			c, &cruet_db_error_kind,
			"%.200s: not run: SQLite rolled the transaction back when "
			"a statement in it failed",
			call->sql);
	k->refused = k->stays = false;
	int rc = stmt_take(k->db, &k->statements, call->sql, &p);
	if (rc)
		return not_prepared(s, c, k, call->sql, rc);
	p->stays = p->stays || k->stays;
	int err = p->stays && !k->depth ? passes_on(c, call->sql)
					: run_prepared(s, c, k, p, call);
	stmt_give(p);
	return err;
}

int db_run(void *self, cruet_ctx *c, cruet_db_call *call)
{
	struct state *s = self;
	struct conn *k;
	int err = pool_conn(s, c, &k);

	if (err)
		return err;
	k->running++;
	err = run_text(s, c, k, call);
	k->running--;
	pool_rest(s, c);
	return err;
}
