/* What a report keeps of a request and of the site, and that secrets stay out of it. */
#include "server/crash_facts.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/config.h"
#include "app/scope.h"
#include "base/arena.h"
#include "base/mask.h"
#include "server/setting.h"
#include "suite.h"

static char room[DOSSIER_MAX];
static struct dossier facts;
static struct arena arena;
static cruet_app *app;

static void begin(void)
{
	arena_init(&arena, 4096);
	dossier_init(&facts, room, sizeof room);
	app = cruet_new("shop");
	ck_assert_ptr_nonnull(app);
}

static void end(void)
{
	cruet_free(app);
	arena_fini(&arena);
}

static void fact(enum fact_kind kind, const char *name, const char *value)
{
	dossier_add(&facts, kind, name, value, strlen(value));
}

/* The report's members; the caller deletes it. */
static cJSON *report(void)
{
	const char *members = crash_facts(&arena, app, &facts);
	ck_assert_ptr_nonnull(members);
	cJSON *j = cJSON_Parse(arena_printf(&arena, "{\"id\": 1%s}", members));
	ck_assert_msg(j != NULL, "%s", members);
	return j;
}

static const char *text(const cJSON *report, const char *member)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(report, member));
}

/* The value of a pair. */
static const char *value(const cJSON *report, const char *member, const char *name)
{
	const cJSON *pair;

	cJSON_ArrayForEach(pair, cJSON_GetObjectItem(report, member))
		if (!strcmp(cJSON_GetStringValue(pair->child), name))
			return cJSON_GetStringValue(pair->child->next);
	ck_abort_msg("%s has no %s", member, name);
}

static const char *missing(enum fact_kind kind, const char *name, const char *text_of_it)
{
	if (text_of_it)
		fact(kind, name, text_of_it);
	cJSON *r = report();
	const char *why = text(r, "body_missing");
	why = why ? arena_strdup(&arena, why) : "";
	cJSON_Delete(r);
	return why;
}

START_TEST(what_a_body_lacks_is_said)
{
	char large[DOSSIER_BODY + 1];

	memset(large, 'a', DOSSIER_BODY);
	large[DOSSIER_BODY] = '\0';
	ck_assert_str_eq(missing(FACT_HEADER, "Content-Length", "0"), "");
	dossier_init(&facts, room, sizeof room);
	ck_assert_str_eq(missing(FACT_HEADER, "Content-Length", "3"), "it had not been read");
	ck_assert_str_eq(missing(FACT_BODY, "", "a=1"),
			 "nobody knows what is secret in a body of that type");
	fact(FACT_HEADER, "Content-Type", "application/x-www-form-urlencoded");
	ck_assert_str_eq(missing(FACT_BODY, "", NULL), "");
	dossier_init(&facts, room, sizeof room);
	fact(FACT_HEADER, "Content-Type", "application/x-www-form-urlencoded");
	ck_assert_str_eq(missing(FACT_BODY, "", large), "only the first 64 KiB are kept");
}
END_TEST

static void body(const char *type, const char *sent, const char *kept)
{
	dossier_init(&facts, room, sizeof room);
	fact(FACT_HEADER, "Content-Type", type);
	fact(FACT_BODY, "", sent);
	cJSON *r = report();
	if (kept)
		ck_assert_str_eq(text(r, "body"), kept);
	else
		ck_assert_msg(!text(r, "body"), "%s: %s", type, text(r, "body"));
	cJSON_Delete(r);
}

START_TEST(bodies_are_kept_where_all_secrets_are_found)
{
	const char *json = "{\"password\":\"x\",\"n\":1}", *kept = "{\"password\":\"" MASK "\",\"n\":1}";

	body("application/json", json, kept);
	body("application/JSON; charset=utf-8", json, kept);
	body("application/problem+json", json, kept);
	body("application/x-www-form-urlencoded", "a=1&password=x", "a=1&password=" MASK);
	body("text/json", json, NULL);
	body("application/json5", json, kept);
	body("text/x-www-form-urlencoded", "password=x", NULL);
	body("text/plain", "password=x", NULL);
	body("multipart/form-data; boundary=json", "x", NULL);
}
END_TEST

START_TEST(arguments_of_paths_are_kept_without_their_secrets)
{
	fact(FACT_REQUEST, "target", "/a%20b/reset/hidden?n=1&token=hidden");
	fact(FACT_REQUEST, "route", "/<name>/reset/<string(length=6):reset_token>");
	fact(FACT_ARGUMENT, "name", "a b");
	fact(FACT_ARGUMENT, "reset_token", "hidden");
	cJSON *r = report();
	ck_assert_str_eq(text(r, "target"), "/a%20b/reset/" MASK "?n=1&token=" MASK);
	ck_assert_str_eq(value(r, "arguments", "name"), "a b");
	ck_assert_str_eq(value(r, "arguments", "reset_token"), MASK);
	cJSON_Delete(r);
}
END_TEST

START_TEST(paths_without_secrets_are_kept_as_they_are)
{
	fact(FACT_REQUEST, "target", "/a%20b/reset?n=1");
	fact(FACT_REQUEST, "route", "/<name>/token");
	cJSON *r = report();
	ck_assert_str_eq(text(r, "target"), "/a%20b/reset?n=1");
	cJSON_Delete(r);
}
END_TEST

START_TEST(statements_are_kept_with_their_times)
{
	fact(FACT_SQL, "SELECT token FROM session", "120");
	cJSON *r = report();
	ck_assert_str_eq(value(r, "sql", "SELECT token FROM session"), "120");
	cJSON_Delete(r);
}
END_TEST

static void set(const char *key, const char *json)
{
	char *why = NULL;

	ck_assert_msg(!config_set(app->host->config, CONFIG_CODE, key, json, "here", &why), "%s", why);
}

START_TEST(settings_are_kept_without_their_secrets)
{
	set("settings.secrets.stripe", "x");
	set("settings.mail.url", "smtp://ann:x@mail");
	set("settings.colour", "blue");
	set("secret_key", "x");
	set("server.threads", "4");
	cJSON *r = report();
	ck_assert_str_eq(value(r, "configuration", "settings.secrets.stripe"), MASK);
	ck_assert_str_eq(value(r, "configuration", "settings.mail.url"),
			 "\"smtp://ann:" MASK "@mail\"");
	ck_assert_str_eq(value(r, "configuration", "settings.colour"), "\"blue\"");
	ck_assert_str_eq(value(r, "configuration", "secret_key"), MASK);
	ck_assert_str_eq(value(r, "configuration", "server.threads"), "\"4\"");
	cJSON_Delete(r);
}
END_TEST

START_TEST(lists_of_settings_are_looked_through)
{
	cJSON *list = cJSON_Parse("[{\"name\":\"a\",\"client_secret\":\"x\"}]");

	ck_assert_str_eq(setting_shown(&arena, &facts, "settings.clients", list),
			 "[{\"name\":\"a\",\"client_secret\":\"" MASK "\"}]");
	cJSON_Delete(list);
}
END_TEST

START_TEST(options_are_kept_as_their_plugin_says)
{
	set("plugins.token.code", "x");
	set("plugins.token.path", "/a");
	set("plugins.unknown.path", "/a");
	fact(FACT_OPTION, "plugins.token", "");
	fact(FACT_OPTION, "plugins.token.code", "");
	cJSON *r = report();
	ck_assert_str_eq(value(r, "configuration", "plugins.token.code"), MASK);
	ck_assert_str_eq(value(r, "configuration", "plugins.token.path"), "\"/a\"");
	ck_assert_str_eq(value(r, "configuration", "plugins.unknown.path"), MASK);
	cJSON_Delete(r);
}
END_TEST

SUITE_WITH("crash_facts", begin, end, bodies_are_kept_where_all_secrets_are_found, what_a_body_lacks_is_said,
	   arguments_of_paths_are_kept_without_their_secrets,
	   paths_without_secrets_are_kept_as_they_are, statements_are_kept_with_their_times,
	   settings_are_kept_without_their_secrets, lists_of_settings_are_looked_through,
	   options_are_kept_as_their_plugin_says)
