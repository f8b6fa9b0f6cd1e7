/* Headers that tell browsers what pages of this site may do, and a redirect to https.
 * This file is what the plugin says of itself, and what it does to a reply.
 *
 * A header that is there already stays: a handler knows its page better, and of two
 * instances the inner one. One that was set to "" is left out; it can be taken away
 * only when all instances have seen it, hence the finish-hook. */
#include "secure.h"

#include <cruet/secure.h>
#include <cruet/svc/secure.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The words of an option as they stand in headers. */
static const char *const frames[] = {"SAMEORIGIN", "DENY", NULL};
static const char *const referrers[] = {"strict-origin-when-cross-origin",
					"no-referrer",
					"no-referrer-when-downgrade",
					"origin",
					"origin-when-cross-origin",
					"same-origin",
					"strict-origin",
					"unsafe-url",
					NULL};
static const char *const coops[] = {"same-origin", "same-origin-allow-popups",
				    "noopener-allow-popups", "unsafe-none", NULL};
static const char *const corps[] = {"same-origin", "same-site", "cross-origin", NULL};
static const char *const coeps[] = {"require-corp", "credentialless", "unsafe-none",
				    NULL};

static const char *const names[] = {"Strict-Transport-Security",
				    "Content-Security-Policy",
				    "Content-Security-Policy-Report-Only",
				    "X-Frame-Options",
				    "Referrer-Policy",
				    "Permissions-Policy",
				    "Cross-Origin-Opener-Policy",
				    "Cross-Origin-Resource-Policy",
				    "Cross-Origin-Embedder-Policy",
				    NULL};

/* --- options ---------------------------------------------------------------------- */

enum { PRELOAD_MIN = 31536000 }; /* seconds, as hstspreload.org asks for */

/* What may stand in a header. */
static bool visible(const char *s)
{
	while (*s >= ' ' && *s < 0x7f)
		s++;
	return !*s;
}

static bool is_host(const char *s)
{
	return !s[strspn(
		s,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._[]:")];
}

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);

	if (!visible(cfg->csp))
		return cruet_reject(
			app, "option csp: expected a policy of ASCII characters on one "
			     "line");
	if (!visible(cfg->permissions))
		return cruet_reject(app, "option permissions: expected a policy of ASCII "
					 "characters on one line");
	if (!is_host(cfg->https_host))
		return cruet_reject(app,
				    "option https_host = \"%s\": expected a host such as "
				    "www.example.com",
				    cfg->https_host);
	if (cfg->hsts_preload &&
	    (!cfg->hsts_subdomains || cfg->hsts / 1000 < PRELOAD_MIN))
		return cruet_reject(
			app, "option hsts_preload: browsers take a site into their "
			     "lists only with hsts_subdomains and hsts of 365d at "
			     "least");
	for (const char *const *p = cfg->https_except; p && *p; p++)
		if (**p != '/')
			return cruet_reject(
				app,
				"option https_except: \"%s\": expected paths such as "
				"/health",
				*p);
	return CRUET_OK;
}

/* --- hooks ------------------------------------------------------------------------ */

static bool is_https(const cruet_ctx *c)
{
	return !strcmp(cruet_scheme(c), "https");
}

/* True if path is that one, or below it. */
static bool below(const char *path, const char *top)
{
	size_t n = strlen(top);

	while (n && top[n - 1] == '/')
		n--;
	return !strncmp(path, top, n) && (!path[n] || path[n] == '/');
}

static bool excepted(const struct config *cfg, const char *path)
{
	for (const char *const *p = cfg->https_except; p && *p; p++)
		if (below(path, *p))
			return true;
	return false;
}

/* The same address by https; NULL: the request fails. */
static const char *https_url(cruet_ctx *c, const struct config *cfg)
{
	const char *host = *cfg->https_host ? cfg->https_host : cruet_host(c);
	const char *query = cruet_query_string(c), *colon = strrchr(host, ':');
	size_t n = colon && !strchr(colon, ']') ? (size_t)(colon - host) : strlen(host);
	const char *port = "";

	if (cfg->https_port != 443)
		port = cruet_printf(c, ":%d", (int)cfg->https_port);
	return port ? cruet_printf(c, "https://%.*s%s%s%s%s%s", (int)n, host, port,
				   cruet_root(c), cruet_raw_path(c), *query ? "?" : "",
				   query)
		    : NULL;
}

static int to_https(cruet_ctx *c)
{
	const struct config *cfg = cruet_config(cruet_scope(c));

	if (is_https(c) || excepted(cfg, cruet_path(c)) || *cruet_raw_path(c) != '/')
		return CRUET_OK;
	if (!*cfg->https_host && !*cruet_host(c))
		return cruet_fail(
			c, 400,
			"This site is served by https, and the request names no "
			"host to go to.");
	const char *url = https_url(c, cfg);
	return url ? cruet_redirect(c, 308, url) : CRUET_ENOMEM;
}

static int set(cruet_ctx *c, const char *name, const char *v)
{
	return !v || !*v || cruet_reply_header(c, name) ? CRUET_OK
							: cruet_set_header(c, name, v);
}

static int mark(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));
	const struct config *cfg = s->cfg;
	int err = policy_set(c, s);

	if (!err && is_https(c))
		err = set(c, "Strict-Transport-Security", s->hsts);
	if (!err)
		err = set(c, "X-Frame-Options", frames[cfg->frame]);
	if (!err)
		err = set(c, "Referrer-Policy", referrers[cfg->referrer]);
	if (!err)
		err = set(c, "Permissions-Policy", cfg->permissions);
	if (!err)
		err = set(c, "Cross-Origin-Opener-Policy", coops[cfg->coop]);
	if (!err)
		err = set(c, "Cross-Origin-Resource-Policy", corps[cfg->corp]);
	if (!err)
		err = set(c, "Cross-Origin-Embedder-Policy", coeps[cfg->coep]);
	return err;
}

static int leave_out(cruet_ctx *c)
{
	for (const char *const *name = names; *name; name++) {
		const char *v = cruet_reply_header(c, *name);
		if (v && !*v)
			cruet_del_header(c, *name);
	}
	return CRUET_OK;
}

/* --- ladder ----------------------------------------------------------------------- */

static const cruet_secure service = {.size = sizeof service, .nonce = policy_nonce};

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	free(s->plain);
}

static int add_hooks(cruet_app *app, const struct config *cfg)
{
	int err = cfg->https ? cruet_on_match(app, to_https) : CRUET_OK;

	if (!err)
		err = cruet_after(app, mark);
	return err ? err : cruet_finish(app, leave_out);
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	s->cfg = cfg;
	s->key.name = "secure.nonce";
	if (cfg->hsts)
		snprintf(s->hsts, sizeof s->hsts, "max-age=%llu%s%s",
			 (unsigned long long)cfg->hsts / 1000,
			 cfg->hsts_subdomains ? "; includeSubDomains" : "",
			 cfg->hsts_preload ? "; preload" : "");
	s->plain = policy_plain(cfg->csp);
	if (!s->plain)
		return CRUET_ENOMEM;
	int err = add_hooks(app, cfg);
	if (!err)
		err = cruet_provide(app, CRUET_SECURE, &service, s);
	if (err)
		fini(app);
	return err;
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, hsts, TIME, .def = "180d", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = INT64_C(3650) * 86400 * 1000,
		     .help = "how long browsers come by https alone, at most 3650d; 0: "
			     "not said"),
	CRUET_OPTION(struct config, hsts_subdomains, BOOL, .def = "false",
		     .help = "true if that holds for all subdomains too"),
	CRUET_OPTION(struct config, hsts_preload, BOOL, .def = "false",
		     .help = "true to agree to the lists that browsers come with"),
	CRUET_OPTION(
		struct config, csp, STR,
		.def = "default-src 'self'; base-uri 'self'; form-action 'self'; "
		       "frame-ancestors 'self'; img-src 'self' data:; object-src 'none'; "
		       "script-src 'self' " NONCE "; style-src 'self' " NONCE,
		.help = "a Content-Security-Policy, in which " NONCE
			" stands for the nonce; empty: none"),
	CRUET_OPTION(struct config, csp_report_only, BOOL, .def = "false",
		     .help = "true to have breaches reported, not stopped"),
	CRUET_OPTION(struct config, frame, ENUM, .def = "sameorigin",
		     .choices = "sameorigin|deny|off", .help = "sameorigin, deny or off"),
	CRUET_OPTION(
		struct config, referrer, ENUM, .def = "strict-origin-when-cross-origin",
		.choices = "strict-origin-when-cross-origin|no-referrer|"
			   "no-referrer-when-downgrade|origin|origin-when-cross-origin|"
			   "same-origin|strict-origin|unsafe-url|off",
		.help = "a Referrer-Policy, or off"),
	CRUET_OPTION(struct config, permissions, STR,
		     .def = "camera=(), geolocation=(), microphone=()",
		     .help = "a Permissions-Policy; empty: none"),
	CRUET_OPTION(struct config, coop, ENUM, .def = "same-origin",
		     .choices =
			     "same-origin|same-origin-allow-popups|noopener-allow-popups|"
			     "unsafe-none|off",
		     .help = "a Cross-Origin-Opener-Policy, or off"),
	CRUET_OPTION(struct config, corp, ENUM, .def = "same-origin",
		     .choices = "same-origin|same-site|cross-origin|off",
		     .help = "a Cross-Origin-Resource-Policy, or off"),
	CRUET_OPTION(struct config, coep, ENUM, .def = "off",
		     .choices = "require-corp|credentialless|unsafe-none|off",
		     .help = "a Cross-Origin-Embedder-Policy, or off"),
	CRUET_OPTION(struct config, https, BOOL, .def = "false",
		     .help = "true to send who comes by http to https"),
	CRUET_OPTION(struct config, https_port, INT, .def = "443",
		     .flags = CRUET_OPT_BOUNDS, .min = 1, .max = 65535,
		     .help = "the port of https"),
	CRUET_OPTION(struct config, https_host, STR, .def = "",
		     .help = "the host to send them to; empty: the one that was asked"),
	CRUET_OPTION(struct config, https_except, LIST,
		     .def = "/.well-known/acme-challenge",
		     .help = "paths that are served by http too, with all below them"),
	{.name = NULL}};

static const char *const provides[] = {CRUET_SECURE, NULL};

CRUET_PLUGIN(secure, .version = "0.1.0", .summary = "security headers, https",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .provides = provides,
	     .options = options, .config_size = sizeof(struct config),
	     .state_size = sizeof(struct state), .configure = configure, .init = init,
	     .fini = fini);
