#include "server/signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cruet/error.h"

/* A client that is gone is an error of the call that writes to it, not the end of the
 * process. Were the signal ignored, programs that handlers start would ignore it too. */
static void on_pipe(int signal)
{
	(void)signal;
}

int signals_block(struct signals *s, enum signals_for whom)
{
	sigemptyset(&s->set);
	sigaddset(&s->set, SIGTERM);
	sigaddset(&s->set, SIGHUP);
	sigaddset(&s->set, SIGUSR2);
	if (whom != SIGNALS_WORKER)
		sigaddset(&s->set, SIGINT);
	if (whom == SIGNALS_PARENT)
		sigaddset(&s->set, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &s->set, &s->before);
	sigaction(SIGTERM, NULL, &s->term);
	sigaction(SIGINT, NULL, &s->interrupt);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = on_pipe, .sa_flags = SA_RESTART},
		  &s->pipe);
	s->fd = signalfd(-1, &s->set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->fd < 0 ? CRUET_EIO : CRUET_OK;
}

int signals_next(struct signals *s)
{
	struct signalfd_siginfo got;
	return read(s->fd, &got, sizeof got) == sizeof got ? (int)got.ssi_signo : 0;
}

void signals_usual(struct signals *s)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	if (sigismember(&s->set, SIGINT))
		sigaddset(&ends, SIGINT);
	signal(SIGTERM, SIG_DFL);
	if (sigismember(&s->set, SIGINT))
		signal(SIGINT, SIG_DFL);
	pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
}

void signals_restore(struct signals *s)
{
	sigaction(SIGTERM, &s->term, NULL);
	sigaction(SIGINT, &s->interrupt, NULL);
	sigaction(SIGPIPE, &s->pipe, NULL);
	pthread_sigmask(SIG_SETMASK, &s->before, NULL);
	if (s->fd >= 0)
		close(s->fd);
}
