/* The database: its tables come by themselves, and keep what they promise. */
#include "fixture.h"

START_TEST(tables_are_made_once)
{
	ck_assert_int_eq(number("select count(*) from sqlite_schema"
				" where name in ('user', 'post')"),
			 2);
	cruet_client_free(t);
	cruet_free(app);
	app = cruet_new("flaskr");
	cruet_load(app, "cruet.json");
	cruet_use_static(app, &cruet_plugin_app, NULL);
	t = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	ck_assert_int_eq(number("select count(*) from user"), 2);
}
END_TEST

START_TEST(a_name_is_given_once)
{
	cruet_ctx *c = cruet_open(app);
	int err = cruet_db_exec(
		c, "insert into user(username, password) values('test', 'x')");

	ck_assert_int_ne(err, 0);
	ck_assert_ptr_eq(cruet_err_kind(c), &cruet_db_unique_kind);
	cruet_close(c);
}
END_TEST

START_TEST(a_post_has_an_author)
{
	cruet_ctx *c = cruet_open(app);
	int err = cruet_db_exec(c, "insert into post(title, author_id) values('x', 9)");

	ck_assert_int_ne(err, 0);
	ck_assert_ptr_eq(cruet_err_kind(c), &cruet_db_foreign_key_kind);
	cruet_close(c);
}
END_TEST

SUITE_WITH("flaskr_db", open_blog, close_blog, tables_are_made_once, a_name_is_given_once,
	   a_post_has_an_author)
