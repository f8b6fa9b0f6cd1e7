/* A transport of one request whose every step a test decides: it sets requests aside,
 * and goes on with them when it is told to. What it is asked for is noted. */
#ifndef TESTS_APP_PARKING_H
#define TESTS_APP_PARKING_H

#include <pthread.h>
#include <cruet/svc/transport.h>

#include "fixture.h"

struct parking {
	cruet_exchange base; /* first */
	cruet_head head;
	cruet_field fields[2];

	/* what it does */
	bool gone;        /* the client has left */
	int full;         /* so many of the next calls that send give CRUET_EAGAIN */
	int write_err;    /* instead of what writing would give */
	int refuses;      /* to park, with this */
	int no_place;     /* so many of the next requests have none */
	void (*in_route)(struct parking *p); /* run before that op returns */
	void (*in_park)(struct parking *p);
	void (*in_gone)(struct parking *p);

	/* what it was asked for */
	int routes, parks;
	uint32_t hash;
	char name[64];
	int64_t ms;
	uint32_t what;
	pthread_mutex_t lock; /* guards wakes */
	int wakes;
	int status, ends, end_err;
	char date[40];
	const void *sent; /* the first piece of a send */
	size_t len;
	char body[65536];
};

static struct parking *parking_of(cruet_exchange *x)
{
	return (struct parking *)x;
}

static ptrdiff_t parking_read(cruet_exchange *x, void *buf, size_t cap)
{
	(void)x, (void)buf, (void)cap;
	return 0;
}

static int parking_keep(struct parking *p, const cruet_piece *pieces, size_t n)
{
	for (size_t i = 0; i < n && !p->write_err; i++) {
		ck_assert_uint_lt(p->len + pieces[i].len, sizeof p->body);
		if (pieces[i].len)
			memcpy(p->body + p->len, pieces[i].p, pieces[i].len);
		p->len += pieces[i].len;
	}
	if (p->write_err)
		return p->write_err;
	return p->full > 0 ? p->full--, CRUET_EAGAIN : CRUET_OK;
}

static int parking_send(cruet_exchange *x, const cruet_reply *r)
{
	struct parking *p = parking_of(x);

	p->status = r->status;
	p->sent = r->npieces ? r->pieces[0].p : NULL;
	if (r->date)
		snprintf(p->date, sizeof p->date, "%s", r->date);
	return parking_keep(p, r->pieces, r->npieces);
}

static int parking_write(cruet_exchange *x, const cruet_piece *pieces, size_t n)
{
	return parking_keep(parking_of(x), pieces, n);
}

static int parking_end(cruet_exchange *x, int err)
{
	struct parking *p = parking_of(x);

	p->ends++;
	p->end_err = err;
	return parking_keep(p, NULL, 0);
}

static int parking_file(cruet_exchange *x, const cruet_reply *r, int fd, uint64_t from,
			uint64_t len)
{
	(void)fd, (void)from, (void)len;
	return parking_send(x, r);
}

static int parking_interim(cruet_exchange *x, int status, const cruet_field *fields, size_t n)
{
	(void)x, (void)status, (void)fields, (void)n;
	return CRUET_OK;
}

static int parking_gone(cruet_exchange *x)
{
	struct parking *p = parking_of(x);

	if (p->in_gone)
		p->in_gone(p);
	return p->gone;
}

static int parking_route(cruet_exchange *x, uint32_t hash, const char *name)
{
	struct parking *p = parking_of(x);
	int r = p->no_place > 0 ? CRUET_LATER : CRUET_OK;

	p->routes++;
	p->hash = hash;
	snprintf(p->name, sizeof p->name, "%s", name);
	p->no_place -= r == CRUET_LATER;
	if (p->in_route)
		p->in_route(p);
	return r;
}

static int parking_park(cruet_exchange *x, int64_t ms, uint32_t what)
{
	struct parking *p = parking_of(x);
	int err = p->refuses;

	p->parks++;
	p->ms = ms;
	p->what = what;
	if (p->in_park)
		p->in_park(p);
	return err;
}

static void parking_wake(cruet_exchange *x)
{
	struct parking *p = parking_of(x);

	pthread_mutex_lock(&p->lock);
	p->wakes++;
	pthread_mutex_unlock(&p->lock);
}

static const cruet_exchange_ops parking_ops = {
	.size = sizeof parking_ops,
	.read = parking_read,
	.send = parking_send,
	.begin = parking_send,
	.write = parking_write,
	.end = parking_end,
	.file = parking_file,
	.interim = parking_interim,
	.gone = parking_gone,
	.route = parking_route,
	.park = parking_park,
	.wake = parking_wake,
};

/* The same before there was anything of waiting in it. */
static const cruet_exchange_ops blocking_ops = {
	.size = CRUET_UPTO(cruet_exchange_ops, gone),
	.read = parking_read,
	.send = parking_send,
	.begin = parking_send,
	.write = parking_write,
	.end = parking_end,
	.file = parking_file,
	.interim = parking_interim,
	.gone = parking_gone,
};

static inline struct parking *parking_new(const char *path)
{
	struct parking *p = calloc(1, sizeof *p);

	ck_assert_ptr_nonnull(p);
	p->base.ops = &parking_ops;
	p->fields[0] = (cruet_field){"Host", "localhost"};
	p->head = (cruet_head){.size = sizeof p->head, .minor = 1, .method = "GET", .target = path,
			       .fields = p->fields, .nfields = 1, .peer = "127.0.0.1",
			       .scheme = "http"};
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

static inline void parking_free(struct parking *p)
{
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Begins with it; it may have ended already, or wait. */
static inline void parking_serve(cruet_app *app, struct parking *p)
{
	cruet_serve(app, &p->base, &p->head);
}

static inline void parking_go_on(struct parking *p)
{
	cruet_continue(&p->base);
}

static inline int parking_wakes(struct parking *p)
{
	pthread_mutex_lock(&p->lock);
	int n = p->wakes;
	pthread_mutex_unlock(&p->lock);
	return n;
}

#define assert_waits(p, n)                                                               \
	do {                                                                             \
		ck_assert_int_eq((p)->parks, n);                                         \
		ck_assert_int_eq((p)->status, 0);                                        \
		ck_assert_int_eq((p)->ends, 0);                                          \
	} while (0)
#define assert_replied(p, code, text)                                                    \
	do {                                                                             \
		ck_assert_int_eq((p)->status, code);                                     \
		ck_assert_msg(strstr((p)->body, text) != NULL, "no \"%s\" in: %s", text,   \
			      (p)->body);                                                \
	} while (0)

#endif
