/* Names of files, types by name, parameters of headers, base64. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/base64.h"
#include "http/filename.h"
#include "http/mime.h"
#include "http/params.h"
#include "suite.h"

static struct arena a;

static void setup(void)
{
	arena_init(&a, 4096);
}

static const char *secure(const char *name)
{
	struct buf b;
	buf_init(&b, &a, 0);
	filename_secure(&b, name);
	return b.p;
}

static const char *disposition(const char *kind, const char *name)
{
	struct buf b;
	buf_init(&b, &a, 0);
	filename_disposition(&b, kind, name);
	return b.p;
}

START_TEST(a_secure_name_is_safe_to_create)
{
	static const char *const names[][2] = {
		{"../../../etc/passwd", "etc_passwd"}, {"My cool movie.mov", "My_cool_movie.mov"},
		{"\xc3\xbcml\xc3\xa4uts", "umlauts"},  {".htaccess", "htaccess"},
		{"..", ""},			       {"a/b\\c", "a_bc"},
		{"\xe2\x9c\x93", ""},		       {"", ""},
		{"  a \t b  ", "a_b"},		       {"__init__.py", "init__.py"},
		{"\xef\xbc\xa1.txt", "A.txt"},	       {"\xff\xfe" "x", "x"},
		{"a\nb", "a_b"},		       {"/", ""},
	};
	setup();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_str_eq(secure(names[i][0]), names[i][1]);
	arena_fini(&a);
}
END_TEST

START_TEST(a_disposition_names_any_file)
{
	setup();
	ck_assert_str_eq(disposition("inline", "f.txt"), "inline; filename=f.txt");
	ck_assert_str_eq(disposition("attachment", "a b.txt"), "attachment; filename=\"a b.txt\"");
	ck_assert_str_eq(disposition("attachment", "a\"\\b"), "attachment; filename=\"a\\\"\\\\b\"");
	ck_assert_str_eq(disposition("inline", ""), "inline; filename=\"\"");
	ck_assert_str_eq(disposition("attachment", "\xc3\xbc \"x\".txt"),
			 "attachment; filename=\"u \\\"x\\\".txt\"; "
			 "filename*=UTF-8''%C3%BC%20%22x%22.txt");
	ck_assert_ptr_null(strpbrk(disposition("inline", "a\r\nX: b"), "\r\n"));
	arena_fini(&a);
}
END_TEST

START_TEST(types_go_by_the_last_suffix)
{
	static const struct {
		const char *name, *type, *encoding;
	} types[] = {
		{"a.html", "text/html", NULL},
		{"dir.d/a.CSS", "text/css", NULL},
		{"a.tar.gz", "application/x-tar", "gzip"},
		{"a.tgz", "application/x-tar", "gzip"},
		{"a.js.br", "text/javascript", "br"},
		{"a.gz", "application/octet-stream", "gzip"},
		{"a", "application/octet-stream", NULL},
		{"a.", "application/octet-stream", NULL},
		{".html", "application/octet-stream", NULL},
		{"x.html/a", "application/octet-stream", NULL},
		{"a.thissuffixisverylongindeed", "application/octet-stream", NULL},
		{"", "application/octet-stream", NULL},
	};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		const char *encoding;
		ck_assert_str_eq(mime_by_name(types[i].name, &encoding), types[i].type);
		ck_assert_pstr_eq(encoding, types[i].encoding);
	}
	ck_assert(mime_is_text("text/html") && mime_is_text("image/svg+xml"));
	ck_assert(!mime_is_text("application/json") && !mime_is_text("image/png"));
}
END_TEST

START_TEST(parameters_are_read_with_their_quotes)
{
	static const struct {
		const char *value, *name, *want;
	} params[] = {
		{"text/html; charset=utf-8", "charset", "utf-8"},
		{"text/html;CHARSET=\"utf-8\"; x=1", "charset", "utf-8"},
		{"m; boundary=\"a; b=c\"; b=d", "b", "d"},
		{"m; a=\"x\\\"y\\\\z\"", "a", "x\"y\\z"},
		{"m; a=\"C:\\dir\\f\"", "a", "C:\\dir\\f"},
		{"m; a = b ; c=d", "a", "b"},
		{"m; a", "a", NULL},
		{"m; =b; a=c", "a", "c"},
		{"m; a=\"open", "a", "open"},
		{"m; a=\"open\\", "a", "open\\"},
		{"m;;; ;a=", "a", ""},
		{"a=b", "a", NULL}, /* before the first semicolon stands the value itself */
		{"", "a", NULL},
	};
	setup();
	for (size_t i = 0; i < sizeof params / sizeof *params; i++)
		ck_assert_pstr_eq(params_get(&a, params[i].value, params[i].name),
				  params[i].want);
	arena_fini(&a);
}
END_TEST

START_TEST(base64_is_decoded_or_refused)
{
	setup();
	ck_assert_str_eq(base64_decode(&a, "dTpw"), "u:p");
	ck_assert_str_eq(base64_decode(&a, "dTo="), "u:");
	ck_assert_str_eq(base64_decode(&a, "dTo"), "u:");
	ck_assert_str_eq(base64_decode(&a, "dQ=="), "u");
	ck_assert_str_eq(base64_decode(&a, ""), "");
	ck_assert_str_eq(base64_decode(&a, "++//"), "\xfb\xef\xff");
	ck_assert_ptr_null(base64_decode(&a, "d"));
	ck_assert_ptr_null(base64_decode(&a, "dT p"));
	ck_assert_ptr_null(base64_decode(&a, "d=Tp"));
	ck_assert_ptr_null(base64_decode(&a, "dT-_"));
	ck_assert_ptr_null(base64_decode(&a, "AAAA")); /* NULs */
	arena_fini(&a);
}
END_TEST

SUITE("names", a_secure_name_is_safe_to_create, a_disposition_names_any_file,
      types_go_by_the_last_suffix, parameters_are_read_with_their_quotes,
      base64_is_decoded_or_refused)
