/* Which connection belongs to whom. */
#include "sqlite.h"

#include <stdlib.h>

/* The connection of one ctx. */
struct hold {
	struct state *s;
	struct conn *conn; /* NULL: none at the moment */
};

bool pool_take_pen(struct state *s, struct conn *k)
{
	if (!k->writing)
		k->writing = gate_enter(&s->pen, s->cfg->busy_timeout);
	return k->writing;
}

void pool_leave_pen(struct state *s, struct conn *k)
{
	if (k->writing)
		gate_leave(&s->pen);
	k->writing = false;
}

static struct conn *pop_idle(struct state *s)
{
	pthread_mutex_lock(&s->lock);
	struct conn *k = s->idle;
	if (k)
		s->idle = k->next;
	pthread_mutex_unlock(&s->lock);
	return k;
}

static void push_idle(struct state *s, struct conn *k)
{
	pthread_mutex_lock(&s->lock);
	k->next = s->idle;
	s->idle = k;
	pthread_mutex_unlock(&s->lock);
}

/* Whatever the last ctx left behind is undone. */
static void tidy(struct state *s, struct conn *k)
{
	stmts_end(&k->statements);
	if (!sqlite3_get_autocommit(k->db) && conn_exec(k, "rollback"))
		k->broken = true;
	k->depth = 0;
	pool_leave_pen(s, k);
}

static void give_back(void *p)
{
	struct hold *h = p;
	struct state *s = h->s;
	struct conn *k = h->conn;

	if (!k)
		return;
	h->conn = NULL;
	tidy(s, k);
	if (k->broken)
		conn_close(k);
	else
		push_idle(s, k);
	gate_leave(&s->seats);
}

static int open_one(struct state *s, cruet_ctx *c, struct conn **out)
{
	char why[WHY_SIZE];
	int rc = conn_open(s, out, why, sizeof why);

	if (rc == SQLITE_NOMEM)
		return CRUET_ENOMEM;
	return rc ? cruet_raise(c,
				(rc & 0xff) == SQLITE_BUSY ? &cruet_db_busy_kind
							   : &cruet_db_unavailable_kind,
				"%s", why)
		  : CRUET_OK;
}

static int take(struct state *s, cruet_ctx *c, struct conn **out)
{
	if (!gate_enter(&s->seats, s->cfg->wait))
		return cruet_raise(
			c, &cruet_db_busy_kind,
			"no connection to %s was free within %llu ms: %lld are in "
			"use (option pool)",
			s->cfg->path, (unsigned long long)s->cfg->wait,
			(long long)s->cfg->pool);
	*out = pop_idle(s);
	int err = *out ? CRUET_OK : open_one(s, c, out);
	if (err)
		gate_leave(&s->seats);
	return err;
}

static struct hold *hold_of(struct state *s, cruet_ctx *c)
{
	struct hold *h = cruet_g_get(c, &s->key);

	if (h)
		return h;
	h = cruet_alloc(c, sizeof *h);
	if (!h)
		return NULL;
	h->s = s;
	return cruet_g_set(c, &s->key, h, NULL) ? NULL : h;
}

struct conn *pool_has(struct state *s, cruet_ctx *c)
{
	const struct hold *h = cruet_g_get(c, &s->key);
	return h ? h->conn : NULL;
}

int pool_conn(struct state *s, cruet_ctx *c, struct conn **out)
{
	struct hold *h = hold_of(s, c);

	if (!h)
		return CRUET_ENOMEM;
	if (!h->conn) {
		int err = take(s, c, &h->conn);
		if (!err)
			err = cruet_defer(c, give_back, h); /* or has given it back */
		if (err)
			return err;
	}
	*out = h->conn;
	return CRUET_OK;
}

/* The reply is complete: while it is sent, perhaps slowly, somebody else may have the
 * connection. Who needs one after this takes one again. */
int pool_finish(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));
	struct hold *h = cruet_g_get(c, &s->key);

	if (!h || !h->conn)
		return CRUET_OK;
	bool open = h->conn->depth > 0;
	give_back(h);
	if (!open || cruet_reply_status(c) >= 400)
		return CRUET_OK;
	return cruet_raise(c, &cruet_db_error_kind,
			   "a transaction was left open, and is rolled back: call "
			   "cruet_db_commit() or cruet_db_rollback() before the reply");
}
