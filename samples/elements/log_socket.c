/* Log lines go to a datagram socket of this machine, such as that of syslog. Where nobody
 * reads there, they go to standard error. */
#include <cruet.h>
#include <cruet/svc/log.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

struct config {
	const char *path;
};

struct state {
	int fd;
	struct sockaddr_un to;
};

enum { USER = 1 << 3 }; /* facility; RFC 3164 */

/* The socket is named in each call, so one that was made anew is found. */
static int put(void *self, int level, const char *who, const char *line)
{
	static const int severity[] = {7, 6, 4, 3};
	struct state *s = self;
	char priority[8];
	int n = snprintf(priority, sizeof priority, "<%d>", USER | severity[level]);
	struct iovec v[] = {{priority, (size_t)n},
			    {(char *)who, strlen(who)},
			    {(char *)": ", 2},
			    {(char *)line, strlen(line)}};
	struct msghdr m = {.msg_name = &s->to,
			   .msg_namelen = sizeof s->to,
			   .msg_iov = v,
			   .msg_iovlen = sizeof v / sizeof *v};

	return sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? CRUET_EIO : CRUET_OK;
}

static const cruet_log_sink sink = {.size = sizeof sink, .put = put};

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	size_t max = sizeof((struct state *)0)->to.sun_path - 1;

	return *cfg->path && strlen(cfg->path) <= max
		       ? CRUET_OK
		       : cruet_reject(app,
				      "option path = \"%s\": expected 1 to %zu bytes",
				      cfg->path, max);
}

/* It is there for those who log while they start, so it is opened here already. */
static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	s->to.sun_family = AF_UNIX;
	memcpy(s->to.sun_path, cfg->path, strlen(cfg->path) + 1);
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return cruet_reject(app, "it gets no socket: %s", strerror(errno));
	int err = cruet_provide(app, CRUET_LOG, &sink, s);
	if (err)
		close(s->fd);
	return err;
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);
	close(s->fd);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, path, STR, .def = "/dev/log",
		     .help = "the path of a datagram socket"),
	{.name = NULL}};

CRUET_PLUGIN(log_socket, .version = "1.0.0", .summary = "log lines to a datagram socket",
	     .flags = CRUET_UNLOADABLE,
	     .provides = (const char *const[]){CRUET_LOG, NULL}, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .configure = configure, .init = init, .fini = fini);
