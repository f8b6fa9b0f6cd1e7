#include "cli/spawn.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int spawn_wait(char *const *argv, int out, int err, int *code)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t usual;
	pid_t pid;
	int status, bad = posix_spawnattr_init(&attr);

	if (bad)
		return bad;
	bad = posix_spawn_file_actions_init(&files);
	if (bad) {
		posix_spawnattr_destroy(&attr);
		return bad;
	}
	sigemptyset(&usual);
	sigaddset(&usual, SIGINT);
	posix_spawnattr_setsigdefault(&attr, &usual);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	if (out >= 0)
		bad = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (!bad && err >= 0)
		bad = posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
	sigaction(SIGINT, &ignore, &before);
	if (!bad)
		bad = posix_spawnp(&pid, argv[0], &files, &attr, argv, environ);
	while (!bad && waitpid(pid, &status, 0) < 0)
		bad = errno == EINTR ? 0 : errno;
	sigaction(SIGINT, &before, NULL);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	if (!bad)
		*code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return bad;
}
