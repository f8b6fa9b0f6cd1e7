/* Memory runs out, once, at every place where the core asks for it: from cruet_new() over
 * plugins from files, setup and requests to cruet_free(). Whatever is hit, nothing
 * crashes and nothing is lost (LeakSanitizer looks on); a setup that failed says so; a
 * reply is right, or 500, or 503; and the next life is fine. */
#include <fcntl.h>

#include <cruet/session.h>

#include "fail_alloc.h"
#include "host.h"

/* Without memory the dynamic linker forgets some of what it had, which nobody else can free. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
	return "leak:ld-linux\n";
}

/* --- an application with a bit of everything ----------------------------------------------- */

static int freed;

static void count_free(void *p)
{
	(void)p;
	freed++;
}

static int hello(cruet_ctx *c)
{
	return cruet_textf(c, "Hello, %s!", cruet_arg(c, "name"));
}

static int many(cruet_ctx *c)
{
	for (int i = 0; i < 3000; i++)
		cruet_writef(c, "%d,", i % 10);
	return cruet_html(c, NULL);
}

static int echo_json(cruet_ctx *c)
{
	const cruet_json *in = cruet_body_json(c);
	if (!in)
		return cruet_err(c);
	cruet_json *out = cruet_object(c), *list = cruet_put_array(out, "list");
	cruet_put_str(out, "name", cruet_json_str(cruet_json_get(in, "name"), "?"));
	for (int i = 0; i < 5; i++)
		cruet_push_int(list, i);
	cruet_put_bool(cruet_put_object(out, "deep"), "yes", true);
	return cruet_jsonify(c, out);
}

static int form(cruet_ctx *c)
{
	const char *name = cruet_form(c, "name"), *mail = cruet_form(c, "mail");
	return cruet_textf(c, "%s|%s|%lld", name ? name : "-", mail ? mail : "-",
			   (long long)cruet_query_int(c, "page", 1));
}

static int upload(cruet_ctx *c)
{
	char start[8] = "";
	cruet_upload *u = cruet_upload_get(c, "file", 0);
	if (!u)
		return cruet_err(c) ? cruet_err(c) : cruet_text(c, "none");
	if (cruet_upload_read(u, 0, start, sizeof start - 1) < 0)
		return CRUET_EIO;
	return cruet_textf(c, "%s %s", cruet_upload_filename(u), start);
}

static int url(cruet_ctx *c)
{
	const char *u = cruet_url(c, "bp.hello", "name", "a b", "q", "1 2", (char *)0);
	return u ? cruet_text(c, u) : cruet_err(c);
}

static int move(cruet_ctx *c)
{
	return cruet_redirect(c, 0, "/bp/hello/moved");
}

static int taken(cruet_ctx *c)
{
	return cruet_fail(c, 409, "the name %s is taken", "x");
}

static int excuse(cruet_ctx *c)
{
	return cruet_textf(c, "sorry: %s", cruet_err_text(c));
}

static const cruet_key key = {"key"};

static int keep(cruet_ctx *c)
{
	char *copy = cruet_strdup(c, "kept");
	int err = copy ? cruet_g_set(c, &key, copy, count_free) : CRUET_ENOMEM;
	if (!err)
		err = cruet_set_cookie(c, "seen", "yes", NULL);
	return err ? err : cruet_text(c, cruet_g_get(c, &key));
}

static int cookie(cruet_ctx *c)
{
	const char *v = cruet_cookie(c, "seen");
	return cruet_text(c, v ? v : "no");
}

static int visits(cruet_ctx *c)
{
	int64_t n = cruet_session_int(c, "visits", 0) + 1;
	int err = cruet_session_set_int(c, "visits", n);
	return err ? err : cruet_textf(c, "visits");
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	int *left = self;
	(void)c;
	if (!*left || cap < 5)
		return 0;
	--*left;
	memcpy(buf, "piece", 5);
	return 5;
}

static int stream(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .mime = "text/plain", .length = -1, .pull = pull};
	int *left = cruet_alloc(c, sizeof *left);
	if (!left)
		return CRUET_ENOMEM;
	*left = 3;
	return cruet_stream(c, &source, left);
}

static int mark(cruet_ctx *c)
{
	return cruet_add_header(c, "X-Life", "yes");
}

static void heard(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what;
	++*(int *)arg;
}

static const char *const own_needs[] = {"thing/1?", "session/1", NULL};

static int own_init(cruet_app *app)
{
	static int events;
	cruet_service s;
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");

	cruet_get(bp, "/hello/<name>", hello);
	cruet_get(bp, "/many", many);
	cruet_post(app, "/json", echo_json);
	cruet_post(app, "/form", form);
	cruet_post(app, "/upload", upload);
	cruet_get(app, "/url", url);
	cruet_get(app, "/move", move);
	cruet_get(app, "/taken", taken);
	cruet_on_error(app, 409, excuse);
	cruet_get(app, "/keep", keep);
	cruet_get(app, "/cookie", cookie);
	cruet_get(app, "/visits", visits);
	cruet_get(app, "/stream", stream);
	cruet_after(app, mark);
	cruet_listen(app, "request_started", heard, &events);
	return cruet_bind(app, "session/1", NULL, sizeof(uint32_t), &s);
}

struct config {
	const char *title;
	const char *const *list;
	uint64_t ttl;
};

static const cruet_option options[] = {
	CRUET_OPTION(struct config, title, STR, .def = "Title"),
	CRUET_OPTION(struct config, list, LIST, .def = "a,b,c"),
	CRUET_OPTION(struct config, ttl, TIME, .def = "5m"),
	{.name = NULL}};

CRUET_PLUGIN(own, .needs = own_needs, .options = options, .config_size = sizeof(struct config),
	     .state_size = 64, .init = own_init);

/* --- one life ---------------------------------------------------------------------------------- */

static struct { char config[256], path[512]; } place; /* made before memory runs out */
static char fault[512]; /* the first thing that was not as it should be */

static void wrong(const char *what, int status, const char *got)
{
	if (!*fault)
		snprintf(fault, sizeof fault, "%s: %d: %.200s", what, status, got ? got : "");
}

static void quiet(void *arg, int level, const char *who, const char *line)
{
	(void)arg, (void)level, (void)who, (void)line;
}

/* A reply is the right one, or says that something went wrong on our side. The client
 * itself may have run out of memory: 0. */
static void expect(cruet_client *t, const char *what, int status, const char *body)
{
	int got = cruet_client_status(t);

	if (got == 0 || got == 500 || got == 503)
		return;
	if (got != status)
		wrong(what, got, cruet_client_body(t));
	else if (strcmp(cruet_client_body(t), body) != 0)
		wrong(what, got, cruet_client_body(t));
}

static void ask(cruet_client *t)
{
	static char digits[6001];

	for (int i = 0; i < 3000; i++)
		memcpy(digits + 2 * i, (char[2]){(char)('0' + i % 10), ','}, 2);
	cruet_client_get(t, "/bp/hello/World");
	expect(t, "hello", 200, "Hello, World!");
	cruet_client_get(t, "/bp/many");
	expect(t, "many", 200, digits);
	cruet_client_json(t, "POST", "/json", "{\"name\": \"\\u00e4\", \"x\": [1, 2, {}]}");
	expect(t, "json", 200,
	       "{\"list\":[0,1,2,3,4],\"name\":\"\xc3\xa4\",\"deep\":{\"yes\":true}}\n");
	cruet_client_add_field(t, "name", "Ada L");
	cruet_client_add_field(t, "mail", "a@b.c");
	cruet_client_add_query(t, "page", "7");
	cruet_client_submit(t, "/form");
	expect(t, "form", 200, "Ada L|a@b.c|7");
	cruet_client_add_file(t, "file", "a.txt", "text/plain", "content", 7);
	cruet_client_submit(t, "/upload");
	expect(t, "upload", 200, "a.txt content");
	cruet_client_get(t, "/url");
	expect(t, "url", 200, "/bp/hello/a%20b?q=1+2");
	cruet_client_get(t, "/move");
	if (cruet_client_status(t) == 302 && cruet_client_follow(t))
		expect(t, "move", 200, "Hello, moved!");
	cruet_client_get(t, "/taken");
	expect(t, "taken", 409, "sorry: the name x is taken");
	cruet_client_get(t, "/well");
	expect(t, "well", 200, "1.0.0");
	cruet_client_get(t, "/stream");
	expect(t, "stream", 200, "piecepiecepiece");
}

/* What needs what came before: only whether it is one of the right answers. */
static void ask_more(cruet_client *t)
{
	cruet_client_get(t, "/keep");
	expect(t, "keep", 200, "kept");
	cruet_client_get(t, "/cookie");
	if (cruet_client_status(t) == 200 && strcmp(cruet_client_body(t), "no") != 0)
		expect(t, "cookie", 200, "yes");
	for (int i = 0; i < 2; i++) {
		cruet_client_get(t, "/visits");
		expect(t, "visits", 200, "visits");
	}
	cruet_client_get(t, "/nothing/here");
	if (cruet_client_status(t) != 404)
		expect(t, "nothing", 404, "");
	cruet_client_set_header(t, "Accept", "application/json");
	cruet_client_json(t, "POST", "/json", "{\"broken\": ");
	if (cruet_client_status(t) != 400)
		expect(t, "broken", 400, "");
}

/* Returns whether it started. */
static bool live(void)
{
	cruet_app *app = cruet_new("life");
	bool started = false;

	*fault = '\0';
	if (!app)
		return false;
	cruet_log_to(app, quiet, NULL);
	int err = cruet_set(app, "server.plugin_path", place.path);
	if (!err)
		err = cruet_load(app, place.config);
	if (!err)
		err = cruet_use_static(app, &cruet_plugin_own, "title=Life\nlist=x,y");
	if (err && !cruet_problem(app))
		wrong("a failure without a word", err, NULL);
	cruet_client *t = cruet_client_new(app);
	const char *problem = cruet_problem(app);
	if (t) {
		int status = cruet_client_get(t, "/well");
		started = status == 200;
		if (status && problem)
			wrong("started in spite of", status, problem);
		ask(t);
		ask_more(t);
	}
	cruet_client_free(t);
	cruet_free(app);
	return started;
}

/* Without what debuggers read: each life copies and hashes the file. */
static const char *put_small(const char *name, const char *from)
{
	const char *path = at(text("%s.so", name));

	ck_assert_int_eq(system(text("strip -g -o '%s' '%s' && chmod 644 '%s'", path, from, path)), 0);
	return path;
}

static void prepare(void)
{
	make_folder();
	put_small("well", fixture("well"));
	put_small("once", fixture("once"));
	put_small("session", text("%s/plugins/session/session.so", getenv("CRUET_BUILD")));
	write_text("cruet.json", "// everything\n"
				 "{\"secret_key\": \"0123456789abcdef0123456789abcdef\",\n"
				 " \"settings\": {\"title\": \"Life\"},\n"
				 " \"plugins\": {\"well\": {}, \"session\": {\"lifetime\": \"1h\"},\n"
				 "  \"again\": {\"plugin\": \"once\", \"prefix\": \"/again\"}}}\n");
	write_text("cruet.lock",
		   text("{\"format\": 1, \"plugins\": {"
			"\"once\": {\"abi\": 1, \"sha256\": \"%s\", \"imports\": [\"free\"]},"
			"\"session\": {\"abi\": 1, \"sha256\": \"%s\", \"version\": \"1\"},"
			"\"well\": {\"abi\": 1, \"sha256\": \"%s\"}}}\n",
			hash_of_file(at("once.so")),
			hash_of_file(at("session.so")),
			hash_of_file(at("well.so"))));
	snprintf(place.config, sizeof place.config, "%s", at("cruet.json"));
	snprintf(place.path, sizeof place.path, "%s,%s/plugins", folder, getenv("CRUET_BUILD"));
}

static void assert_good_life(void)
{
	ck_assert(live());
	ck_assert_msg(!*fault, "%s", fault);
}

static int open_files(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void fail_all(void (*arm)(size_t n))
{
	size_t n = 1;
	bool failed;

	assert_good_life();
	int files = open_files();
	do {
		arm(n);
		bool started = live();
		failed = fail_alloc_off();
		ck_assert_msg(!*fault, "allocation %zu: %s", n, fault);
		ck_assert_msg(started || failed, "allocation %zu", n);
		if (n % 50 == 0)
			assert_good_life();
		n++;
	} while (failed);
	assert_good_life();
	ck_assert_uint_gt(n, 200);
	ck_assert_int_eq(open_files(), files);
	ck_assert_uint_eq(copies(NULL, 0), 0);
}

START_TEST(each_allocation_fails_once)
{
	fail_all(fail_alloc_at);
}
END_TEST

START_TEST(from_each_allocation_on_all_fail)
{
	fail_all(fail_alloc_from);
}
END_TEST

SUITE_WITH("memory", prepare, remove_folder, each_allocation_fails_once,
	   from_each_allocation_on_all_fail)
