/* Lines: what stands in them, and that nobody can forge one. */
#include "line.h"
#include "suite.h"
#include <string.h>

static char out[LINE_MAX_LEN + 1];

/* 2026-01-31 12:34:56.789 */
static const struct entry usual = {
	.now_ms = 1769862896789,
	.peer = "192.0.2.7",
	.method = "GET",
	.target = "/a?b=c",
	.scheme = "https",
	.host = "a.example",
	.referer = "https://b.example/?x=y",
	.agent = "curl/8",
	.id = "1a",
	.endpoint = "shop.show",
	.minor = 1,
	.status = 200,
	.received = 3,
	.sent = 1234,
	.took_us = 1234567,
};

static const char *written(enum line_format format, const struct entry *e)
{
	static const char *const mask[] = {"token", "password", NULL};
	struct line_opts o = {.format = format, .query = true, .mask = mask};
	size_t len = line_write(out, &o, e);

	ck_assert_uint_lt(len, LINE_MAX_LEN);
	out[len] = '\0';
	ck_assert_uint_eq(strlen(out), len);
	ck_assert_ptr_eq(strchr(out, '\n'), out + len - 1);
	return out;
}

#define REQUEST                                                                   \
	"192.0.2.7 - - [31/Jan/2026:12:34:56 +0000] \"GET /a?b=c HTTP/1.1\" 200 " \
	"1234"
#define REST " \"https://b.example/?x=y\" \"curl/8\""

START_TEST(each_format_says_what_it_has_to)
{
	ck_assert_str_eq(written(LINE_COMMON, &usual), REQUEST "\n");
	ck_assert_str_eq(written(LINE_COMBINED, &usual), REQUEST REST "\n");
	ck_assert_str_eq(written(LINE_EXTENDED, &usual),
			 REQUEST REST " 1.234567 1a shop.show\n");
	ck_assert_str_eq(written(LINE_JSON, &usual),
			 "{\"time\":\"2026-01-31T12:34:56.789Z\",\"peer\":\"192.0.2.7\","
			 "\"method\":\"GET\",\"target\":\"/a?b=c\",\"version\":\"1.1\","
			 "\"status\":200,\"sent\":1234,\"received\":3,\"ms\":1234.567,"
			 "\"id\":\"1a\",\"endpoint\":\"shop.show\",\"scheme\":\"https\","
			 "\"host\":\"a.example\",\"referer\":\"https://b.example/?x=y\","
			 "\"agent\":\"curl/8\"}\n");
}
END_TEST

START_TEST(what_is_not_known_is_a_dash_or_left_out)
{
	static const struct entry nothing = {
		.now_ms = 0, .status = 400, .err = "timed out"};

	ck_assert_str_eq(
		written(LINE_EXTENDED, &nothing),
		"- - - [01/Jan/1970:00:00:00 +0000] \"-\" 400 0 \"-\" \"-\" 0.000000 - "
		"-\n");
	ck_assert_str_eq(written(LINE_JSON, &nothing),
			 "{\"time\":\"1970-01-01T00:00:00.000Z\",\"version\":\"1.0\","
			 "\"status\":400,\"sent\":0,\"received\":0,\"ms\":0.000,"
			 "\"err\":\"timed out\"}\n");
}
END_TEST

static void date_is(int64_t seconds, const char *date)
{
	struct entry e = {.now_ms = seconds * 1000};
	char want[64];

	snprintf(want, sizeof want, "{\"time\":\"%s.000Z\"", date);
	ck_assert_msg(!strncmp(written(LINE_JSON, &e), want, strlen(want)),
		      "%s is not %s", out, want);
}

START_TEST(dates_are_right)
{
	date_is(951782400, "2000-02-29T00:00:00");
	date_is(951868799, "2000-02-29T23:59:59");
	date_is(1709164800, "2024-02-29T00:00:00");
	date_is(1735689599, "2024-12-31T23:59:59");
	date_is(4107542400, "2100-03-01T00:00:00");
	date_is(-5, "1970-01-01T00:00:00");
}
END_TEST

START_TEST(nobody_can_forge_a_line)
{
	struct entry e = usual;

	e.method = "G\"T";
	e.target = "/\"x\\\n\r\x1b[31m\x7f\t\xc3\xa4";
	e.agent = "\" 200 \n1.2.3.4 - - [";
	e.peer = "1.1.1.1 - \"x\" \\\n";
	e.id = "a b\"c\n";
	ck_assert_str_eq(
		written(LINE_EXTENDED, &e),
		"1.1.1.1\\x20-\\x20\\x22x\\x22\\x20\\x5c\\x0a - - "
		"[31/Jan/2026:12:34:56 +0000] \"G\\\"T /\\\"x\\\\\\x0a\\x0d\\x1b[31m\\x7f"
		"\\x09\\xc3\\xa4 HTTP/1.1\" 200 1234 \"https://b.example/?x=y\" \"\\\" "
		"200 "
		"\\x0a1.2.3.4 - - [\" 1.234567 a\\x20b\\x22c\\x0a shop.show\n");
	e = (struct entry){
		.target = "/\"x\\\n\x1b\x7f\xc3\xa4\xff\xe4\xbd\xa0\xf0\x9f\x98\x80"
			  "\xc2\x9b\xed\xa0\x80\xe4\xbd",
		.status = 200};
	ck_assert_ptr_nonnull(
		strstr(written(LINE_JSON, &e),
		       "\"target\":\"/\\\"x\\\\\\u000a\\u001b\\u007f\xc3\xa4\\u00ff"
		       "\xe4\xbd\xa0\xf0\x9f\x98\x80\\u00c2\\u009b\\u00ed\\u00a0\\u0080"
		       "\\u00e4\\u00bd\""));
}
END_TEST

static const char *query(const char *target)
{
	struct entry e = {.target = target, .status = 200};
	static char got[2048];
	char *end;

	written(LINE_COMMON, &e);
	snprintf(got, sizeof got, "%s",
		 strchr(out, '/') + strcspn(strchr(out, '/'), "\"") + 3);
	end = strstr(got, " HTTP/");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	return got;
}

START_TEST(secrets_in_queries_are_masked)
{
	ck_assert_str_eq(query("/x?token=abc"), "/x?token=***");
	ck_assert_str_eq(query("/x?a=1&token=abc&b=2"), "/x?a=1&token=***&b=2");
	ck_assert_str_eq(query("/x?TOKEN=abc;password=def"), "/x?TOKEN=***;password=***");
	ck_assert_str_eq(query("/x?t%6Fken=abc"), "/x?t%6Fken=***");
	ck_assert_str_eq(query("/x?%74%6f%6b%65%6E=abc"), "/x?%74%6f%6b%65%6E=***");
	ck_assert_str_eq(query("/x?token=a=b?c&d"), "/x?token=***&d");
	ck_assert_str_eq(query("/x?token=&token"), "/x?token=***&token");
	ck_assert_str_eq(query("/x?tokens=1&toke=2&xtoken=3&token%=4"),
			 "/x?tokens=1&toke=2&xtoken=3&token%=4");
	ck_assert_str_eq(query("/token=abc?"), "/token=abc?");
	ck_assert_str_eq(query("/x?&&;=&"), "/x?&&;=&");
	ck_assert_str_eq(query("/x?token=abc#token=def"), "/x?token=***#token=***");
}
END_TEST

START_TEST(secrets_of_referers_too)
{
	struct entry e = usual;

	e.referer = "https://b.example/?password=x&y=z";
	ck_assert_ptr_nonnull(strstr(written(LINE_COMBINED, &e),
				     "\"https://b.example/?password=***&y=z\""));
	ck_assert_ptr_nonnull(
		strstr(written(LINE_JSON, &e),
		       "\"referer\":\"https://b.example/?password=***&y=z\""));
}
END_TEST

START_TEST(queries_may_be_left_out)
{
	struct line_opts o = {.format = LINE_COMBINED, .query = false};
	size_t len = line_write(out, &o, &usual);

	out[len] = '\0';
	ck_assert_ptr_nonnull(strstr(out, "\"GET /a HTTP/1.1\""));
	ck_assert_ptr_nonnull(strstr(out, "\"https://b.example/\""));
}
END_TEST

START_TEST(what_is_too_long_is_cut_and_says_so)
{
	static char large[100000];
	struct entry e = {.peer = large,
			  .method = large,
			  .target = large,
			  .scheme = large,
			  .host = large,
			  .referer = large,
			  .agent = large,
			  .id = large,
			  .endpoint = large,
			  .err = large,
			  .minor = 4294967295,
			  .status = 2147483647,
			  .received = UINT64_MAX,
			  .sent = UINT64_MAX,
			  .took_us = INT64_MAX,
			  .now_ms = INT64_MAX / 1000};

	for (int ch = 1; ch < 256; ch += 31) {
		memset(large, ch, sizeof large - 1);
		for (int f = LINE_COMMON; f <= LINE_JSON; f++)
			ck_assert_ptr_nonnull(
				strstr(written((enum line_format)f, &e), "..."));
	}
	memset(large, '\n', sizeof large - 1); /* no escape is cut in two */
	written(LINE_JSON, &e);
	for (char *p = out; (p = strstr(p, "...")); p += 3)
		ck_assert(!strncmp(p - 6, "\\u000a...", 9));
}
END_TEST

SUITE("access_log_line", each_format_says_what_it_has_to,
      what_is_not_known_is_a_dash_or_left_out, dates_are_right, nobody_can_forge_a_line,
      secrets_in_queries_are_masked, secrets_of_referers_too, queries_may_be_left_out,
      what_is_too_long_is_cut_and_says_so)
