/* A site with the plugin, that believes a proxy which says https. */
#ifndef TESTS_SECURE_FIXTURE_H
#define TESTS_SECURE_FIXTURE_H

#include <cruet/secure.h>
#include "../edge.h"

extern const cruet_plugin cruet_plugin_secure;

static cruet_app *app;
static cruet_client *t;

static int page(cruet_ctx *c)
{
	return cruet_html(c, "page");
}

static inline void prepare(const char *options)
{
	app = new_app();
	cruet_set(app, "server.proxy_proto", "1");
	cruet_use_static(app, &cruet_plugin_secure, options);
	cruet_add(app, "*", "/", page, "page", CRUET_HERE);
}

static inline void setup(const char *options)
{
	prepare(options);
	t = client_of(app);
}

static inline void teardown(void)
{
	done(app, t);
}

static inline int get_https(const char *path)
{
	cruet_client_set_header(t, "X-Forwarded-Proto", "https");
	return cruet_client_get(t, path);
}

#define POLICY "Content-Security-Policy"

#endif
