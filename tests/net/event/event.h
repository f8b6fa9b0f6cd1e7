/* What the tests of the event transport share. */
#ifndef TESTS_NET_EVENT_EVENT_H
#define TESTS_NET_EVENT_EVENT_H

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
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

/* How many bytes lie unread in the server's socket of a connection from me; -1: it has none.
 * The kernel is asked for that one: in /proc/net/tcp stand all of the machine. */
static inline long unread_from(const struct server *s, const struct sockaddr_in *me)
{
	static int diag = -1;
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 of;
	} question = {.head = {.nlmsg_len = sizeof question,
			       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			       .nlmsg_flags = NLM_F_REQUEST},
		      .of = {.sdiag_family = AF_INET,
			     .sdiag_protocol = IPPROTO_TCP,
			     .idiag_states = UINT32_MAX,
			     .id = {.idiag_sport = htons((uint16_t)s->port),
				    .idiag_dport = me->sin_port,
				    .idiag_src = {me->sin_addr.s_addr},
				    .idiag_dst = {me->sin_addr.s_addr},
				    .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};
	struct {
		struct nlmsghdr head;
		struct inet_diag_msg of;
		char more[1024];
	} answer;

	if (diag < 0)
		diag = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	ck_assert_int_eq(send(diag, &question, sizeof question, 0), sizeof question);
	ck_assert_int_gt(recv(diag, &answer, sizeof answer, 0), 0);
	return answer.head.nlmsg_type == SOCK_DIAG_BY_FAMILY ? (long)answer.of.idiag_rqueue : -1;
}

/* Waits until the server has read all that was sent to it on fd. */
static inline void wait_until_it_was_read(const struct server *s, int fd)
{
	int64_t end = now_ms() + PATIENCE_MS;
	struct timespec moment = {.tv_nsec = 20000};
	struct sockaddr_in me;
	socklen_t len = sizeof me;

	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&me, &len), 0);
	while (unread_from(s, &me)) {
		nanosleep(&moment, NULL);
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
