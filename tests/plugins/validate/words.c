/* A plugin in two versions, to be swapped while it serves: VERSION comes from the compiler's
 * command line. It adds a message, a label and a rule. */
#include <cruet.h>
#include <cruet/plugin.h>
#include <cruet/validate.h>
#include <string.h>

static const cruet_field_rule rules[] = {
	{"name", "required"}, {"town", "required"}, {"code", "fresh"}, {NULL, NULL}};

static int fresh(cruet_ctx *c, const cruet_rule_call *call)
{
	(void)c;
	return strcmp(cruet_json_str(call->value, ""), VERSION) == 0 ? CRUET_OK : 422;
}

static int page(cruet_ctx *c)
{
	cruet_valid *v = cruet_check(c, CRUET_FROM_QUERY, rules);

	if (!v)
		return cruet_err(c);
	return cruet_text(c, cruet_invalid(v) ? cruet_json_text(c, cruet_valid_errors(v), NULL)
					      : "fine");
}

static int init(cruet_app *app)
{
	cruet_validate_add(app, "fresh", fresh, ":attribute is not " VERSION, NULL);
	cruet_validate_message(app, "name.required", "Who, " VERSION "?");
	cruet_validate_label(app, "town", "town " VERSION);
	cruet_validate_rules(app, rules);
	cruet_get(app, "/", page);
	return cruet_problem(app) ? CRUET_ESTATE : CRUET_OK;
}

static const char *const needs[] = {"validate/1", NULL};

CRUET_PLUGIN(words, .flags = CRUET_UNLOADABLE, .needs = needs, .init = init);
