/* Looking words up: those that were added go first. */
#include "words.h"

#include <cruet/plugin.h>
#include <stdio.h>

#include "engine_priv.h"
#include "parse.h"
#include "render.h"

static const struct word *const filter_tables[] = {filters_text, filters_list, filters_pick,
						   filters_html, filters_number, NULL};
static const struct word *const test_tables[] = {tests_all, NULL};
static const struct word *const function_tables[] = {functions_all, NULL};

static const struct word *const *tables_of(int what)
{
	return what == CRUET_TEMPLATE_FILTER ? filter_tables
	       : what == CRUET_TEMPLATE_TEST ? test_tables
					     : function_tables;
}

static bool called(const struct word *w, const char *name, size_t len)
{
	return strlen(w->name) == len && !memcmp(w->name, name, len);
}

static const struct added_word *added(const struct engine *e, int what)
{
	return atomic_load_explicit(&((struct engine *)e)->words[what - 1], memory_order_acquire);
}

const struct word *words_find(const struct engine *e, int what, const char *name, size_t len)
{
	for (const struct added_word *w = added(e, what); w; w = w->next)
		if (called(&w->word, name, len))
			return &w->word;
	for (const struct word *const *t = tables_of(what); *t; t++)
		for (const struct word *w = *t; w->name; w++)
			if (called(w, name, len))
				return w;
	return NULL;
}

const char *words_name(const struct engine *e, int what, size_t i)
{
	for (const struct added_word *w = added(e, what); w; w = w->next)
		if (!i--)
			return w->word.name;
	for (const struct word *const *t = tables_of(what); *t; t++)
		for (const struct word *w = *t; w->name; w++)
			if (!i--)
				return w->name;
	return NULL;
}

struct names {
	const struct engine *e;
	int what;
};

static const char *name_at(const void *list, size_t i)
{
	const struct names *n = list;

	return words_name(n->e, n->what, i);
}

void words_missing(const struct engine *e, struct parser *p, const struct node *n, bool filter)
{
	struct names names = {e, filter ? CRUET_TEMPLATE_FILTER : CRUET_TEMPLATE_TEST};
	char name[80];

	snprintf(name, sizeof name, "%.*s", (int)n->u.call.name.len, n->u.call.name.s);
	const char *near = cruet_nearest(name, name_at, &names);
	parse_assert(p, n->line, "No %s named '%s'%s%s%s", filter ? "filter" : "test", name,
		     near ? ": did you mean '" : "", near ? near : "", near ? "'?" : ".");
}

/* --- setup ------------------------------------------------------------------------------------ */

bool engine_add_word(struct engine *e, int what, const char *name, cruet_template_fn *fn,
		     void *arg)
{
	pthread_mutex_lock(&e->lock);
	struct added_word *w = mem_array(&e->mem, 1, sizeof *w);
	char *copy = w ? mem_strndup(&e->mem, name, strlen(name)) : NULL;
	if (copy) {
		w->word = (struct word){.name = copy, .custom = fn, .arg = arg};
		w->next = atomic_load(&e->words[what - 1]);
		atomic_store(&e->words[what - 1], w);
	}
	pthread_mutex_unlock(&e->lock);
	return copy != NULL;
}

bool engine_add_global(struct engine *e, const char *name, val v)
{
	size_t len = strlen(name);

	pthread_mutex_lock(&e->lock);
	struct added_global *g = mem_array(&e->mem, 1, sizeof *g);
	char *copy = g ? mem_strndup(&e->mem, name, len) : NULL;
	if (copy) {
		g->name = (struct name){copy, (uint32_t)len, name_hash(copy, len)};
		g->value = v.kind == V_JSON ? val_of_json(v.as.json) : v;
		g->next = atomic_load(&e->globals);
		atomic_store(&e->globals, g);
	}
	pthread_mutex_unlock(&e->lock);
	return copy != NULL;
}

/* --- functions as values ------------------------------------------------------------------------ */

struct function_object {
	struct object object;
	const struct word *word;
};

static val function_call(struct render *r, void *self, struct args *a)
{
	return words_call(r, ((struct function_object *)self)->word, a);
}

static void function_text(struct render *r, void *self, struct out *o)
{
	(void)r;
	out_printf(o, "<function %s>", ((struct function_object *)self)->word->name);
}

static const struct object_type function_type = {"function", NULL, function_call,
						 function_text};

val global_find(struct render *r, const struct name *name)
{
	for (const struct added_global *g = atomic_load_explicit(&r->e->globals, memory_order_acquire);
	     g; g = g->next)
		if (name_is(&g->name, name))
			return g->value;
	const struct word *w = words_find(r->e, CRUET_TEMPLATE_FUNCTION, name->s, name->len);
	if (!w)
		return val_missing();
	struct function_object *f = render_alloc(r, sizeof *f);
	if (!f)
		return val_none();
	*f = (struct function_object){{&function_type}, w};
	return val_object(&f->object);
}
