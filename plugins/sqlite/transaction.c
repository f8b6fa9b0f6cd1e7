/* Transactions, and savepoints inside them. The outermost takes the lock for writing
 * at once: one that reads first and writes later could find that somebody else has
 * written in between, and would have to be run again. */
#include "sqlite.h"

bool transaction_lost(const struct conn *k)
{
	return k->depth > 0 && sqlite3_get_autocommit(k->db);
}

static int lost(cruet_ctx *c, const char *what)
{
	return cruet_raise(
		c, &cruet_db_error_kind,
		"%s: SQLite rolled the transaction back when a statement in it "
		"failed: call cruet_db_rollback(), or return",
		what);
}

static int no_begin(cruet_ctx *c, const char *what)
{
	return cruet_raise(c, &cruet_db_error_kind,
			   "%s without begin: call cruet_db_begin() first", what);
}

/* One level less. */
static void leave(struct state *s, struct conn *k)
{
	if (--k->depth == 0)
		pool_leave_pen(s, k);
}

/* Undoes the innermost level; what SQLite has undone by itself is fine too. */
static void undo(struct state *s, struct conn *k)
{
	int rc = SQLITE_OK;

	if (!sqlite3_get_autocommit(k->db))
		rc = conn_exec(k, k->depth == 1 ? "rollback"
						: "rollback to cruet; release cruet");
	if (rc)
		k->broken = true;
	leave(s, k);
}

static int begin(struct state *s, cruet_ctx *c, struct conn *k)
{
	if (transaction_lost(k))
		return lost(c, "begin");
	if (k->depth == 0 && !pool_take_pen(s, k))
		return fault_locked(s, c, "begin");
	int rc = conn_exec(k, k->depth ? "savepoint cruet" : "begin immediate");
	if (!rc) {
		k->depth++;
		return CRUET_OK;
	}
	int err = fault(s, c, k, "begin", rc);
	if (k->depth == 0)
		pool_leave_pen(s, k);
	return err;
}

int db_begin(void *self, cruet_ctx *c)
{
	struct state *s = self;
	struct conn *k;
	int err = pool_conn(s, c, &k);

	if (!err)
		err = begin(s, c, k);
	if (err)
		pool_rest(s, c);
	return err;
}

int db_commit(void *self, cruet_ctx *c)
{
	struct state *s = self;
	struct conn *k = pool_has(s, c);

	if (!k || !k->depth)
		return no_begin(c, "commit");
	if (transaction_lost(k)) {
		leave(s, k);
		return lost(c, "commit");
	}
	int rc = conn_exec(k, k->depth == 1 ? "commit" : "release cruet");
	int err = rc ? fault(s, c, k, "commit", rc) : CRUET_OK;
	if (rc)
		undo(s, k);
	else
		leave(s, k);
	pool_rest(s, c);
	return err;
}

int db_rollback(void *self, cruet_ctx *c)
{
	struct state *s = self;
	struct conn *k = pool_has(s, c);

	if (!k || !k->depth)
		return no_begin(c, "rollback");
	undo(s, k);
	pool_rest(s, c);
	return CRUET_OK;
}
