#include "server/secrets.h"

#include <stdio.h>
#include "base/arena.h"
#include "server/recording.h"
#include "base/buf.h"
#include "suite.h"

static struct arena arena;
static char places[4096];

/* What stands in each place is "[value]" afterwards. */
static const char *mark(void *arg, const char *place, const char *value)
{
	(void)arg;
	snprintf(places + strlen(places), sizeof places - strlen(places), "%s ", place);
	return arena_printf(&arena, "[%s]", value);
}

static const char *leave(void *arg, const char *place, const char *value)
{
	(void)arg, (void)place;
	return value;
}

static const struct secrets marks = {&arena, mark, NULL}, leaves = {&arena, leave, NULL};

static void begin(void)
{
	arena_init(&arena, 4096);
	*places = '\0';
}

static void end(void)
{
	arena_fini(&arena);
}

static void header(const char *name, const char *value, const char *want, const char *where)
{
	*places = '\0';
	ck_assert_str_eq(secrets_header(&marks, name, value), want);
	ck_assert_str_eq(places, where);
	ck_assert_str_eq(secrets_header(&leaves, name, value), value);
}

START_TEST(headers)
{
	header("Cookie", "a=1; session=x=y; flag; =z; ;", "a=[1]; session=[x=y]; [flag]; =[z]; ;",
	       "cookie.a cookie.session cookie. cookie. ");
	header("cookie", "", "", "");
	header("Set-Cookie", "a=b; Path=/; Expires=Sun, 1", "a=[b]; Path=/; Expires=Sun, 1",
	       "cookie.a ");
	header("Set-Cookie", "flag; Path=/", "[flag]; Path=/", "cookie. ");
	header("Set-Cookie", "; Path=/", "; Path=/", "");
	header("Authorization", "Bearer abc", "Bearer [abc]", "header.Authorization ");
	header("Authorization", "abc", "[abc]", "header.Authorization ");
	header("Authorization", "Basic ", "[Basic ]", "header.Authorization ");
	header("X-Api-Key", "abc", "[abc]", "header.X-Api-Key ");
	header("X-Monkey", "abc", "abc", "");
	header("Referer", "https://a.example/?token=1&q=2", "https://a.example/?token=%5B1%5D&q=2",
	       "query.token ");
	header("Location", "/a#token=1", "/a#token=1", "");
}
END_TEST

static const char *nothing(void *arg, const char *place, const char *value)
{
	(void)arg, (void)place, (void)value;
	return NULL;
}

START_TEST(what_cannot_be_masked_is_not_given)
{
	const struct secrets none = {&arena, nothing, NULL};
	size_t len;

	ck_assert_ptr_null(secrets_header(&none, "Cookie", "a=1"));
	ck_assert_ptr_null(secrets_header(&none, "Set-Cookie", "a=1"));
	ck_assert_ptr_null(secrets_header(&none, "Authorization", "a"));
	ck_assert_ptr_null(secrets_target(&none, "/?token=a"));
	ck_assert_ptr_null(secrets_body(&none, "application/json", "{\"token\":1}", 11, &len));
}
END_TEST

START_TEST(queries)
{
	ck_assert_str_eq(secrets_target(&marks, "/a?b=1&password=a%20b+c&&to%6ben=&token&x=%zz"),
			 "/a?b=1&password=%5Ba+b+c%5D&&to%6ben=%5B%5D&token&x=%zz");
	ck_assert_str_eq(places, "query.password query.token ");
	ck_assert_str_eq(secrets_target(&leaves, "/a?password=a%20b+c&x"), "/a?password=a%20b+c&x");
	ck_assert_str_eq(secrets_target(&marks, "/token=1"), "/token=1");
	ck_assert_str_eq(secrets_target(&marks, "/a?"), "/a?");
}
END_TEST

static void body(const char *type, const char *text, const char *want, const char *where)
{
	size_t len;

	*places = '\0';
	const char *got = secrets_body(&marks, type, text, strlen(text), &len);
	ck_assert_str_eq(got, want);
	ck_assert_uint_eq(len, strlen(want));
	ck_assert_str_eq(places, where);
	got = secrets_body(&leaves, type, text, strlen(text), &len);
	ck_assert_str_eq(got, text);
	ck_assert_uint_eq(len, strlen(text));
}

START_TEST(forms_and_json)
{
	body("application/x-www-form-urlencoded", "a=1&pwd=2", "a=1&pwd=%5B2%5D", "form.pwd ");
	body("application/json; charset=utf-8",
	     "{ \"a\": [{\"token\": \"x\"}], \"secret\": {\"b\": 1}, \"n\": 9223372036854775807 }",
	     "{\"a\":[{\"token\":\"[x]\"}],\"secret\":\"[]\",\"n\":9223372036854775807}",
	     "json.a.0.token json.secret ");
	body("application/problem+json", "{ \"a\": 1 }", "{ \"a\": 1 }", "");
	body("application/json", "{\"password\": \"x", "[{\"password\": \"x]", "json.body ");
	body("text/plain", "password=1", "password=1", "");
	body(NULL, "password=1", "password=1", "");
	body("application/json", "", "", "");
}
END_TEST

START_TEST(multipart)
{
	static const char type[] = "multipart/form-data; boundary=xy";

	body(type,
	     "--xy\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
	     "--xy\r\nX: y\r\ncontent-disposition: form-data; name=\"password\"\r\n\r\nabc\r\n"
	     "--xy\r\nContent-Disposition: form-data; name=token\r\n\r\n\r\n--xy--\r\n",
	     "--xy\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
	     "--xy\r\nX: y\r\ncontent-disposition: form-data; name=\"password\"\r\n\r\n[abc]\r\n"
	     "--xy\r\nContent-Disposition: form-data; name=token\r\n\r\n[]\r\n--xy--\r\n",
	     "form.password form.token ");
	/* what cannot be read, or is cut short, is a secret as a whole */
	body("multipart/form-data", "abc", "[abc]", "form.body ");
	body(type, "--xy\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nabc",
	     "--xy\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n[abc]", "form.password ");
}
END_TEST

START_TEST(fields_of_pages)
{
	body("text/html; charset=utf-8",
	     "<p>token</p><input type=hidden name=\"csrf_token\" value=\"abc\"><input name='name' "
	     "value='x'><input value=q name=api_key><input name=\"token\"><input",
	     "<p>token</p><input type=hidden name=\"csrf_token\" value=\"[abc]\"><input name='name' "
	     "value='x'><input value=[q] name=api_key><input name=\"token\"><input",
	     "html.csrf_token html.api_key ");
	/* written as people and programs write it */
	body("text/html",
	     "<INPUT\n\tTYPE=hidden\n\tName = \"token\"\r\n\tVALUE = \"a>b\"\n/>"
	     "<input/name=token/value=c><input name=token value=\"\"><input data-name=token value=d>"
	     "<inputs name=token value=e><input name=token value=f/g name=x value=h>",
	     "<INPUT\n\tTYPE=hidden\n\tName = \"token\"\r\n\tVALUE = \"[a>b]\"\n/>"
	     "<input/name=token/value=c><input name=token value=\"\"><input data-name=token value=d>"
	     "<inputs name=token value=e><input name=token value=[f/g] name=x value=h>",
	     "html.token html.token ");
	body("text/html", "<input name=token value='cut", "<input name=token value='[cut]",
	     "html.token ");
	body("text/html", "<input", "<input", "");
	body("text/html", "<input name", "<input name", "");
	body("text/html", "<input value=\"abc\" name", "<input value=\"abc\" name", "");
}
END_TEST

START_TEST(what_is_written_is_read)
{
	static const char bytes[] = {'\0', '\1', '\xff'};
	const char *const masked[] = {"form.a", NULL};
	struct recorded r = {.time_ms = 7,
			     .took_us = 8,
			     .scheme = "https",
			     .method = "GET",
			     .target = "/a?b",
			     .body = {bytes, sizeof bytes, true},
			     .status = 201,
			     .reply_body = {"", 0, false},
			     .masked = masked};
	struct recorded back;
	const char *why;
	struct buf b;

	fields_init(&r.headers, &arena);
	fields_init(&r.reply, &arena);
	ck_assert(!fields_add(&r.headers, "A", "\"1\"") && !fields_add(&r.headers, "A", "2"));
	buf_init(&b, &arena, 0);
	recording_put(&b, &r);
	ck_assert_int_eq(recording_read(b.p, b.len, &arena, &back, &why), 0);
	ck_assert_int_eq(back.time_ms, 7);
	ck_assert_str_eq(back.target, "/a?b");
	ck_assert_str_eq(back.scheme, "https");
	ck_assert_uint_eq(back.headers.n, 2);
	ck_assert_str_eq(back.headers.items[0].value, "\"1\"");
	ck_assert(back.body.kept && back.body.len == 3 && !memcmp(back.body.p, bytes, 3));
	ck_assert_int_eq(back.status, 201);
	ck_assert(!back.reply_body.kept);
	ck_assert_str_eq(back.masked[0], "form.a");
	ck_assert_ptr_null(back.masked[1]);
	r.scheme = "http"; /* as where nothing is said */
	buf_clear(&b);
	recording_put(&b, &r);
	ck_assert_ptr_null(strstr(b.p, "scheme"));
	ck_assert_int_eq(recording_read(b.p, b.len, &arena, &back, &why), 0);
	ck_assert_str_eq(back.scheme, "http");
}
END_TEST

START_TEST(what_is_no_recording_is_refused)
{
	static const char *const bad[] = {
		"", "{", "[]", "{}", "{\"request\":{\"method\":\"GET\",\"target\":\"/\"}}",
		"{\"request\":{\"method\":\"GET\",\"target\":\"x\"},\"reply\":{\"status\":200}}",
		"{\"request\":{\"method\":\"GET\",\"target\":\"/\",\"headers\":[[\"a b\",\"c\"]]},"
		"\"reply\":{\"status\":200}}",
		"{\"request\":{\"method\":\"GET\",\"target\":\"/\",\"headers\":[[\"a\",\"b\\r\\nc\"]]},"
		"\"reply\":{\"status\":200}}",
		"{\"request\":{\"method\":\"GET\",\"target\":\"/\",\"hex\":\"abc\"},\"reply\":{\"status\":200}}",
		"{\"request\":{\"method\":\"GET\",\"target\":\"/\",\"hex\":\"zz\"},\"reply\":{\"status\":200}}"};
	struct recorded r;
	const char *why;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_ne(recording_read(bad[i], strlen(bad[i]), &arena, &r, &why), 0);
		ck_assert_ptr_nonnull(why);
	}
}
END_TEST

SUITE_WITH("secrets", begin, end, headers,
	   what_cannot_be_masked_is_not_given, queries, forms_and_json, multipart, fields_of_pages,
	   what_is_written_is_read, what_is_no_recording_is_refused)
