#include <cruet/db.h>
#include <time.h>
#include "fixture.h"

static int post(cruet_client *t, const char *json)
{
	return cruet_client_json(t, "POST", "/api/entries", json);
}

START_TEST(a_new_entry_is_201_with_its_place)
{
	ck_assert_int_eq(post(ada, "{\"name\":\"Ada\",\"message\":\"Hi <b>\"}"), 201);
	ck_assert_str_eq(cruet_client_header(ada, "Location"), "/api/entries/1");
	assert_text(ada, "name", "Ada");
	assert_text(ada, "message", "Hi <b>");
	ck_assert_int_eq(cruet_json_int(member(ada, "id"), 0), 1);

	ck_assert_int_eq(cruet_client_get(bob, "/api/entries/1"), 200);
	assert_text(bob, "message", "Hi <b>");
	ck_assert_str_eq(cruet_client_header(bob, "Content-Type"), "application/json");
}
END_TEST

START_TEST(the_time_of_an_entry_is_the_clocks)
{
	cruet_clock_set(app, 1795555910000);
	post(ada, "{\"name\":\"Ada\",\"message\":\"Hi\"}");
	assert_text(ada, "written", "2026-11-24T21:31:50Z");
	cruet_client_get(ada, "/");
	assert_shows(
		ada,
		"<time datetime=\"2026-11-24T21:31:50Z\">24 November 2026, 21:31 UTC");
	cruet_clock_set(app, 1796119200000);
	post(ada, "{\"name\":\"Ada\",\"message\":\"Hi\"}");
	cruet_client_get(ada, "/");
	assert_shows(ada, ">1 December 2026, ");
}
END_TEST

START_TEST(all_that_is_wrong_is_said_at_once)
{
	ck_assert_int_eq(post(ada, "{\"name\":\"\"}"), 422);
	ck_assert_str_eq(cruet_client_header(ada, "Content-Type"),
			 "application/problem+json");
	assert_shows(ada, "Please tell us your name.");
	assert_shows(ada, "Please write a few words.");

	ck_assert_int_eq(post(ada, "{\"name\":7,\"message\":[\"a\"]}"), 422);
	ck_assert_int_eq(post(ada, "[]"), 422);
	ck_assert_int_eq(post(ada, "{\"name\":\"Ada\","), 400);
	assert_shows(ada, "line 1, column");
	cruet_client_get(ada, "/api/entries");
	ck_assert_uint_eq(cruet_json_len(member(ada, "entries")), 0);
}
END_TEST

/* What any page could send with a visitor's cookie signs nothing. */
START_TEST(a_form_does_not_sign)
{
	ck_assert_int_eq(cruet_client_get(ada, "/"), 200);
	cruet_client_add_field(ada, "name", "Ada");
	cruet_client_add_field(ada, "message", "Hi");
	ck_assert_int_eq(cruet_client_submit(ada, "/api/entries"), 415);
	cruet_client_get(ada, "/api/entries");
	ck_assert_uint_eq(cruet_json_len(member(ada, "entries")), 0);
}
END_TEST

START_TEST(errors_are_problem_details)
{
	ck_assert_int_eq(cruet_client_get(ada, "/api/entries/7"), 404);
	ck_assert_str_eq(cruet_client_header(ada, "Content-Type"),
			 "application/problem+json");
	ck_assert_int_eq(cruet_json_int(member(ada, "status"), 0), 404);
	ck_assert_int_eq(cruet_client_get(ada, "/api/nothing"), 404);
	ck_assert_str_eq(cruet_client_header(ada, "Content-Type"),
			 "application/problem+json");
	ck_assert_int_eq(cruet_client_json(ada, "PUT", "/api/entries/7", "{}"), 405);
	ck_assert_ptr_nonnull(cruet_client_header(ada, "Allow"));
	ck_assert_str_eq(cruet_client_header(ada, "Content-Type"),
			 "application/problem+json");
}
END_TEST

START_TEST(only_own_entries_can_be_deleted)
{
	post(ada, "{\"name\":\"Ada\",\"message\":\"Hi\"}");
	ck_assert_int_eq(cruet_client_json(bob, "DELETE", "/api/entries/1", NULL), 403);
	assert_text(bob, "detail", "Only who wrote an entry can take it back.");
	ck_assert_int_eq(cruet_client_json(ada, "DELETE", "/api/entries/1", NULL), 204);
	ck_assert_int_eq(cruet_client_json(ada, "DELETE", "/api/entries/1", NULL), 404);
}
END_TEST

START_TEST(limit_and_keys_are_checked)
{
	static const char *const bad[] = {"?limit=0",  "?limit=101", "?limit=x",
					  "?before=0", "?after=-1",  "?before=1.5",
					  NULL};

	for (const char *const *p = bad; *p; p++) {
		char path[64];
		snprintf(path, sizeof path, "/api/entries%s", *p);
		cruet_client_set_header(ada, "Accept", "application/json");
		ck_assert_int_eq(cruet_client_get(ada, path), 422);
	}
}
END_TEST

START_TEST(a_list_leads_to_its_neighbours)
{
	for (int i = 0; i < 5; i++)
		post(ada, "{\"name\":\"Ada\",\"message\":\"Hi\"}");
	ck_assert_int_eq(cruet_client_get(ada, "/api/entries?limit=2"), 200);
	ck_assert_uint_eq(cruet_json_len(member(ada, "entries")), 2);
	assert_text(ada, "next", "/api/entries?before=4&limit=2");
	ck_assert_int_eq(cruet_json_kind(member(ada, "previous")), CRUET_JSON_NULL);

	ck_assert_int_eq(cruet_client_get(ada, "/api/entries?before=4&limit=2"), 200);
	assert_text(ada, "next", "/api/entries?before=2&limit=2");
	assert_text(ada, "previous", "/api/entries?after=3&limit=2");

	ck_assert_int_eq(cruet_client_get(ada, "/api/entries?after=5"), 200);
	ck_assert_uint_eq(cruet_json_len(member(ada, "entries")), 0);
}
END_TEST

/* --- ten thousand -------------------------------------------------------- */

static void write_many(int n)
{
	cruet_ctx *c = cruet_open(app);

	ck_assert_int_eq(
		cruet_db_exec(c,
			      "with recursive i(n) as (select 1 union all"
			      " select n + 1 from i where n < ?)"
			      " insert into entries(written, name, message)"
			      " select n, 'Visitor ' || n, 'Words no. ' || n from i",
			      n),
		CRUET_OK);
	cruet_close(c);
}

/* Follows a link until there is none; how many entries there were. Each is one
 * further on in the direction of step. */
static int walk(const char *link, const char *path, int64_t at, int step)
{
	int n = 0;
	char *next = strdup(path);

	while (next) {
		ck_assert_int_eq(cruet_client_get(ada, next), 200);
		free(next);
		const cruet_json *list = member(ada, "entries");
		size_t len = cruet_json_len(list), i = 0;
		int64_t first = step > 0 ? at + (int64_t)len : at - 1;
		for (const cruet_json *e = cruet_json_first(list); e;
		     e = cruet_json_next(e), i++)
			ck_assert_int_eq(cruet_json_int(cruet_json_get(e, "id"), 0),
					 first - (int64_t)i);
		at += step * (int64_t)len;
		n += (int)len;
		const char *to = cruet_json_str(member(ada, link), NULL);
		next = to ? strdup(to) : NULL;
	}
	return n;
}

START_TEST(ten_thousand_entries_are_all_found_both_ways)
{
	write_many(10000);
	ck_assert_int_eq(walk("next", "/api/entries?limit=100", 10001, -1), 10000);
	ck_assert_int_eq(walk("previous", "/api/entries?after=1&limit=100", 1, 1), 9999);
}
END_TEST

/* What n reads of a page cost, in nanoseconds of the processor. */
static int64_t cost(const char *path, int n)
{
	struct timespec a, b;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(cruet_client_get(ada, path), 200);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	return (b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec;
}

/* Pages found by counting would cost twenty times as much at the end of the book. */
START_TEST(the_last_page_costs_no_more_than_the_first)
{
	write_many(100000);
	cost("/", 10);
	int64_t first = cost("/", 50), last = cost("/?before=30", 50);
	ck_assert_msg(last < 3 * first, "first: %lld ns, last: %lld ns", (long long)first,
		      (long long)last);
}
END_TEST

SUITE_WITH("guestbook api", open_book, close_book, a_new_entry_is_201_with_its_place,
	   the_time_of_an_entry_is_the_clocks, all_that_is_wrong_is_said_at_once,
	   a_form_does_not_sign, errors_are_problem_details, only_own_entries_can_be_deleted,
	   limit_and_keys_are_checked, a_list_leads_to_its_neighbours,
	   ten_thousand_entries_are_all_found_both_ways,
	   the_last_page_costs_no_more_than_the_first)
