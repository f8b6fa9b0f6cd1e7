#include "plugin/descriptor.h"

#include <string.h>

#include "app/option.h"
#include "base/arena.h"
#include "base/text.h"
#include "cruet/error.h"

enum {
	FLAGS_KNOWN = CRUET_UNLOADABLE | CRUET_REPEATABLE | CRUET_TOLD,
	CONFIG_MAX = 1 << 20,
	STATE_MAX = 1 << 26
};

static int refuse(const char **why, const char *text)
{
	*why = text;
	return text ? CRUET_EINVAL : CRUET_ENOMEM;
}

bool plugin_name_valid(const char *s)
{
	if (!is_lower(*s) || strlen(s) > PLUGIN_NAME_MAX)
		return false;
	while (is_lower(*s) || is_digit(*s) || *s == '_')
		s++;
	return !*s;
}

int descriptor_check_head(const cruet_plugin *p, struct arena *a, const char **why)
{
	if (p->abi != CRUET_PLUGIN_ABI) {
		*why = arena_printf(a, "is built for plugin ABI %u, this cruet has ABI %u: build "
				       "it again",
				    p->abi, CRUET_PLUGIN_ABI);
		return *why ? CRUET_EABI : CRUET_ENOMEM;
	}
	if (p->size < CRUET_UPTO(cruet_plugin, fini) || p->size > 1 << 16 ||
	    p->option_size < CRUET_UPTO(cruet_option, help) || p->option_size > 1 << 12)
		return refuse(why, "has a malformed descriptor");
	return CRUET_OK;
}

/* --- services ---------------------------------------------------------------------- */

/* "db/1"; a need may end with '?'. */
static bool service_id(const char *s, bool need)
{
	if (!is_lower(*s))
		return false;
	while (is_lower(*s) || is_digit(*s) || *s == '_')
		s++;
	if (*s != '/' || !is_digit(s[1]))
		return false;
	s++;
	while (is_digit(*s))
		s++;
	return !*s || (need && !strcmp(s, "?"));
}

static int check_services(const char *const *list, bool need, struct arena *a,
			  const char **why)
{
	for (size_t i = 0; list && list[i]; i++) {
		if (i == PLUGIN_LIST_MAX)
			return refuse(why, "has a malformed descriptor");
		if (!service_id(list[i], need))
			return refuse(why, arena_printf(a, "%s \"%s\": expected a service such as "
							   "\"cache/1\"",
							need ? "needs" : "provides", list[i]));
	}
	return CRUET_OK;
}

/* --- options ------------------------------------------------------------------------ */

static size_t option_bytes(unsigned type)
{
	switch (type) {
	case CRUET_OPT_BOOL:
		return sizeof(cruet_opt_BOOL);
	case CRUET_OPT_ENUM:
		return sizeof(cruet_opt_ENUM);
	case CRUET_OPT_INT:
	case CRUET_OPT_SIZE:
	case CRUET_OPT_TIME:
	case CRUET_OPT_STR:
	case CRUET_OPT_REAL:
	case CRUET_OPT_LIST:
	case CRUET_OPT_JSON:
		return 8;
	default:
		return 0;
	}
}

/* Names that stand beside the options in cruet.json. */
static bool taken(const char *name)
{
	return !strcmp(name, "plugin") || !strcmp(name, "prefix") || !strcmp(name, "bind");
}

static int check_option(const cruet_plugin *p, const cruet_option *o, size_t i, struct arena *a,
			const char **why)
{
	size_t bytes = option_bytes(o->type);

	if (!plugin_name_valid(o->name) || taken(o->name))
		return refuse(why, arena_printf(a, "has an option \"%s\", which is no name for one",
						o->name));
	for (size_t k = 0; k < i; k++)
		if (!strcmp(option_at(p->options, p->option_size, k)->name, o->name))
			return refuse(why, arena_printf(a, "has two options %s", o->name));
	if (!bytes)
		return refuse(why, arena_printf(a, "uses features of a newer cruet: option %s is of "
						   "kind %u",
						o->name, o->type));
	if (o->offset > p->config_size || bytes > p->config_size - o->offset || o->offset % bytes)
		return refuse(why, arena_printf(a, "has an option %s outside of its config struct: set "
						   ".config_size",
						o->name));
	if (o->type == CRUET_OPT_ENUM && (!o->choices || !*o->choices))
		return refuse(why, arena_printf(a, "has an option %s without choices", o->name));
	if (o->flags & CRUET_OPT_BOUNDS && o->min > o->max)
		return refuse(why, arena_printf(a, "has an option %s whose min is over its max",
						o->name));
	return CRUET_OK;
}

static int check_options(const cruet_plugin *p, struct arena *a, const char **why)
{
	const cruet_option *o;
	size_t n = 0;
	const char *bad = NULL;

	for (; (o = option_at(p->options, p->option_size, n)); n++) {
		int err = check_option(p, o, n, a, why);
		if (err)
			return err;
	}
	if (n == OPTIONS_MAX)
		return refuse(why, "has more than 255 options");
	void *config = arena_zalloc(a, p->config_size);
	if (!config)
		return refuse(why, NULL);
	int err = option_defaults(p->options, p->option_size, config, a, &bad);
	return err ? refuse(why, bad ? arena_printf(a, "has a bad default: %s", bad) : NULL)
		   : CRUET_OK;
}

int descriptor_check(const cruet_plugin *p, struct arena *a, const char **why)
{
	int err = descriptor_check_head(p, a, why);

	if (err)
		return err;
	if (p->core != cruet_core_id) {
		*why = "brings a core of its own: link it to libcruet.so";
		return CRUET_EABI;
	}
	if (!p->name || !plugin_name_valid(p->name))
		return refuse(why, arena_printf(a, "calls itself \"%s\": a name begins with a letter "
						   "and has lower-case letters, digits and '_'",
						p->name ? p->name : ""));
	if (p->flags & ~(uint64_t)FLAGS_KNOWN)
		return refuse(why, arena_printf(a, "uses features of a newer cruet: flags 0x%llx are "
						   "not known here",
						(unsigned long long)(p->flags & ~(uint64_t)FLAGS_KNOWN)));
	if (p->config_size > CONFIG_MAX || p->state_size > STATE_MAX)
		return refuse(why, arena_printf(a, "wants %zu bytes of config and %zu of state: at "
						   "most %d and %d are given",
						p->config_size, p->state_size, CONFIG_MAX,
						STATE_MAX));
	err = check_services(p->needs, true, a, why);
	if (!err)
		err = check_services(p->provides, false, a, why);
	return err ? err : check_options(p, a, why);
}

/* --- comparing ---------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_list(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return !*a && !*b;
}

static bool same_options(const cruet_plugin *a, const cruet_plugin *b)
{
	const cruet_option *x, *y;
	size_t i = 0;

	do {
		x = option_at(a->options, a->option_size, i);
		y = option_at(b->options, b->option_size, i);
		if (!x || !y)
			return x == y;
		i++;
	} while (same_text(x->name, y->name) && x->type == y->type && x->flags == y->flags &&
		 x->offset == y->offset && same_text(x->def, y->def) && x->min == y->min &&
		 x->max == y->max && same_text(x->choices, y->choices) &&
		 same_text(x->help, y->help));
	return false;
}

bool descriptor_same(const cruet_plugin *live, const cruet_plugin *read)
{
	return live->size == read->size && live->abi == read->abi && live->core == read->core &&
	       same_text(live->name, read->name) && same_text(live->version, read->version) &&
	       same_text(live->summary, read->summary) && live->flags == read->flags &&
	       same_list(live->needs, read->needs) && same_list(live->provides, read->provides) &&
	       same_list(live->after, read->after) && live->config_size == read->config_size &&
	       live->state_size == read->state_size && same_options(live, read) &&
	       !live->configure == !read->configure && !live->init == !read->init &&
	       !live->start == !read->start && !live->stop == !read->stop &&
	       !live->fini == !read->fini &&
	       !CRUET_HAS(live, cruet_plugin, migrate) == !CRUET_HAS(read, cruet_plugin, migrate);
}
