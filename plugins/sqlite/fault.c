/* SQLite's result codes as kinds of failures, and as sentences for the log. */
#include "sqlite.h"

#include <stdio.h>
#include <string.h>

enum { SQL_SHOWN = 200 };

static const cruet_errtype *constraint_kind(int rc)
{
	switch (rc) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return &cruet_db_unique_kind;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return &cruet_db_foreign_key_kind;
	case SQLITE_CONSTRAINT_NOTNULL:
		return &cruet_db_not_null_kind;
	default: /* a check, a trigger, a type */
		return &cruet_db_check_kind;
	}
}

static const cruet_errtype *kind_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		return constraint_kind(rc);
	case SQLITE_MISMATCH:
		return &cruet_db_check_kind;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return &cruet_db_busy_kind;
	case SQLITE_FULL:
		return &cruet_db_full_kind;
	case SQLITE_INTERRUPT:
		return &cruet_db_timeout_kind;
	case SQLITE_READONLY:
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_PROTOCOL:
		return &cruet_db_unavailable_kind;
	case SQLITE_ERROR:
	case SQLITE_RANGE:
		return &cruet_db_syntax_kind;
	default:
		return &cruet_db_error_kind;
	}
}

/* A connection that met one of these may go on failing: the next one is new. */
static bool breaks(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
		return true;
	default:
		return false;
	}
}

void fault_text(sqlite3 *db, int rc, char *out, size_t cap)
{
	int os = sqlite3_system_errno(db), family = rc & 0xff;
	bool system = os && (family == SQLITE_IOERR || family == SQLITE_CANTOPEN);

	snprintf(out, cap, "%s%s%s%s", sqlite3_errmsg(db), system ? " (" : "",
		 system ? strerror(os) : "", system ? ")" : "");
}

int fault_locked(struct state *s, cruet_ctx *c, const char *sql)
{
	return cruet_raise(c, &cruet_db_busy_kind,
			   "%.*s: the database is locked: waited %llu ms", SQL_SHOWN, sql,
			   (unsigned long long)s->cfg->busy_timeout);
}

int fault_syntax(cruet_ctx *c, const char *sql, const char *why)
{
	return cruet_raise(c, &cruet_db_syntax_kind, "%.*s: %s", SQL_SHOWN, sql, why);
}

int fault(struct state *s, cruet_ctx *c, struct conn *k, const char *sql, int rc)
{
	const cruet_errtype *kind = kind_of(rc);
	char text[512];

	if (breaks(rc))
		k->broken = true;
	if ((rc & 0xff) == SQLITE_NOMEM)
		return CRUET_ENOMEM;
	if (kind == &cruet_db_busy_kind)
		return fault_locked(s, c, sql);
	if (kind == &cruet_db_timeout_kind)
		return cruet_raise(c, kind,
				   "%.*s: stopped: it took longer than query_timeout, "
				   "%llu ms",
				   SQL_SHOWN, sql,
				   (unsigned long long)s->cfg->query_timeout);
	if (rc == SQLITE_AUTH && k->refused) {
		k->refused = false;
		return fault_syntax(
			c, sql,
			"transactions are made with cruet_db_begin(), "
			"cruet_db_commit() and cruet_db_rollback(), and other "
			"files are opened as instances of the plugin");
	}
	fault_text(k->db, rc, text, sizeof text);
	return cruet_raise(c, kind, "%.*s: %s", SQL_SHOWN, sql, text);
}
