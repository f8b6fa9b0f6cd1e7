#include "server/errands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cruet/error.h"

struct errand {
	struct errand *next;
	uint64_t number;
	char *packet;
	size_t len;
	bool sent;
	bool starting; /* also for workers that do not serve yet */
	struct errand_answer *answers; /* of those that were asked */
	size_t n, left;		       /* ... and of which nothing is known yet */
	pthread_cond_t done;
};

int errands_init(struct errands *e)
{
	*e = (struct errands){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	pthread_mutex_init(&e->lock, NULL);
	return e->fd < 0 ? CRUET_EIO : CRUET_OK;
}

void errands_fini(struct errands *e)
{
	pthread_mutex_destroy(&e->lock);
	if (e->fd >= 0)
		close(e->fd);
}

/* --- asking ------------------------------------------------------------------------- */

static void cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

static struct timespec after(int64_t ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += (time_t)(ms / 1000);
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

/* The caller holds the lock. */
static void add(struct errands *e, struct errand *one)
{
	uint64_t more = 1;

	one->next = e->all;
	e->all = one;
	ssize_t n = write(e->fd, &more, sizeof more);
	(void)n; /* full means that it is readable already */
}

/* The caller holds the lock. */
static void take_out(struct errands *e, struct errand *one)
{
	struct errand **at = &e->all;

	while (*at != one)
		at = &(*at)->next;
	*at = one->next;
}

static bool is_over(const struct errands *e, const struct errand *one)
{
	return e->ends || (one->sent && !one->left);
}

static int wait_for(struct errands *e, struct errand *one, int64_t ms)
{
	struct timespec end = after(ms);
	int err = 0;

	pthread_mutex_lock(&e->lock);
	add(e, one);
	while (!is_over(e, one) && err != ETIMEDOUT)
		err = pthread_cond_timedwait(&one->done, &e->lock, &end);
	take_out(e, one);
	bool ends = e->ends;
	pthread_mutex_unlock(&e->lock);
	if (ends || !one->sent)
		return ends ? CRUET_ESTATE : CRUET_ETIMEOUT;
	return one->answers ? CRUET_OK : CRUET_ENOMEM;
}

static int make_packet(struct errands *e, struct errand *one, const char *line,
		       size_t len)
{
	one->packet = malloc(ERRAND_NUMBER + len);
	if (!one->packet)
		return CRUET_ENOMEM;
	pthread_mutex_lock(&e->lock);
	one->number = ++e->last;
	pthread_mutex_unlock(&e->lock);
	int n = snprintf(one->packet, ERRAND_NUMBER, "%llu ",
			 (unsigned long long)one->number);
	memcpy(one->packet + n, line, len);
	one->len = (size_t)n + len;
	return CRUET_OK;
}

int errands_run(struct errands *e, const char *line, size_t len, int64_t ms, bool starting,
		struct errand_answer **out, size_t *n)
{
	struct errand one = {.starting = starting};
	int err = make_packet(e, &one, line, len);

	if (err)
		return err;
	cond_init(&one.done);
	err = wait_for(e, &one, ms);
	pthread_cond_destroy(&one.done);
	free(one.packet);
	if (err)
		errands_free(one.answers, one.n);
	*out = one.answers;
	*n = one.n;
	return err;
}

void errands_free(struct errand_answer *answers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(answers[i].text);
	free(answers);
}

/* --- the loop; everybody here holds the lock ---------------------------------------- */

static void settle(struct errand *one, struct errand_answer *a, const char *why)
{
	a->waits = false;
	a->why = why;
	if (!--one->left)
		pthread_cond_signal(&one->done);
}

static void send_one(struct errand *one, const struct errand_worker *to, size_t n)
{
	one->sent = true;
	one->answers = calloc(n + 1, sizeof *one->answers);
	for (size_t i = 0; one->answers && i < n; i++) {
		struct errand_answer *a = &one->answers[one->n];
		if (to[i].starts && !one->starting)
			continue;
		one->n++;
		one->left++;
		*a = (struct errand_answer){.worker = to[i].worker,
					    .pid = to[i].pid,
					    .waits = true,
					    .why = "it did not answer in time"};
		if (send(to[i].channel, one->packet, one->len,
			 MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			settle(one, a, "it takes no commands");
	}
	if (!one->left)
		pthread_cond_signal(&one->done);
}

bool errands_send(struct errands *e, const struct errand_worker *to, size_t n)
{
	uint64_t how_many;
	bool starting = false;

	ssize_t got = read(e->fd, &how_many, sizeof how_many);
	(void)got; /* the list says what there is */
	pthread_mutex_lock(&e->lock);
	for (struct errand *one = e->all; one; one = one->next)
		if (!one->sent) {
			send_one(one, to, n);
			starting |= one->starting;
		}
	pthread_mutex_unlock(&e->lock);
	return starting;
}

static struct errand_answer *answer_of(struct errand *one, pid_t pid)
{
	for (size_t i = 0; i < one->n; i++)
		if (one->answers[i].pid == pid && one->answers[i].waits)
			return &one->answers[i];
	return NULL;
}

/* NUL stands behind packet. */
static void heard(struct errands *e, pid_t pid, const char *packet)
{
	char *line;
	uint64_t number = strtoull(packet, &line, 10);

	for (struct errand *one = e->all; one && *line == ' '; one = one->next) {
		struct errand_answer *a =
			one->number == number ? answer_of(one, pid) : NULL;
		if (!a)
			continue;
		a->text = strdup(line + 1);
		settle(one, a, "its answer was lost: out of memory");
	}
}

void errands_heard(struct errands *e, pid_t pid, const char *packet)
{
	pthread_mutex_lock(&e->lock);
	heard(e, pid, packet);
	pthread_mutex_unlock(&e->lock);
}

void errands_lost(struct errands *e, pid_t pid)
{
	pthread_mutex_lock(&e->lock);
	for (struct errand *one = e->all; one; one = one->next) {
		struct errand_answer *a = answer_of(one, pid);
		if (a)
			settle(one, a, "it ended before it answered");
	}
	pthread_mutex_unlock(&e->lock);
}

void errands_end(struct errands *e)
{
	pthread_mutex_lock(&e->lock);
	e->ends = true;
	for (struct errand *one = e->all; one; one = one->next)
		pthread_cond_signal(&one->done);
	pthread_mutex_unlock(&e->lock);
}
