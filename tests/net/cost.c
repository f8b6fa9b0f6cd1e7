/* What a plain request costs: no memory from the heap by us, and one write. This
 * program stands before libc with its own malloc(), send() and syscall(), which count. */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "app.h"

struct counts {
	atomic_long ours;     /* allocations, but civetweb's */
	atomic_long civetwebs;
	atomic_long sends;
};
static struct counts *counts; /* shared with the server's process */
static bool counting;         /* true in that alone */
static uintptr_t civetweb_from, civetweb_to;

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static void count(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	if (!counting)
		return;
	if (at >= civetweb_from && at < civetweb_to)
		atomic_fetch_add(&counts->civetwebs, 1);
	else
		atomic_fetch_add(&counts->ours, 1);
}

void *malloc(size_t n)
{
	count(__builtin_return_address(0));
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	count(__builtin_return_address(0));
	return __libc_realloc(p, n);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
	if (counting)
		atomic_fetch_add(&counts->sends, 1);
	return sendto(fd, p, n, flags, NULL, 0);
}

long syscall(long number, ...)
{
	static long (*libcs)(long, ...);
	long a[6];
	va_list ap;

	if (!libcs)
		*(void **)&libcs = dlsym(RTLD_NEXT, "syscall");
	if (counting && (number == SYS_sendto || number == SYS_sendmsg))
		atomic_fetch_add(&counts->sends, 1);
	va_start(ap, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return libcs(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	return syscall(SYS_sendmsg, fd, m, flags); /* counts */
}

/* Where libcivetweb lies, from /proc/self/maps. */
static void find_civetweb(void)
{
	char line[512];
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long from, to;

	while (f && fgets(line, sizeof line, f)) {
		if (!strstr(line, "libcivetweb") || sscanf(line, "%lx-%lx", &from, &to) != 2)
			continue;
		if (!civetweb_from)
			civetweb_from = from;
		civetweb_to = to;
	}
	if (f)
		fclose(f);
}

static int bytes(cruet_ctx *c)
{
	static char block[1 << 17];
	return cruet_bytes(c, "text/plain", block, (size_t)cruet_arg_int(c, "n"));
}

static int json(cruet_ctx *c)
{
	cruet_json *j = cruet_object(c);

	cruet_put_str(j, "message", "Hello, world!");
	return cruet_jsonify(c, j);
}

static int query(cruet_ctx *c)
{
	const char *q = cruet_query(c, "q"), *cookie = cruet_cookie(c, "sid");
	return cruet_textf(c, "%s %s %s", q, cookie, cruet_header(c, "User-Agent"));
}

static int before(cruet_ctx *c)
{
	return cruet_set_header(c, "X-Before", "yes");
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_before(a, before);
	cruet_get(a, "/bytes/<int:n>", bytes);
	cruet_get(a, "/json", json);
	cruet_get(a, "/query", query);
	find_civetweb();
	counting = true;
}

static struct server start(void)
{
	counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(counts, MAP_FAILED);
	return server_start(setup, "server.threads=1");
}

struct spent {
	long ours, civetwebs, sends;
};

/* One request on a connection that has seen the same before, by the server alone. */
static struct spent request(struct wire *w, const char *bytes)
{
	for (int i = 0; i < 3; i++) {
		if (i == 2) {
			atomic_store(&counts->ours, 0);
			atomic_store(&counts->civetwebs, 0);
			atomic_store(&counts->sends, 0);
		}
		put(w, bytes);
		ck_assert_int_eq(take_reply(w, false).status, 200);
	}
	return (struct spent){atomic_load(&counts->ours), atomic_load(&counts->civetwebs),
			      atomic_load(&counts->sends)};
}

#define GET(path)                                                                        \
	"GET " path " HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\nAccept: */*\r\n"              \
	"Cookie: sid=1\r\n\r\n"

START_TEST(a_plain_request_takes_no_memory_from_the_heap)
{
	static const char *const plain[] = {GET("/"), GET("/query?q=1"), GET("/bytes/1000"),
					    ("POST /echo HTTP/1.1\r\nHost: x\r\n"
					     "Content-Length: 5\r\n\r\nhello")};
	struct server s = start();
	struct wire *w = dial(s.port);

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		struct spent n = request(w, plain[i]);
		ck_assert_msg(n.ours == 0, "%s: %ld", plain[i], n.ours);
		if (!getenv("CRUET_SERVER__TRANSPORT"))
			ck_assert_int_eq(n.civetwebs, 1); /* it copies the path: we do count */
	}
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_reply_up_to_64_kib_is_one_write)
{
	static const struct {
		const char *bytes;
		long sends; /* at most */
	} cases[] = {{GET("/"), 1},           {GET("/json"), 1},        {GET("/bytes/0"), 1},
		     {GET("/bytes/65536"), 1}, {GET("/bytes/65537"), 2}, {GET("/bytes/131072"), 2}};
	struct server s = start();
	struct wire *w = dial(s.port);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		/* What a socket does not take at once is sent again: not our write. */
		struct spent n = request(w, cases[i].bytes);
		ck_assert_msg(n.sends > 0 && n.sends <= cases[i].sends, "%s: %ld", cases[i].bytes,
			      n.sends);
	}
	hang_up(w);
	server_stop(&s);
}
END_TEST

SUITE("cost", a_plain_request_takes_no_memory_from_the_heap, a_reply_up_to_64_kib_is_one_write)
