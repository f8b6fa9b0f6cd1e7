/* What SQLite and the plugin say of statements that cannot be run, word for word, and
 * what the core says where there is no provider. */
#include "fixture.h"

static cruet_app *app;
static cruet_ctx *c;

static void setup(void)
{
	app = app_with("\nwait=50ms");
	c = open_ctx(app);
}

static void teardown(void)
{
	cruet_close(c);
	cruet_free(app);
	folder_done();
}

static bool descends(const cruet_errtype *kind, const cruet_errtype *from)
{
	while (kind && kind != from)
		kind = kind->parent;
	return kind != NULL;
}

START_TEST(kinds_have_names_statuses_and_one_parent)
{
	static const struct {
		const cruet_errtype *kind;
		int status;
		const char *name;
	} all[] = {{&cruet_db_unique_kind, 409, "db.unique"},
		   {&cruet_db_foreign_key_kind, 409, "db.foreign_key"},
		   {&cruet_db_not_null_kind, 422, "db.not_null"},
		   {&cruet_db_check_kind, 422, "db.check"},
		   {&cruet_db_busy_kind, 503, "db.busy"},
		   {&cruet_db_full_kind, 503, "db.full"},
		   {&cruet_db_unavailable_kind, 503, "db.unavailable"},
		   {&cruet_db_timeout_kind, 504, "db.timeout"},
		   {&cruet_db_syntax_kind, 500, "db.syntax"},
		   {&cruet_db_error_kind, 500, "db.error"}};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		ck_assert_int_eq(all[i].kind->http, all[i].status);
		ck_assert_str_eq(all[i].kind->name, all[i].name);
		ck_assert(descends(all[i].kind, &cruet_db_error_kind));
	}
	ck_assert_int_eq(cruet_db_none_kind.http, 404);
	ck_assert(!descends(&cruet_db_none_kind, &cruet_db_error_kind));
}
END_TEST

/* Another request may have had the connection in between. */
START_TEST(what_a_connection_keeps_is_asked_for_in_a_transaction)
{
	static const char *const all[] = {
		"select last_insert_rowid()",
		"select 1 from (select max(changes(), total_changes()))",
		"pragma foreign_keys = off",
		"pragma case_sensitive_like(1)",
		"create temp table mine(a)",
		NULL};
	static const char why[] =
		": this is about one connection, and after each statement another request "
		"may have it: call cruet_db_last_id() or cruet_db_changes(), or do all of "
		"it between cruet_db_begin() and cruet_db_commit()";
	char text[400];

	for (int kept = 0; kept < 2; kept++) /* also where it was prepared before */
		for (size_t i = 0; all[i]; i++) {
			snprintf(text, sizeof text, "%s%s", all[i], why);
			assert_failed(c, cruet_db_exec(c, all[i]), &cruet_db_syntax_kind,
				      text);
			ck_assert_int_eq(cruet_db_begin(c), CRUET_OK);
			ck_assert_int_eq(cruet_db_exec(c, all[i]), CRUET_OK);
			ck_assert_int_eq(cruet_db_rollback(c), CRUET_OK);
		}
	ck_assert_int_eq(cruet_db_exec(c, "pragma table_info(t)"), CRUET_OK);
	ck_assert_int_eq(cruet_db_exec(c, "pragma foreign_keys"), CRUET_OK);
}
END_TEST

START_TEST(statements_that_cannot_be_run)
{
	assert_failed(c, cruet_db_exec(c, ""), &cruet_db_syntax_kind,
		      ": there is no statement in it");
	assert_failed(
		c, cruet_db_exec(c, "select 1; select 2"), &cruet_db_syntax_kind,
		"select 1; select 2: one statement at a time: more text follows it");
	assert_failed(c, cruet_db_exec(c, "select ?, ?", 1), &cruet_db_syntax_kind,
		      "select ?, ?: the statement takes 2 values, and 1 came");
	assert_failed(c, cruet_db_exec(c, "select 1", 1), &cruet_db_syntax_kind,
		      "select 1: the statement takes 0 values, and 1 came");
	assert_failed(c, cruet_db_exec(c, "select ?"), &cruet_db_syntax_kind,
		      "select ?: the statement takes 1 value, and 0 came");
	ck_assert_int_eq(cruet_db_exec(c, NULL), CRUET_EINVAL);
	ck_assert_str_eq(cruet_err_text(c), "a statement is NULL");
}
END_TEST

START_TEST(the_text_of_a_transaction_is_refused)
{
	static const char *const all[] = {"begin", "commit", "rollback", "savepoint a"};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		assert_failed(c, cruet_db_exec(c, all[i]), &cruet_db_syntax_kind,
			      textf("%s: transactions are made with cruet_db_begin(), "
				    "cruet_db_commit() and cruet_db_rollback(), and "
				    "other files "
				    "are opened as instances of the plugin",
				    all[i]));
}
END_TEST

START_TEST(what_was_not_begun_cannot_end)
{
	assert_failed(c, cruet_db_commit(c), &cruet_db_error_kind,
		      "commit without begin: call cruet_db_begin() first");
	assert_failed(c, cruet_db_rollback(c), &cruet_db_error_kind,
		      "rollback without begin: call cruet_db_begin() first");
}
END_TEST

static int h_forgets(cruet_ctx *r)
{
	int err = cruet_db_begin(r);
	return err ? err : cruet_text(r, "saved");
}

START_TEST(a_commit_that_was_forgotten)
{
	teardown();
	app = app_with("\nwait=50ms");
	cruet_get(app, "/forgets", h_forgets);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/forgets"), 500);
	ck_assert_ptr_nonnull(strstr(
		logged, "a transaction was left open, and is rolled back: call "
			"cruet_db_commit() or cruet_db_rollback() before the reply"));
	cruet_client_free(t);
	c = open_ctx(app);
}
END_TEST

START_TEST(without_a_provider_there_is_a_sentence)
{
	cruet_app *bare = new_app();
	cruet_ctx *r = open_ctx(bare);
	static const char sentence[] =
		"no plugin provides \"db/1\": add one to cruet.json, such as \"sqlite\"";

	ck_assert_int_ne(cruet_db_exec(r, "select 1"), 0);
	ck_assert_str_eq(cruet_err_text(r), sentence);
	ck_assert_int_eq(cruet_err_status(r), 500);
	ck_assert_ptr_null(cruet_db_query(r, "select 1"));
	ck_assert_ptr_null(cruet_db_json(r, "select 1"));
	ck_assert_int_ne(cruet_db_begin(r), 0);
	ck_assert_int_ne(cruet_db_commit(r), 0);
	ck_assert_int_ne(cruet_db_rollback(r), 0);
	cruet_close(r);
	cruet_free(bare);
}
END_TEST

SUITE_WITH("sqlite_words", setup, teardown, kinds_have_names_statuses_and_one_parent,
	   what_a_connection_keeps_is_asked_for_in_a_transaction,
	   statements_that_cannot_be_run, the_text_of_a_transaction_is_refused,
	   what_was_not_begun_cannot_end, a_commit_that_was_forgotten,
	   without_a_provider_there_is_a_sentence)
