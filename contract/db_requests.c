/* The promises of "db/1": what a request leaves behind. */
#include "db.h"

enum { OFTEN = 4 }; /* more than a provider on trial has connections */

static int add_one(cruet_ctx *c)
{
	int err = cruet_db_begin(c);
	return err ? err : cruet_db_exec(c, "insert into things(n) values(1)");
}

static int h_forgets(cruet_ctx *c)
{
	int err = add_one(c);
	return err ? err : cruet_text(c, "saved");
}

static int h_fails(cruet_ctx *c)
{
	int err = add_one(c);
	return err ? err : cruet_fail(c, 409, "no");
}

static int h_saves(cruet_ctx *c)
{
	int err = add_one(c);

	if (!err)
		err = cruet_db_commit(c);
	return err ? err : cruet_text(c, "saved");
}

static int h_list(cruet_ctx *c)
{
	return cruet_jsonify(c, cruet_db_json(c, "select n from things order by id"));
}

static int h_one(cruet_ctx *c)
{
	const cruet_db_row *row = cruet_db_one(c, "select n from things where id = ?",
					       cruet_arg_int(c, "id"));
	if (!row)
		return cruet_err(c);
	return cruet_textf(c, "%lld", (long long)cruet_db_int(row, "n"));
}

static int h_secret(cruet_ctx *c)
{
	return cruet_jsonify(c, cruet_db_json(c, "select secret_column from things"));
}

/* As a session is saved, if ?finish is asked for. */
static int write_at_the_end(cruet_ctx *c)
{
	return cruet_query(c, "finish")
		       ? cruet_db_exec(c, "insert into things(n) values(77)")
		       : CRUET_OK;
}

static void leave_open(cruet_ctx *c, int err)
{
	(void)err;
	if (cruet_query(c, "teardown") && !cruet_db_begin(c))
		(void)!cruet_db_exec(c, "insert into things(n) values(99)");
}

static int count_them(cruet_ctx *c, int argc, char **argv)
{
	int64_t n;

	(void)argc, (void)argv;
	return cruet_db_get(c, &n, "select count(*) from things") ? 1 : (int)n + 40;
}

void db_site(struct trial *t)
{
	cruet_get(t->app, "/forgets", h_forgets);
	cruet_get(t->app, "/fails", h_fails);
	cruet_get(t->app, "/saves", h_saves);
	cruet_get(t->app, "/list", h_list);
	cruet_get(t->app, "/one/<int:id>", h_one);
	cruet_get(t->app, "/secret", h_secret);
	cruet_finish(t->app, write_at_the_end);
	cruet_teardown(t->app, leave_open);
	cruet_command(t->app, "count", "Counts things.", count_them);
	cruet_db_schema(t->app, "002_row", "insert into steps(n) values(7)");
	cruet_db_schema(t->app, "001_table", "create table steps (n integer)");
}

/* A client of an application with an empty table; all connections are free. */
static cruet_client *site(struct trial *t)
{
	things(t);
	cruet_close(t->c);
	t->c = NULL;
	return trial_client(t);
}

static void expect_list(cruet_client *client, const char *json)
{
	expect_get(client, "/list", 200);
	expect_text(cruet_client_body(client), json);
}

static void a_request_that_fails_has_done_nothing(struct trial *t)
{
	cruet_client *client = site(t);

	expect_get(client, "/saves", 200);
	for (int i = 0; i < OFTEN; i++)
		expect_get(client, "/fails", 409);
	expect_list(client, "[{\"n\":1}]\n");
	expect(!strstr(t->logged, "error"));
	cruet_client_free(client);
}

static void a_forgotten_commit_is_no_success(struct trial *t)
{
	cruet_client *client = site(t);

	for (int i = 0; i < OFTEN; i++)
		expect_get(client, "/forgets", 500);
	expect(strstr(t->logged, "transaction"));
	expect_list(client, "[]\n");
	expect_get(client, "/saves", 200);
	expect_list(client, "[{\"n\":1}]\n");
	cruet_client_free(client);
}

static void what_a_finish_hook_writes_is_no_part_of_what_was_left_open(struct trial *t)
{
	cruet_client *client = site(t);

	expect_get(client, "/fails?finish=1", 409);
	expect_list(client, "[{\"n\":77}]\n");
	expect_get(client, "/forgets?finish=1", 500);
	expect_list(client, "[{\"n\":77},{\"n\":77}]\n");
	cruet_client_free(client);
}

static void what_a_teardown_hook_leaves_open_is_rolled_back_too(struct trial *t)
{
	cruet_client *client = site(t);

	for (int i = 0; i < OFTEN; i++)
		expect_get(client, "/list?teardown=1", 200);
	expect_list(client, "[]\n");
	cruet_client_free(client);
}

static void no_such_row_is_a_404(struct trial *t)
{
	cruet_client *client = site(t);

	expect_get(client, "/one/7", 404);
	expect(!strstr(cruet_client_body(client), "select"));
	expect_get(client, "/saves", 200);
	expect_get(client, "/one/1", 200);
	expect_text(cruet_client_body(client), "1");
	cruet_client_free(client);
}

static void the_statement_is_in_the_log_and_not_on_the_page(struct trial *t)
{
	cruet_client *client = site(t);

	expect_get(client, "/secret", 500);
	expect(!strstr(cruet_client_body(client), "secret_column"));
	expect(strstr(t->logged, "select secret_column from things: "));
	cruet_client_free(client);
}

static void commands_have_the_database_too(struct trial *t)
{
	cruet_client *client = site(t);

	expect_get(client, "/saves", 200);
	expect_get(client, "/saves", 200);
	expect_int(cruet_client_command(client, "count", 0, NULL), 42);
	cruet_client_free(client);
}

static void steps_of_the_schema_have_run_in_the_order_of_their_names(struct trial *t)
{
	expect_int(number(t, "select n from steps"), 7);
}

const struct promise db_requests[] = {
	PROMISE(a_request_that_fails_has_done_nothing),
	PROMISE(a_forgotten_commit_is_no_success),
	PROMISE(what_a_finish_hook_writes_is_no_part_of_what_was_left_open),
	PROMISE(what_a_teardown_hook_leaves_open_is_rolled_back_too),
	PROMISE(no_such_row_is_a_404),
	PROMISE(the_statement_is_in_the_log_and_not_on_the_page),
	PROMISE(commands_have_the_database_too),
	PROMISE(steps_of_the_schema_have_run_in_the_order_of_their_names),
	{NULL, NULL}};
