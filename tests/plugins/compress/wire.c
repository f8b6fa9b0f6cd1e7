/* Over a socket, on each transport: a text, a file, and a stream that a client can read
 * while it is not at its end. */
#include "../../net/raw.h"

#include "decode.h"

extern const cruet_plugin cruet_plugin_compress;

enum { LONG = 200000 };

static int gate[2]; /* a byte written to it lets the stream go on */
static char folder[FOLDER_MAX], back[LONG + 1];

static char letter(size_t i)
{
	return "hello, world\n"[i % 13];
}

static int text(cruet_ctx *c)
{
	for (size_t i = 0; i < 2000; i++)
		cruet_writef(c, "%c", letter(i));
	return cruet_text(c, NULL);
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	int *turn = self;
	char byte;

	(void)c;
	switch ((*turn)++) {
	case 0:
		return snprintf(buf, cap, "first");
	case 1:
		return CRUET_EAGAIN; /* for as long as wait_ms says */
	case 2:
		return read(gate[0], &byte, 1) == 1 ? snprintf(buf, cap, " second") : CRUET_EIO;
	default:
		return 0;
	}
}

static int large(cruet_ctx *c)
{
	return cruet_send_file(c, cruet_printf(c, "%s/large.txt", folder), NULL);
}

static int stream(cruet_ctx *c)
{
	static const cruet_source s = {
		.size = sizeof s, .wait_ms = 1, .mime = "text/plain", .length = -1, .pull = pull};

	return cruet_stream(c, &s, cruet_alloc(c, sizeof(int)));
}

static void setup(cruet_app *app)
{
	cruet_use_static(app, &cruet_plugin_compress, "streams=1");
	cruet_get(app, "/text", text);
	cruet_get(app, "/stream", stream);
	cruet_get(app, "/large", large);
}

static void begin(void)
{
	char path[FOLDER_MAX + 16];

	ck_assert(folder_make(folder));
	snprintf(path, sizeof path, "%s/large.txt", folder);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	for (size_t i = 0; i < LONG; i++)
		fputc(letter(i), f);
	fclose(f);
	ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
}

static size_t unpacked(const struct reply *r, bool *whole)
{
	char coding[16];

	ck_assert_uint_lt(r->body_len, sizeof r->body);
	return decode(header(r->head, "Content-Encoding", coding, sizeof coding), r->body,
		      r->body_len, back, sizeof back, whole);
}

static void assert_whole(struct wire *w, const char *ask, size_t len)
{
	bool whole;

	put(w, ask);
	struct reply r = take_reply(w, false);
	ck_assert_int_eq(r.status, 200);
	ck_assert(r.whole);
	ck_assert_uint_eq(unpacked(&r, &whole), len);
	ck_assert(whole);
	for (size_t i = 0; i < len; i++)
		if (back[i] != letter(i))
			ck_abort_msg("byte %zu is another one", i);
}

/* To HEAD, which leaves nothing behind on the connection. */
static void assert_coded(struct wire *w, const char *ask, const char *coding, bool has_length)
{
	char value[16];

	put(w, ask);
	struct reply r = take_reply(w, true);
	ck_assert_int_eq(r.status, 200);
	ck_assert_pstr_eq(header(r.head, "Content-Encoding", value, sizeof value), coding);
	ck_assert(!header(r.head, "Content-Length", value, sizeof value) == !has_length);
}

/* The text of what has come of a chunked body so far. */
static const char *so_far(struct wire *w)
{
	char *head_end = strstr(w->buf, "\r\n\r\n");
	char joined[4096];
	size_t n = 0;
	bool whole;

	for (char *at = head_end ? head_end + 4 : NULL; at && at < w->buf + w->n;) {
		char *bytes;
		size_t len = strtoul(at, &bytes, 16);
		if (bytes + 2 + len + 2 > w->buf + w->n)
			break;
		memcpy(joined + n, bytes + 2, len);
		n += len;
		at = bytes + 2 + len + 2;
	}
	back[n ? gunzip(joined, n, back, sizeof back - 1, &whole) : 0] = '\0';
	return back;
}

#define ASK(path, coding) \
	"GET " path " HTTP/1.1\r\nHost: x\r\nAccept-Encoding: " coding "\r\n\r\n"
#define HEAD(path, coding) \
	"HEAD " path " HTTP/1.1\r\nHost: x\r\nAccept-Encoding: " coding "\r\n\r\n"

START_TEST(replies_arrive_and_streams_do_not_wait_for_their_end)
{
	bool whole;

	begin();
	struct server s = server_start(setup, NULL);
	struct wire *w = dial(s.port);
	assert_whole(w, ASK("/text", "gzip"), 2000);
	assert_whole(w, ASK("/text", "br"), 2000);
	assert_whole(w, ASK("/large", "gzip"), LONG);
	assert_whole(w, ASK("/large", "br"), LONG);
	assert_coded(w, HEAD("/text", "gzip"), "gzip", true);
	assert_coded(w, HEAD("/large", "br"), "br", false);
	assert_coded(w, HEAD("/stream", "gzip"), "gzip", false);

	put(w, ASK("/stream", "gzip"));
	while (strcmp(so_far(w), "first") != 0)
		ck_assert_msg(more(w, PATIENCE_MS), "only \"%s\" came", back);
	/* no more than that at once */
	struct wire *other = dial(s.port);
	assert_coded(other, HEAD("/large", "br"), NULL, true);
	hang_up(other);
	ck_assert_int_eq(write(gate[1], "x", 1), 1);
	struct reply r = take_reply(w, false);
	ck_assert(r.whole);
	back[unpacked(&r, &whole)] = '\0';
	ck_assert_str_eq(back, "first second");
	ck_assert(whole);
	hang_up(w);
	server_stop(&s);
	ck_assert(folder_remove(folder));
}
END_TEST

SUITE("compress_wire", replies_arrive_and_streams_do_not_wait_for_their_end)
