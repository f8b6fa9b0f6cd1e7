/* The promises of "db/1", whose parts are in db_*.c, and what these share. */
#include "db.h"

static const cruet_contract_sql usual = {sizeof usual, 0,      "integer primary key",
					 "integer",    "real", "blob"};

const cruet_contract_sql *sql_of(const struct trial *t)
{
	return t->k->sql ? t->k->sql : &usual;
}

void db_failed(const char *file, int line, struct trial *t, int err,
	       const cruet_errtype *kind, const char *text)
{
	const cruet_errtype *got = cruet_err_kind(t->c);

	if (err != kind->http || !got || strcmp(got->name, kind->name) != 0)
		trial_broken(file, line, "%d, %s: %s: expected %d, %s", err,
			     got ? got->name : "of no kind", cruet_err_text(t->c),
			     kind->http, kind->name);
	if (text)
		trial_text(file, line, "the failure", cruet_err_text(t->c), text);
	cruet_err_clear(t->c);
}

int64_t number(struct trial *t, const char *sql)
{
	int64_t n;

	expect_ok(t, cruet_db_get(t->c, &n, sql));
	return n;
}

void things(struct trial *t)
{
	const cruet_contract_sql *w = sql_of(t);

	exec_ok(t,
		cruet_printf(t->c,
			     "create table things (id %s, name text, n %s, r %s, b %s, "
			     "yes boolean)",
			     w->auto_id, w->int64, w->real, w->bytes));
}

void three(struct trial *t)
{
	things(t);
	for (int i = 1; i <= 3; i++)
		exec_ok(t, "insert into things(name, n) values(?, ?)",
			i == 2 ? "two" : "other", i * 10);
}

const cruet_db_row *last(struct trial *t)
{
	const cruet_db_row *row =
		cruet_db_one(t->c, "select * from things order by id desc");

	if (!row)
		broken("the last row: %s", cruet_err_text(t->c));
	return row;
}

void reopen(struct trial *t)
{
	cruet_close(t->c);
	t->c = trial_open(t);
}

const struct contract contract_db = {
	.service = CRUET_DB,
	.need = CRUET_UPTO(cruet_db, schema),
	.setup = db_site,
	.parts = {db_values, db_rows, db_statements, db_transactions, db_requests}};
