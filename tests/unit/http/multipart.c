/* multipart_next() and multipart_read(), fed by pieces of every size. */
#include "http/multipart.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cruet/error.h"
#include "suite.h"

struct feed {
	const char *p;
	size_t left, step;
	int err; /* instead of the end */
};

static ptrdiff_t feed(void *arg, void *buf, size_t cap)
{
	struct feed *f = arg;
	size_t n = f->left < f->step ? f->left : f->step;

	if (!f->left)
		return f->err;
	n = n < cap ? n : cap;
	memcpy(buf, f->p, n);
	f->p += n;
	f->left -= n;
	return (ptrdiff_t)n;
}

/* All parts as "name|filename|mime=bytes;"; then how it ended. */
static int read_all(struct arena *a, const char *boundary, const char *body, size_t len,
		    size_t step, size_t cap, struct buf *out)
{
	struct feed f = {body, len, step, 0};
	struct multipart m;
	struct multipart_part part;
	char *bytes = arena_alloc(a, cap);
	ptrdiff_t n;

	buf_clear(out);
	int err = multipart_init(&m, a, boundary, feed, &f);
	while (!err && !(err = multipart_next(&m, &part))) {
		buf_printf(out, "%s|%s|%s=", part.name, part.filename ? part.filename : "-",
			   part.mime ? part.mime : "-");
		while ((n = multipart_read(&m, bytes, cap)) > 0)
			buf_put(out, bytes, (size_t)n);
		err = (int)n;
		buf_char(out, ';');
	}
	return err;
}

static const struct {
	const char *body, *want;
	int end;
} cases[] = {
	{"--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XX--\r\n", "a|-|-=1;",
	 CRUET_ENOENT},
	{"--XX\nContent-Disposition: form-data; name=a\n\n1\n--XX--", "a|-|-=1;", CRUET_ENOENT},
	{"before\r\n--XX\r\nCONTENT-DISPOSITION: form-data; NAME=\"a\"\r\n\r\n\r\n--XX--after",
	 "a|-|-=;", CRUET_ENOENT},
	{"--XX \t\r\nContent-Type: image/png\r\nContent-Disposition: form-data; name=\"f\"; "
	 "filename=\"a \\\"b\\\";c.png\"\r\n\r\nPNG\r\n--XX--",
	 "f|a \"b\";c.png|image/png=PNG;", CRUET_ENOENT},
	{"--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\x\\y\"\r\n\r\nx\r\n"
	 "--XX\r\nContent-Disposition: form-data; name=\"%22\"; filename=\"\"\r\n\r\n\r\n--XX--",
	 "f|C:\\x\\y|-=x;\"||-=;", CRUET_ENOENT},
	{"--XX\r\nContent-Disposition: form-data; name=f; filename=\"u\"; "
	 "filename*=UTF-8''%c3%bc.txt\r\n\r\nx\r\n--XX--",
	 "f|\xc3\xbc.txt|-=x;", CRUET_ENOENT},
	/* what looks like a mark and is none */
	{"--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n--X\r\n--XXY\r\r\n-\n--XX x\r\n--XX--",
	 "a|-|-=--X\r\n--XXY\r\r\n-\n--XX x;", CRUET_ENOENT},
	/* a mark right behind the head */
	{"--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n--XX--", "a|-|-=;", CRUET_ENOENT},
	{"--XX\r\n\r\nno head\r\n--XX--", "|-|-=no head;", CRUET_ENOENT},
	{"--XX--", "", CRUET_ENOENT},
	/* cut short, or no multipart body at all */
	{"", "", CRUET_EPARSE},
	{"--XX", "", CRUET_EPARSE},
	{"--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n", "a|-|-=1\r\n;", CRUET_EPARSE},
	{"--XX\r\nContent-Disposition: form-data; na", "", CRUET_EPARSE},
	{"--XX\r\nno colon\r\n\r\n1\r\n--XX--", "", CRUET_EPARSE},
	{"{\"json\": true}", "", CRUET_EPARSE},
};

START_TEST(every_split_reads_the_same)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].body);
		for (size_t step = 1; step <= len + 1; step++) {
			struct arena a;
			struct buf out;
			arena_init(&a, 65536);
			buf_init(&out, &a, 0);
			int end = read_all(&a, "XX", cases[i].body, len, step, 1 + step % 5, &out);
			ck_assert_msg(!strcmp(out.p, cases[i].want) && end == cases[i].end,
				      "case %zu in steps of %zu: %s, %d", i, step, out.p, end);
			arena_fini(&a);
		}
	}
}
END_TEST

START_TEST(a_large_part_passes_through_one_buffer)
{
	enum { SIZE = 300000 };
	static char body[SIZE + 200];
	struct arena a;
	struct buf out;
	size_t head = (size_t)sprintf(body, "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n");

	for (size_t i = 0; i < SIZE; i++) /* full of line breaks that begin no mark */
		body[head + i] = "\r\n--X"[i % 5];
	size_t len = head + SIZE + (size_t)sprintf(body + head + SIZE, "\r\n--XX--");
	arena_init(&a, 1 << 20);
	buf_init(&out, &a, 0);
	ck_assert_int_eq(read_all(&a, "XX", body, len, 4096, 1000, &out), CRUET_ENOENT);
	ck_assert_uint_eq(out.len, strlen("a|-|-=") + SIZE + 1);
	ck_assert(!memcmp(out.p + strlen("a|-|-="), body + head, SIZE));
	arena_fini(&a);
}
END_TEST

START_TEST(a_head_is_bounded_and_has_no_nul)
{
	static char body[20000];
	struct arena a;
	struct buf out;

	arena_init(&a, 4096);
	buf_init(&out, &a, 0);
	memset(body, 'x', sizeof body);
	memcpy(body, "--XX\r\nX: ", 9);
	ck_assert_int_eq(read_all(&a, "XX", body, sizeof body, 1000, 10, &out), CRUET_ELIMIT);
	memcpy(body + 9000, "\r\n\r\nx\r\n--XX--", 13); /* whole, and too long all the same */
	ck_assert_int_eq(read_all(&a, "XX", body, sizeof body, 20000, 10, &out), CRUET_ELIMIT);
	static const char nul[] = "--XX\r\nContent-Disposition: form-data; name=\"a\0b\"\r\n\r\n1\r\n--XX--";
	ck_assert_int_eq(read_all(&a, "XX", nul, sizeof nul - 1, 7, 10, &out), CRUET_EPARSE);
	arena_fini(&a);
}
END_TEST

START_TEST(a_boundary_is_needed_and_bounded)
{
	char longest[MULTIPART_BOUNDARY_MAX + 2];
	struct multipart m;
	struct arena a;

	arena_init(&a, 4096);
	memset(longest, 'b', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	ck_assert_int_eq(multipart_init(&m, &a, NULL, feed, NULL), CRUET_EPARSE);
	ck_assert_int_eq(multipart_init(&m, &a, "", feed, NULL), CRUET_EPARSE);
	ck_assert_int_eq(multipart_init(&m, &a, longest, feed, NULL), CRUET_EPARSE);
	ck_assert_int_eq(multipart_init(&m, &a, longest + 1, feed, NULL), CRUET_OK);
	arena_fini(&a);
}
END_TEST

START_TEST(parts_may_be_skipped_and_a_failing_source_is_told)
{
	static const char body[] = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n"
				   "skipped\r\n--XX\r\nContent-Disposition: form-data; name=b\r\n\r\n"
				   "cut";
	struct feed f = {body, sizeof body - 1, 3, CRUET_ETIMEOUT};
	struct multipart_part part;
	struct multipart m;
	struct arena a;
	char buf[64];
	ptrdiff_t n;

	arena_init(&a, 4096);
	ck_assert_int_eq(multipart_init(&m, &a, "XX", feed, &f), CRUET_OK);
	ck_assert_int_eq(multipart_next(&m, &part), CRUET_OK);
	ck_assert_int_eq(multipart_next(&m, &part), CRUET_OK);
	ck_assert_str_eq(part.name, "b");
	while ((n = multipart_read(&m, buf, sizeof buf)) > 0)
		;
	ck_assert_int_eq((int)n, CRUET_ETIMEOUT);
	arena_fini(&a);
}
END_TEST

SUITE("multipart", every_split_reads_the_same, a_large_part_passes_through_one_buffer,
      a_head_is_bounded_and_has_no_nul, a_boundary_is_needed_and_bounded,
      parts_may_be_skipped_and_a_failing_source_is_told)
