/* Provides "session/1": one JSON object per browser, in a signed cookie, or in a
 * store on the server with its signed id in the cookie. This file is what the
 * plugin says of itself, and its ladder; visit.c is one request, token.c the
 * bytes of the cookie. */
#include "session.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { SECRET_MIN = 16 };

static const char *const same_sites[] = {"Lax", "Strict", "None"};

/* --- options ------------------------------------------------------------------------ */

/* What may stand in the name of a cookie (RFC 9110, tchar). */
static bool name_ok(const char *s)
{
	size_t n =
		strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			  "!#$%&'*+-.^_`|~");
	return n && !s[n] && n <= NAME_MAX_LEN;
}

static bool attribute_ok(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == ';' || *s == ',')
			return false;
	return true;
}

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	size_t keys = 0;

	while (cfg->fallback_keys && cfg->fallback_keys[keys])
		keys++;
	if (!name_ok(cfg->name))
		return cruet_reject(
			app,
			"option name = \"%s\": expected 1 to %d letters, digits and "
			"!#$%%&'*+-.^_`|~",
			cfg->name, NAME_MAX_LEN);
	if (cfg->path[0] != '/' || !attribute_ok(cfg->path))
		return cruet_reject(app,
				    "option path = \"%s\": expected a path such as /shop",
				    cfg->path);
	if (!attribute_ok(cfg->domain))
		return cruet_reject(
			app,
			"option domain = \"%s\": expected a domain such as example.com",
			cfg->domain);
	if (cfg->host_prefix && (cfg->domain[0] || strcmp(cfg->path, "/") != 0 ||
				 cfg->secure == SECURE_NEVER))
		return cruet_reject(
			app, "option host_prefix: browsers take a __Host- cookie only "
			     "without domain, with path = \"/\" and not with secure = "
			     "\"never\"");
	if (cfg->same_site == SAME_SITE_NONE && cfg->secure == SECURE_NEVER)
		return cruet_reject(
			app, "option same_site = \"none\": browsers take such a cookie "
			     "only over https: leave out secure = \"never\"");
	if (keys >= TOKEN_KEYS)
		return cruet_reject(app,
				    "option fallback_keys: %zu keys: expected at most %d",
				    keys, TOKEN_KEYS - 1);
	return CRUET_OK;
}

static cruet_cookie_opts cookie_opts(const struct config *cfg)
{
	cruet_cookie_opts o = {.size = sizeof o, .path = cfg->path};

	o.domain = cfg->domain[0] ? cfg->domain : NULL;
	o.same_site = same_sites[cfg->same_site];
	if (cfg->secure == SECURE_ALWAYS || cfg->host_prefix)
		o.flags |= CRUET_COOKIE_SECURE;
	if (cfg->secure == SECURE_NEVER)
		o.flags |= CRUET_COOKIE_INSECURE;
	if (!cfg->http_only)
		o.flags |= CRUET_COOKIE_SCRIPTS;
	if (cfg->partitioned)
		o.flags |= CRUET_COOKIE_PARTITIONED;
	return o;
}

/* --- ladder ------------------------------------------------------------------------- */

static const cruet_session service = {
	.size = sizeof service,
	.open = visit_open,
	.change = visit_change,
	.renew = visit_renew,
};

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	if (sodium_init() < 0)
		return cruet_reject(app, "libsodium finds no source of random numbers");
	s->cfg = cfg;
	s->app = app;
	s->key.name = "session.visit";
	snprintf(s->cookie, sizeof s->cookie, "%s%s", cfg->host_prefix ? "__Host-" : "",
		 cfg->name);
	s->opts = cookie_opts(cfg);
	if (cfg->store == STORE_SERVER &&
	    cruet_bind(app, CRUET_SESSION_STORE, NULL,
		       CRUET_UPTO(cruet_session_store, drop), &s->store))
		return cruet_reject(app, "option store = \"server\": needs service "
					 "\"" CRUET_SESSION_STORE
					 "\", which no attached plugin "
					 "provides");
	int err = cruet_finish(app, visit_save);
	return err ? err : cruet_provide(app, CRUET_SESSION, &service, s);
}

static int start(cruet_app *app)
{
	struct state *s = cruet_state(app);
	const char *secret = cruet_secret(app);

	if (!secret || !*secret) {
		cruet_log(app, CRUET_WARN,
			  "there is no secret_key: sessions are empty and cannot be "
			  "written");
		return CRUET_OK;
	}
	if (strlen(secret) < SECRET_MIN)
		cruet_log(app, CRUET_WARN,
			  "the secret_key has %zu bytes: expected %d or more random ones",
			  strlen(secret), SECRET_MIN);
	keyring_add(&s->keys, secret, s->cookie);
	for (const char *const *k = s->cfg->fallback_keys; k && *k; k++)
		if (**k) /* anybody can sign with an empty one */
			keyring_add(&s->keys, *k, s->cookie);
	return CRUET_OK;
}

static void stop(cruet_app *app)
{
	struct state *s = cruet_state(app);

	keyring_wipe(&s->keys);
}

static const cruet_option options[] = {
	CRUET_OPTION(
		struct config, store, ENUM, .def = "cookie", .choices = "cookie|server",
		.help = "cookie, or server with a plugin that provides session_store/1"),
	CRUET_OPTION(struct config, name, STR, .def = "session",
		     .help = "the cookie's name"),
	CRUET_OPTION(struct config, path, STR, .def = "/",
		     .help = "a path such as /shop"),
	CRUET_OPTION(struct config, domain, STR, .def = "",
		     .help = "a domain such as example.com, to include its subdomains"),
	CRUET_OPTION(struct config, same_site, ENUM, .def = "lax",
		     .choices = "lax|strict|none", .help = "lax, strict or none"),
	CRUET_OPTION(struct config, secure, ENUM, .def = "auto",
		     .choices = "auto|always|never",
		     .help = "auto (on https), always or never"),
	CRUET_OPTION(struct config, http_only, BOOL, .def = "true",
		     .help = "true, or false to let scripts read the cookie"),
	CRUET_OPTION(struct config, partitioned, BOOL, .def = "false",
		     .help = "true for a cookie of its own in each embedding site"),
	CRUET_OPTION(struct config, host_prefix, BOOL, .def = "false",
		     .help = "true for a cookie named __Host-NAME, bound to this host "
			     "and https"),
	CRUET_OPTION(struct config, lifetime, TIME, .def = "31d",
		     .flags = CRUET_OPT_BOUNDS, .min = 1000,
		     .max = INT64_C(400) * 86400 * 1000,
		     .help = "a time from 1s to 400d"),
	CRUET_OPTION(
		struct config, refresh, BOOL, .def = "true",
		.help = "true to start the lifetime of a permanent session anew at every "
			"request"),
	CRUET_OPTION(struct config, max_size, SIZE, .def = "64k",
		     .flags = CRUET_OPT_BOUNDS, .min = 1024, .max = 1 << 20,
		     .help = "the most bytes of one session in a store, from 1k to 1m"),
	CRUET_OPTION(struct config, fallback_keys, LIST, .def = "",
		     .flags = CRUET_OPT_SECRET,
		     .help = "earlier secret keys, which are still accepted"),
	{.name = NULL}};

static const char *const needs[] = {CRUET_SESSION_STORE "?", NULL};
static const char *const provides[] = {CRUET_SESSION, NULL};

CRUET_PLUGIN(session, .version = "0.1.0",
	     .summary = "signed sessions and flashed messages",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .needs = needs,
	     .provides = provides, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .configure = configure, .init = init, .start = start, .stop = stop);
