/* While a file exists, every request is answered with 503 and Retry-After. */
#include <cruet.h>
#include <string.h>
#include <unistd.h>

struct config {
	const char *file, *except;
	int64_t retry;
};

static int closed(cruet_ctx *c)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	size_t n = strlen(cfg->except);
	if (access(cfg->file, F_OK) || (n && !strncmp(cruet_path(c), cfg->except, n)))
		return CRUET_OK;
	cruet_set_header(c, "Retry-After", cruet_printf(c, "%ld", (long)cfg->retry));
	return cruet_fail(c, 503, "Back soon: this site is being worked on.");
}
static int init(cruet_app *app)
{
	return cruet_before(app, closed);
}
static const cruet_option options[] = {
	CRUET_OPTION(struct config, file, STR, .def = "closed", .help = "a file name"),
	CRUET_OPTION(struct config, except, STR, .def = "", .help = "a path prefix"),
	CRUET_OPTION(struct config, retry, INT, .def = "300", .help = "whole seconds"),
	{.name = NULL}};
CRUET_PLUGIN(maintenance, .version = "1.0.0", .options = options, .init = init,
	     .config_size = sizeof(struct config), .flags = CRUET_UNLOADABLE);
