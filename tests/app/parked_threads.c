/* Many requests that wait, on few threads that serve whichever can go on, as an event
 * transport has it: each step of a request may be on another thread. */
#include <pthread.h>
#include <stdatomic.h>
#include <cruet/svc/transport.h>

#include "fixture.h"

enum { REQUESTS = 1500, AT_ONCE = 100, WORKERS = 4, WAKERS = 2, ROUNDS = 3 };

/* --- a queue ------------------------------------------------------------------------------ */

struct node {
	struct node *next;
};

struct queue {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t change;
	struct node *first, **last;
	bool closed;
};

static void queue_init(struct queue *q)
{
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->change, NULL);
	q->first = NULL;
	q->last = &q->first;
	q->closed = false;
}

static void queue_fini(struct queue *q)
{
	pthread_cond_destroy(&q->change);
	pthread_mutex_destroy(&q->lock);
}

static void queue_put(struct queue *q, struct node *n)
{
	pthread_mutex_lock(&q->lock);
	n->next = NULL;
	*q->last = n;
	q->last = &n->next;
	pthread_cond_signal(&q->change);
	pthread_mutex_unlock(&q->lock);
}

static void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->change);
	pthread_mutex_unlock(&q->lock);
}

/* NULL: closed and empty. */
static struct node *queue_take(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	while (!q->first && !q->closed)
		pthread_cond_wait(&q->change, &q->lock);
	struct node *n = q->first;
	if (n) {
		q->first = n->next;
		if (!q->first)
			q->last = &q->first;
	}
	pthread_mutex_unlock(&q->lock);
	return n;
}

/* --- the transport ---------------------------------------------------------------------------- */

struct request {
	cruet_exchange base; /* first */
	struct node ready;   /* in the queue of the workers */
	cruet_head head;
	cruet_field host;
	unsigned number;
	bool began;
	atomic_bool gone;
	unsigned calls; /* that could have given CRUET_EAGAIN */
	bool full;
	int status, ends;
	size_t len;
	char body[64];

	pthread_mutex_t lock; /* guards what follows */
	bool parked, woken;
};

static cruet_app *app;
static struct queue ready; /* requests that can go on */
static atomic_int open_requests, torn_down, in_order;
static _Thread_local bool set_aside; /* the request that this thread has just served */
static struct request *all;

static struct request *request_of(cruet_exchange *x)
{
	return (struct request *)x;
}

static ptrdiff_t read_none(cruet_exchange *x, void *buf, size_t cap)
{
	(void)x, (void)buf, (void)cap;
	return 0;
}

/* Every third call finds room: the client is full when something is sent, and when that
 * is asked for at once; not after the request was set aside for it. */
static int keep(struct request *r, const cruet_piece *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = pieces[i].len;
		if (r->len + len < sizeof r->body) {
			memcpy(r->body + r->len, pieces[i].p, len);
			r->len += len;
		}
	}
	if (atomic_load(&r->gone))
		return CRUET_EIO;
	return r->calls++ % 3 == 2 ? CRUET_OK : CRUET_EAGAIN;
}

static int send_reply(cruet_exchange *x, const cruet_reply *reply)
{
	request_of(x)->status = reply->status;
	return keep(request_of(x), reply->pieces, reply->npieces);
}

static int write_reply(cruet_exchange *x, const cruet_piece *pieces, size_t n)
{
	return keep(request_of(x), pieces, n);
}

static int end_reply(cruet_exchange *x, int err)
{
	(void)err;
	request_of(x)->ends++;
	return keep(request_of(x), NULL, 0);
}

static int is_gone(cruet_exchange *x)
{
	return atomic_load(&request_of(x)->gone);
}

static int route(cruet_exchange *x, uint32_t hash, const char *name)
{
	struct request *r = request_of(x);

	(void)hash, (void)name;
	if (r->number % 3)
		return CRUET_OK;
	set_aside = true;
	queue_put(&ready, &r->ready);
	return CRUET_LATER;
}

static int park(cruet_exchange *x, int64_t ms, uint32_t what)
{
	struct request *r = request_of(x);

	set_aside = true;
	if (r->number % 7 == 6 && r->len)
		atomic_store(&r->gone, true);
	pthread_mutex_lock(&r->lock);
	bool now = r->woken || what & CRUET_PARK_WRITE || ms >= 0 || atomic_load(&r->gone);
	r->parked = !now;
	r->woken = false;
	pthread_mutex_unlock(&r->lock);
	if (now)
		queue_put(&ready, &r->ready);
	return CRUET_OK;
}

static void wake(cruet_exchange *x)
{
	struct request *r = request_of(x);

	pthread_mutex_lock(&r->lock);
	bool now = r->parked;
	r->woken = !now;
	r->parked = false;
	pthread_mutex_unlock(&r->lock);
	if (now)
		queue_put(&ready, &r->ready);
}

static const cruet_exchange_ops ops = {
	.size = sizeof ops,
	.read = read_none,
	.send = send_reply,
	.begin = send_reply,
	.write = write_reply,
	.end = end_reply,
	.gone = is_gone,
	.route = route,
	.park = park,
	.wake = wake,
};

static void begin_request(unsigned number)
{
	static const char *const paths[] = {"/plain", "/later", "/stream"};
	struct request *r = &all[number];

	r->number = number;
	r->base.ops = &ops;
	r->base.worker = number;
	r->host = (cruet_field){"Host", "localhost"};
	r->head = (cruet_head){.size = sizeof r->head, .minor = 1, .method = "GET",
			       .target = paths[number % 3 == 0 ? number / 3 % 3 : number % 3],
			       .fields = &r->host, .nfields = 1, .peer = "127.0.0.1",
			       .scheme = "http"};
	pthread_mutex_init(&r->lock, NULL);
	queue_put(&ready, &r->ready);
}

static void request_over(void)
{
	int next = atomic_fetch_add(&in_order, 1);

	if (next < REQUESTS)
		begin_request((unsigned)next);
	if (atomic_fetch_sub(&open_requests, 1) == 1)
		queue_close(&ready);
}

static void *work(void *arg)
{
	struct node *n;

	(void)arg;
	while ((n = queue_take(&ready))) {
		struct request *r = (struct request *)((char *)n - offsetof(struct request, ready));
		set_aside = false;
		if (r->began) {
			cruet_continue(&r->base);
		} else {
			r->began = true;
			cruet_serve(app, &r->base, &r->head);
		}
		if (!set_aside)
			request_over();
	}
	return NULL;
}

/* --- those who wake ------------------------------------------------------------------------------ */

struct job {
	struct node asked; /* in the queue of the wakers; first */
	cruet_waker *waker;
	atomic_int holders;
	pthread_mutex_t lock; /* guards answer */
	int answer;
};

static struct queue asked;

static void job_drop(void *arg)
{
	struct job *j = arg;

	if (atomic_fetch_sub(&j->holders, 1) > 1)
		return;
	pthread_mutex_destroy(&j->lock);
	free(j);
}

/* Answers, and perhaps wakes more often than is needed. */
static void *answer(void *arg)
{
	struct node *n;

	(void)arg;
	while ((n = queue_take(&asked))) {
		struct job *j = (struct job *)n;
		pthread_mutex_lock(&j->lock);
		int now = ++j->answer;
		pthread_mutex_unlock(&j->lock);
		cruet_wake(j->waker);
		if (now % 2)
			cruet_wake(j->waker);
		if (now < ROUNDS) {
			queue_put(&asked, &j->asked);
			continue;
		}
		cruet_waker_free(j->waker);
		job_drop(j);
	}
	return NULL;
}

static struct job *ask(cruet_ctx *c)
{
	struct job *j = calloc(1, sizeof *j);

	ck_assert_ptr_nonnull(j);
	j->holders = 2;
	pthread_mutex_init(&j->lock, NULL);
	ck_assert_int_eq(cruet_defer(c, job_drop, j), CRUET_OK);
	j->waker = cruet_waker_new(c);
	ck_assert_ptr_nonnull(j->waker);
	queue_put(&asked, &j->asked);
	return j;
}

static int answered(struct job *j)
{
	pthread_mutex_lock(&j->lock);
	int n = j->answer;
	pthread_mutex_unlock(&j->lock);
	return n;
}

/* --- the application ------------------------------------------------------------------------------- */

static const cruet_key job_key = {"test.job"};

static void count_teardown(cruet_ctx *c, int err)
{
	(void)c, (void)err;
	atomic_fetch_add(&torn_down, 1);
}

static int plain(cruet_ctx *c)
{
	return cruet_text(c, "plain");
}

static int next(cruet_ctx *c)
{
	struct job *j = cruet_g_get(c, &job_key);

	if (answered(j) < ROUNDS)
		return cruet_resume(c, j->waker, next);
	return cruet_textf(c, "later %d", ROUNDS);
}

static int later(cruet_ctx *c)
{
	struct job *j = ask(c);
	int err = cruet_g_set(c, &job_key, j, NULL);

	return err ? err : cruet_resume(c, j->waker, next);
}

struct told {
	struct job *job;
	int said;
};

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct told *t = self;

	(void)c, (void)cap;
	if (t->said == ROUNDS)
		return 0;
	if (answered(t->job) == t->said)
		return CRUET_EAGAIN;
	*(char *)buf = (char)('0' + ++t->said);
	return 1;
}

static int stream(cruet_ctx *c)
{
	static const cruet_source source = {.size = sizeof source, .length = -1, .pull = pull};
	struct told *t = cruet_alloc(c, sizeof *t);

	t->job = ask(c);
	return cruet_stream(c, &source, t);
}

/* --- the test ------------------------------------------------------------------------------------------ */

static void assert_request(const struct request *r)
{
	const char *path = r->head.target;

	if (r->number % 7 == 6)
		return; /* left at any moment */
	ck_assert_msg(r->status == 200, "%u %s: %d", r->number, path, r->status);
	ck_assert_msg(!strcmp(r->body, !strcmp(path, "/plain")   ? "plain"
				       : !strcmp(path, "/later") ? "later 3"
								 : "123"),
		      "%u %s: %s", r->number, path, r->body);
	ck_assert_int_eq(r->ends, !strcmp(path, "/stream"));
}

START_TEST(requests_that_wait_go_on_on_any_thread)
{
	pthread_t workers[WORKERS], wakers[WAKERS];

	all = calloc(REQUESTS, sizeof *all);
	ck_assert_ptr_nonnull(all);
	app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	cruet_teardown(app, count_teardown);
	cruet_get(app, "/plain", plain);
	cruet_get(app, "/later", later);
	cruet_get(app, "/stream", stream);
	cruet_client_free(client_of(app));
	queue_init(&ready);
	queue_init(&asked);
	atomic_store(&open_requests, REQUESTS);
	atomic_store(&in_order, AT_ONCE);
	for (unsigned i = 0; i < AT_ONCE; i++)
		begin_request(i);
	for (int i = 0; i < WAKERS; i++)
		ck_assert_int_eq(pthread_create(&wakers[i], NULL, answer, NULL), 0);
	for (int i = 0; i < WORKERS; i++)
		ck_assert_int_eq(pthread_create(&workers[i], NULL, work, NULL), 0);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	queue_close(&asked);
	for (int i = 0; i < WAKERS; i++)
		pthread_join(wakers[i], NULL);
	for (unsigned i = 0; i < REQUESTS; i++) {
		assert_request(&all[i]);
		pthread_mutex_destroy(&all[i].lock);
	}
	ck_assert_int_eq(atomic_load(&torn_down), REQUESTS);
	cruet_free(app);
	queue_fini(&asked);
	queue_fini(&ready);
	free(all);
}
END_TEST

SUITE("parked_threads", requests_that_wait_go_on_on_any_thread)
