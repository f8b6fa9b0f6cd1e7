/* The exchange of the in-process client: no socket, a reply that is kept. A request that
 * waits is set aside, and gone on with on the thread that made it. */
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/scope.h"
#include "base/date.h"
#include "server/client_priv.h"

enum { LOOK_MS = 100 };

struct exchange {
	cruet_exchange base; /* first */
	cruet_client *client;
	const char *body;
	size_t len, at;
	bool parked;
	int64_t until;        /* then it waits no more; by now_ms() */
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t change;
	bool awake;
};

static int64_t now_ms(void)
{
	return date_monotonic_us() / 1000;
}

/* --- what is kept ------------------------------------------------------------------------ */

static ptrdiff_t read_body(cruet_exchange *x, void *p, size_t cap)
{
	struct exchange *e = (struct exchange *)x;
	size_t n = e->len - e->at < cap ? e->len - e->at : cap;
	if (n)
		memcpy(p, e->body + e->at, n);
	e->at += n;
	return (ptrdiff_t)n;
}

static int keep_pieces(cruet_exchange *x, const cruet_piece *pieces, size_t n)
{
	cruet_client *t = ((struct exchange *)x)->client;

	for (size_t i = 0; i < n; i++)
		buf_put(&t->out, pieces[i].p, pieces[i].len);
	t->no_memory |= buf_err(&t->out) != CRUET_OK;
	return buf_err(&t->out);
}

static int keep_field(cruet_client *t, const char *name, const char *value)
{
	int err = fields_add(&t->reply, arena_strdup(&t->last, name),
			     arena_strdup(&t->last, value));

	t->no_memory |= err != CRUET_OK;
	return err;
}

/* As the fields that they are on a wire. */
static int keep_said(cruet_client *t, const cruet_reply *r)
{
	int err = CRUET_OK;

	if (r->length >= 0 && r->status >= 200 && r->status != 204)
		err = keep_field(t, "Content-Length",
				 arena_printf(&t->last, "%lld", (long long)r->length));
	if (!err && r->nosniff)
		err = keep_field(t, "X-Content-Type-Options", "nosniff");
	return err || !r->date ? err : keep_field(t, "Date", r->date);
}

static int keep_head(cruet_exchange *x, const cruet_reply *r)
{
	cruet_client *t = ((struct exchange *)x)->client;
	int err = CRUET_OK;

	t->status = r->status;
	for (size_t i = 0; !err && i < r->nfields; i++)
		err = keep_field(t, r->fields[i].name, r->fields[i].value);
	if (!err)
		err = keep_said(t, r);
	if (err)
		return err;
	return keep_pieces(x, r->pieces, r->npieces);
}

static int keep_end(cruet_exchange *x, int err)
{
	((struct exchange *)x)->client->broken = err != CRUET_OK;
	return CRUET_OK;
}

static int keep_file(cruet_exchange *x, const cruet_reply *r, int fd, uint64_t offset,
		     uint64_t len)
{
	cruet_client *t = ((struct exchange *)x)->client;
	int err = keep_head(x, r);

	while (!err && len) {
		size_t want = len < 65536 ? (size_t)len : 65536;
		char *to = buf_room(&t->out, want);
		ssize_t n = to ? pread(fd, to, want, (off_t)offset) : -1;
		if (n <= 0) {
			t->no_memory |= !to;
			t->broken = true;
			return CRUET_EIO;
		}
		t->out.len += (size_t)n;
		t->out.p[t->out.len] = '\0';
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return err;
}

static int keep_interim(cruet_exchange *x, int status, const cruet_field *fields, size_t n)
{
	(void)x, (void)status, (void)fields, (void)n;
	return CRUET_OK;
}

static int never_gone(cruet_exchange *x)
{
	(void)x;
	return 0;
}

/* --- waiting ---------------------------------------------------------------------------- */

static int park(cruet_exchange *x, int64_t ms, uint32_t what)
{
	struct exchange *e = (struct exchange *)x;

	(void)what; /* this client is never slow */
	e->parked = true;
	e->until = ms < 0 ? INT64_MAX : now_ms() + ms;
	return CRUET_OK;
}

static void wake(cruet_exchange *x)
{
	struct exchange *e = (struct exchange *)x;

	pthread_mutex_lock(&e->lock);
	e->awake = true;
	pthread_cond_signal(&e->change);
	pthread_mutex_unlock(&e->lock);
}

/* Until a wake, or the moment that was asked for; or for a while, since the core has to
 * look whether the application stops. */
static void wait_parked(struct exchange *e)
{
	int64_t look = now_ms() + LOOK_MS, end = e->until < look ? e->until : look;
	struct timespec ts = {(time_t)(end / 1000), (long)(end % 1000) * 1000000};
	int err = 0;

	pthread_mutex_lock(&e->lock);
	while (!e->awake && !err)
		err = pthread_cond_timedwait(&e->change, &e->lock, &ts);
	e->awake = e->parked = false;
	pthread_mutex_unlock(&e->lock);
}

static void exchange_init(struct exchange *e)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&e->change, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&e->lock, NULL);
}

static void exchange_fini(struct exchange *e)
{
	cruet_exchange_fini(&e->base);
	pthread_cond_destroy(&e->change);
	pthread_mutex_destroy(&e->lock);
}

static int upgrade(cruet_exchange *x, const cruet_upgrade *how, cruet_link *link)
{
	cruet_client *t = ((struct exchange *)x)->client;
	int err = keep_head(x, &(cruet_reply){.size = sizeof(cruet_reply),
					      .status = 101,
					      .fields = how->fields,
					      .nfields = how->nfields});

	if (!err)
		client_ws_accepted(t->opening, how, link);
	return err;
}

static const cruet_exchange_ops ops = {
	.size = sizeof ops,
	.read = read_body,
	.send = keep_head,
	.begin = keep_head,
	.write = keep_pieces,
	.end = keep_end,
	.file = keep_file,
	.interim = keep_interim,
	.gone = never_gone,
	.park = park,
	.wake = wake,
	.upgrade = upgrade,
};

void client_serve(cruet_client *t, const cruet_head *head)
{
	cruet_exchange_ops plain = ops;
	struct exchange e = {.base = {.ops = t->opening ? &ops : &plain}, .client = t, .body = t->body,
			     .len = t->body_len};

	plain.upgrade = NULL;
	exchange_init(&e);
	cruet_serve(t->app->root, &e.base, head);
	while (e.parked) {
		wait_parked(&e);
		cruet_continue(&e.base);
	}
	exchange_fini(&e);
}
