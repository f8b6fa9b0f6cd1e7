/* A site with the plugin, and what its page says. */
#ifndef TESTS_METRICS_FIXTURE_H
#define TESTS_METRICS_FIXTURE_H

#include <cruet/metrics.h>
#include "../edge.h"

extern const cruet_plugin cruet_plugin_metrics;

static cruet_app *app;
static cruet_client *t;

static inline int page(cruet_ctx *c)
{
	return cruet_text(c, "page");
}

static inline void prepare(const char *options)
{
	app = new_app();
	cruet_use_static(app, &cruet_plugin_metrics, options);
	cruet_add(app, "GET,POST", "/", page, "page", CRUET_HERE);
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

/* The text behind "NAME " at the beginning of a line of the last reply; "" if there is no
 * such line. Until the next call. */
static inline const char *shown(const char *name)
{
	static char value[256];
	const char *p = cruet_client_body(t);
	size_t n = strlen(name);

	for (; p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
		if (!strncmp(p, name, n) && p[n] == ' ') {
			snprintf(value, sizeof value, "%.*s",
				 (int)strcspn(p + n + 1, "\n"), p + n + 1);
			return value;
		}
	return "";
}

#define assert_shown(name, value)                                              \
	ck_assert_msg(!strcmp(shown(name), value), "%s is \"%s\" in %s", name, \
		      shown(name), cruet_client_body(t))

/* Of requests: "page", "GET", "2xx". */
#define OF(end, endpoint, method, status)                               \
	"cruet_http_" end "{endpoint=\"" endpoint "\",method=\"" method \
	"\",status=\"" status "\"}"
#define COUNT(endpoint, method, status) \
	OF("request_duration_seconds_count", endpoint, method, status)

#endif
