/* transport/0 by epoll: what the plugin says of itself, and the server that starts and
 * stops. */
#include "event.h"

#include <cruet/plugin.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct config {
	int64_t loops, connections, per_client;
	bool deflate;
};

static const cruet_option options[] = {
	CRUET_OPTION(struct config, loops, INT, .def = "0", .flags = CRUET_OPT_BOUNDS, .min = 0,
		     .max = 256, .help = "a whole number from 0 (one per processor) to 256"),
	CRUET_OPTION(struct config, connections, INT, .def = "20000",
		     .flags = CRUET_OPT_BOUNDS, .min = 1, .max = 1000000,
		     .help = "how many may be open at once, 1 to 1000000"),
	CRUET_OPTION(struct config, per_client, INT, .def = "0",
		     .flags = CRUET_OPT_BOUNDS, .min = 0, .max = 1000000,
		     .help = "how many of these one client may have, 0 (all) to 1000000"),
	CRUET_OPTION(struct config, deflate, BOOL, .def = "true",
		     .help = "true: messages of WebSockets may be compressed"),
	{.name = NULL},
};

/* --- the sockets ------------------------------------------------------------------------ */

static int no_memory(char **why)
{
	*why = strdup(cruet_strerror(CRUET_ENOMEM));
	return CRUET_ENOMEM;
}

static void warn(void *app, const char *text)
{
	cruet_log(app, CRUET_WARN, "%s", text);
}

static int read_tls(struct server *s, char **why)
{
	struct tls_options *o = &s->tls_options;
	int err = tls_options_read(s->opts.tls, o, why);

	if (err)
		return err;
	o->warn = warn;
	o->warn_arg = s->app;
	o->shared = s->opts.shared;
	return tls_new(o, &s->tls, why);
}

static int read_places(struct places *on, const cruet_listen_opts *opts,
		       const struct tls_options *tls, char **why)
{
	bool all_tls = tls->listen && !*tls->listen;
	int err = places_read(on, opts->listen, all_tls ? SPEAKS_TLS : SPEAKS_HTTP, why);

	if (!err)
		err = places_read(on, tls->listen, SPEAKS_TLS, why);
	if (!err)
		err = places_read(on, tls->redirect, SPEAKS_REDIRECT, why);
	if (err || on->n)
		return err;
	*why = strdup("there is no address to listen on: set server.listen");
	return CRUET_EINVAL;
}

static void name_address(struct server *s, size_t i)
{
	const struct address *at = &s->on.at[i];
	bool tls = s->on.speaks[i] == SPEAKS_TLS;
	char text[ADDRESS_TEXT];

	address_text(at, text);
	snprintf(s->text[i], sizeof s->text[i], "%s%s", tls ? "https://" : "", text);
	const char *port = strrchr(text, ':');
	if (tls && !*s->tls_port && !address_is_unix(at) && strcmp(port, ":443") != 0)
		snprintf(s->tls_port, sizeof s->tls_port, "%s", port);
}

/* A copy of the socket for a loop: what it closes must not be somebody else's. */
static int add_listener(struct loop *l, int fd, unsigned place)
{
	struct listener *more = l->nlisteners == LISTENERS
					? NULL
					: realloc(l->listeners, (l->nlisteners + 1) * sizeof *more);

	if (!more)
		return CRUET_ENOMEM;
	l->listeners = more;
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0 || fcntl(copy, F_SETFL, O_NONBLOCK))
		return CRUET_EIO;
	more[l->nlisteners++] = (struct listener){copy, place};
	return CRUET_OK;
}

/* The sockets of one place, in[0] to in[n - 1], to the loops: each loop has one, and each
 * socket is in a loop, whatever their numbers. */
static int share(struct server *s, unsigned place, const int *in, unsigned n)
{
	int err = CRUET_OK;

	for (unsigned i = 0; !err && (i < n || i < s->nloops); i++)
		err = add_listener(&s->loops[i % s->nloops], in[i % n], place);
	return err;
}

static int no_socket(const struct server *s, unsigned place, char **why)
{
	if (asprintf(why, "no socket was handed over for %s: a new address takes a new start",
		     s->text[place]) < 0)
		*why = NULL;
	return CRUET_EINVAL;
}

static int share_all(struct server *s, const unsigned *of, int *in, char **why)
{
	for (unsigned place = 0; place < s->on.n; place++) {
		unsigned n = 0;
		name_address(s, place);
		for (uint32_t i = 0; i < s->opts.nsockets; i++)
			if (of[i] == place)
				in[n++] = s->opts.sockets[i];
		if (!n)
			return no_socket(s, place, why);
		int err = share(s, place, in, n);
		if (err) {
			*why = strdup("there are no descriptors left for the sockets");
			return err;
		}
	}
	return CRUET_OK;
}

static int find_sockets(struct server *s, char **why)
{
	uint32_t n = s->opts.nsockets;
	unsigned *of = calloc(n + 1, sizeof *of);
	int *in = calloc(n + 1, sizeof *in);
	int err = of && in ? read_places(&s->on, &s->opts, &s->tls_options, why) : no_memory(why);

	if (!err)
		err = places_match(&s->on, s->opts.sockets, n, of, why);
	if (!err)
		err = share_all(s, of, in, why);
	free(in);
	free(of);
	return err;
}

/* As many descriptors as there may be connections, if the system lets us. */
static void raise_limit(unsigned conns)
{
	struct rlimit r;
	rlim_t want = conns + 256;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur >= want)
		return;
	r.rlim_cur = want < r.rlim_max ? want : r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

/* --- the server ------------------------------------------------------------------------- */

static void forget(struct server *s)
{
	for (unsigned i = 0; s->loops && i < s->nloops; i++)
		loop_fini(&s->loops[i]);
	threads_fini(s);
	clients_free(s->clients);
	tls_free(s->tls);
	tls_options_fini(&s->tls_options);
	free(s->loops);
	free(s);
}

static struct loop *loops_new(struct server *s, unsigned n)
{
	struct loop *loops = calloc(n, sizeof *loops);

	for (unsigned i = 0; loops && i < n; i++) {
		loops[i].server = s;
		loops[i].ep = loops[i].wake = -1;
	}
	return loops;
}

/* Those that this process may run on, which are not always all that there are. */
static unsigned processors(void)
{
	cpu_set_t mine;
	long all = sysconf(_SC_NPROCESSORS_ONLN);

	if (!sched_getaffinity(0, sizeof mine, &mine)) /* fails where there are very many */
		return (unsigned)CPU_COUNT(&mine);
	return all > 0 ? (unsigned)all : 1;
}

/* One per processor, which workers share. */
static unsigned loops_of(const struct config *cfg, const cruet_listen_opts *opts)
{
	unsigned cpus = processors();
	unsigned each = opts->workers ? cpus / opts->workers : cpus;

	if (cfg->loops)
		return (unsigned)cfg->loops;
	return each ? each : 1;
}

static int open_sockets(void *self, const cruet_listen_opts *opts, int **fds, size_t *n,
			char **why)
{
	unsigned copies = (opts->workers ? opts->workers : 1) * loops_of(self, opts);
	unsigned *of = calloc(opts->nsockets + 1, sizeof *of);
	struct tls_options tls = {.listen = NULL};
	struct places on = {.n = 0};
	int err = of ? CRUET_OK : no_memory(why);

	if (!err && opts->tls)
		err = tls_options_read(opts->tls, &tls, why);
	if (!err)
		err = read_places(&on, opts, &tls, why);
	if (!err)
		err = places_match(&on, opts->sockets, opts->nsockets, of, why);
	if (!err)
		err = places_open(&on, of, opts->nsockets, copies, fds, n, why);
	tls_options_fini(&tls);
	free(of);
	return err;
}

static int listen_and_run(struct server *s, char **why)
{
	int err = s->opts.tls ? read_tls(s, why) : CRUET_OK;

	if (!err)
		err = find_sockets(s, why);
	if (err)
		return err;
	for (unsigned i = 0; !err && i < s->nloops; i++)
		err = loop_init(&s->loops[i], s, i);
	if (!err)
		err = threads_start(s);
	if (err) {
		*why = strdup("the event loops cannot be started: there are no descriptors, "
			      "threads or memory left");
		threads_stop(s);
	}
	return err;
}

static int start(void *self, cruet_app *app, const cruet_listen_opts *opts, void **server,
		 char **why)
{
	const struct config *cfg = self;
	struct server *s = calloc(1, sizeof *s);

	if (!s)
		return no_memory(why);
	threads_init(s);
	s->app = app;
	s->opts = *opts;
	s->limits = (struct head_limits){opts->head_max, opts->headers_max};
	s->conns_max = (unsigned)cfg->connections;
	s->per_client = (unsigned)cfg->per_client;
	if (s->per_client)
		s->clients = clients_new(s->per_client, s->conns_max);
	s->deflate = (struct ws_deflate_policy){.on = cfg->deflate, .server_bits = 12, .client_bits = 12, .min_size = 256};
	s->nloops = loops_of(cfg, opts);
	atomic_init(&s->accepting, s->nloops);
	s->loops = loops_new(s, s->nloops);
	raise_limit(s->conns_max);
	bool whole = s->loops && (s->clients || !s->per_client);
	int err = whole ? listen_and_run(s, why) : no_memory(why);
	if (err) {
		forget(s);
		return err;
	}
	*server = s;
	return CRUET_OK;
}

static const char *address(void *server, size_t i)
{
	struct server *s = server;
	return i < s->on.n ? s->text[i] : NULL;
}

static void wake_all(struct server *s)
{
	for (unsigned i = 0; i < s->nloops; i++)
		loop_wake(&s->loops[i]);
}

static void refuse_new(void *server)
{
	struct server *s = server;

	atomic_store(&s->draining, true);
	wake_all(s);
}

static void hand_over(void *server)
{
	struct server *s = server;

	atomic_store(&s->leaving, true);
	wake_all(s);
}

/* In a signal handler. Who speaks on an open connection is told to go to another process;
 * with the others it has its end. */
static size_t abandon(void *server)
{
	struct server *s = server;

	if (atomic_load(&s->dying))
		return atomic_load(&s->conns);
	for (unsigned i = 0; i < s->nloops; i++)
		loop_deafen(&s->loops[i]);
	if (!atomic_exchange(&s->dying, true))
		refuse_new(s);
	return atomic_load(&s->conns);
}

static size_t drain(void *server, uint64_t deadline_ms)
{
	return threads_drain(server, deadline_ms);
}

static void stop(void *server)
{
	threads_stop(server);
	forget(server);
}

static int reload(void *server, char **why)
{
	struct server *s = server;
	return s->tls ? tls_reload(s->tls, why) : CRUET_OK;
}

static const cruet_transport transport = {
	.size = sizeof transport,
	.start = start,
	.address = address,
	.refuse_new = refuse_new,
	.drain = drain,
	.stop = stop,
	.reload = reload,
	.open = open_sockets,
	.hand_over = hand_over,
	.abandon = abandon,
	.stats = server_stats,
};

static int init(cruet_app *app)
{
	return cruet_provide(app, CRUET_TRANSPORT, &transport, (void *)cruet_config(app));
}

static const char *const provides[] = {CRUET_TRANSPORT, NULL};

CRUET_PLUGIN(event,
	.version = "0.1.0",
	.summary = "serves many connections with few threads (epoll)",
	.provides = provides,
	.options = options,
	.config_size = sizeof(struct config),
	.init = init);
