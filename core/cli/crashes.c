/* cruet crashes: what the reports say. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/json_out.h"
#include "cli/kept.h"
#include "cli/table.h"
#include "cruet/json.h"
#include "debug/page.h"

/* The frame that a person looks for first. */
static const cruet_json *place_of(const struct kept *k)
{
	const cruet_json *f = cruet_json_first(cruet_json_get(k->report, "frames")), *any = NULL;

	for (; f; f = cruet_json_next(f)) {
		bool own = cruet_json_bool(cruet_json_get(f, "own"), false);
		if (own && cruet_json_get(f, "file"))
			return f;
		any = any || !own ? any : f;
	}
	return any;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* "show (shop.c:9)", "shop.so+0x1a3f", "-" */
static const char *where(const struct kept *k, struct arena *a)
{
	const cruet_json *f = place_of(k);
	const char *file = cruet_json_str(cruet_json_get(f, "file"), NULL);
	const char *module = cruet_json_str(cruet_json_get(f, "module"), NULL);

	if (file)
		return arena_printf(a, "%s (%s:%d)",
				    cruet_json_str(cruet_json_get(f, "function"), "?"),
				    base_name(file), (int)cruet_json_int(cruet_json_get(f, "line"), 0));
	return module ? arena_printf(a, "%s+%s", base_name(module),
				     cruet_json_str(cruet_json_get(f, "offset"), "?"))
		      : "-";
}

/* --- list ------------------------------------------------------------------------------- */

static void add_row(struct table *t, const struct kept *k)
{
	const char *time = kept_text(k, "time"), *plugin = kept_text(k, "plugin");
	const char *request = kept_text(k, "request");

	if (k->report)
		table_row(t, k->id, *time ? time : "-", kept_text(k, "signal"),
			  *plugin ? plugin : "-", where(k, t->a), *request ? request : "-");
	else
		table_row(t, k->id, "-", "-", "-", "-", "cannot be read");
}

static int print_list(const struct kept *all, size_t n, struct arena *a)
{
	struct table t;

	if (!n) {
		puts("no crashes");
		return EXIT_DONE;
	}
	table_init(&t, a, 6);
	table_row(&t, "ID", "TIME", "SIGNAL", "PLUGIN", "WHERE", "REQUEST");
	for (size_t i = 0; i < n; i++)
		add_row(&t, &all[i]);
	return table_print(&t, "", stdout) ? cli_fail("out of memory") : EXIT_DONE;
}

static int print_json(struct kept *all, size_t n, struct arena *a)
{
	cJSON *list = cJSON_CreateArray();
	bool ok = list;

	for (size_t i = 0; i < n && ok; i++) {
		if (all[i].report)
			json_push(list, all[i].report, &ok);
		all[i].report = NULL;
	}
	if (ok)
		ok = !json_print(list, a);
	cJSON_Delete(list);
	return ok ? EXIT_DONE : cli_fail("out of memory");
}

int crashes_list(struct cmdline *c)
{
	struct kept *all = NULL;
	struct site s;
	size_t n = 0;
	int code = site_configure(&s, c, c->args.rest[0]);

	if (!code)
		code = kept_all(&s, c, &all, &n);
	if (!code)
		code = args_value(&c->args, "json") ? print_json(all, n, &c->arena)
						    : print_list(all, n, &c->arena);
	kept_free(all, n);
	site_close(&s);
	return code;
}

/* --- show ------------------------------------------------------------------------------- */

static void add_places(struct page *p, const struct kept *k)
{
	const cruet_json *f = cruet_json_first(cruet_json_get(k->report, "frames"));

	for (; f; f = cruet_json_next(f)) {
		const char *module = cruet_json_str(cruet_json_get(f, "module"), "");
		struct page_place at = {
			.function = cruet_json_str(cruet_json_get(f, "function"), NULL),
			.file = cruet_json_str(cruet_json_get(f, "file"), NULL),
			.line = (unsigned)cruet_json_int(cruet_json_get(f, "line"), 0),
			.object = arena_printf(p->arena, "%s+%s", base_name(module),
					       cruet_json_str(cruet_json_get(f, "offset"), "?")),
			.foreign = !cruet_json_bool(cruet_json_get(f, "own"), false)};
		page_place(p, &at);
	}
}

static void add_pairs(struct page *p, const struct kept *k, const char *name, const char *title)
{
	const cruet_json *v = cruet_json_first(cruet_json_get(k->report, name));

	page_section(p, title);
	for (; v; v = cruet_json_next(v))
		page_pair(p, cruet_json_str(cJSON_GetArrayItem(v, 0), ""),
			  cruet_json_str(cJSON_GetArrayItem(v, 1), ""));
}

static void add_texts(struct page *p, const struct kept *k)
{
	static const char *const names[] = {"time", "request", "route", "plugin", "version", "because",
					    "step", "step_of", "address", NULL};

	page_section(p, "Crash");
	for (const char *const *name = names; *name; name++)
		if (*kept_text(k, *name))
			page_pair(p, *name, kept_text(k, *name));
}

static void add_body(struct page *p, const struct kept *k)
{
	page_section(p, "Body");
	page_text(p, kept_text(k, "body"));
}

static void add_log(struct page *p, const struct kept *k)
{
	const cruet_json *v = cruet_json_first(cruet_json_get(k->report, "log"));
	struct buf b;

	buf_init(&b, p->arena, 0);
	for (; v; v = cruet_json_next(v))
		buf_printf(&b, "%s%s", b.len ? "\n" : "", cruet_json_str(v, ""));
	page_section(p, "Log");
	page_text(p, b.p);
}

static struct page *page_of(const struct kept *k, struct arena *a)
{
	const char *cause = kept_text(k, "cause");
	struct page *p = page_new(a, 500, arena_printf(a, "%s in %s", kept_text(k, "signal"), where(k, a)),
				  *cause ? cause : NULL);

	if (!p || !p->title)
		return NULL;
	p->id = k->id;
	add_places(p, k);
	add_texts(p, k);
	add_pairs(p, k, "arguments", "Arguments of the path");
	add_pairs(p, k, "form", "Form");
	add_body(p, k);
	add_pairs(p, k, "headers", "Headers");
	add_pairs(p, k, "session", "Session");
	add_log(p, k);
	add_pairs(p, k, "configuration", "Configuration");
	add_pairs(p, k, "build", "Build");
	return p;
}

static int show(const struct kept *k, struct cmdline *c)
{
	struct buf b;

	if (args_value(&c->args, "json"))
		return json_print(k->report, &c->arena) ? cli_fail("out of memory") : EXIT_DONE;
	buf_init(&b, &c->arena, 0);
	struct page *p = page_of(k, &c->arena);
	page_write(&b, p, PAGE_TEXT);
	if (!p || buf_err(&b))
		return cli_fail("out of memory");
	fputs(b.p, stdout);
	return EXIT_DONE;
}

int crashes_show(struct cmdline *c)
{
	struct kept *all = NULL;
	struct site s;
	size_t n = 0;
	int code = site_configure(&s, c, c->args.rest[1]);

	if (!code)
		code = kept_all(&s, c, &all, &n);
	const struct kept *k = code ? NULL : kept_find(all, n, c->args.rest[0]);
	if (!code)
		code = k ? show(k, c) : EXIT_FAILED;
	kept_free(all, n);
	site_close(&s);
	return code;
}
