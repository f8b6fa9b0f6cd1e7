/* Templates by name: loading, compiling, keeping. See struct table. */
#include <stdio.h>
#include <stdlib.h>

#include "compile.h"
#include "engine_priv.h"
#include "render.h"
#include "warn.h"

enum { FIRST_ROOM = 64 };

void engine_defaults(struct engine_options *o)
{
	*o = (struct engine_options){
		.syntax = {.block_begin = "{%",
			   .block_end = "%}",
			   .print_begin = "{{",
			   .print_end = "}}",
			   .comment_begin = "{#",
			   .comment_end = "#}",
			   .newline = "\n"},
		.bounds = {.output = 16 << 20,
			   .memory = 64 << 20,
			   .rounds = 1000000,
			   .depth = 100,
			   .time_ms = 10000},
	};
}

static struct table *new_table(size_t room)
{
	struct table *t = calloc(1, sizeof *t + room * sizeof t->slots[0]);

	if (t)
		t->room = room;
	return t;
}

static bool reloads(struct engine *e)
{
	return atomic_load_explicit(&e->reload, memory_order_relaxed);
}

struct engine *engine_new(const struct engine_options *o)
{
	struct engine *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->options = *o;
	atomic_init(&e->reload, o->reload);
	e->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	mem_init(&e->mem, 0);
	pthread_mutex_init(&e->lock, NULL);
	struct table *t = new_table(FIRST_ROOM);
	if (!t) {
		engine_free(e);
		return NULL;
	}
	atomic_store(&e->table, t);
	return e;
}

void engine_reload(struct engine *e)
{
	if (!reloads(e))
		atomic_store(&e->reload, true);
}

void template_free(struct template *t)
{
	if (!t)
		return;
	struct mem m = t->mem; /* t itself lies in it */
	mem_fini(&m);
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	struct table *t = atomic_load(&e->table);
	for (size_t i = 0; t && i < t->room; i++)
		template_free(atomic_load(&t->slots[i]));
	while (t) {
		struct table *before = t->before;
		free(t);
		t = before;
	}
	if (e->locale)
		freelocale(e->locale);
	pthread_mutex_destroy(&e->lock);
	mem_fini(&e->mem);
	free(e);
}

bool engine_add_loader(struct engine *e, engine_load_fn *load, engine_fresh_fn *fresh, void *arg)
{
	pthread_mutex_lock(&e->lock);
	struct loader *one = mem_array(&e->mem, 1, sizeof *one);
	if (one) {
		_Atomic(struct loader *) *end = &e->loaders;
		while (atomic_load(end))
			end = &atomic_load(end)->next;
		one->load = load;
		one->fresh = fresh;
		one->arg = arg;
		atomic_store(end, one);
	}
	pthread_mutex_unlock(&e->lock);
	return one != NULL;
}

/* --- compiling ------------------------------------------------------------------------------ */

static bool ends(const char *s, const char *with)
{
	size_t n = strlen(s), len = strlen(with);

	return n >= len && !strcasecmp(s + n - len, with);
}

static bool escapes_by_name(const char *name)
{
	return ends(name, ".html") || ends(name, ".htm") || ends(name, ".xml") ||
	       ends(name, ".xhtml") || ends(name, ".svg");
}

static bool make(struct engine *e, struct template *t, struct complaint *why)
{
	struct tokens tokens;
	struct parser p = {.m = &t->mem, .why = why, .template = t};

	if (!lex(&e->options.syntax, t->source, t->len, e->locale, &t->mem, &tokens, why))
		return false;
	p.tokens = &tokens;
	p.t = tokens.v;
	bool ok = parse(&p, &t->body) && compile(&p, t);
	free(tokens.v);
	return ok && warn_find(t);
}

struct template *engine_compile(struct engine *e, const char *name, const char *source,
				size_t len, struct complaint *why)
{
	struct mem m;

	mem_init(&m, 0);
	*why = (struct complaint){.kind = NULL};
	struct template *t = mem_array(&m, 1, sizeof *t);
	char *copy = mem_strndup(&m, source, len), *own = mem_strndup(&m, name, strlen(name));
	if (!t || !copy || !own) {
		mem_fini(&m);
		why->kind = "MemoryError";
		snprintf(why->what, sizeof why->what, "out of memory");
		return NULL;
	}
	t->mem = m;
	t->name = own;
	t->source = copy;
	t->len = len;
	t->engine = e;
	t->escape = e->options.escaping == ESCAPE_ALWAYS ||
		    (e->options.escaping == ESCAPE_BY_NAME && escapes_by_name(name));
	if (make(e, t, why))
		return t;
	if (!why->kind) {
		why->kind = "MemoryError";
		snprintf(why->what, sizeof why->what, "out of memory");
	}
	snprintf(why->template, sizeof why->template, "%s", name);
	complaint_show(why, source, len);
	template_free(t);
	return NULL;
}

static struct template *load(struct engine *e, cruet_ctx *c, const char *name,
			     struct complaint *why)
{
	for (struct loader *l = atomic_load(&e->loaders); l; l = atomic_load(&l->next)) {
		struct template_stamp stamp = {0};
		char *text = NULL;
		size_t len = 0;
		int err = l->load(c, l->arg, name, &text, &len, &stamp);
		if (err == CRUET_ENOENT)
			continue;
		if (err) {
			*why = (struct complaint){.kind = "OSError", .code = err};
			snprintf(why->what, sizeof why->what, "the template '%s' cannot be read: %s",
				 name, cruet_strerror(err));
			return NULL;
		}
		struct template *t = engine_compile(e, name, text, len, why);
		free(text);
		if (t)
			t->stamp = stamp;
		if (t && e->options.loaded)
			e->options.loaded(c, t);
		return t;
	}
	*why = (struct complaint){.kind = "TemplateNotFound"};
	snprintf(why->what, sizeof why->what, "there is no template '%s'", name);
	return NULL;
}

/* --- the table -------------------------------------------------------------------------------- */

static _Atomic(struct template *) *place(struct table *t, const char *name)
{
	size_t mask = t->room - 1, i = name_hash(name, strlen(name)) & mask;

	for (;; i = (i + 1) & mask) {
		struct template *found = atomic_load_explicit(&t->slots[i], memory_order_acquire);
		if (!found || !strcmp(found->name, name))
			return &t->slots[i];
	}
}

/* Under the lock. NULL: out of memory. */
static struct table *with_room(struct engine *e)
{
	struct table *t = atomic_load(&e->table);

	if ((t->n + 1) * 2 <= t->room)
		return t;
	struct table *more = new_table(t->room * 2);
	if (!more)
		return NULL;
	for (size_t i = 0; i < t->room; i++) {
		struct template *one = atomic_load(&t->slots[i]);
		if (one)
			atomic_store(place(more, one->name), one);
	}
	more->n = t->n;
	more->before = t;
	atomic_store(&e->table, more);
	return more;
}

static bool fresh(struct engine *e, const struct template *t)
{
	for (struct loader *l = atomic_load(&e->loaders); l; l = atomic_load(&l->next))
		if (l->fresh && !l->fresh(l->arg, t->name, &t->stamp))
			return false;
	return true;
}

/* Under the lock: puts a new one in its place, and gives the one that stands there then. With
 * reload that is the new one; without, the one that another thread was faster with. NULL: out
 * of memory, and the new one is gone. */
static struct template *keep(struct engine *e, struct template *t)
{
	struct table *table = with_room(e);
	_Atomic(struct template *) *at = table ? place(table, t->name) : NULL;
	struct template *old = at ? atomic_load(at) : NULL;

	if (!table || (old && !reloads(e))) {
		template_free(t);
		return old;
	}
	atomic_store_explicit(at, t, memory_order_release);
	table->n += !old;
	if (old && !atomic_load(&old->users))
		template_free(old);
	else if (old)
		old->stale = true;
	return t;
}

/* A loader may take its time, and render others: so it is asked without the lock. */
static struct template *load_and_keep(struct engine *e, cruet_ctx *c, const char *name,
				      struct complaint *why)
{
	struct template *t = load(e, c, name, why);

	if (!t)
		return NULL;
	pthread_mutex_lock(&e->lock);
	t = keep(e, t);
	if (t && reloads(e))
		atomic_fetch_add(&t->users, 1);
	pthread_mutex_unlock(&e->lock);
	if (!t)
		*why = (struct complaint){.kind = "MemoryError", .what = "out of memory"};
	return t;
}

/* With reload each use is counted, so that one that has changed can go. */
static const struct template *get_counted(struct engine *e, cruet_ctx *c, const char *name,
					  struct complaint *why)
{
	pthread_mutex_lock(&e->lock);
	struct template *found = atomic_load(place(atomic_load(&e->table), name));
	if (found)
		atomic_fetch_add(&found->users, 1);
	pthread_mutex_unlock(&e->lock);
	if (found && fresh(e, found))
		return found;
	engine_release(e, found);
	return load_and_keep(e, c, name, why);
}

const struct template *engine_get(struct engine *e, cruet_ctx *c, const char *name,
				  struct complaint *why)
{
	if (reloads(e))
		return get_counted(e, c, name, why);
	struct table *table = atomic_load_explicit(&e->table, memory_order_acquire);
	const struct template *t = atomic_load_explicit(place(table, name), memory_order_acquire);
	return t ? t : load_and_keep(e, c, name, why);
}

void engine_release(struct engine *e, const struct template *t)
{
	struct template *mine = (struct template *)t;

	if (!reloads(e) || !t)
		return;
	pthread_mutex_lock(&e->lock);
	if (atomic_fetch_sub(&mine->users, 1) == 1 && mine->stale)
		template_free(mine);
	pthread_mutex_unlock(&e->lock);
}
