/* Opening one connection, and saying in words why it cannot be. */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- the file -------------------------------------------------------------------- */

static bool say(char *why, size_t cap, const char *fmt, ...) CRUET_PRINTF(3, 4);
static bool say(char *why, size_t cap, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, cap, fmt, ap);
	va_end(ap);
	return false;
}

/* SQLite keeps two more files beside the database while it is in use. */
static bool check_folder(const char *path, const char *folder, char *why, size_t cap)
{
	struct stat st;

	if (stat(folder, &st))
		return say(why, cap, "%s cannot be opened: folder %s: %s%s", path, folder,
			   strerror(errno), errno == ENOENT ? ": create it" : "");
	if (!S_ISDIR(st.st_mode))
		return say(why, cap, "%s cannot be opened: %s is no folder", path,
			   folder);
	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS))
		return say(
			why, cap,
			"%s cannot be written: folder %s: %s: the user of this process "
			"must be able to create files in it",
			path, folder, strerror(errno));
	return true;
}

static bool check_file(const char *path, char *why, size_t cap)
{
	struct stat st;

	if (stat(path, &st)) {
		if (errno == ENOENT)
			return true; /* it will be made */
		return say(why, cap, "%s cannot be opened: %s", path, strerror(errno));
	}
	if (S_ISDIR(st.st_mode))
		return say(why, cap, "%s is a folder: expected a file", path);
	if (!S_ISREG(st.st_mode))
		return say(why, cap, "%s is no regular file", path);
	if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS))
		return say(
			why, cap,
			"%s cannot be written: %s: the user of this process must be able "
			"to read and write it",
			path, strerror(errno));
	return true;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Absolute: connections are opened later too, from wherever the process is then. */
static char *absolute(const char *path, const char *folder)
{
	const char *slash = strrchr(path, '/');
	char *real = realpath(folder, NULL), *all = NULL;

	if (real && asprintf(&all, "%s/%s", strcmp(real, "/") ? real : "",
			     slash ? slash + 1 : path) < 0)
		all = NULL;
	free(real);
	return all;
}

bool conn_find_file(struct state *s, char *why, size_t cap)
{
	const char *path = s->cfg->path;

	if (in_memory(s->cfg)) {
		s->file = strdup(path);
		return s->file || say(why, cap, "out of memory");
	}
	char *folder = folder_of(path);
	if (!folder)
		return say(why, cap, "out of memory");
	bool ok = check_folder(path, folder, why, cap) && check_file(path, why, cap);
	if (ok) {
		s->file = absolute(path, folder);
		ok = s->file ||
		     say(why, cap, "%s cannot be opened: %s", path, strerror(errno));
	}
	free(folder);
	return ok;
}

/* --- the connection -------------------------------------------------------------- */

/* How often SQLite looks at the clock, in instructions of its machine: well below a
 * millisecond. */
enum { STEPS_PER_LOOK = 4000 };

/* Transactions are counted by us, and what is attached would be there for some
 * requests and not for others. */
static bool is_one_of(const char *name, const char *const *all)
{
	while (*all && sqlite3_stricmp(*all, name) != 0)
		all++;
	return *all != NULL;
}

/* Whether it asks for what this connection keeps between statements, or changes that. What a
 * trigger asks is part of its statement. */
static bool asks_to_stay(int action, const char *a, const char *b, const char *trigger)
{
	static const char *const functions[] = {"last_insert_rowid", "changes",
						"total_changes", NULL};
	/* The argument of these says what to show, or goes into the file. */
	static const char *const passing[] = {
		"application_id", "foreign_key_check", "foreign_key_list", "index_info",
		"index_list", "index_xinfo", "integrity_check", "optimize",
		"quick_check", "table_info", "table_list", "table_xinfo",
		"user_version", "wal_checkpoint", NULL};

	switch (action) {
	case SQLITE_FUNCTION:
		return !trigger && is_one_of(b, functions);
	case SQLITE_PRAGMA:
		return b && !is_one_of(a, passing);
	case SQLITE_CREATE_TEMP_INDEX:
	case SQLITE_CREATE_TEMP_TABLE:
	case SQLITE_CREATE_TEMP_TRIGGER:
	case SQLITE_CREATE_TEMP_VIEW:
		return true;
	default:
		return false;
	}
}

static int authorize(void *arg, int action, const char *a, const char *b, const char *db,
		     const char *trigger)
{
	struct conn *k = arg;
	bool transaction = action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT;
	bool attach = action == SQLITE_ATTACH || action == SQLITE_DETACH;

	(void)db;
	if (k->ours)
		return SQLITE_OK;
	k->stays = k->stays || asks_to_stay(action, a, b, trigger);
	if (!transaction && !attach)
		return SQLITE_OK;
	k->refused = true;
	return SQLITE_DENY;
}

int64_t conn_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int is_late(void *arg)
{
	const struct conn *k = arg;

	return k->deadline && conn_clock() >= k->deadline;
}

int conn_exec(struct conn *k, const char *sql)
{
	k->ours = true;
	int rc = sqlite3_exec(k->db, sql, NULL, NULL, NULL);
	k->ours = false;
	return rc;
}

static int set_up(struct state *s, struct conn *k)
{
	const struct config *cfg = s->cfg;

	sqlite3_extended_result_codes(k->db, 1);
	sqlite3_busy_timeout(k->db, (int)cfg->busy_timeout);
	sqlite3_db_config(k->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* A misspelt "column" is an error, and not the text 'column'. */
	sqlite3_db_config(k->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_set_authorizer(k->db, authorize, k);
	sqlite3_progress_handler(k->db, STEPS_PER_LOOK, is_late, k);
	int rc = conn_exec(k, "pragma foreign_keys = on");
	if (!rc)
		rc = conn_exec(k, cfg->synchronous == SYNC_FULL
					  ? "pragma synchronous = full"
					  : "pragma synchronous = normal");
	return rc;
}

static void explain(struct state *s, sqlite3 *db, int rc, char *why, size_t cap)
{
	const char *path = s->cfg->path;
	char text[256];

	switch (rc & 0xff) {
	case SQLITE_NOTADB:
		say(why, cap, "%s is no SQLite database", path);
		break;
	case SQLITE_BUSY:
		say(why, cap, "%s is locked by another process: waited %llu ms", path,
		    (unsigned long long)s->cfg->busy_timeout);
		break;
	default:
		fault_text(db, rc, text, sizeof text);
		say(why, cap, "%s cannot be opened: %s", path, text);
	}
}

/* The mode stays with the file. Reading its answer also reads the file's head. */
static int turn_wal_on(struct conn *k, bool *on)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(k->db, "pragma journal_mode = wal", -1, &st, NULL);

	if (rc)
		return rc;
	const char *mode = sqlite3_step(st) == SQLITE_ROW
				   ? (const char *)sqlite3_column_text(st, 0)
				   : NULL;
	*on = mode && !strcmp(mode, "wal");
	return sqlite3_finalize(st);
}

int conn_open(struct state *s, struct conn **out, char *why, size_t cap)
{
	const int flags =
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	struct conn *k = calloc(1, sizeof *k);

	*out = NULL;
	if (!k) {
		say(why, cap, "out of memory");
		return SQLITE_NOMEM;
	}
	k->statements.max = s->cfg->statements;
	int rc = sqlite3_open_v2(s->file, &k->db, flags, NULL);
	if (!rc)
		rc = set_up(s, k);
	if (rc) {
		explain(s, k->db, rc, why, cap);
		conn_close(k);
		return rc;
	}
	*out = k;
	return SQLITE_OK;
}

int conn_open_first(struct state *s, struct conn **out, char *why, size_t cap)
{
	bool on = false;
	int rc = conn_open(s, out, why, cap);

	if (rc || in_memory(s->cfg))
		return rc;
	rc = turn_wal_on(*out, &on);
	if (!rc && on)
		return SQLITE_OK;
	if (rc)
		explain(s, (*out)->db, rc, why, cap);
	else
		say(why, cap,
		    "%s cannot be opened: its file system has no shared memory for "
		    "SQLite's "
		    "write-ahead log",
		    s->cfg->path);
	conn_close(*out);
	*out = NULL;
	return rc ? rc : SQLITE_CANTOPEN;
}

bool conn_can_read(struct state *s, struct conn *k, char *why, size_t cap)
{
	int rc = conn_exec(k, "select 1 from sqlite_schema limit 1");

	if (rc)
		explain(s, k->db, rc, why, cap);
	return !rc;
}

void conn_close(struct conn *k)
{
	if (!k)
		return;
	stmts_free(&k->statements);
	sqlite3_close_v2(k->db);
	free(k);
}
