/* What ten thousand connections cost that nobody talks on. */
#include "event.h"

enum { CONNECTIONS = 10000, SKIPPED = 77 };

START_TEST(ten_thousand_cost_less_than_20_mib)
{
	static int fds[CONNECTIONS];
	static struct times t;
	struct server s = server_start(app, "server.idle_timeout=600s");
	struct wire *plain = dial(s.port);
	char reply[1024];

	time_one(&t, plain);
	long before = resident_kib(s.pid);
	for (int i = 0; i < CONNECTIONS; i++) {
		fds[i] = connect_to(s.port);
		ck_assert_int_eq(send(fds[i], GET("/"), strlen(GET("/")), 0),
				 strlen(GET("/")));
		ck_assert_int_gt(recv(fds[i], reply, sizeof reply, 0), 0);
	}
	long after = resident_kib(s.pid);
	t.n = 0;
	for (int i = 0; i < 1000; i++)
		time_one(&t, plain);
	printf("%d idle connections: %ld KiB, %ld bytes each\n", CONNECTIONS,
	       after - before, (after - before) * 1024 / CONNECTIONS);
	print_times("beside them", &t);
	ck_assert_msg(after - before < (20 << 10) || !MEMORY_COUNTS, "%ld KiB", after - before);
	for (int i = 0; i < CONNECTIONS; i++) { /* each of them still is one */
		ck_assert_int_eq(send(fds[i], GET("/"), strlen(GET("/")), 0),
				 strlen(GET("/")));
		ck_assert_int_gt(recv(fds[i], reply, sizeof reply, 0), 0);
		close(fds[i]);
	}
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
