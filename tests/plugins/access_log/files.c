/* Where lines go: a file that is rotated, standard error, a pipe that nobody reads. */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include "fixture.h"

static size_t lines_of(const char *name)
{
	size_t n = 0;

	for (const char *p = read_file(name); p && (p = strchr(p, '\n')); p++)
		n++;
	return n;
}

START_TEST(lines_are_written_while_it_serves)
{
	setup("file=log");
	assert_get(t, "/?first", 200);
	await("log", "/?first ");
	assert_get(t, "/?second", 200);
	await("log", "/?second ");
	teardown();
	ck_assert_uint_eq(lines_of("log"), 2);
}
END_TEST

START_TEST(a_file_is_added_to_and_is_not_everybodys)
{
	struct stat st;

	setup("file=log");
	assert_get(t, "/?first", 200);
	teardown();
	ck_assert_int_eq(stat("log", &st), 0);
	ck_assert_int_eq(st.st_mode & 07, 0);
	setup("file=log");
	assert_get(t, "/?second", 200);
	teardown();
	ck_assert_uint_eq(lines_of("log"), 2);
	ck_assert_ptr_nonnull(strstr(text, "/?first "));
}
END_TEST

START_TEST(a_file_that_was_moved_away_is_followed_by_a_new_one)
{
	int64_t end = now_ms() + PATIENCE_MS;

	setup("file=log");
	assert_get(t, "/?old", 200);
	await("log", "/?old ");
	ck_assert_int_eq(rename("log", "log.1"), 0);
	while (access("log", F_OK) &&
	       now_ms() < end) /* it is made soon, without a request */
		nanosleep(&(struct timespec){0, 10000000}, NULL);
	assert_get(t, "/?new", 200);
	await("log", "/?new ");
	teardown();
	ck_assert_uint_eq(lines_of("log"), 1);
	ck_assert_uint_eq(lines_of("log.1"), 1);
	ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(a_file_that_cannot_be_made_anew_stays_open)
{
	int64_t end = now_ms() + PATIENCE_MS;

	move_in();
	ck_assert_int_eq(mkdir("folder", 0755), 0);
	setup("file=folder/log");
	assert_get(t, "/?old", 200);
	await("folder/log", "/?old ");
	ck_assert_int_eq(rename("folder", "gone"), 0);
	while (!log_says("cannot write") && now_ms() < end)
		nanosleep(&(struct timespec){0, 10000000}, NULL);
	ck_assert(log_says("access_log: cannot write to folder/log: No such file "
			   "or directory; 0 lines were lost"));
	assert_get(t, "/?new", 200);
	await("gone/log", "/?new ");
	teardown();
}
END_TEST

START_TEST(a_file_that_cannot_be_opened_ends_the_start)
{
	move_in();
	app = new_app();
	cruet_use_static(app, &cruet_plugin_access_log, "file=none/log");
	t = cruet_client_new(app);
	assert_get(t, "/", 0);
	ck_assert_str_eq(cruet_problem(app),
			 "plugin 'access_log': option file = \"none/log\": No "
			 "such file or directory");
	teardown();
}
END_TEST

/* --- standard error --------------------------------------------------------------- */

static int kept, out;

/* Standard error becomes a pipe. */
static void divert(void)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	kept = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	out = ends[0];
}

static void restore(void)
{
	dup2(kept, STDERR_FILENO);
	close(kept);
}

START_TEST(without_a_file_they_go_to_standard_error)
{
	divert();
	setup("format=common");
	assert_get(t, "/?a", 200);
	teardown();
	restore();
	ssize_t n = read(out, text, sizeof text - 1);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_str_eq(
		text, "127.0.0.1 - - [23/Nov/2026:12:00:00 +0000] \"GET /?a HTTP/1.1\" "
		      "200 4\n");
}
END_TEST

static size_t drain_pipe(void)
{
	struct pollfd p = {.fd = out, .events = POLLIN};
	size_t lines = 0;
	ssize_t n;

	while (poll(&p, 1, 0) > 0 && (n = read(out, text, sizeof text)) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += text[i] == '\n';
	return lines;
}

START_TEST(a_reader_that_is_slow_holds_up_no_request_and_losses_are_said)
{
	enum { REQUESTS = 20000 };
	unsigned long long lost = 0, more = 0, got = 0;
	int64_t end = now_ms() + PATIENCE_MS;

	divert();
	setup("buffer=16k\nformat=common");
	for (int i = 0; i < REQUESTS; i++) /* many times of what pipe and queues hold */
		assert_get(t, "/", 200);
	while (!log_says("more came than could be written") && now_ms() < end) {
		got += drain_pipe();
		assert_get(t, "/", 200);
		more++;
		nanosleep(&(struct timespec){0, 1000000}, NULL);
	}
	teardown();
	got += drain_pipe();
	restore();
	for (const char *p = logged; (p = strstr(p, "access_log: ")); p++) {
		unsigned long long n = 0;
		if (sscanf(p, "access_log: %llu lines were lost: more came", &n) != 1)
			ck_assert_int_eq(
				sscanf(p,
				       "access_log: cannot write to standard error: "
				       "nobody takes it; %llu lines were lost",
				       &n),
				1);
		lost += n;
	}
	ck_assert_uint_gt(lost, 0);
	ck_assert_uint_eq(lost + got, REQUESTS + more); /* none is lost unsaid */
}
END_TEST

START_TEST(what_cannot_be_written_is_said)
{
	divert();
	setup("format=common");
	close(out); /* nobody will ever read */
	assert_get(t, "/", 200);
	teardown();
	restore();
	ck_assert_str_eq(
		logged,
		"access_log: cannot write to standard error: Broken pipe; 1 lines "
		"were lost\n");
}
END_TEST

/* Goes on on another processor, if there is one. */
static void move_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof set, &set);
}

START_TEST(lines_stand_in_the_order_of_their_requests)
{
	char path[16], want[32];

	setup("file=log\nformat=common");
	for (int i = 0; i < 200; i++) {
		move_to(i * 7 % 3 % 2);
		snprintf(path, sizeof path, "/?n=%03d", i);
		assert_get(t, path, 200);
	}
	teardown();
	const char *p = read_file("log");
	for (int i = 0; i < 200; i++) {
		snprintf(want, sizeof want, "GET /?n=%03d ", i);
		p = strstr(p, want);
		ck_assert_msg(p != NULL, "%s is not behind the one before: %s", want,
			      text);
	}
}
END_TEST

START_TEST(two_may_write_side_by_side)
{
	move_in();
	app = app_of("{\"plugins\": {\"people\": {\"plugin\": \"access_log\", \"file\": "
		     "\"one\"},"
		     "\"machines\": {\"plugin\": \"access_log\", \"file\": \"two\", "
		     "\"format\": "
		     "\"json\"}}}");
	cruet_get(app, "/", page);
	t = client_of(app);
	assert_get(t, "/", 200);
	teardown();
	ck_assert_uint_eq(lines_of("one"), 1);
	ck_assert(strncmp(text, "{", 1) != 0);
	ck_assert_uint_eq(lines_of("two"), 1);
	ck_assert(!strncmp(text, "{", 1));
}
END_TEST

SUITE("access_log_files", lines_are_written_while_it_serves,
      a_file_is_added_to_and_is_not_everybodys,
      a_file_that_was_moved_away_is_followed_by_a_new_one,
      a_file_that_cannot_be_made_anew_stays_open,
      a_file_that_cannot_be_opened_ends_the_start,
      without_a_file_they_go_to_standard_error,
      a_reader_that_is_slow_holds_up_no_request_and_losses_are_said,
      what_cannot_be_written_is_said, lines_stand_in_the_order_of_their_requests,
      two_may_write_side_by_side)
