#include "app/ctx.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/closed.h"
#include "cruet/log.h"
#include "cruet/memory.h"

enum { POOL_SLOTS = 256, ARENA_FIRST = 8192 };

/* An exchange keeps the ctx of its last request for the next one. The others lie in a slot
 * per worker number: while workers have different numbers, no two of them touch the same
 * line. A ctx that finds its slot taken (two workers of one number) goes to the spares.
 * None is freed before the pool: a reader of the standing slots may walk the list at any
 * time. */
struct slot {
	_Alignas(64) _Atomic(cruet_ctx *) ctx;
};

struct ctx_pool {
	struct slot slots[POOL_SLOTS];
	struct host *host;
	_Atomic(cruet_ctx *) made; /* added to under the lock, walked without it */
	pthread_mutex_t lock; /* guards what follows */
	cruet_ctx *spare;
	uint32_t count;
};

struct ctx_pool *ctx_pool_new(struct host *h)
{
	struct ctx_pool *p = aligned_alloc(64, sizeof *p);
	if (!p)
		return NULL;
	memset(p, 0, sizeof *p);
	p->host = h;
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

size_t ctx_count_on(struct ctx_pool *p, const struct generation *g)
{
	size_t n = 0;

	pthread_mutex_lock(&p->lock);
	for (const cruet_ctx *c = p->made; c; c = c->next_made)
		n += atomic_load(&c->standing) == g;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void ctx_pool_free(struct ctx_pool *p)
{
	if (!p)
		return;
	for (cruet_ctx *c = p->made, *next; c; c = next) {
		next = c->next_made;
		arena_fini(&c->arena);
		free(c);
	}
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static cruet_ctx *take_spare(struct ctx_pool *p)
{
	pthread_mutex_lock(&p->lock);
	cruet_ctx *c = p->spare;
	if (c) {
		p->spare = c->next_spare;
	} else {
		c = calloc(1, sizeof *c);
		if (c) {
			arena_init(&c->arena, ARENA_FIRST);
			c->host = p->host;
			c->number = ++p->count;
			c->date_second = -1;
			c->next_made = atomic_load(&p->made);
			atomic_store(&p->made, c);
		}
	}
	pthread_mutex_unlock(&p->lock);
	return c;
}

static void give_back(struct ctx_pool *p, cruet_ctx *c)
{
	struct slot *s = &p->slots[c->worker % POOL_SLOTS];
	cruet_ctx *none = NULL;

	if (atomic_compare_exchange_strong_explicit(&s->ctx, &none, c, memory_order_release,
						    memory_order_relaxed))
		return;
	pthread_mutex_lock(&p->lock);
	c->next_spare = p->spare;
	p->spare = c;
	pthread_mutex_unlock(&p->lock);
}

static cruet_ctx *take(struct ctx_pool *p, uint32_t worker)
{
	struct slot *s = &p->slots[worker % POOL_SLOTS];
	cruet_ctx *c = atomic_exchange_explicit(&s->ctx, NULL, memory_order_acquire);

	if (!c)
		c = take_spare(p);
	if (c)
		c->worker = worker;
	return c;
}

/* Makes a ctx that nobody uses ready for use. NULL: it stands on nothing. */
static cruet_ctx *ready(cruet_ctx *c, int64_t now_ms)
{
	struct host *h = c->host;
	size_t from = offsetof(cruet_ctx, gen);
	memset((char *)c + from, 0, sizeof *c - from);
	c->gen = generation_pin(h, &c->standing);
	if (!c->gen)
		return NULL;
	c->scope = h->root;
	c->id = (uint64_t)c->number << 32 | (++c->served & UINT32_MAX);
	c->now_ms = host_now(h, now_ms);
	c->last_once = &c->onces;
	c->last_upload = &c->uploads;
	fields_init_with(&c->reply, &c->arena, c->reply_room,
			 sizeof c->reply_room / sizeof *c->reply_room);
	fields_init(&c->failure.fields, &c->arena);
	fields_init(&c->query, &c->arena);
	fields_init(&c->form, &c->arena);
	fields_init(&c->cookies, &c->arena);
	return c;
}

cruet_ctx *ctx_open(struct host *h, uint32_t worker)
{
	cruet_ctx *c = take(h->pool, worker);

	if (!c || ready(c, 0))
		return c;
	give_back(h->pool, c);
	return NULL;
}

cruet_ctx *ctx_open_for(struct host *h, cruet_exchange *x, int64_t now_ms)
{
	cruet_ctx *c = x->ctx;

	if (!c) {
		c = x->ctx = take(h->pool, x->worker);
		if (!c)
			return NULL;
		c->home = x;
	}
	return ready(c, now_ms);
}

void ctx_stand_with(cruet_ctx *c, const cruet_ctx *other)
{
	c->gen = other->gen;
	atomic_store(&c->standing, other->gen);
}

void ctx_close(cruet_ctx *c)
{
	arena_reset(&c->arena);
	generation_unpin(&c->standing);
	if (!c->home)
		give_back(c->host->pool, c);
}

void cruet_exchange_fini(cruet_exchange *x)
{
	cruet_ctx *c = x->ctx;

	if (!c)
		return;
	x->ctx = NULL;
	c->home = NULL;
	give_back(c->host->pool, c);
}

unsigned ctx_in_flight(const struct ctx_pool *p, const cruet_ctx *but)
{
	unsigned n = 0;

	for (const cruet_ctx *c = atomic_load(&p->made); c; c = c->next_made)
		n += c != but && atomic_load(&c->standing) && *(cruet_exchange *volatile *)&c->x;
	return n;
}

unsigned ctx_running(const struct ctx_pool *p, const cruet_ctx *but)
{
	unsigned n = 0;

	for (const cruet_ctx *c = atomic_load(&p->made); c; c = c->next_made)
		n += c != but && atomic_load(&c->thread);
	return n;
}

int32_t ctx_stuck(const struct ctx_pool *p, int64_t before_ms)
{
	for (const cruet_ctx *c = atomic_load(&p->made); c; c = c->next_made) {
		int32_t thread = atomic_load(&c->thread);
		if (thread && atomic_load(&c->since_ms) < before_ms)
			return thread;
	}
	return 0;
}

int ctx_run(cruet_ctx *c, cruet_app *scope, cruet_fn *fn)
{
	cruet_app *was = c->scope;
	c->scope = scope;
	int r = fn(c);
	c->scope = was;
	return r;
}

/* --- a ctx with no request -------------------------------------------------- */

/* While it starts there is a generation already: a plugin's start() may open a ctx.
 * A plugin does not start the application that it is a part of. */
static bool is_up(cruet_app *app)
{
	return atomic_load(&app->host->state) != HOST_SETUP ||
	       (!app->owner && app_start(app->root) == CRUET_OK);
}

cruet_ctx *cruet_open(cruet_app *app)
{
	if (!app || !is_up(app))
		return NULL;
	cruet_ctx *c = ctx_open(app->host, 0);
	if (!c)
		return NULL;
	c->scope = app;
	if (c->gen->number >= app->since)
		return c;
	c->gen = generation_pin_since(app->host, &c->standing, app->since);
	if (c->gen)
		return c;
	ctx_close(c);
	return NULL;
}

void ctx_teardown(cruet_ctx *c, int err)
{
	const struct calls *t = &(c->endpoint ? c->endpoint->level : c->gen->top)->teardown;

	for (size_t i = 0; i < t->n; i++) {
		if (scope_is_closed(t->items[i].scope))
			continue;
		cruet_err_clear(c);
		c->scope = t->items[i].scope;
		t->items[i].fn.end(c, err);
		if (c->failure.err)
			cruet_note(c, CRUET_ERROR, "a teardown-hook failed: %s", cruet_err_text(c));
	}
}

void cruet_close(cruet_ctx *c)
{
	if (!c)
		return;
	ctx_take_failure(c);
	ctx_teardown(c, c->answered.err);
	ctx_close(c);
}

/* --- memory ----------------------------------------------------------------- */

static void *checked(cruet_ctx *c, void *p)
{
	if (!p)
		ctx_fail(c, CRUET_ENOMEM, NULL, false);
	return p;
}

void *cruet_alloc(cruet_ctx *c, size_t size)
{
	return checked(c, arena_zalloc(&c->arena, size));
}

char *cruet_strdup(cruet_ctx *c, const char *s)
{
	return s ? checked(c, arena_strdup(&c->arena, s)) : NULL;
}

char *cruet_printf(cruet_ctx *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = arena_vprintf(&c->arena, fmt, ap);
	va_end(ap);
	return checked(c, s);
}

const char *cruet_number(cruet_ctx *c, int64_t v)
{
	return checked(c, arena_printf(&c->arena, "%" PRId64, v));
}

int cruet_defer(cruet_ctx *c, cruet_free_fn *fn, void *p)
{
	int err = arena_defer(&c->arena, fn, p);
	return err ? ctx_fail(c, err, NULL, false) : CRUET_OK;
}

/* --- g ------------------------------------------------------------------------ */

int cruet_g_set(cruet_ctx *c, const cruet_key *key, void *value, cruet_free_fn *free_fn)
{
	struct g_item *it = c->g;

	if (free_fn && value) {
		int err = cruet_defer(c, free_fn, value);
		if (err)
			return err;
	}
	while (it && it->key != key)
		it = it->next;
	if (!it) {
		it = cruet_alloc(c, sizeof *it);
		if (!it)
			return CRUET_ENOMEM;
		it->key = key;
		it->next = c->g;
		c->g = it;
	}
	it->value = value;
	return CRUET_OK;
}

void *cruet_g_get(const cruet_ctx *c, const cruet_key *key)
{
	for (const struct g_item *it = c->g; it; it = it->next)
		if (it->key == key)
			return it->value;
	return NULL;
}
