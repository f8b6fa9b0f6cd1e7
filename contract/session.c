/* The promises of "session/1", tried as a browser sees them, through cruet/session.h. */
#include "trial.h"

#include <cruet/session.h>
#include <cruet/svc/session.h>
#include <stdio.h>

enum { THREADS = 8, ROUNDS = 25 };

/* --- the site ---------------------------------------------------------------------- */

static int h_none(cruet_ctx *c)
{
	return cruet_text(c, "x");
}

static int h_set(cruet_ctx *c)
{
	cruet_session_set_str(c, "v", cruet_query(c, "v"));
	return cruet_text(c, "set");
}

static int h_get(cruet_ctx *c)
{
	return cruet_text(c, cruet_session_str(c, "v", "none"));
}

static int h_count(cruet_ctx *c)
{
	int64_t n = cruet_session_int(c, "n", 0) + 1;

	cruet_session_set_int(c, "n", n);
	return cruet_textf(c, "%lld", (long long)n);
}

static int h_del(cruet_ctx *c)
{
	cruet_session_del(c, "v");
	return cruet_text(c, "x");
}

static int h_clear(cruet_ctx *c)
{
	cruet_session_clear(c);
	return cruet_text(c, "x");
}

static int h_renew(cruet_ctx *c)
{
	cruet_session_renew(c);
	return cruet_text(c, "x");
}

static int h_permanent(cruet_ctx *c)
{
	cruet_session_permanent(c, true);
	return h_set(c);
}

static int h_fails(cruet_ctx *c)
{
	cruet_session_set_str(c, "v", "kept");
	return cruet_fail(c, 409, "no");
}

static int h_kinds(cruet_ctx *c)
{
	cruet_json *list = cruet_array(c);

	cruet_push_int(list, 1);
	cruet_push_str(list, "two");
	cruet_session_set_int(c, "int", INT64_MAX);
	cruet_session_set_real(c, "real", 0.5);
	cruet_session_set_bool(c, "bool", true);
	cruet_session_set_str(c, "str", "gr\xc3\xbc\xc3\x9f dich");
	cruet_session_set_str(c, "null", NULL);
	cruet_session_set_json(c, "list", list);
	return cruet_text(c, "x");
}

static int h_all(cruet_ctx *c)
{
	return cruet_jsonify(c, cruet_session_data(c));
}

static int h_flash(cruet_ctx *c)
{
	cruet_flash(c, "info", "hello %d", 7);
	return cruet_text(c, "x");
}

static int h_flashes(cruet_ctx *c)
{
	return cruet_jsonify(c, cruet_flashes(c, NULL));
}

static void setup(struct trial *t)
{
	cruet_get(t->app, "/none", h_none);
	cruet_get(t->app, "/set", h_set);
	cruet_get(t->app, "/get", h_get);
	cruet_get(t->app, "/count", h_count);
	cruet_get(t->app, "/del", h_del);
	cruet_get(t->app, "/clear", h_clear);
	cruet_get(t->app, "/renew", h_renew);
	cruet_get(t->app, "/permanent", h_permanent);
	cruet_get(t->app, "/fails", h_fails);
	cruet_get(t->app, "/kinds", h_kinds);
	cruet_get(t->app, "/all", h_all);
	cruet_get(t->app, "/flash", h_flash);
	cruet_get(t->app, "/flashes", h_flashes);
}

/* --- the promises ------------------------------------------------------------------ */

static const char *set_cookie(cruet_client *client)
{
	return cruet_client_header(client, "Set-Cookie");
}

static bool varies(cruet_client *client)
{
	const char *name, *value;

	for (size_t i = 0; cruet_client_header_at(client, i, &name, &value); i++)
		if (!strcasecmp(name, "Vary") && strstr(value, "Cookie"))
			return true;
	return false;
}

static void who_does_not_ask_gets_no_cookie(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_get(ada, "/none", 200);
	expect(!set_cookie(ada));
	expect(!varies(ada));
	expect_get(ada, "/set?v=x", 200);
	expect_get(ada, "/none", 200);
	expect(!set_cookie(ada));
	expect(!varies(ada));
	cruet_client_free(ada);
}

static void what_was_set_is_there_the_next_time(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_says(ada, "/get", "none");
	expect(!set_cookie(ada));
	expect_get(ada, "/set?v=one", 200);
	expect(set_cookie(ada) != NULL);
	expect(varies(ada));
	expect_says(ada, "/get", "one");
	expect(!set_cookie(ada));
	expect(varies(ada));
	expect_get(ada, "/set?v=another", 200);
	expect_says(ada, "/get", "another");
	for (int i = 0; i < 5; i++)
		expect_get(ada, "/count", 200);
	expect_text(cruet_client_body(ada), "5");
	cruet_client_free(ada);
}

static void browsers_are_told_apart(struct trial *t)
{
	cruet_client *ada = trial_client(t), *bob = trial_client(t);

	expect_get(ada, "/set?v=ada", 200);
	expect_says(bob, "/get", "none");
	expect_get(bob, "/set?v=bob", 200);
	expect_says(ada, "/get", "ada");
	expect_says(bob, "/get", "bob");
	cruet_client_free(ada);
	cruet_client_free(bob);
}

static void values_of_each_kind_come_back(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_get(ada, "/kinds", 200);
	expect_says(ada, "/all",
		    "{\"int\":9223372036854775807,\"real\":0.5,\"bool\":true,"
		    "\"str\":\"gr\xc3\xbc\xc3\x9f dich\",\"null\":null,"
		    "\"list\":[1,\"two\"]}\n");
	cruet_client_free(ada);
}

static void what_was_removed_is_gone(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_get(ada, "/set?v=x", 200);
	expect_get(ada, "/count", 200);
	expect_get(ada, "/del", 200);
	expect_says(ada, "/all", "{\"n\":1}\n");
	expect_get(ada, "/clear", 200);
	expect(set_cookie(ada) != NULL); /* the browser is told to forget its cookie */
	expect_says(ada, "/all", "{}\n");
	expect_get(ada, "/clear", 200);
	expect_says(ada, "/count", "1");
	cruet_client_free(ada);
}

static void renewing_keeps_the_data(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_get(ada, "/renew", 200);
	expect(!set_cookie(ada)); /* of nothing sets nothing */
	expect_get(ada, "/set?v=x", 200);
	expect_get(ada, "/renew", 200);
	expect(set_cookie(ada) != NULL);
	expect_says(ada, "/get", "x");
	cruet_client_free(ada);
}

static void an_error_saves_too(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_get(ada, "/fails", 409);
	expect_says(ada, "/get", "kept");
	cruet_client_free(ada);
}

static void a_permanent_one_outlives_the_window(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_get(ada, "/set?v=x", 200);
	expect(!strstr(set_cookie(ada), "Expires=") &&
	       !strstr(set_cookie(ada), "Max-Age="));
	expect_get(ada, "/permanent?v=y", 200);
	expect(strstr(set_cookie(ada), "Expires=") ||
	       strstr(set_cookie(ada), "Max-Age="));
	expect_says(ada, "/get", "y");
	cruet_client_free(ada);
}

static void messages_are_shown_once(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_says(ada, "/flashes", "[]\n");
	expect_get(ada, "/flash", 200);
	expect_get(ada, "/none", 200);
	expect_says(ada, "/flashes",
		    "[{\"category\":\"info\",\"message\":\"hello 7\"}]\n");
	expect_says(ada, "/flashes", "[]\n");
	cruet_client_free(ada);
}

/* Each letter of the cookie replaced by another one; it is an empty session then, or, as
 * some letters may mean nothing, the same. It is never somebody else's and no error. */
static void a_cookie_that_was_changed_is_not_believed(struct trial *t)
{
	cruet_client *ada = trial_client(t), *eve = trial_client(t);
	char name[128] = "", value[8192] = "";

	expect_get(ada, "/set?v=ada", 200);
	expect(sscanf(set_cookie(ada), "%127[^=]=%8191[^;]", name, value) == 2);
	cruet_client_set_cookie(eve, name, value);
	expect_says(eve, "/get", "ada");
	size_t n = strlen(value), refused = 0;
	for (size_t i = 0; i < n; i++) {
		char was = value[i];
		value[i] = was == 'A' ? 'B' : 'A';
		cruet_client_set_cookie(eve, name, value);
		expect_get(eve, "/get", 200);
		const char *said = cruet_client_body(eve);
		expect(!strcmp(said, "none") || !strcmp(said, "ada"));
		refused += !strcmp(said, "none");
		value[i] = was;
	}
	expect(refused * 10 >= n * 9);
	static const char *const others[] = {"",	"nonsense", "%00",
					     "a.b.c.d", "=",	    "\"\""};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		cruet_client_set_cookie(eve, name, others[i]);
		expect_says(eve, "/get", "none");
	}
	cruet_client_free(ada);
	cruet_client_free(eve);
}

static void browse(struct trial *t, cruet_ctx *c, int which, void *arg)
{
	cruet_client *client = trial_client(t);
	char path[32], text[16];

	(void)c, (void)arg;
	for (int i = 1; i <= ROUNDS; i++) {
		snprintf(path, sizeof path, "/set?v=%d-%d", which, i);
		snprintf(text, sizeof text, "%d-%d", which, i);
		expect_get(client, path, 200);
		expect_says(client, "/get", text);
		snprintf(text, sizeof text, "%d", i);
		expect_says(client, "/count", text);
	}
	cruet_client_free(client);
}

static void many_browse_at_once(struct trial *t)
{
	cruet_close(t->c);
	t->c = NULL;
	trial_threads(t, THREADS, browse, NULL);
}

static const struct promise promises[] = {
	PROMISE(who_does_not_ask_gets_no_cookie),
	PROMISE(what_was_set_is_there_the_next_time),
	PROMISE(browsers_are_told_apart),
	PROMISE(values_of_each_kind_come_back),
	PROMISE(what_was_removed_is_gone),
	PROMISE(renewing_keeps_the_data),
	PROMISE(an_error_saves_too),
	PROMISE(a_permanent_one_outlives_the_window),
	PROMISE(messages_are_shown_once),
	PROMISE(a_cookie_that_was_changed_is_not_believed),
	PROMISE(many_browse_at_once),
	{NULL, NULL}};

const struct contract contract_session = {.service = CRUET_SESSION,
					  .need = CRUET_UPTO(cruet_session, renew),
					  .setup = setup,
					  .parts = {promises}};
