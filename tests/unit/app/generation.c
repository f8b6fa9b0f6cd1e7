/* Generations: what requests run through, in which order. */
#include "app/generation.h"

#include <stdlib.h>
#include <string.h>

#include "app/ctx.h"
#include "cruet.h"
#include "suite.h"

static cruet_app *root;
static struct generation *g;

static void make(void)
{
	root = cruet_new("root");
	g = NULL;
}

static void clear(void)
{
	generation_free(g);
	cruet_free(root);
}

static void build(void)
{
	char *why;

	generation_free(g);
	g = generation_build(root, scope_config(root), &why);
	ck_assert_msg(g != NULL, "%s", why);
}

static void assert_broken(const char *part)
{
	char *why;

	ck_assert_ptr_null(generation_build(root, scope_config(root), &why));
	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, part) != NULL, "%s", why);
	free(why);
}

#define FN(name)                                                                         \
	static int name(cruet_ctx *c)                                                    \
	{                                                                                \
		(void)c;                                                                 \
		return CRUET_OK;                                                         \
	}
FN(one)
FN(two)
FN(three)
FN(four)
FN(five)

static cruet_app *plugin(cruet_app *parent, const char *name, struct owner *owner)
{
	static const char *const provides[] = {"x/1", NULL};
	static const cruet_plugin description = {.name = "guest", .provides = provides};
	*owner = (struct owner){.name = name, .plugin = &description};
	return scope_child(parent, SCOPE_PLUGIN, name, "", owner, false);
}

static const struct level *level_of(const char *endpoint)
{
	const struct rule *r = NULL;
	for (size_t i = 0; (r = router_rule(g->router, i)); i++) {
		const struct endpoint *ep = r->target;
		if (!strcmp(ep->name, endpoint))
			return ep->level;
	}
	ck_abort_msg("no endpoint %s", endpoint);
	return NULL;
}

static void assert_runs(const struct calls *calls, cruet_fn *const *want, size_t n)
{
	ck_assert_uint_eq(calls->n, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(calls->items[i].fn.run == want[i], "call %zu", i);
}

#define ASSERT_RUNS(calls, ...)                                                          \
	assert_runs(calls, (cruet_fn *const[]){__VA_ARGS__},                             \
		    sizeof((cruet_fn *const[]){__VA_ARGS__}) / sizeof(cruet_fn *))

/* --- hooks -------------------------------------------------------------------------------------- */

/* root: one, [plugin: two, [blueprint of it: four]], three. */
static void register_hooks(int (*add)(cruet_app *, cruet_fn *))
{
	static struct owner owner;
	cruet_app *p, *bp;

	add(root, one);
	p = plugin(root, "p", &owner);
	add(p, two);
	bp = cruet_blueprint(p, "bp", "/bp");
	add(bp, four);
	add(root, three);
	cruet_get(root, "/", five);
	cruet_get(p, "/p", five);
	cruet_get(bp, "/x", five);
	build();
}

START_TEST(before_hooks_run_from_outside_in)
{
	register_hooks(cruet_before);
	ASSERT_RUNS(&level_of("five")->before, one, two, three);
	ASSERT_RUNS(&level_of("p.five")->before, one, two, three); /* transparent */
	ASSERT_RUNS(&level_of("p.bp.five")->before, one, two, three, four);
}
END_TEST

START_TEST(after_hooks_run_from_inside_out)
{
	register_hooks(cruet_after);
	ASSERT_RUNS(&level_of("five")->after, three, two, one);
	ASSERT_RUNS(&level_of("p.bp.five")->after, four, three, two, one);
}
END_TEST

START_TEST(finish_hooks_run_from_inside_out)
{
	register_hooks(cruet_finish);
	ASSERT_RUNS(&level_of("p.bp.five")->finish, four, three, two, one);
}
END_TEST

START_TEST(hooks_know_who_registered_them)
{
	register_hooks(cruet_before);
	const struct calls *calls = &level_of("p.bp.five")->before;
	ck_assert_ptr_eq(calls->items[0].scope, root);
	ck_assert_str_eq(calls->items[1].scope->name, "p");
	ck_assert_str_eq(calls->items[3].scope->name, "bp");
}
END_TEST

/* --- the rest -------------------------------------------------------------------------------------- */

START_TEST(options_are_answered_unless_said_otherwise)
{
	cruet_get(root, "/a", one);
	cruet_add(root, "OPTIONS", "/b", two, "two", CRUET_HERE);
	cruet_route(root, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/c", .name = "three",
					.fn = three, .flags = CRUET_NO_OPTIONS});
	build();
	const struct rule *r;
	for (size_t i = 0; (r = router_rule(g->router, i)); i++) {
		const struct endpoint *ep = r->target;
		ck_assert_int_eq(ep->auto_options, !strcmp(ep->name, "one"));
	}
}
END_TEST

static bool any(void *self, const void *prepared, cruet_ctx *c, const char *s, size_t len,
		const char **out)
{
	(void)self, (void)prepared, (void)c, (void)s, (void)len, (void)out;
	return true;
}

START_TEST(converters_reach_as_far_as_their_level)
{
	const cruet_converter kind = {.size = sizeof kind, .name = "mine", .parse = any};
	struct owner owner;
	cruet_app *bp = cruet_blueprint(root, "bp", "/bp");
	cruet_app *deep = cruet_blueprint(bp, "deep", "/deep");

	cruet_convert(plugin(bp, "p", &owner), &kind);
	cruet_get(deep, "/<mine:x>", one);
	cruet_get(bp, "/<mine:x>", one);
	build();
	cruet_get(root, "/<mine:x>", two);
	assert_broken("mine");
}
END_TEST

static int command(cruet_ctx *c, int argc, char **argv)
{
	(void)c, (void)argc, (void)argv;
	return 0;
}

START_TEST(two_commands_of_one_name)
{
	cruet_command(root, "sweep", "", command);
	cruet_command(cruet_blueprint(root, "bp", ""), "sweep", "", command);
	assert_broken("two commands are named 'sweep': rename one");
}
END_TEST

static void hear(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what, (void)arg;
}

START_TEST(listeners_are_gathered_by_event)
{
	cruet_app *bp = cruet_blueprint(root, "bp", "");
	static int a, b, c;

	cruet_listen(bp, "x", hear, &a);
	cruet_listen(root, "y", hear, &b);
	cruet_listen(root, "x", hear, &c);
	build();
	ck_assert_uint_eq(g->nevents, 2);
	ck_assert_str_eq(g->events[0].event, "x");
	ck_assert_uint_eq(g->events[0].n, 2);
	ck_assert_ptr_eq(g->events[0].items[0]->arg, &a);
	ck_assert_ptr_eq(g->events[0].items[1]->arg, &c);
}
END_TEST

static const struct table {
	uint32_t size;
} table = {sizeof table};

START_TEST(services_are_looked_for_outwards)
{
	struct owner outer, inner;
	size_t n;
	cruet_app *bp = cruet_blueprint(root, "bp", "/bp");
	cruet_app *deep = cruet_blueprint(bp, "deep", "");
	cruet_app *p = plugin(root, "p", &outer), *q = plugin(bp, "q", &inner);

	cruet_provide(p, "x/1", &table, &outer);
	cruet_provide(q, "x/1", &table, &inner);
	build();
	ck_assert_ptr_eq(generation_service(g, root, "x/1", NULL, &n)->self, &outer);
	ck_assert_uint_eq(n, 1);
	ck_assert_ptr_eq(generation_service(g, deep, "x/1", NULL, &n)->self, &inner);
	ck_assert_ptr_eq(generation_service(g, q, "x/1", NULL, &n)->self, &inner);
	ck_assert_ptr_eq(generation_service(g, deep, "x/1", "p", &n)->self, &outer);
	ck_assert_ptr_null(generation_service(g, root, "x/1", "q", &n));
	ck_assert_uint_eq(n, 0);
	ck_assert_ptr_null(generation_service(g, deep, "x/2", NULL, &n));
}
END_TEST

/* One of the program itself has no name, and is passed over when a name is asked for. */
START_TEST(services_of_the_program)
{
	size_t n;

	cruet_provide(root, "x/1", &table, root);
	build();
	ck_assert_ptr_eq(generation_service(g, root, "x/1", NULL, &n)->self, root);
	ck_assert_ptr_null(generation_service(g, root, "x/1", "p", &n));
}
END_TEST

START_TEST(two_on_one_level_are_counted)
{
	struct owner first, second;
	size_t n;

	cruet_provide(plugin(root, "p", &first), "x/1", &table, &first);
	cruet_provide(plugin(root, "q", &second), "x/1", &table, &second);
	build();
	ck_assert_ptr_eq(generation_service(g, root, "x/1", NULL, &n)->self, &first);
	ck_assert_uint_eq(n, 2);
	ck_assert_ptr_eq(generation_service(g, root, "x/1", "q", &n)->self, &second);
	ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(nothing_is_a_generation_too)
{
	build();
	ck_assert_uint_eq(g->nservices + g->nevents + g->ncommands, 0);
	ck_assert_ptr_null(g->top->parent);
	ck_assert_uint_eq(g->top->before.n, 0);
	generation_free(NULL);
}
END_TEST

SUITE_WITH("generation", make, clear, before_hooks_run_from_outside_in,
	   after_hooks_run_from_inside_out, finish_hooks_run_from_inside_out,
	   hooks_know_who_registered_them, options_are_answered_unless_said_otherwise,
	   converters_reach_as_far_as_their_level, two_commands_of_one_name,
	   listeners_are_gathered_by_event, services_are_looked_for_outwards,
	   services_of_the_program, two_on_one_level_are_counted, nothing_is_a_generation_too)
