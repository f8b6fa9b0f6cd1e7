/* Bodies that are large, slow or never end, in both directions. */
#include <dirent.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "raw.h"

#ifdef CRUET_SANITIZED
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* What the server tells the test, in memory that both see. */
static struct shared {
	atomic_llong pulled; /* bytes that streams have made */
	atomic_int closed;   /* streams that are over */
	atomic_int why;      /* of the last one */
	atomic_int waiting;  /* streams that have nothing to say */
} *shared;

static char folder[FOLDER_MAX];

/* Waits for what another process or thread is about to do; the time between two looks
 * is no part of any promise. */
static bool eventually(atomic_int *what, int least)
{
	int64_t end = now_ms() + PATIENCE_MS;

	while (atomic_load(what) < least && now_ms() < end)
		poll(NULL, 0, 2);
	return atomic_load(what) >= least;
}

/* --- the application -------------------------------------------------------------------- */

static int upload(cruet_ctx *c)
{
	cruet_upload *u = cruet_upload_get(c, "f", 0);
	return u ? cruet_textf(c, "%llu", (unsigned long long)cruet_upload_size(u))
		 : cruet_err(c) ? cruet_err(c) : 400;
}

static ptrdiff_t endless(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	(void)c, (void)self;
	memset(buf, 'x', cap);
	atomic_fetch_add(&shared->pulled, (long long)cap);
	return (ptrdiff_t)cap;
}

static ptrdiff_t silent(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	bool *said = self;

	(void)c, (void)cap;
	if (*said) {
		atomic_store(&shared->waiting, 1);
		return CRUET_EAGAIN;
	}
	*said = true;
	memcpy(buf, "first", 5);
	return 5;
}

static void closed(cruet_ctx *c, void *self, int why)
{
	(void)c, (void)self;
	atomic_store(&shared->why, why);
	atomic_fetch_add(&shared->closed, 1);
}

static int stream_endless(cruet_ctx *c)
{
	static const cruet_source s = {.size = sizeof s, .length = -1, .pull = endless,
				       .close = closed};
	return cruet_stream(c, &s, NULL);
}

static int stream_silent(cruet_ctx *c)
{
	static const cruet_source s = {.size = sizeof s, .length = -1, .wait_ms = 60000,
				       .pull = silent, .close = closed};
	bool *said = cruet_alloc(c, sizeof *said);
	return said ? cruet_stream(c, &s, said) : CRUET_ENOMEM;
}

static int tick(cruet_ctx *c, void *self, cruet_sse *e)
{
	int *n = self;

	if (*n == 3)
		return CRUET_ENOENT;
	e->data = cruet_printf(c, "%d", ++*n);
	return e->data ? CRUET_OK : CRUET_ENOMEM;
}

static int ticks(cruet_ctx *c)
{
	static const cruet_sse_source s = {.size = sizeof s, .next = tick};
	int *n = cruet_alloc(c, sizeof *n);
	return n ? cruet_sse_stream(c, &s, n) : CRUET_ENOMEM;
}

static int hello(cruet_ctx *c)
{
	return cruet_text(c, "hello");
}

static void site(cruet_app *app)
{
	cruet_get(app, "/", hello);
	cruet_post(app, "/upload", upload);
	cruet_get(app, "/endless", stream_endless);
	cruet_get(app, "/silent", stream_silent);
	cruet_get(app, "/ticks", ticks);
	cruet_static(app, "/static", folder, NULL);
}

static struct server start(const char *settings)
{
	ck_assert(folder_make(folder));
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	ck_assert(shared != MAP_FAILED);
	setenv("TMPDIR", folder, 1);
	return server_start(site, settings);
}

static void finish(struct server *s)
{
	server_stop(s);
	munmap(shared, sizeof *shared);
	ck_assert_int_eq(rmdir(folder), 0); /* so no temporary file was left */
}

/* --- uploads ----------------------------------------------------------------------------- */

static long status_kib(pid_t pid, const char *name)
{
	char path[64], line[256];
	long kib = -1;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, name, strlen(name)))
			kib = strtol(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

static const char part_head[] = "--B\r\nContent-Disposition: form-data; name=\"f\"; "
				"filename=\"big\"\r\n\r\n";
static const char part_end[] = "\r\n--B--\r\n";

static void put_head(struct wire *w, uint64_t size)
{
	char head[256];

	snprintf(head, sizeof head,
		 "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; "
		 "boundary=B\r\nContent-Length: %llu\r\n\r\n",
		 (unsigned long long)(size + strlen(part_head) + strlen(part_end)));
	put(w, head);
	put(w, part_head);
}

START_TEST(a_gibibyte_passes_through_little_memory)
{
	enum { PIECE = 1 << 20 };
	struct server s = start("server.body_max=2g\nserver.threads=2");
	struct wire *w = dial(s.port);
	/* One transport is enough for a whole one: what keeps it is the same. */
	bool whole = !SANITIZED && !getenv("CRUET_SERVER__TRANSPORT");
	uint64_t size = whole ? 1 << 30 : 64 << 20;
	static char piece[PIECE];
	char want[32];

	put_head(w, size);
	for (uint64_t at = 0; at < size; at += PIECE)
		put_bytes(w, piece, PIECE);
	put(w, part_end);
	snprintf(want, sizeof want, "%llu", (unsigned long long)size);
	assert_reply(take_reply(w, false), 200, want);
	if (!SANITIZED)
		ck_assert_int_lt(status_kib(s.pid, "VmHWM:"), 32 << 10);
	hang_up(w);
	finish(&s);
}
END_TEST

/* Descriptors of the server that lead below the folder. */
static int files_of(const struct server *s)
{
	char path[64], name[320], target[512];
	int n = 0;

	snprintf(path, sizeof path, "/proc/%d/fd", s->pid);
	DIR *d = opendir(path);
	ck_assert_ptr_nonnull(d);
	for (struct dirent *e; (e = readdir(d));) {
		snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		ssize_t len = readlink(name, target, sizeof target - 1);
		target[len > 0 ? len : 0] = '\0';
		n += !strncmp(target, folder, strlen(folder));
	}
	closedir(d);
	return n;
}

static bool has_files(const struct server *s, int n)
{
	int64_t end = now_ms() + PATIENCE_MS;

	while (files_of(s) != n && now_ms() < end)
		poll(NULL, 0, 2);
	return files_of(s) == n;
}

START_TEST(an_upload_that_is_cut_off_leaves_nothing)
{
	struct server s = start("server.threads=1\nlog_level=error");
	struct wire *w = dial(s.port);
	static char piece[1 << 20];
	int before = files_of(&s); /* the copy of a plugin may lie there */

	put_head(w, 10 << 20);
	for (int i = 0; i < 5; i++)
		put_bytes(w, piece, sizeof piece);
	shutdown(w->fd, SHUT_WR);
	assert_reply(take_reply(w, false), 400, "cut short");
	hang_up(w);
	ck_assert(has_files(&s, before));
	finish(&s);
}
END_TEST

/* --- streams ------------------------------------------------------------------------------- */

START_TEST(who_reads_nothing_is_waited_for_and_then_cut_off)
{
	struct server s = start("server.write_timeout=500ms\nlog_level=error");
	struct wire *w = dial(s.port);

	put(w, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert(eventually(&shared->closed, 1));
	ck_assert_int_eq(atomic_load(&shared->why), CRUET_ETIMEOUT);
	/* What the sockets' buffers take, and no more, was made. */
	ck_assert_int_lt(atomic_load(&shared->pulled), 16 << 20);
	hang_up(w);
	finish(&s);
}
END_TEST

START_TEST(a_stream_ends_when_its_client_leaves)
{
	struct server s = start("log_level=error");
	struct wire *w = dial(s.port);

	put(w, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert(more(w, PATIENCE_MS));
	hang_up(w);
	ck_assert(eventually(&shared->closed, 1));
	ck_assert_int_eq(atomic_load(&shared->why), CRUET_EIO);

	w = dial(s.port); /* and one that only waits */
	put(w, "GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
	while (!strstr(w->buf, "first") && more(w, PATIENCE_MS))
		;
	ck_assert(eventually(&shared->waiting, 1));
	hang_up(w);
	ck_assert(eventually(&shared->closed, 2));
	ck_assert_int_eq(atomic_load(&shared->why), CRUET_EIO);
	finish(&s);
}
END_TEST

START_TEST(stopping_ends_a_stream_that_waits)
{
	struct server s = start("log_level=error");
	struct wire *w = dial(s.port);
	int64_t began;

	put(w, "GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert(eventually(&shared->waiting, 1));
	began = now_ms();
	kill(s.pid, SIGTERM);
	ck_assert_int_eq(server_exit(&s), 0);
	ck_assert_int_lt(now_ms() - began, 9000); /* before the deadline of 10 s */
	ck_assert_int_eq(atomic_load(&shared->why), CRUET_ESTATE);
	hang_up(w);
	munmap(shared, sizeof *shared);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(events_come_in_chunks)
{
	struct server s = start(NULL);
	struct wire *w = dial(s.port);

	put(w, "GET /ticks HTTP/1.1\r\nHost: x\r\n\r\n");
	struct reply r = take_reply(w, false);
	ck_assert_int_eq(r.status, 200);
	ck_assert(r.whole);
	ck_assert_str_eq(r.body, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
	put(w, "GET /ticks HTTP/1.0\r\n\r\n"); /* the same connection; no chunks here */
	r = take_reply(w, false);
	ck_assert_str_eq(r.body, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
	ck_assert(closes(w));
	hang_up(w);
	finish(&s);
}
END_TEST

/* --- files ------------------------------------------------------------------------------------ */

START_TEST(a_large_file_arrives_byte_for_byte)
{
	enum { SIZE = 900001 };
	struct server s = start(NULL);
	char path[128], value[64];
	static char bytes[SIZE];

	for (int i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 31 + i / 997);
	snprintf(path, sizeof path, "%s/big", folder);
	int fd = open(path, O_WRONLY | O_CREAT, 0644);
	ck_assert_int_eq(write(fd, bytes, SIZE), SIZE);
	close(fd);

	struct wire *w = dial(s.port);
	put(w, "GET /static/big HTTP/1.1\r\nHost: x\r\n\r\n");
	while (w->n < SIZE && more(w, PATIENCE_MS))
		;
	size_t body = (size_t)(strstr(w->buf, "\r\n\r\n") + 4 - w->buf);
	ck_assert_ptr_nonnull(header(w->buf, "Content-Length", value, sizeof value));
	ck_assert_str_eq(value, "900001");
	while (w->n < body + SIZE && more(w, PATIENCE_MS))
		;
	ck_assert(!memcmp(w->buf + body, bytes, SIZE));
	w->n = 0;
	put(w, "GET /static/big HTTP/1.1\r\nHost: x\r\nRange: bytes=500000-500003\r\n\r\n");
	w->buf[0] = '\0';
	struct reply r = take_reply(w, false);
	ck_assert_int_eq(r.status, 206);
	ck_assert_uint_eq(r.body_len, 4);
	ck_assert(!memcmp(r.body, bytes + 500000, 4));
	put(w, "HEAD /static/big HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert_int_eq(take_reply(w, true).status, 200);
	hang_up(w);
	unlink(path);
	finish(&s);
}
END_TEST

SUITE_TIMEOUT("bodies", 120, a_gibibyte_passes_through_little_memory,
	      an_upload_that_is_cut_off_leaves_nothing,
	      who_reads_nothing_is_waited_for_and_then_cut_off,
	      a_stream_ends_when_its_client_leaves, stopping_ends_a_stream_that_waits,
	      events_come_in_chunks, a_large_file_arrives_byte_for_byte)
