/* Pages from templates in the language of Jinja2. The engine knows no requests: what joins
 * the two is here, in site.c (what templates see of a request) and in command.c. */
#include "jinja.h"

#include <cruet.h>
#include <cruet/plugin.h>
#include <errno.h>
#include <stdlib.h>

#include "node.h"
#include "site.h"

struct jinja_loader { /* of code of the application */
	cruet_template_load_fn *fn;
	void *arg;
	struct jinja_loader *next;
};

/* --- the service ------------------------------------------------------------------------ */

/* The file of a template; what code gave has its name alone. */
static void show_place(struct jinja *j, cruet_ctx *c, const char *name, unsigned line,
		       const char *says)
{
	const char *file = cruet_printf(c, "%s/%s", j->folder.path, name);
	char *whole = file ? realpath(file, NULL) : NULL;

	cruet_fail_place(c, whole ? whole : name, line, says);
	free(whole);
}

/* For the page of cruet run --debug: the template, and those that it was included from. */
static void show_places(struct jinja *j, cruet_ctx *c, const struct complaint *why)
{
	char *chain = cruet_printf(c, "%s", why->chain), *link;

	if (!*why->template)
		return;
	show_place(j, c, why->template, why->line, cruet_printf(c, "%s: %s", why->kind, why->what));
	while (chain && (link = strsep(&chain, ","))) { /* "included from a.html:3" */
		char *from = strstr(link, " from "), *colon = strrchr(link, ':');
		if (!from || !colon || colon < from)
			continue;
		*from = *colon = 0;
		show_place(j, c, from + strlen(" from "), (unsigned)strtoul(colon + 1, NULL, 10),
			   cruet_printf(c, "%s from here", link + strspn(link, " ")));
	}
}

int jinja_fail(struct jinja *j, cruet_ctx *c, const struct complaint *why)
{
	struct out o;

	out_init(&o, 1024, 8192);
	complaint_print(why, false, &o);
	if (out_room(&o, 0))
		o.p[o.len] = 0;
	int err = why->code > 0 || (why->code < 0 && cruet_err(c))
			  ? why->code
			  : cruet_raise(c, &cruet_template_error, "%s",
					o.p ? o.p : cruet_strerror(CRUET_ENOMEM));
	out_fini(&o);
	if (cruet_debugging(c))
		show_places(j, c, why);
	return err;
}

const struct template *jinja_get(struct jinja *j, cruet_ctx *c, const char *name,
				 struct complaint *why)
{
	if (cruet_debugging(c))
		engine_reload(j->engine);
	return engine_get(j->engine, c, name, why);
}

/* In debug what a template is warned of is logged, as often as it is compiled. */
static void loaded(cruet_ctx *c, const struct template *t)
{
	for (size_t i = 0; c && cruet_debugging(c) && i < t->nwarnings; i++)
		cruet_note(c, CRUET_WARN, "%s:%u: %s", t->name, t->warnings[i].line,
			   t->warnings[i].text);
}

static int service_render(void *self, cruet_ctx *c, const char *name,
			  const cruet_template_vars *vars, cruet_template_text *out)
{
	struct jinja *j = self;
	struct complaint why;
	struct out text = {.p = NULL};

	const struct template *t = jinja_get(j, c, name, &why);
	if (!t)
		return jinja_fail(j, c, &why);
	bool ok = engine_render(j->engine, c, t, vars, &text, &why);
	engine_release(j->engine, t);
	if (!ok) {
		out_fini(&text);
		return jinja_fail(j, c, &why);
	}
	out->p = text.p;
	out->len = text.len;
	out->release = free;
	out->owner = text.p;
	return CRUET_OK;
}

static int no_memory(cruet_app *app)
{
	cruet_reject(app, "out of memory");
	return CRUET_ENOMEM;
}

static int service_add(void *self, cruet_app *app, int what, const char *name,
		       cruet_template_fn *fn, void *arg)
{
	struct jinja *j = self;

	return engine_add_word(j->engine, what, name, fn, arg) ? CRUET_OK : no_memory(app);
}

static int service_global(void *self, cruet_app *app, const char *name,
			  const cruet_value *value)
{
	struct jinja *j = self;

	return engine_add_global(j->engine, name, *value) ? CRUET_OK : no_memory(app);
}

static int load_from_code(cruet_ctx *c, void *arg, const char *name, char **text, size_t *len,
			  struct template_stamp *stamp)
{
	const struct jinja_loader *l = arg;
	cruet_value v = cruet_value_none();
	int err = l->fn(c, name, l->arg, &v);

	(void)stamp;
	if (err)
		return err;
	if (v.kind != CRUET_VALUE_TEXT || !v.as.s)
		return CRUET_EINVAL;
	*text = strndup(v.as.s, v.len);
	*len = *text ? strlen(*text) : 0;
	return *text ? CRUET_OK : CRUET_ENOMEM;
}

static int service_loader(void *self, cruet_app *app, cruet_template_load_fn *fn, void *arg)
{
	struct jinja *j = self;
	struct jinja_loader *l = malloc(sizeof *l);

	if (!l)
		return no_memory(app);
	*l = (struct jinja_loader){fn, arg, j->loaders};
	j->loaders = l;
	return engine_add_loader(j->engine, load_from_code, NULL, l) ? CRUET_OK : no_memory(app);
}

static const cruet_template service = {.size = sizeof service,
				       .render = service_render,
				       .add = service_add,
				       .global = service_global,
				       .loader = service_loader,
				       .stream = jinja_stream};

/* --- the ladder --------------------------------------------------------------------------- */

static void take_options(const struct config *cfg, struct engine_options *o)
{
	static const enum undefined undefined[] = {UNDEFINED_EMPTY, UNDEFINED_FAILS,
						   UNDEFINED_CHAINS, UNDEFINED_SHOWN};
	static const char *const newlines[] = {"\n", "\r\n", "\r"};

	engine_defaults(o);
	o->loaded = loaded;
	o->syntax.block_begin = cfg->block_begin;
	o->syntax.block_end = cfg->block_end;
	o->syntax.print_begin = cfg->print_begin;
	o->syntax.print_end = cfg->print_end;
	o->syntax.comment_begin = cfg->comment_begin;
	o->syntax.comment_end = cfg->comment_end;
	o->syntax.newline = newlines[cfg->newline];
	o->syntax.trim_blocks = cfg->trim_blocks;
	o->syntax.lstrip_blocks = cfg->lstrip_blocks;
	o->syntax.keep_trailing_newline = cfg->keep_trailing_newline;
	o->syntax.line_statement = *cfg->line_statement ? cfg->line_statement : NULL;
	o->syntax.line_comment = *cfg->line_comment ? cfg->line_comment : NULL;
	o->undefined = undefined[cfg->undefined];
	o->reload = cfg->reload;
	o->bounds = (struct bounds){.output = cfg->output,
				    .memory = cfg->memory,
				    .rounds = (uint64_t)cfg->rounds,
				    .depth = (unsigned)cfg->depth,
				    .time_ms = cfg->time};
}

/* Those that begin something must differ, or some of it could never be told. */
static int check_delimiters(cruet_app *app, const struct config *cfg)
{
	const struct {
		const char *name, *text;
		bool needed, begins;
	} all[] = {{"block_begin", cfg->block_begin, true, true},
		   {"print_begin", cfg->print_begin, true, true},
		   {"comment_begin", cfg->comment_begin, true, true},
		   {"line_statement", cfg->line_statement, false, true},
		   {"line_comment", cfg->line_comment, false, true},
		   {"block_end", cfg->block_end, true, false},
		   {"print_end", cfg->print_end, true, false},
		   {"comment_end", cfg->comment_end, true, false}};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (all[i].needed && !*all[i].text)
			return cruet_reject(app, "option %s = \"\": expected some text",
					    all[i].name);
		for (size_t k = 0; k < i && all[i].begins && *all[i].text; k++)
			if (!strcmp(all[i].text, all[k].text))
				return cruet_reject(app,
						    "option %s = \"%s\": expected another text "
						    "than %s has",
						    all[i].name, all[i].text, all[k].name);
	}
	return CRUET_OK;
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct jinja *j = cruet_state(app);
	struct engine_options options;

	j->folder.fd = -1;
	j->chunk = cfg->chunk;
	int wrong = check_delimiters(app, cfg);
	if (wrong)
		return wrong;
	take_options(cfg, &options);
	j->engine = engine_new(&options);
	if (!j->engine)
		return CRUET_ENOMEM;
	int error = folder_open(&j->folder, cfg->folder);
	if (error && error != ENOENT) {
		engine_free(j->engine);
		return cruet_reject(app, "option folder = \"%s\": %s", cfg->folder,
				    strerror(error));
	}
	bool ok = engine_add_loader(j->engine, folder_load, folder_fresh, &j->folder) &&
		  site_globals(j->engine, app, &j->settings);
	int err = ok ? cruet_provide(app, CRUET_TEMPLATE, &service, j) : CRUET_ENOMEM;
	if (!err)
		err = cruet_command(app, "templates", "checks templates, or renders one",
				    jinja_command);
	if (!err)
		err = jinja_checkup(app);
	if (err) {
		folder_close(&j->folder);
		engine_free(j->engine);
	}
	return err;
}

static void fini(cruet_app *app)
{
	struct jinja *j = cruet_state(app);

	engine_free(j->engine);
	folder_close(&j->folder);
	while (j->loaders) {
		struct jinja_loader *l = j->loaders;
		j->loaders = l->next;
		free(l);
	}
}

static const char *const provides[] = {CRUET_TEMPLATE, NULL};

static const cruet_option options[] = {
	CRUET_OPTION(struct config, folder, STR, .def = "templates",
		     .help = "the folder of the templates"),
	CRUET_OPTION(struct config, reload, BOOL, .def = "false",
		     .help = "true to look whether a template has changed, at each use"),
	CRUET_OPTION(struct config, undefined, ENUM, .def = "empty",
		     .choices = "empty|strict|chain|show",
		     .help = "what an undefined variable gives: empty (nothing), strict (an "
			     "error), chain (nothing, and so do its members) or show (its name)"),
	CRUET_OPTION(struct config, trim_blocks, BOOL, .def = "false",
		     .help = "true to drop the line's end behind a block tag"),
	CRUET_OPTION(struct config, lstrip_blocks, BOOL, .def = "false",
		     .help = "true to drop white space in front of a block tag"),
	CRUET_OPTION(struct config, keep_trailing_newline, BOOL, .def = "false",
		     .help = "true to keep the end of the last line"),
	CRUET_OPTION(struct config, line_statement, STR, .def = "",
		     .help = "what a line begins with that is a statement, such as #"),
	CRUET_OPTION(struct config, line_comment, STR, .def = "",
		     .help = "what begins a comment up to the end of its line, such as ##"),
	CRUET_OPTION(struct config, block_begin, STR, .def = "{%",
		     .help = "what a block tag begins with"),
	CRUET_OPTION(struct config, block_end, STR, .def = "%}",
		     .help = "what a block tag ends with"),
	CRUET_OPTION(struct config, print_begin, STR, .def = "{{",
		     .help = "what the place of a value begins with"),
	CRUET_OPTION(struct config, print_end, STR, .def = "}}",
		     .help = "what the place of a value ends with"),
	CRUET_OPTION(struct config, comment_begin, STR, .def = "{#",
		     .help = "what a comment begins with"),
	CRUET_OPTION(struct config, comment_end, STR, .def = "#}",
		     .help = "what a comment ends with"),
	CRUET_OPTION(struct config, newline, ENUM, .def = "lf", .choices = "lf|crlf|cr",
		     .help = "how lines end in what is made: lf, crlf or cr"),
	CRUET_OPTION(struct config, chunk, SIZE, .def = "16k", .min = 1024, .max = 1 << 24,
		     .flags = CRUET_OPT_BOUNDS,
		     .help = "how much of a streamed page is made at a time, such as 16k"),
	CRUET_OPTION(struct config, output, SIZE, .def = "16m", .min = 1024, .max = 1 << 30,
		     .flags = CRUET_OPT_BOUNDS, .help = "the longest text, such as 16m"),
	CRUET_OPTION(struct config, memory, SIZE, .def = "64m", .min = 65536, .max = 1 << 30,
		     .flags = CRUET_OPT_BOUNDS,
		     .help = "memory for the values of one page, such as 64m"),
	CRUET_OPTION(struct config, rounds, INT, .def = "1000000", .min = 1000,
		     .max = INT64_C(1000000000000), .flags = CRUET_OPT_BOUNDS,
		     .help = "the rounds of all loops of one page together"),
	CRUET_OPTION(struct config, depth, INT, .def = "100", .min = 10, .max = 300,
		     .flags = CRUET_OPT_BOUNDS,
		     .help = "how deep templates, blocks and macros call each other"),
	CRUET_OPTION(struct config, time, TIME, .def = "10s",
		     .help = "the longest time for one page, such as 10s; 0s: no bound"),
	{.name = NULL}};

CRUET_PLUGIN(jinja, .version = "0.1.0", .summary = "pages from templates, in the language of Jinja2",
	     .flags = CRUET_UNLOADABLE | CRUET_TOLD, .provides = provides, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct jinja),
	     .init = init, .fini = fini);
