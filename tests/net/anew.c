/* Each request begins anew, whatever was asked before it and by whom: what serves one after
 * the other keeps nothing of the last one. */
#include "app.h"

#define HOST "Host: x\r\n"

static ptrdiff_t twice(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	int *left = self;

	(void)c, (void)cap;
	if (!*left)
		return 0;
	--*left;
	memcpy(buf, "part", 4);
	return 4;
}

static int stream(cruet_ctx *c)
{
	int *left = cruet_alloc(c, sizeof *left);
	const cruet_source source = {
		.size = sizeof source, .mime = "text/plain", .length = -1, .pull = twice};

	if (!left)
		return CRUET_ENOMEM;
	*left = 2;
	return cruet_stream(c, &source, left);
}

static int refused(cruet_ctx *c)
{
	(void)c;
	return 409;
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/stream", stream);
	cruet_get(a, "/refused", refused);
}

/* Each leaves other traces: of framing, of a body, of a connection that ends, of a failure. */
static const char *const before[] = {
	"GET /stream HTTP/1.1\r\n" HOST "\r\n",
	"GET /stream HTTP/1.0\r\n\r\n",
	"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
	"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
	"POST /none HTTP/1.1\r\n" HOST "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
	"POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nx\r\n",
	"GET /refused HTTP/1.1\r\n" HOST "X-Mark: of another\r\n\r\n",
	"GET / HTTP/1.1\r\n" HOST "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
	"GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
	"GET / HTTP/9.9\r\n\r\n",
	"nonsense\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\n" HOST "\r\n",
};

static void is_plain(int port)
{
	struct wire *w = dial(port);
	char value[64];

	put(w, "GET / HTTP/1.1\r\n" HOST "\r\n");
	struct reply r = take_reply(w, false);
	assert_reply(r, 200, "Hello");
	ck_assert(r.whole);
	ck_assert_ptr_null(header(r.head, "Connection", value, sizeof value));
	ck_assert_ptr_null(header(r.head, "Transfer-Encoding", value, sizeof value));
	put(w, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi");
	assert_reply(take_reply(w, false), 200, "len=2 body=hi");
	hang_up(w);
	w = dial(port);
	put(w, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
	ck_assert_int_eq(take_reply(w, false).status, 100);
	put(w, "ho");
	assert_reply(take_reply(w, false), 200, "len=2 body=ho");
	hang_up(w);
}

START_TEST(nothing_of_one_request_is_left_for_the_next_one)
{
	struct server s = server_start(setup, "server.threads=4");

	is_plain(s.port);
	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		ask(s.port, before[i], NULL);
		is_plain(s.port);
	}
	server_stop(&s);
}
END_TEST

SUITE("anew", nothing_of_one_request_is_left_for_the_next_one)
