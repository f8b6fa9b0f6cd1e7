/* The client goes about as a browser does: it follows redirects and keeps cookies. */
#include "client.h"

/* --- redirects ------------------------------------------------------------------------ */

static void follow(const char *path, int status, const char *body)
{
	cruet_client_get(t, path);
	ck_assert_int_eq(cruet_client_follow(t), status);
	if (body)
		assert_body(t, body);
}

WITH_APP(a_redirect_is_followed_wherever_it_points_on_this_host)
{
	follow("/to?to=/echo", 200, "GET /echo? - 0 ");
	follow("/to?to=/echo?x=1%23frag", 200, "GET /echo?x=1 - 0 ");
	follow("/to?to=echo", 200, "GET /echo? - 0 ");
	follow("/to?to=./echo", 200, "GET /echo? - 0 ");
	follow("/to?to=http://localhost/echo?q=/a/../b", 200, "GET /echo?q=/a/../b - 0 ");
	follow("/to?to=http://LOCALHOST:80/echo", 200, "GET /echo? - 0 ");
	follow("/to?to=https://localhost/echo", 200, "GET /echo? - 0 ");
	follow("/to?to=//localhost/echo", 200, "GET /echo? - 0 ");
	follow("/to?to=/a/b/../../echo", 200, "GET /echo? - 0 ");
	follow("/to?to=/../../echo", 200, "GET /echo? - 0 ");
	follow("/a/b/to?to=x/./y", 200, "GET /a/b/x/y? - 0 ");
	follow("/a/b/to?to=../b/x/..", 404, NULL);
	follow("/a/b/to?to=../b/x/../y/", 200, "GET /a/b/y/? - 0 ");
	follow("/a/b/to?to=%3Fto=/echo", 200, "GET /echo? - 0 ");
	follow("/to?x=/y/z%26to=echo&to=echo", 200, "GET /echo? - 0 ");
	follow("/to?to=http://localhost", 404, NULL);
}

WITH_APP(a_redirect_elsewhere_is_not_followed)
{
	static const char *const elsewhere[] = {
		"http://other.example/echo", "http://localhost.other.example/echo",
		"http://localhost:8080/echo", "//other.example/echo", "ftp://localhost/echo",
		"mailto:ann@example", "javascript:alert(1)", "http:echo", "http://localhost@x/echo"};
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
		cruet_client_add_query(t, "to", elsewhere[i]);
		assert_get(t, "/to", 302);
		ck_assert_msg(cruet_client_follow(t) == 0, "followed %s", elsewhere[i]);
		ck_assert_int_eq(cruet_client_status(t), 0);
	}
}

WITH_APP(the_host_of_the_request_is_this_host)
{
	cruet_client_set_header(t, "Host", "shop.example:8080");
	assert_get(t, "/to?to=http://shop.example:8080/head", 302);
	ck_assert_int_eq(cruet_client_follow(t), 200);
	assert_contains(t, "http shop.example:8080");
	cruet_client_set_header(t, "Host", "shop.example:8080");
	assert_get(t, "/to?to=http://localhost/head", 302);
	ck_assert_int_eq(cruet_client_follow(t), 0);
}

WITH_APP(what_is_no_redirect_stays)
{
	follow("/echo", 200, "GET /echo? - 0 ");
	follow("/none", 404, NULL);
	follow("/to?code=304&to=/echo", 304, "");
	follow("/to?code=300&to=/echo", 300, "elsewhere");
	follow("/to?code=302", 302, "elsewhere");
}

WITH_APP(method_and_body_are_kept_by_307_and_308_alone)
{
	static const struct {
		int code;
		const char *then;
	} codes[] = {{301, "GET /echo? - 0 "},
		     {302, "GET /echo? - 0 "},
		     {303, "GET /echo? - 0 "},
		     {307, "PUT /echo? a/b 3 xyz"},
		     {308, "PUT /echo? a/b 3 xyz"}};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		char path[64];
		snprintf(path, sizeof path, "/to?to=/echo&code=%d", codes[i].code);
		ck_assert_int_eq(cruet_client_send(t, "PUT", path, "a/b", "xyz", 3), codes[i].code);
		ck_assert_int_eq(cruet_client_follow(t), 200);
		assert_body(t, codes[i].then);
	}
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/to?to=/cookies", NULL, NULL, 0), 302);
	ck_assert_int_eq(cruet_client_follow(t), 200);
	assert_body(t, "");
}

WITH_APP(twenty_steps_are_followed_and_not_one_more)
{
	follow("/loop?n=20", 200, "arrived");
	follow("/loop?n=21", 0, NULL);
}

WITH_APP(headers_for_the_next_request_go_with_the_first_step)
{
	assert_get(t, "/to?to=/head", 302);
	cruet_client_set_header(t, "X-Next", "1");
	ck_assert_int_eq(cruet_client_follow(t), 200);
	assert_contains(t, "X-Next: 1\n");
}

/* --- cookies -------------------------------------------------------------------------- */

static void set_cookie(const char *path, const char *line)
{
	cruet_client_add_query(t, "line", line);
	assert_get(t, path, 200);
}

static void assert_sent(const char *path, const char *line)
{
	assert_get(t, path, 200);
	assert_body(t, line);
}

WITH_APP(cookies_come_back)
{
	assert_sent("/cookies", "none");
	set_cookie("/set", "a=1");
	set_cookie("/set", "b=2; HttpOnly; SameSite=Lax");
	assert_sent("/cookies", "a=1; b=2");
	ck_assert_str_eq(cruet_client_cookie(t, "a"), "1");
	ck_assert_ptr_null(cruet_client_cookie(t, "A"));
	cruet_client *other = client_of(app);
	assert_get(other, "/cookies", 200);
	assert_body(other, "none");
	cruet_client_free(other);
}

WITH_APP(a_cookie_that_is_set_again_keeps_its_place)
{
	set_cookie("/set", "a=1");
	set_cookie("/set", "b=2");
	set_cookie("/set", "a=3");
	assert_sent("/cookies", "a=3; b=2");
}

WITH_APP(cookies_go_to_their_path_alone_longest_first)
{
	set_cookie("/set", "who=all; Path=/");
	set_cookie("/set", "who=shop; Path=/shop");
	set_cookie("/set", "who=cart; Path=/shop/cart/");
	assert_sent("/cookies", "who=all");
	assert_sent("/shop/cookies", "who=shop; who=all");
	assert_sent("/shop/cart/cookies?x=/", "who=cart; who=shop; who=all");
	assert_sent("/shopping", "who=all");
}

WITH_APP(a_cookie_without_a_path_belongs_to_the_folder)
{
	set_cookie("/shop/cart/set?x=/a/b/", "c=1");
	assert_sent("/shop/cart/cookies", "c=1");
	assert_sent("/shop/cookies", "none");
	set_cookie("/set", "d=1; Path=relative");
	assert_sent("/cookies", "d=1");
}

WITH_APP(cookies_end_when_they_say_so)
{
	cruet_clock_set(app, 1000000);
	set_cookie("/set", "a=1; Max-Age=10");
	set_cookie("/set", "b=1; Expires=Thu, 01 Jan 1970 00:16:50 GMT"); /* 1010 s */
	set_cookie("/set", "c=1; Max-Age=9223372036854775807");
	set_cookie("/set", "d=1; Expires=Thu, 01 Jan 1970 00:16:41 GMT; Max-Age=20");
	set_cookie("/set", "e=1; Max-Age=soon; Expires=never");
	cruet_clock_set(app, 1009999);
	assert_sent("/cookies", "a=1; b=1; c=1; d=1; e=1");
	cruet_clock_set(app, 1010000);
	assert_sent("/cookies", "c=1; d=1; e=1");
	ck_assert_ptr_null(cruet_client_cookie(t, "a"));
	ck_assert_str_eq(cruet_client_cookie(t, "c"), "1");
}

WITH_APP(a_cookie_is_deleted_by_one_that_is_over)
{
	set_cookie("/set", "a=1; Path=/");
	set_cookie("/set", "a=; Path=/shop; Max-Age=0");
	assert_sent("/cookies", "a=1");
	set_cookie("/set", "a=; Max-Age=0");
	assert_sent("/cookies", "none");
	set_cookie("/set", "b=1");
	set_cookie("/set", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
	assert_sent("/cookies", "none");
}

WITH_APP(odd_cookie_lines_do_no_harm)
{
	set_cookie("/set", "");
	set_cookie("/set", "=x");
	set_cookie("/set", ";;; =");
	assert_sent("/cookies", "none");
	set_cookie("/set", "flag");
	set_cookie("/set", " spaced = v w ; ; Path");
	assert_sent("/cookies", "flag=; spaced = v w");
}

WITH_APP(the_jar_can_be_filled_and_emptied_by_hand)
{
	cruet_client_set_cookie(t, "a", "1");
	set_cookie("/set", "a=2; Path=/shop");
	assert_sent("/shop/cookies", "a=2; a=1");
	cruet_client_set_cookie(t, "a", "3");
	assert_sent("/shop/cookies", "a=3");
	cruet_client_set_cookie(t, "a", NULL);
	assert_sent("/shop/cookies", "none");
	cruet_client_set_header(t, "Cookie", "own=1");
	assert_sent("/cookies", "own=1");
}

SUITE("browsing", a_redirect_is_followed_wherever_it_points_on_this_host,
      a_redirect_elsewhere_is_not_followed, the_host_of_the_request_is_this_host,
      what_is_no_redirect_stays, method_and_body_are_kept_by_307_and_308_alone,
      twenty_steps_are_followed_and_not_one_more,
      headers_for_the_next_request_go_with_the_first_step, cookies_come_back,
      a_cookie_that_is_set_again_keeps_its_place, cookies_go_to_their_path_alone_longest_first,
      a_cookie_without_a_path_belongs_to_the_folder, cookies_end_when_they_say_so,
      a_cookie_is_deleted_by_one_that_is_over, odd_cookie_lines_do_no_harm,
      the_jar_can_be_filled_and_emptied_by_hand)
