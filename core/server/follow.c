#include "server/follow.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/file.h"
#include "app/scope.h"
#include "app/where.h"
#include "base/buf.h"
#include "base/date.h"
#include "cruet/log.h"
#include "debug/reload.h"
#include "debug/watch.h"
#include "plugin/change.h"
#include "server/changes.h"

enum {
	SETTLE_MS = 20, /* how often it is seen who still stands on what was replaced */
	NICENESS = 10
};

struct follow {
	char *folder;
	struct watch *watch;
	cruet_app *root;
	const struct served *served; /* NULL: nothing is served yet */
	uint64_t number;  /* of what was taken up, or could not be */
	char *trouble;    /* why it could not; NULL: it was */
	struct buf folders; /* those that were told, one after the other */
	struct arena said;  /* what host->built_by was, each once: somebody may still read it */
	bool begun; /* this process has taken up something, or could not */
	bool settled;
	pthread_t thread;
	bool runs;
	int go, end; /* eventfds */
};

struct follow *follow_new(const char *folder, bool by_time)
{
	struct follow *f = calloc(1, sizeof *f);

	if (!f)
		return NULL;
	buf_init(&f->folders, NULL, 0);
	arena_init(&f->said, 256);
	f->settled = true;
	f->folder = strdup(folder);
	f->watch = watch_new(by_time);
	f->go = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	f->end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->folder && f->watch && f->go >= 0 && f->end >= 0 && !watch_folder(f->watch, folder, false))
		return f;
	follow_free(f);
	return NULL;
}

void follow_free(struct follow *f)
{
	if (!f)
		return;
	if (f->go >= 0)
		close(f->go);
	if (f->end >= 0)
		close(f->end);
	watch_free(f->watch);
	free(f->folder);
	buf_fini(&f->folders);
	arena_fini(&f->said);
	free(f->trouble);
	free(f);
}

/* --- waiting -------------------------------------------------------------------------------- */

static void nothing(void *arg, const char *path)
{
	(void)arg;
	(void)path;
}

static bool is_there(const struct follow *f)
{
	struct arena a;
	struct state s;

	arena_init(&a, 1024);
	bool there = state_read(f->folder, &s, &a) == CRUET_OK;
	arena_fini(&a);
	return there;
}

/* Until something has changed in the folder, or ms have passed (-1: any time). False: on
 * other there is one of events, or its other end has gone. */
static bool wait(struct follow *f, int other, short events, int ms)
{
	struct pollfd p[] = {{.fd = other, .events = events},
			     {.fd = watch_fd(f->watch), .events = POLLIN}};
	int most = watch_wait(f->watch);

	poll(p, 2, ms < 0 || (most >= 0 && most < ms) ? most : ms);
	return !p[0].revents;
}

bool follow_ask(const struct follow *f)
{
	return !state_ask(f->folder);
}

bool follow_wait(struct follow *f, int channel)
{
	bool there, goes_on = true;

	while (!(there = is_there(f)) && goes_on) {
		goes_on = wait(f, channel, 0, -1);
		watch_read(f->watch, nothing, NULL);
	}
	return there;
}

/* --- folders that are read from --------------------------------------------------------------- */

static void add_folder(struct buf *b, const char *folder)
{
	char *real = realpath(folder, NULL);

	if (real)
		buf_put(b, real, strlen(real) + 1);
	free(real);
}

static void add_folders(struct buf *b, cruet_app *scope)
{
	for (struct entry *e = scope->entries; e; e = e->next) {
		const char *folder = e->kind == ENTRY_RULE
					     ? static_folder((const struct entry_rule *)e)
					     : NULL;
		if (folder)
			add_folder(b, folder);
		if (entry_scope(e))
			add_folders(b, entry_scope(e));
	}
}

static int tell_folders(const struct follow *f, const struct buf *b)
{
	struct arena a;
	const char **list = NULL;
	size_t n = 0;
	int err = CRUET_OK;

	arena_init(&a, 1024);
	for (const char *p = b->p;; p += strlen(p) + 1) {
		list = arena_more(&a, list, n, sizeof *list);
		if (!list)
			break;
		list[n++] = p < b->p + b->len ? p : NULL;
		if (!list[n - 1])
			break;
	}
	err = list ? state_write_folders(f->folder, list) : CRUET_ENOMEM;
	arena_fini(&a);
	return err;
}

static void look_for_folders(struct follow *f)
{
	struct buf b;

	buf_init(&b, NULL, 0);
	pthread_mutex_lock(&f->root->host->changing);
	add_folders(&b, f->root);
	pthread_mutex_unlock(&f->root->host->changing);
	bool same = b.len == f->folders.len && !memcmp(b.p, f->folders.p, b.len);
	if (buf_err(&b) || same || tell_folders(f, &b)) {
		buf_fini(&b);
		return;
	}
	buf_fini(&f->folders);
	f->folders = b;
}

/* --- taking it up ------------------------------------------------------------------------------ */

static int change(struct follow *f, char **why)
{
	struct change_report report;
	int err;

	if (f->served) {
		err = changes_publish(f->served, CHANGE_RELOAD, NULL, &report, why);
	} else {
		err = change_run(f->root, CHANGE_RELOAD, NULL, &report, why);
		if (err)
			cruet_log(f->root, CRUET_ERROR, "%s", *why ? *why : cruet_strerror(err));
	}
	change_report_free(&report);
	return err;
}

static double ms_of(int64_t us)
{
	return (double)us / 1000;
}

static void tell_time(const struct follow *f, const struct state *s)
{
	int64_t now = date_monotonic_us();

	if (s->seen_us)
		cruet_log(f->root, CRUET_INFO,
			  "from saved to served: %.1f ms: %.1f until all was saved, %.1f to build it, "
			  "%.1f to take it up",
			  ms_of(now - s->seen_us), ms_of(s->quiet_us - s->seen_us),
			  ms_of(s->built_us - s->quiet_us), ms_of(now - s->built_us));
}

/* NULL: there is none, or out of memory. */
static const char *last_good(const struct follow *f, struct arena *a)
{
	const char *path = arena_printf(a, "%s/" STATE_GOOD, f->folder);
	return path && !access(path, F_OK) ? path : NULL;
}

static int take(struct follow *f, const struct state *s, const char *app, enum state_taken what,
		char **why)
{
	int err = app ? registry_set_app(f->root, app) : CRUET_OK;

	if (!err)
		err = state_taking(f->folder, s->number, what);
	if (!err)
		err = change(f, why);
	state_took(f->folder, err || what ? NULL : app);
	f->settled = false;
	return err;
}

/* The process before this one has crashed when it took that up. */
static void take_less(struct follow *f, const struct state *s, enum state_taken what)
{
	struct arena a;
	char *why = NULL;

	arena_init(&a, 512);
	const char *app = what == STATE_LAST_GOOD ? last_good(f, &a) : NULL;
	if (app)
		take(f, s, app, what, &why);
	arena_fini(&a);
	free(why);
	f->trouble = strdup("the application crashed when it was taken up: a report in the log says where");
}

static void say_how(struct follow *f, const char *by)
{
	_Atomic(const char *) *to = &f->root->host->built_by;
	const char *was = atomic_load(to);

	if (!by || !was || strcmp(was, by) != 0)
		atomic_store(to, arena_strdup(&f->said, by));
}

/* Whether the newest serves now. */
static bool take_up(struct follow *f, const struct state *s)
{
	enum state_taken what = f->begun ? STATE_NEWEST : state_to_take(f->folder, s->number);
	char *why = NULL;

	free(f->trouble);
	f->trouble = NULL;
	f->number = s->number;
	if (what) {
		take_less(f, s, what);
		return false;
	}
	int err = take(f, s, s->app, STATE_NEWEST, &why);
	if (err) {
		f->trouble = why ? why : strdup(cruet_strerror(err));
		return false;
	}
	free(why);
	say_how(f, s->built_by);
	look_for_folders(f);
	return true;
}

static void look(struct follow *f)
{
	struct news *n = news_new();

	if (!n || state_read(f->folder, &n->state, &n->a)) {
		news_let_go(n);
		return;
	}
	const struct state s = n->state; /* n is the requests' as soon as they are told */
	bool taken = s.number != f->number && take_up(f, &s);
	n->trouble = arena_strdup(&n->a, f->trouble);
	n->serves = registry_named(f->root, "app");
	reload_tell(f->root, n);
	if (taken) /* by now, no reply speaks of a build that failed */
		tell_time(f, &s);
}

/* False: it is to end before. */
static bool wait_for_go(const struct follow *f)
{
	struct pollfd p[] = {{.fd = f->go, .events = POLLIN}, {.fd = f->end, .events = POLLIN}};

	while (poll(p, 2, -1) < 0)
		;
	return !p[1].revents;
}

static void *run(void *arg)
{
	struct follow *f = arg;
	bool first = true;

	where_prepare(); /* code of plugins runs here */
	if (!wait_for_go(f))
		return NULL;
	do {
		if (watch_read(f->watch, nothing, NULL) || first) /* what has come since it began */
			look(f);
		first = false;
		if (!f->settled)
			f->settled = change_settle(f->root);
	} while (wait(f, f->end, POLLIN, f->settled ? -1 : SETTLE_MS));
	return NULL;
}

/* Where processors are short, what is built and taken up goes before requests: somebody waits
 * for it. Threads that are begun later are like the one that begins them. */
static void yield(void)
{
	setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, 0) + NICENESS);
}

void follow_begin(struct follow *f, cruet_app *root)
{
	if (!f)
		return;
	f->root = root;
	look(f);
	f->begun = true;
	f->runs = !pthread_create(&f->thread, NULL, run, f);
	if (!f->runs)
		cruet_log(root, CRUET_ERROR, "what changes is not taken up: there is no thread for it");
	yield();
}

static void tell(int eventfd)
{
	uint64_t one = 1;
	ssize_t n = write(eventfd, &one, sizeof one);

	(void)n; /* it cannot be full */
}

void follow_start(struct follow *f, const struct served *s)
{
	if (!f)
		return;
	f->served = s;
	tell(f->go);
}

void follow_stop(struct follow *f)
{
	if (!f || !f->runs)
		return;
	tell(f->end);
	pthread_join(f->thread, NULL);
	f->runs = false;
}
