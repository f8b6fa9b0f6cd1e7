/* Scopes: lists in reading order, what goes first, what leaves; names and paths. */
#include "app/scope.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

static cruet_app *root;

static void make(void)
{
	root = cruet_new("root");
	ck_assert_ptr_nonnull(root);
}

static void clear(void)
{
	cruet_free(root);
}

static int fn(cruet_ctx *c)
{
	(void)c;
	return CRUET_OK;
}

static cruet_app *child(cruet_app *parent, const char *name, bool first)
{
	cruet_app *c = scope_child(parent, SCOPE_BLUEPRINT, name, "", NULL, first);
	ck_assert_ptr_nonnull(c);
	return c;
}

/* "a b . c": children by name, others as a dot. */
static const char *order(const cruet_app *app)
{
	static char text[256];

	*text = '\0';
	for (const struct entry *e = app->entries; e; e = e->next)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? " " : "",
			 e->kind == ENTRY_CHILD ? ((const cruet_app *)e)->name : ".");
	return text;
}

/* --- the list ----------------------------------------------------------------------------- */

START_TEST(entries_stand_in_reading_order)
{
	cruet_before(root, fn);
	child(root, "a", false);
	cruet_after(root, fn);
	child(root, "b", false);
	ck_assert_str_eq(order(root), ". a . b");
}
END_TEST

/* What the configuration attaches comes before what the program wrote, in its own order. */
START_TEST(first_means_before_all_but_other_firsts)
{
	cruet_before(root, fn);
	child(root, "own", false);
	child(root, "x", true);
	child(root, "y", true);
	cruet_after(root, fn);
	ck_assert_str_eq(order(root), "x y . own .");
}
END_TEST

START_TEST(first_in_an_empty_list)
{
	child(root, "x", true);
	child(root, "y", true);
	cruet_before(root, fn);
	child(root, "z", true);
	ck_assert_str_eq(order(root), "x y z .");
}
END_TEST

/* Each of them leaves in turn, and something comes after it: the list has kept its ends. */
START_TEST(any_child_may_leave)
{
	for (int gone = 0; gone < 4; gone++) {
		cruet_app *app = cruet_new("app"), *c[4];
		c[0] = child(app, "p", true);
		c[1] = child(app, "q", true);
		cruet_before(app, fn);
		c[2] = child(app, "r", false);
		c[3] = child(app, "s", false);
		scope_drop(c[3]);
		if (gone < 3)
			scope_drop(c[gone]);
		if (gone == 0 || gone == 1) {
			ck_assert_str_eq(order(app), gone ? "p . r" : "q . r");
			child(app, "t", true);
			child(app, "u", false);
			ck_assert_str_eq(order(app), gone ? "p t . r u" : "q t . r u");
		} else {
			cruet_after(app, fn);
			child(app, "t", true);
			ck_assert_str_eq(order(app), gone == 2 ? "p q t . ." : "p q t . r .");
		}
		cruet_free(app);
	}
}
END_TEST

START_TEST(a_child_may_stand_behind_another)
{
	cruet_app *p = child(root, "p", true), *q = child(root, "q", true);
	cruet_before(root, fn);
	cruet_app *r = child(root, "r", false);

	scope_move_behind(child(root, "s", false), r); /* where it is */
	ck_assert_str_eq(order(root), "p q . r s");
	scope_move_behind(child(root, "t", false), p);
	ck_assert_str_eq(order(root), "p t q . r s");
	scope_move_behind(child(root, "u", false), q); /* now one of the first */
	child(root, "v", true);
	ck_assert_str_eq(order(root), "p t q u v . r s");
	scope_move_behind(child(root, "w", true), q);
	child(root, "x", true);
	cruet_after(root, fn);
	ck_assert_str_eq(order(root), "p t q w u v x . r s .");
}
END_TEST

START_TEST(one_that_is_to_leave_is_passed_over)
{
	cruet_app *a = child(root, "a", false);
	ck_assert_ptr_eq(entry_scope(&a->head), a);
	a->out = true;
	ck_assert_ptr_null(entry_scope(&a->head));
	cruet_before(root, fn);
	ck_assert_ptr_null(entry_scope(a->head.next));
}
END_TEST

START_TEST(what_lies_below_leaves_too)
{
	cruet_app *a = child(root, "a", false);
	child(child(a, "b", false), "c", true);
	cruet_before(a, fn);
	scope_drop(a);
	ck_assert_str_eq(order(root), "");
	cruet_before(root, fn);
	ck_assert_str_eq(order(root), ".");
}
END_TEST

/* --- problems ------------------------------------------------------------------------------- */

START_TEST(the_first_problem_counts)
{
	ck_assert_ptr_null(cruet_problem(root));
	ck_assert_int_eq(scope_problem(root, CRUET_EIO, "number %d", 1), CRUET_EIO);
	ck_assert_int_eq(scope_problem(root, CRUET_EBUSY, "number %d", 2), CRUET_EBUSY);
	ck_assert_str_eq(cruet_problem(root), "number 1");
	ck_assert_str_eq(cruet_problem(child(root, "a", false)), "number 1");
}
END_TEST

static void *another_thread(void *arg)
{
	ck_assert(!host_changes(root->host));
	scope_problem(root, CRUET_EIO, "of a handler");
	ck_assert_str_eq(cruet_problem(root), "of a handler");
	return arg;
}

START_TEST(problems_of_a_change_are_not_those_of_the_root)
{
	char *why;
	pthread_t id;

	ck_assert(!host_changes(root->host));
	host_gather_problems(root->host, &why);
	ck_assert(host_changes(root->host));
	ck_assert_int_eq(pthread_create(&id, NULL, another_thread, NULL), 0);
	pthread_join(id, NULL);
	ck_assert_ptr_null(cruet_problem(root));
	scope_problem(root, CRUET_EIO, "of the change");
	scope_problem(root, CRUET_EIO, "another");
	ck_assert_str_eq(cruet_problem(root), "of the change");
	host_ungather_problems(root->host);
	ck_assert_str_eq(cruet_problem(root), "of a handler");
	ck_assert_str_eq(why, "of the change");
	problem_free(why);
}
END_TEST

START_TEST(a_plugin_is_named_in_front)
{
	const cruet_plugin plugin = {.name = "cache"}, app = {.name = "app"};
	struct owner owner = {.name = "second", .plugin = &plugin};
	cruet_app *p = scope_child(root, SCOPE_PLUGIN, "second", "", &owner, false);

	scope_problem(child(p, "bp", false), CRUET_EIO, "broke");
	ck_assert_str_eq(cruet_problem(root), "plugin 'second': broke");
	host_forget_problem(root->host);
	owner.plugin = &app; /* the application needs no introduction */
	scope_problem(p, CRUET_EIO, "broke");
	ck_assert_str_eq(cruet_problem(root), "broke");
	scope_drop(p);
}
END_TEST

START_TEST(nothing_is_registered_once_it_is_frozen)
{
	int err = 0;

	ck_assert_int_eq(app_start(root), CRUET_OK);
	ck_assert_ptr_null(scope_entry(root, ENTRY_BEFORE, sizeof(struct entry_hook), "cruet_x",
				       &err));
	ck_assert_int_eq(err, CRUET_ESTATE);
	ck_assert_str_eq(cruet_problem(root),
			 "cruet_x: the application has started already: register before that");
	ck_assert_ptr_null(scope_entry(NULL, ENTRY_BEFORE, sizeof(struct entry_hook), "x", &err));
	ck_assert_int_eq(err, CRUET_EINVAL);
	app_stop(root);
}
END_TEST

/* --- names and paths -------------------------------------------------------------------------- */

START_TEST(levels)
{
	struct owner owner = {.name = "p", .plugin = &(const cruet_plugin){.name = "p"}};
	cruet_app *p = scope_child(root, SCOPE_PLUGIN, "p", "", &owner, false);
	cruet_app *inner = scope_child(p, SCOPE_PLUGIN, "q", "", NULL, false);
	cruet_app *bp = child(inner, "bp", false);

	ck_assert_ptr_eq(scope_level(root), root);
	ck_assert_ptr_eq(scope_level(p), root);
	ck_assert_ptr_eq(scope_level(inner), root);
	ck_assert_ptr_eq(scope_level(bp), bp);
	ck_assert_ptr_eq(bp->owner, &owner); /* blueprints belong to whoever made them */
	ck_assert_ptr_eq(bp->root, root);
	ck_assert_ptr_eq(bp->host, root->host);
	scope_drop(p);
}
END_TEST

START_TEST(endpoints_carry_the_names_of_their_scopes)
{
	struct arena a;
	cruet_app *admin = child(root, "admin", false), *users = child(admin, "users", false);
	cruet_app *silent = child(users, "", false);

	arena_init(&a, 1024);
	ck_assert_str_eq(scope_endpoint(root, "index", &a), "index");
	ck_assert_str_eq(scope_endpoint(users, "show", &a), "admin.users.show");
	ck_assert_str_eq(scope_endpoint(silent, "show", &a), "admin.users.show");
	arena_fini(&a);
}
END_TEST

START_TEST(paths_are_joined_with_one_slash)
{
	static const struct { const char *outer, *inner, *path, *want; } cases[] = {
		{"", "", "/", "/"},	      {"", "", "/x", "/x"},
		{"/a", "", "/x", "/a/x"},     {"/a/", "", "/x", "/a/x"},
		{"/a", "/b", "/x", "/a/b/x"}, {"/a//", "//b/", "//x/", "/a/b/x/"},
		{"/a", "/b", "", "/a/b"},     {"/a", "", "x", "/a/x"},
		{"/", "/", "/", "/"},	      {"/a", "/b", "/", "/a/b/"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena a;
		cruet_app *outer = scope_child(root, SCOPE_BLUEPRINT, "o", cases[i].outer, NULL, false);
		cruet_app *inner = scope_child(outer, SCOPE_PLUGIN, "i", cases[i].inner, NULL, false);
		arena_init(&a, 1024);
		ck_assert_str_eq(scope_path(inner, cases[i].path, &a), cases[i].want);
		arena_fini(&a);
		scope_drop(outer);
	}
}
END_TEST

/* --- plugins, as the root sees them ----------------------------------------------------------- */

struct visits {
	int err;
	char trace[64];
};

static void say(void *registry, const char *what)
{
	struct visits *v = registry;
	strcat(v->trace, what);
}

static int come(void *registry)
{
	say(registry, "+");
	return ((struct visits *)registry)->err;
}

static void go(void *registry)
{
	say(registry, "-");
}

static void forget(void *registry)
{
	say(registry, "x");
}

static const struct registry_ops visiting = {come, go, forget};

START_TEST(plugins_start_stop_and_go_with_the_root)
{
	static struct visits v;

	root->host->registry = &v;
	root->host->registry_ops = &visiting;
	ck_assert_int_eq(app_start(root), CRUET_OK);
	app_stop(root);
	app_stop(root); /* once is enough */
	ck_assert_int_eq(app_start(root), CRUET_OK);
	cruet_free(root);
	ck_assert_str_eq(v.trace, "+-+-x");
	root = NULL;
}
END_TEST

START_TEST(nothing_runs_when_plugins_do_not_start)
{
	static struct visits v = {.err = CRUET_EIO};

	root->host->registry = &v;
	root->host->registry_ops = &visiting;
	ck_assert_int_eq(app_start(root), CRUET_EIO);
	app_stop(root);
	ck_assert_str_eq(v.trace, "+");
	ck_assert_str_eq(cruet_problem(root), "a plugin did not start: input or output failed");
	ck_assert(!root->frozen);
}
END_TEST

SUITE_WITH("scope", make, clear, entries_stand_in_reading_order,
	   first_means_before_all_but_other_firsts, first_in_an_empty_list, any_child_may_leave, a_child_may_stand_behind_another,
	   one_that_is_to_leave_is_passed_over,
	   what_lies_below_leaves_too, the_first_problem_counts,
	   problems_of_a_change_are_not_those_of_the_root, a_plugin_is_named_in_front,
	   nothing_is_registered_once_it_is_frozen, levels,
	   endpoints_carry_the_names_of_their_scopes, paths_are_joined_with_one_slash,
	   plugins_start_stop_and_go_with_the_root, nothing_runs_when_plugins_do_not_start)
