#include "cli/loop.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/text.h"
#include "cli/loop_priv.h"
#include "cli/scratch.h"
#include "cruet/error.h"
#include "plugin/loader.h"

enum {
	QUIET_MS = 20,     /* after the last change: editors and tools write several files */
	QUIET_MAX_MS = 250, /* after the first one */
	ROOM = 256 << 20   /* bytes that memory must have to be built in */
};

/* --- telling it ----------------------------------------------------------------------------------- */

/* Another one in each run, as pages outlive them. */
static void next_token(struct loop *l)
{
	struct timespec now;

	if (!l->serial)
		clock_gettime(CLOCK_REALTIME, &now);
	if (!l->serial)
		snprintf(l->token, sizeof l->token, "%llx.%lx-", (unsigned long long)now.tv_sec,
			 (unsigned long)now.tv_nsec);
	snprintf(strchr(l->token, '-') + 1, 16, "%u", ++l->serial);
}

static void tell(struct loop *l)
{
	struct state *s = &l->state;
	uint64_t one = 1;

	next_token(l);
	s->token = l->token;
	s->number = l->number;
	s->app = l->app;
	s->built_by = l->built_by;
	if (s->failed)
		fprintf(stderr, "cruet: %s\n", s->failed);
	if (state_write(l->folder, s))
		perror("cruet: what was built cannot be told to those that serve");
	ssize_t n = write(l->ready, &one, sizeof one);
	(void)n; /* it is readable anyway */
}

/* --- building --------------------------------------------------------------------------------------- */

/* What Ninja makes need not be there yet. */
static bool is_project(const struct loop *l, struct code *code)
{
	const char *app = l->target.file ? NULL : config_text(config_of(l), "app");

	*code = (struct code){.so = app, .shown = app};
	return app && text_ends(app, ".so") && !access("meson.build", F_OK);
}

static int find_code(struct loop *l, struct state *s, struct arena *a)
{
	struct code code;
	const char *why = NULL;
	int err = is_project(l, &code) ? CRUET_OK
				       : code_find(&l->target, config_of(l), a, &code, &why);

	if (!err) {
		free(l->source_folder);
		l->source_folder = code.folder ? realpath(code.folder, NULL) : NULL;
		if (l->source_folder)
			look_at(l, l->source_folder);
		err = build_of(l->build, &code);
	}
	if (err)
		s->failed = err == CRUET_ENOMEM || !why ? "out of memory" : why;
	return err;
}

static bool is_cut(void *arg)
{
	struct loop *l = arg;

	look(l);
	return l->ends || l->changed & (CODE | CONFIG);
}

static enum build_end build(struct loop *l, struct state *s, struct arena *a)
{
	const int fds[] = {l->end, watch_fd(l->watch)};
	const struct build_cut cut = {.fds = fds,
				      .n = watch_fd(l->watch) < 0 ? 1 : 2,
				      .ms = watch_wait(l->watch),
				      .is = is_cut,
				      .arg = l};

	if (find_code(l, s, a))
		return BUILD_FAILED;
	s->built_by = NULL;
	enum build_end end = build_run(l->build, &cut, s, a);
	if (end == BUILD_DONE) {
		free(l->app);
		free(l->built_by);
		l->app = strdup(s->app);
		l->built_by = s->built_by ? strdup(s->built_by) : NULL;
	}
	if (end != BUILD_WAS_CUT)
		build_folders(l->build, look_at, l);
	return end;
}

/* What is wrong with it, those will say who take it up. */
static void read_config(struct loop *l)
{
	struct config *anew = NULL;
	char *why = NULL;

	if (!config_read_anew(l->first, &anew, &why)) {
		config_free(l->anew);
		l->anew = anew;
		look_at_config(l);
		look_at_shown(l);
	}
	free(why);
}

/* --- the loop ----------------------------------------------------------------------------------------- */

static void wait(struct loop *l, int ms)
{
	struct pollfd p[] = {{.fd = l->end, .events = POLLIN},
			     {.fd = watch_fd(l->watch), .events = POLLIN}};
	int most = watch_wait(l->watch);

	poll(p, 2, ms < 0 || (most >= 0 && most < ms) ? most : ms);
	look(l);
}

/* Until nothing has changed for a moment. */
static void wait_for_quiet(struct loop *l)
{
	int64_t now = date_monotonic_us(), most = now + QUIET_MAX_MS * 1000, quiet;
	uint64_t had;

	do {
		had = l->events;
		quiet = now + QUIET_MS * 1000;
		while (!l->ends && now < quiet && now < most) {
			wait(l, (int)((quiet - now + 999) / 1000));
			now = date_monotonic_us();
		}
	} while (!l->ends && had != l->events && now < most);
}

/* False: it was cut short. */
static bool build_anew(struct loop *l, bool *done)
{
	struct state s = {.seen_us = l->state.seen_us, .quiet_us = l->state.quiet_us};
	struct arena *next = &l->arenas[!l->turn];
	enum build_end end = build(l, &s, next);

	if (end == BUILD_WAS_CUT) {
		arena_reset(next);
		return false;
	}
	l->state = s;
	arena_reset(&l->arenas[l->turn]);
	l->turn = !l->turn;
	*done = end == BUILD_DONE;
	return true;
}

/* What has failed stays so until it is built anew, whatever else changes. */
static void act(struct loop *l)
{
	unsigned changed = l->changed;
	bool done = false;

	l->state.seen_us = l->seen_us;
	l->state.quiet_us = date_monotonic_us();
	l->changed = 0;
	if (changed & CONFIG)
		read_config(l);
	if (changed & (CODE | CONFIG) && !build_anew(l, &done)) {
		l->changed |= changed;
		return;
	}
	l->state.built_us = date_monotonic_us();
	if (changed & (CONFIG | PLUGIN) || done)
		l->number++;
	tell(l);
}

static void *run(void *arg)
{
	struct loop *l = arg;

	while (!l->ends && !l->asked)
		wait(l, -1);
	l->changed = CODE;
	while (!l->ends) {
		act(l);
		while (!l->ends && !l->changed)
			wait(l, -1);
		wait_for_quiet(l);
	}
	return NULL;
}

/* --- from its beginning to its end ------------------------------------------------------------------- */

static struct loop *fail(struct loop *l, const char **why, const char *text)
{
	*why = text;
	loop_free(l);
	return NULL;
}

/* In memory, where there is room: whoever saves waits for it, and a disk may be busy. For
 * free(). */
static char *private_folder(struct arena *a, const char **why)
{
	const char *const places[] = {getenv("XDG_RUNTIME_DIR"), "/dev/shm"};
	struct statvfs fs;
	char *path;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (!places[i] || statvfs(places[i], &fs) || fs.f_bavail < ROOM / fs.f_frsize ||
		    asprintf(&path, "%s/cruet-XXXXXX", places[i]) < 0)
			continue;
		if (mkdtemp(path))
			return path;
		free(path);
	}
	return loader_folder(a, why);
}

struct loop *loop_new(const struct target *t, const struct config *cf, bool by_time,
		      struct arena *a, const char **why)
{
	struct loop *l = calloc(1, sizeof *l);

	if (!l)
		return fail(NULL, why, NULL);
	l->target = *t;
	l->first = cf;
	arena_init(&l->a, 1024);
	arena_init(&l->shown_a, 1024);
	arena_init(&l->arenas[0], 4096);
	arena_init(&l->arenas[1], 4096);
	l->end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->watch = watch_new(by_time);
	if (l->end < 0 || l->ready < 0 || !l->watch)
		return fail(l, why, NULL);
	*why = NULL;
	l->folder = private_folder(a, why);
	if (!l->folder)
		return fail(l, why, *why);
	l->build = build_new(l->folder, l->target.folder);
	return l->build ? l : fail(l, why, NULL);
}

/* Signals are waited for by others. */
int loop_start(struct loop *l)
{
	sigset_t all, before;

	watch_folder(l->watch, l->target.folder, true);
	look_at(l, l->folder);
	look_at_config(l);
	look_at_shown(l);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	l->runs = !pthread_create(&l->thread, NULL, run, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return l->runs ? CRUET_OK : CRUET_EIO;
}

const char *loop_folder(const struct loop *l)
{
	return l->folder;
}

int loop_ready_fd(const struct loop *l)
{
	return l->ready;
}

static void stop(struct loop *l)
{
	uint64_t one = 1;

	if (!l->runs)
		return;
	ssize_t n = write(l->end, &one, sizeof one);
	(void)n; /* it cannot be full */
	pthread_join(l->thread, NULL);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	stop(l);
	if (l->folder)
		scratch_remove(l->folder);
	build_free(l->build);
	watch_free(l->watch);
	config_free(l->anew);
	arena_fini(&l->a);
	arena_fini(&l->shown_a);
	arena_fini(&l->arenas[0]);
	arena_fini(&l->arenas[1]);
	if (l->end >= 0)
		close(l->end);
	if (l->ready >= 0)
		close(l->ready);
	free(l->source_folder);
	free(l->folder);
	free(l->app);
	free(l->built_by);
	free(l);
}
