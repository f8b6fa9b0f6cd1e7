/* What replies say of themselves when they are compressed. */
#include "site.h"

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

static int if_match(const char *tag, const char *accept)
{
	cruet_client_set_header(t, "If-Match", tag);
	cruet_client_set_header(t, "Accept-Encoding", accept);
	return cruet_client_get(t, "/tagged");
}

START_TEST(a_weak_tag_never_passes_if_match)
{
	setup(NULL);
	ck_assert_int_eq(if_match("\"v1\"", "gzip"), 200);
	assert_header(t, "ETag", "W/\"v1\"");
	ck_assert_int_eq(if_match("W/\"v1\"", "gzip"), 412);
	ck_assert_int_eq(if_match("W/\"v1\"", "identity"), 412);
	teardown();
}
END_TEST

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

SUITE("compress_headers", head_says_what_get_says, vary_is_added_to_what_is_there,
      a_strong_tag_becomes_weak_and_still_answers_304, a_weak_tag_never_passes_if_match,
      files_are_compressed_and_parts_of_them_are_not)
