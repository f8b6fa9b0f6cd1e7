/* The in-process client keeps the promises of cruet/testing.h: what it sends, and what
 * is read from a reply. */
#include "client.h"

/* --- what is sent --------------------------------------------------------------------- */

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

WITH_APP(hidden_fields_of_a_page_are_sent_with_it)
{
	ck_assert(!cruet_client_add_hidden(t, NULL)); /* nothing was shown yet */
	assert_get(t, "/forms", 200);
	ck_assert(cruet_client_add_hidden(t, NULL));
	ck_assert(!cruet_client_add_hidden(t, "four"));
	ck_assert_int_eq(cruet_client_submit(t, "/fields"), 200);
	assert_body(t, "a=1!b=<\"&amp;>\"'!d=!");
	assert_get(t, "/forms", 200);
	ck_assert(cruet_client_add_hidden(t, "two"));
	ck_assert_int_eq(cruet_client_submit(t, "/fields"), 200);
	assert_body(t, "f=6 > 5!");
	assert_get(t, "/forms", 200);
	ck_assert(cruet_client_add_hidden(t, "three"));
	ck_assert_int_eq(cruet_client_submit(t, "/fields"), 200);
	assert_body(t, ""); /* its tag is cut short */
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

/* --- what is read --------------------------------------------------------------------- */

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

/* --- several clients ------------------------------------------------------------------ */

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
      fields_are_submitted_as_a_form, an_empty_form_is_a_form, hidden_fields_of_a_page_are_sent_with_it, a_file_makes_the_form_multipart,
      headers_of_a_reply_are_read_by_name_and_in_order, a_body_is_read_as_json,
      a_head_request_has_length_but_no_body, a_new_client_has_read_nothing,
      a_client_may_be_gone_before_another_asks, several_apps_live_in_one_program)
