#include "cli/job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

extern char **environ;

/* A group of its own: so that all of it can be ended, and Ctrl-C, which we obey in our way,
 * does not reach it. Signals that we wait for are nothing to it. */
static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, usual;

	sigemptyset(&none);
	sigfillset(&usual);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &usual);
	posix_spawnattr_setpgroup(attr, 0);
	return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETPGROUP);
}

/* Ours, but for TMPDIR, which is the first; for free(). NULL: out of memory. */
static char **environment(char *tmp)
{
	size_t n = 0, kept = 0;

	while (environ && environ[n])
		n++;
	char **env = calloc(n + 2, sizeof *env);
	if (!env)
		return NULL;
	env[kept++] = tmp;
	for (size_t i = 0; i < n; i++)
		if (!text_starts(environ[i], "TMPDIR="))
			env[kept++] = environ[i];
	return env;
}

static int spawn(struct job *j, char *const *argv, char *const *env, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;

	int err = posix_spawn_file_actions_init(&files);
	if (err)
		return err;
	err = posix_spawnattr_init(&attr);
	if (!err) {
		err = set_attributes(&attr);
		if (!err)
			err = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
		if (!err)
			err = posix_spawn_file_actions_adddup2(&files, out, 1);
		if (!err)
			err = posix_spawn_file_actions_adddup2(&files, out, 2);
		if (!err)
			err = posix_spawnp(&j->pid, argv[0], &files, &attr, argv, env);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	return err;
}

static int spawn_with(struct job *j, char *const *argv, const char *tmp, int out)
{
	char *variable;

	if (asprintf(&variable, "TMPDIR=%s", tmp) < 0)
		return ENOMEM;
	char **env = environment(variable);
	int err = env ? spawn(j, argv, env, out) : ENOMEM;
	free(env);
	free(variable);
	return err;
}

int job_start(struct job *j, char *const *argv, const char *tmp)
{
	int ends[2];

	*j = (struct job){.fd = -1};
	buf_init(&j->said, NULL, JOB_SAID);
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return errno;
	fcntl(ends[1], F_SETFL, 0); /* a program does not expect to be told to wait */
	int err = spawn_with(j, argv, tmp, ends[1]);
	close(ends[1]);
	if (err) {
		close(ends[0]);
		j->pid = 0;
	} else {
		j->fd = ends[0];
	}
	return err;
}

static void end(struct job *j)
{
	int status;
	pid_t ended;

	do
		ended = waitpid(j->pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	j->code = ended < 0 ? EXIT_FAILURE
		  : WIFEXITED(status) ? WEXITSTATUS(status)
				      : 128 + WTERMSIG(status);
	close(j->fd);
	j->fd = -1;
	j->pid = 0;
}

static void keep(struct job *j, const char *p, size_t n)
{
	size_t room = JOB_SAID - j->said.len;

	buf_put(&j->said, p, n < room ? n : room);
}

bool job_read(struct job *j)
{
	char room[8192];
	ssize_t n;

	while ((n = read(j->fd, room, sizeof room)) > 0)
		keep(j, room, (size_t)n);
	if (n < 0 && errno == EAGAIN)
		return true;
	end(j);
	return false;
}

void job_stop(struct job *j)
{
	if (!j->pid)
		return;
	kill(-j->pid, SIGKILL);
	end(j);
}
