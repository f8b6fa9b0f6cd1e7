/* Addresses of static files with a fingerprint of what is in them, so that browsers may keep
 * such a file for ever: one that has changed has another address.
 *
 * cruet_static() serves the folder, with hooks and all, and asks here about names that have
 * a fingerprint. The rule that stands here is for building addresses alone. */
#include "assets.h"

#include <cruet/assets.h>
#include <cruet/svc/assets.h>
#include <cruet/svc/template.h>
#include <cruet/template.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define FILENAME "/<path:filename>" /* as cruet_static() has it below its path */

struct state {
	const struct config *cfg;
	struct prints prints;
};

/* --- what is asked for ------------------------------------------------------------------ */

static int unreadable(cruet_ctx *c, const char *folder, const char *name, int error)
{
	static const cruet_errtype kind = {sizeof kind, 500, "assets.unreadable", NULL};

	return cruet_raise(c, &kind, "%s/%s cannot be read: %s", folder, name,
			   strerrordesc_np(error));
}

static int find(void *self, cruet_ctx *c, const char *name, cruet_asset *out)
{
	struct state *s = self;
	char full[NAME_ROOM];
	char base64[sodium_base64_ENCODED_LEN(HASH_LEN, sodium_base64_VARIANT_ORIGINAL)];
	struct print print;
	int err = prints_find(&s->prints, name, &print);

	out->folder = s->prints.folder;
	if (err)
		return err == CRUET_EIO ? unreadable(c, out->folder, name, errno) : err;
	name_put(name, print.hash, full);
	sodium_bin2base64(base64, sizeof base64, print.hash, HASH_LEN,
			  sodium_base64_VARIANT_ORIGINAL);
	out->name = cruet_strdup(c, full);
	out->integrity = cruet_printf(c, "sha256-%s", base64);
	return out->name && out->integrity ? CRUET_OK : CRUET_ENOMEM;
}

/* --- what is served ------------------------------------------------------------------- */

/* True for requests to the rule that serves the folder. */
static bool is_ours(const cruet_ctx *c, const struct config *cfg)
{
	const char *pattern = cruet_pattern(c);
	size_t n = strlen(cfg->path);

	return pattern && !strncmp(pattern, cfg->path, n) && !strcmp(pattern + n, FILENAME);
}

static int take(void *self, cruet_ctx *c, const char *full, const char **name)
{
	const struct state *s = self;
	char plain[NAME_ROOM];

	if (!name_take(full, strlen(full), plain) || !is_ours(c, s->cfg))
		return CRUET_ENOENT;
	*name = cruet_strdup(c, plain);
	return *name ? CRUET_OK : CRUET_ENOMEM;
}

static int fits(void *self, cruet_ctx *c, const char *full, const char *name, int fd)
{
	struct state *s = self;
	char now[NAME_ROOM];
	struct print print;
	int err = prints_of(&s->prints, name, fd, &print);

	if (err)
		return err == CRUET_EIO ? unreadable(c, s->prints.folder, name, errno) : err;
	name_put(name, print.hash, now);
	return strcmp(now, full) ? CRUET_ENOENT : CRUET_OK;
}

static const cruet_asset_finder finder = {
	.size = sizeof finder, .find = find, .take = take, .fits = fits};

/* --- templates ------------------------------------------------------------------------ */

/* {{ asset_url("css/site.css") }} */
static int call(cruet_ctx *c, const cruet_value *args, size_t n, const char *function,
		const char *(*ask)(cruet_ctx *c, const char *name), cruet_value *out)
{
	const char *name = n == 1 && args->kind == CRUET_VALUE_TEXT
				   ? cruet_printf(c, "%.*s", (int)args->len, args->as.s)
				   : NULL;

	if (n != 1 || args->kind != CRUET_VALUE_TEXT)
		return cruet_fail(c, 500, "%s: expected the name of a file, such as \"site.css\"",
				  function);
	const char *text = name ? ask(c, name) : NULL;
	*out = cruet_value_text(text);
	return text ? CRUET_OK : cruet_err(c);
}

static int template_url(cruet_ctx *c, const cruet_value *args, size_t n, void *arg,
			cruet_value *out)
{
	(void)arg;
	return call(c, args, n, "asset_url", cruet_asset_url, out);
}

static int template_integrity(cruet_ctx *c, const cruet_value *args, size_t n, void *arg,
			      cruet_value *out)
{
	(void)arg;
	return call(c, args, n, "asset_integrity", cruet_asset_integrity, out);
}

/* Where something makes pages of templates. */
static int add_functions(cruet_app *app)
{
	cruet_service s;
	int err = cruet_bind(app, CRUET_TEMPLATE, NULL, CRUET_UPTO(cruet_template, add), &s);

	if (err)
		return err == CRUET_ENOENT ? CRUET_OK : err;
	err = cruet_template_function(app, "asset_url", template_url, NULL);
	return err ? err
		   : cruet_template_function(app, "asset_integrity", template_integrity, NULL);
}

/* --- the command ------------------------------------------------------------------------- */

static int command(cruet_ctx *c, int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "build"))
		return pack_folder(cruet_config(cruet_scope(c)));
	fprintf(stderr, "usage: cruet assets build\n");
	return 2;
}

/* --- ladder ---------------------------------------------------------------------------- */

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	size_t n = strlen(cfg->path);

	if (*cfg->path != '/' || n < 2 || cfg->path[n - 1] == '/' ||
	    strpbrk(cfg->path, "<>?# "))
		return cruet_reject(app, "option path = \"%s\": expected a path such as /static",
				    cfg->path);
	if (!*cfg->folder)
		return cruet_reject(app, "option folder: it is empty: expected a folder such as "
					 "static");
	return sodium_init() < 0 ? cruet_reject(app, "libsodium does not work here") : CRUET_OK;
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);
	char path[1024];
	struct stat st;

	if (snprintf(path, sizeof path, "%s" FILENAME, cfg->path) >= (int)sizeof path)
		return cruet_reject(app, "option path: more than 1000 characters");
	if (stat(cfg->folder, &st) != 0)
		return cruet_reject(app, "option folder = \"%s\": %s", cfg->folder,
				    strerrordesc_np(errno));
	if (!S_ISDIR(st.st_mode))
		return cruet_reject(app, "option folder = \"%s\": expected a folder", cfg->folder);
	s->cfg = cfg;
	prints_init(&s->prints, cfg->folder);
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule),
				       .path = path,
				       .name = "file",
				       .flags = CRUET_BUILD_ONLY,
				       .here = CRUET_HERE});
	cruet_command(app, "assets", "build: packs files for those who read br and gzip", command);
	int err = cruet_provide(app, CRUET_ASSETS, &finder, s);
	if (!err)
		err = add_functions(app);
	if (err)
		prints_fini(&s->prints);
	return err;
}

static void fini(cruet_app *app)
{
	prints_fini(&((struct state *)cruet_state(app))->prints);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, folder, STR, .def = "static", .help = "a folder of files"),
	CRUET_OPTION(struct config, path, STR, .def = "/static",
		     .help = "the path that cruet_static() serves the folder below"),
	CRUET_OPTION(struct config, pack, LIST,
		     .def = "css,js,mjs,json,map,svg,html,htm,txt,md,xml,csv,wasm,ttf,otf,ico",
		     .help = "suffixes of files that `cruet assets build` packs"),
	{.name = NULL}};

static const char *const needs[] = {CRUET_TEMPLATE "?", NULL};
static const char *const provides[] = {CRUET_ASSETS, NULL};

CRUET_PLUGIN(assets, .version = "0.1.0",
	     .summary = "addresses of static files that change with what is in them",
	     .flags = CRUET_UNLOADABLE, .needs = needs, .provides = provides, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .configure = configure, .init = init, .fini = fini);
