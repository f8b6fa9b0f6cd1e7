/* cruet plugins info: what a plugin says of itself, and what it registers. For that it is
 * attached to an application in this process, up to init; it is not started. */
#include "cli/info.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/describe.h"
#include "cli/report.h"
#include "cli/routes.h"
#include "cli/site.h"
#include "cli/table.h"
#include "plugin/registry.h"

const char *const info_hook_names[INFO_HOOKS] = {"match",  "before", "after",
						 "finish", "encode", "teardown"};

/* --- what it registered ----------------------------------------------------------- */

static void add_name(struct info *i, struct names *to, const char *name)
{
	size_t n = to->n;
	const char **items = arena_grow(i->a, to->items, (n ? n + 1 : 0) * sizeof *items,
					(n + 2) * sizeof *items);

	if (!items || !name) {
		i->failed = true;
		return;
	}
	items[n] = name;
	items[n + 1] = NULL;
	*to = (struct names){items, n + 1};
}

static const char *error_name(const struct entry_error *e, struct arena *a)
{
	if (e->any)
		return "any";
	if (e->type)
		return e->type->name;
	if (e->status < 0)
		return cruet_strerror(e->status);
	return e->status ? arena_printf(a, "%d", e->status) : "all with a status";
}

static void take(struct info *i, const struct entry *e)
{
	const struct entry_command *cmd = (const struct entry_command *)e;

	switch (e->kind) {
	case ENTRY_MATCH:
		i->hooks[INFO_MATCH]++;
		break;
	case ENTRY_BEFORE:
		i->hooks[INFO_BEFORE]++;
		break;
	case ENTRY_AFTER:
		i->hooks[INFO_AFTER]++;
		break;
	case ENTRY_FINISH:
		i->hooks[INFO_FINISH]++;
		break;
	case ENTRY_ENCODE:
		i->hooks[INFO_ENCODE]++;
		break;
	case ENTRY_TEARDOWN:
		i->hooks[INFO_TEARDOWN]++;
		break;
	case ENTRY_ERROR:
		add_name(i, &i->errors, error_name((const struct entry_error *)e, i->a));
		break;
	case ENTRY_CONVERTER:
		add_name(i, &i->converters,
			 ((const struct entry_converter *)e)->converter.name);
		break;
	case ENTRY_SERVICE:
		add_name(i, &i->services, ((const struct entry_service *)e)->id);
		break;
	case ENTRY_LISTEN:
		add_name(i, &i->events, ((const struct entry_listen *)e)->event);
		break;
	case ENTRY_COMMAND:
		add_name(i, &i->commands, cmd->name);
		add_name(i, &i->helps, cmd->help ? cmd->help : "");
		break;
	default: /* rules are the router's to tell */
		break;
	}
}

/* Of the scope and of its blueprints; not of plugins that an application uses. */
static void take_all(struct info *i, const cruet_app *scope)
{
	for (struct entry *e = scope->entries; e; e = e->next) {
		const cruet_app *child = entry_scope(e);
		if (!child)
			take(i, e);
		else if (child->owner == scope->owner)
			take_all(i, child);
	}
}

/* --- attaching it ----------------------------------------------------------------- */

/* An instance of the configuration: with all that stand there, as it would be served. */
static struct instance *attach_configured(struct info *i, struct site *s,
					  const char *name)
{
	if (chdir(s->target.folder) != 0) {
		i->why = arena_printf(i->a, "%s: %s", s->target.folder, strerror(errno));
		return NULL;
	}
	return registry_load_config(s->app) ? NULL : registry_named(s->app, name);
}

/* Anything else: alone. */
static struct instance *attach_alone(struct site *s, const struct plugin_file *f)
{
	struct config_plugin cp;
	struct instance *in;
	const char *name = f->facts.plugin->name;
	struct attach how = {.name = name, .file = f};

	if (plugin_instance(s, name, &cp))
		how.config = &cp;
	return instance_attach(s->app, &how, &in) ? NULL : in;
}

static void attach(struct info *i, struct site *s, const struct plugin_file *f,
		   const char *configured)
{
	char *why = NULL;

	i->in = configured ? attach_configured(i, s, configured) : attach_alone(s, f);
	if (!i->in && !i->why)
		i->why = arena_strdup(i->a, cruet_problem(s->app));
	if (!i->in)
		return;
	s->plan = generation_build(s->app, scope_config(s->app), &why);
	if (s->plan)
		i->router = s->plan->router;
	else
		i->why = arena_strdup(i->a, why ? why : "out of memory");
	free(why);
	take_all(i, i->in->scope);
}

/* --- in words --------------------------------------------------------------------- */

static const char *hooks_text(const struct info *i)
{
	struct buf b;

	buf_init(&b, i->a, 0);
	for (int k = 0; k < INFO_HOOKS; k++)
		if (i->hooks[k])
			buf_printf(&b, "%s%u %s", b.len ? ", " : "", i->hooks[k],
				   info_hook_names[k]);
	return buf_err(&b) ? NULL : b.len ? b.p : "-";
}

static const char *attached_text(const struct info *i)
{
	const struct instance *in = i->in;

	if (i->why)
		return arena_printf(i->a, "no: %s", i->why);
	return arena_printf(
		i->a,
		"in %.2f ms: %.2f to read and open its file, %.2f for configure "
		"and init",
		(double)(in->load_us + in->steps_us) / 1000, (double)in->load_us / 1000,
		(double)in->steps_us / 1000);
}

static void rows(const struct info *i, struct table *t)
{
	describe_head(t, i->path, i->plugin);
	table_row(t, "size", arena_printf(t->a, "%" PRIu64 " bytes", i->size));
	table_row(t, "attached", attached_text(i));
	if (i->why)
		return;
	table_row(t, "services", describe_list(i->services.items, t->a));
	table_row(t, "hooks", hooks_text(i));
	table_row(t, "errors", describe_list(i->errors.items, t->a));
	table_row(t, "converters", describe_list(i->converters.items, t->a));
	table_row(t, "listens to", describe_list(i->events.items, t->a));
}

static int print_commands(const struct info *i)
{
	struct table t;

	if (!i->commands.n)
		return EXIT_DONE;
	putchar('\n');
	table_init(&t, i->a, 2);
	table_row(&t, "COMMAND", "WHAT");
	for (size_t k = 0; k < i->commands.n; k++)
		table_row(&t, i->commands.items[k], i->helps.items[k]);
	return describe_print(&t, "");
}

static int print(const struct info *i)
{
	struct table t;

	table_init(&t, i->a, 2);
	rows(i, &t);
	int code = describe_title(i->plugin, i->a);
	code = code ? code : describe_print(&t, "  ");
	code = code ? code : describe_options(i->plugin, i->a);
	if (code || i->why)
		return code;
	putchar('\n');
	code = routes_print(&(struct routes){.router = i->router, .of = &i->in->owner}, i->a);
	return code ? code : print_commands(i);
}

/* --- the command ------------------------------------------------------------------ */

/* A plugin, or else an application: its file may have any name. */
static int read_file(const char *path, struct arena *a, struct plugin_file *f,
		     const char **why)
{
	const char *ignored = NULL;
	int err = loader_read(path, false, a, f, why);

	return err && !loader_read(path, true, a, f, &ignored) ? CRUET_OK : err;
}

static int show(struct info *i, struct site *s, struct plugin_file *f,
		const char *configured, bool json)
{
	i->plugin = f->facts.plugin;
	i->size = f->len;
	attach(i, s, f, configured);
	if (i->failed)
		return cli_fail("out of memory");
	if (!json)
		return print(i);
	return info_json(i) ? EXIT_DONE : cli_fail("out of memory");
}

int plugins_info(struct cmdline *c)
{
	const char *name = c->args.rest[0], *why = NULL, *configured = NULL;
	bool json = args_value(&c->args, "json");
	struct info i = {.a = &c->arena};
	struct plugin_file f = {.bytes = NULL};
	struct config_plugin cp;
	struct site s;
	int code = site_configure(&s, c, NULL);

	if (code)
		goto done;
	if (strchr(name, '/') || text_ends(name, ".so")) {
		i.path = name;
	} else {
		configured = plugin_instance(&s, name, &cp) ? name : NULL;
		i.path = registry_find(s.app->host, configured ? cp.plugin : name,
				       &c->arena, &why);
	}
	if (!i.path || read_file(i.path, &c->arena, &f, &why))
		code = cli_fail("%s", why ? why : "out of memory");
	else
		code = show(&i, &s, &f, configured, json);
	loader_forget(&f);
done:
	site_close(&s);
	return code;
}
