/* How many threads read and write. */
#include <dirent.h>
#include <sched.h>
#include "event.h"

/* Runs in the process that becomes the server. */
static void pinned(cruet_app *a)
{
	cpu_set_t mine, one;

	CPU_ZERO(&one);
	sched_getaffinity(0, sizeof mine, &mine);
	for (int i = 0; !CPU_COUNT(&one); i++)
		if (CPU_ISSET(i, &mine))
			CPU_SET(i, &one);
	sched_setaffinity(0, sizeof one, &one);
	app(a);
}

static int threads_of(pid_t pid)
{
	char path[64];
	int n = 0;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *d = opendir(path);
	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static int threads_with(app_setup *setup)
{
	struct server s = server_start(setup, NULL);

	assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello, world!\n");
	int n = threads_of(s.pid);
	server_stop(&s);
	return n;
}

START_TEST(a_server_has_a_loop_for_each_processor_that_it_may_use)
{
	cpu_set_t mine;

	ck_assert_int_eq(sched_getaffinity(0, sizeof mine, &mine), 0);
	ck_assert_int_eq(threads_with(app) - threads_with(pinned),
			 CPU_COUNT(&mine) - 1);
}
END_TEST

SUITE("event_loops", a_server_has_a_loop_for_each_processor_that_it_may_use)
