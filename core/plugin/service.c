#include "plugin/service.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "app/closed.h"
#include "app/ctx.h"
#include "plugin/descriptor.h"
#include "plugin/hint.h"
#include "plugin/order.h"
#include "plugin/registry.h"

/* --- setup: looking through what the scopes hold --------------------------------------- */

struct search {
	const char *need;     /* may end with '?' */
	const char *provider; /* NULL: any */
	const struct entry_service *found, *second;
};

/* A level, and the plugins attached to it. */
static void search_level(struct search *s, cruet_app *scope)
{
	for (struct entry *e = scope->entries; e; e = e->next) {
		if (e->kind == ENTRY_SERVICE) {
			struct entry_service *sv = (struct entry_service *)e;
			if (!order_need_is(s->need, sv->id) ||
			    (s->provider && strcmp(entry_provider(sv), s->provider) != 0))
				continue;
			if (!s->found)
				s->found = sv;
			else
				s->second = sv;
		} else {
			cruet_app *child = entry_scope(e);
			if (child && child->kind == SCOPE_PLUGIN)
				search_level(s, child);
		}
	}
}

static void search_outwards(struct search *s, cruet_app *from)
{
	for (cruet_app *at = scope_level(from); at && !s->found;
	     at = at->parent ? scope_level(at->parent) : NULL)
		search_level(s, at);
}

int service_provided(cruet_app *root, const char *need)
{
	struct search s = {.need = need};
	search_level(&s, root);
	return s.found != NULL;
}

/* The name in an object of "bind" that belongs to a need, which may end with '?'. */
static const char *bound_in(const cJSON *bind, const char *need)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, bind)
		if (order_need_is(need, v->string))
			return cJSON_GetStringValue(v);
	return NULL;
}

/* What a configuration binds this service to, for the instance of a scope or for all. */
static const char *bound_by(const struct config *cf, const cruet_app *app, const char *need)
{
	struct instance *in = instance_of(app);
	const char *name = in ? bound_in(in->bind, need) : NULL;

	return name ? name : bound_in(config_value(cf, "bind"), need);
}

static const char *bound_to(const cruet_app *app, const char *need)
{
	return bound_by(app->owner ? scope_config(app) : registry_source(app->root), app, need);
}

static int unmet(cruet_app *app, const char *who, const char *need, const char *provider)
{
	struct arena a;

	if (provider)
		return host_problem(app->host, CRUET_ENOENT,
				    "%s needs service \"%.*s\" from '%s', which does not provide it",
				    who, (int)strcspn(need, "?"), need, provider);
	arena_init(&a, 4096);
	const char *hint = hint_unmet(app->root, NULL, 0, need, &a);
	host_problem(app->host, CRUET_ENOENT,
		     "%s needs service \"%s\", which no attached plugin provides%s", who, need,
		     hint ? hint : "");
	arena_fini(&a);
	return CRUET_ENOENT;
}

static int ambiguous(cruet_app *app, const char *who, const struct search *s)
{
	return host_problem(app->host, CRUET_EEXIST,
			    "%s needs service \"%s\", which both '%s' and '%s' provide: choose with "
			    "\"bind\": {\"%s\": \"%s\"}",
			    who, s->found->id, entry_provider(s->found), entry_provider(s->second),
			    s->found->id, entry_provider(s->found));
}

static bool optional(const char *need)
{
	size_t n = strlen(need);
	return n && need[n - 1] == '?';
}

static bool declared(const char *const *list, const char *id)
{
	for (; list && *list; list++)
		if (order_need_is(*list, id))
			return true;
	return false;
}

/* What the config says of this instance's services must make sense. */
static int check_bind(struct instance *in)
{
	const cJSON *v;

	if (in->bind && !cJSON_IsObject(in->bind))
		return scope_problem(in->scope, CRUET_EINVAL,
				     "bind: expected an object such as {\"db/1\": \"sqlite\"}");
	cJSON_ArrayForEach(v, in->bind)
	{
		if (!declared(in->owner.plugin->needs, v->string))
			return scope_problem(in->scope, CRUET_EINVAL,
					     "bind: it does not need \"%s\"", v->string);
		if (!cJSON_IsString(v))
			return scope_problem(in->scope, CRUET_EINVAL,
					     "bind: \"%s\": expected the name of a plugin", v->string);
	}
	return CRUET_OK;
}

int service_check_needs(struct instance *in)
{
	const char *const *need = in->owner.plugin->needs;
	char who[PLUGIN_NAME_MAX + 16];
	int err = check_bind(in);

	snprintf(who, sizeof who, "plugin '%s'", in->owner.name);
	for (; !err && need && *need; need++) {
		struct search s = {.need = *need, .provider = bound_to(in->scope, *need)};
		search_outwards(&s, in->scope);
		if (!s.found && (!optional(*need) || s.provider))
			err = unmet(in->scope, who, *need, s.provider);
		else if (s.second)
			err = ambiguous(in->scope, who, &s);
	}
	return err;
}

/* An application declares nothing. */
static bool must_declare(const cruet_app *app)
{
	return app->owner && strcmp(app->owner->plugin->name, "app") != 0;
}

int cruet_provide(cruet_app *app, const char *id, const void *vt, void *self)
{
	int err;

	if (!app)
		return CRUET_EINVAL;
	if (!id || !vt || *(const uint32_t *)vt < sizeof(uint32_t))
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_provide: a service needs an id and a table with its size");
	if (must_declare(app) && !declared(app->owner->plugin->provides, id))
		return scope_problem(app, CRUET_EINVAL,
				     "provides \"%s\" without saying so: add it to .provides", id);
	for (const struct entry *o = app->entries; o; o = o->next)
		if (o->kind == ENTRY_SERVICE && !strcmp(((struct entry_service *)o)->id, id))
			return scope_problem(app, CRUET_EEXIST, "provides \"%s\" twice", id);
	struct entry_service *e = scope_entry(app, ENTRY_SERVICE, sizeof *e, "cruet_provide", &err);
	if (!e)
		return err;
	e->id = arena_strdup(&app->arena, id);
	e->vt = vt;
	e->self = self;
	return e->id ? CRUET_OK : scope_problem(app, CRUET_ENOMEM, "cruet_provide: out of memory");
}

static int too_old(cruet_app *app, const struct entry_service *e, size_t need)
{
	return scope_problem(app, CRUET_EABI,
			     "service \"%s\" of '%s' is too old: %u bytes, %zu are needed", e->id,
			     entry_provider(e), *(const uint32_t *)e->vt, need);
}

/* Who is told something is part of the same generations as whoever tells it. A change sees to
 * that for all that say what they need; what an init attaches by itself it does not know. */
static int check_told(cruet_app *app, const char *id, const struct instance *user,
		      const struct instance *provider)
{
	if (!(provider->owner.plugin->flags & CRUET_TOLD) ||
	    provider->scope->since == user->scope->since)
		return CRUET_OK;
	return scope_problem(app, CRUET_ESTATE,
			     "binds \"%s\" of '%s', which serves already and would have to come anew "
			     "with it: add \"%s\" to .needs of '%s', which attaches it",
			     id, provider->owner.name, id, instance_outermost(user)->owner.name);
}

/* The provider may not leave before the consumer does. */
static int record(cruet_app *app, const struct entry_service *e)
{
	struct instance *user = instance_of(app), *provider = instance_of(e->head.scope);

	if (!user && provider)
		provider->bound_by_program = true;
	if (!user || !provider || user == provider)
		return CRUET_OK;
	int err = check_told(app, e->id, user, provider);
	if (err)
		return err;
	struct edge *edge = arena_zalloc(&user->arena, sizeof *edge);
	if (!edge)
		return scope_problem(app, CRUET_ENOMEM, "cruet_bind: out of memory");
	*edge = (struct edge){user->uses, provider, e->id};
	user->uses = edge;
	provider->users++;
	return CRUET_OK;
}

int cruet_bind(cruet_app *app, const char *id, const char *provider, size_t need,
	       cruet_service *out)
{
	char who[PLUGIN_NAME_MAX + 16];

	*out = (cruet_service){NULL, NULL, NULL};
	if (!app)
		return CRUET_EINVAL;
	if (!id)
		return scope_problem(app, CRUET_EINVAL, "cruet_bind: a service needs an id");
	if (must_declare(app) && !declared(app->owner->plugin->needs, id))
		return scope_problem(app, CRUET_EINVAL,
				     "binds \"%s\" without saying so: add it to .needs", id);
	snprintf(who, sizeof who, must_declare(app) ? "plugin '%s'" : "the application",
		 app->owner ? app->owner->name : "");
	struct search s = {.need = id, .provider = provider ? provider : bound_to(app, id)};
	search_outwards(&s, app);
	if (!s.found) {
		/* An optional need that nobody meets is no problem of the setup. */
		bool may = false;
		for (size_t i = 0; must_declare(app) && app->owner->plugin->needs[i]; i++)
			may |= order_need_is(app->owner->plugin->needs[i], id) &&
			       optional(app->owner->plugin->needs[i]);
		return may ? CRUET_ENOENT : unmet(app, who, id, s.provider);
	}
	if (s.second)
		return ambiguous(app, who, &s);
	if (*(const uint32_t *)s.found->vt < need)
		return too_old(app, s.found, need);
	int err = record(app, s.found);
	if (!err)
		*out = (cruet_service){s.found->vt, s.found->self, entry_provider(s.found)};
	return err;
}

static int check_need(cruet_app *app, const char *service)
{
	struct search s = {.need = service, .provider = bound_to(app, service)};

	search_outwards(&s, app);
	if (!s.found)
		return unmet(app, "the application", service, s.provider);
	return s.second ? ambiguous(app, "the application", &s) : CRUET_OK;
}

/* What a plugin asks for it asks for again when it is attached anew. */
static int remember_need(cruet_app *app, const char *service)
{
	struct registry *r = registry_of(app->root);
	struct need *n = arena_zalloc(&app->arena, sizeof *n);
	char *copy = arena_strdup(&app->arena, service);

	if (!r || !n || !copy)
		return scope_problem(app, CRUET_ENOMEM, "cruet_need: out of memory");
	*n = (struct need){r->needs, app, copy};
	r->needs = n;
	return CRUET_OK;
}

int cruet_need(cruet_app *app, const char *service)
{
	if (!app)
		return CRUET_EINVAL;
	if (!service)
		return scope_problem(app, CRUET_EINVAL, "cruet_need: a service needs an id");
	int err = check_need(app, service);
	return err || app->owner ? err : remember_need(app, service);
}

int service_check_program(cruet_app *root)
{
	const struct registry *r = root->host->registry;
	int err = CRUET_OK;

	for (const struct need *n = r->needs; n && !err; n = n->next)
		err = check_need(n->app, n->service);
	return err;
}

/* --- requests: what the generation holds --------------------------------------------------- */

static const struct entry_service *provider_of(cruet_ctx *c, const char *id, size_t *n)
{
	return generation_service(c->gen, c->scope, id,
				  bound_by(c->gen->config, c->scope, id), n);
}

static bool fits(const struct entry_service *e, size_t n, size_t need, cruet_service *out)
{
	if (!e || n != 1 || *(const uint32_t *)e->vt < need || scope_is_closed(e->head.scope))
		return false;
	*out = (cruet_service){e->vt, e->self, entry_provider(e)};
	return true;
}

bool service_find(cruet_ctx *c, const char *id, size_t need, cruet_service *out)
{
	size_t n;
	const struct entry_service *e = provider_of(c, id, &n);

	return fits(e, n, need, out);
}

int service_of(cruet_ctx *c, const char *id, size_t need, const char *hint, cruet_service *out)
{
	size_t n;
	const struct entry_service *e = provider_of(c, id, &n);
	const char *text;

	if (fits(e, n, need, out))
		return CRUET_OK;
	if (e && n == 1 && scope_is_closed(e->head.scope))
		return closed_fail(c, e->head.scope->owner);
	if (!e)
		text = arena_printf(&c->arena,
				    "no plugin provides \"%s\": add one to cruet.json, such as \"%s\"",
				    id, hint);
	else if (n > 1)
		text = arena_printf(&c->arena,
				    "several plugins provide \"%s\": choose one with \"bind\": "
				    "{\"%s\": \"%s\"}",
				    id, id, entry_provider(e));
	else
		text = arena_printf(&c->arena, "service \"%s\" of '%s' is too old", id,
				    entry_provider(e));
	return ctx_fail(c, CRUET_ENOENT, text, false);
}
