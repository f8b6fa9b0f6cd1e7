/* The in-process client keeps the promises of cruet/testing.h: what it sends, how it
 * keeps cookies and follows redirects, what is read from a reply. */
#include "fixture.h"


/* What came: method, path, query, type and length of the body, its text. */
static int echo(cruet_ctx *c)
{
	size_t len;
	const char *body = cruet_body(c, &len);
	const char *type = cruet_header(c, "Content-Type");
	return cruet_textf(c, "%s %s?%s %s %zu %s", cruet_method(c), cruet_path(c),
			   cruet_query_string(c), type ? type : "-", len, body ? body : "");
}

static int head_of(cruet_ctx *c)
{
	const char *name, *value;
	for (size_t i = 0; cruet_pair(c, CRUET_FROM_HEADERS, i, &name, &value); i++)
		cruet_writef(c, "%s: %s\n", name, value);
	cruet_writef(c, "%s %s %s", cruet_peer(c), cruet_scheme(c), cruet_host(c));
	return cruet_text(c, NULL);
}

static int fields(cruet_ctx *c)
{
	const char *name, *value;
	for (size_t i = 0; cruet_pair(c, CRUET_FROM_QUERY, i, &name, &value); i++)
		cruet_writef(c, "%s=%s;", name, value);
	for (size_t i = 0; cruet_pair(c, CRUET_FROM_FORM, i, &name, &value); i++)
		cruet_writef(c, "%s=%s!", name, value);
	cruet_write(c, "");
	return cruet_text(c, NULL);
}

/* ?code=302&to=/x: the Location as it is written. */
static int redirects(cruet_ctx *c)
{
	const char *to = cruet_query(c, "to");
	int err = cruet_status(c, (int)cruet_query_int(c, "code", 302));
	if (!err && to)
		err = cruet_set_header(c, "Location", to);
	return err ? err : cruet_text(c, "elsewhere");
}

static int loops(cruet_ctx *c)
{
	int64_t n = cruet_query_int(c, "n", 0);
	if (n == 0)
		return cruet_text(c, "arrived");
	return cruet_redirect(c, 0, cruet_printf(c, "/loop?n=%lld", (long long)n - 1));
}

/* ?line=...: a Set-Cookie line as it is written. */
static int sets(cruet_ctx *c)
{
	const char *name, *value;
	for (size_t i = 0; cruet_pair(c, CRUET_FROM_QUERY, i, &name, &value); i++) {
		int err = strcmp(name, "line") ? CRUET_OK
					       : cruet_add_header(c, "Set-Cookie", value);
		if (err)
			return err;
	}
	return cruet_text(c, "set");
}

static int cookies(cruet_ctx *c)
{
	const char *line = cruet_header(c, "Cookie");
	return cruet_text(c, line ? line : "none");
}

static cruet_app *app;
static cruet_client *t;

static void setup(void)
{
	app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	cruet_add(app, "*", "/echo", echo, "echo", CRUET_HERE);
	cruet_add(app, "*", "/a/b/<path:rest>", echo, "below", CRUET_HERE);
	cruet_get(app, "/head", head_of);
	cruet_add(app, "GET,POST", "/fields", fields, "fields", CRUET_HERE);
	cruet_add(app, "*", "/to", redirects, "to", CRUET_HERE);
	cruet_add(app, "GET", "/a/b/to", redirects, "deep_to", CRUET_HERE);
	cruet_get(app, "/loop", loops);
	cruet_get(app, "/set", sets);
	cruet_add(app, "GET", "/shop/cart/set", sets, "deep_set", CRUET_HERE);
	cruet_get(app, "/cookies", cookies);
	cruet_add(app, "GET", "/shop/cookies", cookies, "shop_cookies", CRUET_HERE);
	cruet_add(app, "GET", "/shop/cart/cookies", cookies, "cart_cookies", CRUET_HERE);
	cruet_add(app, "GET", "/shopping", cookies, "other_cookies", CRUET_HERE);
	t = client_of(app);
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

#define WITH_APP(name)                                                                   \
	static void name##_body(void);                                                   \
	START_TEST(name)                                                                 \
	{                                                                                \
		setup();                                                                 \
		name##_body();                                                           \
		teardown();                                                              \
	}                                                                                \
	END_TEST                                                                         \
	static void name##_body(void)

/* --- what is sent -------------------------------------------------------------------------- */

WITH_APP(a_get_has_no_body_and_no_type)
{
	assert_get(t, "/echo?a=1&b=%20", 200);
	assert_body(t, "GET /echo?a=1&b=%20 - 0 ");
	ck_assert_int_eq(cruet_client_status(t), 200);
}

WITH_APP(the_head_is_that_of_a_local_client)
{
	assert_get(t, "/head", 200);
	assert_body(t, "Host: localhost\nUser-Agent: cruet-client\n127.0.0.1 http localhost");
}

WITH_APP(headers_are_for_the_next_request_alone)
{
	cruet_client_set_header(t, "X-One", "1");
	cruet_client_set_header(t, "Host", "Shop.Example:80");
	cruet_client_set_header(t, "User-Agent", "me");
	assert_get(t, "/head", 200);
	assert_body(t, "X-One: 1\nHost: Shop.Example:80\nUser-Agent: me\n"
		       "127.0.0.1 http Shop.Example");
	assert_get(t, "/head", 200);
	assert_body(t, "Host: localhost\nUser-Agent: cruet-client\n127.0.0.1 http localhost");
}

WITH_APP(a_post_carries_type_and_body)
{
	ck_assert_int_eq(cruet_client_post(t, "/echo", "text/csv", "a,b"), 200);
	assert_body(t, "POST /echo? text/csv 3 a,b");
	ck_assert_int_eq(cruet_client_post(t, "/echo", NULL, NULL), 200);
	assert_body(t, "POST /echo? - 0 ");
}

WITH_APP(json_of_any_method)
{
	ck_assert_int_eq(cruet_client_json(t, "PATCH", "/echo", "{\"a\":1}"), 200);
	assert_body(t, "PATCH /echo? application/json 7 {\"a\":1}");
	ck_assert_int_eq(cruet_client_json(t, "DELETE", "/echo", NULL), 200);
	assert_body(t, "DELETE /echo? - 0 ");
}

WITH_APP(a_body_of_any_bytes)
{
	static const char bytes[] = "a\0b";
	ck_assert_int_eq(cruet_client_send(t, "PURGE", "/echo", "x/y", bytes, 3), 200);
	assert_body(t, "PURGE /echo? x/y 3 a");
}

WITH_APP(a_request_without_method_or_path_is_none)
{
	ck_assert_int_eq(cruet_client_send(t, NULL, "/echo", NULL, NULL, 0), 0);
	ck_assert_int_eq(cruet_client_get(t, NULL), 0);
	ck_assert_int_eq(cruet_client_get(NULL, "/echo"), 0);
	ck_assert_int_eq(cruet_client_submit(NULL, "/echo"), 0);
	assert_get(t, "/echo", 200);
}

WITH_APP(what_comes_back_may_be_sent_again)
{
	ck_assert_int_eq(cruet_client_post(t, "/echo", "a/b", "x"), 200);
	ck_assert_int_eq(cruet_client_send(t, "POST", "/echo", cruet_client_header(t, "Content-Type"),
					   cruet_client_body(t), cruet_client_body_len(t)),
			 200);
	assert_body(t, "POST /echo? text/plain; charset=utf-8 19 POST /echo? a/b 1 x");
}

WITH_APP(query_pairs_are_added_and_encoded)
{
	cruet_client_add_query(t, "q", "a b&c=\xc3\xa4");
	cruet_client_add_query(t, "q", NULL);
	assert_get(t, "/fields?first=1", 200);
	assert_body(t, "first=1;q=a b&c=\xc3\xa4;q=;");
	cruet_client_add_query(t, "x", "1");
	assert_get(t, "/fields", 200);
	assert_body(t, "x=1;");
	assert_get(t, "/fields", 200);
	assert_body(t, "");
}

WITH_APP(fields_are_submitted_as_a_form)
{
	cruet_client_add_field(t, "name", "Ann & Bob");
	cruet_client_add_field(t, "name", "+%\n");
	cruet_client_add_query(t, "q", "1");
	ck_assert_int_eq(cruet_client_submit(t, "/fields"), 200);
	assert_body(t, "q=1;name=Ann & Bob!name=+%\n!");
	ck_assert_int_eq(cruet_client_submit(t, "/fields"), 200);
	assert_body(t, "");
}

WITH_APP(an_empty_form_is_a_form)
{
	ck_assert_int_eq(cruet_client_submit(t, "/echo"), 200);
	assert_body(t, "POST /echo? application/x-www-form-urlencoded 0 ");
}

WITH_APP(a_file_makes_the_form_multipart)
{
	cruet_client_add_field(t, "title", "one\"two");
	cruet_client_add_file(t, "f\"\r\n", "a\"b.txt", NULL, "x\0y", 3);
	ck_assert_int_eq(cruet_client_submit(t, "/fields"), 200);
	assert_body(t, "title=one\"two!");
	cruet_client_add_file(t, "f", "a.txt", "text/plain", "data", 4);
	ck_assert_int_eq(cruet_client_submit(t, "/echo"), 200);
	assert_contains(t, "multipart/form-data; boundary=");
	assert_contains(t, "Content-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n"
			   "Content-Type: text/plain\r\n\r\ndata\r\n--");
	ck_assert_int_eq(cruet_client_submit(t, "/echo"), 200);
	assert_contains(t, "application/x-www-form-urlencoded");
}

/* --- what is read ------------------------------------------------------------------------------- */

WITH_APP(headers_of_a_reply_are_read_by_name_and_in_order)
{
	const char *name, *value;
	assert_get(t, "/set?line=x%3D1&line=y%3D2", 200);
	ck_assert_str_eq(cruet_client_header(t, "set-cookie"), "x=1");
	ck_assert_ptr_null(cruet_client_header(t, "X-None"));
	ck_assert(cruet_client_header_at(t, 0, &name, &value));
	ck_assert_str_eq(name, "Set-Cookie");
	ck_assert_str_eq(value, "x=1");
	ck_assert(cruet_client_header_at(t, 1, &name, &value));
	ck_assert_str_eq(value, "y=2");
	size_t n = 0;
	while (cruet_client_header_at(t, n, &name, &value))
		n++;
	ck_assert_uint_eq(n, 6); /* two cookies, type, length, nosniff, date */
	ck_assert(!cruet_client_header_at(t, SIZE_MAX, &name, &value));
}

static int sends_json(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c);
	cruet_put_int(o, "n", INT64_MAX);
	return cruet_jsonify(c, o);
}

START_TEST(a_body_is_read_as_json)
{
	app = cruet_new("test");
	cruet_get(app, "/", sends_json);
	cruet_get(app, "/echo", echo);
	t = client_of(app);
	assert_get(t, "/", 200);
	const cruet_json *j = cruet_client_body_json(t);
	ck_assert_int_eq(cruet_json_int(cruet_json_get(j, "n"), 0), INT64_MAX);
	ck_assert_ptr_eq(cruet_client_body_json(t), j);
	assert_get(t, "/echo", 200);
	ck_assert_ptr_null(cruet_client_body_json(t));
	teardown();
}
END_TEST

WITH_APP(a_head_request_has_length_but_no_body)
{
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/cookies", NULL, NULL, 0), 200);
	assert_header(t, "Content-Length", "4");
	ck_assert_uint_eq(cruet_client_body_len(t), 0);
	assert_body(t, "");
}

WITH_APP(a_new_client_has_read_nothing)
{
	cruet_client *fresh = client_of(app);
	const char *name, *value;
	ck_assert_int_eq(cruet_client_status(fresh), 0);
	assert_body(fresh, "");
	ck_assert_uint_eq(cruet_client_body_len(fresh), 0);
	assert_no_header(fresh, "Date");
	ck_assert(!cruet_client_header_at(fresh, 0, &name, &value));
	ck_assert_ptr_null(cruet_client_body_json(fresh));
	ck_assert_ptr_null(cruet_client_cookie(fresh, "x"));
	ck_assert_int_eq(cruet_client_follow(fresh), 0);
	cruet_client_free(fresh);
	ck_assert_int_eq(cruet_client_follow(NULL), 0);
}

/* --- redirects ------------------------------------------------------------------------------------ */

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

/* --- cookies ---------------------------------------------------------------------------------------- */

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

/* --- several clients ------------------------------------------------------------------------------ */

WITH_APP(a_client_may_be_gone_before_another_asks)
{
	cruet_client *a = client_of(app), *b = client_of(app);
	assert_get(a, "/echo", 200);
	cruet_client_free(a);
	assert_get(b, "/echo", 200);
	cruet_client_free(b);
	assert_get(t, "/echo", 200);
}

START_TEST(several_apps_live_in_one_program)
{
	cruet_app *one = cruet_new("one"), *two = cruet_new("two");
	cruet_get(one, "/one", echo);
	cruet_get(two, "/two", echo);
	cruet_client *a = client_of(one), *b = client_of(two);
	assert_get(a, "/one", 200);
	assert_get(a, "/two", 404);
	assert_get(b, "/two", 200);
	assert_get(b, "/one", 404);
	cruet_client_free(a);
	cruet_free(one);
	assert_get(b, "/two", 200);
	cruet_client_free(b);
	cruet_free(two);
}
END_TEST

SUITE("client", a_get_has_no_body_and_no_type, the_head_is_that_of_a_local_client,
      headers_are_for_the_next_request_alone, a_post_carries_type_and_body, json_of_any_method,
      a_body_of_any_bytes, a_request_without_method_or_path_is_none,
      what_comes_back_may_be_sent_again, query_pairs_are_added_and_encoded,
      fields_are_submitted_as_a_form, an_empty_form_is_a_form, a_file_makes_the_form_multipart,
      headers_of_a_reply_are_read_by_name_and_in_order, a_body_is_read_as_json,
      a_head_request_has_length_but_no_body, a_new_client_has_read_nothing,
      a_redirect_is_followed_wherever_it_points_on_this_host,
      a_redirect_elsewhere_is_not_followed, the_host_of_the_request_is_this_host,
      what_is_no_redirect_stays, method_and_body_are_kept_by_307_and_308_alone,
      twenty_steps_are_followed_and_not_one_more,
      headers_for_the_next_request_go_with_the_first_step, cookies_come_back,
      a_cookie_that_is_set_again_keeps_its_place, cookies_go_to_their_path_alone_longest_first,
      a_cookie_without_a_path_belongs_to_the_folder, cookies_end_when_they_say_so,
      a_cookie_is_deleted_by_one_that_is_over, odd_cookie_lines_do_no_harm,
      the_jar_can_be_filled_and_emptied_by_hand, a_client_may_be_gone_before_another_asks,
      several_apps_live_in_one_program)
