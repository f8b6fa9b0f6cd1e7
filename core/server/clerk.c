#include "server/clerk.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/scope.h"
#include "server/crashes.h"
#include "server/desk.h"
#include "server/handed.h"

struct clerk {
	struct crashes crashes;
	struct sockets none;
	struct desk *desk;
	pid_t of;
	int channel;
	char packet[sizeof(struct crash_record) + 2];
};

/* False: whom it looks after is gone. */
static bool hear(struct clerk *c)
{
	int desk;
	ptrdiff_t n = handed_hear(c->channel, c->packet, sizeof c->packet, &c->none, &desk);

	if (n <= 0)
		return false;
	if (desk >= 0 && !c->desk)
		c->desk = desk_take(desk);
	else if (desk >= 0)
		close(desk);
	if (*c->packet == PACKET_CRASH || *c->packet == PACKET_LOST)
		crashes_heard(&c->crashes, CRASHES_ALONE, c->of, c->packet + 1, (size_t)n - 1, c->desk);
	return true;
}

static void work(struct clerk *c)
{
	bool there = true;

	while (there || c->crashes.all) {
		struct pollfd p[1 + CRASHES_MAX] = {{.fd = there ? c->channel : -1, .events = POLLIN}};
		size_t n = 1 + crashes_watch(&c->crashes, p + 1);
		if (poll(p, n, crashes_wait(&c->crashes)) < 0)
			continue;
		if (p[0].revents && !hear(c)) {
			there = false;
			crashes_ended(&c->crashes, c->of);
		}
		crashes_look(&c->crashes);
	}
	desk_close(c->desk);
}

/* What ends the other one, be it a key at the terminal, ends this one by that. */
_Noreturn static void become(cruet_app *root, const char *folder, int channel, pid_t of)
{
	struct clerk c = {.crashes = {.root = root}, .channel = channel, .of = of};

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (chdir(folder))
		_exit(EXIT_FAILURE);
	work(&c);
	_exit(EXIT_SUCCESS);
}

pid_t clerk_start(cruet_app *root, const char *folder, int *channel)
{
	pid_t of = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	pid_t pid = fork();
	if (!pid) {
		close(ends[0]);
		become(root, folder, ends[1], of);
	}
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	else
		*channel = ends[0];
	return pid;
}

void clerk_end(pid_t pid, int channel)
{
	if (pid <= 0)
		return;
	close(channel);
	waitpid(pid, NULL, 0);
}
