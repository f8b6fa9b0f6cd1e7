#include "server/crash_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"

enum { TEXT_MAX = 1 << 20 };

static const char program[] = "cruet-lines";

void crash_modules_open(const struct crash_record *r, int fds[CRASH_MODULES])
{
	for (uint32_t i = 0; i < CRASH_MODULES; i++)
		fds[i] = i < r->nmodules && *r->modules[i].path == '/'
				 ? open(r->modules[i].path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
				 : -1;
}

void crash_modules_close(int fds[CRASH_MODULES])
{
	for (uint32_t i = 0; i < CRASH_MODULES; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* --- the program ------------------------------------------------------------------------ */

static bool known(const struct crash_frame *f, const int fds[CRASH_MODULES])
{
	return f->module >= 0 && fds[f->module] >= 0;
}

/* Variables are those of the application and the plugin, not of libraries. */
static char *argument(const struct crash_record *r, const struct crash_frame *f, int fd, bool live,
		      struct arena *a)
{
	if (live && (f->ours || r->modules[f->module].own))
		return arena_printf(a, "%d:%llx:%llx", fd, (unsigned long long)f->offset,
				    (unsigned long long)f->pc);
	return arena_printf(a, "%d:%llx", fd, (unsigned long long)f->offset);
}

/* "cruet-lines 7:1139 -": a descriptor and an offset, or what is not known; with "-p 4711:4714"
 * for a process that stands still. NULL: out of memory. */
static char **arguments(const struct crash_record *r, const int fds[CRASH_MODULES], bool live,
			struct arena *a)
{
	char **argv = arena_array(a, r->nframes + 4, sizeof *argv);
	size_t n = 0;

	if (!argv)
		return NULL;
	argv[n++] = (char *)program;
	if (live) {
		argv[n++] = (char *)"-p";
		argv[n++] = arena_printf(a, "%d:%d", r->pid, r->tid);
	}
	for (uint32_t i = 0; i < r->nframes; i++) {
		const struct crash_frame *f = &r->frames[i];
		argv[n++] = known(f, fds) ? argument(r, f, fds[f->module], live, a) : (char *)"-";
	}
	argv[n] = NULL;
	for (size_t i = 0; i < n; i++)
		if (!argv[i])
			return NULL;
	return argv;
}

/* In the new process: with nothing but what it needs, for it reads files that anybody may
 * have written, and is to ask nobody for what these do not say. */
_Noreturn static void become(const char *path, char **argv, int out, const int fds[CRASH_MODULES])
{
	char *none[] = {NULL};
	sigset_t all;

	for (uint32_t i = 0; i < CRASH_MODULES; i++)
		if (fds[i] >= 0)
			fcntl(fds[i], F_SETFD, 0);
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (dup2(out, STDOUT_FILENO) >= 0)
		execve(path, argv, none);
	_exit(EXIT_FAILURE);
}

const char *crash_lines_program(struct arena *a)
{
	const char *dir = secure_getenv("CRUET_LIBEXEC_DIR");
	return arena_printf(a, "%s/%s", dir ? dir : CRUET_LIBEXEC_DIR, program);
}

void crash_lines_start(struct crash_lines *l, const struct crash_record *r,
		       const int fds[CRASH_MODULES], bool live)
{
	int ends[2];
	struct arena a;

	*l = (struct crash_lines){.fd = -1};
	arena_init(&a, 4096);
	const char *path = crash_lines_program(&a);
	char **argv = arguments(r, fds, live, &a);
	if (path && argv && !access(path, X_OK) && !pipe2(ends, O_CLOEXEC)) {
		l->fd = ends[0]; /* of this end alone: the program waits until it is read */
		fcntl(l->fd, F_SETFL, O_NONBLOCK);
		l->pid = fork();
		if (!l->pid)
			become(path, argv, ends[1], fds);
		close(ends[1]);
	}
	arena_fini(&a);
}

bool crash_lines_read(struct crash_lines *l)
{
	char buf[4096];
	ssize_t n = read(l->fd, buf, sizeof buf);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	char *text = n > 0 && l->len + (size_t)n < TEXT_MAX
			     ? realloc(l->text, l->len + (size_t)n + 1)
			     : NULL;
	if (!text)
		return true;
	memcpy(text + l->len, buf, (size_t)n);
	l->len += (size_t)n;
	text[l->len] = '\0';
	l->text = text;
	return false;
}

/* --- what it says ----------------------------------------------------------------------- */

/* The next field of a line, up to a tab; NULL where it is "-". */
static char *field(char **at)
{
	char *p = strsep(at, "\t");
	return p && strcmp(p, "-") != 0 ? p : NULL;
}

/* "show\tshop.c\t9": a line for each frame. */
static void read_line(char *text, struct crash_line *out)
{
	int64_t line;

	out->function = field(&text);
	out->file = field(&text);
	if (!text || !text_int(text, &line) || line < 1 || line > INT32_MAX)
		out->file = NULL;
	else
		out->line = (unsigned)line;
}

/* The lines that begin with a tab, without these. NULL: there are none. */
static char *values(char **at)
{
	char *from = *at, *to = from;

	while (*at && **at == '\t') {
		char *line = strsep(at, "\n") + 1;
		size_t n = strlen(line);
		if (to > from)
			*to++ = '\n';
		memmove(to, line, n);
		to += n;
	}
	if (to == from)
		return NULL;
	*to = '\0';
	return from;
}

void crash_lines_end(struct crash_lines *l, const struct crash_record *r)
{
	char *at = l->text, *text;

	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	if (l->pid > 0) {
		kill(l->pid, SIGKILL);
		waitpid(l->pid, NULL, 0);
	}
	l->pid = 0;
	for (uint32_t i = 0; i < r->nframes && (text = strsep(&at, "\n")); i++) {
		read_line(text, &l->lines[i]);
		l->lines[i].values = values(&at);
	}
}

void crash_lines_fini(struct crash_lines *l)
{
	free(l->text);
	l->text = NULL;
}
