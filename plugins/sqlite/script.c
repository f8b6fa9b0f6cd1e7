/* A text of several statements, as in a schema file. */
#include "sqlite.h"

static unsigned line_of(const char *text, const char *at)
{
	unsigned line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

/* Past white space and comments: where the statement begins. */
static const char *skip_space(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n\f;");
		const char *end = NULL;
		if (p[0] == '-' && p[1] == '-')
			end = strchr(p, '\n');
		else if (p[0] == '/' && p[1] == '*' && (end = strstr(p + 2, "*/")))
			end += 2;
		else
			return p;
		if (!end)
			return p + strlen(p);
		p = end;
	}
}

static bool stopped(struct script_stop *stop, int rc, unsigned line, const char *what)
{
	*stop = (struct script_stop){rc, line, what};
	return false;
}

static bool not_prepared(struct conn *k, int rc, const char *text, const char *at,
			 struct script_stop *stop)
{
	int offset = sqlite3_error_offset(k->db);

	if (rc == SQLITE_AUTH && k->refused) {
		k->refused = false;
		return stopped(
			stop, rc, line_of(text, at),
			"each step is a transaction already, and of one file: leave "
			"out begin, commit, rollback, savepoint, attach and detach");
	}
	return stopped(stop, rc, line_of(text, at + (offset > 0 ? offset : 0)), NULL);
}

bool script_run(struct conn *k, const char *sql, struct script_stop *stop)
{
	for (const char *at = skip_space(sql), *tail; *at; at = skip_space(tail)) {
		sqlite3_stmt *st;
		int rc = sqlite3_prepare_v2(k->db, at, -1, &st, &tail);
		if (rc)
			return not_prepared(k, rc, sql, at, stop);
		if (!st) /* a byte order mark, and nothing else */
			continue;
		if (sqlite3_bind_parameter_count(st)) {
			sqlite3_finalize(st);
			return stopped(stop, SQLITE_ERROR, line_of(sql, at),
				       "a schema has no values for ?");
		}
		while (rc == SQLITE_OK || rc == SQLITE_ROW)
			rc = sqlite3_step(st);
		if (rc == SQLITE_DONE)
			rc = sqlite3_finalize(st);
		else
			sqlite3_finalize(st); /* the text of the failure stays */
		if (rc)
			return stopped(stop, rc, line_of(sql, at), NULL);
	}
	return true;
}
