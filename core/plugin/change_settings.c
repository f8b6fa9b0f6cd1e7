/* Settings of the server when the configuration was read anew: which hold at once, and which
 * take a new start. */
#include <stdlib.h>
#include <string.h>

#include "cruet/log.h"
#include "plugin/change.h"

struct fixed {
	struct arena *a;
	const char **list;
	size_t n;
};

static void add_fixed(struct fixed *f, const char *name)
{
	const char **list = name ? arena_more(f->a, f->list, f->n, sizeof *list) : NULL;

	if (!list)
		return;
	f->list = list;
	list[f->n++] = name;
}

/* Ends with NULL. */
static const char *const *fixed_settings(const struct change *c)
{
	const struct config *was = c->host->started_by;
	struct fixed f = {.a = &c->report->a};

	for (const cruet_option *o = server_options; o->name; o++)
		if (strcmp(o->name, "log_level") != 0 &&
		    !config_same(config_value(was, o->name), config_value(change_source(c), o->name)))
			add_fixed(&f, o->name);
	for (const struct instance *in = c->registry->all.first; in; in = in->next)
		if (in->fixed)
			add_fixed(&f, arena_printf(f.a, "plugins.%s", in->owner.name));
	const char **list = arena_more(f.a, f.list, f.n, sizeof *list);
	if (list)
		list[f.n] = NULL;
	return list;
}

static void tell_fixed(const struct change *c)
{
	for (const char *const *s = c->report->fixed; s && *s; s++)
		cruet_log(c->root, CRUET_WARN,
			  "%s: %s differs from what the application was started with: that takes a "
			  "new start",
			  config_origin(change_source(c), *s), *s);
}

/* The level of the log alone can change at once. */
static void take_level(const struct change *c)
{
	struct server_settings s;
	struct arena a;
	char *why;

	arena_init(&a, 4096);
	if (config_server(change_source(c), &s, &a, &why) == CRUET_OK)
		atomic_store(&c->host->log.level, s.log_level);
	else
		free(why);
	arena_fini(&a);
}

void change_settings(struct change *c)
{
	c->report->fixed = fixed_settings(c);
	tell_fixed(c);
	take_level(c);
}
