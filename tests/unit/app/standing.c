/* Who stands on which generation, and that one which somebody stands on is kept. */
#include "app/standing.h"

#include <pthread.h>
#include <stdlib.h>

#include "app/ctx.h"
#include "cruet.h"
#include "suite.h"

static cruet_app *root;
static struct host *h;

static void make(void)
{
	root = cruet_new("root");
	h = root->host;
}

static void clear(void)
{
	cruet_free(root);
}

static struct generation *build(void)
{
	char *why;
	struct generation *g = generation_build(root, scope_config(root), &why);

	ck_assert_msg(g != NULL, "%s", why);
	return g;
}

static struct generation *publish(void)
{
	struct generation *g = build();

	generation_offer(h, g);
	generation_publish(h);
	return g;
}

START_TEST(what_is_published_is_stood_on)
{
	_Atomic(struct generation *) slot = NULL;

	ck_assert_ptr_null(generation_pin(h, &slot));
	struct generation *g = publish();
	ck_assert_uint_eq(g->number, 1);
	ck_assert_ptr_eq(generation_pin(h, &slot), g);
	ck_assert_ptr_eq(atomic_load(&slot), g);
	generation_unpin(&slot);
	ck_assert_ptr_null(atomic_load(&slot));
	ck_assert_uint_eq(publish()->number, 2);
}
END_TEST

START_TEST(one_that_is_stood_on_is_kept)
{
	publish();
	cruet_ctx *c = ctx_open(h, 0), *other = ctx_open(h, 1);
	ck_assert_uint_eq(c->gen->number, 1);
	publish();
	generation_sweep(h);
	ck_assert(generation_kept(h, 1, 1));
	ck_assert_uint_eq(generation_load(h, 1, 1), 2);
	ck_assert_uint_eq(generation_load(h, 1, 2), 2);
	ck_assert_uint_eq(generation_load(h, 2, 2), 0);

	ctx_close(c);
	generation_sweep(h);
	ck_assert_uint_eq(generation_load(h, 1, 1), 1);
	ctx_close(other);
	ck_assert(generation_kept(h, 1, 1));
	generation_sweep(h);
	ck_assert(!generation_kept(h, 1, 1));
	ck_assert(generation_kept(h, 2, 2));
}
END_TEST

/* One that waits in the middle is no reason to keep those after it. */
START_TEST(each_is_kept_for_itself)
{
	publish();
	cruet_ctx *c = ctx_open(h, 0);
	publish();
	publish();
	generation_sweep(h);
	ck_assert(generation_kept(h, 1, 1));
	ck_assert(!generation_kept(h, 2, 2));
	ck_assert(generation_kept(h, 3, 3));
	ctx_close(c);
}
END_TEST

START_TEST(the_next_one_is_for_what_is_new_in_it)
{
	_Atomic(struct generation *) slot = NULL;
	struct generation *old = publish();
	cruet_app *bp = scope_child(root, SCOPE_BLUEPRINT, "new", "", NULL, false);
	struct generation *next = build();

	generation_offer(h, next);
	ck_assert_uint_eq(root->since, 1);
	ck_assert_uint_eq(bp->since, 2);
	ck_assert(bp->frozen);
	ck_assert_ptr_eq(generation_pin(h, &slot), old);
	ck_assert_ptr_eq(generation_pin_since(h, &slot, 1), old);
	ck_assert_ptr_eq(generation_pin_since(h, &slot, bp->since), next);
	generation_publish(h);
	ck_assert_ptr_eq(generation_pin_since(h, &slot, bp->since), next);
	ck_assert_ptr_eq(generation_pin_since(h, &slot, 1), next);
	generation_unpin(&slot);
}
END_TEST

START_TEST(what_was_withdrawn_is_not_stood_on)
{
	_Atomic(struct generation *) slot = NULL;
	struct generation *old = publish();

	atomic_store(&h->state, HOST_RUNNING);
	cruet_app *bp = scope_child(root, SCOPE_BLUEPRINT, "new", "", NULL, false);
	generation_offer(h, build());
	cruet_ctx *c = cruet_open(bp);
	ck_assert_uint_eq(c->gen->number, 2);
	generation_withdraw(h);
	generation_sweep(h);
	ck_assert(generation_kept(h, 2, 2));
	cruet_close(c);
	generation_sweep(h);
	ck_assert(!generation_kept(h, 2, 2));

	ck_assert_ptr_null(generation_pin_since(h, &slot, bp->since));
	ck_assert_ptr_null(atomic_load(&slot));
	ck_assert_ptr_null(cruet_open(bp));
	ck_assert_ptr_eq(generation_pin(h, &slot), old);
	generation_unpin(&slot);
	atomic_store(&h->state, HOST_SETUP);
}
END_TEST

/* --- by many ------------------------------------------------------------------------------ */

enum { READERS = 3, ROUNDS = 20000, SWAPS = 2000 };

static atomic_int readers_done;

/* number is no atomic, and freed memory is not read unnoticed: a reader that was
 * overlooked shows. */
static void *stand(void *arg)
{
	uint64_t last = 0;
	uintptr_t bad = 0;

	for (int i = 0; i < ROUNDS; i++) {
		cruet_ctx *c = ctx_open(h, (uint32_t)(uintptr_t)arg);
		bad += c->gen->number < last;
		last = c->gen->number;
		ctx_close(c);
	}
	atomic_fetch_add(&readers_done, 1);
	return (void *)bad;
}

START_TEST(nobody_who_stands_is_overlooked)
{
	pthread_t id[READERS];
	int swaps = 0;

	publish();
	for (uintptr_t i = 0; i < READERS; i++)
		ck_assert_int_eq(pthread_create(&id[i], NULL, stand, (void *)i), 0);
	while (swaps < SWAPS && atomic_load(&readers_done) < READERS) {
		publish();
		generation_sweep(h);
		swaps++;
	}
	for (int i = 0; i < READERS; i++) {
		void *bad;
		pthread_join(id[i], &bad);
		ck_assert_ptr_null(bad);
	}
	generation_sweep(h);
	ck_assert(!generation_kept(h, 1, h->numbers - 1));
}
END_TEST

SUITE_WITH("standing", make, clear, what_is_published_is_stood_on,
	   one_that_is_stood_on_is_kept, each_is_kept_for_itself,
	   the_next_one_is_for_what_is_new_in_it, what_was_withdrawn_is_not_stood_on,
	   nobody_who_stands_is_overlooked)
