/* They write to a descriptor, each by itself; so they are given one of memory. What was
 * written by whose request is not told: it is taken for that of the next one that ends. */
#include "server/sanitizer.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/ctx.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/write.h"
#include "cruet/log.h"
#include "cruet/request.h"

enum { NEWS_MAX = 64 << 10, SAID_MAX = 1 << 20, LEAKS_MAX = 256, LEAKED_MAX = 16 << 10, SCRUBBED = 24 << 10, ALONE_MS = 200 };

struct leak {
	uint32_t stack; /* a hash of it */
	int64_t objects;
};

/* Of the process, as they are. */
static struct {
	pthread_mutex_t lock; /* guards what follows */
	int fd;
	off_t seen;
	struct leak leaks[LEAKS_MAX];
	size_t nleaks;
	char leaked[LEAKED_MAX]; /* not shown yet */
	char other[NEWS_MAX];    /* what was said of another request while leaks were looked for */
} said = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

bool sanitizer_here(void)
{
	return dlsym(RTLD_DEFAULT, "__asan_init");
}

/* Each of the libraries has a descriptor of its own. */
static void send_to(const char *library, int fd)
{
	void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
	void (*set)(void *fd) = NULL;

	if (handle)
		*(void **)&set = dlsym(handle, "__sanitizer_set_report_fd");
	if (set)
		set((void *)(intptr_t)fd);
	if (handle)
		dlclose(handle);
}

/* What an overflow is described by, as compilers write it. */
struct integer {
	uint16_t kind, info;
	char name[6];
};
struct overflow {
	const char *file;
	uint32_t line, column;
	const struct integer *type;
};

/* UBSan opens its descriptor anew, and closes what was there, when it first speaks. So it is
 * made to speak, where nobody hears it. [setup] */
static void wake_ubsan(void)
{
	static const struct integer type = {0, 5 << 1 | 1, "'int'"}; /* of 1 << 5 bits, signed */
	static struct overflow data = {"cruet", 1, 1, &type};
	void (*handle)(void *data, uintptr_t a, uintptr_t b);
	int err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	*(void **)&handle = dlsym(RTLD_DEFAULT, "__ubsan_handle_add_overflow");
	if (handle && err >= 0 && null >= 0 && dup2(null, STDERR_FILENO) >= 0) {
		handle(&data, 1, 1);
		dup2(err, STDERR_FILENO);
	}
	if (err >= 0)
		close(err);
	if (null >= 0)
		close(null);
}

/* False: the first mistake is the end, and UBSan would take being woken for one. */
static bool goes_on(void)
{
	const char *options = getenv("UBSAN_OPTIONS");

	return !options || !strstr(options, "halt_on_error=1");
}

bool sanitizer_start(void)
{
	static const char *const libraries[] = {"libasan.so.8", "libasan.so.6", "libasan.so.5",
						"libubsan.so.1", NULL};

	if (!sanitizer_here() || !goes_on())
		return false;
	wake_ubsan();
	said.fd = memfd_create("cruet-sanitizer", MFD_CLOEXEC);
	if (said.fd >= 0)
		fcntl(said.fd, F_SETFL, O_APPEND);
	for (const char *const *l = libraries; *l && said.fd >= 0; l++)
		send_to(*l, said.fd);
	return said.fd >= 0;
}

/* The lock is held. */
static char *take(struct arena *a)
{
	struct stat st;

	if (said.fd < 0 || fstat(said.fd, &st) || st.st_size <= said.seen)
		return NULL;
	size_t n = (size_t)(st.st_size - said.seen);
	n = n < NEWS_MAX ? n : NEWS_MAX;
	char *text = arena_alloc(a, n + 1);
	ssize_t got = text ? pread(said.fd, text, n, said.seen) : -1;
	said.seen = st.st_size;
	if (said.seen > SAID_MAX && !ftruncate(said.fd, 0)) /* it is appended to */
		said.seen = 0;
	if (got <= 0)
		return NULL;
	text[got] = '\0';
	return text;
}

const char *sanitizer_news(struct arena *a)
{
	pthread_mutex_lock(&said.lock);
	const char *text = *said.other ? arena_strdup(a, said.other) : take(a);
	*said.other = '\0';
	pthread_mutex_unlock(&said.lock);
	if (text)
		write_whole(STDERR_FILENO, text, strlen(text));
	return text;
}

/* --- leaks ------------------------------------------------------------------------------ */

/* True: there are more of them than before. */
static bool is_new(uint32_t stack, int64_t objects)
{
	size_t i = 0;

	while (i < said.nleaks && said.leaks[i].stack != stack)
		i++;
	if (i == LEAKS_MAX)
		return false;
	if (i == said.nleaks)
		said.leaks[said.nleaks++] = (struct leak){.stack = stack};
	bool more = objects > said.leaks[i].objects;
	said.leaks[i].objects = objects;
	return more;
}

/* "    #1 0x55.. in leak /srv/site.c:9" is "leak (/srv/site.c:9)": the first such line that
 * has a source, but for the allocator's own. */
static bool find_place(const char *stack, char *out, size_t cap)
{
	for (const char *line = stack; (line = strstr(line, " in ")); line++) {
		char function[128], file[256];
		if (sscanf(line, " in %127s %255[^\n]", function, file) == 2 && *file == '/') {
			snprintf(out, cap, "%s (%s)", function, file);
			return true;
		}
	}
	return false;
}

/* "Direct leak of 100 byte(s) in 1 object(s) allocated from:" and its stack. */
static void look_at(cruet_app *root, char *block, const char *what)
{
	long long bytes, objects;
	char *stack = strchr(block, '\n'), place[400] = "code that is not known";
	char line[800];

	if (!stack || sscanf(block, "Direct leak of %lld byte(s) in %lld", &bytes, &objects) != 2)
		return;
	char *end = strstr(stack, "\n\n");
	if (end)
		*end = '\0';
	find_place(stack, place, sizeof place);
	if (!is_new(text_hash(stack, strlen(stack)), objects))
		return;
	snprintf(line, sizeof line, "%lld bytes in %lld object%s, allocated in %s, by %s", bytes, objects,
		 objects == 1 ? "" : "s", place, what);
	cruet_log(root, CRUET_WARN, "leak: %s", line);
	size_t n = strlen(said.leaked);
	snprintf(said.leaked + n, sizeof said.leaked - n, "%s%s", n ? "\n" : "", line);
}

/* A pointer that a handler has left on the stack, where the search for leaks will stand, would
 * make what it led to look as if somebody had it. */
__attribute__((noinline)) static void scrub_stack(void)
{
	volatile char room[SCRUBBED];

	for (size_t i = 0; i < sizeof room; i++)
		room[i] = 0;
}

/* Of what was said meanwhile, all from the first line on that is about no leak. */
static void keep_other(const char *text)
{
	const char *damage = text ? strstr(text, "ERROR: AddressSanitizer: ") : NULL;
	const char *undefined = text ? strstr(text, ": runtime error: ") : NULL;
	const char *from = !damage || (undefined && undefined < damage) ? undefined : damage;

	while (from && from > text && from[-1] != '\n')
		from--;
	if (from)
		snprintf(said.other, sizeof said.other, "%s", from);
}

/* Code of another request may have memory that nobody can see yet. One that waits has not. */
static bool is_alone(const cruet_ctx *c)
{
	const struct timespec ms = {0, 1000000};

	for (unsigned i = 0; ctx_running(c->host->pool, c); i++) {
		if (i == ALONE_MS)
			return false;
		nanosleep(&ms, NULL);
	}
	return true;
}

void sanitizer_leaks(const cruet_ctx *c)
{
	int (*check)(void);
	char what[128];
	struct arena a;

	*(void **)&check = dlsym(RTLD_DEFAULT, "__lsan_do_recoverable_leak_check");
	if (!check || !is_alone(c))
		return;
	snprintf(what, sizeof what, "%s %s", cruet_method(c), cruet_path(c));
	arena_init(&a, NEWS_MAX);
	pthread_mutex_lock(&said.lock);
	scrub_stack();
	check();
	char *text = take(&a);
	keep_other(text);
	for (char *at = text; at && (at = strstr(at, "Direct leak of ")); ) {
		char *next = strstr(at + 1, "Direct leak of ");
		look_at(c->host->root, at, what);
		at = next;
	}
	pthread_mutex_unlock(&said.lock);
	arena_fini(&a);
}

const char *sanitizer_leaked(struct arena *a)
{
	pthread_mutex_lock(&said.lock);
	const char *text = *said.leaked ? arena_strdup(a, said.leaked) : NULL;
	*said.leaked = '\0';
	pthread_mutex_unlock(&said.lock);
	return text;
}
