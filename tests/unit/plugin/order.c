/* The order of plugins: whoever provides comes first, and nothing moves without need. */
#include "plugin/order.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cruet/error.h"
#include "suite.h"

static struct arena arena;
static const char *why;
static const char *outside_provides; /* or NULL */

static int provides(void *arg, const char *service)
{
	(void)arg;
	return outside_provides && order_need_is(service, outside_provides);
}

static const char *hint(void *arg, const char *need)
{
	(void)arg, (void)need;
	return ": ask your neighbour";
}

static const struct order_outside outside = {provides, hint, NULL};

static void make(void)
{
	arena_init(&arena, 4096);
	outside_provides = NULL;
}

static void clear(void)
{
	arena_fini(&arena);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "a b c" */
static const char *names(const struct order_item *items, size_t n)
{
	static char text[4096];

	*text = '\0';
	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
			 items[i].name);
	return text;
}

#define assert_order(items, want)                                                        \
	do {                                                                             \
		size_t n_ = sizeof(items) / sizeof *(items);                             \
		int err_ = order_sort(items, n_, &outside, &arena, &why);                \
		ck_assert_msg(err_ == CRUET_OK, "%s", why);                              \
		ck_assert_str_eq(names(items, n_), want);                                \
	} while (0)

START_TEST(nothing_is_in_order)
{
	ck_assert_int_eq(order_sort(NULL, 0, &outside, &arena, &why), CRUET_OK);
}
END_TEST

START_TEST(what_needs_nothing_stays_where_it_is)
{
	struct order_item items[] = {{.name = "c"}, {.name = "a"}, {.name = "b"}};
	assert_order(items, "c a b");
}
END_TEST

START_TEST(needs_are_met_first)
{
	struct order_item items[] = {
		{.name = "page", .needs = LIST("session/1", "db/1")},
		{.name = "other"},
		{.name = "db", .provides = LIST("db/1")},
		{.name = "session", .needs = LIST("db/1"), .provides = LIST("session/1")},
	};
	assert_order(items, "db session page other");
}
END_TEST

START_TEST(all_providers_come_first)
{
	struct order_item items[] = {
		{.name = "page", .needs = LIST("db/1")},
		{.name = "two", .provides = LIST("db/1")},
		{.name = "one", .provides = LIST("db/1")},
	};
	assert_order(items, "two one page");
}
END_TEST

START_TEST(optional_needs_are_met_where_they_can_be)
{
	struct order_item items[] = {
		{.name = "page", .needs = LIST("log/1?", "db/1?")},
		{.name = "log", .provides = LIST("log/1")},
	};
	assert_order(items, "log page");
}
END_TEST

START_TEST(versions_are_different_services)
{
	struct order_item items[] = {
		{.name = "page", .needs = LIST("db/1")},
		{.name = "db", .provides = LIST("db/11", "db/2", "d/1", "db")},
	};
	ck_assert_int_eq(order_sort(items, 2, &outside, &arena, &why), CRUET_ENOENT);
	ck_assert_str_eq(why, "plugin 'page' needs service \"db/1\", which no attached plugin provides: "
			      "ask your neighbour");
	outside_provides = "db/1";
	assert_order(items, "page db");
}
END_TEST

/* What it provides itself is no help. */
START_TEST(nobody_meets_its_own_need)
{
	struct order_item items[] = {
		{.name = "self", .needs = LIST("db/1"), .provides = LIST("db/1")}};
	ck_assert_int_eq(order_sort(items, 1, &outside, &arena, &why), CRUET_ENOENT);
}
END_TEST

START_TEST(circles_are_named_from_where_they_close)
{
	struct order_item items[] = {
		{.name = "start", .needs = LIST("a/1")},
		{.name = "a", .needs = LIST("b/1"), .provides = LIST("a/1")},
		{.name = "b", .needs = LIST("a/1?"), .provides = LIST("b/1")},
	};
	ck_assert_int_eq(order_sort(items, 3, &outside, &arena, &why), CRUET_ECYCLE);
	ck_assert_str_eq(why, "plugins need each other: a -> b (b/1) -> a (a/1?)");
}
END_TEST

START_TEST(wishes_give_way)
{
	struct order_item items[] = {
		{.name = "a", .plugin = "a", .after = LIST("b", "nobody")},
		{.name = "b", .plugin = "b", .needs = LIST("a/1"), .after = LIST("a")},
		{.name = "c", .plugin = "c", .provides = LIST("a/1"), .after = LIST("a")},
	};
	assert_order(items, "c b a");
}
END_TEST

/* As many as there may be, in a row of needs that is written backwards. */
START_TEST(a_long_chain)
{
	enum { N = 128 };
	struct order_item items[N];
	char name[N][8], service[N][16], *want = arena_zalloc(&arena, 4096);
	const char *needs[N][2], *gives[N][2];

	for (int i = 0; i < N; i++) {
		snprintf(name[i], sizeof name[i], "p%d", i);
		snprintf(service[i], sizeof service[i], "s%d/1", i);
		needs[i][0] = i + 1 < N ? service[i + 1] : NULL;
		gives[i][0] = service[i];
		needs[i][1] = gives[i][1] = NULL;
		snprintf(service[i], sizeof service[i], "s%d/1", i);
		items[i] = (struct order_item){
			.name = name[i], .plugin = name[i], .needs = needs[i], .provides = gives[i]};
	}
	for (int i = 0; i + 1 < N; i++)
		needs[i][0] = service[i + 1];
	for (int i = N - 1; i >= 0; i--)
		snprintf(want + strlen(want), 4096 - strlen(want), "p%d%s", i, i ? " " : "");
	assert_order(items, want);
}
END_TEST

START_TEST(a_need_is_a_service_but_for_its_question_mark)
{
	ck_assert(order_need_is("db/1", "db/1"));
	ck_assert(order_need_is("db/1?", "db/1"));
	ck_assert(!order_need_is("db/1", "db/12"));
	ck_assert(!order_need_is("db/12", "db/1"));
	ck_assert(!order_need_is("", "db/1"));
	ck_assert(order_need_is("?", ""));
}
END_TEST

SUITE_WITH("order", make, clear, nothing_is_in_order, what_needs_nothing_stays_where_it_is,
	   needs_are_met_first, all_providers_come_first,
	   optional_needs_are_met_where_they_can_be, versions_are_different_services,
	   nobody_meets_its_own_need, circles_are_named_from_where_they_close, wishes_give_way,
	   a_long_chain, a_need_is_a_service_but_for_its_question_mark)
