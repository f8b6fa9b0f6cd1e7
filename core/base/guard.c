#include "base/guard.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_S = 2 };

/* Children of the child become ours when it ends. True: it has. */
static bool reap(pid_t pid, int *status)
{
	pid_t ended;
	int how;

	while ((ended = waitpid(-1, &how, WNOHANG)) > 0)
		if (ended == pid) {
			*status = how;
			return true;
		}
	return false;
}

static void wait_for(pid_t pid, const sigset_t *set, bool interrupts, int *status)
{
	bool asked = false;
	siginfo_t got;

	while (!reap(pid, status)) {
		int sig = sigwaitinfo(set, &got);
		if (sig < 0 || sig == SIGCHLD || (sig == SIGINT && !interrupts))
			continue;
		if (asked)
			kill(pid, SIGKILL);
		else if (sig != SIGINT || got.si_code == SI_USER) /* a terminal tells both */
			kill(pid, sig);
		asked = true;
	}
}

/* What it has started may have something open for a moment. */
static void wait_for_others(const sigset_t *set)
{
	const struct timespec most = {.tv_sec = PATIENCE_S};
	pid_t ended;

	while ((ended = waitpid(-1, NULL, WNOHANG)) >= 0)
		if (!ended && sigtimedwait(set, NULL, &most) != SIGCHLD)
			return;
}

bool guard_fork(bool interrupts, int *status)
{
	sigset_t set, before;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &before);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fflush(NULL);
	pid_t pid = fork();
	if (!pid) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		return true;
	}
	*status = -1;
	if (pid > 0) {
		wait_for(pid, &set, interrupts, status);
		wait_for_others(&set);
	}
	return false;
}
