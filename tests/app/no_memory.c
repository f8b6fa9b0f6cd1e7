/* Every allocation of setup, start and requests fails once. What was asked for is
 * then refused aloud, nothing is done by half, nothing leaks (ASan, valgrind), and
 * the next request is served. */
#include "fixture.h"

#include <cruet/svc/transport.h>

#include "fail_alloc.h"

/* --- an application that uses everything ------------------------------------------------------- */

static const cruet_key key = {"test.key"};

static int before(cruet_ctx *c)
{
	return cruet_g_set(c, &key, cruet_strdup(c, "kept"), NULL);
}
static int after(cruet_ctx *c)
{
	const char *type = cruet_reply_header(c, "Content-Type");
	return cruet_add_header(c, "X-After", type ? type : "none");
}
static void end(cruet_ctx *c, int err)
{
	(void)c, (void)err;
}
static void heard(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what, (void)arg;
}
static bool parse(void *self, const void *p, cruet_ctx *c, const char *s, size_t len,
		  const char **out)
{
	(void)self, (void)p;
	*out = cruet_printf(c, "<%.*s>", (int)len, s);
	return *out;
}
static const cruet_converter kind = {
	.size = sizeof kind, .weight = 100, .name = "kind", .parse = parse};

static void drop(void *p)
{
	free(p);
}

static int text(cruet_ctx *c)
{
	return cruet_text(c, cruet_g_get(c, &key));
}
static int path(cruet_ctx *c)
{
	const char *url = cruet_url(c, "path", "n", cruet_arg(c, "n"), "w", "x y", "q", "1",
				    (char *)0);
	return cruet_textf(c, "%s %s", cruet_arg(c, "w"), url);
}
static int json(cruet_ctx *c)
{
	const cruet_json *in = cruet_body_json(c);
	cruet_json *o = cruet_object(c), *list = cruet_put_array(o, "list");
	if (!in)
		return cruet_err(c);
	for (int i = 0; i < 30; i++)
		cruet_push_int(list, INT64_MAX - i);
	cruet_put_str(o, "name", cruet_json_str(cruet_json_get(in, "name"), "none"));
	return cruet_jsonify(c, o);
}
static int form(cruet_ctx *c)
{
	const char *a = cruet_form(c, "a"), *b = cruet_form(c, "b"), *q = cruet_query(c, "q");
	return cruet_textf(c, "%s %s %s", a ? a : "none", b ? b : "none", q ? q : "none");
}
static int cookies(cruet_ctx *c)
{
	const char *v = cruet_cookie(c, "c");
	int err = cruet_set_cookie(c, "d", "x y", NULL);
	return err ? err : cruet_text(c, v ? v : "none");
}
static int writes(cruet_ctx *c)
{
	void *p = malloc(10);
	int err = p ? cruet_defer(c, drop, p) : CRUET_ENOMEM;
	if (err)
		return err;
	for (int i = 0; i < 2000; i++)
		cruet_writef(c, "%05d", i);
	return cruet_html(c, NULL);
}
static int elsewhere(cruet_ctx *c)
{
	return cruet_redirect(c, 0, "/t\xc3\xa4xt");
}
static int peer(cruet_ctx *c)
{
	return cruet_textf(c, "%s %s", cruet_peer(c), cruet_host(c));
}
static int gone(cruet_ctx *c)
{
	return cruet_fail(c, 410, "gone is %s", cruet_path(c));
}
static int broken(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}
/* Is woken before it waits: what fails here fails at once. */
static int waits(cruet_ctx *c)
{
	cruet_waker *w = cruet_waker_new(c);
	int r = cruet_resume(c, w, text);
	if (w)
		cruet_wake(w);
	cruet_waker_free(w);
	return r;
}
static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	int *left = self;
	(void)c, (void)cap;
	if (!*left)
		return 0;
	if (--*left % 2)
		return CRUET_EAGAIN;
	*(char *)buf = (char)('0' + *left);
	return 1;
}
static int stream(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .wait_ms = 1, .length = -1, .pull = pull};
	int *left = cruet_alloc(c, sizeof *left);
	if (!left)
		return CRUET_ENOMEM;
	*left = 6;
	return cruet_stream(c, &source, left);
}
static int command(cruet_ctx *c, int argc, char **argv)
{
	return cruet_printf(c, "%d %s", argc, argv[0]) ? 7 : CRUET_ENOMEM;
}

static cruet_app *new_app(void)
{
	cruet_app *app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	cruet_set(app, "server.fields_max", "500");
	cruet_set(app, "server.proxy_for", "1");
	cruet_set(app, "server.proxy_host", "1");
	cruet_convert(app, &kind);
	cruet_before(app, before);
	cruet_after(app, after);
	cruet_finish(app, after);
	cruet_teardown(app, end);
	cruet_listen(app, "request_started", heard, NULL);
	cruet_command(app, "seven", "gives seven", command);
	cruet_allow_origin(app, "https://friend.example");
	cruet_get(app, "/text", text);
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_add(bp, "GET", "/<int:n>/<kind:w>", path, "path", CRUET_HERE);
	cruet_on_error(bp, 404, text);
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/<int:n>/<w>",
				       .name = "path", .fn = path, .defaults = "a=1&b=2"});
	cruet_post(app, "/json", json);
	cruet_post(app, "/form", form);
	cruet_get(app, "/cookies", cookies);
	cruet_get(app, "/writes", writes);
	cruet_get(app, "/elsewhere", elsewhere);
	cruet_get(app, "/peer", peer);
	cruet_get(app, "/gone", gone);
	cruet_get(app, "/broken", broken);
	cruet_get(app, "/waits", waits);
	cruet_get(app, "/stream", stream);
	return app;
}

START_TEST(setup_and_start_fail_aloud)
{
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		fail_alloc_at(n);
		cruet_app *app = new_app();
		cruet_ctx *c = cruet_open(app);
		failed = fail_alloc_off();
		const char *problem = cruet_problem(app);
		ck_assert_msg(!failed || !c, "allocation %zu failed and nobody said so", n);
		ck_assert_msg(failed || !problem, "%s", problem);
		ck_assert_msg(!problem || strstr(problem, "out of memory"), "allocation %zu: %s", n,
			      problem);
		if (!c && !problem) /* the start went well, but not the ctx */
			c = cruet_open(app);
		ck_assert(c || problem);
		cruet_close(c);
		cruet_free(app);
	}
}
END_TEST

/* --- requests ------------------------------------------------------------------------------------ */

struct asked {
	const char *method, *path, *type, *body;
	int status;
	const char *has;
};

static const struct asked requests[] = {
	{"GET", "/text", NULL, NULL, 200, "kept"},
	{"HEAD", "/text", NULL, NULL, 200, ""},
	{"GET", "/7/a%20b?x=1", NULL, NULL, 200, "a b /7/x%20y?q=1"},
	{"GET", "/bp/7/ab", NULL, NULL, 200, "<ab> /7/x%20y?q=1"},
	{"POST", "/json", "application/json", "{\"name\":\"ann\"}", 200,
	 "{\"list\":[9223372036854775807,"},
	{"POST", "/json", "application/json", "{\"name\":", 400, "JSON, line 1, column 9: "},
	{"POST", "/form?q=2", "application/x-www-form-urlencoded", "a=1+x&b=%C3%A4", 200,
	 "1 x \xc3\xa4 2"},
	{"GET", "/cookies", NULL, NULL, 200, "1"},
	{"GET", "/writes", NULL, NULL, 200, "0199801999"},
	{"GET", "/elsewhere", NULL, NULL, 302, "/t%C3%A4xt"},
	{"GET", "/peer", NULL, NULL, 200, "10.0.0.2 AAAAAAAA"},
	{"GET", "/gone", NULL, NULL, 410, "<p>gone is /gone</p>"},
	{"GET", "/none", NULL, NULL, 404, "<h1>Not Found</h1>"},
	{"GET", "/broken", NULL, NULL, 500, "<h1>Internal Server Error</h1>"},
	{"GET", "/waits", NULL, NULL, 200, "kept"},
	{"GET", "/stream", NULL, NULL, 200, "420"},
	{"OPTIONS", "/text", NULL, NULL, 200, ""},
	{"PUT", "/text", NULL, NULL, 405, "<h1>Method Not Allowed</h1>"},
	{"GET", "/%zz", NULL, NULL, 400, "two hex digits"},
};

/* The host and the peer are more than the first block of a request holds. */
static int ask(cruet_client *t, const struct asked *a)
{
	static char host[9001];

	memset(host, 'A', sizeof host - 1);
	cruet_client_set_header(t, "Cookie", "c=1");
	cruet_client_set_header(t, "X-Forwarded-For", "10.0.0.1");
	cruet_client_set_header(t, "X-Forwarded-For", "10.0.0.2");
	cruet_client_set_header(t, "X-Forwarded-Host", host);
	return cruet_client_send(t, a->method, a->path, a->type, a->body,
				 a->body ? strlen(a->body) : 0);
}

static void assert_answered(cruet_client *t, const struct asked *a, size_t n)
{
	ck_assert_msg(cruet_client_status(t) == a->status &&
			      strstr(cruet_client_body(t), a->has),
		      "%s %s, allocation %zu: %d %.200s", a->method, a->path, n,
		      cruet_client_status(t), cruet_client_body(t));
}

/* A fresh app each time: a ctx that is warm asks for less. */
static void starve(const struct asked *a)
{
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		cruet_app *app = new_app();
		cruet_client *t = client_of(app);
		fail_alloc_at(n);
		int status = ask(t, a);
		failed = fail_alloc_off();
		/* 0: the client itself had no memory; 503: there was none for a ctx; the
		 * words of the status: there was none for a page */
		bool bare = !strcmp(cruet_client_body(t), cruet_reason(status));
		if (!failed || (status && status != 500 && status != 503 && !bare))
			assert_answered(t, a, n);
		ask(t, a);
		assert_answered(t, a, n);
		cruet_client_free(t);
		cruet_free(app);
	}
}

START_TEST(a_request_without_memory_fails_and_the_next_one_is_served)
{
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		starve(&requests[i]);
}
END_TEST

START_TEST(without_any_memory_a_request_ends)
{
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		bool failed = true;
		for (size_t n = 1; failed; n++) {
			cruet_app *app = new_app();
			cruet_client *t = client_of(app);
			fail_alloc_from(n);
			ask(t, &requests[i]);
			failed = fail_alloc_off();
			ask(t, &requests[i]);
			assert_answered(t, &requests[i], n);
			cruet_client_free(t);
			cruet_free(app);
		}
	}
}
END_TEST

START_TEST(a_command_without_memory_fails)
{
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		cruet_app *app = new_app();
		cruet_client *t = client_of(app);
		fail_alloc_at(n);
		int code = cruet_client_command(t, "seven", 0, NULL);
		failed = fail_alloc_off();
		ck_assert_int_eq(code, failed ? 1 : 7);
		ck_assert_int_eq(cruet_client_command(t, "seven", 0, NULL), 7);
		cruet_client_free(t);
		cruet_free(app);
	}
}
END_TEST

SUITE_TIMEOUT("no_memory", 240, setup_and_start_fail_aloud,
	      a_request_without_memory_fails_and_the_next_one_is_served,
	      without_any_memory_a_request_ends, a_command_without_memory_fails)
