/* The schema: steps that run once, each in a transaction with the note that it has
 * run. So a step is there whole or not at all, whatever dies in between, and of two
 * processes that start at once, one runs it and the other sees that. */
#include "sqlite.h"

#include <stdio.h>
#include <stdlib.h>

static const char table[] = "create table if not exists cruet_schema (\n"
			    "\towner text not null,\n"
			    "\tname text not null,\n"
			    "\tsql text not null,\n"
			    "\tapplied_at text not null default current_timestamp,\n"
			    "\tprimary key (owner, name)\n"
			    ") without rowid";

/* --- the order ------------------------------------------------------------------- */

struct planned {
	size_t rank; /* of the owner */
	const struct step *step;
};

static int by_rank_and_name(const void *a, const void *b)
{
	const struct planned *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->step->name, y->step->name);
}

/* Plugins in the order in which they registered, the application last. */
static size_t rank_of(const struct planned *list, size_t n, const struct step *st)
{
	if (!strcmp(st->owner, "app"))
		return SIZE_MAX;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i].step->owner, st->owner))
			return list[i].rank;
	return n;
}

/* All steps, sorted; NULL: out of memory. *n may be 0. */
static struct planned *plan(const struct steps *told, const struct steps *read, size_t *n)
{
	const struct steps *both[] = {told, read};
	size_t count = 0;

	*n = 0;
	for (size_t i = 0; i < 2; i++)
		for (const struct step *st = both[i]->first; st; st = st->next)
			count++;
	struct planned *list = calloc(count + 1, sizeof *list);
	for (size_t i = 0; list && i < 2; i++)
		for (const struct step *st = both[i]->first; st; st = st->next) {
			list[*n] = (struct planned){rank_of(list, *n, st), st};
			++*n;
		}
	if (list)
		qsort(list, *n, sizeof *list, by_rank_and_name);
	return list;
}

static bool all_different(struct state *s, const struct planned *list, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!by_rank_and_name(&list[i - 1], &list[i])) {
			cruet_reject(s->app, "schema step \"%s\" of '%s' is there twice",
				     list[i].step->name, list[i].step->owner);
			return false;
		}
	return true;
}

/* --- what has run ---------------------------------------------------------------- */

enum { NOT_YET = 0, HAS_RUN = 1, WAS_DIFFERENT = 2 };

static int bind_texts(sqlite3_stmt *q, const struct step *st)
{
	int rc = sqlite3_bind_text(q, 1, st->owner, -1, SQLITE_STATIC);

	if (!rc)
		rc = sqlite3_bind_text(q, 2, st->name, -1, SQLITE_STATIC);
	if (!rc)
		rc = sqlite3_bind_text(q, 3, st->sql, -1, SQLITE_STATIC);
	return rc;
}

/* A statement of ours with owner, name and text; *first is its first column. */
static int ask(struct conn *k, const char *sql, const struct step *st, int *first)
{
	sqlite3_stmt *q;
	int rc = sqlite3_prepare_v2(k->db, sql, -1, &q, NULL);

	if (rc)
		return rc;
	rc = bind_texts(q, st);
	if (!rc && sqlite3_step(q) == SQLITE_ROW)
		*first = sqlite3_column_int(q, 0);
	int end = sqlite3_finalize(q);
	return rc ? rc : end;
}

static int look_up(struct conn *k, const struct step *st, int *state)
{
	*state = NOT_YET;
	return ask(k,
		   "select case sql when ?3 then 1 else 2 end from cruet_schema "
		   "where owner = ?1 and name = ?2",
		   st, state);
}

static int note(struct conn *k, const struct step *st)
{
	int none;
	return ask(k, "insert into cruet_schema(owner, name, sql) values(?1, ?2, ?3)", st,
		   &none);
}

/* --- running --------------------------------------------------------------------- */

static void explain(struct state *s, struct conn *k, int rc, char *out, size_t cap)
{
	if ((rc & 0xff) == SQLITE_BUSY)
		snprintf(out, cap, "%s is locked by another process: waited %llu ms",
			 s->cfg->path, (unsigned long long)s->cfg->busy_timeout);
	else
		fault_text(k->db, rc, out, cap);
}

static bool fails(struct state *s, struct conn *k, const struct step *st,
		  const struct script_stop *stop)
{
	char text[WHY_SIZE], line[24] = "";
	const char *what = stop->what ? stop->what : text;

	explain(s, k, stop->rc, text, sizeof text);
	if (stop->line)
		snprintf(line, sizeof line, st->file ? ":%u" : ", line %u", stop->line);
	if (st->file)
		cruet_reject(s->app, "%s%s: %s", st->file, line, what);
	else
		cruet_reject(s->app, "schema step \"%s\" of '%s'%s: %s", st->name,
			     st->owner, line, what);
	return false;
}

/* In a transaction: the step with its note, unless another process was faster. */
static bool run_noted(struct conn *k, const struct step *st, int *state,
		      struct script_stop *stop)
{
	*stop = (struct script_stop){look_up(k, st, state), 0, NULL};
	if (stop->rc)
		return false;
	if (*state != NOT_YET)
		return true;
	if (!script_run(k, st->sql, stop))
		return false;
	stop->rc = note(k, st);
	return !stop->rc;
}

static bool run_step(struct state *s, struct conn *k, const struct step *st, int *state)
{
	struct script_stop stop = {conn_exec(k, "begin immediate"), 0, NULL};

	if (!stop.rc && run_noted(k, st, state, &stop)) {
		stop = (struct script_stop){conn_exec(k, "commit"), 0, NULL};
		if (!stop.rc)
			return true;
	}
	fails(s, k, st, &stop); /* before the rollback, which has a text of its own */
	if (!sqlite3_get_autocommit(k->db))
		conn_exec(k, "rollback");
	return false;
}

static bool apply(struct state *s, struct conn *k, const struct step *st)
{
	const char *name = st->file ? st->file : st->name;
	int state;
	struct script_stop stop = {look_up(k, st, &state), 0, NULL};

	if (stop.rc)
		return fails(s, k, st, &stop);
	if (state == NOT_YET) {
		if (!run_step(s, k, st, &state))
			return false;
		if (state == NOT_YET)
			cruet_log(s->app, CRUET_INFO, "%s: applied", name);
	}
	if (state == WAS_DIFFERENT)
		cruet_log(
			s->app, CRUET_WARN,
			"%s was changed after it was applied, and is not applied again: "
			"put the change into a step of its own",
			name);
	return true;
}

static bool apply_all(struct state *s, struct conn *k, const struct planned *list,
		      size_t n)
{
	char why[WHY_SIZE];
	int rc = n ? conn_exec(k, table) : SQLITE_OK;

	if (rc) {
		explain(s, k, rc, why, sizeof why);
		cruet_reject(s->app, "table cruet_schema: %s", why);
		return false;
	}
	if (!all_different(s, list, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!apply(s, k, list[i].step))
			return false;
	return true;
}

bool schema_apply(struct state *s, struct conn *k)
{
	char why[WHY_SIZE];
	struct steps read;
	size_t n;
	bool ok = false;

	steps_init(&read);
	if (s->cfg->schema[0] && !steps_read(&read, s->cfg->schema, why, sizeof why)) {
		cruet_reject(s->app, "%s", why);
	} else {
		struct planned *list = plan(&s->steps, &read, &n);
		if (list)
			ok = apply_all(s, k, list, n);
		else
			cruet_reject(s->app, "out of memory");
		free(list);
	}
	steps_free(&read);
	return ok;
}

static void tell_pending(struct conn *k, const struct planned *list, size_t n, step_told *told,
			 void *arg)
{
	bool noted = !conn_exec(k, "select 1 from cruet_schema limit 1");

	for (size_t i = 0; i < n; i++) {
		int state = NOT_YET;
		if ((noted && look_up(k, list[i].step, &state)) || state == NOT_YET)
			told(arg, list[i].step);
	}
}

bool schema_pending(struct state *s, struct conn *k, step_told *told, void *arg, char *why,
		    size_t cap)
{
	struct steps read;
	size_t n;

	steps_init(&read);
	bool ok = !s->cfg->schema[0] || steps_read(&read, s->cfg->schema, why, cap);
	struct planned *list = ok && k ? plan(&s->steps, &read, &n) : NULL;
	if (ok && k && !list)
		snprintf(why, cap, "out of memory");
	else if (list)
		tell_pending(k, list, n, told, arg);
	ok = ok && (!k || list);
	free(list);
	steps_free(&read);
	return ok;
}

int db_schema(void *self, cruet_app *app, const char *owner, const char *name,
	      const char *sql)
{
	struct state *s = self;

	if (!name || !*name || !sql)
		return cruet_reject(app,
				    "cruet_db_schema: expected a name and statements");
	if (s->file)
		return cruet_reject(
			app,
			"cruet_db_schema: schema step \"%s\" after the application "
			"has started: register it in init",
			name);
	if (!steps_add(&s->steps, owner, name, sql, NULL))
		return cruet_reject(app, "cruet_db_schema: out of memory");
	return CRUET_OK;
}
