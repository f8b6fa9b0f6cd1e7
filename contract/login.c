/* The promises of "login/1", tried as visitors see them, through cruet/login.h. What a hash
 * looks like, how many tries there are and where a page is sent to are the provider's own. */
#include "login.h"

#include <cruet/login.h>
#include <cruet/request.h>
#include <cruet/session.h>
#include <cruet/svc/login.h>
#include <stdio.h>

enum { THREADS = 6, ROUNDS = 10 };

#define PAGE "text/html,application/xhtml+xml,*/*;q=0.8"

/* --- the site ---------------------------------------------------------------------- */

static atomic_int loads; /* how often users were asked for */

static int load_user(cruet_ctx *c, const char *id, void *arg, const cruet_json **user)
{
	(void)arg;
	atomic_fetch_add(&loads, 1);
	if (!strcmp(id, "away"))
		return cruet_fail(c, 503, "the users are away");
	if (!strcmp(id, "gone"))
		return CRUET_ENOENT;
	cruet_json *u = cruet_object(c);
	cruet_put_str(u, "id", id);
	cruet_put_str(u, "name", "Ann");
	*user = u;
	return CRUET_OK;
}

static int h_enter(cruet_ctx *c)
{
	int err = cruet_login_user(c, cruet_query(c, "id"), cruet_query(c, "remember") != NULL);

	return err ? err : cruet_text(c, "in");
}

static int h_leave(cruet_ctx *c)
{
	int err = cruet_logout_user(c);

	return err ? err : cruet_text(c, "out");
}

static int h_who(cruet_ctx *c)
{
	const cruet_json *user = cruet_current_user(c);

	if (!user)
		return cruet_err(c) ? cruet_err(c) : cruet_text(c, "nobody");
	return cruet_text(c, cruet_json_str(cruet_json_get(user, "id"), "?"));
}

static int h_who_twice(cruet_ctx *c)
{
	const cruet_json *user = cruet_current_user(c);

	return cruet_text(c, user && user == cruet_current_user(c) ? "the same" : "another");
}

/* Who is there at once, in the request that lets somebody in or out. */
static int h_enter_and_leave(cruet_ctx *c)
{
	const cruet_json *before = cruet_current_user(c);
	int err = cruet_login_user(c, "7", false);
	const cruet_json *within = err ? NULL : cruet_current_user(c);

	if (!err)
		err = cruet_logout_user(c);
	if (err)
		return err;
	return cruet_text(c, !before && within && !cruet_current_user(c) ? "right" : "wrong");
}

static int h_put(cruet_ctx *c)
{
	cruet_session_set_str(c, "v", cruet_query(c, "v"));
	return cruet_text(c, "put");
}

static int h_got(cruet_ctx *c)
{
	return cruet_text(c, cruet_session_str(c, "v", "none"));
}

static int h_mine(cruet_ctx *c)
{
	int err = cruet_login_required(c);

	return err ? err : cruet_text(c, "mine");
}

static int h_area(cruet_ctx *c)
{
	return cruet_text(c, "area");
}

static int h_next(cruet_ctx *c)
{
	return cruet_text(c, cruet_login_next(c, "/home"));
}

static int h_try(cruet_ctx *c)
{
	const char *hash = cruet_password_hash(c, "right");
	int err = hash ? cruet_password_check(c, cruet_query(c, "account"), hash,
					      cruet_query(c, "password"))
		       : cruet_err(c);

	return err == CRUET_EDENIED ? cruet_text(c, "denied")
	       : err		    ? err
				    : cruet_text(c, "right");
}

static void setup(struct trial *t)
{
	cruet_app *area = cruet_blueprint(t->app, "area", "/area");

	cruet_login_loader(t->app, load_user, NULL);
	cruet_get(t->app, "/enter", h_enter);
	cruet_get(t->app, "/leave", h_leave);
	cruet_get(t->app, "/who", h_who);
	cruet_get(t->app, "/who-twice", h_who_twice);
	cruet_get(t->app, "/enter-and-leave", h_enter_and_leave);
	cruet_get(t->app, "/put", h_put);
	cruet_get(t->app, "/got", h_got);
	cruet_add(t->app, "GET,POST", "/mine", h_mine, "mine", CRUET_HERE);
	cruet_add(t->app, "GET,POST", "/next", h_next, "log_in", CRUET_HERE);
	cruet_get(t->app, "/try", h_try);
	cruet_before(area, cruet_login_required);
	cruet_get(area, "/", h_area);
}

/* --- in and out ------------------------------------------------------------------------ */

static void who_logged_in_is_there_until_logging_out(struct trial *t)
{
	cruet_client *ann = trial_client(t), *bob = trial_client(t);

	expect_says(ann, "/who", "nobody");
	expect_get(ann, "/enter?id=7", 200);
	expect_says(ann, "/who", "7");
	expect_says(bob, "/who", "nobody");
	expect_get(bob, "/enter?id=8", 200);
	expect_says(ann, "/who", "7");
	expect_get(ann, "/leave", 200);
	expect_says(ann, "/who", "nobody");
	expect_says(bob, "/who", "8");
	expect_get(ann, "/leave", 200); /* once more is no mistake */
	cruet_client_free(ann);
	cruet_client_free(bob);
}

static void it_holds_at_once(struct trial *t)
{
	cruet_client *ann = trial_client(t);

	expect_says(ann, "/enter-and-leave", "right");
	expect_says(ann, "/who", "nobody");
	cruet_client_free(ann);
}

/* Eve lets somebody use the session that she has a cookie of. */
static void a_session_that_was_planted_is_worth_nothing(struct trial *t)
{
	cruet_client *ann = trial_client(t), *eve = trial_client(t);
	char name[128] = "", value[8192] = "";

	expect_get(eve, "/put?v=planted", 200);
	const char *cookie = cruet_client_header(eve, "Set-Cookie");
	expect(cookie && sscanf(cookie, "%127[^=]=%8191[^;]", name, value) == 2);
	cruet_client_set_cookie(ann, name, value);
	expect_says(ann, "/got", "planted");
	expect_get(ann, "/enter?id=7", 200);
	expect(strcmp(cruet_client_cookie(ann, name), value) != 0);
	expect_says(ann, "/who", "7");
	expect_says(eve, "/who", "nobody");
	cruet_client_free(ann);
	cruet_client_free(eve);
}

static void what_somebody_left_is_nobody_elses(struct trial *t)
{
	cruet_client *ann = trial_client(t);

	expect_get(ann, "/put?v=cart", 200);
	expect_get(ann, "/enter?id=7", 200);
	expect_says(ann, "/got", "cart"); /* who comes in keeps what was gathered before */
	expect_get(ann, "/enter?id=7", 200);
	expect_says(ann, "/got", "cart");
	expect_get(ann, "/enter?id=8", 200);
	expect_says(ann, "/got", "none");
	expect_get(ann, "/put?v=cart", 200);
	expect_get(ann, "/leave", 200);
	expect_says(ann, "/got", "none");
	cruet_client_free(ann);
}

static bool outlives_the_window(cruet_client *client)
{
	const char *cookie = cruet_client_header(client, "Set-Cookie");

	expect(cookie != NULL);
	return strstr(cookie, "Expires=") || strstr(cookie, "Max-Age=");
}

static void who_is_remembered_outlives_the_window(struct trial *t)
{
	cruet_client *ann = trial_client(t), *bob = trial_client(t);

	expect_get(ann, "/enter?id=7", 200);
	expect(!outlives_the_window(ann));
	expect_get(bob, "/enter?id=8&remember=1", 200);
	expect(outlives_the_window(bob));
	expect_says(bob, "/who", "8");
	cruet_client_free(ann);
	cruet_client_free(bob);
}

static void an_id_has_1_to_255_bytes(struct trial *t)
{
	cruet_client *ann = trial_client(t);
	char path[] = "/enter?id=", text[sizeof path + 256];

	expect_get(ann, path, 500);
	expect_says(ann, "/who", "nobody");
	snprintf(text, sizeof text, "%s%0255d", path, 7);
	expect_get(ann, text, 200);
	expect_says(ann, "/who", text + strlen(path));
	snprintf(text, sizeof text, "%s%0256d", path, 8);
	expect_get(ann, text, 500);
	cruet_client_free(ann);
}

static const struct promise visits[] = {PROMISE(who_logged_in_is_there_until_logging_out),
					PROMISE(it_holds_at_once),
					PROMISE(a_session_that_was_planted_is_worth_nothing),
					PROMISE(what_somebody_left_is_nobody_elses),
					PROMISE(who_is_remembered_outlives_the_window),
					PROMISE(an_id_has_1_to_255_bytes),
					{NULL, NULL}};

/* --- users and their pages ---------------------------------------------------------------- */

static void a_user_is_loaded_once_and_only_if_asked_for(struct trial *t)
{
	cruet_client *ann = trial_client(t);

	expect_get(ann, "/enter?id=7", 200);
	atomic_store(&loads, 0);
	expect_says(ann, "/got", "none");
	expect_int(atomic_load(&loads), 0);
	expect_says(ann, "/who-twice", "the same");
	expect_int(atomic_load(&loads), 1);
	expect_says(ann, "/who", "7");
	expect_int(atomic_load(&loads), 2);
	cruet_client_free(ann);
}

static void who_is_no_user_any_more_is_nobody(struct trial *t)
{
	cruet_client *ann = trial_client(t);

	expect_get(ann, "/enter?id=gone", 200);
	expect_says(ann, "/who", "nobody");
	cruet_client_set_header(ann, "Accept", "application/json");
	expect_get(ann, "/mine", 401);
	cruet_client_free(ann);
}

static void users_that_cannot_be_read_fail_the_request(struct trial *t)
{
	cruet_client *ann = trial_client(t);

	expect_get(ann, "/enter?id=away", 200);
	expect_get(ann, "/who", 503);
	expect_get(ann, "/mine", 503);
	cruet_client_free(ann);
}

/* In an application of its own, which has none; but the page that options may name. */
static void without_a_loader_a_user_has_an_id(struct trial *t)
{
	cruet_app *app = cruet_new("bare");
	const cruet_contract *k = t->k;

	cruet_set(app, "secret_key", "another secret of the contract tests");
	expect_int(k->attach ? k->attach(app, k->arg)
			     : cruet_use_static(app, k->plugin, k->options),
		   CRUET_OK);
	cruet_get(app, "/enter", h_enter);
	cruet_get(app, "/who", h_who);
	cruet_add(app, "GET,POST", "/next", h_next, "log_in", CRUET_HERE);
	cruet_client *ann = cruet_client_new(app);
	expect_get(ann, "/enter?id=7", 200);
	expect_says(ann, "/who", "7");
	cruet_client_free(ann);
	cruet_free(app);
}

/* A page may be sent to another one, which shall know where to come back to. */
static void expect_closed(cruet_client *client, const char *path)
{
	cruet_client_set_header(client, "Accept", PAGE);
	int got = cruet_client_get(client, path);
	const char *to = cruet_client_header(client, "Location");

	if (got != 401 && !(got >= 300 && got <= 399 && to && strstr(to, "next=")))
		broken("GET %s gave %d to %s: expected 401, or a redirect that has the path "
		       "as \"next\"",
		       path, got, to ? to : "nowhere");
	cruet_client_set_header(client, "Accept", "application/json");
	expect_get(client, path, 401);
}

static void pages_for_users_are_closed_to_others(struct trial *t)
{
	cruet_client *ann = trial_client(t);

	expect_closed(ann, "/mine");
	expect_closed(ann, "/area/");
	cruet_client_set_header(ann, "Accept", PAGE);
	expect_int(cruet_client_post(ann, "/mine", "text/plain", "x") / 100 != 2, true);
	expect_get(ann, "/enter?id=7", 200);
	expect_says(ann, "/mine", "mine");
	expect_says(ann, "/area/", "area");
	expect_get(ann, "/leave", 200);
	expect_closed(ann, "/area/");
	cruet_client_free(ann);
}

static void next_says(cruet_client *ann, const char *next, const char *want)
{
	cruet_client_add_query(ann, "next", next);
	expect_says(ann, "/next", want);
	cruet_client_add_field(ann, "next", next);
	expect_int(cruet_client_submit(ann, "/next"), 200);
	expect_text(cruet_client_body(ann), want);
}

static void one_comes_back_to_this_site_alone(struct trial *t)
{
	static const char *const elsewhere[] = {"",
						"https://evil.example/",
						"//evil.example",
						"/\\evil.example",
						"\\\\evil.example",
						"/\t/evil.example",
						"/%2fevil.example",
						"/%5cevil.example",
						"/.//evil.example",
						"/../a",
						"/a\r\nX: y",
						"javascript:alert(1)",
						"evil.example"};
	cruet_client *ann = trial_client(t);

	expect_says(ann, "/next", "/home");
	next_says(ann, "/mine", "/mine");
	next_says(ann, "/mine?page=2&q=x", "/mine?page=2&q=x");
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
		next_says(ann, elsewhere[i], "/home");
	cruet_client_free(ann);
}

static void come_and_go(struct trial *t, cruet_ctx *c, int which, void *arg)
{
	cruet_client *client = trial_client(t);
	char path[32], id[16];

	(void)c, (void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(id, sizeof id, "%d-%d", which, i);
		snprintf(path, sizeof path, "/enter?id=%s", id);
		expect_get(client, path, 200);
		expect_says(client, "/who", id);
		expect_get(client, "/leave", 200);
		expect_says(client, "/who", "nobody");
	}
	expect_says(client, "/try?password=right", "right");
	cruet_client_free(client);
}

static void many_come_and_go_at_once(struct trial *t)
{
	cruet_close(t->c);
	t->c = NULL;
	trial_threads(t, THREADS, come_and_go, NULL);
}

static const struct promise users[] = {PROMISE(a_user_is_loaded_once_and_only_if_asked_for),
				       PROMISE(who_is_no_user_any_more_is_nobody),
				       PROMISE(users_that_cannot_be_read_fail_the_request),
				       PROMISE(without_a_loader_a_user_has_an_id),
				       PROMISE(pages_for_users_are_closed_to_others),
				       PROMISE(one_comes_back_to_this_site_alone),
				       PROMISE(many_come_and_go_at_once),
				       {NULL, NULL}};

const struct contract contract_login = {.service = CRUET_LOGIN,
					.need = CRUET_UPTO(cruet_login, next),
					.setup = setup,
					.parts = {contract_login_passwords, visits, users}};
