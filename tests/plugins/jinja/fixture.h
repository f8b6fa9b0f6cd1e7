/* An engine with templates of the test, and a context in JSON. */
#ifndef TESTS_JINJA_FIXTURE_H
#define TESTS_JINJA_FIXTURE_H

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "suite.h"

struct page {
	const char *name, *source;
};

/* Ends with name NULL. */
static const struct page *pages;

static inline int load_page(cruet_ctx *c, void *arg, const char *name, char **text, size_t *len,
			    struct template_stamp *stamp)
{
	(void)c, (void)arg, (void)stamp;
	for (const struct page *p = pages; p && p->name; p++)
		if (!strcmp(p->name, name)) {
			*text = strdup(p->source);
			*len = strlen(p->source);
			return *text ? CRUET_OK : CRUET_ENOMEM;
		}
	return CRUET_ENOENT;
}

static inline struct engine *engine_with(const struct engine_options *o)
{
	struct engine_options options;

	engine_defaults(&options);
	options.bounds.time_ms *= 6; /* other bounds are met first, on a busy machine, too */
	struct engine *e = engine_new(o ? o : &options);
	ck_assert(e && engine_add_loader(e, load_page, NULL, NULL));
	return e;
}

/* The text of a page, or what is wrong, in a buffer that the next call uses again. */
static inline const char *render_with(struct engine *e, const char *name, const char *json)
{
	static char buf[65536];
	struct complaint why;
	struct out out = {.p = NULL};
	cJSON *context = json ? cJSON_Parse(json) : NULL;
	const cruet_template_vars vars = {.size = sizeof vars, .json = context};

	ck_assert(!json || context);
	const struct template *t = engine_get(e, NULL, name, &why);
	if (t && engine_render(e, NULL, t, &vars, &out, &why)) {
		snprintf(buf, sizeof buf, "%s", out.p);
	} else {
		struct out text;
		out_init(&text, 64, 65536);
		complaint_print(&why, true, &text);
		snprintf(buf, sizeof buf, "%.*s", (int)text.len, text.p);
		out_fini(&text);
	}
	engine_release(e, t);
	out_fini(&out);
	cJSON_Delete(context);
	return buf;
}

/* The same for one source, as a template of that name. */
static inline const char *render_as(const char *name, const char *source, const char *json)
{
	const struct page one[] = {{name, source}, {NULL, NULL}};
	struct engine *e = engine_with(NULL);

	pages = one;
	const char *text = render_with(e, name, json);
	pages = NULL;
	engine_free(e);
	return text;
}

static inline const char *render(const char *source, const char *json)
{
	return render_as("page.txt", source, json);
}

struct example {
	const char *source, *gives; /* or the beginning of what is wrong */
};

/* Ends with source NULL. */
static inline void assert_examples(const struct example *all)
{
	for (; all->source; all++) {
		const char *got = render_as("page.html", all->source, NULL);
		size_t n = strlen(all->gives);
		bool error = strstr(all->gives, "Error: ") != NULL;
		ck_assert_msg(!strncmp(got, all->gives, n) && (error || !got[n]),
			      "%.300s\ngives    %.300s\nnot      %.300s", all->source, got,
			      all->gives);
	}
}

#endif
