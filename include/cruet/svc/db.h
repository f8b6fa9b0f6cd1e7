/* Service "db/1": runs SQL. cruet/db.h is built on it: values by type, results
 * that are kept, JSON. Calls come from one thread per ctx, from many for many. Statements
 * of a transaction run on one connection; the others on any, which is no longer the ctx's
 * than the statement runs.
 *
 * Every function but schema returns CRUET_OK or a failure that it has recorded in
 * c: one of the kinds in cruet/db.h by cruet_raise(), its text starting with the
 * statement; CRUET_ENOMEM alone need not be recorded. [request]
 *
 * When there is a reply (an after-hook), when it is complete (a finish-hook), and when
 * the ctx goes, the provider rolls back what is open and takes its connection back. So
 * what a finish-hook writes, to save a session for example, is no part of what a handler
 * left open. The provider adds Retry-After to a 503 whose kind is db.busy. */
#ifndef CRUET_SVC_DB_H
#define CRUET_SVC_DB_H

#include "cruet/types.h"

struct cruet_db_value; /* db.h */

#define CRUET_DB "db/1"

/* One statement. Zero but for what the caller knows of. */
typedef struct cruet_db_call {
	uint32_t size;    /* sizeof(cruet_db_call) */
	uint32_t nvalues;
	const char *sql;  /* exactly one statement; parameters are written ? */
	const struct cruet_db_value *values;
	/* Gets each row; NULL: they are dropped. Names and values are borrowed for
	 * the call, and n is the same for all rows. May run other statements of c.
	 * What it returns but for CRUET_OK ends the walk and is returned by run();
	 * what the statement wrote stays. */
	int (*row)(void *arg, size_t n, const char *const *names,
		   const struct cruet_db_value *values);
	void *arg;
	/* Filled in unless the statement failed. */
	int64_t changes; /* rows inserted, changed or deleted */
	int64_t last_id; /* of the row that it inserted last; 0 if none */
} cruet_db_call;

typedef struct cruet_db {
	uint32_t size;
	uint32_t reserved;
	/* Outside a transaction the statement is one by itself: when run returns
	 * CRUET_OK, it is kept. As many values as parameters, or it is db.syntax.
	 * The text of a transaction ("commit") is refused: see below. */
	int (*run)(void *self, cruet_ctx *c, cruet_db_call *call);
	/* The outermost begin is a transaction that may write, inner ones are
	 * savepoints. A commit that fails has rolled back its level. Without a begin
	 * before, commit and rollback are db.error. When the database has ended a
	 * transaction by itself, all but rollback are db.error until every level is
	 * rolled back. */
	int (*begin)(void *self, cruet_ctx *c);
	int (*commit)(void *self, cruet_ctx *c);
	int (*rollback)(void *self, cruet_ctx *c);
	/* Setup: a step of a schema, see cruet_db_schema(). owner is the instance that
	 * app belongs to, or "app". Texts are copied. A failure is recorded as the
	 * problem of app. */
	int (*schema)(void *self, cruet_app *app, const char *owner, const char *name,
		      const char *sql);
} cruet_db;

#endif
