/* Metrics of applications and plugins: cruet/metrics.h. */
#include <math.h>
#include "fixture.h"

static const cruet_metric orders = {.size = sizeof orders,
				    .kind = CRUET_COUNTER,
				    .name = "shop_orders_total",
				    .help = "Orders that were taken.",
				    .labels = "kind,city"};
static const cruet_metric queue = {.size = sizeof queue,
				   .kind = CRUET_GAUGE,
				   .name = "queue_length",
				   .help = "Jobs."};
static const double sizes[] = {1, 10, 100};
static const cruet_metric files = {.size = sizeof files,
				   .kind = CRUET_HISTOGRAM,
				   .name = "file_bytes",
				   .help = "Files.",
				   .buckets = sizes,
				   .nbuckets = 3};
static const cruet_metric waits = {.size = sizeof waits,
				   .kind = CRUET_HISTOGRAM,
				   .name = "wait_seconds",
				   .labels = "what"};

/* What a test does, with a ctx. */
static void with(void (*fn)(cruet_ctx *c))
{
	cruet_ctx *c = cruet_open(app);

	ck_assert_ptr_nonnull(c);
	fn(c);
	ck_assert_int_eq(cruet_err(c),
			 CRUET_OK); /* whatever it was, the request goes on */
	cruet_close(c);
}

#define COUNTS(c, m, ...) \
	ck_assert_int_eq(cruet_count(c, m, __VA_ARGS__, (char *)0), CRUET_OK)
#define SETS(c, m, ...) \
	ck_assert_int_eq(cruet_gauge(c, m, __VA_ARGS__, (char *)0), CRUET_OK)
#define OBSERVES(c, m, ...) \
	ck_assert_int_eq(cruet_observe(c, m, __VA_ARGS__, (char *)0), CRUET_OK)

static void uses_all(cruet_ctx *c)
{
	COUNTS(c, &orders, 1, "books", "Ulm");
	COUNTS(c, &orders, 2.5, "books", "Ulm");
	COUNTS(c, &orders, 0, "lamps", "Ulm");
	SETS(c, &queue, 7);
	COUNTS(c, &queue, 3);
	COUNTS(c, &queue, -4.5);
	OBSERVES(c, &files, 1);
	OBSERVES(c, &files, 1.5);
	OBSERVES(c, &files, 1000);
	OBSERVES(c, &waits, 0.25, "disk");
}

START_TEST(each_kind_does_what_it_should)
{
	setup("buckets=0.1,1");
	with(uses_all);
	assert_get(t, "/metrics", 200);
	assert_contains(t, "# HELP shop_orders_total Orders that were taken.\n"
			   "# TYPE shop_orders_total counter\n");
	assert_shown("shop_orders_total{kind=\"books\",city=\"Ulm\"}", "3.5");
	assert_shown("shop_orders_total{kind=\"lamps\",city=\"Ulm\"}", "0");
	assert_contains(t, "# TYPE queue_length gauge\nqueue_length 5.5\n");
	assert_contains(t, "# TYPE file_bytes histogram\n"
			   "file_bytes_bucket{le=\"1.0\"} 1\n"
			   "file_bytes_bucket{le=\"10.0\"} 2\n"
			   "file_bytes_bucket{le=\"100.0\"} 2\n"
			   "file_bytes_bucket{le=\"+Inf\"} 3\n"
			   "file_bytes_sum 1002.5\n"
			   "file_bytes_count 3\n");
	assert_contains(t, "# HELP wait_seconds \n# TYPE wait_seconds histogram\n"
			   "wait_seconds_bucket{what=\"disk\",le=\"0.1\"} 0\n"
			   "wait_seconds_bucket{what=\"disk\",le=\"1.0\"} 1\n");
	ck_assert_str_eq(logged, "");
	teardown();
}
END_TEST

START_TEST(without_the_plugin_nothing_is_kept)
{
	app = new_app();
	t = client_of(app);
	with(uses_all);
	ck_assert_str_eq(logged, "");
	teardown();
}
END_TEST

/* One mistake: what is logged, once. */
static const char *complaint(int result)
{
	static char said[sizeof logged];

	ck_assert_int_eq(result, CRUET_EINVAL);
	snprintf(said, sizeof said, "%s", logged);
	logged[0] = '\0';
	return said;
}

#define SAYS(result, sentence) \
	ck_assert_str_eq(complaint(result), "metrics: metric '" sentence "\n")

/* A metric of that kind. */
#define METRIC(k, ...)    \
	(&(cruet_metric){ \
		.size = sizeof(cruet_metric), .kind = k, .help = "x", __VA_ARGS__})
#define GAUGE(c, ...)	 cruet_gauge(c, METRIC(CRUET_GAUGE, __VA_ARGS__), 1, (char *)0)
#define TAKES(c, k, ...) cruet_gauge(c, METRIC(k, __VA_ARGS__), 1, (char *)0)

static void misuses(cruet_ctx *c)
{
	static const double falls[] = {2, 1}, odd[] = {1, INFINITY};
	static const double many[33] = {0};

	SAYS(GAUGE(c, .name = ""), "': its name is not of letters, digits and '_'");
	SAYS(GAUGE(c, .name = "1a"), "1a': its name is not of letters, digits and '_'");
	SAYS(GAUGE(c, .name = "a-b"), "a-b': its name is not of letters, digits and '_'");
	SAYS(GAUGE(c, .name = NULL),
	     "(no name)': its name is not of letters, digits and '_'");
	SAYS(TAKES(c, 0, .name = "k0"),
	     "k0': it is neither counter nor gauge nor histogram");
	SAYS(TAKES(c, 4, .name = "k4"),
	     "k4': it is neither counter nor gauge nor histogram");
	SAYS(cruet_count(c, METRIC(CRUET_COUNTER, .name = "sold"), 1, (char *)0),
	     "sold': the name of a counter ends with _total");
#define LABELS                                                                          \
	"': its labels are not at most 8 names of letters, digits and '_' with commas " \
	"between "                                                                      \
	"them"
	SAYS(GAUGE(c, .name = "l1", .labels = "a b"), "l1" LABELS);
	SAYS(GAUGE(c, .name = "l2", .labels = "a,"), "l2" LABELS);
	SAYS(GAUGE(c, .name = "l3", .labels = "a,,b"), "l3" LABELS);
	SAYS(GAUGE(c, .name = "l4", .labels = "a,b,a"), "l4" LABELS);
	SAYS(GAUGE(c, .name = "l5", .labels = "le"), "l5" LABELS);
	SAYS(GAUGE(c, .name = "l6", .labels = "__name__"), "l6" LABELS);
	SAYS(GAUGE(c, .name = "l7", .labels = "a,b,c,d,e,f,g,h,i"), "l7" LABELS);
#define BUCKETS "': its buckets are not at most 32 growing numbers"
	SAYS(TAKES(c, CRUET_HISTOGRAM, .name = "b1", .buckets = falls, .nbuckets = 2),
	     "b1" BUCKETS);
	SAYS(TAKES(c, CRUET_HISTOGRAM, .name = "b2", .buckets = odd, .nbuckets = 2),
	     "b2" BUCKETS);
	SAYS(TAKES(c, CRUET_HISTOGRAM, .name = "b3", .buckets = many, .nbuckets = 33),
	     "b3" BUCKETS);
#define VALUES \
	"': it has more or fewer labels than there are values: end them with (char *)0"
	SAYS(cruet_gauge(c, METRIC(CRUET_GAUGE, .name = "v1", .labels = "a"), 1,
			 (char *)0),
	     "v1" VALUES);
	SAYS(cruet_gauge(c, METRIC(CRUET_GAUGE, .name = "v2", .labels = "a"), 1, "x", "y",
			 (char *)0),
	     "v2" VALUES);
	SAYS(cruet_gauge(c,
			 METRIC(CRUET_GAUGE, .name = "v3", .labels = "a,b,c,d,e,f,g,h"),
			 1, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", (char *)0),
	     "v3" VALUES);
#define KINDS                                                                     \
	"': cruet_count() is for counters and gauges, cruet_gauge() for gauges, " \
	"cruet_observe() for histograms"
	SAYS(cruet_observe(c, METRIC(CRUET_GAUGE, .name = "k1"), 1, (char *)0),
	     "k1" KINDS);
	SAYS(cruet_gauge(c, METRIC(CRUET_COUNTER, .name = "k2_total"), 1, (char *)0),
	     "k2_total" KINDS);
	SAYS(cruet_count(c, METRIC(CRUET_HISTOGRAM, .name = "k3"), 1, (char *)0),
	     "k3" KINDS);
	SAYS(cruet_count(c, METRIC(CRUET_COUNTER, .name = "n_total"), -1, (char *)0),
	     "n_total': a counter grows, and was to become less");
	SAYS(cruet_gauge(c, METRIC(CRUET_GAUGE, .name = "nan"), NAN, (char *)0),
	     "nan': the value is not a number");
	SAYS(cruet_count(c, METRIC(CRUET_GAUGE, .name = "inf"), INFINITY, (char *)0),
	     "inf': the value is not a number");
	SAYS(cruet_gauge(c, METRIC(CRUET_GAUGE, .name = "file_bytes"), 1, (char *)0),
	     "file_bytes': there is another one of this name, with another kind, labels "
	     "or "
	     "buckets");
	SAYS(cruet_gauge(c, METRIC(CRUET_GAUGE, .name = "queue_length", .labels = "a"), 1,
			 "x", (char *)0),
	     "queue_length': there is another one of this name, with another kind, "
	     "labels or "
	     "buckets");
	SAYS(GAUGE(c, .name = "process_x"),
	     "process_x': names like this are the plugin's own");
	SAYS(GAUGE(c, .name = "cruet_build_info"),
	     "cruet_build_info': names like this are the plugin's own");
	SAYS(GAUGE(c, .name = "cruet_http_request_duration_seconds"),
	     "cruet_http_request_duration_seconds': there is another one of this name, "
	     "with "
	     "another kind, labels or buckets");
	/* each is said once */
	ck_assert_int_eq(GAUGE(c, .name = "1a"), CRUET_EINVAL);
	ck_assert_str_eq(logged, "");
}

START_TEST(mistakes_are_sentences_in_the_log)
{
	setup(NULL);
	with(uses_all);
	with(misuses);
	assert_get(t, "/metrics", 200);
	assert_shown("queue_length", "5.5");
	teardown();
}
END_TEST

static void without_a_size(cruet_ctx *c)
{
	SAYS(cruet_gauge(c, &(cruet_metric){.name = "x"}, 1, (char *)0),
	     "(no name)': set .size = sizeof(cruet_metric)");
	ck_assert_int_eq(cruet_gauge(c, NULL, 1, (char *)0), CRUET_EINVAL);
}

START_TEST(a_struct_without_its_size_is_a_mistake)
{
	setup(NULL);
	with(without_a_size);
	teardown();
}
END_TEST

static void odd_values(cruet_ctx *c)
{
	static char large[200];

	COUNTS(c, &orders, 1, "a\"b\\c\nd", "\xc3\xa4\xff\xe4\xbd");
	COUNTS(c, &orders, 1, "", "x");
	memset(large, 'x', sizeof large - 1);
	memcpy(large + 127, "\xc3\xa4", 2); /* across the bound */
	COUNTS(c, &orders, 1, large, "cut");
	large[150] = '!'; /* what lies behind it makes no difference */
	COUNTS(c, &orders, 1, large, "cut");
}

START_TEST(values_are_escaped_cleaned_and_cut)
{
	char want[256];

	setup(NULL);
	with(odd_values);
	assert_get(t, "/metrics", 200);
	assert_shown("shop_orders_total{kind=\"a\\\"b\\\\c\\nd\",city="
		     "\"\xc3\xa4\xef\xbf\xbd\xef\xbf"
		     "\xbd\xef\xbf\xbd\"}",
		     "1");
	assert_shown("shop_orders_total{kind=\"\",city=\"x\"}", "1");
	snprintf(want, sizeof want, "shop_orders_total{kind=\"%0*d\",city=\"cut\"}", 127,
		 0);
	for (char *p = strchr(want, '0'); *p == '0'; p++)
		*p = 'x';
	assert_shown(want, "2");
	teardown();
}
END_TEST

static void many(cruet_ctx *c)
{
	char text[16];

	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "k%d", i);
		COUNTS(c, &orders, 1, text, "x");
	}
	SETS(c, &queue, 3); /* a series too */
}

START_TEST(series_are_bounded_and_requests_keep_theirs)
{
	setup("series=16");
	with(many);
	assert_get(t, "/", 200);
	assert_get(t, "/metrics", 200);
	assert_shown("shop_orders_total{kind=\"k15\",city=\"x\"}", "1");
	assert_shown("shop_orders_total{kind=\"k16\",city=\"x\"}", "");
	assert_shown("shop_orders_total{kind=\"(other)\",city=\"(other)\"}", "84");
	assert_shown("queue_length", "3"); /* there is but one without labels */
	assert_shown(COUNT("page", "GET", "2xx"), "1");
	teardown();
}
END_TEST

static void too_many_names(cruet_ctx *c)
{
	char name[16];
	int kept = 0;

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "m%d", i);
		kept += cruet_gauge(c, METRIC(CRUET_GAUGE, .name = name), i, (char *)0) ==
			CRUET_OK;
	}
	ck_assert_int_eq(kept, 255); /* requests are the 256th */
	ck_assert_ptr_nonnull(
		strstr(logged, "metric 'm255': there are 256 others already\n"));
}

START_TEST(metrics_are_bounded_too)
{
	setup(NULL);
	with(too_many_names);
	assert_get(t, "/metrics", 200);
	assert_shown("m254", "254");
	teardown();
}
END_TEST

static void collect(cruet_ctx *c, const void *what, void *arg)
{
	int *n = arg;

	ck_assert_ptr_null(what);
	cruet_gauge(c, &queue, ++*n, (char *)0);
}

static void errs(cruet_ctx *c, const void *what, void *arg)
{
	(void)what, (void)arg;
	cruet_set_header(c, "X", "a\nb");
}

START_TEST(gauges_may_be_set_when_somebody_looks)
{
	int n = 40;

	prepare(NULL);
	cruet_listen(app, CRUET_METRICS_COLLECT, collect, &n);
	cruet_listen(app, CRUET_METRICS_COLLECT, errs, NULL);
	t = client_of(app);
	assert_get(t, "/metrics", 200);
	assert_shown("queue_length", "41");
	assert_get(t, "/metrics", 200);
	assert_shown("queue_length", "42");
	teardown();
}
END_TEST

static int in_handler(cruet_ctx *c)
{
	COUNTS(c, &orders, 1, "books", "Ulm");
	return cruet_text(c, "x");
}

START_TEST(a_handler_counts)
{
	prepare(NULL);
	cruet_get(cruet_blueprint(app, "bp", "/bp"), "/order", in_handler);
	t = client_of(app);
	for (int i = 0; i < 5; i++)
		assert_get(t, "/bp/order", 200);
	assert_get(t, "/metrics", 200);
	assert_shown("shop_orders_total{kind=\"books\",city=\"Ulm\"}", "5");
	teardown();
}
END_TEST

SUITE("metrics_own", each_kind_does_what_it_should, without_the_plugin_nothing_is_kept,
      mistakes_are_sentences_in_the_log, a_struct_without_its_size_is_a_mistake,
      values_are_escaped_cleaned_and_cut, series_are_bounded_and_requests_keep_theirs,
      metrics_are_bounded_too, gauges_may_be_set_when_somebody_looks, a_handler_counts)
