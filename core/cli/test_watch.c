#include "cli/test_watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/date.h"
#include "base/text.h"
#include "cli/target.h"
#include "cruet/error.h"
#include "debug/watch.h"

enum { QUIET_US = 50000 }; /* an editor, or a tool for versions, may save many files */

struct saved {
	const char *pages; /* of coverage, which we write ourselves */
	bool any;
};

/* What tests depend on; not what they, or a running site, write: logs and databases. */
static bool matters(const struct saved *s, const char *path)
{
	static const char *const ends[] = {".c",   ".h",   ".json", ".env", ".sql", ".html",
					   ".txt", ".css", ".js",   ".so",  NULL};

	if (text_starts(path, s->pages))
		return false;
	for (const char *const *end = ends; *end; end++)
		if (text_ends(path, *end))
			return true;
	return false;
}

static void note(void *arg, const char *path)
{
	struct saved *s = arg;
	s->any |= !path || matters(s, path);
}

static void wait_for_file(struct watch *w, struct saved *s)
{
	struct pollfd p = {.fd = watch_fd(w), .events = POLLIN};

	s->any = false;
	while (!s->any) {
		poll(&p, 1, watch_wait(w));
		watch_read(w, note, s);
	}
	int64_t last = date_monotonic_us(), left;
	while ((left = last + QUIET_US - date_monotonic_us()) > 0) {
		poll(&p, 1, (int)(left / 1000) + 1);
		s->any = false;
		watch_read(w, note, s);
		if (s->any)
			last = date_monotonic_us();
	}
}

static bool run(struct cmdline *c, int (*once)(struct cmdline *c))
{
	fflush(NULL);
	pid_t pid = fork();

	if (!pid) {
		int code = once(c);
		fflush(NULL);
		_exit(code);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return pid > 0;
}

int test_watch(struct cmdline *c, int (*once)(struct cmdline *c))
{
	struct target t;
	const char *why = NULL;

	if (target_find(c->args.rest[0], args_value(&c->args, "config"), &c->arena, &t, &why))
		return cli_fail("%s", why);
	struct saved s = {.pages = arena_printf(&c->arena, "%s/coverage/", t.folder)};
	struct watch *w = s.pages ? watch_new(false) : NULL;
	if (!w)
		return cli_fail("out of memory");
	int err = watch_folder(w, t.folder, true);
	if (err)
		cli_fail("%s cannot be watched: %s", t.folder, cruet_strerror(err));
	while (!err && run(c, once)) {
		printf("\nwaiting for a file of %s to be saved; Ctrl-C ends it\n", t.shown);
		fflush(stdout);
		wait_for_file(w, &s);
	}
	watch_free(w);
	return err ? EXIT_FAILED : cli_fail("no process can be started: %s", strerror(errno));
}
