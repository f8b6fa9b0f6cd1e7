/* Two addresses for those who look after a process: whether it lives, and whether it can
 * serve. This file is what the plugin says of itself, and its replies; probe.c knows the
 * checks. */
#include <cruet.h>
#include <stdatomic.h>
#include <string.h>

#include "probe.h"

struct config {
	const char *live, *ready;
	bool detail;
	const char *token;
	uint64_t timeout, keep;
};

struct state {
	struct checks checks;
	atomic_bool failing; /* as the log has it */
};

/* --- replies ---------------------------------------------------------------------- */

static int live(cruet_ctx *c)
{
	int err = cruet_set_header(c, "Cache-Control", "no-store");

	return err ? err : cruet_text(c, "alive\n");
}

/* Says in the log what has changed. */
static void tell(cruet_ctx *c, struct state *s, const struct probe *p)
{
	bool failing = p->name != NULL;

	if (atomic_exchange(&s->failing, failing) == failing)
		return;
	if (failing)
		cruet_log(cruet_scope(c), CRUET_WARN, "not ready: %s: %s", p->name,
			  p->why ? p->why : "");
	else
		cruet_log(cruet_scope(c), CRUET_INFO, "ready again");
}

static bool may_see_detail(cruet_ctx *c, const struct config *cfg)
{
	return cfg->detail || cruet_bearer(c, cfg->token);
}

static int reply(cruet_ctx *c, const char *word, cruet_json *checks)
{
	if (!checks)
		return cruet_textf(c, "%s\n", word);
	cruet_json *j = cruet_object(c);
	cruet_put_str(j, "status", word);
	cruet_put_json(j, "checks", checks);
	return cruet_jsonify(c, j);
}

static int ready(cruet_ctx *c)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	struct state *s = cruet_state(cruet_scope(c));
	struct probe p = {.checks = &s->checks};
	const char *word = "stopping";

	if (may_see_detail(c, cfg))
		p.detail = cruet_object(c);
	if (!cruet_stopping(cruet_outermost(cruet_scope(c)))) {
		probe_all(c, &p);
		tell(c, s, &p);
		word = p.name ? "not ready" : "ready";
	}
	int err = cruet_set_header(c, "Cache-Control", "no-store");
	if (!err && *cfg->token)
		err = cruet_vary(c, "Authorization");
	if (!err)
		err = cruet_status(c, strcmp(word, "ready") ? 503 : 200);
	return err ? err : reply(c, word, p.detail);
}

/* --- ladder ----------------------------------------------------------------------- */

static int check_path(cruet_app *app, const char *option, const char *path)
{
	return !*path || *path == '/'
		       ? CRUET_OK
		       : cruet_reject(app,
				      "option %s = \"%s\": expected a path such "
				      "as /%s",
				      option, path, option);
}

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	int err = check_path(app, "live", cfg->live);

	return err ? err : check_path(app, "ready", cfg->ready);
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	checks_fini(&s->checks);
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	checks_init(&s->checks);
	s->checks.timeout_ms = cfg->timeout;
	s->checks.keep_ms = cfg->keep;
	int err = *cfg->live ? cruet_get(app, cfg->live, live) : CRUET_OK;
	if (!err && *cfg->ready)
		err = cruet_get(app, cfg->ready, ready);
	if (err)
		fini(app);
	return err;
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, live, STR, .def = "/live",
		     .help = "a path such as /live; empty: none"),
	CRUET_OPTION(struct config, ready, STR, .def = "/ready",
		     .help = "a path such as /ready; empty: none"),
	CRUET_OPTION(struct config, detail, BOOL, .def = "false",
		     .help = "true to show everybody what each check says"),
	CRUET_OPTION(struct config, token, STR, .def = "", .flags = CRUET_OPT_SECRET,
		     .help = "a token with which one sees that"),
	CRUET_OPTION(struct config, timeout, TIME, .def = "2s", .flags = CRUET_OPT_BOUNDS,
		     .min = 1, .max = 600000,
		     .help = "the time a check may take, 1ms to 10m"),
	CRUET_OPTION(struct config, keep, TIME, .def = "1s", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 600000,
		     .help = "how long what a check said counts, at most 10m"),
	{.name = NULL}};

CRUET_PLUGIN(health, .version = "0.1.0", .summary = "says whether all is well",
	     .flags = CRUET_UNLOADABLE, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .configure = configure, .init = init, .fini = fini);
