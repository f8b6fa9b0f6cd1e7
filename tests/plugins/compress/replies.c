/* Which replies are compressed, and for whom. */
#include "fail_alloc.h"
#include "site.h"

/* --- codings ------------------------------------------------------------------------------- */

START_TEST(a_text_comes_in_what_the_client_reads)
{
	setup(NULL);
	assert_coding("/bytes", "gzip", "gzip");
	assert_text(LONG);
	ck_assert_uint_lt(cruet_client_body_len(t), LONG / 10);
	assert_header(t, "Content-Type", "text/html; charset=utf-8");
	assert_header(t, "Vary", "Accept-Encoding");
	ck_assert_int_eq(atoi(values(t, "Content-Length")), (int)cruet_client_body_len(t));
	assert_coding("/bytes", "gzip, deflate, br", "br");
	assert_text(LONG);
	ck_assert_uint_lt(cruet_client_body_len(t), LONG / 10);
	teardown();
}
END_TEST

START_TEST(accept_encoding_is_obeyed)
{
	static const struct {
		const char *accept, *coding;
	} cases[] = {{NULL, ""},
		     {"", ""},
		     {"deflate", ""},
		     {"identity", ""},
		     {"*", "br"},
		     {"*;q=0", ""},
		     {"x-gzip", "gzip"},
		     {"GZip", "gzip"},
		     {"br;q=0.5, gzip;q=0.8", "gzip"},
		     {"br;q=0.5, gzip;q=0.5", "br"},
		     {"br;q=0, *;q=0.1", "gzip"},
		     {"gzip;q=0.5, identity;q=0.9", ""},
		     {"gzip;q=0.5, identity;q=0.5", "gzip"},
		     {"gzip;q=0.001", "gzip"},
		     {"gzip;q=0.000", ""},
		     {"gzip;q=two", ""},
		     {"gzip;q=1.5, br;q=0.1", "br"},
		     {",;;, q=1", ""}};

	setup(NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_coding("/bytes", cases[i].accept, cases[i].coding);
		assert_header(t, "Vary", "Accept-Encoding");
		if (!*cases[i].coding)
			assert_body(t, long_text);
	}
	teardown();
}
END_TEST

START_TEST(codings_are_chosen_by_the_deployment)
{
	setup("codings=gzip,br");
	assert_coding("/bytes", "br, gzip", "gzip");
	assert_coding("/bytes", "br", "br");
	teardown();
	setup("codings=gzip");
	assert_coding("/bytes", "br", "");
	assert_coding("/bytes", "br, gzip", "gzip");
	teardown();
}
END_TEST

/* --- which replies ----------------------------------------------------------------------- */

START_TEST(small_ones_stay_unless_no_other_form_is_read)
{
	setup("min_size=100");
	assert_coding("/bytes?len=99", "gzip", "");
	assert_header(t, "Vary", "Accept-Encoding");
	assert_coding("/bytes?len=100", "gzip", "gzip");
	assert_text(100);
	assert_coding("/bytes?len=99", "gzip, identity;q=0", "gzip");
	assert_text(99);
	assert_coding("/bytes?len=99", "br, *;q=0", "br");
	assert_text(99);
	assert_coding("/bytes?len=0", "gzip, identity;q=0", "");
	/* also if it becomes longer by that */
	assert_coding("/bytes?len=1", "gzip, identity;q=0", "gzip");
	assert_text(1);
	assert_coding("/bytes?len=1", "br, *;q=0", "br");
	assert_text(1);
	assert_coding("/noise", "gzip, identity;q=0", "gzip");
	ck_assert_uint_gt(cruet_client_body_len(t), 1000);
	assert_coding("/noise", "br, identity;q=0", "br");
	ck_assert_uint_gt(cruet_client_body_len(t), 1000);
	teardown();
}
END_TEST

START_TEST(large_ones_and_what_does_not_shrink_stay)
{
	setup("max_size=4k");
	assert_coding("/bytes?len=4096", "gzip", "gzip");
	assert_text(4096);
	assert_coding("/bytes?len=4097", "gzip", "");
	assert_header(t, "Vary", "");
	assert_coding("/noise", "gzip", "");
	assert_header(t, "Content-Length", "1000");
	assert_coding("/noise", "br", "");
	assert_header(t, "Content-Length", "1000");
	teardown();
}
END_TEST

START_TEST(types_are_those_of_the_list)
{
	static const struct {
		const char *type;
		bool yes;
	} cases[] = {{"text/css", true},
		     {"TEXT/Plain;charset=utf-8", true},
		     {"application/json", true},
		     {"application/problem%2Bjson", true},
		     {"image/svg%2Bxml", true},
		     {"font/ttf", true},
		     {"image/png", false},
		     {"application/jsonl", false},
		     {"application/octet-stream", false},
		     {"text", false},
		     {"", false},
		     {"text/event-stream", false},
		     {"Text/Event-Stream;charset=utf-8", false}};
	char path[128];

	setup(NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(path, sizeof path, "/bytes?type=%s", cases[i].type);
		assert_coding(path, "gzip", cases[i].yes ? "gzip" : "");
		assert_header(t, "Vary", cases[i].yes ? "Accept-Encoding" : "");
	}
	teardown();
	setup("types=image/*,*+cbor,application/pdf");
	assert_coding("/bytes?type=image/png", "gzip", "gzip");
	assert_coding("/bytes?type=application/cwt%2Bcbor", "gzip", "gzip");
	assert_coding("/bytes?type=application/pdf", "gzip", "gzip");
	assert_coding("/bytes?type=text/css", "gzip", "");
	assert_coding("/bytes?type=application/pdfx", "gzip", "");
	teardown();
}
END_TEST

START_TEST(what_is_bound_to_its_bytes_stays)
{
	static const char *const headers[] = {
		"header=Content-Encoding&value=deflate", "header=Content-Range&value=bytes+0-1/2",
		"header=Cache-Control&value=public,no-transform", "header=Repr-Digest&value=x",
		"header=Content-Digest&value=x", "header=Digest&value=x",
		"header=Content-MD5&value=x", "status=206"};
	char path[128];

	setup(NULL);
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		snprintf(path, sizeof path, "/bytes?%s", headers[i]);
		const char *got = ask(path, "gzip");
		ck_assert_msg(!*got || !strcmp(got, "deflate"), "%s: %s", path, got);
		assert_body(t, long_text);
		assert_header(t, "Vary", "");
	}
	assert_coding("/nothing", "gzip", "");
	assert_header(t, "Vary", "");
	teardown();
}
END_TEST

START_TEST(error_pages)
{
	setup(NULL);
	assert_coding("/fails", "gzip", "gzip");
	ck_assert_int_eq(cruet_client_status(t), 404);
	assert_coding("/bytes?status=500", "br", "br");
	assert_text(LONG);
	teardown();
}
END_TEST

/* --- secrets -------------------------------------------------------------------------------- */

START_TEST(replies_that_may_hold_secrets_stay)
{
	static const struct {
		const char *sends, *path;
		bool stays;
	} cases[] = {
		{NULL, "/bytes", false},
		{"Cookie", "/bytes", false},
		{NULL, "/bytes?header=Set-Cookie&value=a=b", true},
		{NULL, "/bytes?saves=1", true},
		{NULL, "/bytes?header=Cache-Control&value=private", false},
		{"Cookie", "/bytes?header=Cache-Control&value=private", true},
		{"Authorization", "/bytes?header=Cache-Control&value=max-age=0,+No-Store", true},
		{"Cookie", "/bytes?header=Cache-Control&value=private=x,+public", true},
		{"Cookie", "/bytes?header=Cache-Control&value=public,+x-private", false},
		{"Cookie", "/bytes?header=Vary&value=Accept,+cookie", true},
		{NULL, "/bytes?header=Vary&value=Cookie", false},
		{"Authorization", "/bytes?header=Vary&value=Authorization", true},
		{"Authorization", "/bytes", true},
		{"Authorization", "/bytes?header=Cache-Control&value=max-age=9,+Public", false},
		{"Authorization", "/bytes?may=1", false},
		{"Cookie", "/bytes?header=Vary&value=*", true},
		{"Cookie", "/bytes?may=1&header=Vary&value=Cookie", false},
		{NULL, "/bytes?may=1&header=Set-Cookie&value=a=b", false},
		{NULL, "/bytes?may=0", true},
	};

	setup(NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cruet_client_set_cookie(t, "session", NULL);
		cruet_client_set_cookie(t, "a", NULL);
		if (cases[i].sends)
			cruet_client_set_header(t, cases[i].sends, "x=1");
		assert_coding(cases[i].path, "gzip", cases[i].stays ? "" : "gzip");
	}
	teardown();
	setup("secrets=compress");
	assert_coding("/bytes?saves=1", "gzip", "gzip");
	assert_coding("/bytes?may=0", "gzip", "");
	teardown();
}
END_TEST

/* --- scopes, mistakes, memory ------------------------------------------------------------------ */

START_TEST(a_blueprint_compresses_its_own_replies)
{
	app = new_app();
	cruet_app *inner = cruet_blueprint(app, "inner", "/inner");
	cruet_use_static(inner, &cruet_plugin_compress, NULL);
	cruet_get(inner, "/", bytes);
	cruet_get(app, "/", bytes);
	t = client_of(app);
	assert_coding("/inner/", "gzip", "gzip");
	assert_coding("/", "gzip", "");
	assert_header(t, "Vary", "");
	teardown();
}
END_TEST

START_TEST(wrong_options_are_refused)
{
	static const struct {
		const char *options, *sentence;
	} cases[] = {
		{"codings=deflate", "plugin 'compress': option codings: \"deflate\": expected br "
				    "or gzip"},
		{"codings=", "plugin 'compress': option codings: it is empty: expected br, gzip "
			     "or both"},
		{"types=css", "plugin 'compress': option types: \"css\": expected types such as "
			      "text/css, text/* or *+json"},
		{"types=text/css;x", "plugin 'compress': option types: \"text/css;x\": expected "
				     "types such as text/css, text/* or *+json"},
		{"types=a*b", "plugin 'compress': option types: \"a*b\": expected types such as "
			      "text/css, text/* or *+json"},
		{"types=*x*", "plugin 'compress': option types: \"*x*\": expected types such as "
			      "text/css, text/* or *+json"},
		{"types=text/event-stream",
		 "plugin 'compress': option types: \"text/event-stream\": events are never "
		 "compressed: each has to arrive at once"},
		{"level=10", "plugin 'compress': option level = \"10\": expected the level of "
			     "gzip, 1 (fast) to 9 (small)"},
		{"quality=7", "plugin 'compress': option quality = \"7\": expected the quality "
			      "of br, 0 (fast) to 6 (small)"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(&cruet_plugin_compress, cases[i].options, cases[i].sentence);
}
END_TEST

/* Whatever fails, the reply is whole: in either form, or as an error. */
START_TEST(without_memory_it_comes_as_it_is_or_not_at_all)
{
	bool more = true;

	setup(NULL);
	write_file("site.css");
	for (int k = 0; k < 4; k++, more = true)
		for (size_t n = 1; more; n++) {
			cruet_client_set_header(t, "Accept-Encoding", k % 2 ? "br" : "gzip");
			fail_alloc_at(n);
			int status = cruet_client_get(t, k < 2 ? "/tagged" : "/file");
			more = fail_alloc_off();
			if (status == 200 && *values(t, "Content-Encoding") &&
			    !cruet_client_broken(t))
				assert_text(LONG);
			else if (status == 200 && !cruet_client_broken(t))
				assert_body(t, long_text);
			else
				ck_assert_msg(more || status == 200, "%zu: %d", n, status);
		}
	unlink(file);
	teardown();
}
END_TEST

SUITE("compress_replies", a_text_comes_in_what_the_client_reads, accept_encoding_is_obeyed,
      codings_are_chosen_by_the_deployment, small_ones_stay_unless_no_other_form_is_read,
      large_ones_and_what_does_not_shrink_stay, types_are_those_of_the_list,
      what_is_bound_to_its_bytes_stays, error_pages, replies_that_may_hold_secrets_stay,
      a_blueprint_compresses_its_own_replies, wrong_options_are_refused,
      without_memory_it_comes_as_it_is_or_not_at_all)
