/* Which replies are compressed, for whom, and what they say then. */
#include "../edge.h"

#include <fcntl.h>
#include "decode.h"
#include "fail_alloc.h"

extern const cruet_plugin cruet_plugin_compress;

enum { LONG = 5000 };

static cruet_app *app;
static cruet_client *t;
static char long_text[LONG + 1], back[LONG + 1];
static char file[FOLDER_MAX + 16];

/* --- handlers: what they reply is in the query ---------------------------------------------- */

static int bytes(cruet_ctx *c)
{
	const char *type = cruet_query(c, "type"), *header = cruet_query(c, "header");
	int64_t len = cruet_query_int(c, "len", LONG);

	if (header)
		cruet_add_header(c, header, cruet_query(c, "value"));
	if (cruet_query(c, "may"))
		cruet_compress(c, cruet_query_int(c, "may", 0));
	cruet_status(c, (int)cruet_query_int(c, "status", 200));
	return cruet_bytes(c, type ? type : "text/html; charset=utf-8", long_text, (size_t)len);
}

static int tagged(cruet_ctx *c)
{
	const char *tag = cruet_query(c, "tag");
	int r = cruet_conditional(c, tag ? tag : "v1", 1704164645);

	return r ? r : bytes(c);
}

static int noise(cruet_ctx *c)
{
	char p[1000];
	unsigned x = 7;

	for (size_t i = 0; i < sizeof p; i++)
		p[i] = (char)((x = x * 1103515245 + 12345) >> 16);
	return cruet_bytes(c, "text/plain", p, sizeof p);
}

static int sends_file(cruet_ctx *c)
{
	return cruet_send_file(c, file, NULL);
}

static int nothing(cruet_ctx *c)
{
	return cruet_empty(c, 204);
}

static int fails(cruet_ctx *c)
{
	return cruet_fail(c, 404, "no %s", long_text);
}

/* As a session does it: when nobody else changes the reply. */
static int save(cruet_ctx *c)
{
	return cruet_query(c, "saves") ? cruet_set_cookie(c, "session", "1", NULL) : CRUET_OK;
}

static void setup(const char *options)
{
	for (int i = 0; i < LONG; i++)
		long_text[i] = "hello, world\n"[i % 13];
	app = new_app();
	cruet_finish(app, save);
	cruet_use_static(app, &cruet_plugin_compress, options);
	cruet_finish(app, save);
	cruet_get(app, "/bytes", bytes);
	cruet_get(app, "/tagged", tagged);
	cruet_get(app, "/noise", noise);
	cruet_get(app, "/file", sends_file);
	cruet_get(app, "/nothing", nothing);
	cruet_get(app, "/fails", fails);
	t = client_of(app);
}

static void teardown(void)
{
	done(app, t);
}

static void write_file(const char *name)
{
	snprintf(file, sizeof file, "%s/%s", getenv("TMPDIR"), name);
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, long_text, LONG), LONG);
	close(fd);
}

/* The coding of the reply, "" for none. */
static const char *ask(const char *path, const char *accept)
{
	if (accept)
		cruet_client_set_header(t, "Accept-Encoding", accept);
	cruet_client_get(t, path);
	return values(t, "Content-Encoding");
}

static void assert_coding(const char *path, const char *accept, const char *coding)
{
	const char *got = ask(path, accept);

	ck_assert_msg(!strcmp(got, coding), "%s for \"%s\": \"%s\"", path,
		      accept ? accept : "(none)", got);
}

/* The body is the beginning of the long text, in the coding that the reply names. */
static void assert_text(size_t len)
{
	bool whole;
	size_t got = decode(cruet_client_header(t, "Content-Encoding"), cruet_client_body(t),
			    cruet_client_body_len(t), back, sizeof back, &whole);

	ck_assert(whole);
	ck_assert_uint_eq(got, len);
	ck_assert(!memcmp(back, long_text, len));
}

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

static char said[2048];

/* All that a reply says of itself, but when it was made. */
static void keep_headers(void)
{
	const char *name, *value;
	size_t n = 0;

	said[0] = '\0';
	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++)
		if (strcasecmp(name, "Date") != 0)
			n += (size_t)snprintf(said + n, sizeof said - n, "%s: %s\n", name, value);
	ck_assert_uint_lt(n, sizeof said);
}

START_TEST(head_says_what_get_says)
{
	static const char *const paths[] = {"/bytes", "/tagged", "/file", "/noise", "/bytes?len=5",
					    "/fails", "/nothing"};
	static const char *const accepts[] = {"gzip", "br", "identity"};
	char get[sizeof said];

	setup(NULL);
	write_file("site.css");
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		for (size_t k = 0; k < sizeof accepts / sizeof *accepts; k++) {
			ask(paths[i], accepts[k]);
			keep_headers();
			strcpy(get, said);
			cruet_client_set_header(t, "Accept-Encoding", accepts[k]);
			cruet_client_send(t, "HEAD", paths[i], NULL, NULL, 0);
			keep_headers();
			ck_assert_str_eq(said, get);
			assert_body(t, "");
		}
	unlink(file);
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

START_TEST(vary_is_added_to_what_is_there)
{
	setup(NULL);
	assert_coding("/bytes?header=Vary&value=Origin", "gzip", "gzip");
	assert_header(t, "Vary", "Origin; Accept-Encoding");
	assert_coding("/bytes?header=Vary&value=Origin,+accept-encoding", NULL, "");
	assert_header(t, "Vary", "Origin, accept-encoding");
	assert_coding("/bytes?header=Vary&value=*", "gzip", "gzip");
	assert_header(t, "Vary", "*");
	teardown();
}
END_TEST

/* --- tags --------------------------------------------------------------------------------- */

static int again(const char *path, const char *tag, const char *accept)
{
	cruet_client_set_header(t, "If-None-Match", tag);
	if (accept)
		cruet_client_set_header(t, "Accept-Encoding", accept);
	return cruet_client_get(t, path);
}

START_TEST(a_strong_tag_becomes_weak_and_still_answers_304)
{
	setup(NULL);
	assert_coding("/tagged", "gzip", "gzip");
	assert_header(t, "ETag", "W/\"v1\"");
	ck_assert_int_eq(again("/tagged", "W/\"v1\"", "gzip"), 304);
	assert_header(t, "ETag", "W/\"v1\"");
	assert_header(t, "Vary", "Accept-Encoding");
	assert_header(t, "Content-Encoding", "");
	ck_assert_int_eq(again("/tagged", "\"a\", W/\"v1\"", "br"), 304);
	assert_header(t, "ETag", "W/\"v1\"");
	ck_assert_int_eq(again("/tagged", "W/\"v2\"", "gzip"), 200);
	assert_text(LONG);
	/* who has it as it is, keeps its own tag */
	assert_coding("/tagged", NULL, "");
	assert_header(t, "ETag", "\"v1\"");
	ck_assert_int_eq(again("/tagged", "\"v1\"", NULL), 304);
	assert_header(t, "ETag", "\"v1\"");
	assert_header(t, "Vary", "Accept-Encoding");
	ck_assert_int_eq(again("/tagged", "\"v1\", W/\"v10\"", "gzip"), 304);
	assert_header(t, "ETag", "\"v1\"");
	ck_assert_int_eq(again("/tagged", "*", "gzip"), 304);
	assert_header(t, "ETag", "\"v1\"");
	assert_coding("/tagged?tag=W/w1", "gzip", "gzip");
	assert_header(t, "ETag", "W/\"w1\"");
	ck_assert_int_eq(again("/tagged?tag=W/w1", "W/\"w1\"", "gzip"), 304);
	assert_header(t, "ETag", "W/\"w1\"");
	teardown();
}
END_TEST

START_TEST(files_are_compressed_and_parts_of_them_are_not)
{
	char tag[64];

	setup(NULL);
	write_file("site.css");
	assert_coding("/file", "gzip", "gzip");
	assert_text(LONG);
	assert_header(t, "Content-Length", "");
	assert_header(t, "Accept-Ranges", "");
	ck_assert(!strncmp(values(t, "ETag"), "W/\"", 3));
	assert_header(t, "Last-Modified", "");
	assert_coding("/file", "br", "br");
	assert_text(LONG);
	assert_coding("/file", NULL, "");
	assert_header(t, "Accept-Ranges", "bytes");
	assert_header(t, "Vary", "Accept-Encoding");
	cruet_client_set_header(t, "Range", "bytes=0-1999");
	assert_coding("/file", "gzip", "");
	ck_assert_int_eq(cruet_client_status(t), 206);
	assert_header(t, "Content-Length", "2000");
	/* nothing that came with the coded bytes joins others to them */
	assert_coding("/file", "gzip", "gzip");
	snprintf(tag, sizeof tag, "%s", values(t, "ETag"));
	cruet_client_set_header(t, "Range", "bytes=20-");
	cruet_client_set_header(t, "If-Range", tag);
	assert_coding("/file", "gzip", "gzip");
	ck_assert_int_eq(cruet_client_status(t), 200);
	assert_text(LONG);
	ck_assert_int_eq(again("/file", tag, "gzip"), 304);
	assert_header(t, "ETag", tag);
	assert_header(t, "Accept-Ranges", "");
	unlink(file);
	write_file("site.png");
	assert_coding("/file", "gzip", "");
	assert_header(t, "Vary", "");
	unlink(file);
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
      what_is_bound_to_its_bytes_stays, head_says_what_get_says, error_pages, vary_is_added_to_what_is_there,
      a_strong_tag_becomes_weak_and_still_answers_304,
      files_are_compressed_and_parts_of_them_are_not, replies_that_may_hold_secrets_stay,
      a_blueprint_compresses_its_own_replies, wrong_options_are_refused,
      without_memory_it_comes_as_it_is_or_not_at_all)
