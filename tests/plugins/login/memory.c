/* Each allocation of the plugin may fail: then the request fails, and the next one is as
 * if nothing had been. */
#include "fail_alloc.h"
#include "fixture.h"

START_TEST(each_allocation_of_a_start_may_fail)
{
	bool more = true;

	for (size_t n = 1; more; n++) {
		prepare();
		fail_alloc_at(n);
		int err = cruet_use_static(app, &cruet_plugin_login, CHEAP);
		more = fail_alloc_off();
		ck_assert(more ? err || !cruet_problem(app) : !err);
		cruet_free(app);
	}
}
END_TEST

static bool fails_at(size_t n, int (*request)(void), int good)
{
	fail_alloc_at(n);
	int status = request();
	bool more = fail_alloc_off();

	ck_assert_msg(status == good || (more && (status >= 500 || status == 0)),
		      "%zu: %d", n, status);
	return more;
}

static int ask_to_enter(void)
{
	return cruet_client_get(t, "/enter?id=7");
}

static int ask_who(void)
{
	return cruet_client_get(t, "/who");
}

static int ask_area(void)
{
	return get_page("/area/");
}

START_TEST(each_allocation_of_a_request_may_fail)
{
	setup();
	for (size_t n = 1; fails_at(n, ask_area, 401); n++)
		;
	for (size_t n = 1; fails_at(n, ask_to_enter, 200); n++)
		;
	for (size_t n = 1; fails_at(n, ask_who, 200); n++)
		;
	assert_who("Ann");
	teardown();
}
END_TEST

SUITE("login_memory", each_allocation_of_a_start_may_fail,
      each_allocation_of_a_request_may_fail)
