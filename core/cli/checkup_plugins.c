/* Plugin files, their options and the lock, before any code of them runs; then who needs
 * whom, and what their setup says. */
#include <cjson/cJSON.h>
#include <string.h>

#include "app/option.h"
#include "base/text.h"
#include "cli/checkup.h"
#include "cli/report.h"
#include "plugin/lock.h"
#include "plugin/plan.h"
#include "server/transport.h"

/* --- one of them ----------------------------------------------------------------------- */

static const char *key_of(struct checkup *k, const char *instance, const char *option)
{
	return option ? arena_printf(k->a, "plugins.%s.%s", instance, option)
		      : arena_printf(k->a, "plugins.%s", instance);
}

static const char *place_of(struct checkup *k, const char *key)
{
	return key ? config_origin(k->site.app->host->config, key) : NULL;
}

static bool check_option(struct checkup *k, const struct config_plugin *cp, const cruet_plugin *p,
			 void *scratch, bool *set, const cJSON *v)
{
	const char *why = NULL;

	if (!config_is_option(v->string))
		return true;
	if (!option_set_json(p->options, p->option_size, scratch, set, v->string, v, k->a, &why))
		return true;
	found(k, place_of(k, key_of(k, cp->instance, v->string)),
	      why ? arena_printf(k->a, "plugin '%s': %s", cp->instance, why) : NULL, NULL);
	return false;
}

static bool check_options(struct checkup *k, const struct config_plugin *cp, const cruet_plugin *p)
{
	void *scratch = arena_zalloc(k->a, p->config_size);
	bool set[OPTIONS_MAX] = {false}, ok = scratch;
	const char *why = NULL;
	const cJSON *v;

	k->no_memory |= !scratch;
	cJSON_ArrayForEach(v, cp->options)
		if (scratch)
			ok &= check_option(k, cp, p, scratch, set, v);
	if (!option_check_required(p->options, p->option_size, set, &why, k->a))
		return ok;
	found(k, place_of(k, key_of(k, cp->instance, NULL)),
	      why ? arena_printf(k->a, "plugin '%s': %s", cp->instance, why) : NULL, NULL);
	return false;
}

static bool check_lock(struct checkup *k, const char *path, const struct facts *f)
{
	const char *why;

	if (!lock_check(k->site.app->host, path, f, k->a, &why))
		return true;
	found(k, path, why, NULL);
	return false;
}

static void check_file(struct checkup *k, const char *instance, const char *plugin,
		       const struct config_plugin *cp)
{
	struct checked_file *to = &k->files[k->nfiles];
	struct report r;

	if (k->nfiles == CHECKED_MAX - 1) /* the last place is the application's */
		return;
	report_read(&k->site, plugin, k->a, &r);
	if (r.why) {
		found(k, r.path ? r.path
			: cp    ? place_of(k, key_of(k, instance, NULL))
				: place_of(k, "server.transport"),
		      r.why,
		      r.path ? NULL
			     : "install it, or name its folder in server.plugin_path");
		return;
	}
	*to = (struct checked_file){.name = instance, .path = r.path, .facts = r.facts};
	to->good = check_lock(k, r.path, &r.facts);
	if (cp)
		to->good &= check_options(k, cp, r.facts.plugin);
	k->nfiles++;
}

void check_plugins(struct checkup *k)
{
	const struct host *h = k->site.app->host;
	const char *transport = h->settings.transport;
	struct config_plugin cp;

	for (size_t i = 0; config_plugin_at(h->config, i, &cp); i++)
		check_file(k, cp.instance, cp.plugin, &cp);
	if (strcmp(transport, "civetweb") != 0 && !plugin_instance(&k->site, transport, &cp))
		check_file(k, transport, transport, NULL);
}

/* --- attaching them -------------------------------------------------------------------- */

/* "plugin 'visits' needs ..." is about what the configuration says of visits. */
static const char *place_of_sentence(struct checkup *k, const char *why)
{
	static const char begin[] = "plugin '";
	const char *name = why + sizeof begin - 1;

	if (!text_starts(why, begin))
		return k->site.target.config ? k->site.target.config : k->site.target.shown;
	name = arena_strndup(k->a, name, strcspn(name, "'"));
	return name ? place_of(k, key_of(k, name, NULL)) : NULL;
}

static void told(void *arg, const char *why)
{
	found_sentence(arg, place_of_sentence(arg, why), why, NULL);
}

static const struct checked_file *file_named(const struct checkup *k, const char *name)
{
	for (size_t i = 0; i < k->nfiles; i++)
		if (!strcmp(k->files[i].name, name))
			return &k->files[i];
	return NULL;
}

static int add_good(struct checkup *k, struct plan *p)
{
	struct config_plugin cp;
	int err = CRUET_OK;

	for (size_t i = 0; !err && config_plugin_at(k->site.app->host->config, i, &cp); i++) {
		const struct checked_file *f = file_named(k, cp.instance);
		const struct wanted w = {.name = cp.instance,
					 .parent = k->site.app,
					 .config = cp,
					 .origin = ORIGIN_CONFIG};
		if (f && f->good)
			err = plan_add(p, &w, f->path, false);
	}
	return err;
}

/* Its plugin need not be named among the others. */
static void attach_transport(struct checkup *k)
{
	struct host *h = k->site.app->host;
	const struct checked_file *f = file_named(k, h->settings.transport);
	char *why = NULL;

	if (strcmp(h->settings.transport, "civetweb") != 0 && !(f && f->good))
		return;
	host_gather_problems(h, &why);
	int err = transport_find(k->site.app, &k->transport);
	host_ungather_problems(h);
	if (err)
		found_sentence(k, config_origin(h->config, "server.transport"),
			       why ? why : cruet_strerror(err), NULL);
	problem_free(why);
}

void attach_plugins(struct checkup *k)
{
	struct plan p;

	if (!plan_init(&p, k->site.app) && !add_good(k, &p) && !plan_sort_telling(&p, told, k))
		plan_attach_each(&p, told, k);
	plan_fini(&p);
	attach_transport(k);
}
