/* All at once, for a second or for CRUET_STRESS_SECONDS: pipelines, requests in pieces,
 * handlers that block, handlers and streams that wait, clients that go away. Each reply
 * must be the one to its request. */
#include <pthread.h>
#include <sys/epoll.h>
#include "event.h"

enum { CONNECTIONS = 150, PIPELINE = 8, SECONDS = 1, TEXT_MAX = 2048 };

/* --- the server ------------------------------------------------------------------- */

/* Wakes what waits, a moment later: one thread, a ring of wakers. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t come;
	cruet_waker *ring[4096];
	unsigned first, n;
} sleepers = {.lock = PTHREAD_MUTEX_INITIALIZER, .come = PTHREAD_COND_INITIALIZER};

static void *wakes_them(void *arg)
{
	(void)arg;
	for (;;) {
		pthread_mutex_lock(&sleepers.lock);
		while (!sleepers.n)
			pthread_cond_wait(&sleepers.come, &sleepers.lock);
		cruet_waker *w = sleepers.ring[sleepers.first++ % 4096];
		sleepers.n--;
		pthread_mutex_unlock(&sleepers.lock);
		cruet_wake(w);
		cruet_waker_free(w);
	}
	return NULL;
}

static int wake_later(cruet_waker *w)
{
	pthread_mutex_lock(&sleepers.lock);
	bool room = w && sleepers.n < 4096;
	if (room) {
		sleepers.ring[(sleepers.first + sleepers.n++) % 4096] = w;
		pthread_cond_signal(&sleepers.come);
	}
	pthread_mutex_unlock(&sleepers.lock);
	return room ? CRUET_OK : CRUET_ENOMEM;
}

static int answer(cruet_ctx *c)
{
	return cruet_textf(c, "[%s]", cruet_arg(c, "id"));
}

static int plain(cruet_ctx *c)
{
	return answer(c);
}

static int sleeps(cruet_ctx *c)
{
	struct timespec t = {.tv_nsec = cruet_arg_int(c, "ms") * 1000000};

	nanosleep(&t, NULL);
	return answer(c);
}

static int echo(cruet_ctx *c)
{
	size_t len;
	const char *body = cruet_body(c, &len);

	return body ? cruet_textf(c, "[%.*s]", (int)len, body) : cruet_err(c);
}

static int waits(cruet_ctx *c)
{
	cruet_waker *w = cruet_waker_new(c);
	int r = cruet_resume(c, w, answer);

	if (wake_later(w))
		cruet_waker_free(w);
	return r;
}

struct stream {
	char text[64];
	size_t at;
	bool waited;
};

/* A byte at a time, and it waits before each. */
static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct stream *s = self;

	(void)cap;
	if (!s->text[s->at])
		return 0;
	s->waited = !s->waited;
	if (s->waited) {
		cruet_waker *w = cruet_waker_new(c);
		if (wake_later(w)) {
			cruet_waker_free(w);
			return CRUET_ENOMEM;
		}
		return CRUET_EAGAIN;
	}
	*(char *)buf = s->text[s->at++];
	return 1;
}

static void stream_close(cruet_ctx *c, void *self, int why)
{
	(void)c, (void)why;
	free(self);
}

static int streams(cruet_ctx *c)
{
	static const cruet_source source = {.size = sizeof source,
					    .mime = "text/plain",
					    .length = -1,
					    .pull = pull,
					    .close = stream_close};
	struct stream *s = calloc(1, sizeof *s);

	if (!s)
		return CRUET_ENOMEM;
	snprintf(s->text, sizeof s->text, "[%s]", cruet_arg(c, "id"));
	return cruet_stream(c, &source, s);
}

static void setup(cruet_app *a)
{
	sigset_t all, before;
	pthread_t id;

	app(a);
	cruet_get(a, "/plain/<id>", plain);
	cruet_get(a, "/sleeps/<int:ms>/<id>", sleeps);
	cruet_get(a, "/waits/<id>", waits);
	cruet_get(a, "/streams/<id>", streams);
	cruet_post(a, "/bodies", echo);
	sigfillset(&all); /* signals are for the thread that waits for them */
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_create(&id, NULL, wakes_them, NULL);
	pthread_detach(id);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- the clients ------------------------------------------------------------------ */

static uint64_t seed = 88172645463325252u;

static unsigned random_below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 11) % n;
}

struct client {
	int fd;
	char out[PIPELINE * TEXT_MAX];
	size_t out_at, out_len;
	char in[PIPELINE * TEXT_MAX];
	size_t in_len;
	unsigned asked[PIPELINE]; /* what the replies must name */
	unsigned nasked, nanswered;
	int64_t since;
};

static struct {
	unsigned long replies, drops, asked;
	unsigned id;
} total;

static void add_request(struct client *c)
{
	char *p = c->out + c->out_len;
	size_t room = sizeof c->out - c->out_len;
	unsigned id = ++total.id, kind = random_below(100);
	char text[32];
	int n;

	snprintf(text, sizeof text, "%u", id);
	if (kind < 20)
		n = snprintf(p, room, "GET /sleeps/%u/%s HTTP/1.1\r\nHost: x\r\n\r\n",
			     random_below(21), text);
	else if (kind < 30)
		n = snprintf(p, room, GET("/waits/%s"), text);
	else if (kind < 35)
		n = snprintf(p, room, GET("/streams/%s"), text);
	else if (kind < 45)
		n = snprintf(p, room,
			     "POST /bodies HTTP/1.1\r\nHost: x\r\nContent-Length: "
			     "%zu\r\n\r\n%s",
			     strlen(text), text);
	else if (kind < 55)
		n = snprintf(p, room,
			     "POST /bodies HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
			     "chunked\r\n\r\n1\r\n%c\r\n%zx\r\n%s\r\n0\r\nA: b\r\n\r\n",
			     text[0], strlen(text + 1), text + 1);
	else
		n = snprintf(p, room, GET("/plain/%s"), text);
	c->out_len += (size_t)n;
	c->asked[c->nasked++] = id;
}

static void connect_client(struct client *c, int port, int ep)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
	int on = 1;

	c->fd = connect_to(port);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	ck_assert_int_eq(epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e), 0);
}

static void ask_anew(struct client *c)
{
	c->out_at = c->out_len = c->in_len = 0;
	c->nasked = c->nanswered = 0;
	c->since = now_ms();
	for (unsigned n = 1 + random_below(PIPELINE); n; n--)
		add_request(c);
	total.asked += c->nasked;
}

/* A part of what it has to say. */
static void say_some(struct client *c)
{
	size_t left = c->out_len - c->out_at;
	size_t n = random_below(3) ? left : 1 + random_below((unsigned)left);
	ssize_t sent = send(c->fd, c->out + c->out_at, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	ck_assert_msg(sent > 0 || errno == EAGAIN, "the server hung up: %s",
		      strerror(errno));
	c->out_at += sent > 0 ? (size_t)sent : 0;
}

/* Goes away in one of three ways, in the midst of what it does. */
static void drop(struct client *c)
{
	struct linger hard = {.l_onoff = 1};

	switch (random_below(3)) {
	case 0:
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		break;
	case 1:
		shutdown(c->fd, SHUT_WR);
		break;
	default:
		break;
	}
	close(c->fd);
	total.drops++;
}

/* The text in brackets of the next whole reply; NULL: it is not there yet. Of chunks of
 * one byte each the text is put together. */
static const char *next_text(struct client *c, size_t *len)
{
	static char text[64];
	size_t n = 0;

	c->in[c->in_len] = '\0';
	char *blank = strstr(c->in, "\r\n\r\n");
	if (!blank)
		return NULL;
	ck_assert_msg(!strncmp(c->in, "HTTP/1.1 200 ", 13), "%.200s", c->in);
	char *body = blank + 4, *end = strstr(c->in, "Transfer-Encoding: chunked");
	if (!end || end > blank) {
		end = strchr(body, ']');
		if (!end)
			return NULL;
		*len = (size_t)(end + 1 - c->in);
		snprintf(text, sizeof text, "%.*s", (int)(end + 1 - body), body);
		return text;
	}
	for (size_t size = 1; size; body += size + 2) {
		char *line = strstr(body, "\r\n");
		if (!line)
			return NULL;
		size = strtoul(body, NULL, 16);
		body = line + 2;
		if ((size_t)(c->in + c->in_len - body) < size + 2)
			return NULL;
		ck_assert_uint_lt(n + size, sizeof text);
		memcpy(text + n, body, size);
		n += size;
	}
	text[n] = '\0';
	*len = (size_t)(body - c->in);
	return text;
}

static void take_replies(struct client *c)
{
	const char *text;
	char want[32];
	size_t len;

	while (c->nanswered < c->nasked && (text = next_text(c, &len))) {
		snprintf(want, sizeof want, "[%u]", c->asked[c->nanswered]);
		ck_assert_msg(!strcmp(text, want), "%s instead of %s", text, want);
		memmove(c->in, c->in + len, c->in_len - len);
		c->in_len -= len;
		c->nanswered++;
		total.replies++;
	}
	ck_assert_msg(c->nanswered < c->nasked || !c->in_len,
		      "more than was asked for: %.100s", c->in);
}

static void hear(struct client *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, sizeof c->in - 1 - c->in_len,
			 MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	ck_assert_msg(n > 0, "the server hung up before %u of %u replies: %.100s",
		      c->nasked - c->nanswered, c->nasked, c->in);
	c->in_len += (size_t)n;
	take_replies(c);
}

static void step(struct client *c, int port, int ep, bool heard)
{
	if (heard)
		hear(c);
	if (c->nanswered == c->nasked) {
		ask_anew(c);
	} else if (!random_below(400)) {
		drop(c);
		connect_client(c, port, ep);
		ask_anew(c);
	}
	if (c->out_at < c->out_len)
		say_some(c);
	ck_assert_msg(now_ms() - c->since < PATIENCE_MS, "stuck with %u of %u replies",
		      c->nanswered, c->nasked);
}

static int seconds(void)
{
	const char *s = getenv("CRUET_STRESS_SECONDS");
	return s ? atoi(s) : SECONDS;
}

/* What was asked for at the end is still answered: then nothing got lost. */
static void hear_the_rest(struct client *all)
{
	for (int i = 0; i < CONNECTIONS; i++) {
		struct client *c = &all[i];
		while (c->out_at < c->out_len)
			say_some(c);
		while (c->nanswered < c->nasked) {
			struct pollfd p = {.fd = c->fd, .events = POLLIN};
			ck_assert_msg(poll(&p, 1, PATIENCE_MS) == 1,
				      "stuck with %u of %u replies", c->nanswered,
				      c->nasked);
			hear(c);
		}
		close(c->fd);
	}
}

static void run(const char *settings)
{
	static struct client all[CONNECTIONS];
	struct server s = server_start(setup, settings);
	int ep = epoll_create1(EPOLL_CLOEXEC);
	int64_t end = now_ms() + seconds() * 1000;

	for (int i = 0; i < CONNECTIONS; i++) {
		connect_client(&all[i], s.port, ep);
		ask_anew(&all[i]);
	}
	while (now_ms() < end) {
		struct epoll_event e[64];
		int n = epoll_wait(ep, e, 64, 1);
		for (int i = 0; i < n; i++)
			step(e[i].data.ptr, s.port, ep, true);
		for (int i = 0; i < 64; i++)
			step(&all[random_below(CONNECTIONS)], s.port, ep, false);
	}
	hear_the_rest(all);
	close(ep);
	printf("%lu replies of %lu requests, each the right one; %lu connections "
	       "dropped\n",
	       total.replies, total.asked, total.drops);
	ck_assert_uint_gt(total.replies, 330 * (unsigned)seconds());
	server_stop(&s);
}

START_TEST(every_reply_is_the_one_to_its_request)
{
	run("server.threads=64");
}
END_TEST

START_TEST(with_fewer_threads_than_blocked_handlers_too)
{
	run("server.threads=4");
}
END_TEST

SUITE_TIMEOUT("event_stress", 600, every_reply_is_the_one_to_its_request,
	      with_fewer_threads_than_blocked_handlers_too)
