#include "cli/describe.h"

#include <string.h>

#include "app/option.h"
#include "base/buf.h"
#include "cli/cli.h"
#include "cli/table.h"

int describe_print(const struct table *t, const char *indent)
{
	return table_print(t, indent, stdout) ? cli_fail("out of memory") : EXIT_DONE;
}

const char *describe_list(const char *const *list, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	for (; list && *list; list++) {
		size_t n = strlen(*list);
		bool optional = n && (*list)[n - 1] == '?';
		buf_printf(&b, "%s%.*s%s", b.len ? ", " : "", (int)(n - optional), *list,
			   optional ? " (optional)" : "");
	}
	return buf_err(&b) ? NULL : b.len ? b.p : "-";
}

void describe_names(struct table *t, const char *name, const char *const *list)
{
	struct buf b;

	buf_init(&b, t->a, 0);
	for (; *list; list++) {
		if (b.len && b.len + strlen(*list) > 70) {
			table_row(t, name, b.p);
			buf_clear(&b);
			name = "";
		}
		buf_printf(&b, "%s%s", b.len ? " " : "", *list);
	}
	table_row(t, name, b.len ? b.p : "-");
}

static const char *bound(const cruet_option *o, int64_t v, struct arena *a)
{
	cruet_option one = *o;
	double real = (double)v;

	one.offset = 0;
	one.flags = 0;
	return option_show(&one, o->type == CRUET_OPT_REAL ? (const void *)&real : &v, a);
}

/* "1..4096", "lax|strict", "required", "secret". */
static const char *limits(const cruet_option *o, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	if (o->choices)
		buf_str(&b, o->choices);
	if (o->flags & CRUET_OPT_BOUNDS)
		buf_printf(&b, "%s..%s", bound(o, o->min, a), bound(o, o->max, a));
	if (o->flags & CRUET_OPT_REQUIRED)
		buf_printf(&b, "%srequired", b.len ? ", " : "");
	if (o->flags & CRUET_OPT_SECRET)
		buf_printf(&b, "%ssecret", b.len ? ", " : "");
	return buf_err(&b) ? NULL : b.len ? b.p : "-";
}

const char *describe_default(const cruet_option *o)
{
	if (!o->def || !*o->def)
		return NULL;
	return o->flags & CRUET_OPT_SECRET ? "********" : o->def;
}

int describe_options(const cruet_plugin *p, struct arena *a)
{
	const cruet_option *o;
	struct table t;

	if (!option_at(p->options, p->option_size, 0)) {
		puts("\nno options");
		return EXIT_DONE;
	}
	putchar('\n');
	table_init(&t, a, 5);
	table_row(&t, "OPTION", "TYPE", "DEFAULT", "BOUNDS", "EXPECTED");
	for (size_t i = 0; (o = option_at(p->options, p->option_size, i)); i++)
		table_row(&t, o->name, option_kind(o),
			  describe_default(o) ? describe_default(o) : "-", limits(o, a),
			  o->help);
	return describe_print(&t, "");
}

static const char *flags(const cruet_plugin *p)
{
	bool unload = p->flags & CRUET_UNLOADABLE, repeat = p->flags & CRUET_REPEATABLE;

	return unload && repeat ? "can be unloaded, may be attached more than once"
	       : unload		? "can be unloaded"
	       : repeat		? "may be attached more than once"
				: "-";
}

void describe_head(struct table *t, const char *path, const cruet_plugin *p)
{
	table_row(t, "file", path);
	table_row(t, "needs", describe_list(p->needs, t->a));
	table_row(t, "provides", describe_list(p->provides, t->a));
	table_row(t, "after", describe_list(p->after, t->a));
	table_row(t, "flags", flags(p));
}

int describe_title(const cruet_plugin *p, struct arena *a)
{
	struct table t;

	table_init(&t, a, 1);
	table_row(&t, arena_printf(a, "%s%s%s%s%s", p->name, p->version ? " " : "",
				   p->version ? p->version : "", p->summary ? ": " : "",
				   p->summary ? p->summary : ""));
	return describe_print(&t, "");
}
