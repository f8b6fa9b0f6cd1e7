/* From the configuration to what requests look at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/scope.h"

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
	if (atomic_load(&app->host->state) != HOST_SETUP)
		return scope_problem(app, CRUET_ESTATE,
				     "cruet_set: %s: the application has started already", key);
	int err = config_set(app->host->config, CONFIG_CODE, key, value, "cruet_set", &why);
	return err ? said(app->host, err, why) : settings_apply(app->host);
}

const char *cruet_setting(const cruet_app *app, const char *key)
{
	char full[256];

	if (!app || snprintf(full, sizeof full, "settings.%s", key) >= (int)sizeof full)
		return NULL;
	return config_text(app->host->config, full);
}

const char *cruet_secret(const cruet_app *app)
{
	return app ? app->host->settings.secret_key : NULL;
}
