/* Accounts. */
#include "fixture.h"

static int sign_up_as(const char *name, const char *password)
{
	return send_credentials("/auth/register", "register_form", name, password);
}

START_TEST(who_registers_can_log_in)
{
	ck_assert_int_eq(sign_up_as("ann", "secret words"), 303);
	ck_assert_str_eq(location(), "/auth/login");
	ck_assert_int_eq(get("/auth/login"), 200);
	assert_shows("You are registered. Log in to write.");
	ck_assert_int_eq(number("select count(*) from user where username = 'ann'"
				" and password like '$argon2id$%'"),
			 1);
	ck_assert_int_eq(log_in_as("ann", "secret words"), 303);
	ck_assert_int_eq(get("/"), 200);
	assert_shows("<span class=\"who\">ann</span>");
}
END_TEST

START_TEST(registering_says_what_does_not_fit)
{
	static const struct {
		const char *name, *password, *error;
	} wrong[] = {{"", "a", "Username is required."},
		     {"a", "", "Password is required."},
		     {"test", "test", "User test is already registered."},
		     {"Test", "test", "User Test is already registered."},
		     {"test ", "test", "letters, numbers, dashes"},
		     {"t\xc3\xa9st", "test", "letters, numbers, dashes"},
		     {"test\xe2\x80\x8b", "test", "letters, numbers, dashes"},
		     {"12345678901234567890123456789012345678901", "a", "40 characters"}};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		ck_assert_int_eq(sign_up_as(wrong[i].name, wrong[i].password), 422);
		assert_shows(wrong[i].error);
	}
	ck_assert_int_eq(number("select count(*) from user"), 2);
	assert_shows(
		"value=\"12345678901234567890123456789012345678901\""); /* is kept, */
	assert_hides("value=\"a\"");					/* but for this */
}
END_TEST

START_TEST(who_logs_in_is_known)
{
	ck_assert_int_eq(get("/"), 200);
	assert_shows("Register");
	assert_hides("Log out");
	ck_assert_int_eq(log_in_as("test", "test"), 303);
	ck_assert_str_eq(location(), "/");
	ck_assert_int_eq(get("/"), 200);
	assert_shows("<span class=\"who\">test</span>");
	assert_shows("Log out");
	assert_hides("Register");
}
END_TEST

START_TEST(a_name_is_one_in_any_case)
{
	ck_assert_int_eq(log_in_as("TEST", "test"), 303);
	ck_assert_int_eq(get("/"), 200);
	assert_shows("<span class=\"who\">test</span>");
}
END_TEST

/* What is taken is told without a hash: it would be one of a hundred. */
START_TEST(a_name_that_is_taken_costs_no_hash)
{
	for (int i = 0; i < 101; i++)
		ck_assert_int_eq(sign_up_as("test", "test"), 422);
	ck_assert_int_eq(sign_up_as("ann", "secret words"), 303);
}
END_TEST

START_TEST(logging_in_says_what_does_not_fit)
{
	ck_assert_int_eq(log_in_as("nobody", "test"), 422);
	assert_shows("Incorrect username or password.");
	ck_assert_int_eq(log_in_as("test", "wrong"), 422);
	assert_shows("Incorrect username or password.");
	ck_assert_int_eq(log_in_as("", "test"), 422);
	assert_shows("Username is required.");
	ck_assert_int_eq(log_in_as("test", ""), 422);
	assert_shows("Password is required.");
	ck_assert_int_eq(get("/"), 200);
	assert_hides("Log out");
}
END_TEST

START_TEST(who_tries_too_often_has_to_wait)
{
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(log_in_as(i % 2 ? "test" : "TeST", "wrong"), 422);
	ck_assert_int_eq(log_in_as("test", "test"), 429);
	assert_shows("Too many tries: try again later.");
}
END_TEST

START_TEST(who_logs_out_is_nobody)
{
	log_in();
	ck_assert_int_eq(get("/"), 200);
	ck_assert(cruet_client_add_hidden(t, NULL));
	ck_assert_int_eq(post("/auth/logout"), 303);
	ck_assert_int_eq(get("/"), 200);
	assert_hides("Log out");
	assert_shows("Log in");
}
END_TEST

/* A link on another page must not log anybody out. */
START_TEST(logging_out_takes_a_token)
{
	log_in();
	ck_assert_int_eq(get("/auth/logout"), 405);
	ck_assert_int_eq(post("/auth/logout"), 403);
	ck_assert_int_eq(get("/"), 200);
	assert_shows("Log out");
}
END_TEST

START_TEST(a_user_who_is_gone_is_nobody)
{
	log_in();
	cruet_ctx *c = cruet_open(app);
	ck_assert_int_eq(cruet_db_exec(c, "delete from post"), 0);
	ck_assert_int_eq(cruet_db_exec(c, "delete from user"), 0);
	cruet_close(c);
	ck_assert_int_eq(get("/"), 200);
	assert_hides("Log out");
	ck_assert_int_eq(get("/create"), 302);
	/* Nor anybody who comes later: an id is not given again. */
	c = cruet_open(app);
	ck_assert_int_eq(cruet_db_exec(c, "insert into user(username, password)"
					  " values('bob', 'x'), ('carl', 'x')"),
			 0);
	cruet_close(c);
	ck_assert_int_eq(get("/"), 200);
	assert_hides("Log out");
}
END_TEST

SUITE_WITH("flaskr_auth", open_blog, close_blog, who_registers_can_log_in,
	   registering_says_what_does_not_fit, who_logs_in_is_known,
	   a_name_is_one_in_any_case, a_name_that_is_taken_costs_no_hash,
	   logging_in_says_what_does_not_fit, who_tries_too_often_has_to_wait,
	   who_logs_out_is_nobody, logging_out_takes_a_token,
	   a_user_who_is_gone_is_nobody)
