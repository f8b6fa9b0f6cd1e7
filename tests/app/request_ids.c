/* What a request is called: in log lines, for the application, on error pages. */
#include "fixture.h"

static cruet_app *app;
static cruet_client *t;
static char line[512];

static void keep(void *arg, int level, const char *who, const char *text)
{
	(void)arg, (void)level, (void)who;
	snprintf(line, sizeof line, "%s", text);
}

static int named(cruet_ctx *c)
{
	const char *id = cruet_query(c, "id");

	return id ? cruet_set_request_id(c, id) : CRUET_OK;
}

static int says(cruet_ctx *c)
{
	cruet_note(c, CRUET_WARN, "a word");
	return cruet_text(c, cruet_request_id(c));
}

static int breaks(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}

static void setup(void)
{
	app = cruet_new("test");
	cruet_log_to(app, keep, NULL);
	cruet_before(app, named);
	cruet_get(app, "/", says);
	cruet_get(app, "/breaks", breaks);
	t = client_of(app);
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

START_TEST(one_without_a_name_has_a_number)
{
	char want[128], first[64];

	setup();
	assert_get(t, "/", 200);
	snprintf(first, sizeof first, "%s", cruet_client_body(t));
	ck_assert_int_eq(strspn(first, "0123456789abcdef"), strlen(first));
	snprintf(want, sizeof want, "[%s] GET says: a word", first);
	ck_assert_str_eq(line, want);
	assert_get(t, "/", 200);
	ck_assert_str_ne(cruet_client_body(t), first);
	teardown();
}
END_TEST

START_TEST(a_name_stands_in_log_lines)
{
	setup();
	assert_get(t, "/?id=a-b%5Bc~1", 200);
	assert_body(t, "a-b[c~1");
	ck_assert_str_eq(line, "[a-b[c~1] GET says: a word");
	assert_get(t, "/", 200); /* it is not kept */
	ck_assert_ptr_null(strstr(line, "a-b"));
	teardown();
}
END_TEST

START_TEST(a_name_is_short_visible_ascii)
{
	char path[256] = "/?id=";
	static const char *const bad[] = {"", "a%20b", "a%0Ab", "%C3%A4", "%7F"};

	setup();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(path, sizeof path, "/?id=%s", bad[i]);
		ck_assert_int_eq(cruet_client_get(t, path), 500);
		ck_assert_ptr_nonnull(strstr(line,
					     "cruet_set_request_id: expected 1 to 128 "
					     "visible ASCII characters"));
	}
	strcpy(path, "/?id=");
	memset(path + 5, 'x', 128);
	assert_get(t, path, 200);
	ck_assert_uint_eq(cruet_client_body_len(t), 128);
	memset(path + 5, 'x', 129);
	ck_assert_int_eq(cruet_client_get(t, path), 500);
	teardown();
}
END_TEST

START_TEST(a_page_of_500_shows_the_name)
{
	setup();
	assert_get(t, "/breaks?id=a%3Cb", 500);
	assert_contains(t, "<p>Request ID: <code>a&lt;b</code></p>\n");
	cruet_client_set_header(t, "Accept", "application/json");
	assert_get(t, "/breaks?id=a%22b", 500);
	assert_contains(t, ",\"request_id\":\"a\\\"b\"}\n");
	cruet_client_set_header(t, "Accept", "text/plain");
	assert_get(t, "/breaks?id=abc", 500);
	assert_contains(t, "\nRequest ID: abc\n");
	assert_get(t, "/breaks", 500); /* a number is of no use to others */
	ck_assert_ptr_null(strstr(cruet_client_body(t), "Request ID"));
	assert_get(t, "/none?id=abc", 404);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "Request ID"));
	teardown();
}
END_TEST

START_TEST(a_job_has_a_number_too)
{
	setup();
	cruet_ctx *c = cruet_open(app);
	ck_assert_str_ne(cruet_request_id(c), "");
	cruet_close(c);
	teardown();
}
END_TEST

SUITE("request_ids", one_without_a_name_has_a_number, a_name_stands_in_log_lines,
      a_name_is_short_visible_ascii, a_page_of_500_shows_the_name, a_job_has_a_number_too)
