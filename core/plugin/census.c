#include "plugin/census.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "cruet/log.h"
#include "plugin/registry.h"

static const char step_name[CENSUS_NAME] = "cruet-step";

enum { GONE_MS = 100 }; /* that a thread which was joined may need to vanish */

/* --- counting --------------------------------------------------------------------------- */

static void note(struct census *c, const char *name)
{
	if (*name != '.' && c->n < CENSUS_MAX)
		c->ids[c->n++] = (pid_t)atoi(name);
}

/* Without memory of the heap: that there is none must not change what is said. */
static void take(struct census *c)
{
	_Alignas(struct dirent64) char room[4096];
	int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t len;

	c->n = 0;
	while (fd >= 0 && (len = getdents64(fd, room, sizeof room)) > 0)
		for (const char *at = room; at < room + len;) {
			const struct dirent64 *e = (const void *)at;
			note(c, e->d_name);
			at += e->d_reclen;
		}
	if (fd >= 0)
		close(fd);
}

static bool has(const struct census *c, pid_t id)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->ids[i] == id)
			return true;
	return false;
}

static bool bears_the_name(pid_t id)
{
	char path[64], name[CENSUS_NAME + 1];

	snprintf(path, sizeof path, "/proc/self/task/%d/comm", (int)id);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, name, sizeof name);
	close(fd);
	return n == (ssize_t)strlen(step_name) + 1 && !memcmp(name, step_name, (size_t)n - 1);
}

static void keep(struct own_threads *own, pid_t id)
{
	if (own->n < CENSUS_OWN)
		own->ids[own->n++] = id;
}

/* Also threads of plugins that were attached, or started their own, within this step. */
static bool is_known(const struct instance *in, pid_t id)
{
	const struct registry *r = in->scope->host->registry;
	const struct instance *x = in;

	if (threads_know(&in->threads, id))
		return true;
	for (x = r->all.first; x; x = x->next) {
		for (size_t i = 0; i < x->own.n; i++)
			if (x->own.ids[i] == id)
				return true;
		if (threads_know(&x->threads, id))
			return true;
	}
	return false;
}

#if defined(__SANITIZE_THREAD__)
#define THREADS_ARE_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREADS_ARE_CHECKED 1
#endif
#endif

#ifdef THREADS_ARE_CHECKED
static void *do_nothing(void *arg)
{
	return arg;
}

/* The sanitizer has a thread of its own, from the first one that is made on. */
static void get_ready(void)
{
	static atomic_bool done;
	pthread_t id;

	if (!atomic_exchange(&done, true) && !pthread_create(&id, NULL, do_nothing, NULL))
		pthread_join(id, NULL);
}
#else
static void get_ready(void)
{
}
#endif

/* --- a step ----------------------------------------------------------------------------- */

void census_begin(struct census *c, const struct instance *in)
{
	c->named = atomic_load(&in->scope->host->state) == HOST_RUNNING;
	get_ready();
	take(c);
	if (!c->named)
		return;
	prctl(PR_GET_NAME, c->name);
	prctl(PR_SET_NAME, step_name);
}

void census_end(struct census *c, struct instance *in, const char *step)
{
	struct census now;
	size_t before = in->own.n, n = 0;

	if (c->named)
		prctl(PR_SET_NAME, c->name);
	take(&now);
	bool counted = c->n && c->n < CENSUS_MAX;
	for (size_t i = 0; counted && i < now.n; i++) {
		pid_t id = now.ids[i];
		if (has(c, id) || is_known(in, id) ||
		    (c->named && !bears_the_name(id)))
			continue;
		keep(&in->own, id);
		n++;
	}
	if (in->own.n > before)
		cruet_log(in->scope->root, CRUET_WARN,
			  "plugin '%s': %s has started %zu %s by itself, which nobody ends before its "
			  "stop: use cruet_thread_start()",
			  in->owner.name, step, n, n == 1 ? "thread" : "threads");
}

/* --- afterwards ------------------------------------------------------------------------- */

static size_t still_there(const struct own_threads *own)
{
	char path[64];
	size_t n = 0;

	for (size_t i = 0; i < own->n; i++) {
		snprintf(path, sizeof path, "/proc/self/task/%d", (int)own->ids[i]);
		n += !access(path, F_OK);
	}
	return n;
}

bool census_left(const struct instance *in)
{
	size_t n = still_there(&in->own);

	for (int ms = 0; n && ms < GONE_MS; ms++) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		n = still_there(&in->own);
	}
	if (n)
		cruet_log(in->scope->root, CRUET_ERROR,
			  "plugin '%s': %zu of the threads that it started by itself still %s after "
			  "its stop: the plugin is left as it is, its code and memory stay",
			  in->owner.name, n, n == 1 ? "runs" : "run");
	return n;
}
