/* Another process that uses the same file. It is forked before this one opens
 * anything: SQLite's connections do not survive a fork. Steps are told and answered
 * over pipes, so that nobody has to guess how long something takes. */
#ifndef TESTS_SQLITE_OTHER_H
#define TESTS_SQLITE_OTHER_H

#include <signal.h>
#include <sqlite3.h>
#include "fixture.h"

struct other {
	pid_t pid;
	int tell, hear;
};

/* In the other process: runs each line that it is told, and answers with the result
 * code. */
static inline void other_serve(const char *path, FILE *in, int out)
{
	char line[512];
	sqlite3 *db = NULL;
	int rc = sqlite3_open(path, &db);

	while (fgets(line, sizeof line, in)) {
		if (!rc)
			rc = sqlite3_exec(db, line, NULL, NULL, NULL);
		if (write(out, &rc, sizeof rc) != (ssize_t)sizeof rc)
			break;
	}
	sqlite3_close(db);
	_exit(0);
}

static inline struct other other_start(const char *path)
{
	struct other o;
	int to[2], from[2];

	ck_assert_int_eq(pipe(to), 0);
	ck_assert_int_eq(pipe(from), 0);
	o.pid = fork();
	ck_assert_int_ge(o.pid, 0);
	if (!o.pid) {
		close(to[1]);
		close(from[0]);
		other_serve(path, fdopen(to[0], "r"), from[1]);
	}
	close(to[0]);
	close(from[1]);
	o.tell = to[1];
	o.hear = from[0];
	return o;
}

/* Returns when it is done. */
static inline void other_does(struct other *o, const char *sql)
{
	int rc;

	dprintf(o->tell, "%s\n", sql);
	ck_assert_int_eq(read(o->hear, &rc, sizeof rc), (ssize_t)sizeof rc);
	ck_assert_msg(rc == SQLITE_OK, "%s gave %d", sql, rc);
}

static inline void other_ends(struct other *o)
{
	close(o->tell);
	close(o->hear);
	ck_assert_int_eq(waitpid(o->pid, NULL, 0), o->pid);
}

#endif
