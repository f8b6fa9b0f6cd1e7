/* The promises of "forms/1": who may send a form, what comes of it, and what is shown, tried
 * as browsers see them, through cruet/forms.h. Texts of errors and the HTML around fields are
 * the provider's own. */
#include "forms.h"

#include <cruet/forms.h>
#include <cruet/request.h>
#include <cruet/session.h>
#include <cruet/svc/forms.h>
#include <cruet/upload.h>
#include <cruet/validate.h>
#include <stdio.h>

enum { THREADS = 6, ROUNDS = 10 };

CRUET_FORM(person, "Save", {"name", "Your name", "required|string|max:5"},
	   {"age", "Age", "nullable|integer"},
	   {"text", "Words", "nullable|string", CRUET_FIELD_TEXTAREA},
	   {"password", "Password", "nullable|string", CRUET_FIELD_PASSWORD},
	   {"news", "News", "boolean", CRUET_FIELD_CHECKBOX},
	   {"size", "Size", NULL, CRUET_FIELD_RADIO,
	    .choices = CRUET_CHOICES({"s", "Small"}, {"m", "Medium"})},
	   {"extras", "Extras", NULL, CRUET_FIELD_SELECT, CRUET_FIELD_MANY,
	    .choices = CRUET_CHOICES({"a", "Apples"}, {"b", "Pears"})});
CRUET_FORM(other, "Go", {"word", "Word", "required"});
CRUET_FORM(photo, "Upload", {"file", "Photo", "required", CRUET_FIELD_FILE, .accept = ".png",
			     .max_size = 4});

/* --- the site ---------------------------------------------------------------------- */

static int show(cruet_ctx *c, struct cruet_form *form)
{
	const char *html = cruet_form_html(form, NULL);

	return html ? cruet_html(c, html) : cruet_err(c);
}

/* Two forms on one page. */
static int h_both(cruet_ctx *c)
{
	struct cruet_form *a = cruet_form_open(c, &person);
	struct cruet_form *b = cruet_form_open(c, &other);

	if (cruet_form_ok(a))
		return cruet_jsonify(c, cruet_valid_json(cruet_form_valid(a)));
	if (cruet_form_ok(b))
		return cruet_textf(c, "other %s", cruet_form_str(b, "word"));
	const char *html = cruet_form_html(a, NULL), *more = cruet_form_html(b, NULL);
	if (!html || !more)
		return cruet_err(c);
	cruet_write(c, html);
	cruet_write(c, more);
	return cruet_html(c, NULL);
}

static int h_typed(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &person);

	if (!cruet_form_ok(form))
		return show(c, form);
	return cruet_textf(c, "%s %lld %d %d %s", cruet_form_str(form, "name"),
			   (long long)cruet_form_int(form, "age", -1),
			   cruet_form_bool(form, "news"), cruet_form_bool(form, "more"),
			   cruet_form_str(form, "more") ? "more" : "no more");
}

static int h_edit(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &person);
	cruet_json *row = cruet_object(c);

	cruet_put_int(row, "age", 36);
	cruet_put_str(row, "elsewhere", "x");
	cruet_form_fill(form, row);
	cruet_form_set(form, "name", "Ada");
	cruet_form_set(form, "password", "never shown");
	cruet_form_action(form, "/save?a=1&b=2");
	return show(c, form);
}

static int h_taken(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &person);

	if (cruet_form_ok(form)) {
		cruet_form_fail(form, "name", "%s is <taken>.", cruet_form_str(form, "name"));
		cruet_form_fail(form, NULL, "Nothing & nobody.");
	}
	return cruet_form_ok(form) ? cruet_text(c, "ok") : show(c, form);
}

static int h_photo(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &photo);

	return cruet_form_ok(form) ? cruet_text(c, cruet_form_str(form, "file")) : show(c, form);
}

static int h_part(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &person);
	const char *html = cruet_form_html(form, cruet_query(c, "part"));

	return html ? cruet_html(c, html) : cruet_err(c);
}

static int h_token(cruet_ctx *c)
{
	const char *token = cruet_csrf_token(c);

	return token ? cruet_text(c, token) : cruet_err(c);
}

static int h_field(cruet_ctx *c)
{
	const char *field = cruet_csrf_field(c);

	return field ? cruet_html(c, cruet_printf(c, "<form method=post>%s</form>", field))
		     : cruet_err(c);
}

static int h_renew(cruet_ctx *c)
{
	cruet_session_renew(c);
	return cruet_text(c, "x");
}

static int h_clear(cruet_ctx *c)
{
	cruet_session_clear(c);
	return cruet_text(c, "x");
}

static int h_changed(cruet_ctx *c)
{
	return cruet_text(c, "changed");
}

static void form_at(struct trial *t, const char *path, cruet_fn *fn, const char *name)
{
	cruet_add(t->app, "GET,POST", path, fn, name, CRUET_HERE);
}

static void setup(struct trial *t)
{
	cruet_app *guarded = cruet_blueprint(t->app, "guarded", "/guarded");

	cruet_form_check(t->app, &person);
	cruet_form_check(t->app, &photo);
	form_at(t, "/both", h_both, "both");
	form_at(t, "/typed", h_typed, "typed");
	form_at(t, "/taken", h_taken, "taken");
	form_at(t, "/photo", h_photo, "photo");
	cruet_get(t->app, "/edit", h_edit);
	cruet_get(t->app, "/part", h_part);
	cruet_get(t->app, "/token", h_token);
	cruet_get(t->app, "/field", h_field);
	cruet_get(t->app, "/renew", h_renew);
	cruet_get(t->app, "/clear", h_clear);
	cruet_before(guarded, cruet_csrf_check);
	cruet_add(guarded, "GET,POST,PUT,DELETE", "/", h_changed, "change", CRUET_HERE);
}

/* --- a visitor ------------------------------------------------------------------------ */

void contract_forms_visit(cruet_client *client, const char *path)
{
	expect_get(client, path, 200);
	expect(cruet_client_add_hidden(client, NULL));
}

void contract_forms_visit_as(cruet_client *client, const char *path, const char *name)
{
	contract_forms_visit(client, path);
	cruet_client_add_field(client, "name", name);
}

static void token_of(cruet_client *client, char out[256])
{
	expect_get(client, "/token", 200);
	snprintf(out, 256, "%s", cruet_client_body(client));
	expect(*out);
}

static int send_with(cruet_client *client, const char *token)
{
	if (token)
		cruet_client_add_field(client, "_csrf", token);
	cruet_client_add_field(client, "name", "Ada");
	return cruet_client_submit(client, "/typed");
}

/* --- who may send ------------------------------------------------------------------------ */

static void a_form_is_taken_from_whom_it_was_shown_to(struct trial *t)
{
	cruet_client *ada = trial_client(t), *eve = trial_client(t);
	char hers[256], mine[256];

	contract_forms_visit_as(ada, "/typed", "Ada");
	expect_sent(ada, "/typed", 200);
	expect_int(send_with(ada, NULL), 403);
	shows(ada, "value=\"Ada\""); /* and nothing is lost */
	token_of(eve, hers);
	expect_int(send_with(ada, hers), 403);
	token_of(ada, mine);
	expect_int(send_with(ada, hers), 403);
	expect_int(send_with(ada, mine), 200);
	cruet_client_free(ada);
	cruet_client_free(eve);
}

static void each_character_of_a_token_counts(struct trial *t)
{
	static const char *const none[] = {"", "x", "nonsense and more", "\xff\xff\xff\xff"};
	cruet_client *ada = trial_client(t);
	char token[256], other_one[256];

	token_of(ada, token);
	token_of(ada, other_one);
	expect(strcmp(token, other_one) != 0); /* so that its text tells nothing (BREACH) */
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		expect_int(send_with(ada, none[i]), 403);
	for (char *at = token; *at; at++) {
		char was = *at;
		*at = was == 'A' ? 'B' : 'A';
		expect_int(send_with(ada, token), 403);
		*at = was;
	}
	expect_int(send_with(ada, token), 200);
	expect_int(send_with(ada, other_one), 200);
	cruet_client_free(ada);
}

static void tokens_end_with_the_session(struct trial *t)
{
	cruet_client *ada = trial_client(t);
	char token[256];

	token_of(ada, token);
	expect_get(ada, "/renew", 200); /* as logging in does */
	expect_int(send_with(ada, token), 403);
	token_of(ada, token);
	expect_int(send_with(ada, token), 200);
	expect_get(ada, "/clear", 200);
	expect_int(send_with(ada, token), 403);
	cruet_client_free(ada);
}

static void what_is_made_by_hand_is_guarded(struct trial *t)
{
	cruet_client *ada = trial_client(t);
	char token[256];

	expect_get(ada, "/guarded/", 200); /* changes nothing */
	expect_int(cruet_client_post(ada, "/guarded/", "text/plain", "x"), 403);
	expect_int(cruet_client_json(ada, "DELETE", "/guarded/", NULL), 403);
	contract_forms_visit(ada, "/field");
	expect_sent(ada, "/guarded/", 200);
	token_of(ada, token);
	cruet_client_set_header(ada, "X-CSRF-Token", token);
	expect_int(cruet_client_json(ada, "PUT", "/guarded/", "{}"), 200);
	cruet_client_free(ada);
}

static void of_several_forms_one_was_sent(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_get(ada, "/both", 200);
	expect(cruet_client_add_hidden(ada, "other"));
	cruet_client_add_field(ada, "word", "salt");
	expect_sent(ada, "/both", 200);
	expect_text(cruet_client_body(ada), "other salt");
	expect_get(ada, "/both", 200);
	expect(cruet_client_add_hidden(ada, "person"));
	cruet_client_add_field(ada, "name", "Ada");
	expect_sent(ada, "/both", 200);
	shows(ada, "\"name\":\"Ada\"");
	cruet_client_free(ada);
}

static const struct promise senders[] = {PROMISE(a_form_is_taken_from_whom_it_was_shown_to),
					 PROMISE(each_character_of_a_token_counts),
					 PROMISE(tokens_end_with_the_session),
					 PROMISE(what_is_made_by_hand_is_guarded),
					 PROMISE(of_several_forms_one_was_sent),
					 {NULL, NULL}};

/* --- what was sent ------------------------------------------------------------------------ */

static void what_fits_comes_out_typed(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	contract_forms_visit_as(ada, "/typed", "Ada");
	cruet_client_add_field(ada, "age", "36");
	cruet_client_add_field(ada, "news", "1");
	cruet_client_add_field(ada, "more", "x"); /* no field of it */
	expect_sent(ada, "/typed", 200);
	expect_text(cruet_client_body(ada), "Ada 36 1 0 no more");
	contract_forms_visit_as(ada, "/typed", "Bob");
	expect_sent(ada, "/typed", 200);
	expect_text(cruet_client_body(ada), "Bob -1 0 0 no more");
	cruet_client_free(ada);
}

static void lines_end_alike_and_choices_are_lists(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	contract_forms_visit_as(ada, "/both", "Ada");
	cruet_client_add_field(ada, "text", "one\r\ntwo");
	cruet_client_add_field(ada, "size", "m");
	cruet_client_add_field(ada, "extras", "b");
	cruet_client_add_field(ada, "extras", "a");
	expect_sent(ada, "/both", 200);
	shows(ada, "\"text\":\"one\\ntwo\"");
	shows(ada, "\"size\":\"m\"");
	shows(ada, "\"extras\":[\"b\",\"a\"]");
	cruet_client_free(ada);
}

static void what_was_not_offered_is_refused(struct trial *t)
{
	static const char *const wrong[][2] = {
		{"size", "xl"}, {"extras", "c"}, {"age", "old"}, {NULL, NULL}};
	cruet_client *ada = trial_client(t);

	for (size_t i = 0; wrong[i][0]; i++) {
		contract_forms_visit_as(ada, "/typed", "Ada");
		cruet_client_add_field(ada, wrong[i][0], wrong[i][1]);
		expect_sent(ada, "/typed", 422);
		shows(ada, "<form");
		shows(ada, "value=\"Ada\"");
	}
	contract_forms_visit(ada, "/typed"); /* without a name */
	expect_sent(ada, "/typed", 422);
	cruet_client_free(ada);
}

static int upload(cruet_client *ada, const char *name, size_t n)
{
	contract_forms_visit(ada, "/photo");
	cruet_client_add_file(ada, "file", name, "application/octet-stream", "12345", n);
	return cruet_client_submit(ada, "/photo");
}

static void files_have_a_size_and_a_kind(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_int(upload(ada, "a.png", 4), 200);
	expect_text(cruet_client_body(ada), "a.png");
	expect_int(upload(ada, "a.png", 5), 422);
	expect_int(upload(ada, "a.gif", 4), 422);
	expect_int(upload(ada, "", 0), 422); /* none was chosen */
	contract_forms_visit(ada, "/photo");
	cruet_client_add_field(ada, "file", "a.png"); /* a text is no file */
	expect_sent(ada, "/photo", 422);
	cruet_client_free(ada);
}

static const struct promise sent[] = {PROMISE(what_fits_comes_out_typed),
				      PROMISE(lines_end_alike_and_choices_are_lists),
				      PROMISE(what_was_not_offered_is_refused),
				      PROMISE(files_have_a_size_and_a_kind),
				      {NULL, NULL}};

/* --- the whole ------------------------------------------------------------------------- */

/* In an application of its own, for it cannot start. */
static void a_wrong_form_is_a_problem_of_the_setup(struct trial *t)
{
	CRUET_FORM(bad_rule, "x", {"name", NULL, "no_such_rule"});
	CRUET_FORM(bad_name, "x", {"7up", NULL, "required"});
	const cruet_form_def *const bad[] = {&bad_rule, &bad_name};
	const cruet_contract *k = t->k;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cruet_app *app = cruet_new("bad");
		expect_int(k->attach ? k->attach(app, k->arg)
				     : cruet_use_static(app, k->plugin, k->options),
			   CRUET_OK);
		expect(!cruet_problem(app));
		expect(cruet_form_check(app, bad[i]) != CRUET_OK);
		expect(cruet_problem(app) != NULL);
		cruet_free(app);
	}
}

static void sign(struct trial *t, cruet_ctx *c, int which, void *arg)
{
	cruet_client *client = trial_client(t);
	char name[16], text[32];

	(void)c, (void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof name, "%d-%d", which, i);
		snprintf(text, sizeof text, "%s %d 0 0 no more", name, i);
		contract_forms_visit_as(client, "/typed", name);
		snprintf(name, sizeof name, "%d", i);
		cruet_client_add_field(client, "age", name);
		expect_sent(client, "/typed", 200);
		expect_text(cruet_client_body(client), text);
	}
	cruet_client_free(client);
}

static void many_sign_at_once(struct trial *t)
{
	cruet_close(t->c);
	t->c = NULL;
	trial_threads(t, THREADS, sign, NULL);
}

static const struct promise whole[] = {PROMISE(a_wrong_form_is_a_problem_of_the_setup),
				       PROMISE(many_sign_at_once),
				       {NULL, NULL}};

const struct contract contract_forms = {.service = CRUET_FORMS,
					.need = CRUET_UPTO(cruet_forms, guard),
					.setup = setup,
					.parts = {senders, sent, contract_forms_shown, whole}};
