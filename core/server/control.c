#include "server/control.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/scope.h"
#include "app/where.h"
#include "base/buf.h"
#include "cruet/log.h"
#include "server/clock.h"
#include "server/errands.h"
#include "server/handed.h"

enum {
	TASKS_MAX = 32,	 /* clients, or commands of the parent */
	READ_MS = 10000, /* for a command to arrive */
	FIRST_MS = 500,	 /* ... for the first, once another process takes commands */
	WRITE_MS = 1000	 /* for an answer to be taken; most find room at once */
};

struct control_task {
	struct control_task *next;
	pthread_t thread;
	const struct served *served;
	int fd;	      /* of the client; or the channel, borrowed; -1: nobody waits */
	char *packet; /* of the parent, or a line; NULL: it is a client */
	size_t len;
	atomic_bool heard; /* it has answered */
	atomic_bool over;  /* the thread does nothing more */
};

/* --- writing ------------------------------------------------------------------------ */

static bool put(int fd, const char *p, size_t len)
{
	int64_t end = clock_ms() + WRITE_MS;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			p += n;
			len -= (size_t)n;
			continue;
		}
		struct pollfd wait = {.fd = fd, .events = POLLOUT};
		int64_t left = end - clock_ms();
		if (errno != EAGAIN || left <= 0)
			return false;
		poll(&wait, 1, (int)left); /* whatever it says, the next send() knows */
	}
	return true;
}

static bool put_answer(int fd, const struct buf *b)
{
	static const char lost[] = "{\"ok\":false,\"error\":\"out of memory\"}\n";
	return buf_err(b) ? put(fd, lost, sizeof lost - 1) : put(fd, b->p, b->len);
}

static void put_refusal(int fd, const char *why)
{
	struct buf b;

	buf_init(&b, NULL, 0);
	control_refuse(&b, why);
	put_answer(fd, &b);
	buf_fini(&b);
}

/* --- a client ----------------------------------------------------------------------- */

struct reader {
	int fd;
	size_t len;
	bool ends; /* the client sends no more */
	char line[CONTROL_LINE];
};

static bool no_line(struct reader *r, const char *why)
{
	put_refusal(r->fd, why);
	r->len = 0;
	return false;
}

static bool read_more(struct reader *r, int64_t end)
{
	struct pollfd wait = {.fd = r->fd, .events = POLLIN};
	int64_t left = end - clock_ms();

	if (r->len == sizeof r->line)
		return no_line(r, "the command is longer than 16384 bytes");
	if (left <= 0)
		return no_line(r, "no command came within 10 s");
	if (poll(&wait, 1, (int)left) <= 0)
		return true;
	ssize_t n = recv(r->fd, r->line + r->len, sizeof r->line - r->len, MSG_DONTWAIT);
	r->ends = !n || (n < 0 && errno != EAGAIN);
	r->len += n > 0 ? (size_t)n : 0;
	return !r->ends;
}

/* How many bytes the next command has, its end of line included, which the last one may
 * lack; 0: there is none, and the client was told why if it can be. */
static size_t next_line(struct reader *r)
{
	int64_t end = clock_ms() + READ_MS;
	const char *stop;

	while (!(stop = memchr(r->line, '\n', r->len)))
		if (r->ends || !read_more(r, end))
			return r->len;
	return (size_t)(stop - r->line) + 1;
}

static bool answer(const struct served *s, struct reader *r, size_t len)
{
	struct buf b;

	buf_init(&b, NULL, 0);
	control_answer(s, r->line, len, &b);
	bool ok = put_answer(r->fd, &b);
	buf_fini(&b);
	r->len -= len;
	memmove(r->line, r->line + len, r->len);
	return ok;
}

static void serve_client(struct control_task *t)
{
	struct reader *r = malloc(sizeof *r);
	size_t len;

	if (!r) {
		put_refusal(t->fd, cruet_strerror(CRUET_ENOMEM));
		return;
	}
	r->fd = t->fd;
	r->len = 0;
	r->ends = false;
	while ((len = next_line(r)) && answer(t->served, r, len))
		atomic_store(&t->heard, true);
	free(r);
}

/* --- the parent --------------------------------------------------------------------- */

static void serve_parent(const struct control_task *t)
{
	const char *space = memchr(t->packet, ' ', t->len);
	size_t mark = space ? (size_t)(space - t->packet) + 1 : t->len;
	struct buf b;

	buf_init(&b, NULL, 0);
	buf_put(&b, t->packet, mark);
	control_answer(t->served, t->packet + mark, t->len - mark, &b);
	if (b.len > CONTROL_ANSWER) {
		b.len = mark;
		control_refuse(&b, "the answer is longer than 65536 bytes");
	}
	if (!buf_err(&b))
		put(t->fd, b.p, b.len);
	buf_fini(&b);
}

static void serve_nobody(const struct control_task *t)
{
	struct buf b;

	buf_init(&b, NULL, 0);
	control_answer(t->served, t->packet, t->len, &b);
	buf_fini(&b);
}

/* --- threads ------------------------------------------------------------------------ */

static void *run(void *arg)
{
	struct control_task *t = arg;

	where_prepare(); /* a command may run code of plugins */
	if (t->packet && t->fd < 0) {
		serve_nobody(t);
	} else if (t->packet) {
		serve_parent(t);
	} else {
		serve_client(t);
		shutdown(t->fd,
			 SHUT_RDWR); /* it is closed when the thread has been joined */
	}
	atomic_store(&t->over, true);
	return NULL;
}

static void end_task(struct control_task *t)
{
	pthread_join(t->thread, NULL);
	if (!t->packet)
		close(t->fd);
	free(t->packet);
	free(t);
}

/* How many still run. */
static size_t reap(struct control *c)
{
	size_t n = 0;

	for (struct control_task **at = &c->tasks, *t; (t = *at);) {
		if (!atomic_load(&t->over)) {
			at = &t->next;
			n++;
			continue;
		}
		*at = t->next;
		end_task(t);
	}
	return n;
}

/* False: there is no place for one more. packet becomes the task's, if so. */
static bool start(struct control *c, int fd, char *packet, size_t len)
{
	struct control_task *t = reap(c) < TASKS_MAX ? calloc(1, sizeof *t) : NULL;

	if (!t)
		return false;
	t->served = c->served;
	t->fd = fd;
	t->packet = packet;
	t->len = len;
	if (pthread_create(&t->thread, NULL, run, t)) {
		free(t);
		return false;
	}
	t->next = c->tasks;
	c->tasks = t;
	return true;
}

/* --- what comes from outside -------------------------------------------------------- */

static bool may_ask(int fd)
{
	struct ucred who;
	socklen_t len = sizeof who;

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) &&
	       (!who.uid || who.uid == geteuid());
}

void control_accept(struct control *c)
{
	int fd = accept4(c->place.fd, NULL, NULL, SOCK_CLOEXEC);
	const char *why = NULL;

	if (fd < 0)
		return;
	if (!may_ask(fd))
		why = "only root and the user of the server may ask it";
	else if (!start(c, fd, NULL, 0))
		why = "too many ask at once: try again";
	if (!why)
		return;
	put_refusal(fd, why);
	close(fd);
}

void control_obey(struct control *c, int channel, const char *packet, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy)
		memcpy(copy, packet, len);
	if (!copy || !start(c, channel, copy, len))
		free(copy); /* the parent says that there was no answer */
}

void control_run(struct control *c, const char *line)
{
	char *copy = strdup(line);

	if (copy && start(c, -1, copy, strlen(copy)))
		return;
	free(copy);
	cruet_log(c->served->root, CRUET_ERROR, "too many commands run at once: %s", line);
}

/* --- from the beginning to the end -------------------------------------------------- */

void control_init(struct control *c, const struct served *served)
{
	*c = (struct control){.served = served, .place = {.fd = -1, .folder = -1}};
}

/* path NULL: there is to be none. */
static int take_place(struct control *c, struct handed *handed, const char *path,
		      char **why)
{
	const char *before = handed->control_path;
	int fd = handed->control, err;

	handed->control = -1;
	if (fd >= 0 && path && !strcmp(before, path))
		return control_adopt(fd, path, &c->place, why);
	err = path ? control_listen(path, &c->place, why) : CRUET_OK;
	if (fd >= 0) {
		unlink(before); /* the process before listened there and will not remove
				   it */
		close(fd);
	}
	return err;
}

/* Where nobody asked for a socket there is a warning. */
static int complain(struct host *h, int err, const char *why)
{
	if (config_value(h->config, "server.control"))
		return host_problem(h, err, "%s", why);
	cruet_log(h->root, CRUET_WARN,
		  "there is no control socket, so no 'cruet status': %s", why);
	return CRUET_OK;
}

int control_open(struct control *c, struct handed *handed)
{
	struct host *h = c->served->root->host;
	const char *path, *bad;
	struct arena a;
	char *why = NULL;

	arena_init(&a, 4096);
	int err = control_path(h, &a, &path, &bad);
	if (!err)
		err = take_place(c, handed, path, &why);
	if (err)
		err = complain(h, err,
			       why   ? why
			       : bad ? bad
				     : cruet_strerror(CRUET_ENOMEM));
	free(why);
	arena_fini(&a);
	return err;
}

/* Who has just been connected has not had the time to say anything: another process
 * would have heard it. */
static void hear_out(const struct control *c)
{
	int64_t end = clock_ms() + FIRST_MS;

	for (const struct control_task *t = c->tasks; t; t = t->next)
		while (!atomic_load(&t->heard) && !atomic_load(&t->over) &&
		       clock_ms() < end)
			poll(NULL, 0, 1);
}

void control_close(struct control *c, bool gone)
{
	if (gone)
		control_unlink(&c->place);
	else
		hear_out(c);
	control_place_close(&c->place);
	for (struct control_task *t = c->tasks; t; t = t->next)
		if (!t->packet)
			shutdown(t->fd, SHUT_RD);
	for (struct control_task *t = c->tasks, *next; t; t = next) {
		next = t->next;
		end_task(t);
	}
	c->tasks = NULL;
}
