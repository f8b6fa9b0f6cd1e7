/* Promises of "forms/1" about what is shown. */
#include "forms.h"

#include <stdio.h>

static void labels_belong_to_their_fields(struct trial *t)
{
	static const char *const names[] = {"name=\"name\"",	   "name=\"age\"",
					    "name=\"text\"",	   "name=\"password\"",
					    "name=\"news\"",	   "name=\"size\"",
					    "name=\"extras\"",	   "method=\"post\"",
					    "id=\"person\"",	   "Your name"};
	cruet_client *ada = trial_client(t);
	char id[80];
	size_t n = 0;

	expect_get(ada, "/typed", 200);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		shows(ada, names[i]);
	const char *at = cruet_client_body(ada);
	for (; (at = strstr(at, " for=\"")); n++) {
		at += strlen(" for=\"");
		snprintf(id, sizeof id, " id=\"%.*s\"", (int)strcspn(at, "\""), at);
		shows(ada, id);
	}
	expect(n >= 6); /* all but size, which is a group */
	cruet_client_free(ada);
}

static void what_is_to_be_edited_stands_there_first(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	expect_get(ada, "/edit", 200);
	shows(ada, "action=\"/save?a=1&amp;b=2\"");
	shows(ada, "value=\"Ada\"");
	shows(ada, "value=\"36\"");
	hides(ada, "never shown");
	cruet_client_free(ada);
}

static void what_was_typed_stays_but_no_password(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	contract_forms_visit_as(ada, "/typed", "Adalbert");
	cruet_client_add_field(ada, "age", "007");
	cruet_client_add_field(ada, "text", "\nwords");
	cruet_client_add_field(ada, "password", "a-secret");
	expect_sent(ada, "/typed", 422);
	shows(ada, "value=\"Adalbert\"");
	shows(ada, "value=\"007\"");
	shows(ada, "\n\nwords</textarea>"); /* HTML drops the first one */
	shows(ada, "aria-invalid=\"true\"");
	hides(ada, "a-secret");
	expect_get(ada, "/typed", 200); /* the next visit begins anew */
	hides(ada, "Adalbert");
	cruet_client_free(ada);
}

static void nothing_that_was_typed_becomes_html(struct trial *t)
{
	static const char evil[] = "\"'><script>x</script></textarea>";
	static const char *const fields[] = {"name", "age", "text", "size", "extras"};
	cruet_client *ada = trial_client(t);

	contract_forms_visit(ada, "/typed");
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		cruet_client_add_field(ada, fields[i], evil);
	expect_sent(ada, "/typed", 422);
	shows(ada, "&lt;script&gt;");
	hides(ada, "<script>");
	hides(ada, "\"'>");
	cruet_client_free(ada);
}

static void errors_of_the_handler_are_shown(struct trial *t)
{
	cruet_client *ada = trial_client(t);

	contract_forms_visit_as(ada, "/taken", "Ada");
	expect_sent(ada, "/taken", 422);
	shows(ada, "Ada is &lt;taken&gt;.");
	shows(ada, "Nothing &amp; nobody.");
	cruet_client_free(ada);
}

static void parts_have_names(struct trial *t)
{
	static const char *const parts[][2] = {{"name", "name=\"name\""},
					       {"begin", "<form"},
					       {"submit", "Save"},
					       {"end", "</form>"}};
	cruet_client *ada = trial_client(t);

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		cruet_client_add_query(ada, "part", parts[i][0]);
		expect_get(ada, "/part", 200);
		shows(ada, parts[i][1]);
		expect(!strstr(cruet_client_body(ada), "<form") == (i != 1));
	}
	cruet_client_add_query(ada, "part", "nmae");
	expect_get(ada, "/part", 500);
	cruet_client_free(ada);
}

const struct promise contract_forms_shown[] = {PROMISE(labels_belong_to_their_fields),
				      PROMISE(what_is_to_be_edited_stands_there_first),
				      PROMISE(what_was_typed_stays_but_no_password),
				      PROMISE(nothing_that_was_typed_becomes_html),
				      PROMISE(errors_of_the_handler_are_shown),
				      PROMISE(parts_have_names),
				      {NULL, NULL}};
