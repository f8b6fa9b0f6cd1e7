/* Building a reply: what the calls of cruet/response.h send, and what they refuse. */
#include "reply.h"

/* --- bodies --------------------------------------------------------------------------- */

HANDLER(text)
{
	char *local = strdup("h\xc3\xa4");
	int r = cruet_text(c, local);
	memset(local, 'x', 3); /* it was copied */
	free(local);
	return r;
}
HANDLER(empty_text)
{
	return cruet_text(c, "");
}
HANDLER(formatted)
{
	return cruet_textf(c, "%d%%%s", 7, "x");
}
HANDLER(html)
{
	return cruet_html(c, "<p>");
}

START_TEST(text_and_html_say_their_charset)
{
	assert_reply(text, 200, TEXT "Content-Length: 3\n", "h\xc3\xa4");
	assert_reply(empty_text, 200, TEXT "Content-Length: 0\n", "");
	assert_reply(formatted, 200, TEXT "Content-Length: 3\n", "7%x");
	assert_reply(html, 200, HTML "Content-Length: 3\n", "<p>");
}
END_TEST

HANDLER(bytes)
{
	char local[] = "a\0b";
	int r = cruet_bytes(c, "application/x-thing", local, 3);
	memset(local, 'x', 3);
	return r;
}
HANDLER(no_bytes)
{
	return cruet_bytes(c, "a/b", NULL, 0);
}
HANDLER(bytes_without_type)
{
	cruet_set_header(c, "Content-Type", "own/type");
	return cruet_bytes(c, NULL, "ab", 2);
}

START_TEST(bytes_are_copied)
{
	serve(bytes);
	assert_get(t, "/", 200);
	ck_assert_uint_eq(cruet_client_body_len(t), 3);
	ck_assert_int_eq(memcmp(cruet_client_body(t), "a\0b", 3), 0);
	assert_header(t, "Content-Type", "application/x-thing");
	done();
	assert_reply(no_bytes, 200, "Content-Type: a/b\nContent-Length: 0\n", "");
	assert_reply(bytes_without_type, 200, "Content-Type: own/type\nContent-Length: 2\n", "ab");
}
END_TEST

static int freed, freed_when_sent;
static char lent[] = "lent";
static void give_back(void *p)
{
	ck_assert_ptr_eq(p, lent);
	freed++;
}
HANDLER(lends)
{
	return cruet_send(c, "text/x", lent, 4, give_back);
}
HANDLER(lends_and_changes_its_mind)
{
	int r = cruet_send(c, "text/x", lent, 4, give_back);
	return r == CRUET_DONE ? cruet_text(c, "other") : r;
}
static void at_end(cruet_ctx *c, int err)
{
	(void)c, (void)err;
	freed_when_sent = freed;
}

START_TEST(what_is_lent_is_given_back_once_after_sending)
{
	app = cruet_new("test");
	cruet_add(app, "GET", "/", lends, "page", CRUET_HERE);
	cruet_add(app, "GET", "/other", lends_and_changes_its_mind, "other", CRUET_HERE);
	cruet_teardown(app, at_end);
	t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, "lent");
	ck_assert_int_eq(freed, 1);
	ck_assert_int_eq(freed_when_sent, 0);
	assert_get(t, "/other", 200);
	assert_body(t, "other");
	ck_assert_int_eq(freed, 2);
	done();
}
END_TEST

HANDLER(no_content)
{
	cruet_set_header(c, "Content-Type", "a/b");
	return cruet_empty(c, 204);
}
HANDLER(created_empty)
{
	return cruet_empty(c, 201);
}
HANDLER(no_content_with_text)
{
	cruet_status(c, 204);
	return cruet_text(c, "never seen");
}

START_TEST(a_reply_may_be_empty)
{
	assert_reply(no_content, 204, "", "");
	assert_reply(created_empty, 201, "Content-Length: 0\n", "");
	assert_reply(no_content_with_text, 204, "", "");
}
END_TEST

HANDLER(collects)
{
	cruet_write(c, "<ul>");
	for (int i = 0; i < 3; i++)
		cruet_writef(c, "<li>%d", i);
	cruet_write(c, NULL);
	return cruet_html(c, NULL);
}
HANDLER(collects_text)
{
	cruet_write(c, "");
	return cruet_text(c, NULL);
}
HANDLER(collects_for_nothing)
{
	cruet_write(c, "lost");
	return cruet_text(c, "sent");
}
HANDLER(collects_much)
{
	for (int i = 0; i < 20000; i++)
		cruet_writef(c, "%05d", i);
	return cruet_text(c, NULL);
}
HANDLER(collects_nothing)
{
	return cruet_html(c, NULL);
}

START_TEST(a_body_may_be_collected)
{
	assert_reply(collects, 200, HTML "Content-Length: 19\n", "<ul><li>0<li>1<li>2");
	assert_reply(collects_text, 200, TEXT "Content-Length: 0\n", "");
	assert_reply(collects_for_nothing, 200, TEXT "Content-Length: 4\n", "sent");
	serve(collects_much);
	assert_get(t, "/", 200);
	ck_assert_uint_eq(cruet_client_body_len(t), 100000);
	ck_assert_str_eq(cruet_client_body(t) + 99990, "1999819999");
	done();
	assert_mistake(collects_nothing,
		       "a reply of NULL: nothing was written with cruet_write()");
}
END_TEST

HANDLER(writes_and_fails)
{
	cruet_write(c, "half a page");
	return 404;
}
HANDLER(writes_error)
{
	cruet_writef(c, "error %d", cruet_err_status(c));
	return cruet_text(c, NULL);
}

START_TEST(what_was_collected_before_a_failure_is_forgotten)
{
	app = cruet_new("test");
	cruet_get(app, "/", writes_and_fails);
	cruet_on_error(app, 404, writes_error);
	t = client_of(app);
	assert_get(t, "/", 404);
	assert_body(t, "error 404");
	done();
}
END_TEST

/* --- status and headers --------------------------------------------------------------- */

static int status;
HANDLER(sets_status)
{
	cruet_status(c, 299);
	cruet_status(c, status);
	ck_assert_int_eq(cruet_reply_status(c), status);
	return cruet_text(c, "x");
}
HANDLER(sets_bad_status)
{
	cruet_status(c, status);
	return cruet_text(c, "x");
}

START_TEST(a_status_is_from_200_to_599)
{
	static const int good[] = {200, 201, 299, 302, 404, 418, 599};
	static const int bad[] = {-1, 0, 1, 100, 199, 600, 1000};
	serve(sets_status);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		status = good[i];
		assert_get(t, "/", status);
	}
	done();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char sentence[64];
		status = bad[i];
		snprintf(sentence, sizeof sentence, "cruet_status: %d: expected 200 to 599", status);
		assert_mistake(sets_bad_status, sentence);
	}
}
END_TEST

HANDLER(sets_headers)
{
	cruet_set_header(c, "X-A", "1");
	cruet_set_header(c, "x-a", "2");
	cruet_add_header(c, "X-B", "1");
	cruet_add_header(c, "X-B", "2");
	cruet_add_header(c, "X-C", "gone");
	cruet_add_header(c, "X-C", "gone too");
	cruet_set_header(c, "X-Empty", "");
	cruet_set_header(c, "X-Text", "\xc3\xa4\tb ");
	ck_assert_str_eq(cruet_reply_header(c, "X-a"), "2");
	ck_assert_str_eq(cruet_reply_header(c, "x-b"), "1");
	cruet_del_header(c, "x-c");
	cruet_del_header(c, "X-None");
	ck_assert_ptr_null(cruet_reply_header(c, "X-C"));
	return cruet_text(c, "x");
}
HANDLER(many_become_one)
{
	cruet_add_header(c, "X-A", "1");
	cruet_add_header(c, "X-B", "b");
	cruet_add_header(c, "X-A", "2");
	cruet_set_header(c, "X-A", "3");
	return cruet_text(c, "x");
}

START_TEST(headers_are_set_added_and_deleted)
{
	assert_reply(sets_headers, 200,
		     "X-A: 2\nX-B: 1\nX-B: 2\nX-Empty: \nX-Text: \xc3\xa4\tb \n" TEXT
		     "Content-Length: 1\n",
		     "x");
	assert_reply(many_become_one, 200, "X-A: 3\nX-B: b\n" TEXT "Content-Length: 1\n", "x");
}
END_TEST

static const char *header_name, *header_value;
HANDLER(sets_it)
{
	cruet_set_header(c, header_name, header_value);
	return cruet_text(c, "x");
}

START_TEST(a_header_cannot_split_the_reply)
{
	static const char *const values[] = {"a\nb", "a\rb", "a\r\nSet-Cookie: x=1", "\x01",
					     "a\x7f"};
	static const char *const names[] = {"", "X Y", "X:Y", "X\n", "\xc3\xa4", NULL};
	header_name = "X-A";
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		header_value = values[i];
		assert_mistake(sets_it, "cruet_set_header: the value of X-A holds a line break or "
					"another control character");
	}
	header_value = NULL;
	assert_mistake(sets_it, "cruet_set_header: the value of X-A is NULL");
	header_value = "x";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char sentence[96];
		header_name = names[i];
		snprintf(sentence, sizeof sentence, "cruet_set_header: '%s' is no header name",
			 names[i] ? strcmp(names[i], "X\n") ? names[i] : "X\\x0a" : "");
		assert_mistake(sets_it, sentence);
	}
}
END_TEST

START_TEST(framing_is_the_servers)
{
	static const char *const names[] = {"Content-Length", "transfer-encoding", "Connection"};
	header_value = "5";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char sentence[96];
		header_name = names[i];
		snprintf(sentence, sizeof sentence,
			 "cruet_set_header: %s is set by the server itself", names[i]);
		assert_mistake(sets_it, sentence);
	}
	header_name = "connection";
	header_value = "Close";
	assert_reply(sets_it, 200, TEXT "Content-Length: 1\n", "x");
}
END_TEST

HANDLER(own_words)
{
	cruet_set_header(c, "Date", "Thu, 01 Jan 1970 00:00:00 GMT");
	cruet_set_header(c, "X-Content-Type-Options", "own");
	return cruet_text(c, "x");
}

START_TEST(every_reply_has_a_date_and_is_not_sniffed)
{
	serve(text);
	assert_get(t, "/", 200);
	assert_header(t, "Date", "Sun, 09 Sep 2001 01:46:40 GMT");
	assert_header(t, "X-Content-Type-Options", "nosniff");
	cruet_clock_set(app, 1000000001000);
	assert_get(t, "/", 200);
	assert_header(t, "Date", "Sun, 09 Sep 2001 01:46:41 GMT");
	done();
	serve(own_words);
	assert_get(t, "/", 200);
	assert_header(t, "Date", "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_header(t, "X-Content-Type-Options", "own");
	done();
}
END_TEST

HANDLER(replaces)
{
	int r = cruet_html(c, "<p>a long page");
	if (r != CRUET_DONE)
		return r;
	cruet_status(c, 201);
	return cruet_bytes(c, "a/b", "xy", 2);
}

START_TEST(a_later_call_replaces_an_earlier_one)
{
	assert_reply(replaces, 201, "Content-Type: a/b\nContent-Length: 2\n", "xy");
}
END_TEST

static const char *mime;
HANDLER(sends_mime)
{
	return cruet_bytes(c, mime, "x", 1);
}
HANDLER(sends_lent_mime)
{
	return cruet_send(c, mime, lent, 4, give_back);
}

START_TEST(a_type_cannot_split_the_reply)
{
	mime = "a/b\r\nX: y";
	assert_mistake(sends_mime, "cruet_bytes: the type holds a line break");
	freed = 0;
	assert_mistake(sends_lent_mime, "cruet_send: the type holds a line break");
	ck_assert_int_eq(freed, 1);
}
END_TEST

/* --- HEAD and OPTIONS ----------------------------------------------------------------- */

START_TEST(head_is_get_without_the_body)
{
	serve(text);
	assert_get(t, "/", 200);
	char of_get[256];
	snprintf(of_get, sizeof of_get, "%s", head());
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/", NULL, NULL, 0), 200);
	ck_assert_str_eq(head(), of_get);
	assert_body(t, "");
	done();
}
END_TEST

static bool handler_ran;
HANDLER(runs)
{
	handler_ran = true;
	return cruet_text(c, "x");
}
HANDLER(marks)
{
	return cruet_set_header(c, "X-Marked", cruet_method(c));
}

START_TEST(options_are_answered_with_hooks_but_without_the_handler)
{
	app = cruet_new("test");
	cruet_after(app, marks);
	cruet_add(app, "GET", "/", runs, "page", CRUET_HERE);
	cruet_add(app, "PUT", "/", runs, "change", CRUET_HERE);
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/closed",
				       .name = "closed", .fn = runs, .flags = CRUET_NO_OPTIONS});
	cruet_add(app, "OPTIONS,GET", "/own", runs, "own", CRUET_HERE);
	t = client_of(app);
	handler_ran = false;
	ck_assert_int_eq(cruet_client_send(t, "OPTIONS", "/", NULL, NULL, 0), 200);
	ck_assert_str_eq(head(), "Allow: GET, HEAD, OPTIONS, PUT\nX-Marked: OPTIONS\n"
				 "Content-Length: 0\n");
	ck_assert(!handler_ran);
	ck_assert_int_eq(cruet_client_send(t, "OPTIONS", "/closed", NULL, NULL, 0), 405);
	assert_header(t, "Allow", "GET, HEAD");
	ck_assert_int_eq(cruet_client_send(t, "OPTIONS", "/none", NULL, NULL, 0), 404);
	ck_assert(!handler_ran);
	ck_assert_int_eq(cruet_client_send(t, "OPTIONS", "/own", NULL, NULL, 0), 200);
	ck_assert(handler_ran);
	assert_body(t, "x");
	done();
}
END_TEST

/* --- after-hooks ---------------------------------------------------------------------- */

HANDLER(after_looks)
{
	size_t len;
	const char *body = cruet_reply_body(c, &len);
	ck_assert_ptr_eq(cruet_reply_body(c, NULL), body);
	cruet_del_header(c, "X-A");
	cruet_status(c, 202);
	return cruet_bytes(c, "a/b", cruet_printf(c, "[%.*s]", (int)len, body), len + 2);
}
HANDLER(nothing_for_after)
{
	return cruet_after_this(c, NULL);
}

START_TEST(an_after_hook_may_replace_the_reply)
{
	app = cruet_new("test");
	cruet_after(app, after_looks);
	cruet_add(app, "GET", "/", sets_headers, "page", CRUET_HERE);
	t = client_of(app);
	assert_get(t, "/", 202);
	assert_body(t, "[x]");
	assert_no_header(t, "X-A");
	assert_header(t, "Content-Length", "3");
	assert_header(t, "Content-Type", "a/b");
	done();
	assert_mistake(nothing_for_after, "cruet_after_this: the function is NULL");
}
END_TEST

HANDLER(varies)
{
	cruet_vary(c, "Origin");
	cruet_vary(c, "Accept");
	cruet_vary(c, "origin");
	cruet_add_header(c, "Vary", "Cookie, X-One ,X-Two");
	cruet_vary(c, "x-two");
	cruet_vary(c, "X-One");
	cruet_vary(c, "X-T");
	return cruet_text(c, "x");
}
HANDLER(varies_by_all)
{
	cruet_set_header(c, "Vary", "*");
	cruet_vary(c, "Origin");
	return cruet_text(c, "x");
}
HANDLER(varies_by_nothing)
{
	return cruet_vary(c, NULL);
}

START_TEST(a_reply_varies_by_a_header_once)
{
	char all[128] = "";
	const char *name, *value;

	app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	cruet_get(app, "/", varies);
	cruet_get(app, "/all", varies_by_all);
	cruet_get(app, "/nothing", varies_by_nothing);
	t = client_of(app);
	assert_get(t, "/", 200);
	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++)
		if (!strcmp(name, "Vary"))
			snprintf(all + strlen(all), sizeof all - strlen(all), "%s; ", value);
	ck_assert_str_eq(all, "Origin; Accept; Cookie, X-One ,X-Two; X-T; ");
	assert_get(t, "/all", 200);
	assert_header(t, "Vary", "*");
	assert_get(t, "/nothing", 500);
	done();
}
END_TEST

SUITE("replies", text_and_html_say_their_charset, bytes_are_copied,
      what_is_lent_is_given_back_once_after_sending, a_reply_may_be_empty,
      a_body_may_be_collected, what_was_collected_before_a_failure_is_forgotten,
      a_status_is_from_200_to_599, headers_are_set_added_and_deleted,
      a_header_cannot_split_the_reply, framing_is_the_servers,
      every_reply_has_a_date_and_is_not_sniffed, a_later_call_replaces_an_earlier_one,
      a_type_cannot_split_the_reply, head_is_get_without_the_body,
      options_are_answered_with_hooks_but_without_the_handler,
      an_after_hook_may_replace_the_reply, a_reply_varies_by_a_header_once)
