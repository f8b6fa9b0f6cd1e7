/* Counts the requests that it sees, and shows the count at a path. */
#include <cruet.h>
#include <cruet/plugin.h>
#include <stdatomic.h>

/* Filled in by the table of options below, before any code runs. */
struct config {
	const char *path;
	int64_t start;
};

/* Zeroed at first. Many threads call at once, so what changes is atomic or has a lock. */
struct state {
	atomic_llong count;
};

static int count(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));

	atomic_fetch_add(&s->count, 1);
	return CRUET_OK;
}

static int show(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));

	return cruet_textf(c, "%lld\n", atomic_load(&s->count));
}

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);

	if (*cfg->path != '/')
		return cruet_reject(app, "path = \"%s\" does not begin with a slash",
				    cfg->path);
	return CRUET_OK;
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	atomic_store(&s->count, cfg->start);
	cruet_before(app, count);
	return cruet_get(app, cfg->path, show);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, path, STR, .def = "/my_plugin", .help = "a path"),
	CRUET_OPTION(struct config, start, INT, .def = "0", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 1000000000, .help = "a whole number from 0"),
	{.name = NULL}};

/* Add CRUET_REPEATABLE to let several instances stand in one application. */
CRUET_PLUGIN(my_plugin, .version = "0.1.0", .summary = "Counts requests",
	     .options = options, .config_size = sizeof(struct config),
	     .state_size = sizeof(struct state), .configure = configure, .init = init,
	     .flags = CRUET_UNLOADABLE);
