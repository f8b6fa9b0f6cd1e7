/* Over sockets: every request of every connection is a line by the time that the server
 * has ended, also what was refused at the door, and what its client did not wait for. */
#include "../../net/raw.h"

extern const cruet_plugin cruet_plugin_access_log;

static char log_file[FOLDER_MAX + 8], text[1 << 20];

static int page(cruet_ctx *c)
{
	return cruet_text(c, "page");
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	(void)c, (void)self;
	memset(buf, 'x', cap);
	return (ptrdiff_t)cap;
}

static int endless(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .length = -1, .pull = pull};

	return cruet_stream(c, &source, NULL);
}

static void setup(cruet_app *app)
{
	char options[256];

	snprintf(options, sizeof options, "format=json\nfile=%s", log_file);
	cruet_use_static(app, &cruet_plugin_access_log, options);
	cruet_get(app, "/", page);
	cruet_get(app, "/endless", endless);
}

static struct server start(void)
{
	char folder[FOLDER_MAX];

	ck_assert(folder_make(folder));
	snprintf(log_file, sizeof log_file, "%s/log", folder);
	return server_start(setup, NULL);
}

static size_t count(const char *what)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

static void read_log(void)
{
	FILE *f = fopen(log_file, "r");

	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
}

START_TEST(no_request_is_forgotten)
{
	enum { CLIENTS = 8, REQUESTS = 50 };
	struct server s = start();
	struct wire *w[CLIENTS];

	for (int i = 0; i < CLIENTS; i++)
		w[i] = dial(s.port);
	for (int k = 0; k < REQUESTS; k++) {
		for (int i = 0; i < CLIENTS; i++) {
			char ask[64];
			snprintf(ask, sizeof ask,
				 "GET /?n=%d-%d HTTP/1.1\r\nHost: x\r\n\r\n", i, k);
			put(w[i], ask);
		}
		for (int i = 0; i < CLIENTS; i++)
			assert_reply(take_reply(w[i], false), 200, "page");
	}
	for (int i = 0; i < CLIENTS; i++)
		hang_up(w[i]);
	server_stop(&s);
	read_log();
	ck_assert_uint_eq(count("\n"), CLIENTS * REQUESTS);
	for (int i = 0; i < CLIENTS; i++)
		for (int k = 0; k < REQUESTS; k++) {
			char want[64];
			snprintf(want, sizeof want, "\"target\":\"/?n=%d-%d\"", i, k);
			ck_assert_uint_eq(count(want), 1);
		}
}
END_TEST

START_TEST(what_is_refused_at_the_door_is_logged)
{
	struct server s = start();

	assert_reply(ask(s.port, "GET /two HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", NULL),
		     400, "");
	server_stop(&s);
	read_log();
	ck_assert_uint_eq(count("\n"), 1);
	ck_assert_uint_eq(count("\"peer\":\"127.0.0.1\""), 1);
	ck_assert_uint_eq(count("\"target\":\"/two\""), 1);
	ck_assert_uint_eq(count("\"status\":400"), 1);
}
END_TEST

START_TEST(a_client_that_leaves_is_told_of)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert(more(w, PATIENCE_MS));
	hang_up(w);
	server_stop(&s);
	read_log();
	ck_assert_uint_eq(count("\"target\":\"/endless\""), 1);
	ck_assert_uint_eq(count("\"status\":200"), 1);
	ck_assert_uint_eq(count("\"err\":\"input or output failed\""), 1);
}
END_TEST

SUITE_TIMEOUT("access_log_served", 120, no_request_is_forgotten,
	      what_is_refused_at_the_door_is_logged, a_client_that_leaves_is_told_of)
