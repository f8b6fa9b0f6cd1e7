/* Over sockets: who asks while the server stops is told so. */
#include "../../net/raw.h"

extern const cruet_plugin cruet_plugin_health;

static int gate[2], tells[2];

/* Answers when the test writes to the gate. */
static int waits(cruet_ctx *c)
{
	char byte = 'w';

	if (write(tells[1], &byte, 1) != 1 || read(gate[0], &byte, 1) != 1)
		return CRUET_EIO;
	return cruet_text(c, "waited");
}

static void setup(cruet_app *app)
{
	cruet_use_static(app, &cruet_plugin_health, NULL);
	cruet_get(app, "/waits", waits);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

START_TEST(it_is_not_ready_while_it_drains)
{
	char byte;

	ck_assert_int_eq(pipe(gate) | pipe(tells), 0);
	struct server s = server_start(setup, "server.threads=4");
	struct wire *busy = dial(s.port), *other = dial(s.port);
	put(other, GET("/ready"));
	assert_reply(take_reply(other, false), 200, "ready\n");
	put(busy, GET("/waits"));
	ck_assert_int_eq(read(tells[0], &byte, 1), 1);
	kill(s.pid, SIGTERM);
	/* Until the signal has arrived it is ready; then it says so, or has hung up. */
	int64_t end = now_ms() + PATIENCE_MS;
	struct reply r;
	do {
		put(other, GET("/ready"));
		r = take_reply(other, false);
		ck_assert_int_lt(now_ms(), end);
	} while (r.status == 200);
	ck_assert(r.status == 503 || !r.status);
	ck_assert_int_eq(write(gate[1], "x", 1), 1);
	assert_reply(take_reply(busy, false), 200, "waited");
	hang_up(busy);
	hang_up(other);
	ck_assert_int_eq(server_exit(&s), 0);
}
END_TEST

SUITE_TIMEOUT("health_served", 120, it_is_not_ready_while_it_drains)
