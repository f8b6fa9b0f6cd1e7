/* transport/0 by epoll: what the plugin says of itself, and the server that starts and
 * stops. */
#include "event.h"

#include <cruet/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

struct config {
	int64_t loops, connections;
	bool deflate;
};

static const cruet_option options[] = {
	CRUET_OPTION(struct config, loops, INT, .def = "0", .flags = CRUET_OPT_BOUNDS, .min = 0,
		     .max = 256, .help = "a whole number from 0 (one per processor) to 256"),
	CRUET_OPTION(struct config, connections, INT, .def = "20000",
		     .flags = CRUET_OPT_BOUNDS, .min = 1, .max = 1000000,
		     .help = "how many may be open at once, 1 to 1000000"),
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

static int add_addresses(struct server *s, const char *const *list, enum speaks speaks,
			 char **why)
{
	for (const char *const *a = list; a && *a; a++) {
		if (s->nat == LISTEN_MAX) {
			if (asprintf(why, "cannot listen on more than %d addresses", LISTEN_MAX) < 0)
				*why = NULL;
			return CRUET_ELIMIT;
		}
		int err = address_parse(*a, &s->at[s->nat], why);
		if (err)
			return err;
		s->speaks[s->nat++] = speaks;
	}
	return CRUET_OK;
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
	err = tls_new(o, &s->tls, why);
	if (!err)
		err = add_addresses(s, o->listen, SPEAKS_TLS, why);
	return err ? err : add_addresses(s, o->redirect, SPEAKS_REDIRECT, why);
}

static int read_addresses(struct server *s, char **why)
{
	int err = add_addresses(s, s->opts.listen, SPEAKS_HTTP, why);

	if (!err && s->opts.tls)
		err = read_tls(s, why);
	if (err || s->nat)
		return err;
	*why = strdup("there is no address to listen on: set server.listen");
	return CRUET_EINVAL;
}

static void name_address(struct server *s, size_t i)
{
	char text[ADDRESS_TEXT];

	address_text(&s->at[i], text);
	snprintf(s->text[i], sizeof s->text[i], "%s%s", s->speaks[i] == SPEAKS_TLS ? "https://" : "",
		 text);
	const char *port = strrchr(text, ':');
	if (s->speaks[i] == SPEAKS_TLS && !*s->tls_port && !address_is_unix(&s->at[i]) &&
	    strcmp(port, ":443") != 0)
		snprintf(s->tls_port, sizeof s->tls_port, "%s", port);
}

/* Each loop has a socket of its own on each address, so that the system spreads
 * connections evenly; a Unix socket has but one, for all. */
static int open_listeners(struct server *s, size_t i, char **why)
{
	struct address *a = &s->at[i], alone = *a;

	/* A socket that shares its port would share it with another server too. */
	int first = address_is_unix(a) ? -1 : address_listen(&alone, false, why);
	if (first >= 0)
		close(first);
	else if (!address_is_unix(a))
		return CRUET_EIO;
	first = address_listen(a, !address_is_unix(a), why);
	if (first < 0)
		return CRUET_EIO;
	s->loops[0].listeners[i] = first;
	for (unsigned n = 1; n < s->nloops; n++) {
		int fd = address_is_unix(a) ? dup(first) : address_listen(a, true, why);
		if (fd < 0)
			return CRUET_EIO;
		s->loops[n].listeners[i] = fd;
	}
	name_address(s, i);
	return CRUET_OK;
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
	for (size_t i = 0; s->loops && i < s->nat; i++)
		if (s->loops[0].listeners[i] >= 0 && address_is_unix(&s->at[i]))
			unlink(((const struct sockaddr_un *)&s->at[i].at)->sun_path);
	for (unsigned i = 0; s->loops && i < s->nloops; i++)
		loop_fini(&s->loops[i]);
	threads_fini(s);
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
		for (unsigned k = 0; k < LISTEN_MAX; k++)
			loops[i].listeners[k] = -1;
	}
	return loops;
}

static int listen_and_run(struct server *s, char **why)
{
	int err = read_addresses(s, why);

	for (size_t i = 0; !err && i < s->nat; i++)
		err = open_listeners(s, i, why);
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
	s->deflate = (struct ws_deflate_policy){.on = cfg->deflate, .server_bits = 12, .client_bits = 12, .min_size = 256};
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	s->nloops = cfg->loops ? (unsigned)cfg->loops : cpus > 0 ? (unsigned)cpus : 1;
	s->loops = loops_new(s, s->nloops);
	raise_limit(s->conns_max);
	int err = s->loops ? listen_and_run(s, why) : no_memory(why);
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
	return i < s->nat ? s->text[i] : NULL;
}

static void refuse_new(void *server)
{
	struct server *s = server;

	atomic_store(&s->draining, true);
	for (unsigned i = 0; i < s->nloops; i++)
		loop_wake(&s->loops[i]);
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
