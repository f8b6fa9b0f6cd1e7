/* A plugin that does what most do at least: a hook, a route and an option. */
#include <cruet.h>

struct config {
	const char *word;
};

static int look(cruet_ctx *c)
{
	(void)c;
	return CRUET_OK;
}

static int show(cruet_ctx *c)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	return cruet_text(c, cfg->word);
}

static int init(cruet_app *app)
{
	cruet_before(app, look);
	return cruet_get(app, "/word", show);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, word, STR, .def = "word", .help = "a word"), {.name = NULL}};

CRUET_PLUGIN(empty, .version = "1.0.0", .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE,
	     .options = options, .config_size = sizeof(struct config), .init = init);
