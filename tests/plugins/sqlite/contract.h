/* What the parts of the contract of "db/1" share: an application with the provider,
 * a ctx, and a table to play with. The contract is written against cruet/db.h alone;
 * every provider runs it. */
#ifndef TESTS_DB_CONTRACT_H
#define TESTS_DB_CONTRACT_H

#include "provider.h"

static cruet_app *app;
static cruet_ctx *c;

static inline void setup(void)
{
	app = new_app();
	provider_use(app, 2);
	c = open_ctx(app);
}

static inline void teardown(void)
{
	cruet_close(c);
	cruet_free(app);
	provider_done();
}

static inline void things(void)
{
	assert_exec(c, "create table things (id " SQL_AUTO_ID ", name text, n " SQL_INT64
		       ", r " SQL_DOUBLE ", b " SQL_BYTES ", yes boolean)");
}

static inline const cruet_db_row *last(void)
{
	const cruet_db_row *row =
		cruet_db_one(c, "select * from things order by id desc");

	ck_assert_msg(row != NULL, "%s", cruet_err_text(c));
	return row;
}

static inline void three(void)
{
	things();
	for (int i = 1; i <= 3; i++)
		assert_exec(c, "insert into things(name, n) values(?, ?)",
			    i == 2 ? "two" : "other", i * 10);
}

#define CONTRACT(name, ...) SUITE_WITH(name, setup, teardown, __VA_ARGS__)

#endif
