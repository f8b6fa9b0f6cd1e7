/* The promises of "validate/1": what a table of rules does to input. Of the rules
 * themselves only those are tried that every table has: required, string, integer,
 * nullable, max; texts of errors are the provider's own. */
#include "trial.h"

#include <cruet/request.h>
#include <cruet/svc/validate.h>
#include <cruet/validate.h>

enum { THREADS = 8, ROUNDS = 100 };

static const cruet_field_rule person[] = {
	{"name", "required|string|max:5"}, {"age", "nullable|integer"}, {NULL, NULL}};
static const cruet_field_rule order[] = {{"items.*.price", "required|integer"},
					 {"address.street", "required"},
					 {NULL, NULL}};
static const cruet_field_rule coded[] = {{"code", "required|starts:a,b"}, {NULL, NULL}};

/* --- the site ---------------------------------------------------------------------- */

/* A rule of the application: the first letter is one of its parameters. */
static int starts(cruet_ctx *c, const cruet_rule_call *call)
{
	const char *v = cruet_json_str(call->value, "");

	(void)c;
	for (uint32_t i = 0; i < call->nparams; i++)
		if (call->params[i][0] == v[0])
			return CRUET_OK;
	return strcmp(v, "fail") ? 422 : 503;
}

static int h_api(cruet_ctx *c)
{
	cruet_valid *v = cruet_validate(c, CRUET_FROM_JSON, person);

	if (!v)
		return cruet_err(c);
	return cruet_jsonify(c, cruet_valid_json(v));
}

static int h_form(cruet_ctx *c)
{
	cruet_valid *v = cruet_check(c, CRUET_FROM_FORM, person);

	if (!v)
		return cruet_err(c);
	return cruet_textf(c, "%s/%lld/%s/%s", cruet_valid_str(v, "name"),
			   (long long)cruet_valid_int(v, "age", -1),
			   cruet_valid_error(v, "age") ? "bad age" : "fine",
			   cruet_valid_old(v, "age"));
}

static int h_coded(cruet_ctx *c)
{
	cruet_valid *v = cruet_validate(c, CRUET_FROM_QUERY, coded);

	return v ? cruet_text(c, cruet_valid_str(v, "code")) : cruet_err(c);
}

static void setup(struct trial *t)
{
	cruet_validate_add(t->app, "starts", starts, "The :attribute begins wrongly.",
			   NULL);
	cruet_validate_message(t->app, "name.required", "Who are you?");
	cruet_validate_label(t->app, "code", "secret word");
	cruet_validate_rules(t->app, person);
	cruet_validate_rules(t->app, coded);
	cruet_post(t->app, "/api", h_api);
	cruet_post(t->app, "/form", h_form);
	cruet_get(t->app, "/coded", h_coded);
}

/* --- values that are there --------------------------------------------------------- */

static cruet_valid *check(struct trial *t, const char *json, int flags,
			  const cruet_field_rule *rules)
{
	cruet_json *in = cruet_json_parse(t->c, json, strlen(json));
	cruet_valid *v = in ? cruet_check_json(t->c, in, flags, rules) : NULL;

	if (!v)
		broken("%s: %s", json, cruet_err_text(t->c));
	return v;
}

static size_t errors(struct trial *t, const char *json, int flags,
		     const cruet_field_rule *rules)
{
	return cruet_json_len(cruet_valid_errors(check(t, json, flags, rules)));
}

static void what_fits_comes_out_typed(struct trial *t)
{
	cruet_valid *v =
		check(t, "{\"name\":\"Ada\",\"age\":\"36\",\"more\":1}", 0, person);

	expect(!cruet_invalid(v));
	expect_text(cruet_valid_str(v, "name"), "Ada");
	expect_int(cruet_valid_int(v, "age", 0), 36);
	expect(!cruet_valid_get(v, "more")); /* no rule knows it */
	v = check(t, "{\"name\":\"Ada\",\"age\":null}", 0, person);
	expect(!cruet_invalid(v));
	expect_int(cruet_valid_int(v, "age", -1), -1);
}

static void all_errors_are_found(struct trial *t)
{
	cruet_valid *v = check(t, "{\"age\":\"old\"}", 0, person);

	expect(cruet_invalid(v));
	expect_text(cruet_valid_error(v, "name"), "Who are you?");
	expect(cruet_valid_error(v, "age") != NULL);
	expect_int(cruet_json_len(cruet_valid_errors(v)), 2);
	expect(!cruet_valid_get(v, "age"));
	expect_text(cruet_valid_old(v, "age"), "old");
	expect_int(errors(t, "{\"name\":\"Ada Lovelace\"}", 0, person), 1);
	expect_int(errors(t, "{\"name\":7}", 0, person), 1);
}

static void or_the_first_alone(struct trial *t)
{
	expect_int(errors(t, "{\"age\":\"old\"}", CRUET_FIRST_ERROR, person), 1);
}

static void paths_lead_into_lists_and_objects(struct trial *t)
{
	cruet_valid *v = check(t,
			       "{\"items\":[{\"price\":1},{\"price\":\"2\"}],\"address\":"
			       "{\"street\":\"Elm\"}}",
			       0, order);

	expect(!cruet_invalid(v));
	expect_int(cruet_valid_int(v, "items.1.price", 0), 2);
	expect_text(cruet_valid_str(v, "address.street"), "Elm");
	v = check(t, "{\"items\":[{\"price\":1},{},{\"price\":\"x\"}]}", 0, order);
	expect(!cruet_valid_error(v, "items.0.price"));
	expect(cruet_valid_error(v, "items.1.price") != NULL);
	expect(cruet_valid_error(v, "items.2.price") != NULL);
	expect(cruet_valid_error(v, "address.street") != NULL);
}

/* --- requests ---------------------------------------------------------------------- */

static void an_api_answers_by_itself(struct trial *t)
{
	cruet_client *client = trial_client(t);

	expect_int(cruet_client_json(client, "POST", "/api", "{\"name\":\"Ada\"}"), 200);
	expect_text(cruet_client_body(client), "{\"name\":\"Ada\"}\n");
	expect_int(cruet_client_json(client, "POST", "/api", "{\"age\":\"x\"}"), 422);
	const cruet_json *all = cruet_json_get(cruet_client_body_json(client), "errors");
	expect_int(cruet_json_len(all), 2);
	expect_text(cruet_json_str(cruet_json_first(cruet_json_get(all, "name")), NULL),
		    "Who are you?");
	expect_int(cruet_client_json(client, "POST", "/api", "{\"name\":"), 400);
	expect_int(cruet_client_post(client, "/api", "text/plain", "name"), 415);
	cruet_client_free(client);
}

static void a_page_shows_its_form_again(struct trial *t)
{
	cruet_client *client = trial_client(t);

	cruet_client_add_field(client, "name", "Ada");
	cruet_client_add_field(client, "age", "36");
	expect_int(cruet_client_submit(client, "/form"), 200);
	expect_text(cruet_client_body(client), "Ada/36/fine/36");
	cruet_client_add_field(client, "name", "Ada");
	cruet_client_add_field(client, "age", "old");
	expect_int(cruet_client_submit(client, "/form"), 200);
	expect_text(cruet_client_body(client), "Ada/-1/bad age/old");
	cruet_client_free(client);
}

static void rules_of_the_application_are_rules_like_others(struct trial *t)
{
	cruet_client *client = trial_client(t);

	expect_get(client, "/coded?code=apple", 200);
	expect_text(cruet_client_body(client), "apple");
	expect_get(client, "/coded?code=cherry", 422);
	expect(strstr(cruet_client_body(client), "The secret word begins wrongly."));
	expect_get(client, "/coded?code=fail",
		   503); /* what it returns fails the request */
	expect_get(client, "/coded", 422);
	cruet_client_free(client);
}

/* In an application of its own, for it cannot start. */
static void a_bad_table_is_a_problem_of_the_setup(struct trial *t)
{
	static const cruet_field_rule bad[] = {{"age", "no_such_rule"}, {NULL, NULL}};
	cruet_app *app = cruet_new("bad");
	const cruet_contract *k = t->k;

	expect_int(k->attach ? k->attach(app, k->arg)
			     : cruet_use_static(app, k->plugin, k->options),
		   CRUET_OK);
	expect(!cruet_problem(app));
	expect(cruet_validate_rules(app, bad) != CRUET_OK);
	expect(cruet_problem(app) && strstr(cruet_problem(app), "no_such_rule"));
	cruet_free(app);
	expect(!cruet_check_json(t->c, cruet_object(t->c), 0,
				 bad)); /* or of the request */
	expect_int(cruet_err_status(t->c), 500);
	cruet_err_clear(t->c);
}

static void check_each(struct trial *t, cruet_ctx *c, int which, void *arg)
{
	(void)t, (void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		cruet_json *in = cruet_object(c);
		cruet_put_str(in, "name", which % 2 ? "Ada" : "Ada Lovelace");
		cruet_put_int(in, "age", i);
		cruet_valid *v = cruet_check_json(c, in, 0, person);
		expect(v != NULL);
		expect_int(cruet_invalid(v), which % 2 == 0);
		expect_int(cruet_valid_int(v, "age", -1), i);
	}
}

static void many_check_at_once(struct trial *t)
{
	trial_threads(t, THREADS, check_each, NULL);
}

static const struct promise promises[] = {
	PROMISE(what_fits_comes_out_typed),
	PROMISE(all_errors_are_found),
	PROMISE(or_the_first_alone),
	PROMISE(paths_lead_into_lists_and_objects),
	PROMISE(an_api_answers_by_itself),
	PROMISE(a_page_shows_its_form_again),
	PROMISE(rules_of_the_application_are_rules_like_others),
	PROMISE(a_bad_table_is_a_problem_of_the_setup),
	PROMISE(many_check_at_once),
	{NULL, NULL}};

const struct contract contract_validate = {.service = CRUET_VALIDATE,
					   .need = CRUET_UPTO(cruet_validator, check),
					   .setup = setup,
					   .parts = {promises}};
