/* Which handler takes which failure, as a table: who is asked is decided by how well it
 * fits and how near it is. */
#include <string.h>

#include "app/ctx.h"
#include "app/dispatch.h"
#include "base/errors.h"
#include "cruet.h"
#include "suite.h"

static const cruet_errtype db = {sizeof db, 0, "db", NULL};
static const cruet_errtype db_unique = {sizeof db_unique, 409, "db.unique", &db};
static const cruet_errtype db_busy = {sizeof db_busy, 503, "db.busy", &db};
static const cruet_errtype other = {sizeof other, 0, "other", NULL};

static cruet_app *root, *bp;
static bool as_500; /* of the last question */
static struct generation *g;

/* Handlers are told apart by their address. */
#define HANDLER(name)                                                                    \
	static int name(cruet_ctx *c)                                                    \
	{                                                                                \
		(void)c;                                                                 \
		return CRUET_OK;                                                         \
	}
HANDLER(a)
HANDLER(b)
HANDLER(d)

static void make(void)
{
	root = cruet_new("root");
	bp = cruet_blueprint(root, "bp", "/bp");
	cruet_get(bp, "/", a);
	g = NULL;
}

static void clear(void)
{
	generation_free(g);
	cruet_free(root);
}

static const struct level *level_in(cruet_app *scope)
{
	char *why;

	generation_free(g);
	g = generation_build(root, scope_config(root), &why);
	ck_assert_msg(g != NULL, "%s", why);
	return scope == root ? g->top : ((const struct endpoint *)router_rule(g->router, 0)->target)->level;
}

/* Who takes it, when it happens in scope: a status, a negative code, or a kind. */
static cruet_fn *taker(cruet_app *scope, int err, const cruet_errtype *kind)
{
	cruet_ctx c;

	memset(&c, 0, sizeof c);
	c.answered.err = err;
	c.answered.status = err > 0 ? err : error_status(err);
	c.answered.kind = kind;
	const struct entry_error *e = error_handler(&c, level_in(scope), &as_500);
	return e ? e->fn : NULL;
}

static cruet_fn *taker_of_kind(cruet_app *scope, const cruet_errtype *kind)
{
	return taker(scope, kind->http ? kind->http : 500, kind);
}

START_TEST(nobody)
{
	ck_assert(!taker(root, 404, NULL));
	ck_assert(!taker(bp, CRUET_EIO, NULL));
}
END_TEST

START_TEST(by_status)
{
	cruet_on_error(root, 404, a);
	cruet_on_error(root, 405, b);
	ck_assert(taker(root, 404, NULL) == a);
	ck_assert(taker(root, 405, NULL) == b);
	ck_assert(!taker(root, 400, NULL));
}
END_TEST

START_TEST(the_nearest_scope_first)
{
	cruet_on_error(root, 404, a);
	cruet_on_error(bp, 404, b);
	ck_assert(taker(bp, 404, NULL) == b);
	ck_assert(taker(root, 404, NULL) == a);
}
END_TEST

START_TEST(the_later_one_wins_on_one_level)
{
	cruet_on_error(root, 404, a);
	cruet_on_error(root, 404, b);
	ck_assert(taker(root, 404, NULL) == b);
}
END_TEST

/* An exact one outside is better than a catch-all inside. */
START_TEST(catch_alls_come_last)
{
	cruet_on_error(bp, 0, a);
	cruet_on_error(root, 404, b);
	ck_assert(taker(bp, 404, NULL) == b);
	ck_assert(taker(bp, 403, NULL) == a);
	ck_assert(!taker(root, 403, NULL));
}
END_TEST

START_TEST(all_with_a_status_before_whatever)
{
	cruet_on_kind(root, NULL, a);
	cruet_on_error(root, 0, b);
	ck_assert(taker(root, 404, NULL) == b);
	ck_assert(taker(root, CRUET_EIO, NULL) == a); /* it is nobody's status */
}
END_TEST

START_TEST(unexpected_ones_become_a_500)
{
	cruet_on_error(root, 500, a);
	ck_assert(taker(root, CRUET_EIO, NULL) == a);
	ck_assert(as_500);
	ck_assert(taker(root, 500, NULL) == a);
	ck_assert(!as_500);
	ck_assert(!taker(root, CRUET_EBUSY, NULL)); /* that one is a 503 */
}
END_TEST

START_TEST(codes_have_handlers_too)
{
	cruet_on_error(root, CRUET_EIO, a);
	cruet_on_error(root, 500, b);
	ck_assert(taker(root, CRUET_EIO, NULL) == a);
	ck_assert(taker(root, CRUET_ENOENT, NULL) == b);
	cruet_on_error(bp, 500, d); /* what it is wins over what it becomes */
	ck_assert(taker(bp, CRUET_EIO, NULL) == a);
	ck_assert(taker(bp, CRUET_ENOENT, NULL) == d);
}
END_TEST

START_TEST(kinds_are_taken_by_their_parents_too)
{
	cruet_on_kind(root, &db, a);
	ck_assert(taker_of_kind(root, &db) == a);
	ck_assert(taker_of_kind(root, &db_unique) == a);
	ck_assert(!taker_of_kind(root, &other));
}
END_TEST

START_TEST(the_nearest_kind_is_taken)
{
	cruet_on_kind(root, &db_unique, a);
	cruet_on_kind(root, &db, b); /* later, but further away */
	ck_assert(taker_of_kind(root, &db_unique) == a);
	ck_assert(taker_of_kind(root, &db_busy) == b);
	cruet_on_kind(bp, &db, d); /* the scope counts before the kind */
	ck_assert(taker_of_kind(bp, &db_unique) == d);
}
END_TEST

START_TEST(a_kind_before_its_status)
{
	cruet_on_error(root, 409, a);
	ck_assert(taker_of_kind(root, &db_unique) == a);
	cruet_on_kind(root, &db, b);
	ck_assert(taker_of_kind(root, &db_unique) == b);
	ck_assert(taker(root, 409, NULL) == a);
}
END_TEST

START_TEST(whatever_takes_the_rest)
{
	cruet_on_kind(root, NULL, a);
	ck_assert(taker(bp, 404, NULL) == a);
	ck_assert(taker(bp, CRUET_EIO, NULL) == a);
	ck_assert(taker_of_kind(bp, &other) == a);
	cruet_on_kind(root, &other, b);
	ck_assert(taker_of_kind(bp, &other) == b);
}
END_TEST

/* A chain of parents that leads nowhere, or back, ends the search. */
START_TEST(a_circle_of_kinds_ends)
{
	static cruet_errtype x = {sizeof x, 500, "x", NULL}, y = {sizeof y, 500, "y", &x};

	x.parent = &y;
	cruet_on_kind(root, &db, a);
	ck_assert(!taker(root, 500, &x));
}
END_TEST

SUITE_WITH("error_lookup", make, clear, nobody, by_status, the_nearest_scope_first,
	   the_later_one_wins_on_one_level, catch_alls_come_last,
	   all_with_a_status_before_whatever, unexpected_ones_become_a_500,
	   codes_have_handlers_too, kinds_are_taken_by_their_parents_too,
	   the_nearest_kind_is_taken, a_kind_before_its_status, whatever_takes_the_rest,
	   a_circle_of_kinds_ends)
