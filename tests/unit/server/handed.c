/* What parent and worker tell each other. */
#include "server/handed.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cruet/error.h"
#include "cruet/svc/transport.h"
#include "suite.h"

enum { PACKET = 256 };

/* Listens at a path of its own, below the folder of the test. */
static int listening(const char *folder, int n)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s/%d", folder, n);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

static void add(struct sockets *s, int fd)
{
	ck_assert_int_eq(sockets_add(s, &fd, 1, false), CRUET_OK);
}

static void channel(int ends[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

START_TEST(sockets_that_a_worker_opens_are_its_parents_too)
{
	enum { N = 200 }; /* more than fit into a packet */
	struct handed worker = {
		.is_worker = true, .opens = true, .workers = 1, .shared = -1, .control = -1};
	struct sockets parents = {.n = 0};
	char folder[FOLDER_MAX], said[PACKET];
	struct sockaddr_un one, other;
	int ends[2], desk;

	ck_assert(folder_make(folder));
	channel(ends);
	worker.channel = ends[1];
	for (int i = 0; i < N; i++)
		add(&worker.sockets, listening(folder, i));
	ck_assert_int_eq(handed_share(&worker, 1), CRUET_OK); /* the first was the parent's */
	ck_assert_uint_eq(worker.sockets.n, N);
	for (ptrdiff_t n; (n = handed_hear(ends[0], said, sizeof said, &parents, &desk)) > 0;)
		ck_assert_int_eq(*said, PACKET_SOCKETS);
	ck_assert_uint_eq(parents.n, N - 1);
	for (uint32_t i = 0; i < parents.n; i++) {
		socklen_t len = sizeof one;
		ck_assert(!parents.lent[i]);
		getsockname(parents.fds[i], (struct sockaddr *)&one, &len);
		len = sizeof other;
		getsockname(worker.sockets.fds[i + 1], (struct sockaddr *)&other, &len);
		ck_assert_str_eq(one.sun_path, other.sun_path);
	}
	sockets_close(&parents);
	handed_close(&worker);
	close(ends[0]);
}
END_TEST

START_TEST(processes_have_memory_in_common)
{
	struct handed parent, worker = {.channel = -1, .control = -1};
	char *why = NULL;

	ck_assert_int_eq(handed_read(&parent, &why), CRUET_OK);
	worker.shared = dup(parent.shared);
	unsigned *one = handed_own(&parent), *other = handed_own(&worker);
	ck_assert(one && other && one != other && handed_own(&parent) == one);
	ck_assert_uint_eq(one[HANDED_OWN / sizeof *one - 1], 0);
	one[0] = 7;
	ck_assert_uint_eq(other[0], 7);
	unsigned *transports = mmap(NULL, CRUET_SHARED, PROT_READ, MAP_SHARED, parent.shared, 0);
	ck_assert(transports != MAP_FAILED);
	for (size_t i = 0; i < CRUET_SHARED / sizeof *transports; i++)
		ck_assert_uint_eq(transports[i], 0);
	munmap(transports, CRUET_SHARED);
	handed_close(&worker);
	handed_close(&parent);
	ck_assert_ptr_null(handed_own(&parent));
}
END_TEST

/* Two sockets of one port, opened for two workers: the first keeps one of them. */
START_TEST(a_worker_keeps_its_own)
{
	struct handed worker = {
		.is_worker = true, .opens = true, .workers = 2, .shared = -1, .control = -1};
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockets parents = {.n = 0};
	socklen_t len = sizeof at;
	char said[PACKET];
	int ends[2], desk, on = 1;

	channel(ends);
	worker.channel = ends[1];
	for (int i = 0; i < 2; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
		ck_assert_int_eq(listen(fd, 1), 0);
		getsockname(fd, (struct sockaddr *)&at, &len);
		add(&worker.sockets, fd);
	}
	int first = worker.sockets.fds[0];
	ck_assert_int_eq(handed_share(&worker, 0), CRUET_OK);
	ck_assert_uint_eq(worker.sockets.n, 1);
	ck_assert_int_eq(worker.sockets.fds[0], first);
	ck_assert_int_gt(handed_hear(ends[0], said, sizeof said, &parents, &desk), 0);
	ck_assert_uint_eq(parents.n, 2);
	sockets_close(&parents);
	handed_close(&worker);
	close(ends[0]);
}
END_TEST

START_TEST(packets_keep_their_kinds_and_their_bounds)
{
	struct sockets none = {.n = 0};
	char said[8];
	int ends[2], desk;

	channel(ends);
	ck_assert_int_lt(handed_hear(ends[0], said, sizeof said, &none, &desk), 0);
	handed_say(ends[1], PACKET_ENDS, "");
	handed_say(ends[1], PACKET_OPENED, "a_long_name");
	ck_assert_int_eq(handed_hear(ends[0], said, sizeof said, &none, &desk), 1);
	ck_assert_str_eq(said, "E");
	ck_assert_int_eq(handed_hear(ends[0], said, sizeof said, &none, &desk), 7);
	ck_assert_str_eq(said, "Oa_long");
	close(ends[1]);
	ck_assert_int_eq(handed_hear(ends[0], said, sizeof said, &none, &desk), 0);
	ck_assert_uint_eq(none.n, 0);
	close(ends[0]);
}
END_TEST

START_TEST(lists_of_the_environment)
{
	struct handed h;
	char *why = NULL;

	setenv("CRUET_LISTEN", "http://127.0.0.1:1,http://127.0.0.1:2", 1);
	setenv("CRUET_CLOSED", "boom", 1);
	ck_assert_int_eq(handed_read(&h, &why), CRUET_OK);
	ck_assert_str_eq(h.listen[0], "http://127.0.0.1:1");
	ck_assert_str_eq(h.listen[1], "http://127.0.0.1:2");
	ck_assert_ptr_null(h.listen[2]);
	ck_assert_str_eq(h.closed[0], "boom");
	ck_assert_ptr_null(h.closed[1]);
	ck_assert_ptr_null(getenv("CRUET_LISTEN"));
	ck_assert_ptr_null(getenv("CRUET_CLOSED"));
	handed_close(&h);
	handed_close(&h);
}
END_TEST

SUITE("handed", sockets_that_a_worker_opens_are_its_parents_too,
      processes_have_memory_in_common, a_worker_keeps_its_own,
      packets_keep_their_kinds_and_their_bounds, lists_of_the_environment)
