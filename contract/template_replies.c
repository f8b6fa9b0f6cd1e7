/* Replies, streams, and many at once. */
#include "template.h"

#include <stdio.h>

enum { THREADS = 8, ROUNDS = 50, ROWS = 20000 };

static void a_page_is_a_reply(struct trial *t)
{
	cruet_client *client = trial_client(t);

	expect_get(client, "/page?page=contract/hello.html&name=%3CAda%3E", 200);
	expect_text(cruet_client_body(client), "Hello &lt;Ada&gt;!");
	expect_text(cruet_client_header(client, "Content-Type"), "text/html; charset=utf-8");
	expect_get(client, "/page?page=contract/hello.txt&name=%3CAda%3E", 200);
	expect_text(cruet_client_body(client), "Hello <Ada>!");
	cruet_client_free(client);
}

static void a_failure_is_for_the_log(struct trial *t)
{
	cruet_client *client = trial_client(t);

	expect_get(client, "/page?page=contract/broken.html", 500);
	expect(!strstr(cruet_client_body(client), "broken"));
	expect(strstr(t->logged, "contract/broken.html"));
	expect_get(client, "/page?page=contract/hello.txt&name=Ada", 200);
	expect_text(cruet_client_body(client), "Hello Ada!");
	cruet_client_free(client);
}

/* Whether the provider makes them bit by bit or not. */
static void a_stream_is_the_same_text(struct trial *t)
{
	cruet_client *client = trial_client(t);
	char path[100];

	expect_get(client, "/stream?page=contract/hello.txt&name=Ada", 200);
	expect_text(cruet_client_body(client), "Hello Ada!");
	snprintf(path, sizeof path, "/stream?page=contract/list.html&rows=%d", ROWS);
	expect_get(client, path, 200);
	expect(!cruet_client_broken(client));
	const char *p = cruet_client_body(client);
	for (int i = 0; i < ROWS; i++, p++)
		expect_int(strtol(p, (char **)&p, 10), i);
	expect_text(p, "");
	expect_get(client, "/stream?page=contract/broken.html", 500);
	expect_get(client, "/stream?page=contract/late.html&rows=1", 418);
	cruet_client_free(client);
}

/* With so many rows in front, all that was made bit by bit has left by then. */
static void a_stream_that_fails_is_no_whole_page(struct trial *t)
{
	cruet_client *client = trial_client(t);
	char path[100];

	snprintf(path, sizeof path, "/stream?page=contract/late.html&rows=%d", ROWS);
	int status = cruet_client_get(client, path);
	expect(status == 418 || (status == 200 && cruet_client_broken(client)));
	expect(status == 418 || strstr(t->logged, "this member fails"));
	cruet_client_free(client);
}

/* A provider without streams keeps it as well. */
static void a_stream_is_made_while_it_is_taken(struct trial *t)
{
	const cruet_template *vt = t->s.vt;
	struct template_rows rows = {.left = ROWS};
	const cruet_template_object object = {&template_rows, &rows};
	const cruet_var list[] = {{"list", cruet_value_host(&object)}, LAST};
	const cruet_template_vars vars = {.size = sizeof vars, .list = list};
	cruet_source source = {.size = sizeof source};
	void *reply;
	char part[512];

	if (!CRUET_HAS(vt, cruet_template, stream))
		return;
	expect_int(vt->stream(t->s.self, t->c, "contract/list.html", &vars, &source, &reply),
		   CRUET_OK);
	expect_int(source.length, -1);
	ptrdiff_t n = source.pull(t->c, reply, part, sizeof part);
	expect(n > 0 && n <= (ptrdiff_t)sizeof part);
	expect(!strncmp(part, "0;1;2;", 6));
	expect(rows.asked < ROWS);
	if (source.close)
		source.close(t->c, reply, CRUET_EIO);
	expect(vt->stream(t->s.self, t->c, "contract/broken.html", &vars, &source, &reply) !=
	       CRUET_OK);
	expect_int(cruet_err_status(t->c), 500);
	cruet_err_clear(t->c);
}

static void render_each(struct trial *t, cruet_ctx *c, int which, void *arg)
{
	char name[32], want[64];

	(void)t, (void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof name, "<%d.%d>", which, i);
		snprintf(want, sizeof want, "[Hello &lt;%d.%d&gt;!]", which, i);
		const cruet_var vars[] = {{"name", cruet_value_text(name)}, LAST};
		expect_renders(c, "contract/include.html", vars, want);
		expect_fails(c, i % 2 ? "contract/broken.html" : "contract/nowhere.html", vars,
			     500, "contract/");
	}
}

static void many_render_at_once(struct trial *t)
{
	trial_threads(t, THREADS, render_each, NULL);
}

const struct promise template_replies[] = {PROMISE(a_page_is_a_reply),
					   PROMISE(a_failure_is_for_the_log),
					   PROMISE(a_stream_is_the_same_text),
					   PROMISE(a_stream_that_fails_is_no_whole_page),
					   PROMISE(a_stream_is_made_while_it_is_taken),
					   PROMISE(many_render_at_once),
					   {NULL, NULL}};
