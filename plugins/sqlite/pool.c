/* Which connection belongs to whom. A ctx has one while a statement runs and while a
 * transaction is open, and no longer: a request may wait for something else, such as a
 * place to hash a password, and would keep the database from all others meanwhile. */
#include "sqlite.h"

#include <stdlib.h>

/* The connection of one ctx. */
struct hold {
	struct state *s;
	struct conn *conn; /* NULL: none at the moment */
	bool deferred;	   /* the end of the ctx will see to it */
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
	k->running = 0;
	pool_leave_pen(s, k);
}

static void give_back(struct hold *h)
{
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

/* What is deferred later than this runs after it, and may take one again. */
static void end(void *p)
{
	struct hold *h = p;

	h->deferred = false;
	give_back(h);
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
			"no connection to %s was free within %llu ms: %zu are in "
			"use (option pool)",
			s->cfg->path, (unsigned long long)s->cfg->wait, s->pool);
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
	int err = h->conn ? CRUET_OK : take(s, c, &h->conn);
	if (!err && !h->deferred) {
		h->deferred = true;
		err = cruet_defer(c, end, h); /* or has called it */
	}
	*out = h->conn;
	return err;
}

void pool_rest(struct state *s, cruet_ctx *c)
{
	struct hold *h = cruet_g_get(c, &s->key);

	if (h && h->conn && !h->conn->depth && !h->conn->running)
		give_back(h);
}

/* Who has a connection now has left a transaction open. */
int pool_finish(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));
	struct hold *h = cruet_g_get(c, &s->key);

	if (!h || !h->conn)
		return CRUET_OK;
	give_back(h);
	if (cruet_reply_status(c) >= 400)
		return CRUET_OK;
	return cruet_raise(c, &cruet_db_error_kind,
			   "a transaction was left open, and is rolled back: call "
			   "cruet_db_commit() or cruet_db_rollback() before the reply");
}
