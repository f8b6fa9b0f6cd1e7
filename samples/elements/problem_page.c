/* Errors are problem details (RFC 9457), whatever the client would like: for an
 * application that only programs talk to. */
#include <cruet.h>
#include <cruet/svc/error_page.h>

struct config {
	const char *types;
};

static int make(void *self, cruet_ctx *c, const cruet_error_info *e)
{
	const struct config *cfg = self;
	cruet_json *o = cruet_object(c);

	cruet_put_str(o, "type",
		      *cfg->types ? cruet_printf(c, "%s%d", cfg->types, e->status)
				  : "about:blank");
	cruet_put_str(o, "title", e->reason);
	cruet_put_int(o, "status", e->status);
	cruet_put_str(o, "detail", e->text);
	if (e->id)
		cruet_put_str(o, "instance", cruet_printf(c, "urn:request:%s", e->id));
	int r = cruet_jsonify(c, o);
	if (r != CRUET_DONE)
		return r;
	int err = cruet_set_header(c, "Content-Type", "application/problem+json");
	return err ? err : CRUET_DONE;
}

static const cruet_error_page page = {.size = sizeof page, .make = make};

static int init(cruet_app *app)
{
	return cruet_provide(app, CRUET_ERROR_PAGE, &page, (void *)cruet_config(app));
}

static const cruet_option options[] = {
	CRUET_OPTION(
		struct config, types, STR, .def = "",
		.help = "what the type begins with, such as https://example.com/errors/"),
	{.name = NULL}};

CRUET_PLUGIN(problem_page, .version = "1.0.0", .summary = "errors as problem details",
	     .flags = CRUET_UNLOADABLE,
	     .provides = (const char *const[]){CRUET_ERROR_PAGE, NULL},
	     .options = options, .config_size = sizeof(struct config), .init = init);
