/* The two formats, read as a collector reads them. */
#include "fixture.h"

static const cruet_metric orders = {.size = sizeof orders,
				    .kind = CRUET_COUNTER,
				    .name = "shop_orders_total",
				    .help = "Orders with \"quotes\", a \\ and\na line.",
				    .labels = "kind"};
static const cruet_metric heat = {.size = sizeof heat,
				  .kind = CRUET_GAUGE,
				  .name = "heat",
				  .help = "x",
				  .labels = "where"};

static int work(cruet_ctx *c)
{
	cruet_count(c, &orders, 3, "\"x\" \\ \n", (char *)0);
	cruet_count(c, &orders, 1e17, "many", (char *)0);
	cruet_gauge(c, &heat, -0.1, "a", (char *)0);
	cruet_gauge(c, &heat, 1e300, "b", (char *)0);
	cruet_gauge(c, &heat, 123456789012, "c", (char *)0);
	cruet_gauge(c, &heat, 1.0 / 3, "d", (char *)0);
	return cruet_text(c, "x");
}

static void ask(const char *accept)
{
	prepare(NULL);
	cruet_get(app, "/work", work);
	t = client_of(app);
	assert_get(t, "/work", 200);
	assert_get(t, "/", 200);
	if (accept)
		cruet_client_set_header(t, "Accept", accept);
	assert_get(t, "/metrics", 200);
}

/* --- a reader --------------------------------------------------------------------- */

static const char *at; /* in the text */

static void eat(const char *word)
{
	ck_assert_msg(!strncmp(at, word, strlen(word)), "expected %s at %.60s", word, at);
	at += strlen(word);
}

static size_t name(void)
{
	size_t n = strspn(
		at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	ck_assert_msg(n > 0, "expected a name at %.60s", at);
	at += n;
	return n;
}

static void read_labels(void)
{
	if (*at != '{')
		return;
	do {
		at++;
		name();
		eat("=\"");
		while (*at != '"') {
			ck_assert(*at && *at != '\n');
			if (*at == '\\')
				ck_assert(strchr("\\\"n", *++at) != NULL);
			at++;
		}
		at++;
	} while (*at == ',');
	eat("}");
}

/* The text as a whole: families of two lines and their samples, each family once and in
 * one piece. */
static size_t read_all(bool open_metrics)
{
	char family[128] = "", seen[8192] = "";
	size_t n = 0;

	for (at = cruet_client_body(t); *at; n++) {
		if (open_metrics && !strcmp(at, "# EOF\n"))
			return n;
		if (*at == '#') {
			char again[160];
			eat("# HELP ");
			const char *begin = at;
			snprintf(family, sizeof family, "%.*s", (int)name(), begin);
			snprintf(again, sizeof again, "\n%s\n", family);
			ck_assert_msg(!strstr(seen, again), "%s stands there twice",
				      family);
			strncat(seen, again, sizeof seen - strlen(seen) - 1);
			at += strcspn(at, "\n");
			eat("\n# TYPE ");
			eat(family);
			eat(" ");
			at += strcspn(at, "\n") + 1;
			continue;
		}
		eat(family); /* and an end, such as _total or _bucket */
		if (*at == '_')
			name();
		read_labels();
		eat(" ");
		char *end;
		strtod(at, &end);
		ck_assert_ptr_ne(end, at);
		at = end;
		eat("\n");
	}
	ck_assert(!open_metrics); /* it ends with a word */
	return n;
}

START_TEST(prometheus_reads_it)
{
	ask(NULL);
	ck_assert_uint_gt(read_all(false), 50);
	assert_contains(
		t,
		"# HELP shop_orders_total Orders with \"quotes\", a \\\\ and\\na line.\n"
		"# TYPE shop_orders_total counter\n");
	assert_shown("shop_orders_total{kind=\"\\\"x\\\" \\\\ \\n\"}", "3");
	teardown();
}
END_TEST

START_TEST(open_metrics_is_read)
{
	ask("application/openmetrics-text;version=1.0.0,application/"
	    "openmetrics-text;version=0.0.1;"
	    "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
	assert_header(t, "Content-Type",
		      "application/openmetrics-text; version=1.0.0; charset=utf-8");
	ck_assert_uint_gt(read_all(true), 50);
	assert_contains(
		t, "# HELP shop_orders Orders with \\\"quotes\\\", a \\\\ and\\na line.\n"
		   "# TYPE shop_orders counter\n");
	assert_shown("shop_orders_total{kind=\"\\\"x\\\" \\\\ \\n\"}", "3");
	teardown();
}
END_TEST

START_TEST(text_is_what_others_get)
{
	static const char *const accepts[] = {
		"*/*", "text/plain", "text/html, */*;q=0.1",
		"text/plain, application/openmetrics-text;q=0.5"};
	for (size_t i = 0; i < sizeof accepts / sizeof *accepts; i++) {
		ask(accepts[i]);
		assert_header(t, "Content-Type",
			      "text/plain; version=0.0.4; charset=utf-8");
		teardown();
	}
}
END_TEST

START_TEST(numbers_are_exact)
{
	ask(NULL);
	assert_shown("shop_orders_total{kind=\"many\"}", "1e+17");
	assert_shown("heat{where=\"a\"}", "-0.1");
	assert_shown("heat{where=\"b\"}", "1e+300");
	assert_shown("heat{where=\"c\"}", "123456789012");
	assert_shown("heat{where=\"d\"}", "0.3333333333333333");
	assert_contains(t, ",le=\"0.0025\"}");
	assert_contains(t, ",le=\"10.0\"}");
	teardown();
}
END_TEST

START_TEST(buckets_only_grow)
{
	uint64_t last = 0, v = 0;
	size_t n = 0;

	ask(NULL);
	for (const char *p = cruet_client_body(t);
	     (p = strstr(p, "_bucket{endpoint=\"page\"")); p++) {
		ck_assert_int_eq(sscanf(strstr(p, "} "), "} %lu", &v), 1);
		ck_assert_uint_ge(v, last);
		last = v;
		n++;
	}
	ck_assert_uint_eq(n, 14);
	ck_assert_uint_eq(last, 1);
	teardown();
}
END_TEST

SUITE("metrics_formats", prometheus_reads_it, open_metrics_is_read,
      text_is_what_others_get, numbers_are_exact, buckets_only_grow)
