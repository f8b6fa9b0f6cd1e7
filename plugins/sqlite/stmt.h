/* Prepared statements of one connection: the last ones used are kept, up to a
 * bound. One thread at a time. */
#ifndef SQLITE_STMT_H
#define SQLITE_STMT_H

#include <cruet/db.h>
#include <sqlite3.h>

struct stmt {
	struct stmt *next; /* the one used before it */
	sqlite3_stmt *st;
	bool busy; /* taken, or stepping through its rows */
	bool kept; /* one of the cache; else gone when given back */
	bool stays; /* asks for what a connection keeps, or changes it */
	/* room for a row */
	int ncolumns;
	const char **names;
	cruet_db_value *values;
	size_t len;
	char sql[];
};

struct stmts {
	struct stmt *first; /* used last */
	int64_t n, max;
};

/* What keeps a statement from being prepared, beside SQLite's result codes. */
enum { STMT_EMPTY = -1, STMT_MORE_THAN_ONE = -2 };

/* The statement, ready to bind; SQLITE_OK, another result code, or one of those
 * above. The same text may be out twice. */
int stmt_take(sqlite3 *db, struct stmts *all, const char *sql, struct stmt **out);
/* Ends the statement's run; gives the result code of that: here is where a
 * statement that was not stepped to its end is committed. */
int stmt_end(struct stmt *s);
void stmt_give(struct stmt *s);

/* Makes room for n columns; false: out of memory. */
bool stmt_columns(struct stmt *s, int n);

/* Ends what is still running. */
void stmts_end(struct stmts *all);
void stmts_free(struct stmts *all);

#endif
