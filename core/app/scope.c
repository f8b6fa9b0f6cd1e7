#include "app/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *who(const cruet_app *app)
{
	const struct owner *o = app->owner;
	return o && strcmp(o->plugin->name, "app") != 0 ? o->name : NULL;
}

/* What is recorded when there is no memory even for the sentence. */
static char no_memory[] = "out of memory";

void problem_free(char *text)
{
	if (text != no_memory)
		free(text);
}

void host_forget_problem(struct host *h)
{
	problem_free(h->problem);
	h->problem = NULL;
}

/* With the lock held. */
static bool gathers(const struct host *h)
{
	return h->gathered && pthread_equal(h->gatherer, pthread_self());
}

void host_gather_problems(struct host *h, char **into)
{
	*into = NULL;
	pthread_mutex_lock(&h->lock);
	h->gathered = into;
	h->gatherer = pthread_self();
	pthread_mutex_unlock(&h->lock);
}

void host_ungather_problems(struct host *h)
{
	pthread_mutex_lock(&h->lock);
	h->gathered = NULL;
	pthread_mutex_unlock(&h->lock);
}

bool host_changes(struct host *h)
{
	pthread_mutex_lock(&h->lock);
	bool yes = gathers(h);
	pthread_mutex_unlock(&h->lock);
	return yes;
}

int host_problem(struct host *h, int err, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);

	pthread_mutex_lock(&h->lock);
	bool tell = h->told && !gathers(h);
	char **first = gathers(h) ? h->gathered : &h->problem;
	if (!tell && !*first) {
		*first = text ? text : no_memory;
		text = NULL;
	}
	pthread_mutex_unlock(&h->lock);
	if (tell)
		h->told(h->told_arg, text ? text : no_memory);
	free(text);
	return err;
}

int scope_problem(cruet_app *app, int err, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (!app)
		return err;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);

	const char *name = who(app);
	host_problem(app->host, err, name ? "plugin '%s': %s" : "%s%s", name ? name : "",
		     text ? text : cruet_strerror(err));
	free(text);
	return err;
}

const char *cruet_problem(const cruet_app *app)
{
	if (!app)
		return cruet_strerror(CRUET_ENOMEM);
	struct host *h = app->host;
	pthread_mutex_lock(&h->lock);
	const char *text = gathers(h) ? *h->gathered : h->problem; /* never replaced */
	pthread_mutex_unlock(&h->lock);
	return text;
}

int scope_open(cruet_app *app, const char *what)
{
	if (!app)
		return CRUET_EINVAL;
	if (!app->frozen)
		return CRUET_OK;
	return scope_problem(app, CRUET_ESTATE, "%s: the application has started already: %s", what,
			     who(app) ? "register in init" : "register before that");
}

void *scope_entry(cruet_app *app, enum entry_kind kind, size_t size, const char *what,
		  int *err)
{
	*err = scope_open(app, what);
	if (*err)
		return NULL;
	struct entry *e = arena_zalloc(&app->arena, size);
	if (!e) {
		*err = scope_problem(app, CRUET_ENOMEM, "%s: out of memory", what);
		return NULL;
	}
	e->kind = kind;
	e->scope = app;
	*app->last = e;
	app->last = &e->next;
	*err = CRUET_OK;
	return e;
}

static void insert_first(cruet_app *parent, struct entry *e)
{
	e->next = *parent->front;
	if (parent->last == parent->front)
		parent->last = &e->next;
	*parent->front = e;
	parent->front = &e->next;
}

cruet_app *scope_child(cruet_app *parent, enum scope_kind kind, const char *name,
		       const char *prefix, struct owner *owner, bool first)
{
	cruet_app *app = calloc(1, sizeof *app);
	if (!app)
		return NULL;
	arena_init(&app->arena, 1024);
	app->kind = kind;
	app->parent = parent;
	app->root = parent->root;
	app->host = parent->host;
	app->owner = owner ? owner : parent->owner;
	app->last = app->front = &app->entries;
	app->name = arena_strdup(&app->arena, name);
	app->prefix = *prefix && *prefix != '/' ? arena_printf(&app->arena, "/%s", prefix)
						: arena_strdup(&app->arena, prefix);
	if (!app->name || !app->prefix)
		goto fail;

	app->head.kind = ENTRY_CHILD;
	app->head.scope = parent;
	if (first) {
		insert_first(parent, &app->head);
	} else {
		*parent->last = &app->head;
		parent->last = &app->head.next;
	}
	return app;
fail:
	arena_fini(&app->arena);
	free(app);
	return NULL;
}

static void free_below(cruet_app *app)
{
	for (struct entry *e = app->entries, *next; e; e = next) {
		next = e->next; /* a child is its own entry */
		if (e->kind != ENTRY_CHILD)
			continue;
		free_below((cruet_app *)e);
		free(e);
	}
	arena_fini(&app->arena);
}

cruet_app *entry_scope(struct entry *e)
{
	cruet_app *child = e->kind == ENTRY_CHILD ? (cruet_app *)e : NULL;
	return child && !child->out ? child : NULL;
}

const char *scope_owner(const cruet_app *scope)
{
	return scope->owner ? scope->owner->name : "the application";
}

const char *entry_provider(const struct entry_service *e)
{
	return scope_owner(e->head.scope);
}

static void unlink_child(cruet_app *child)
{
	cruet_app *parent = child->parent;
	struct entry **at = &parent->entries;

	while (*at != &child->head)
		at = &(*at)->next;
	*at = child->head.next;
	if (parent->last == &child->head.next)
		parent->last = at;
	if (parent->front == &child->head.next)
		parent->front = at;
}

/* Behind the last of those that go first it is one of them. */
void scope_move_behind(cruet_app *child, cruet_app *other)
{
	cruet_app *parent = child->parent;

	unlink_child(child);
	child->head.next = other->head.next;
	other->head.next = &child->head;
	if (parent->last == &other->head.next)
		parent->last = &child->head.next;
	if (parent->front == &other->head.next)
		parent->front = &child->head.next;
}

void scope_drop(cruet_app *child)
{
	if (child->parent)
		unlink_child(child);
	free_below(child);
	free(child);
}

cruet_app *scope_level(cruet_app *app)
{
	while (app->kind == SCOPE_PLUGIN)
		app = app->parent;
	return app;
}

char *scope_endpoint(cruet_app *app, const char *name, struct arena *a)
{
	char *full = arena_strdup(a, name);
	for (; app && full; app = app->parent)
		if (app->name[0] && app->parent)
			full = arena_printf(a, "%s.%s", app->name, full);
	return full;
}

/* Joins as Werkzeug does: prefix without its last slashes, one slash, path
 * without its first ones; an empty path is the prefix itself. */
static char *join(const char *prefix, const char *path, struct arena *a)
{
	size_t n = strlen(prefix);

	if (!n)
		return arena_strdup(a, path);
	while (n && prefix[n - 1] == '/')
		n--;
	if (!*path)
		return arena_strndup(a, prefix, n);
	path += strspn(path, "/");
	return arena_printf(a, "%.*s/%s", (int)n, prefix, path);
}

char *scope_path(cruet_app *app, const char *path, struct arena *a)
{
	char *full = arena_strdup(a, path);
	for (; app && full; app = app->parent)
		full = join(app->prefix, full, a);
	return full;
}
