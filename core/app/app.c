#include "app/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "app/element.h"
#include "app/standing.h"
#include "app/ws_group.h"
#include "base/date.h"
#include "base/text.h"
#include "cruet/svc/clock.h"
#include "cruet/testing.h"

/* One that its holder cannot lock again: that is an error, and no waiting for ever. */
static void mutex_init_checked(pthread_mutex_t *m)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(m, &attr);
	pthread_mutexattr_destroy(&attr);
}

cruet_app *cruet_new(const char *name)
{
	struct host *h = calloc(1, sizeof *h);
	cruet_app *app = calloc(1, sizeof *app);
	if (!h || !app)
		goto fail;

	h->root = app;
	h->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	logger_init(&h->log);
	app->kind = SCOPE_ROOT;
	app->root = app;
	app->host = h;
	app->last = app->front = &app->entries;
	arena_init(&app->arena, 4096);
	app->name = arena_strdup(&app->arena, name ? name : "app");
	app->prefix = "";
	h->pool = ctx_pool_new(h);
	h->groups = ws_groups_new();
	h->config = config_new();
	pthread_mutex_init(&h->lock, NULL);
	mutex_init_checked(&h->changing);
	pthread_mutex_init(&h->serving_lock, NULL);
	pthread_mutex_init(&h->wakers_lock, NULL);
	if (!app->name || !h->pool || !h->groups || h->stop_fd < 0 || !h->config || settings_apply(h))
		goto fail_inner;
	return app;

fail_inner:
	host_forget_problem(h);
	pthread_mutex_destroy(&h->wakers_lock);
	pthread_mutex_destroy(&h->serving_lock);
	pthread_mutex_destroy(&h->changing);
	pthread_mutex_destroy(&h->lock);
	config_free(h->config);
	ws_groups_free(h->groups);
	ctx_pool_free(h->pool);
	if (h->stop_fd >= 0)
		close(h->stop_fd);
	arena_fini(&app->arena);
fail:
	free(app);
	free(h);
	return NULL;
}

void cruet_free(cruet_app *app)
{
	if (!app || app->kind != SCOPE_ROOT)
		return;
	struct host *h = app->host;

	app_stop(app);
	/* Rules go before the plugins whose converters they use. */
	if (!h->stuck)
		generation_free_all(h);
	if (h->registry)
		h->registry_ops->free(h->registry);
	if (h->stuck) /* somebody still runs in what would be freed now */
		return;
	ws_groups_free(h->groups);
	ctx_pool_free(h->pool);
	scope_drop(app);
	config_free(h->config);
	close(h->stop_fd);
	pthread_mutex_destroy(&h->wakers_lock);
	pthread_mutex_destroy(&h->serving_lock);
	pthread_mutex_destroy(&h->changing);
	pthread_mutex_destroy(&h->lock);
	host_forget_problem(h);
	free(h);
}

static bool blueprint_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!is_alnum(*p) && *p != '_' && *p != '-')
			return false;
	return *s;
}

cruet_app *cruet_blueprint(cruet_app *app, const char *name, const char *prefix)
{
	if (!app)
		return NULL;
	if (!name || !blueprint_name(name)) {
		scope_problem(app, CRUET_EINVAL,
			      "blueprint '%s': expected a name of letters, digits, '_' and '-'",
			      name ? name : "");
		return NULL;
	}
	char what[128];
	snprintf(what, sizeof what, "blueprint '%s'", name);
	if (scope_open(app, what))
		return NULL;
	for (struct entry *e = app->entries; e; e = e->next) {
		cruet_app *child = entry_scope(e);
		if (child && child->kind == SCOPE_BLUEPRINT && !strcmp(child->name, name)) {
			scope_problem(app, CRUET_EEXIST,
				      "blueprint '%s' is there already: give this one another name",
				      name);
			return NULL;
		}
	}
	cruet_app *bp = scope_child(app, SCOPE_BLUEPRINT, name, prefix ? prefix : "", NULL, false);
	if (!bp)
		scope_problem(app, CRUET_ENOMEM, "blueprint '%s': out of memory", name);
	return bp;
}

static void thaw(cruet_app *app)
{
	app->frozen = false;
	for (struct entry *e = app->entries; e; e = e->next)
		if (entry_scope(e))
			thaw(entry_scope(e));
}

/* Tells an event that no request tells; opens no ctx where nobody listens. */
static void tell_all(cruet_app *root, const char *event)
{
	const struct generation *g = atomic_load(&root->host->current);
	bool heard = false;

	for (size_t i = 0; i < g->nevents; i++)
		heard |= !strcmp(g->events[i].event, event);
	cruet_ctx *c = heard ? cruet_open(root) : NULL;
	if (c)
		cruet_tell(c, event, NULL);
	cruet_close(c);
}

static int start(cruet_app *root)
{
	struct host *h = root->host;
	char *why;

	if (cruet_problem(root))
		return CRUET_ESTATE;
	struct generation *g = generation_build(root, scope_config(root), &why);
	if (!g) {
		host_problem(h, CRUET_EINVAL, "%s", why ? why : "out of memory");
		free(why);
		return CRUET_EINVAL;
	}
	h->started_by = atomic_load(&h->config);
	generation_offer(h, g);
	generation_publish(h);
	generation_sweep(h);
	elements_take(h, g);
	atomic_store(&h->stop_asked, false);
	atomic_store(&h->ends, false);
	atomic_store(&h->state, HOST_STARTING);

	int err = h->registry ? h->registry_ops->start(h->registry) : CRUET_OK;
	if (err) {
		elements_give_back(h);
		atomic_store(&h->state, HOST_SETUP);
		thaw(root);
		host_problem(h, err, "a plugin did not start: %s", cruet_strerror(err));
		return err;
	}
	atomic_store(&h->state, HOST_RUNNING);
	tell_all(root, "app_started");
	return CRUET_OK;
}

int app_start(cruet_app *root)
{
	struct host *h = root->host;
	int err = CRUET_OK;

	if (atomic_load(&h->state) == HOST_RUNNING)
		return CRUET_OK;
	pthread_mutex_lock(&h->changing);
	if (atomic_load(&h->state) != HOST_RUNNING)
		err = start(root);
	pthread_mutex_unlock(&h->changing);
	return err;
}

void app_stop(cruet_app *root)
{
	struct host *h = root->host;

	pthread_mutex_lock(&h->changing);
	if (atomic_load(&h->state) == HOST_RUNNING) {
		tell_all(root, "app_stopping");
		if (h->registry)
			h->registry_ops->stop(h->registry);
		elements_give_back(h);
		atomic_store(&h->state, HOST_SETUP);
		thaw(root);
	}
	pthread_mutex_unlock(&h->changing);
}

void cruet_stop(cruet_app *app)
{
	if (!app)
		return;
	atomic_store(&app->host->stop_asked, true);
	uint64_t one = 1;
	ssize_t n = write(app->host->stop_fd, &one, sizeof one);
	(void)n; /* full means that it is awake already */
}

/* What tests have set, else what a plugin says, else 0 and the machine's is to be read. */
static int64_t host_clock(const struct host *h)
{
	int64_t set = atomic_load_explicit(&h->clock_ms, memory_order_relaxed);
	if (set)
		return set;
	const struct entry_service *e =
		element_open(atomic_load_explicit(&h->clock, memory_order_acquire));
	return e ? ((const cruet_clock *)e->vt)->now(e->self) : 0;
}

int64_t cruet_now(const cruet_app *app)
{
	int64_t ms = app ? host_clock(app->host) : 0;
	return ms ? ms : date_now_ms();
}

int64_t host_now(const struct host *h, int64_t now_ms)
{
	int64_t ms = host_clock(h);

	if (ms)
		return ms;
	return now_ms ? now_ms : date_coarse_ms();
}

void cruet_clock_set(cruet_app *app, int64_t ms)
{
	if (app)
		atomic_store(&app->host->clock_ms, ms);
}
