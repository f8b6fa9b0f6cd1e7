/* Bodies that are made while they are sent. */
#include "../edge.h"

#include "decode.h"

extern const cruet_plugin cruet_plugin_compress;

enum { MAX = 1 << 17 };

static cruet_app *app;
static cruet_client *t;
static char trace[256], back[MAX], expected[MAX];

/* A source that gives pieces of one size, and may wait before each, break off, or promise
 * another length. */
struct source {
	size_t piece, left, fail_at;
	bool waits, waited;
};

static char letter(size_t i)
{
	return "hello, world\n"[i % 13];
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct source *s = self;
	size_t n = s->left < s->piece ? s->left : s->piece;

	(void)c;
	if (s->fail_at && s->left <= s->fail_at)
		return CRUET_EIO;
	if (s->waits && !s->waited) {
		s->waited = true;
		return CRUET_EAGAIN;
	}
	s->waited = false;
	n = n < cap ? n : cap;
	for (size_t i = 0; i < n; i++)
		((char *)buf)[i] = letter(s->left - i);
	s->left -= n;
	return (ptrdiff_t)n;
}

static void closed(cruet_ctx *c, void *self, int why)
{
	size_t n = strlen(trace);

	(void)c, (void)self;
	snprintf(trace + n, sizeof trace - n, "closed:%d ", why);
}

static int stream(cruet_ctx *c)
{
	struct source *s = cruet_alloc(c, sizeof *s);
	const char *type = cruet_query(c, "type");

	if (!s)
		return CRUET_ENOMEM;
	*s = (struct source){.piece = (size_t)cruet_query_int(c, "piece", 100),
			     .left = (size_t)cruet_query_int(c, "len", 5000),
			     .fail_at = (size_t)cruet_query_int(c, "fail", 0),
			     .waits = cruet_query(c, "waits")};
	const cruet_source source = {.size = sizeof source,
				     .wait_ms = 1,
				     .mime = type ? type : "text/plain",
				     .length = cruet_query_int(c, "says", -1),
				     .pull = pull,
				     .close = closed};
	return cruet_stream(c, &source, s);
}

static int one_event(cruet_ctx *c, void *self, cruet_sse *out)
{
	bool *told = self;

	(void)c;
	if (*told)
		return CRUET_ENOENT;
	*told = true;
	out->data = "a long event: hello, world, hello, world, hello, world";
	return CRUET_OK;
}

static int events(cruet_ctx *c)
{
	static const cruet_sse_source s = {.size = sizeof s, .next = one_event};

	return cruet_sse_stream(c, &s, cruet_alloc(c, sizeof(bool)));
}

/* Another hook of this kind, which takes what the coder gives in small pieces. */
struct sipper {
	cruet_source from;
	void *self;
	size_t cap;
};

static ptrdiff_t sip(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct sipper *s = self;

	return s->from.pull(c, s->self, buf, s->cap < cap ? s->cap : cap);
}

static void sipped(cruet_ctx *c, void *self, int why)
{
	struct sipper *s = self;

	if (s->from.close)
		s->from.close(c, s->self, why);
}

static int sips(cruet_ctx *c)
{
	struct sipper *s = cruet_query(c, "sip") ? cruet_alloc(c, sizeof *s) : NULL;

	if (!s)
		return CRUET_OK;
	s->cap = (size_t)cruet_query_int(c, "sip", 0);
	s->from.size = sizeof s->from;
	int err = cruet_reply_take(c, &s->from, &s->self);
	if (err)
		return err;
	const cruet_source to = {.size = sizeof to, .wait_ms = s->from.wait_ms, .length = -1,
				 .pull = sip, .close = sipped};
	return cruet_stream(c, &to, s);
}

static void setup(const char *options)
{
	trace[0] = '\0';
	app = new_app();
	cruet_encode(app, sips);
	cruet_use_static(app, &cruet_plugin_compress, options);
	cruet_get(app, "/stream", stream);
	cruet_get(app, "/events", events);
	t = client_of(app);
}

static void teardown(void)
{
	done(app, t);
}

static void get(const char *path, const char *accept)
{
	cruet_client_set_header(t, "Accept-Encoding", accept);
	assert_get(t, path, 200);
}

static void assert_stream(size_t len)
{
	bool whole;
	size_t got = decode(cruet_client_header(t, "Content-Encoding"), cruet_client_body(t),
			    cruet_client_body_len(t), back, sizeof back, &whole);

	ck_assert(whole);
	ck_assert_uint_eq(got, len);
	for (size_t i = 0; i < len; i++)
		expected[i] = letter(len - i);
	ck_assert(!memcmp(back, expected, len));
}

START_TEST(streams_of_all_pieces_come_whole)
{
	static const char *const accepts[] = {"gzip", "br"};
	static const struct {
		size_t len, piece;
	} cases[] = {{5000, 1},	      {5000, 100},     {0, 1},	      {16384, 16384},
		     {100000, 16384}, {100000, 16383}, {49152, 16384}};
	char path[64];

	setup(NULL);
	for (int a = 0; a < 2; a++)
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
			for (int waits = 0; waits < (cases[i].piece > 1 ? 2 : 1); waits++) {
				trace[0] = '\0';
				snprintf(path, sizeof path, "/stream?len=%zu&piece=%zu%s",
					 cases[i].len, cases[i].piece, waits ? "&waits=1" : "");
				get(path, accepts[a]);
				assert_header(t, "Content-Encoding", accepts[a]);
				assert_header(t, "Vary", "Accept-Encoding");
				assert_header(t, "Content-Length", "");
				ck_assert(!cruet_client_broken(t));
				assert_stream(cases[i].len);
				ck_assert_str_eq(trace, "closed:0 ");
			}
	teardown();
}
END_TEST

START_TEST(whoever_takes_little_at_once_gets_all_of_it)
{
	static const char *const accepts[] = {"gzip", "br"};
	char path[64];

	setup(NULL);
	for (int a = 0; a < 2; a++)
		for (int cap = 1; cap <= 17; cap++) {
			snprintf(path, sizeof path, "/stream?len=300&sip=%d%s", cap,
				 cap % 2 ? "&waits=1" : "");
			get(path, accepts[a]);
			ck_assert_uint_lt(cruet_client_body_len(t), 300);
			assert_stream(300);
		}
	teardown();
}
END_TEST

START_TEST(an_announced_length_counts_for_the_source)
{
	setup("min_size=1k");
	get("/stream?len=5000&says=5000", "gzip");
	assert_stream(5000);
	assert_header(t, "Content-Length", "");
	get("/stream?len=1000&says=1000", "gzip");
	assert_header(t, "Content-Encoding", "");
	assert_header(t, "Content-Length", "1000");
	get("/stream?len=4000&says=5000", "gzip");
	ck_assert(cruet_client_broken(t));
	get("/stream?len=9000&says=5000", "gzip"); /* no more than that is asked for */
	ck_assert(!cruet_client_broken(t));
	teardown();
}
END_TEST

START_TEST(a_source_that_breaks_off_breaks_the_reply)
{
	setup(NULL);
	get("/stream?len=5000&fail=1000", "gzip");
	ck_assert(cruet_client_broken(t));
	ck_assert_str_eq(trace, "closed:-10 ");
	get("/stream?len=100000&piece=16384&fail=1000", "br");
	ck_assert(cruet_client_broken(t));
	teardown();
}
END_TEST

START_TEST(head_says_what_get_says)
{
	setup(NULL);
	cruet_client_set_header(t, "Accept-Encoding", "gzip");
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/stream?says=5000", NULL, NULL, 0), 200);
	assert_header(t, "Content-Encoding", "gzip");
	assert_header(t, "Content-Length", "");
	assert_header(t, "Vary", "Accept-Encoding");
	ck_assert_str_eq(trace, "closed:0 ");
	teardown();
}
END_TEST

START_TEST(other_types_are_as_they_were)
{
	setup(NULL);
	get("/stream?type=image/png", "gzip");
	assert_header(t, "Content-Encoding", "");
	get("/events", "gzip, identity;q=0");
	assert_header(t, "Content-Encoding", "");
	assert_header(t, "Vary", "");
	assert_contains(t, "data: a long event");
	teardown();
}
END_TEST

START_TEST(no_more_streams_at_once_than_were_allowed)
{
	setup("streams=0");
	get("/stream", "gzip");
	assert_header(t, "Content-Encoding", "");
	assert_header(t, "Vary", "Accept-Encoding");
	ck_assert_uint_eq(cruet_client_body_len(t), 5000);
	teardown();
	setup("streams=1");
	for (int i = 0; i < 3; i++) { /* a place is given back, also by one that broke off */
		get(i ? "/stream" : "/stream?fail=1000", "gzip");
		assert_header(t, "Content-Encoding", "gzip");
	}
	teardown();
}
END_TEST

SUITE("compress_streams", streams_of_all_pieces_come_whole,
      an_announced_length_counts_for_the_source, a_source_that_breaks_off_breaks_the_reply,
      whoever_takes_little_at_once_gets_all_of_it, head_says_what_get_says,
      other_types_are_as_they_were, no_more_streams_at_once_than_were_allowed)
