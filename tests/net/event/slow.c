/* Thousands of clients that send slowly, or never read: others hardly notice. */
#include "event.h"

/* Beside a sanitizer some hundreds: what they cost is not counted there. */
enum { EACH = MEMORY_COUNTS ? 1000 : 200, LARGE = 1 << 20, ROUNDS = 4, SKIPPED = 77 };

static char large_body[LARGE];

static void keep(void *p)
{
	(void)p; /* it is static */
}

static int large(cruet_ctx *c)
{
	return cruet_send(c, "text/plain", large_body, LARGE, keep);
}

static void setup(cruet_app *a)
{
	memset(large_body, 'a', LARGE);
	app(a);
	cruet_get(a, "/large", large);
}

struct slow { /* clients */
	int heads[EACH], bodies[EACH], deaf[EACH];
};

static void say(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Connects n of them, which say that; what a connection costs is printed. */
static void begin(const struct server *s, int fds[EACH], const char *text,
		  const char *what)
{
	long before = resident_kib(s->pid);

	for (int i = 0; i < EACH; i++) {
		fds[i] = connect_to(s->port);
		say(fds[i], text);
	}
	for (int i = 0; i < EACH; i += EACH / 10)
		wait_until_it_was_read(s, fds[i]);
	wait_until_it_was_read(s, fds[EACH - 1]);
	printf("%d %s: %ld bytes each\n", EACH, what,
	       (resident_kib(s->pid) - before) * 1024 / EACH);
}

/* A byte of each a second; plain requests all the while. */
static void one_second(struct slow *c, struct times *t, struct wire *plain)
{
	int64_t end = now_ms() + 1000;

	for (int i = 0; i < EACH; i++) {
		say(c->heads[i], "a");
		say(c->bodies[i], "a");
		if (i % 20 == 0)
			time_one(t, plain);
	}
	while (now_ms() < end) {
		time_one(t, plain);
		poll(NULL, 0, 1);
	}
}

static void end(int fds[EACH])
{
	for (int i = 0; i < EACH; i++)
		close(fds[i]);
}

START_TEST(others_are_served_meanwhile)
{
	static struct slow c;
	static struct times alone, beside;
	/* Nobody is refused for being slow: on a busy machine this takes longer than that allows. */
	struct server s = server_start(setup, "server.write_timeout=600s\nserver.head_timeout=600s\n"
					      "server.body_rate=0");
	struct wire *plain = dial(s.port);

	for (int i = 0; i < 1000; i++)
		time_one(&alone, plain);
	print_times("alone", &alone);
	long before = resident_kib(s.pid);
	begin(&s, c.heads, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", "slow heads");
	begin(&s, c.bodies,
	      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
	      "slow bodies");
	begin(&s, c.deaf, GET("/large"), "that never read");
	for (int i = 0; i < ROUNDS; i++)
		one_second(&c, &beside, plain);
	print_times("beside the slow ones", &beside);
	long cost = resident_kib(s.pid) - before;
	printf("in all: %ld KiB\n", cost);
	ck_assert_int_lt(time_of(&beside, 50), 20000);
	ck_assert_int_lt(time_of(&beside, 99), 500000);
	ck_assert_msg(cost < (200 << 10) || !MEMORY_COUNTS, "%ld KiB", cost);
	end(c.heads);
	end(c.bodies);
	end(c.deaf);
	hang_up(plain);
	server_stop(&s);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {others_are_served_meanwhile};

	if (!may_open(3 * EACH + 100)) {
		puts("so many files may not be opened here");
		return SKIPPED;
	}
	return suite_run("event_slow", tests, 1, 120);
}
