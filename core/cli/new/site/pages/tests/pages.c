#include <cruet_test.h>
#include <string.h>

static void shows(cruet_client *t, const char *text)
{
	ck_assert_msg(strstr(cruet_client_body(t), text) != NULL, "%s is not in %s", text,
		      cruet_client_body(t));
}

CRUET_TEST(the_front_page_lists_the_posts, t)
{
	cruet_client *ada = cruet_test_client(t);

	ck_assert_int_eq(cruet_client_get(ada, "/"), 200);
	ck_assert_str_eq(cruet_client_header(ada, "Content-Type"), "text/html; charset=utf-8");
	shows(ada, "<a href=\"/posts/hello\">Hello</a>");
}

CRUET_TEST(each_post_has_a_page, t)
{
	cruet_client *ada = cruet_test_client(t);

	ck_assert_int_eq(cruet_client_get(ada, "/posts/hello"), 200);
	shows(ada, "<title>Hello – ");
	ck_assert_int_eq(cruet_client_get(ada, "/posts/gone"), 404);
	shows(ada, "Not here");
}

CRUET_TEST(the_style_is_served, t)
{
	cruet_client *ada = cruet_test_client(t);

	ck_assert_int_eq(cruet_client_get(ada, "/static/style.css"), 200);
	ck_assert_int_eq(cruet_client_get(ada, "/about"), 200);
}
