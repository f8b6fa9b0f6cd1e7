#include "app/element.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "cruet/svc/assets.h"
#include "cruet/svc/clock.h"
#include "cruet/svc/error_page.h"
#include "cruet/svc/id.h"
#include "cruet/svc/json.h"
#include "cruet/svc/log.h"
#include "cruet/svc/static.h"

/* A table of each has one function at least, its first one. */
static const struct {
	const char *id;
	size_t size;
} kinds[ELEMENT_KINDS] = {
	[ELEMENT_CLOCK] = {CRUET_CLOCK, CRUET_UPTO(cruet_clock, now)},
	[ELEMENT_ID] = {CRUET_ID, CRUET_UPTO(cruet_id_maker, make)},
	[ELEMENT_LOG] = {CRUET_LOG, CRUET_UPTO(cruet_log_sink, put)},
	[ELEMENT_ERROR_PAGE] = {CRUET_ERROR_PAGE, CRUET_UPTO(cruet_error_page, make)},
	[ELEMENT_JSON] = {CRUET_JSON, CRUET_UPTO(cruet_json_writer, write)},
	[ELEMENT_STATIC] = {CRUET_STATIC, CRUET_UPTO(cruet_static_source, find)},
	[ELEMENT_ASSETS] = {CRUET_ASSETS, CRUET_UPTO(cruet_asset_finder, fits)},
};

/* What the configuration binds it to, or NULL. */
static const char *bound_to(const struct generation *g, const char *id)
{
	const cJSON *bind = config_value(g->config, "bind");
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(bind, id));
}

static const char *both(struct arena *a, const struct entry_service *x,
			const struct entry_service *y)
{
	return arena_printf(
		a,
		"both '%s' and '%s' provide service \"%s\", of which there is one: "
		"choose with \"bind\": {\"%s\": \"%s\"}",
		entry_provider(x), entry_provider(y), x->id, x->id,
		entry_provider(x->head.scope->owner ? x : y));
}

/* Whether the core can call it; *why says why not. */
static bool usable(const struct entry_service *e, size_t need, struct arena *a,
		   const char **why)
{
	struct { /* how each of them begins */
		uint32_t size, reserved;
		void (*first)(void);
	} head;

	uint32_t size = *(const uint32_t *)e->vt;
	if (size < need) {
		*why = arena_printf(
			a, "service \"%s\" of '%s' is too old: %u bytes, %zu are needed",
			e->id, entry_provider(e), size, need);
		return false;
	}
	memcpy(&head, e->vt, sizeof head);
	if (!head.first)
		*why = arena_printf(a, "service \"%s\" of '%s' has no function", e->id,
				    entry_provider(e));
	return head.first;
}

static const char *misplaced(struct arena *a, const struct entry_service *e)
{
	return arena_printf(
		a,
		"'%s' provides service \"%s\" on blueprint '%s': it is the whole "
		"application's, so attach it there",
		entry_provider(e), e->id, scope_level(e->head.scope)->name);
}

static bool find(struct generation *g, enum element kind, struct arena *a,
		 const char **why)
{
	const char *id = kinds[kind].id, *bound = bound_to(g, id);
	const struct entry_service *found = NULL, *other = NULL;

	for (size_t i = 0; i < g->nservices; i++) {
		const struct entry_service *e = g->services[i];
		if (strcmp(e->id, id) != 0 ||
		    (bound && strcmp(entry_provider(e), bound) != 0))
			continue;
		if (scope_level(e->head.scope) != g->root) {
			*why = misplaced(a, e);
			return false;
		}
		other = found ? found : other;
		found = e;
	}
	if (other) {
		*why = both(a, other, found);
		return false;
	}
	if (bound && !found) {
		*why = arena_printf(
			a,
			"the application needs service \"%s\" from '%s', which does not "
			"provide it",
			id, bound);
		return false;
	}
	g->elements[kind] = found;
	return !found || usable(found, kinds[kind].size, a, why);
}

bool elements_find(struct generation *g, struct arena *a, const char **why)
{
	bool ok = true;

	*why = NULL;
	for (int kind = 0; ok && kind < ELEMENT_KINDS; kind++)
		ok = find(g, (enum element)kind, a, why);
	return ok;
}

bool element_provided(cruet_app *scope, enum element kind)
{
	for (struct entry *e = scope->entries; e; e = e->next) {
		cruet_app *child = entry_scope(e);
		if (e->kind == ENTRY_SERVICE
			    ? !strcmp(((struct entry_service *)e)->id, kinds[kind].id)
			    : child && child->kind == SCOPE_PLUGIN &&
				      element_provided(child, kind))
			return true;
	}
	return false;
}

static bool offer_line(const void *sink, int level, const char *who, const char *line)
{
	const struct entry_service *e = element_open(sink);
	return e && !((const cruet_log_sink *)e->vt)->put(e->self, level, who, line);
}

void elements_take(struct host *h, const struct generation *g)
{
	atomic_store(&h->clock, g->elements[ELEMENT_CLOCK]);
	if (!h->log.offer) /* from the first start on */
		h->log.offer = offer_line;
	atomic_store(&h->log.sink, g->elements[ELEMENT_LOG]);
}

void elements_give_back(struct host *h)
{
	atomic_store(&h->clock, NULL);
	atomic_store(&h->log.sink, NULL);
}

int element_fail(cruet_ctx *c, const struct entry_service *e, int err, const char *what)
{
	bool failure = err < 0 || (err >= 400 && err <= 599);

	return ctx_fail(c, failure ? err : CRUET_EIO,
			arena_printf(&c->arena, "'%s' %s", entry_provider(e), what),
			false);
}
