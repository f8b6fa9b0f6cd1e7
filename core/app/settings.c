/* From the configuration to what requests look at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/option.h"
#include "app/scope.h"
#include "base/text.h"
#include "cruet/log.h"

static int said(struct host *h, int err, char *why)
{
	host_problem(h, err, "%s", why ? why : "out of memory");
	free(why);
	return err;
}

int settings_apply(struct host *h)
{
	struct server_settings s;
	char *why;

	int err = config_server(h->config, &s, &h->root->arena, &why);
	if (err)
		return said(h, err, why);
	h->settings = s;
	h->log.level = s.log_level;
	return CRUET_OK;
}

int settings_read(struct host *h, const char *file, const char *profile)
{
	char *why;

	if (atomic_load(&h->state) != HOST_SETUP)
		return host_problem(h, CRUET_ESTATE,
				    "cruet_load: the application has started already");
	if (config_has_file(h->config))
		return host_problem(h, CRUET_ESTATE,
				    "cruet_load: a configuration is loaded already");
	int err = config_read(h->config, file, profile, &why);
	return err ? said(h, err, why) : settings_apply(h);
}

int cruet_set(cruet_app *app, const char *key, const char *value)
{
	char *why;

	if (!app)
		return CRUET_EINVAL;
	if (!key || !value)
		return scope_problem(app, CRUET_EINVAL, "cruet_set: a key and a value are needed");
	if (host_changes(app->host) && config_said(scope_config(app), key, value))
		return CRUET_OK; /* it says what it said when it was set up first */
	if (atomic_load(&app->host->state) != HOST_SETUP)
		return scope_problem(app, CRUET_ESTATE,
				     "cruet_set: %s: the application has started already", key);
	int err = config_set(app->host->config, CONFIG_CODE, key, value, "cruet_set", &why);
	return err ? said(app->host, err, why) : settings_apply(app->host);
}

const struct config *scope_config(const cruet_app *app)
{
	const struct owner *o = app->owner;
	return o && o->source ? o->source : atomic_load(&app->host->config);
}

/* --- the application's own ------------------------------------------------------------- */

enum { KEY_MAX_BYTES = 256 };

/* "title" as "settings.title"; false if that is too long to be one. */
static bool own_key(char full[KEY_MAX_BYTES], const char *key)
{
	int n = snprintf(full, KEY_MAX_BYTES, *key ? "settings.%s" : "settings%s", key);
	return n < KEY_MAX_BYTES;
}

const char *cruet_setting(const cruet_app *app, const char *key)
{
	char full[KEY_MAX_BYTES];
	return app && own_key(full, key) ? config_text(scope_config(app), full) : NULL;
}

const cruet_json *cruet_setting_json(const cruet_app *app, const char *key)
{
	char full[KEY_MAX_BYTES];
	return app && own_key(full, key) ? config_value(scope_config(app), full) : NULL;
}

static void wrong_kind(const cruet_app *app, const char *full, const char *why)
{
	struct host *h = app->host;
	const char *text = !why ? cruet_strerror(CRUET_ENOMEM)
			   : text_starts(why, "option ") ? why + 7 : why;

	if (atomic_load(&h->state) == HOST_SETUP)
		host_problem(h, CRUET_EINVAL, "%s: %s", config_origin(h->config, full), text);
	else
		cruet_log(h->root, CRUET_ERROR, "%s", text);
}

/* Reads a value as an option is read. False: it is not there, or was complained of. */
static bool read_own(const cruet_app *app, const char *key, uint16_t type, void *out)
{
	const cruet_json *v = cruet_setting_json(app, key);
	char full[KEY_MAX_BYTES];
	const char *why = NULL;
	struct arena a;

	if (!v || !own_key(full, key))
		return false;
	const cruet_option table[] = {{.name = full, .type = type}, {.name = NULL}};
	arena_init(&a, 256);
	int err = option_set_json(table, sizeof *table, out, NULL, full, v, &a, &why);
	if (err)
		wrong_kind(app, full, why);
	arena_fini(&a);
	return !err;
}

int64_t cruet_setting_int(const cruet_app *app, const char *key, int64_t def)
{
	int64_t v;
	return read_own(app, key, CRUET_OPT_INT, &v) ? v : def;
}

double cruet_setting_real(const cruet_app *app, const char *key, double def)
{
	double v;
	return read_own(app, key, CRUET_OPT_REAL, &v) ? v : def;
}

bool cruet_setting_bool(const cruet_app *app, const char *key, bool def)
{
	bool v;
	return read_own(app, key, CRUET_OPT_BOOL, &v) ? v : def;
}

const char *cruet_secret(const cruet_app *app)
{
	return app ? app->host->settings.secret_key : NULL;
}
