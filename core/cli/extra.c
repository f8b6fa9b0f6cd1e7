/* Commands that applications and plugins add with cruet_command(). */
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/generation.h"
#include "cli/site.h"
#include "cli/table.h"
#include "cruet/app.h"

static const char *owner_of(const struct entry_command *cmd)
{
	const struct owner *o = cmd->head.scope->owner;
	return o && strcmp(o->plugin->name, "app") != 0 ? o->name : "the application";
}

static int list(const struct generation *g, struct arena *a, bool json)
{
	struct table t;

	if (!g->ncommands && !json) {
		puts("no commands");
		return EXIT_DONE;
	}
	table_init(&t, a, 3);
	table_row(&t, "COMMAND", "OF", "WHAT");
	for (size_t i = 0; i < g->ncommands; i++)
		table_row(&t, g->commands[i]->name, owner_of(g->commands[i]),
			  g->commands[i]->help);
	return table_show(&t, json) ? cli_fail("out of memory") : EXIT_DONE;
}

int commands_command(struct cmdline *c)
{
	struct site s;
	int code = site_plan(&s, c, c->args.rest[0]);

	if (!code)
		code = list(s.plan, &c->arena, args_value(&c->args, "json"));
	site_close(&s);
	return code;
}

/* --- cruet NAME ------------------------------------------------------------------------ */

static const char *const *names_of(const struct generation *g, struct arena *a)
{
	const char **names = arena_array(a, g->ncommands + 1, sizeof *names);
	for (size_t i = 0; names && i < g->ncommands; i++)
		names[i] = g->commands[i]->name;
	return names;
}

static bool among(const char *name, const char *const *names)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static int unknown(const char *name, const char *const *more)
{
	const char *near = command_nearest("", name, more);
	const char *where = more ? ""
				 : ", and without a cruet.json here there is no application to ask";

	return near ? cli_misused("", "unknown command '%s': did you mean '%s'?", name, near)
		    : cli_misused("", "unknown command '%s'%s", name, where);
}

static int run(struct site *s, struct arena *a, int argc, char **argv)
{
	const char *const *names = names_of(s->plan, a);

	if (!among(argv[0], names))
		return unknown(argv[0], names);
	int code = command_run(s->app, argv[0], argc, argv);
	if (cruet_problem(s->app))
		cli_fail("%s", cruet_problem(s->app));
	return code;
}

int extra_run(int argc, char **argv)
{
	static const struct command extra = {.name = ""};
	struct cmdline c = {.command = &extra};
	struct site s;

	if (access("cruet.json", F_OK) != 0)
		return unknown(argv[0], NULL);
	arena_init(&c.arena, 16384);
	int code = site_plan(&s, &c, NULL);
	if (code)
		cli_fail("so nobody can be asked for the command '%s'", argv[0]);
	else
		code = run(&s, &c.arena, argc, argv);
	site_close(&s);
	arena_fini(&c.arena);
	return code;
}
