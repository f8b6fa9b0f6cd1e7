/* The figures of requests, of the process, and who sees them. */
#include <pthread.h>
#include "fixture.h"

static int takes(cruet_ctx *c)
{
	size_t len;

	return cruet_body(c, &len) ? cruet_text(c, "12345") : cruet_err(c);
}
static int breaks(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}

START_TEST(requests_are_counted_by_rule_method_and_class)
{
	prepare(NULL);
	cruet_post(app, "/takes/<name>", takes);
	cruet_get(app, "/breaks", breaks);
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_add(bp, "GET", "/<int:n>", page, "show", CRUET_HERE);
	t = client_of(app);
	for (int i = 0; i < 3; i++)
		assert_get(t, "/", 200);
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/", NULL, NULL, 0), 200);
	ck_assert_int_eq(cruet_client_post(t, "/takes/a", "text/plain", "abc"), 200);
	ck_assert_int_eq(cruet_client_post(t, "/takes/b", "text/plain", "abcd"), 200);
	assert_get(t, "/bp/1", 200);
	assert_get(t, "/bp/2", 200);
	assert_get(t, "/breaks", 500);
	assert_get(t, "/none/1", 404);
	assert_get(t, "/none/2", 404);
	assert_get(t, "/%zz", 400);
	assert_get(t, "/metrics", 200);
	assert_shown(COUNT("page", "GET", "2xx"), "3");
	assert_shown(COUNT("page", "HEAD", "2xx"), "1");
	assert_shown(COUNT("takes", "POST", "2xx"), "2");
	assert_shown(COUNT("bp.show", "GET", "2xx"), "2");
	assert_shown(COUNT("breaks", "GET", "5xx"), "1");
	assert_shown(COUNT("(unmatched)", "GET", "4xx"), "2");
	assert_shown(COUNT("(refused)", "GET", "4xx"), "1");
	assert_shown(OF("sent_bytes_total", "page", "GET", "2xx"), "12");
	assert_shown(OF("sent_bytes_total", "page", "HEAD", "2xx"), "0");
	assert_shown(OF("sent_bytes_total", "takes", "POST", "2xx"), "10");
	assert_shown(OF("received_bytes_total", "takes", "POST", "2xx"), "7");
	assert_shown(COUNT("metrics.show", "GET", "2xx"), ""); /* not over yet */
	assert_get(t, "/metrics", 200);
	assert_shown(COUNT("metrics.show", "GET", "2xx"), "1");
	teardown();
}
END_TEST

START_TEST(methods_that_clients_invent_are_one)
{
	setup(NULL);
	for (int i = 0; i < 50; i++) {
		char method[16];
		snprintf(method, sizeof method, "PURGE%d", i);
		ck_assert_int_eq(cruet_client_send(t, method, "/", NULL, NULL, 0), 405);
	}
	assert_get(t, "/metrics", 200);
	assert_shown(COUNT("(unmatched)", "(other)", "4xx"), "50");
	ck_assert_ptr_null(strstr(cruet_client_body(t), "PURGE"));
	teardown();
}
END_TEST

static int slow(cruet_ctx *c)
{
	return cruet_resume_within(c, NULL, 30, page);
}

START_TEST(times_go_into_buckets)
{
	prepare("buckets=0.02,3600");
	cruet_get(app, "/slow", slow);
	t = client_of(app);
	assert_get(t, "/slow", 200);
	assert_get(t, "/slow", 200);
	assert_get(t, "/metrics", 200);
#define SLOW(end, le)                             \
	"cruet_http_request_duration_seconds" end \
	"{endpoint=\"slow\",method=\"GET\",status=\"2xx\"" le "}"
	assert_shown(SLOW("_bucket", ",le=\"0.02\""), "0");
	assert_shown(SLOW("_bucket", ",le=\"3600.0\""), "2");
	assert_shown(SLOW("_bucket", ",le=\"+Inf\""), "2");
	assert_shown(SLOW("_count", ""), "2");
	double sum = strtod(shown(SLOW("_sum", "")), NULL);
	ck_assert(sum >= 0.05 && sum < 3600);
	teardown();
}
END_TEST

static int in_flight;

static int looks(cruet_ctx *c)
{
	cruet_client *other = cruet_client_new(app);

	ck_assert_int_eq(cruet_client_get(other, "/metrics"), 200);
	const char *line =
		strstr(cruet_client_body(other), "\ncruet_http_requests_in_flight ");
	in_flight = atoi(line + strlen("\ncruet_http_requests_in_flight "));
	cruet_client_free(other);
	return cruet_text(c, "looked");
}

START_TEST(requests_in_flight_are_counted)
{
	prepare(NULL);
	cruet_get(app, "/looks", looks);
	t = client_of(app);
	assert_get(t, "/looks", 200);
	ck_assert_int_eq(in_flight, 2);
	assert_get(t, "/%zz", 400); /* it never began */
	assert_get(t, "/metrics", 200);
	assert_shown("cruet_http_requests_in_flight", "1");
	teardown();
}
END_TEST

START_TEST(series_are_bounded)
{
	prepare("series=16");
	for (int i = 0; i < 40; i++) {
		char path[16], name[16];
		snprintf(path, sizeof path, "/r%d", i);
		snprintf(name, sizeof name, "r%d", i);
		cruet_add(app, "GET", path, page, name, CRUET_HERE);
	}
	t = client_of(app);
	for (int i = 0; i < 40; i++) {
		char path[16];
		snprintf(path, sizeof path, "/r%d", i);
		assert_get(t, path, 200);
	}
	assert_get(t, "/metrics", 200);
	assert_shown(COUNT("r0", "GET", "2xx"), "1");
	assert_shown(COUNT("r15", "GET", "2xx"), "1");
	assert_shown(COUNT("r16", "GET", "2xx"), "");
	assert_shown(COUNT("(other)", "(other)", "(other)"), "24");
	assert_shown("cruet_metrics_crowded_total", "24");
	teardown();
}
END_TEST

START_TEST(the_process_is_described)
{
	static const char *const names[] = {"process_resident_memory_bytes",
					    "process_virtual_memory_bytes",
					    "process_start_time_seconds",
					    "process_open_fds",
					    "process_max_fds",
					    "process_threads"};

	setup(NULL);
	assert_get(t, "/metrics", 200);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(strtod(shown(names[i]), NULL) > 0, "%s: %s", names[i],
			      shown(names[i]));
	ck_assert_str_ne(shown("process_cpu_seconds_total"), "");
	/* the clock may have been set since, but not by years */
	double began = strtod(shown("process_start_time_seconds"), NULL);
	ck_assert(began > 1577836800.0 && began < 1577836800.0 + 100.0 * 365 * 86400);
	assert_shown("cruet_build_info{version=\"0.1.0\"}", "1");
	teardown();
	setup("process=false");
	assert_get(t, "/metrics", 200);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "process_"));
	teardown();
}
END_TEST

START_TEST(descriptors_are_counted)
{
	setup(NULL);
	assert_get(t, "/metrics", 200);
	double before = strtod(shown("process_open_fds"), NULL);
	int fd = dup(STDERR_FILENO);
	assert_get(t, "/metrics", 200);
	ck_assert(strtod(shown("process_open_fds"), NULL) == before + 1);
	close(fd);
	teardown();
}
END_TEST

/* --- the page --------------------------------------------------------------------- */

START_TEST(it_is_never_kept_and_may_have_another_path)
{
	setup("path=/-/figures");
	assert_get(t, "/-/figures", 200);
	assert_header(t, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	assert_header(t, "Cache-Control", "no-store");
	assert_header(t, "Vary", "Accept");
	assert_get(t, "/metrics", 404);
	teardown();
}
END_TEST

START_TEST(a_token_may_be_asked_for)
{
	setup("token=sesame");
	assert_get(t, "/metrics", 401);
	assert_header(t, "WWW-Authenticate", "Bearer");
	assert_header(t, "Vary", "Accept; Authorization");
	ck_assert_ptr_null(strstr(cruet_client_body(t), "process_"));
	cruet_client_set_header(t, "Authorization", "Bearer sesam");
	assert_get(t, "/metrics", 401);
	cruet_client_set_header(t, "Authorization", "Bearer sesame");
	assert_get(t, "/metrics", 200);
	assert_header(t, "Cache-Control", "no-store");
	teardown();
}
END_TEST

/* --- threads ---------------------------------------------------------------------- */

enum { THREADS = 4, REQUESTS = 2000 };

static void *asks(void *arg)
{
	cruet_client *own = cruet_client_new(app);

	for (int i = 0; i < REQUESTS; i++)
		ck_assert_int_eq(cruet_client_get(own, i % 4 ? "/" : "/none"),
				 i % 4 ? 200 : 404);
	cruet_client_free(own);
	return arg;
}

START_TEST(no_request_is_lost_between_threads)
{
	pthread_t id[THREADS];
	char want[32];

	setup(NULL);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&id[i], NULL, asks, NULL), 0);
	for (int i = 0; i < 20; i++) /* reading meanwhile does no harm */
		assert_get(t, "/metrics", 200);
	for (int i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
	assert_get(t, "/metrics", 200);
	snprintf(want, sizeof want, "%d", THREADS * REQUESTS / 4 * 3);
	assert_shown(COUNT("page", "GET", "2xx"), want);
	snprintf(want, sizeof want, "%d", THREADS * REQUESTS / 4);
	assert_shown(COUNT("(unmatched)", "GET", "4xx"), want);
	assert_shown("cruet_http_requests_in_flight", "1");
	teardown();
}
END_TEST

START_TEST(mistakes_are_sentences)
{
#define REFUSED(options, sentence)                     \
	assert_refused(&cruet_plugin_metrics, options, \
		       "plugin 'metrics': option " sentence)
#define NUMBERS "expected at most 32 growing numbers of seconds, such as 0.1,0.5,2"
	REFUSED("path=figures", "path = \"figures\": expected a path such as /metrics");
	REFUSED("buckets=1,1", "buckets: \"1\": " NUMBERS);
	REFUSED("buckets=0", "buckets: \"0\": " NUMBERS);
	REFUSED("buckets=1,2x", "buckets: \"2x\": " NUMBERS);
	REFUSED("buckets=1,inf", "buckets: \"inf\": " NUMBERS);
	REFUSED("buckets=1,nan", "buckets: \"nan\": " NUMBERS);
	REFUSED("buckets=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,"
		"25,26,27,"
		"28,29,30,31,32,33",
		"buckets: \"33\": " NUMBERS);
}
END_TEST

SUITE("metrics_requests", requests_are_counted_by_rule_method_and_class,
      methods_that_clients_invent_are_one, times_go_into_buckets,
      requests_in_flight_are_counted, series_are_bounded, the_process_is_described,
      descriptors_are_counted, it_is_never_kept_and_may_have_another_path,
      a_token_may_be_asked_for, no_request_is_lost_between_threads,
      mistakes_are_sentences)
