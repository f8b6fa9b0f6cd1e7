/* The page for developers: what it says in its three forms, and what it never lets through. */
#include "debug/page.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "debug/page_priv.h"
#include "fail_alloc.h"
#include "cruet/error.h"
#include "http/json_read.h"
#include "suite.h"

static struct arena a;

static void set_up(void)
{
	arena_init(&a, 4096);
}

static void tear_down(void)
{
	arena_fini(&a);
}

static const char *written(const struct page *p, enum page_form form)
{
	struct buf b;

	buf_init(&b, &a, 0);
	page_write(&b, p, form);
	ck_assert_int_eq(buf_err(&b), 0);
	return b.p;
}

static bool has(const struct page *p, enum page_form form, const char *what)
{
	return strstr(written(p, form), what) != NULL;
}

static const char *file_with(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
	return name;
}

static const char *source(const char *text)
{
	return file_with("shop.c", text, strlen(text));
}

/* A page with something in each of its parts. */
static struct page *full(const char *t)
{
	struct page *p = page_new(&a, 500, t, t);

	ck_assert_ptr_nonnull(p);
	p->signal = p->id = p->curl = t;
	page_cure(p, "%s", t);
	page_place(p, &(struct page_place){.function = t, .file = t, .line = 2, .says = t});
	page_value(p, t, t);
	page_place(p, &(struct page_place){.function = t, .object = t, .foreign = true});
	page_place(p, &(struct page_place){.function = t, .file = source(t), .line = 1, .column = 1});
	page_section(p, t);
	page_pair(p, t, t);
	page_text(p, t);
	return p;
}

START_TEST(form_is_what_the_client_asks_for)
{
	static const struct {
		const char *accept, *agent, *with;
		enum page_form form;
	} cases[] = {
		{NULL, NULL, NULL, PAGE_HTML},
		{"*/*", "Mozilla/5.0", NULL, PAGE_HTML},
		{"text/html,application/xhtml+xml,*/*;q=0.8", "Mozilla/5.0", NULL, PAGE_HTML},
		{"*/*", "curl/7.88.1", NULL, PAGE_TEXT},
		{NULL, "curl/7.88.1", NULL, PAGE_TEXT},
		{"*/*", "Wget/1.21", NULL, PAGE_TEXT},
		{"*/*", "HTTPie/3.2", NULL, PAGE_TEXT},
		{"text/html", "curl/7.88.1", NULL, PAGE_HTML},
		{"text/plain", "Mozilla/5.0", NULL, PAGE_TEXT},
		{"application/json", "curl/7.88.1", NULL, PAGE_JSON},
		{"application/problem+json", NULL, NULL, PAGE_JSON},
		{"text/html", "Mozilla/5.0", "XMLHttpRequest", PAGE_JSON},
		{"image/png", "Mozilla/5.0", NULL, PAGE_HTML},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(page_form(cases[i].accept, cases[i].agent, cases[i].with) ==
				      cases[i].form,
			      "case %zu", i);
}
END_TEST

START_TEST(text_reads_from_top_to_bottom)
{
	struct page *p = page_new(&a, 500, "SIGSEGV in show (shop.c:3)", "a NULL pointer");

	p->id = "5f3a";
	page_cure(p, "check %s first", "u->name");
	page_place(p, &(struct page_place){.function = "show",
					   .file = source("one\n\ttwo\n\tthree\nfour\n"),
					   .line = 3,
					   .column = 2});
	page_value(p, "u", "NULL");
	page_place(p, &(struct page_place){.function = "run", .object = "libcruet.so+0x1",
					   .foreign = true});
	page_section(p, "Request");
	page_pair(p, "method", "GET");
	page_section(p, "Nothing");
	page_section(p, "Log");
	page_text(p, "a\nb");
	ck_assert_str_eq(written(p, PAGE_TEXT), "500 SIGSEGV in show (shop.c:3)\n"
						"a NULL pointer\n"
						"-> check u->name first\n"
						"\n"
						"  * show (shop.c:3:2)\n"
						"       1 | one\n"
						"       2 | \ttwo\n"
						"  >    3 | \tthree\n"
						"         | \t^\n"
						"       4 | four\n"
						"      u: NULL\n"
						"  - run in libcruet.so+0x1\n"
						"\n"
						"Request\n"
						"  method: GET\n"
						"\n"
						"Log\n"
						"  a\n"
						"  b\n"
						"\n"
						"ID: 5f3a\n");
}
END_TEST

START_TEST(json_has_all_of_it)
{
	struct page *p = full("x\"\\\n\x01\xff<");
	const char *text = written(p, PAGE_JSON);
	struct json_problem why;
	cJSON *j = json_read(text, strlen(text), 0, &(struct json_limits){64, 10000}, &why);
	static const char clean[] = "x\"\\\n\x01\xEF\xBF\xBD<";

	ck_assert_msg(j != NULL, "%s", why.what);
	const cJSON *frame = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(j, "frames"), 0);
	const cJSON *section = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(j, "sections"), 0);
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(j, "error")->valuestring, clean);
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(j, "signal")->valuestring, clean);
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(frame, "func")->valuestring, clean);
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(frame, "file")->valuestring, clean);
	ck_assert_int_eq(cJSON_GetObjectItemCaseSensitive(frame, "line")->valueint, 2);
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(section, "title")->valuestring, clean);
	cJSON_Delete(j);
}
END_TEST

/* What is left when what the page itself writes is taken away. */
START_TEST(html_escapes_each_field)
{
	static const char evil[] = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
				   "</textarea></style></title><!--";
	const char *html = written(full(evil), PAGE_HTML);

	ck_assert_ptr_null(strstr(html, "<script>"));
	ck_assert_ptr_null(strstr(html, "<img"));
	ck_assert_ptr_null(strstr(html, "alert(1)</script>"));
	ck_assert_ptr_null(strstr(html, "'><"));
	ck_assert_ptr_null(strstr(html, "<!--"));
	ck_assert_ptr_nonnull(strstr(html, "&lt;script&gt;"));
}
END_TEST

START_TEST(text_cannot_move_a_terminal)
{
	static const char evil[] = "a\x1b[2J\x7f\r\xc2\x9b\xe2\x80\xae\xff";
	const char *text = written(full(evil), PAGE_TEXT);

	for (const char *p = text; *p; p++)
		ck_assert_msg(((unsigned char)*p >= 0x20 && *p != 0x7f) || *p == '\n' || *p == '\t',
			      "%02x", (unsigned char)*p);
	ck_assert_ptr_nonnull(strstr(text, "a\\x1b[2J\\x7f\\x0d\\u009b\\u202e\\xff"));
}
END_TEST

START_TEST(pages_run_no_script_but_their_own)
{
	struct page *p = page_new(&a, 500, "t", NULL), *q = page_new(&a, 500, "t", NULL);
	const char *policy = page_policy(p);

	ck_assert_str_ne(p->nonce, q->nonce);
	ck_assert_ptr_nonnull(strstr(policy, "default-src 'none'"));
	ck_assert_ptr_nonnull(strstr(policy, p->nonce));
	ck_assert(has(p, PAGE_HTML, arena_printf(&a, "<script nonce=%s>", p->nonce)));
	p->script = "again();\n";
	ck_assert(has(p, PAGE_HTML, "again();\n</script>"));
}
END_TEST

START_TEST(excerpts_end_where_the_file_does)
{
	static const char ten[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12";
	struct excerpt e;

	source(ten);
	ck_assert(excerpt_read(&e, &a, "shop.c", 1));
	ck_assert_uint_eq(e.first, 1);
	ck_assert_uint_eq(e.n, 6);
	ck_assert(excerpt_read(&e, &a, "shop.c", 7));
	ck_assert_uint_eq(e.first, 2);
	ck_assert_uint_eq(e.n, 11);
	ck_assert_str_eq(e.lines[0], "2");
	ck_assert_str_eq(e.lines[10], "12");
	ck_assert(excerpt_read(&e, &a, "shop.c", 12));
	ck_assert(!excerpt_read(&e, &a, "shop.c", 13));
	ck_assert(!excerpt_read(&e, &a, "shop.c", 1000));
	ck_assert(!excerpt_read(&e, &a, "shop.c", 0));
}
END_TEST

START_TEST(excerpts_of_what_is_no_source)
{
	struct excerpt e;
	char *big = arena_alloc(&a, 2000);

	ck_assert(!excerpt_read(&e, &a, "missing.c", 1));
	ck_assert(!excerpt_read(&e, &a, "/dev/zero", 1));
	ck_assert(!excerpt_read(&e, &a, ".", 1));
	file_with("empty.c", "", 0);
	ck_assert(!excerpt_read(&e, &a, "empty.c", 1));
	memset(big, 'x', 2000);
	file_with("wide.c", big, 2000);
	ck_assert(excerpt_read(&e, &a, "wide.c", 1));
	ck_assert_uint_lt(strlen(e.lines[0]), 500);
	file_with("dos.c", "a\r\n\0b\r\n", 7);
	ck_assert(excerpt_read(&e, &a, "dos.c", 1));
	ck_assert_str_eq(e.lines[0], "a");
}
END_TEST

START_TEST(large_values_are_cut)
{
	struct page *p = page_new(&a, 500, "t", NULL);
	char *big = arena_alloc(&a, 20001);

	memset(big, 'y', 20000);
	big[20000] = '\0';
	memcpy(big + PAGE_VALUE_MAX - 1, "\xc3\xa4", 2); /* not in the middle of it */
	page_section(p, "Form");
	page_pair(p, "big", big);
	ck_assert(has(p, PAGE_TEXT, "y ... (11809 more bytes)"));
	ck_assert(has(p, PAGE_HTML, "y <i>... 11809 more bytes</i>"));
}
END_TEST

START_TEST(libraries_are_folded)
{
	static const struct page_place own = {.function = "own"};
	static const struct page_place lib = {.function = "lib", .foreign = true};
	struct page *p = page_new(&a, 500, "t", NULL);

	page_place(p, &lib);
	page_place(p, &own);
	page_place(p, &lib);
	page_place(p, &lib);
	ck_assert(has(p, PAGE_HTML, "<summary>1 frame of libraries</summary>"));
	ck_assert(has(p, PAGE_HTML, "<summary>2 frames of libraries</summary>"));
	ck_assert(has(p, PAGE_HTML, "<article>\n<h3><b>own</b>"));
}
END_TEST

START_TEST(editors_are_linked_to_absolute_files)
{
	struct page *p = page_new(&a, 500, "t", NULL);

	page_place(p, &(struct page_place){.file = "/srv/my shop.c", .line = 9});
	page_place(p, &(struct page_place){.file = "javascript:alert(1)", .line = 9});
	ck_assert(has(p, PAGE_HTML, "<a href=\"vscode://file/srv/my%20shop.c:9:1\""));
	ck_assert(!has(p, PAGE_HTML, "href=\"javascript"));
}
END_TEST

START_TEST(the_column_is_marked)
{
	struct page *p = page_new(&a, 500, "t", NULL);
	struct page_place at = {.file = source("int \xc3\xa4 <b;\n"), .line = 1, .column = 5};

	page_place(p, &at);
	ck_assert(has(p, PAGE_HTML, "int <mark>\xc3\xa4</mark> &lt;b;"));
	ck_assert(has(p, PAGE_TEXT, "         |     ^\n"));
	at.column = 200;
	page_place(p, &at);
	ck_assert(has(p, PAGE_HTML, "<i>1</i><code>int \xc3\xa4 &lt;b;"));
}
END_TEST

START_TEST(without_memory_something_is_missing_and_nothing_breaks)
{
	bool more = true;

	source("a\n");
	for (size_t n = 1; more; n++) {
		struct buf b;
		arena_fini(&a);
		arena_init(&a, 256);
		fail_alloc_at(n);
		struct page *p = page_new(&a, 500, "t", "c");
		page_cure(p, "c");
		page_place(p, &(struct page_place){.file = "shop.c", .line = 1});
		page_value(p, "v", "w");
		page_section(p, "s");
		page_pair(p, "n", "v");
		page_text(p, "t");
		page_policy(p);
		buf_init(&b, &a, 0);
		for (enum page_form f = PAGE_HTML; f <= PAGE_JSON; f++)
			page_write(&b, p, f);
		more = fail_alloc_off();
		ck_assert(buf_err(&b) == CRUET_OK || buf_err(&b) == CRUET_ENOMEM);
		ck_assert(more || b.len > 1000);
	}
}
END_TEST

SUITE_WITH("page", set_up, tear_down, form_is_what_the_client_asks_for,
	   text_reads_from_top_to_bottom, json_has_all_of_it, html_escapes_each_field,
	   text_cannot_move_a_terminal, pages_run_no_script_but_their_own,
	   excerpts_end_where_the_file_does, excerpts_of_what_is_no_source, large_values_are_cut,
	   libraries_are_folded, editors_are_linked_to_absolute_files, the_column_is_marked,
	   without_memory_something_is_missing_and_nothing_breaks)
