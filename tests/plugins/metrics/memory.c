/* Memory that runs out, at each allocation in turn: nothing is counted wrong. */
#include "fixture.h"

#include "../../fail_alloc.h"

START_TEST(a_figure_without_memory_is_counted_elsewhere_or_not)
{
	static char name[32];
	const cruet_metric m = {
		.size = sizeof m, .kind = CRUET_COUNTER, .name = name, .labels = "what"};
	bool more = true;

	setup("process=false");
	for (size_t n = 1; more; n++) {
		cruet_ctx *c = cruet_open(app);
		snprintf(name, sizeof name, "m%zu_total", n); /* a new one each time */
		fail_alloc_at(n);
		int err = cruet_count(c, &m, 1, "x", (char *)0);
		more = fail_alloc_off();
		ck_assert_msg(err == CRUET_OK || (more && err == CRUET_ENOMEM), "%d",
			      err);
		ck_assert_int_eq(cruet_err(c), CRUET_OK);
		cruet_close(c);
		assert_get(t, "/metrics", 200);
		char own[64], other[64];
		snprintf(own, sizeof own, "m%zu_total{what=\"x\"}", n);
		snprintf(other, sizeof other, "m%zu_total{what=\"(other)\"}", n);
		const char *at = err ? "" : "1";
		if (strcmp(shown(own), "1") != 0)
			assert_shown(other, at);
		if (!more)
			assert_shown(own, "1");
	}
	teardown();
}
END_TEST

START_TEST(a_page_without_memory_is_a_500)
{
	bool more = true;
	size_t failed = 0;

	setup(NULL);
	for (size_t n = 1; more; n++) {
		fail_alloc_at(n);
		int status = cruet_client_get(t, "/metrics");
		more = fail_alloc_off();
		ck_assert_msg(status == 200 || status == 500 || status == 503 || !status,
			      "%d", status);
		failed += status != 200;
		ck_assert(more || status == 200);
		assert_get(t, "/", 200);
	}
	ck_assert_uint_gt(failed, 0);
	teardown();
}
END_TEST

START_TEST(a_start_without_memory_is_refused)
{
	bool more = true;

	for (size_t n = 1; more; n++) {
		app = new_app();
		fail_alloc_at(n);
		cruet_use_static(app, &cruet_plugin_metrics, NULL);
		more = fail_alloc_off();
		ck_assert_msg(!more == !cruet_problem(app), "allocation %zu: %s", n,
			      cruet_problem(app) ? cruet_problem(app) : "no problem");
		cruet_free(app);
	}
}
END_TEST

SUITE("metrics_memory", a_figure_without_memory_is_counted_elsewhere_or_not,
      a_page_without_memory_is_a_500, a_start_without_memory_is_refused)
