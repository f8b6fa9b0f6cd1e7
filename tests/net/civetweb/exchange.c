/* Promises of cruet_exchange_ops that no public call reaches in every corner: this
 * looks inside the core, and still goes over a socket. */
#include <stdlib.h>
#include <sys/mman.h>
#include "app.h"
#include "app/ctx.h"

static int *results; /* of ops, in memory that the server's process shares */
static int gate[2];  /* a byte written to it lets a handler go on */
static int tells[2]; /* a handler writes to it when it has begun */

/* Takes what the core says after the handler has spoken for itself. */
static int take_nothing(cruet_exchange *x, const cruet_reply *r)
{
	(void)x, (void)r;
	return CRUET_OK;
}

static int spoken(cruet_ctx *c)
{
	static const cruet_exchange_ops ops = {.size = sizeof ops, .send = take_nothing};
	static cruet_exchange deaf = {.ops = &ops};

	c->x = &deaf;
	return cruet_text(c, "");
}

static int begin(cruet_ctx *c, int64_t length)
{
	cruet_reply r = {.size = sizeof r, .status = 200, .length = length};

	return c->x->ops->begin(c->x, &r);
}

static int write_text(cruet_ctx *c, const char *s)
{
	return c->x->ops->write(c->x, &(cruet_piece){s, strlen(s)}, 1);
}

static int hints(cruet_ctx *c)
{
	static const cruet_field link[] = {{"Link", "</a.css>; rel=preload"}};

	results[0] = c->x->ops->interim(c->x, 103, link, 1);
	results[1] = c->x->ops->interim(c->x, 103, link, 1);
	return cruet_text(c, "after hints");
}

static int empty_pieces(cruet_ctx *c)
{
	const cruet_piece pieces[] = {{"", 0}, {"abc", 3}, {NULL, 0}};

	results[0] = begin(c, -1);
	results[1] = write_text(c, "");
	results[2] = c->x->ops->write(c->x, pieces, 3);
	results[3] = c->x->ops->write(c->x, NULL, 0);
	results[4] = c->x->ops->end(c->x, CRUET_OK);
	return spoken(c);
}

static int large_chunks(cruet_ctx *c)
{
	enum { SIZE = 300000 };
	char *p = cruet_alloc(c, SIZE);
	const cruet_piece pieces[] = {{"begin", 5}, {p, SIZE}, {"end", 3}};

	results[0] = p ? begin(c, -1) : CRUET_ENOMEM;
	results[1] = c->x->ops->write(c->x, pieces, 3);
	results[2] = write_text(c, "more");
	results[3] = c->x->ops->end(c->x, CRUET_OK);
	return spoken(c);
}

static int too_much(cruet_ctx *c)
{
	results[0] = begin(c, 6);
	results[1] = write_text(c, "abc");
	results[2] = write_text(c, "defg");
	results[3] = write_text(c, "h");
	results[4] = c->x->ops->end(c->x, CRUET_OK);
	return spoken(c);
}

static int too_little(cruet_ctx *c)
{
	results[0] = begin(c, 6);
	results[1] = write_text(c, "abc");
	results[2] = c->x->ops->end(c->x, CRUET_OK);
	return spoken(c);
}

static int short_file(cruet_ctx *c)
{
	cruet_reply r = {.size = sizeof r, .status = 200, .length = 6};
	int fd = memfd_create("short", MFD_CLOEXEC);

	if (fd < 0 || write(fd, "xabc", 4) != 4)
		return CRUET_EIO;
	results[0] = c->x->ops->file(c->x, &r, fd, 1, 6);
	close(fd);
	return spoken(c);
}

static int leaving(cruet_ctx *c)
{
	char byte;

	results[0] = c->x->ops->gone(c->x);
	if (write(tells[1], "b", 1) != 1 || read(gate[0], &byte, 1) != 1)
		return CRUET_EIO;
	results[1] = c->x->ops->gone(c->x);
	results[2] = begin(c, -1);
	for (int i = 0; i < 100 && !results[3]; i++) /* what the kernel still takes */
		results[3] = write_text(c, "for nobody");
	results[4] = c->x->ops->end(c->x, results[3]);
	return spoken(c);
}

static int stack_size(cruet_ctx *c)
{
	pthread_attr_t attr;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr) || pthread_attr_getstacksize(&attr, &size))
		return CRUET_EIO;
	pthread_attr_destroy(&attr);
	return cruet_textf(c, "%zu", size);
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/hints", hints);
	cruet_get(a, "/empty", empty_pieces);
	cruet_get(a, "/large", large_chunks);
	cruet_get(a, "/much", too_much);
	cruet_get(a, "/little", too_little);
	cruet_get(a, "/file", short_file);
	cruet_get(a, "/leaving", leaving);
	cruet_get(a, "/stack", stack_size);
}

static struct server start(void)
{
	results = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(results, MAP_FAILED);
	memset(results, 0x55, 4096);
	results[3] = 0;
	ck_assert_int_eq(pipe(gate) | pipe(tells), 0);
	return server_start(setup, NULL);
}

static void results_are(const int *want, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(results[i] == want[i], "op %zu: %d instead of %d", i, results[i],
			      want[i]);
}
#define RESULTS_ARE(...)                                                                 \
	results_are((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

START_TEST(interim_replies_come_before_the_reply)
{
	struct server s = start();
	struct wire *w = dial(s.port);
	char value[64];

	put(w, GET("/hints") GET("/"));
	for (int i = 0; i < 2; i++) {
		struct reply r = take_reply(w, false);
		ck_assert_int_eq(r.status, 103);
		ck_assert_str_eq(header(r.head, "Link", value, sizeof value), "</a.css>; rel=preload");
	}
	assert_reply(take_reply(w, false), 200, "after hints");
	assert_reply(take_reply(w, false), 200, "Hello");
	RESULTS_ARE(CRUET_OK, CRUET_OK);
	hang_up(w);
	/* HTTP/1.0 has none. */
	assert_reply(ask(s.port, "GET /hints HTTP/1.0\r\n\r\n", NULL), 200, "after hints");
	RESULTS_ARE(CRUET_OK, CRUET_OK);
	server_stop(&s);
}
END_TEST

START_TEST(empty_pieces_do_not_end_a_chunked_body)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, GET("/empty") GET("/"));
	struct reply r = take_reply(w, false);
	ck_assert(r.whole);
	ck_assert_str_eq(r.body, "abc");
	assert_reply(take_reply(w, false), 200, "Hello");
	RESULTS_ARE(CRUET_OK, CRUET_OK, CRUET_OK, CRUET_OK, CRUET_OK);
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(chunks_of_any_size_arrive_whole)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, GET("/large") GET("/"));
	struct reply r = take_reply(w, false);
	ck_assert(r.whole);
	ck_assert_uint_eq(r.body_len, 5 + 300000 + 3 + 4);
	assert_reply(take_reply(w, false), 200, "Hello");
	RESULTS_ARE(CRUET_OK, CRUET_OK, CRUET_OK, CRUET_OK);
	hang_up(w);
	server_stop(&s);
}
END_TEST

/* Three of six bytes come, and then the end. */
static void breaks_off(const struct server *s, const char *bytes)
{
	struct wire *w = dial(s->port);
	int64_t since = now_ms();

	put(w, bytes);
	struct reply r = take_reply(w, false);
	ck_assert_int_eq(r.status, 200);
	ck_assert(!r.whole);
	ck_assert_str_eq(r.body, "abc");
	ck_assert(closes(w));
	ck_assert_int_lt(now_ms() - since, PATIENCE_MS / 2);
	hang_up(w);
}

START_TEST(no_byte_beyond_the_length_leaves)
{
	struct server s = start();
	breaks_off(&s, GET("/much"));
	RESULTS_ARE(CRUET_OK, CRUET_OK, CRUET_ELIMIT, CRUET_ELIMIT, CRUET_ELIMIT);
	server_stop(&s);
}
END_TEST

START_TEST(a_body_that_ends_before_its_length_ends_the_connection)
{
	struct server s = start();
	breaks_off(&s, GET("/little"));
	RESULTS_ARE(CRUET_OK, CRUET_OK, CRUET_OK);
	server_stop(&s);
}
END_TEST

START_TEST(a_file_that_became_shorter_ends_the_connection)
{
	struct server s = start();
	breaks_off(&s, GET("/file"));
	RESULTS_ARE(CRUET_EIO);
	server_stop(&s);
}
END_TEST

START_TEST(a_client_that_has_left_is_noticed)
{
	struct server s = start();
	struct wire *w = dial(s.port);
	char byte;

	put(w, GET("/leaving"));
	ck_assert_int_eq(read(tells[0], &byte, 1), 1);
	hang_up(w);
	ck_assert_int_eq(write(gate[1], "g", 1), 1);
	server_stop(&s); /* waits for the handler */
	ck_assert_int_eq(results[0], 0);
	ck_assert_int_ne(results[1], 0);
	ck_assert_int_eq(results[3], CRUET_EIO);
	ck_assert_int_eq(results[4], CRUET_EIO);
}
END_TEST

START_TEST(handlers_have_a_mebibyte_of_stack)
{
	struct server s = start();
	struct reply r = ask(s.port, "GET /stack HTTP/1.0\r\n\r\n", NULL);

	ck_assert_int_eq(r.status, 200);
	ck_assert_int_ge(atol(r.body), 1 << 20);
	server_stop(&s);
}
END_TEST

SUITE("exchange", interim_replies_come_before_the_reply, empty_pieces_do_not_end_a_chunked_body,
      chunks_of_any_size_arrive_whole, no_byte_beyond_the_length_leaves,
      a_body_that_ends_before_its_length_ends_the_connection,
      a_file_that_became_shorter_ends_the_connection, a_client_that_has_left_is_noticed,
      handlers_have_a_mebibyte_of_stack)
