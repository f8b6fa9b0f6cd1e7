/* What ten thousand connections cost that nobody talks on; beside a sanitizer, where that is
 * not counted, that a thousand are served. */
#include "event.h"

enum { CONNECTIONS = MEMORY_COUNTS ? 10000 : 1000, AT_ONCE = 100, SKIPPED = 77 };

/* A request on each, and then their replies. */
static void ask_all(const int *fds, int n)
{
	static const char text[] = GET("/");
	char reply[1024];

	for (int i = 0; i < n; i++)
		ck_assert_int_eq(send(fds[i], text, strlen(text), 0), strlen(text));
	for (int i = 0; i < n; i++)
		ck_assert_int_gt(recv(fds[i], reply, sizeof reply, 0), 0);
}

START_TEST(ten_thousand_cost_less_than_20_mib)
{
	static int fds[CONNECTIONS];
	static struct times t;
	struct server s = server_start(app, "server.idle_timeout=600s");
	struct wire *plain = dial(s.port);

	time_one(&t, plain);
	long before = resident_kib(s.pid);
	for (int i = 0; i < CONNECTIONS; i += AT_ONCE) {
		for (int j = i; j < i + AT_ONCE; j++)
			fds[j] = connect_to(s.port);
		ask_all(fds + i, AT_ONCE);
	}
	long after = resident_kib(s.pid);
	t.n = 0;
	for (int i = 0; i < 1000; i++)
		time_one(&t, plain);
	printf("%d idle connections: %ld KiB, %ld bytes each\n", CONNECTIONS,
	       after - before, (after - before) * 1024 / CONNECTIONS);
	print_times("beside them", &t);
	ck_assert_msg(after - before < (20 << 10) || !MEMORY_COUNTS, "%ld KiB", after - before);
	for (int i = 0; i < CONNECTIONS; i += AT_ONCE) /* each of them still is one */
		ask_all(fds + i, AT_ONCE);
	for (int i = 0; i < CONNECTIONS; i++)
		close(fds[i]);
	hang_up(plain);
	server_stop(&s);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {ten_thousand_cost_less_than_20_mib};

	if (!may_open(CONNECTIONS + 100)) {
		puts("so many files may not be opened here");
		return SKIPPED;
	}
	return suite_run("event_idle", tests, 1, 120);
}
