/* What the tests of the event transport share. */
#ifndef TESTS_NET_EVENT_EVENT_H
#define TESTS_NET_EVENT_EVENT_H

#include <sched.h>
#include <sys/resource.h>
#include "app.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

/* A sanitizer keeps what was freed: beside it memory says nothing. */
#ifdef CRUET_SANITIZED
enum { MEMORY_COUNTS = 0 };
#else
enum { MEMORY_COUNTS = 1 };
#endif

static inline int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Memory of a process that is in RAM, in KiB. */
static inline long resident_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (kib < 0 && fgets(line, sizeof line, f))
		sscanf(line, "VmRSS: %ld kB", &kib);
	fclose(f);
	ck_assert_int_ge(kib, 0);
	return kib;
}

/* Waits until the server has read all that was sent to it on fd. */
static inline void wait_until_it_was_read(const struct server *s, int fd)
{
	int64_t end = now_ms() + PATIENCE_MS;
	struct sockaddr_in me;
	socklen_t len = sizeof me;
	char line[256];

	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&me, &len), 0);
	for (bool read = false; !read; sched_yield()) {
		FILE *f = fopen("/proc/net/tcp", "r");
		unsigned at, from, queue;
		while (!read && fgets(line, sizeof line, f))
			read = sscanf(line, " %*d: %*x:%x %*x:%x %*x %*x:%x", &at, &from,
				      &queue) == 3 &&
			       at == (unsigned)s->port && from == ntohs(me.sin_port) &&
			       !queue;
		fclose(f);
		ck_assert_msg(now_ms() < end, "the server reads nothing");
	}
}

/* May this process, and those that it starts, have n files open? */
static inline bool may_open(rlim_t n)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return false;
	if (r.rlim_cur >= n)
		return true;
	r.rlim_cur = n;
	r.rlim_max = r.rlim_max > n ? r.rlim_max : n;
	return !setrlimit(RLIMIT_NOFILE, &r);
}

/* A connection without a buffer, for those who have very many. */
static inline int connect_to(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

/* --- how long plain requests take, one after the other --- */

enum { TIMES_MAX = 100000 };

struct times {
	size_t n;
	int64_t us[TIMES_MAX];
};

static inline int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static inline void time_one(struct times *t, struct wire *w)
{
	int64_t since = now_us();

	put(w, GET("/"));
	assert_reply(take_reply(w, false), 200, "Hello");
	if (t->n < TIMES_MAX)
		t->us[t->n++] = now_us() - since;
}

/* Of a hundred, the time of the given one; they are sorted by it. */
static inline int64_t time_of(struct times *t, size_t percent)
{
	ck_assert_uint_gt(t->n, 0);
	qsort(t->us, t->n, sizeof *t->us, by_time);
	return t->us[(t->n - 1) * percent / 100];
}

static inline void print_times(const char *what, struct times *t)
{
	int64_t p50 = time_of(t, 50), p99 = time_of(t, 99);

	printf("%s: %zu plain requests, median %lld us, p99 %lld us, longest %lld us\n",
	       what, t->n, (long long)p50, (long long)p99, (long long)t->us[t->n - 1]);
}

#endif
