/* Posts. */
#include "fixture.h"

static int send_post(const char *path, const char *title, const char *body)
{
	ck_assert_int_eq(get(path), 200);
	ck_assert(cruet_client_add_hidden(t, "post_form"));
	cruet_client_add_field(t, "title", title);
	cruet_client_add_field(t, "body", body);
	return post(path);
}

static size_t times(const char *word)
{
	size_t n = 0;

	for (const char *p = cruet_client_body(t); (p = strstr(p, word)); p += strlen(word))
		n++;
	return n;
}

START_TEST(the_index_shows_posts)
{
	ck_assert_int_eq(get("/"), 200);
	assert_shows("Log in");
	assert_shows("Register");
	assert_shows("test title");
	assert_shows("by test on");
	assert_shows(">2026-01-01</time>");
	assert_shows("test\nbody");
	assert_hides("/1/update");
	assert_hides("/create");
	log_in();
	ck_assert_int_eq(get("/"), 200);
	assert_shows("Log out");
	assert_shows("href=\"/1/update\"");
	assert_shows("href=\"/create\"");
}
END_TEST

START_TEST(others_see_no_way_to_change_it)
{
	ck_assert_int_eq(log_in_as("other", "test"), 303);
	ck_assert_int_eq(get("/"), 200);
	assert_shows("test title");
	assert_hides("/1/update");
}
END_TEST

START_TEST(an_empty_blog_says_so)
{
	cruet_ctx *c = cruet_open(app);
	ck_assert_int_eq(cruet_db_exec(c, "delete from post"), 0);
	cruet_close(c);
	ck_assert_int_eq(get("/"), 200);
	assert_shows("Nobody has written yet.");
}
END_TEST

START_TEST(the_index_has_pages)
{
	cruet_ctx *c = cruet_open(app);
	int err = cruet_db_exec(c, "with recursive n(i) as (select 2 union all"
				   " select i + 1 from n where i < 45)"
				   " insert into post(title, author_id)"
				   " select 'no. ' || i || '.', 2 from n");
	ck_assert_int_eq(err, 0);
	cruet_close(c);
	ck_assert_int_eq(get("/"), 200);
	ck_assert_uint_eq(times("<article"), 20);
	assert_shows("no. 45.");
	assert_shows("no. 26.");
	assert_shows("rel=\"next\" href=\"/?before=26\"");
	assert_hides("rel=\"prev\"");
	ck_assert_int_eq(get("/?before=26"), 200);
	ck_assert_uint_eq(times("<article"), 20);
	assert_shows("href=\"/?before=6\"");
	assert_shows("rel=\"prev\" href=\"/\"");
	ck_assert_int_eq(get("/?before=6"), 200);
	ck_assert_uint_eq(times("<article"), 5);
	assert_shows("test title");
	assert_hides("rel=\"next\"");
	ck_assert_int_eq(get("/?before=1"), 200);
	assert_shows("The blog begins after this page.");
	ck_assert_int_eq(get("/?before=-5"), 200);
	ck_assert_uint_eq(times("<article"), 20);
}
END_TEST

/* As many characters as the rule allows fit into a form, whatever they are. */
START_TEST(a_long_post_in_any_language_is_taken)
{
	static char body[50000 * 3 + 1], title[200 * 3 + 1];

	for (size_t i = 0; i < sizeof body - 1; i += 3)
		memcpy(body + i, "\xe2\x82\xac", 3);
	for (size_t i = 0; i < sizeof title - 1; i += 3)
		memcpy(title + i, "\xe2\x82\xac", 3);
	log_in();
	ck_assert_int_eq(send_post("/create", title, body), 303);
	ck_assert_int_eq(number("select length(body) from post where id = 2"), 50000);
}
END_TEST

START_TEST(writing_is_for_those_who_are_logged_in)
{
	ck_assert_int_eq(post("/1/delete"), 303);
	ck_assert_str_eq(location(), "/auth/login");
	ck_assert_int_eq(get("/create"), 302);
	ck_assert_str_eq(location(), "/auth/login?next=/create");
	ck_assert_int_eq(get("/1/update"), 302);
	ck_assert_str_eq(location(), "/auth/login?next=/1/update");
	ck_assert_int_eq(get("/auth/login"), 200);
	assert_shows("Please log in to see this page.");
	ck_assert_int_eq(number("select count(*) from post where title = 'test title'"),
			 1);
}
END_TEST

/* And finds it in the form again, with its token, once logged in. */
START_TEST(who_was_logged_out_while_writing_loses_nothing)
{
	static const char *const paths[] = {"/create", "/1/update"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		log_in();
		ck_assert_int_eq(get(paths[i]), 200);
		ck_assert(cruet_client_add_hidden(t, "post_form"));
		cruet_client_add_field(t, "title", "kept <b>");
		cruet_client_add_field(t, "body", "words that took an hour");
		cruet_client_set_cookie(t, "session", NULL);
		ck_assert_int_eq(post(paths[i]), 403);
		assert_shows("You are logged out.");
		assert_shows("value=\"kept &lt;b&gt;\"");
		assert_shows("words that took an hour");
		ck_assert(cruet_client_add_hidden(t, "post_form")); /* still nobody */
		cruet_client_add_field(t, "title", "kept <b>");
		ck_assert_int_eq(post(paths[i]), 403);
		assert_shows("value=\"kept &lt;b&gt;\"");
	}
	ck_assert_int_eq(number("select count(*) from post where title <> 'test title'"), 0);
}
END_TEST

START_TEST(one_comes_back_to_where_one_was_sent_from)
{
	ck_assert_int_eq(send_credentials("/auth/login?next=/1/update", "login_form",
					  "test", "test"),
			 303);
	ck_assert_str_eq(location(), "/1/update");
	ck_assert_int_eq(send_credentials("/auth/login?next=//evil.example", "login_form",
					  "test", "test"),
			 303);
	ck_assert_str_eq(location(), "/");
}
END_TEST

START_TEST(a_post_is_its_authors)
{
	ck_assert_int_eq(log_in_as("other", "test"), 303);
	ck_assert_int_eq(get("/1/update"), 403);
	assert_shows("Only who wrote a post may change it.");
	ck_assert_int_eq(get("/create"), 200);
	cruet_client_add_hidden(t, "post_form");
	cruet_client_add_field(t, "title", "mine");
	ck_assert_int_eq(post("/1/update"), 403);
	ck_assert_int_eq(get("/create"), 200);
	cruet_client_add_hidden(t, NULL);
	ck_assert_int_eq(post("/1/delete"), 403);
	ck_assert_str_eq(text("select title from post where id = 1"), "test title");
}
END_TEST

START_TEST(what_is_not_there_is_404)
{
	log_in();
	ck_assert_int_eq(get("/2/update"), 404);
	assert_shows("Post id 2 does not exist.");
	ck_assert_int_eq(post("/2/update"), 404);
	ck_assert_int_eq(post("/2/delete"), 404);
	ck_assert_int_eq(get("/nowhere"), 404);
	assert_shows("There is no such page");
}
END_TEST

START_TEST(a_post_is_created)
{
	log_in();
	ck_assert_int_eq(send_post("/create", "created", ""), 303);
	ck_assert_str_eq(location(), "/");
	ck_assert_int_eq(number("select count(*) from post"), 2);
	ck_assert_int_eq(number("select author_id from post where title = 'created'"), 1);
	ck_assert_int_eq(get("/"), 200);
	const char *newest = strstr(cruet_client_body(t), "created</h2>");
	ck_assert(newest && newest < strstr(cruet_client_body(t), "test title</h2>"));
}
END_TEST

START_TEST(a_post_is_updated)
{
	log_in();
	ck_assert_int_eq(get("/1/update"), 200);
	assert_shows("value=\"test title\"");
	assert_shows("test\nbody");
	ck_assert_int_eq(send_post("/1/update", "updated", "line\r\nline"), 303);
	ck_assert_str_eq(text("select title || ':' || body from post where id = 1"),
			 "updated:line\nline");
}
END_TEST

START_TEST(a_title_is_required)
{
	static const char *const paths[] = {"/create", "/1/update"};

	log_in();
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		ck_assert_int_eq(send_post(paths[i], "", "words that stay"), 422);
		assert_shows("Title is required.");
		assert_shows("words that stay");
		assert_shows("aria-invalid=\"true\"");
	}
	ck_assert_str_eq(text("select group_concat(title) from post"), "test title");
}
END_TEST

START_TEST(a_post_is_deleted)
{
	log_in();
	ck_assert_int_eq(get("/1/update"), 200);
	ck_assert(cruet_client_add_hidden(t, NULL));
	ck_assert_int_eq(post("/1/delete"), 303);
	ck_assert_str_eq(location(), "/");
	ck_assert_int_eq(number("select count(*) from post"), 0);
}
END_TEST

/* Neither without the token of this visitor, nor from another site. */
START_TEST(nobody_else_writes_in_ones_name)
{
	log_in();
	cruet_client_add_field(t, "title", "forged");
	ck_assert_int_eq(post("/create"), 403);
	ck_assert_int_eq(post("/1/delete"), 403);
	ck_assert_int_eq(get("/create"), 200);
	cruet_client_add_hidden(t, "post_form");
	cruet_client_add_field(t, "title", "forged");
	cruet_client_set_header(t, "Origin", "https://evil.example");
	ck_assert_int_eq(post("/create"), 403);
	ck_assert_str_eq(text("select group_concat(title) from post"), "test title");
}
END_TEST

START_TEST(what_is_written_is_text)
{
	static const char *const texts[] = {
		"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
		"{{ '(' ~ 7 * 7 ~ ')' }}{% include 'base.html' %}", "</textarea><b>"};

	log_in();
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		ck_assert_int_eq(send_post("/1/update", texts[i], texts[i]), 303);
		ck_assert_int_eq(get("/"), 200);
		assert_hides("<script");
		assert_hides("<img");
		assert_hides("(49)"); /* no token has brackets */
		assert_hides("<b>");
		ck_assert_int_eq(get("/1/update"), 200);
		assert_hides("<script");
		assert_hides("<img");
		assert_hides("<b>");
	}
	assert_shows("&lt;/textarea&gt;&lt;b&gt;");
}
END_TEST

SUITE_WITH("flaskr_blog", open_blog, close_blog, the_index_shows_posts,
	   others_see_no_way_to_change_it, an_empty_blog_says_so,
	   the_index_has_pages, a_long_post_in_any_language_is_taken,
	   writing_is_for_those_who_are_logged_in,
	   who_was_logged_out_while_writing_loses_nothing,
	   one_comes_back_to_where_one_was_sent_from, a_post_is_its_authors,
	   what_is_not_there_is_404, a_post_is_created, a_post_is_updated,
	   a_title_is_required, a_post_is_deleted, nobody_else_writes_in_ones_name,
	   what_is_written_is_text)
