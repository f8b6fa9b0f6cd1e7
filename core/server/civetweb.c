/* transport/0 on civetweb. Only begin_request is hooked in: everything that civetweb
 * could do by itself (files, CGI, WebSockets, error pages) never runs.
 *
 * A request takes this way: civetweb reads a head and calls begin_request; the guard
 * (civetweb_guard.c) checks what civetweb lets through; cruet_serve() answers through
 * the ops of civetweb_exchange.c. What civetweb refuses comes to http_error, and what
 * it would drop without a word is answered in connection_close. */
#include <civetweb.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "app/ws.h"
#include "cruet/error.h"
#include "cruet/log.h"
#include "server/civetweb_priv.h"
#include "server/clock.h"
#include "server/sockets.h"
#include "server/transport.h"

enum { STACK_SIZE = 1 << 20 };

/* --- stacks ------------------------------------------------------------------------- */

static _Thread_local bool starting;

/* civetweb gives its threads 100 KiB of stack and has no option for it. This stands
 * before libc's in the order of look-up and raises that, for civetweb alone. */
CRUET_EXPORT int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size)
{
	typedef int fn(pthread_attr_t *, size_t);
	union { void *p; fn *f; } real = {dlsym(RTLD_NEXT, "pthread_attr_setstacksize")};

	return real.f(attr, starting && size < STACK_SIZE ? STACK_SIZE : size);
}

/* --- requests ----------------------------------------------------------------------- */

static struct exchange *begin(struct worker *w, struct mg_connection *conn,
			      const struct mg_request_info *ri)
{
	struct exchange *e = exchange_borrow(w);

	w->conn = conn;
	w->info = ri;
	w->answered = true;
	e->upgrade = e->continues = e->begun = e->chunked = false;
	e->body_err = e->broken = CRUET_OK;
	e->cut = phase_enter(w, PHASE_BUSY);
	return e;
}

static void refuse(struct exchange *e, const cruet_head *head, int status, const char *why)
{
	if (status == 408)
		cruet_tally(&e->counted.timeouts_head, 1);
	else
		cruet_tally(&e->counted.refused[status / 100], 1);
	e->keep = false;
	if (!head) {
		e->head = (cruet_head){.minor = 1};
		e->unread = -1; /* who knows what follows */
	}
	cruet_refuse(e->worker->server->app, &e->base, head, status, why);
}

static void count_request(struct exchange *e)
{
	cruet_tally(&e->counted.requests, 1);
	if (!e->worker->first)
		cruet_tally(&e->counted.requests_reused, 1);
}

static void answer(struct exchange *e, const struct mg_request_info *ri)
{
	const struct server *s = e->worker->server;
	const char *why;
	int status = guard_head(e, ri, &why);

	if (!status)
		count_request(e);
	if (status)
		refuse(e, NULL, status, why);
	else if (atomic_load(&s->draining))
		refuse(e, &e->head, 503, "The server is stopping.");
	else if (e->upgrade)
		refuse(e, &e->head, 501, ws_unspoken);
	else
		cruet_serve(s->app, &e->base, &e->head);
}

static bool finish(struct exchange *e)
{
	struct worker *w = e->worker;
	bool keep = exchange_finish(e);

	exchange_return(e);
	w->first = false;
	w->answered = !keep;
	w->since_ms = clock_ms();
	phase_enter(w, keep ? PHASE_IDLE : PHASE_NONE);
	if (atomic_load_explicit(&w->server->draining, memory_order_relaxed))
		keeper_note(w->server->keeper);
	return keep;
}

static int begin_request(struct mg_connection *conn)
{
	const struct mg_request_info *ri = mg_get_request_info(conn);

	if (ri->query_string) /* civetweb put a NUL over the '?' */
		((char *)ri->query_string)[-1] = '?';
	struct exchange *e = begin(mg_get_thread_pointer(conn), conn, ri);
	answer(e, ri);
	if (!finish(e))
		mg_disable_connection_keep_alive(conn);
	return 200; /* it is answered; the number is for a log that is off */
}

/* civetweb calls a head malformed also when it is too large or came too slowly. */
static int malformed(const struct exchange *e, const char **why)
{
	struct worker *w = e->worker;
	const cruet_listen_opts *o = &w->server->opts;
	int64_t limit = (int64_t)(w->first ? o->head_timeout_ms : o->idle_timeout_ms);

	if (e->cut || clock_ms() - w->since_ms >= limit - CLOCK_GRAIN_MS) {
		*why = "The head did not arrive in time.";
		return 408;
	}
	int fd = w->first ? worker_socket(w) : -1;
	if (fd >= 0 && socket_taken(fd) >= HEAD_MAX) {
		*why = "The head is larger than is accepted here.";
		return 431;
	}
	*why = "The request is malformed.";
	return 400;
}

/* What civetweb refuses, and why, in our words. Of its reasons only those can be told
 * apart that left a trace. */
static int refused(const struct exchange *e, const struct mg_request_info *ri, int status,
		   const char **why)
{
	if (status == 505)
		*why = "Only HTTP/1.0 and HTTP/1.1 are spoken here.";
	else if (status == 411)
		*why = "Content-Length is no number.";
	else if (!ri->request_method)
		return malformed(e, why);
	else if (ri->http_version && ri->num_headers > 0 &&
		 mg_get_header(e->worker->conn, "Transfer-Encoding"))
		*why = "Only the transfer coding chunked is understood.";
	else
		*why = "The request is malformed.";
	return status == 411 ? 400 : status;
}

static int http_error(struct mg_connection *conn, int status, const char *text)
{
	const struct mg_request_info *ri = mg_get_request_info(conn);
	struct exchange *e = begin(mg_get_thread_pointer(conn), conn, ri);
	const char *why;

	if (!strcmp(text, "Invalid URI")) {
		answer(e, ri); /* it is whole, and the front door knows targets better */
		e->keep = false;
	} else {
		status = refused(e, ri, status, &why);
		refuse(e, NULL, status, why);
	}
	finish(e);
	return 0;
}

/* --- connections -------------------------------------------------------------------- */

static int init_connection(const struct mg_connection *conn, void **data)
{
	struct worker *w = mg_get_thread_pointer(conn);

	(void)data;
	w->first = true;
	w->answered = false;
	w->since_ms = clock_ms();
	cruet_tally(&w->counted.connections, 1);
	phase_enter(w, PHASE_HEAD);
	keeper_wake(w->server->keeper, atomic_fetch_add(&w->server->open, 1) + 1);
	return 0;
}

/* A target in absolute form for another port, or "*": civetweb closes. */
static void connection_close(const struct mg_connection *conn)
{
	struct worker *w = mg_get_thread_pointer(conn);
	const struct mg_request_info *ri = mg_get_request_info(conn);

	if (w->answered || !ri || !ri->request_uri || !ri->http_version || ri->local_uri)
		return;
	struct exchange *e = begin(w, (struct mg_connection *)conn, ri);
	answer(e, ri);
	e->keep = false;
	finish(e);
}

/* civetweb gives up without a word where nothing was asked: how long that took shows it. */
static void count_late(struct worker *w)
{
	const cruet_listen_opts *o = &w->server->opts;
	unsigned phase = atomic_load_explicit(&w->phase, memory_order_relaxed) & PHASE_MASK;
	int64_t waited = clock_ms() - w->since_ms + CLOCK_GRAIN_MS;

	if (phase == PHASE_HEAD && waited >= (int64_t)o->head_timeout_ms)
		cruet_tally(&w->counted.timeouts_head, 1);
	else if (phase == PHASE_IDLE && waited >= (int64_t)o->idle_timeout_ms)
		cruet_tally(&w->counted.timeouts_idle, 1);
}

static void connection_closed(const struct mg_connection *conn)
{
	struct worker *w = mg_get_thread_pointer(conn);

	count_late(w);
	phase_enter(w, PHASE_NONE);
	atomic_fetch_sub(&w->server->open, 1);
}

static void *init_thread(const struct mg_context *ctx, int type)
{
	struct server *s = mg_get_user_data(ctx);

	return type == 1 ? &s->workers[atomic_fetch_add(&s->next, 1)] : NULL;
}

/* The reason of a failed start comes only here. */
static int log_message(const struct mg_connection *conn, const char *text)
{
	struct server *s = mg_get_user_data(mg_get_context(conn));

	if (atomic_load(&s->started))
		cruet_log(s->app, CRUET_WARN, "civetweb: %s", text);
	else
		free(atomic_exchange(&s->said, strdup(text)));
	return 1;
}

/* --- the server --------------------------------------------------------------------- */

static const struct mg_callbacks callbacks = {
	.begin_request = begin_request,
	.http_error = http_error,
	.init_connection = init_connection,
	.connection_close = connection_close,
	.connection_closed = connection_closed,
	.init_thread = init_thread,
	.log_message = log_message,
};

static struct mg_context *start_civetweb(struct server *s)
{
	char ports[LISTEN_MAX * LISTEN_TEXT] = "", threads[16], head_ms[24], idle_ms[24];
	size_t n = 0;

	for (size_t i = 0; i < s->nat; i++)
		n += (size_t)snprintf(ports + n, sizeof ports - n, "%s%s", i ? "," : "",
				      s->text[i]);
	snprintf(threads, sizeof threads, "%u", s->nworkers);
	snprintf(head_ms, sizeof head_ms, "%llu", (unsigned long long)s->opts.head_timeout_ms);
	snprintf(idle_ms, sizeof idle_ms, "%llu", (unsigned long long)s->opts.idle_timeout_ms);
	const char *options[] = {
		"listening_ports", ports,
		"num_threads", threads,
		"request_timeout_ms", head_ms,
		"keep_alive_timeout_ms", idle_ms,
		"enable_keep_alive", "yes",
		"tcp_nodelay", "1",
		"decode_url", "no",
		"decode_query_string", "no",
		"enable_auth_domain_check", "no",
		"access_control_allow_methods", "",
		"enable_directory_listing", "no",
		"max_request_size", "16384", /* HEAD_MAX */
		"connection_queue", "1", /* the listener shows who waits */
		"listen_backlog", "4096",
		NULL,
	};
	starting = true;
	struct mg_context *ctx = mg_start(&callbacks, s, options);
	starting = false;
	return ctx;
}

static int no_memory(char **why)
{
	*why = strdup(cruet_strerror(CRUET_ENOMEM));
	return CRUET_ENOMEM;
}

static int parse_addresses(struct server *s, char **why)
{
	for (const char *const *a = s->opts.listen; a && *a; a++) {
		if (s->nat == LISTEN_MAX) {
			if (asprintf(why, "cannot listen on more than %d addresses", LISTEN_MAX) < 0)
				*why = NULL;
			return CRUET_ELIMIT;
		}
		int err = listen_parse(*a, &s->at[s->nat], why);
		if (err)
			return err;
		listen_text(&s->at[s->nat], s->text[s->nat]);
		s->nat++;
	}
	if (s->opts.tls) {
		*why = strdup("civetweb serves no TLS (server.tls): the event transport does "
			      "(\"server.transport\": \"event\"), or a proxy in front of this server");
		return CRUET_EINVAL;
	}
	if (s->opts.handler_timeout_ms) {
		*why = strdup("civetweb cannot limit how long handlers run "
			      "(server.handler_timeout): the event transport does "
			      "(\"server.transport\": \"event\")");
		return CRUET_EINVAL;
	}
	if (s->nat)
		return CRUET_OK;
	*why = strdup("there is no address to listen on: set server.listen");
	return CRUET_EINVAL;
}

/* Why civetweb did not start: what trying again shows, else its own last words. */
static int explain(struct server *s, char **why)
{
	*why = NULL;
	for (size_t i = 0; i < s->nat && !*why; i++)
		*why = listen_obstacle(&s->at[i]);
	if (!*why && asprintf(why, "civetweb did not start: %s",
			      s->said ? s->said : "it does not say why") < 0)
		*why = NULL;
	return CRUET_EIO;
}

const char *civetweb_version(void)
{
	return mg_version();
}

int civetweb_obstacle(const cruet_listen_opts *opts, char **why)
{
	struct server *s = calloc(1, sizeof *s);
	int err;

	*why = NULL;
	if (!s)
		return no_memory(why);
	s->opts = *opts;
	err = parse_addresses(s, why);
	for (size_t i = 0; i < s->nat && !*why; i++)
		*why = listen_obstacle(&s->at[i]);
	free(s);
	return !err && *why ? CRUET_EIO : err;
}

/* Real ports instead of 0, and the sockets behind them. */
static void find_listeners(struct server *s)
{
	struct mg_server_port ports[LISTEN_MAX];
	int n = mg_get_server_ports(s->ctx, LISTEN_MAX, ports);

	for (size_t i = 0; i < s->nat; i++) {
		if ((int)i < n)
			s->at[i].sin_port = htons((uint16_t)ports[i].port);
		listen_text(&s->at[i], s->text[i]);
		s->listening[i] = socket_listening(&s->at[i]);
	}
}

static void forget(struct server *s)
{
	keeper_free(s->keeper);
	exchanges_free(s->exchanges);
	free(s->workers);
	free(s->said);
	free(s);
}

static struct worker *workers_new(struct server *s)
{
	struct worker *w = aligned_alloc(CACHE_LINE, s->nworkers * sizeof *w);

	for (unsigned i = 0; w && i < s->nworkers; i++)
		w[i] = (struct worker){.server = s, .fd = -1, .counted.size = sizeof w->counted};
	return w;
}

static int start(void *self, cruet_app *app, const cruet_listen_opts *opts, void **server,
		 char **why)
{
	struct server *s = calloc(1, sizeof *s);
	int err;

	(void)self;
	if (!s)
		return no_memory(why);
	s->app = app;
	s->opts = *opts;
	s->nworkers = opts->threads;
	s->cut.size = sizeof s->cut;
	err = parse_addresses(s, why);
	if (err)
		goto fail;
	s->workers = workers_new(s);
	s->exchanges = s->workers ? exchanges_new(s->nworkers) : NULL;
	s->keeper = s->exchanges ? keeper_new(s) : NULL;
	if (!s->keeper) {
		err = no_memory(why);
		goto fail;
	}
	mg_init_library(MG_FEATURES_DEFAULT);
	s->ctx = start_civetweb(s);
	if (!s->ctx) {
		mg_exit_library();
		err = explain(s, why);
		goto fail;
	}
	find_listeners(s);
	atomic_store(&s->started, true);
	*server = s;
	return CRUET_OK;

fail:
	forget(s);
	return err;
}

static const char *address(void *server, size_t i)
{
	struct server *s = server;
	return i < s->nat ? s->text[i] : NULL;
}

static void refuse_new(void *server)
{
	atomic_store(&((struct server *)server)->draining, true);
}

static size_t drain(void *server, uint64_t deadline_ms)
{
	return keeper_drain(((struct server *)server)->keeper, deadline_ms);
}

/* civetweb looks at its stop flag every two seconds, and sooner where something
 * happens: so the listeners are shut, and the keeper ends the connections. */
static void stop(void *server)
{
	struct server *s = server;

	refuse_new(s);
	for (size_t i = 0; i < s->nat; i++)
		if (s->listening[i] >= 0)
			shutdown(s->listening[i], SHUT_RDWR);
	keeper_end_all(s->keeper, ENDING_MAX_MS);
	mg_stop(s->ctx);
	mg_exit_library();
	forget(s);
}

static void stats(void *server, cruet_counters *out)
{
	const struct server *s = server;
	cruet_counters sum = {
		.size = sizeof sum,
		.connections_open = atomic_load(&s->open),
		.connections_waiting = atomic_load(&s->waiters),
		.requests_running = keeper_answering(s),
		.threads = s->nworkers,
	};

	for (unsigned i = 0; i < s->nworkers; i++)
		cruet_counters_add(&sum, &s->workers[i].counted);
	exchanges_count(s->exchanges, &sum);
	cruet_counters_add(&sum, &s->cut);
	cruet_counters_add(out, &sum);
}

/* In a signal handler. The listeners are civetweb's, so it goes on to accept: the sooner the
 * next process has them, the better. */
static size_t abandon(void *server)
{
	refuse_new(server);
	return 0;
}

const cruet_transport civetweb_transport = {
	.size = sizeof civetweb_transport,
	.start = start,
	.address = address,
	.refuse_new = refuse_new,
	.drain = drain,
	.stop = stop,
	.abandon = abandon,
	.stats = stats,
};
