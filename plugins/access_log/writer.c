/* Lines go from the thread that served a request into a ring of the processor that it
 * runs on, and one thread carries them from all rings to the file, the oldest first. It
 * looks four times a second while there is something to do and once a second otherwise,
 * or when a ring is half full. A line that finds its ring full is lost, and the log says
 * how many were. */
#include "writer.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum {
	BUSY_MS = 250, /* between two looks */
	IDLE_MS = 1000,
	FOLLOW_MS = 1000, /* between two looks whether the file was moved */
	TELL_MS = 10000,  /* between two lines in the log about lost ones */
	LAST_MS = 2000	  /* for the last lines, when it stops */
};

static int64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

/* --- from any thread -------------------------------------------------------------- */

static void wake(struct writer_state *w)
{
	uint64_t one = 1;

	if (atomic_exchange_explicit(&w->woken, true, memory_order_relaxed))
		return;
	ssize_t n = write(w->wake, &one, sizeof one);
	(void)n; /* full means that it is awake already */
}

void writer_put(struct writer_state *w, struct stamped *s, size_t len)
{
	int cpu = sched_getcpu();
	struct ring *r = w->rings[(cpu < 0 ? 0 : (unsigned)cpu) % w->nrings];
	bool filling;

	s->ns = clock_ns();
	if (!ring_put(r, s, offsetof(struct stamped, line) + len, &filling))
		atomic_fetch_add_explicit(&w->full, 1, memory_order_relaxed);
	if (filling)
		wake(w);
}

void writer_hurry(struct writer_state *w)
{
	atomic_store(&w->closing, true);
	wake(w);
}

/* --- the thread ------------------------------------------------------------------- */

static size_t count_lines(const char *p, size_t len)
{
	size_t n = 0;

	for (const char *end = p + len; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

static void follow(struct writer_state *w)
{
	int64_t now = clock_ms();

	if (now - w->followed_ms < FOLLOW_MS)
		return;
	w->followed_ms = now;
	if (!output_follow(&w->out))
		w->why = errno;
}

/* Until all of it is written, or it cannot be, or until; 0: as long as it
 * takes. */
static void write_out(struct writer_state *w, size_t len, int64_t until)
{
	const char *p = w->batch;

	while (len) {
		ptrdiff_t n = output_write(&w->out, p, len);
		if (n < 0)
			w->why = errno;
		if (n < 0 ||
		    (!n && (until ? clock_ms() >= until : cruet_stopping(w->app))))
			break;
		p += n;
		len -= (size_t)n;
	}
	w->failed += count_lines(p, len);
}

/* The ring whose next line is the oldest; -1: all are empty. */
static int oldest(struct writer_state *w)
{
	int best = -1;

	for (int i = 0; i < (int)w->nrings; i++) {
		if (!w->next_len[i])
			w->next_len[i] = ring_take(w->rings[i], (char *)&w->next[i],
						   sizeof w->next[i]);
		if (w->next_len[i] && (best < 0 || w->next[i].ns < w->next[best].ns))
			best = i;
	}
	return best;
}

/* Carries out what is there; whether there was something. */
static bool carry(struct writer_state *w, int64_t until)
{
	size_t n = 0;
	bool some = false;

	for (int i; (i = oldest(w)) >= 0; some = true) {
		size_t len = w->next_len[i] - offsetof(struct stamped, line);
		if (n + len > BATCH) {
			write_out(w, n, until);
			n = 0;
		}
		memcpy(w->batch + n, w->next[i].line, len);
		n += len;
		w->next_len[i] = 0;
	}
	write_out(w, n, until);
	return some;
}

static void tell(struct writer_state *w, bool last)
{
	uint64_t full = atomic_load_explicit(&w->full, memory_order_relaxed);
	int64_t now = clock_ms();

	if (!last && w->told_ms && now - w->told_ms < TELL_MS)
		return;
	if (full != w->told)
		cruet_log(w->app, CRUET_WARN,
			  "%llu lines were lost: more came than could be written",
			  (unsigned long long)(full - w->told));
	if (w->failed || w->why)
		cruet_log(w->app, CRUET_ERROR,
			  "cannot write to %s: %s; %llu lines were lost",
			  w->out.path ? w->out.path : "standard error",
			  w->why ? strerror(w->why) : "nobody takes it",
			  (unsigned long long)w->failed);
	if (full == w->told && !w->failed && !w->why)
		return;
	w->told = full;
	w->failed = 0;
	w->why = 0;
	w->told_ms = now;
}

/* False: it is time to end. */
static bool rest(struct writer_state *w, bool busy)
{
	struct pollfd p = {.fd = w->wake, .events = POLLIN};
	uint64_t count;

	if (atomic_load(&w->closing))
		return cruet_wait(w->app, 20);
	if (poll(&p, 1, busy ? BUSY_MS : IDLE_MS) > 0) {
		atomic_store_explicit(&w->woken, false, memory_order_relaxed);
		ssize_t n = read(w->wake, &count, sizeof count);
		(void)n; /* it has done its duty */
	}
	return !cruet_stopping(w->app);
}

void writer_run(cruet_app *app, void *arg)
{
	struct writer_state *w = arg;
	bool busy;

	(void)app;
	do {
		follow(w);
		busy = carry(w, 0);
		tell(w, false);
	} while (rest(w, busy));
	carry(w, clock_ms() + LAST_MS);
	tell(w, true);
}

/* --- from start to stop ----------------------------------------------------------- */

void writer_close(struct writer_state *w)
{
	for (unsigned i = 0; i < w->nrings; i++)
		ring_free(w->rings[i]);
	w->nrings = 0;
	if (w->wake >= 0)
		close(w->wake);
	output_close(&w->out);
}

static int make_rings(struct writer_state *w, size_t bytes)
{
	long n = sysconf(_SC_NPROCESSORS_CONF);
	unsigned want = n < 1 ? 1 : n > RINGS_MAX ? RINGS_MAX : (unsigned)n;

	for (; w->nrings < want; w->nrings++) {
		w->rings[w->nrings] = ring_new(bytes);
		if (!w->rings[w->nrings])
			return CRUET_ENOMEM;
	}
	return CRUET_OK;
}

int writer_open(struct writer_state *w, cruet_app *app, const char *path, size_t bytes)
{
	w->app = app;
	w->nrings = 0;
	memset(w->next_len, 0, sizeof w->next_len);
	w->followed_ms = clock_ms();
	atomic_store(&w->closing, false);
	atomic_store(&w->woken, false);
	w->wake = -1;
	if (!output_open(&w->out, path)) {
		int why = errno;
		cruet_reject(app, "option file = \"%s\": %s", path, strerror(why));
		return CRUET_EIO;
	}
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int err = w->wake < 0 ? CRUET_EIO : make_rings(w, bytes);
	if (err)
		writer_close(w);
	return err;
}
