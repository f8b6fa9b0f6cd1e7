#include "stmt.h"

#include <stdlib.h>

static void stmt_free(struct stmt *s)
{
	sqlite3_finalize(s->st);
	free(s->names);
	free(s->values);
	free(s);
}

/* Takes it out of the list and puts it first. */
static struct stmt *find(struct stmts *all, const char *sql, size_t len)
{
	for (struct stmt **at = &all->first; *at; at = &(*at)->next) {
		struct stmt *s = *at;
		if (s->busy || s->len != len || memcmp(s->sql, sql, len) != 0)
			continue;
		*at = s->next;
		s->next = all->first;
		all->first = s;
		return s;
	}
	return NULL;
}

/* Drops the one that was used longest ago; all may be busy. */
static void make_room(struct stmts *all)
{
	struct stmt **oldest = NULL;

	if (all->n < all->max)
		return;
	for (struct stmt **at = &all->first; *at; at = &(*at)->next)
		if (!(*at)->busy)
			oldest = at;
	if (!oldest)
		return;
	struct stmt *s = *oldest;
	*oldest = s->next;
	stmt_free(s);
	all->n--;
}

/* Nothing but white space and comments may follow. */
static int check_tail(sqlite3 *db, const char *tail)
{
	sqlite3_stmt *second = NULL;

	if (!*tail)
		return SQLITE_OK;
	int rc = sqlite3_prepare_v2(db, tail, -1, &second, NULL);
	bool more = rc != SQLITE_OK || second;
	sqlite3_finalize(second);
	return more ? STMT_MORE_THAN_ONE : SQLITE_OK;
}

static int prepare(sqlite3 *db, const char *sql, size_t len, struct stmt **out)
{
	struct stmt *s = calloc(1, sizeof *s + len + 1);
	const char *tail = "";

	if (!s)
		return SQLITE_NOMEM;
	s->len = len;
	memcpy(s->sql, sql, len + 1);
	int rc =
		sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->st, &tail);
	if (!rc && !s->st)
		rc = STMT_EMPTY;
	if (!rc)
		rc = check_tail(db, tail);
	if (rc) {
		stmt_free(s);
		return rc;
	}
	*out = s;
	return SQLITE_OK;
}

int stmt_take(sqlite3 *db, struct stmts *all, const char *sql, struct stmt **out)
{
	size_t len = strlen(sql);
	struct stmt *s = find(all, sql, len);

	if (!s) {
		int rc = prepare(db, sql, len, &s);
		if (rc)
			return rc;
		make_room(all);
		s->kept = all->n < all->max;
		if (s->kept) {
			s->next = all->first;
			all->first = s;
			all->n++;
		}
	}
	s->busy = true;
	*out = s;
	return SQLITE_OK;
}

int stmt_end(struct stmt *s)
{
	int rc = sqlite3_reset(s->st);
	sqlite3_clear_bindings(s->st);
	return rc;
}

void stmt_give(struct stmt *s)
{
	s->busy = false;
	if (!s->kept)
		stmt_free(s);
}

bool stmt_columns(struct stmt *s, int n)
{
	if (n <= s->ncolumns)
		return true;
	const char **names = calloc((size_t)n, sizeof *names);
	cruet_db_value *values = calloc((size_t)n, sizeof *values);
	if (!names || !values) {
		free(names);
		free(values);
		return false;
	}
	free(s->names);
	free(s->values);
	s->names = names;
	s->values = values;
	s->ncolumns = n;
	return true;
}

void stmts_end(struct stmts *all)
{
	for (struct stmt *s = all->first; s; s = s->next)
		if (s->busy) {
			stmt_end(s);
			s->busy = false;
		}
}

void stmts_free(struct stmts *all)
{
	for (struct stmt *s = all->first, *next; s; s = next) {
		next = s->next;
		stmt_free(s);
	}
	*all = (struct stmts){NULL, 0, all->max};
}
