/* A site with the plugin, and checks that say what the test wants. */
#ifndef TESTS_HEALTH_FIXTURE_H
#define TESTS_HEALTH_FIXTURE_H

#include <cruet/health.h>
#include "../edge.h"

extern const cruet_plugin cruet_plugin_health;

static cruet_app *app;
static cruet_client *t;
static int says; /* what the check returns */
static int runs; /* how often it was run */

static inline int asks(cruet_ctx *c)
{
	runs++;
	if (says == 503)
		return cruet_fail(c, 503, "the disk has %d bytes left", 7);
	return says;
}

static inline void prepare(const char *options)
{
	app = new_app();
	says = runs = 0;
	cruet_use_static(app, &cruet_plugin_health, options);
}

static inline void start(void)
{
	t = client_of(app);
}

static inline void teardown(void)
{
	done(app, t);
}

#endif
