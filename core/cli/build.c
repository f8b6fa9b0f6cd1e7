#include "cli/build.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/build_unit.h"
#include "cli/compile.h"
#include "cli/diagnose.h"
#include "cli/job.h"
#include "cruet/error.h"
#include "plugin/loader.h"

enum { JOBS_MAX = 8, FDS_MAX = 4 };

struct build {
	const char *folder, *base;
	struct arena a; /* of what follows, until the next build_of() */
	const char *shown;
	const char *so;      /* what there is, or what Ninja makes; NULL: it is compiled */
	const char *project; /* where Ninja works; NULL */
	struct unit *units, **last;
	size_t n;
	bool made;   /* what was compiled of them stands in the folder */
	bool failed; /* the last time */
	unsigned jobs;
};

/* One job at work, and for what. */
struct work {
	struct job job;
	struct unit *unit; /* NULL: for the whole */
};

struct run {
	struct build *b;
	const struct build_cut *cut;
	struct state *s;
	struct arena *a;
	struct work works[JOBS_MAX];
	size_t nworks;
	struct buf said; /* what all have said */
	bool failed;     /* one of them */
	const char *why; /* a sentence; NULL: what was said tells it */
};

struct build *build_new(const char *folder, const char *base)
{
	struct build *b = calloc(1, sizeof *b);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (!b)
		return NULL;
	b->folder = folder;
	b->base = base;
	b->last = &b->units;
	b->jobs = cpus < 1 ? 1 : cpus > JOBS_MAX ? JOBS_MAX : (unsigned)cpus;
	arena_init(&b->a, 4096);
	return b;
}

static void free_units(struct unit *u)
{
	for (struct unit *next; u; u = next) {
		next = u->next;
		unit_free(u);
	}
}

void build_free(struct build *b)
{
	if (!b)
		return;
	free_units(b->units);
	arena_fini(&b->a);
	free(b);
}

/* --- what it is made of ----------------------------------------------------------------------- */

static struct unit *take_unit(struct unit **from, const char *source)
{
	for (struct unit *u; (u = *from); from = &u->next)
		if (!strcmp(u->source, source)) {
			*from = u->next;
			return u;
		}
	return NULL;
}

static int add_units(struct build *b, const char *const *sources, struct unit **had)
{
	for (; *sources; sources++) {
		struct unit *u = take_unit(had, *sources);
		if (!u)
			u = unit_new(*sources, b->folder, b->base);
		if (!u)
			return CRUET_ENOMEM;
		u->next = NULL;
		*b->last = u;
		b->last = &u->next;
		b->n++;
	}
	return CRUET_OK;
}

/* The folder above file, below base, that Ninja has its plan in; where there is none yet, the
 * first one on the way. NULL: it is no Meson project, or memory ran out. */
static const char *project_of(struct build *b, const char *file)
{
	const char *plan = arena_printf(&b->a, "%s/meson.build", b->base), *first = NULL;
	char *path = *file == '/' ? NULL : arena_strdup(&b->a, file);

	if (!plan || access(plan, F_OK))
		return NULL;
	for (char *slash; path && (slash = strrchr(path, '/'));) {
		*slash = '\0';
		const char *ninja = arena_printf(&b->a, "%s/build.ninja", path);
		first = arena_strdup(&b->a, path);
		if (ninja && !access(ninja, F_OK))
			break;
	}
	return first;
}

int build_of(struct build *b, const struct code *code)
{
	struct unit *had = b->units;
	size_t n = b->n;

	arena_reset(&b->a);
	b->units = NULL;
	b->last = &b->units;
	b->n = 0;
	b->shown = arena_strdup(&b->a, code->shown);
	b->so = arena_strdup(&b->a, code->so);
	b->project = b->so ? project_of(b, b->so) : NULL;
	int err = !b->shown || (code->so && !b->so) ? CRUET_ENOMEM : CRUET_OK;
	if (!err && code->sources)
		err = add_units(b, code->sources, &had);
	b->made &= !had && b->n == n;
	/* The only one is linked at once, and has no object. */
	if (b->n != n && (b->n == 1 || n == 1))
		for (struct unit *u = b->units; u; u = u->next)
			u->stale = true;
	free_units(had);
	return err;
}

static bool is_source(const char *path)
{
	static const char *const ends[] = {".c", ".h", ".inc", ".def", ".cc", ".cpp", ".hpp",
					   "meson.build", "meson_options.txt", "meson.options", NULL};

	for (const char *const *end = ends; *end; end++)
		if (text_ends(path, *end))
			return true;
	return false;
}

static bool is_made_by_ninja(const struct build *b, const char *path)
{
	size_t base = strlen(b->base), n = strlen(b->project);

	return !strncmp(path, b->base, base) && path[base] == '/' &&
	       !strncmp(path + base + 1, b->project, n) && path[base + 1 + n] == '/';
}

bool build_note(struct build *b, const char *path)
{
	bool found = !path;

	if (b->project)
		return !path || (is_source(path) && !is_made_by_ninja(b, path));
	for (struct unit *u = b->units; u; u = u->next)
		if (!path || unit_has(u, path))
			found = u->stale = true;
	/* What was missing may have come. */
	return found || (b->failed && is_source(path));
}

void build_folders(const struct build *b, void (*each)(void *arg, const char *folder), void *arg)
{
	for (const struct unit *u = b->units; u; u = u->next)
		unit_folders(u, each, arg);
}

/* --- jobs ------------------------------------------------------------------------------------- */

static void fail(struct run *r, const char *why)
{
	r->failed = true;
	if (!r->why)
		r->why = why ? why : "out of memory";
}

static bool start(struct run *r, struct unit *u, char *const *argv)
{
	struct work *w = &r->works[r->nworks];
	int err = argv ? job_start(&w->job, argv, r->b->folder) : 0;

	if (!argv || err) {
		if (argv)
			buf_fini(&w->job.said);
		fail(r, argv ? arena_printf(r->a, "cannot run '%s': %s: install it%s", argv[0],
					    strerror(err), r->b->project ? "" : ", or name another compiler in CC")
			     : compile_too_long);
		return false;
	}
	w->unit = u;
	r->nworks++;
	return true;
}

static void end_work(struct run *r, struct work *w)
{
	bool ok = !w->job.code;

	buf_put(&r->said, w->job.said.p, w->job.said.len);
	if (w->unit)
		unit_built(w->unit, ok);
	r->failed |= !ok;
	buf_fini(&w->job.said);
	*w = r->works[--r->nworks];
}

static void stop_all(struct run *r)
{
	while (r->nworks) {
		struct work *w = &r->works[--r->nworks];
		job_stop(&w->job);
		buf_fini(&w->job.said);
	}
}

/* Until one of the jobs has said something. False: it is to be cut short. */
static bool wait(struct run *r)
{
	struct pollfd p[JOBS_MAX + FDS_MAX];
	size_t n = 0, more = r->cut->n < FDS_MAX ? r->cut->n : FDS_MAX;
	bool ask = false;

	for (; n < r->nworks; n++)
		p[n] = (struct pollfd){.fd = r->works[n].job.fd, .events = POLLIN};
	for (size_t i = 0; i < more; i++)
		p[n + i] = (struct pollfd){.fd = r->cut->fds[i], .events = POLLIN};
	int ready = poll(p, n + more, r->cut->ms);
	for (size_t i = 0; i < more; i++)
		ask |= p[n + i].revents != 0;
	if ((ask || !ready) && r->cut->is(r->cut->arg))
		return false;
	for (size_t i = n; i-- > 0;) /* the last one takes the place of one that has ended */
		if (p[i].revents && !job_read(&r->works[i].job))
			end_work(r, &r->works[i]);
	return true;
}

/* False: it was cut short. */
static bool finish(struct run *r)
{
	while (r->nworks)
		if (!wait(r))
			return false;
	return true;
}

/* --- one way for each kind ---------------------------------------------------------------------- */

static const char *draft(struct run *r)
{
	return arena_printf(r->a, "%s/app.so.draft", r->b->folder);
}

static const char *result(struct run *r)
{
	return arena_printf(r->a, "%s/app.so", r->b->folder);
}

static struct unit *next_stale(struct unit *u)
{
	while (u && !u->stale)
		u = u->next;
	return u;
}

static bool compile_all(struct run *r)
{
	bool alone = r->b->n == 1;
	struct unit *u = next_stale(r->b->units);

	while (u || r->nworks) {
		while (u && !r->failed && r->nworks < r->b->jobs) {
			start(r, u, unit_line(u, alone ? draft(r) : NULL, r->a));
			u = next_stale(u->next);
		}
		if (r->failed && !r->nworks)
			break;
		if (r->nworks && !wait(r))
			return false;
	}
	return true;
}

static bool link_all(struct run *r)
{
	const char **objects = arena_array(r->a, r->b->n + 1, sizeof *objects);
	size_t n = 0;

	if (!objects) {
		fail(r, NULL);
		return true;
	}
	for (const struct unit *u = r->b->units; u; u = u->next)
		objects[n++] = u->object;
	start(r, NULL, compile_line(&(struct compile){.sources = objects, .out = draft(r)}, r->a));
	return finish(r);
}

/* Whatever the umask: a plugin that others may write is refused. */
static void put_in_place(struct run *r)
{
	const char *from = draft(r), *to = result(r), *why = NULL;
	struct facts facts;

	size_t n = from ? strlen(from) : 0;
	if (!from || !to || chmod(from, 0700))
		fail(r, arena_printf(r->a, "%s: the compiler made no file: %s", r->b->shown,
				     strerror(errno)));
	else if (loader_check(from, true, r->a, &facts, &why))
		fail(r, why ? arena_printf(r->a, "%s%s", r->b->shown,
					   strncmp(why, from, n) ? ": " : why + n)
			    : NULL);
	else if (rename(from, to))
		fail(r, arena_printf(r->a, "%s: %s", to, strerror(errno)));
	else
		r->s->app = to;
	r->b->made = r->s->app;
}

static bool compile(struct run *r)
{
	if (r->b->made && !next_stale(r->b->units)) {
		r->s->app = result(r);
		return true;
	}
	r->b->made = false;
	if (!compile_all(r))
		return false;
	if (r->b->n > 1 && !r->failed && !link_all(r))
		return false;
	if (!r->failed)
		put_in_place(r);
	return true;
}

static bool run_ninja(struct run *r)
{
	char *dir = arena_strdup(r->a, r->b->project);
	const char *plan = arena_printf(r->a, "%s/build.ninja", r->b->project);
	static char meson[] = "meson", setup[] = "setup", ninja[] = "ninja", in[] = "-C";

	if (!dir || !plan) {
		fail(r, NULL);
		return true;
	}
	if (access(plan, F_OK)) {
		start(r, NULL, (char *[]){meson, setup, dir, NULL});
		if (!finish(r))
			return false;
	}
	if (!r->failed)
		start(r, NULL, (char *[]){ninja, in, dir, NULL});
	return finish(r);
}

/* --- the whole ------------------------------------------------------------------------------------ */

static const char *absolute(const struct build *b, const char *path, struct arena *a)
{
	return *path == '/' ? arena_strdup(a, path) : arena_printf(a, "%s/%s", b->base, path);
}

static void say_failed(struct run *r)
{
	const struct build *b = r->b;
	struct state *s = r->s;
	const char *from = b->project ? absolute(b, b->project, r->a) : b->base;

	if (r->said.len && from)
		diagnose(s, r->said.p, from, r->a);
	const struct state_place *at = s->nplaces && !r->why ? s->places : NULL;
	s->said = arena_strndup(r->a, r->said.p, r->said.len);
	s->failed = at	     ? arena_printf(r->a, "%s:%u: %s", at->file, at->line, at->says)
		    : r->why ? r->why
			     : arena_printf(r->a, "%s cannot be built", b->shown);
	if (!s->failed)
		s->failed = "out of memory";
}

static enum build_end run(struct run *r)
{
	struct build *b = r->b;
	bool whole = b->project ? run_ninja(r) : b->so ? true : compile(r);

	if (!whole) {
		stop_all(r);
		return BUILD_WAS_CUT;
	}
	fwrite(r->said.p, 1, r->said.len, stderr);
	if (!r->failed && b->so)
		r->s->app = absolute(b, b->so, r->a);
	if (!r->failed && !r->s->app)
		fail(r, NULL);
	if (!b->so)
		r->s->built_by = compile_how(&(struct compile){.object = true}, r->a);
	b->failed = r->failed;
	if (r->failed)
		say_failed(r);
	return r->failed ? BUILD_FAILED : BUILD_DONE;
}

enum build_end build_run(struct build *b, const struct build_cut *cut, struct state *s,
			 struct arena *a)
{
	struct run r = {.b = b, .cut = cut, .s = s, .a = a};

	buf_init(&r.said, NULL, 2 * JOB_SAID);
	enum build_end end = run(&r);
	buf_fini(&r.said);
	return end;
}
