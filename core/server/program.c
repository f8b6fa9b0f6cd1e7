#include "server/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cruet/error.h"
#include "server/control_place.h"

extern char **environ;

enum { PATH_LIMIT = 4096, ARGUMENTS_MAX = 1 << 20, OUR_VARIABLES = 8, EXIT_NO_PROGRAM = 127 };

/* --- what it is ------------------------------------------------------------------------- */

static char *read_path(void)
{
	char *path = malloc(PATH_LIMIT);
	ssize_t n = path ? readlink("/proc/self/exe", path, PATH_LIMIT) : -1;

	if (n <= 0 || n == PATH_LIMIT) {
		free(path);
		return NULL;
	}
	path[n] = '\0';
	return path;
}

/* The arguments, one after the other, each with its NUL. */
static char *read_arguments(size_t *len)
{
	char *bytes = malloc(ARGUMENTS_MAX + 1);
	FILE *f = bytes ? fopen("/proc/self/cmdline", "re") : NULL;

	*len = f ? fread(bytes, 1, ARGUMENTS_MAX + 1, f) : 0;
	if (f)
		fclose(f);
	if (*len && *len <= ARGUMENTS_MAX && !bytes[*len - 1])
		return bytes;
	free(bytes);
	return NULL;
}

static char **split(char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += !bytes[i];
	char **argv = calloc(n + 1, sizeof *argv);
	for (size_t i = 0; argv && i < n; i++) {
		argv[i] = bytes;
		bytes += strlen(bytes) + 1;
	}
	return argv;
}

void program_read(struct program *p)
{
	size_t len;

	*p = (struct program){.folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	p->path = read_path();
	p->bytes = read_arguments(&len);
	p->argv = p->bytes ? split(p->bytes, len) : NULL;
}

void program_free(struct program *p)
{
	free(p->path);
	free(p->argv);
	free(p->bytes);
	if (p->folder >= 0)
		close(p->folder);
	*p = (struct program){.folder = -1};
}

/* --- starting it ------------------------------------------------------------------------ */

static char *sockets_variable(const struct sockets *s, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	buf_str(&b, "CRUET_SOCKETS=");
	for (uint32_t i = 0; i < s->n; i++)
		buf_printf(&b, "%s%s%d", i ? "," : "", s->lent[i] ? "s" : "", s->fds[i]);
	return buf_err(&b) ? NULL : b.p;
}

/* The environment of the new process; NULL: out of memory. */
static char **environment(const struct launch *l, int channel, struct arena *a)
{
	size_t n = 0, ours = 0;

	while (environ && environ[n])
		n++;
	char **env = arena_array(a, n + OUR_VARIABLES + 1, sizeof *env);
	if (!env)
		return NULL;
	env[ours++] = sockets_variable(l->sockets, a);
	env[ours++] = arena_printf(a, "CRUET_CHANNEL=%d", channel);
	if (l->shared >= 0)
		env[ours++] = arena_printf(a, "CRUET_MEMORY=%d", l->shared);
	if (l->workers)
		env[ours++] = arena_printf(a, "CRUET_WORKER=%u/%u%s", l->worker, l->workers,
					   l->opens ? " opens" : "");
	if (l->listen)
		env[ours++] = arena_printf(a, "CRUET_LISTEN=%s", l->listen);
	if (l->closed)
		env[ours++] = arena_printf(a, "CRUET_CLOSED=%s", l->closed);
	if (l->changed)
		env[ours++] = arena_printf(a, "CRUET_CHANGED=%s", l->changed);
	if (l->control)
		env[ours++] = arena_printf(a, "CRUET_CONTROL=%d:%s", l->control->fd,
					   l->control->path);
	for (size_t i = 0; i < ours; i++)
		if (!env[i])
			return NULL;
	if (n)
		memcpy(env + ours, environ, n * sizeof *env);
	env[ours + n] = NULL;
	return env;
}

/* In the new process. Nothing here takes a lock or memory. */
_Noreturn static void become(const struct program *p, const struct launch *l, int channel,
			     char **env)
{
	bool ok = !fchdir(p->folder) && !fcntl(channel, F_SETFD, 0);

	for (uint32_t i = 0; ok && i < l->sockets->n; i++)
		ok = !fcntl(l->sockets->fds[i], F_SETFD, 0);
	if (ok && l->shared >= 0)
		ok = !fcntl(l->shared, F_SETFD, 0);
	if (ok && l->control)
		ok = !fcntl(l->control->fd, F_SETFD, 0);
	if (l->workers) /* Ctrl-C reaches them too, and the parent tells them in its time */
		signal(SIGINT, SIG_IGN);
	if (ok && !sigprocmask(SIG_SETMASK, l->mask, NULL))
		execve(p->path, p->argv, env);
	dprintf(STDERR_FILENO, "cruet: %s cannot be started: %s\n", p->path, strerror(errno));
	_exit(EXIT_NO_PROGRAM);
}

static pid_t failed(char **why, const char *what)
{
	if (asprintf(why, "this program cannot be started once more: %s", what) < 0)
		*why = NULL;
	return -1;
}

pid_t program_start(const struct program *p, const struct launch *l, int *channel, char **why)
{
	struct arena a;
	int ends[2];

	if (!p->path || !p->argv || p->folder < 0)
		return failed(why, "what it is cannot be read in /proc/self");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return failed(why, strerror(errno));
	arena_init(&a, 16384);
	char **env = environment(l, ends[1], &a);
	errno = ENOMEM;
	pid_t pid = env ? fork() : -1;
	if (!pid)
		become(p, l, ends[1], env);
	int err = errno;
	arena_fini(&a);
	close(ends[1]);
	*channel = ends[0];
	if (pid > 0)
		return pid;
	close(ends[0]);
	return failed(why, strerror(err));
}
