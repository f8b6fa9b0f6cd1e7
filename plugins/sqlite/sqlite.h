/* What the plugin keeps: its options, its state, and the connections.
 *
 * A connection belongs to one ctx at a time (struct hold), or is idle. Two gates
 * bound what happens at once: `seats`, how many connections are in use, and `pen`:
 * SQLite lets one connection write, and who wants to write waits here in order
 * instead of polling for the file's lock. */
#ifndef PLUGIN_SQLITE_H
#define PLUGIN_SQLITE_H

#include <cruet.h>
#include <cruet/db.h>
#include <cruet/svc/db.h>
#include <sqlite3.h>

#include "../gate.h"
#include "stmt.h"

enum { SYNC_FULL = 0, SYNC_NORMAL = 1 };
enum { WHY_SIZE = 1024 }; /* room for a sentence */

struct config {
	const char *path, *schema;
	int64_t pool, statements;
	uint64_t wait, busy_timeout, query_timeout; /* milliseconds */
	int32_t synchronous;
};

/* A connection. */
struct conn {
	sqlite3 *db;
	struct conn *next; /* idle */
	struct stmts statements;
	unsigned depth;	  /* of transactions: 1 is the outermost */
	unsigned running; /* statements, one inside a row of the other */
	int64_t deadline; /* of the step that is being taken; 0: none */
	bool writing;	  /* has the pen */
	bool ours;	  /* a transaction statement comes from us */
	bool refused;	  /* one that did not was refused */
	bool stays;	  /* what is prepared asks for what a connection keeps, or changes it */
	bool broken;	  /* not to be used again */
};

/* One step of a schema. */
struct step {
	struct step *next;
	char *owner, *name; /* the plugin's instance, or "app" */
	char *sql;
	char *file; /* where the text comes from; NULL: code */
};

struct steps {
	struct step *first, **last;
};

struct state {
	const struct config *cfg;
	cruet_app *app;
	cruet_key key; /* of the struct hold in g; one per instance */
	size_t pool;   /* the most connections */
	char *file;    /* the absolute path, or ":memory:"; from start to stop */
	struct gate seats, pen;
	pthread_mutex_t lock; /* guards idle */
	struct conn *idle;
	struct steps steps; /* in the order they were registered */
};

static inline bool in_memory(const struct config *cfg)
{
	return !strcmp(cfg->path, ":memory:");
}

/* --- conn.c ---------------------------------------------------------------------- */

/* Finds out whether the file can be one of ours, and sets s->file. False and why. */
bool conn_find_file(struct state *s, char *why, size_t cap);
/* SQLITE_OK, or a result code and why. */
int conn_open(struct state *s, struct conn **out, char *why, size_t cap);
/* The first one: also turns the write-ahead log on. */
int conn_open_first(struct state *s, struct conn **out, char *why, size_t cap);
/* Whether what is open is a database. False and why. */
bool conn_can_read(struct state *s, struct conn *k, char *why, size_t cap);
void conn_close(struct conn *k); /* NULL is fine */
/* The clock of deadlines: nanoseconds. */
int64_t conn_clock(void);
/* Runs a statement of ours. A result code. */
int conn_exec(struct conn *k, const char *sql);

/* --- pool.c ---------------------------------------------------------------------- */

/* The connection of this ctx, taken now if it has none. A failure is recorded. */
int pool_conn(struct state *s, cruet_ctx *c, struct conn **out);
/* The one it has; NULL if none. */
struct conn *pool_has(struct state *s, cruet_ctx *c);
/* After a statement: takes the connection back, unless a transaction is open or the
 * statement ran for a row of another one. */
void pool_rest(struct state *s, cruet_ctx *c);
/* Waits for the right to write; false if it did not come in time. */
bool pool_take_pen(struct state *s, struct conn *k);
void pool_leave_pen(struct state *s, struct conn *k);
/* The finish-hook. */
int pool_finish(cruet_ctx *c);

/* --- run.c, transaction.c: of "db/1" --------------------------------------------- */

int db_run(void *self, cruet_ctx *c, cruet_db_call *call);
int db_begin(void *self, cruet_ctx *c);
int db_commit(void *self, cruet_ctx *c);
int db_rollback(void *self, cruet_ctx *c);
int db_schema(void *self, cruet_app *app, const char *owner, const char *name,
	      const char *sql);

/* True if the database ended a transaction that we think open. */
bool transaction_lost(const struct conn *k);

/* --- fault.c --------------------------------------------------------------------- */

/* Records what a result code means, with sql in front; its status. */
int fault(struct state *s, cruet_ctx *c, struct conn *k, const char *sql, int rc);
/* The same for what the file's lock or the pen did. */
int fault_locked(struct state *s, cruet_ctx *c, const char *sql);
int fault_syntax(cruet_ctx *c, const char *sql, const char *why);
/* What SQLite says of its last failure, with the system's reason. */
void fault_text(sqlite3 *db, int rc, char *out, size_t cap);

/* --- steps.c --------------------------------------------------------------------- */

void steps_init(struct steps *l);
void steps_free(struct steps *l);
/* Adds a copy; false: out of memory. */
bool steps_add(struct steps *l, const char *owner, const char *name, const char *sql,
	       const char *file);
/* Adds the *.sql files of a folder for "app". False and why. */
bool steps_read(struct steps *l, const char *folder, char *why, size_t cap);

/* --- schema.c -------------------------------------------------------------------- */

/* Runs what has not run yet. False after cruet_reject(). */
bool schema_apply(struct state *s, struct conn *k);

/* Tells the steps that would run at the next start on k (NULL: no database is there yet, so
 * none). False and why, if that cannot be said. */
typedef void step_told(void *arg, const struct step *st);
bool schema_pending(struct state *s, struct conn *k, step_told *told, void *arg, char *why,
		    size_t cap);

/* --- check.c --------------------------------------------------------------------- */

/* Listens to the event "checkup". CRUET_OK or the code of what failed. */
int check_register(cruet_app *app);

/* --- script.c -------------------------------------------------------------------- */

/* Where a script stopped. */
struct script_stop {
	int rc;
	unsigned line;
	const char *what; /* beside the result code; or NULL */
};
/* Runs statements one after the other. True if all of them ran. */
bool script_run(struct conn *k, const char *sql, struct script_stop *stop);

#endif
