#include "app/config_priv.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cruet/error.h"
#include "http/json_read.h"

enum { KEY_PARTS = 16, SERVER_OPTIONS_MAX = 64 };

int config_fail(char **why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(why, fmt, ap) < 0)
		*why = NULL;
	va_end(ap);
	return err;
}

void config_tell(struct config *cf, config_told *fn, void *arg)
{
	cf->told = fn;
	cf->told_arg = arg;
}

int config_mistake(const struct config *cf, int err, char **why)
{
	if (!err || !cf->told || !*why)
		return err;
	cf->told(cf->told_arg, *why);
	free(*why);
	*why = NULL;
	return CRUET_OK;
}

struct config *config_new(void)
{
	struct config *cf = calloc(1, sizeof *cf);
	if (!cf)
		return NULL;
	arena_init(&cf->arena, 1024);
	cf->folder = ".";
	cf->last = &cf->items;
	cf->tree = cJSON_CreateObject();
	cf->old = cJSON_CreateArray();
	if (cf->tree && cf->old)
		return cf;
	config_free(cf);
	return NULL;
}

void config_free(struct config *cf)
{
	for (struct config *older; cf; cf = older) {
		older = cf->older;
		cJSON_Delete(cf->file);
		cJSON_Delete(cf->tree);
		cJSON_Delete(cf->old);
		free(cf->text);
		arena_fini(&cf->arena);
		free(cf);
	}
}

void config_follow(struct config *anew, struct config *cf)
{
	anew->older = cf;
}

void config_keep(struct config *cf, struct config *other)
{
	other->older = cf->older;
	cf->older = other;
}

bool config_has_file(const struct config *cf)
{
	return cf->file;
}

const char *config_folder(const struct config *cf)
{
	return cf->folder;
}

char *config_beside(const struct config *cf, const char *name, struct arena *a)
{
	return arena_printf(a, "%s/%s", cf->place, name);
}

/* --- keys ---------------------------------------------------------------------------- */

static cJSON *member(const cJSON *at, const char *name, size_t len)
{
	cJSON *v;

	cJSON_ArrayForEach(v, at)
		if (v->string && !strncmp(v->string, name, len) && !v->string[len])
			return v;
	return NULL;
}

const cJSON *config_lookup(const cJSON *tree, const char *key)
{
	const cJSON *at = cJSON_IsObject(tree) ? tree : NULL;

	for (; at; key++) {
		size_t len = strcspn(key, ".");
		at = member(at, key, len);
		key += len;
		if (!*key)
			break;
	}
	return at;
}

static const char *const top_level[] = {"app",	   "bind",	 "log_level", "plugins", "profiles",
					"secret_key", "server", "settings",  NULL};

static int unknown(const char *key, const char *near, const char *origin, char **why)
{
	return near ? config_fail(why, CRUET_EINVAL, "%s: unknown key \"%s\": did you mean \"%s\"?",
				  origin, key, near)
		    : config_fail(why, CRUET_EINVAL, "%s: unknown key \"%s\"", origin, key);
}

int config_known(const char *key, const char *origin, char **why)
{
	const char *names[SERVER_OPTIONS_MAX];
	size_t n = strcspn(key, "."), count = 0;

	for (size_t i = 0; top_level[i]; i++)
		if (strlen(top_level[i]) == n && !strncmp(key, top_level[i], n))
			goto below;
	char word[64];
	snprintf(word, sizeof word, "%.*s", (int)n, key);
	return unknown(word, nearest(word, top_level), origin, why);
below:
	if (!text_starts(key, "server."))
		return CRUET_OK;
	for (const cruet_option *o = server_options; o->name; o++) {
		n = strlen(o->name);
		if (text_starts(key, o->name) &&
		    (!key[n] || (key[n] == '.' && o->type == CRUET_OPT_JSON)))
			return CRUET_OK;
		if (text_starts(o->name, "server.") && count < SERVER_OPTIONS_MAX - 1)
			names[count++] = o->name;
	}
	names[count] = NULL;
	return unknown(key, nearest(key, names), origin, why);
}

/* --- merging --------------------------------------------------------------------------- */

/* Takes v over in any case. */
static bool put(cJSON *to, const char *name, cJSON *v)
{
	if (v && (cJSON_GetObjectItemCaseSensitive(to, name)
			  ? cJSON_ReplaceItemInObjectCaseSensitive(to, name, v)
			  : cJSON_AddItemToObject(to, name, v)))
		return true;
	cJSON_Delete(v);
	return false;
}

/* cJSON_Duplicate() keeps the exact text of large integers (json_read.h). */
static bool merge(cJSON *to, const cJSON *from)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, from)
	{
		cJSON *have = cJSON_GetObjectItemCaseSensitive(to, v->string);
		if (cJSON_IsObject(have) && cJSON_IsObject(v)) {
			if (!merge(have, v))
				return false;
		} else if (!put(to, v->string, cJSON_Duplicate(v, true))) {
			return false;
		}
	}
	return true;
}

static bool merge_item(cJSON *tree, const struct config_item *it)
{
	const char *key = it->key;
	cJSON *at = tree;

	for (size_t len; key[len = strcspn(key, ".")]; key += len + 1) {
		char *name = strndup(key, len);
		cJSON *next = member(at, key, len);
		bool ok = name;
		if (ok && !cJSON_IsObject(next)) {
			next = cJSON_CreateObject();
			ok = put(at, name, next);
		}
		free(name);
		if (!ok)
			return false;
		at = next;
	}
	return put(at, key, cJSON_CreateString(it->text));
}

static bool merge_layer(struct config *cf, cJSON *tree, enum config_layer layer)
{
	for (const struct config_item *it = cf->items; it; it = it->next)
		if (it->layer == layer && it->key[0] != CONFIG_VARIABLE &&
		    !merge_item(tree, it))
			return false;
	return true;
}

const cJSON *config_profile(const struct config *cf)
{
	const cJSON *all = cJSON_GetObjectItemCaseSensitive(cf->file, "profiles");
	return cf->profile ? cJSON_GetObjectItemCaseSensitive(all, cf->profile) : NULL;
}

bool config_has_profile(const struct config *cf, const char *name)
{
	const cJSON *all = cJSON_GetObjectItemCaseSensitive(cf->file, "profiles");
	return cJSON_GetObjectItemCaseSensitive(all, name);
}

/* v, "env:NAME", becomes that variable; without one it goes. */
static int take_variable(struct config *cf, cJSON *at, cJSON *v, const char *key, char **why)
{
	const char *name = v->valuestring + 4;
	const char *text = config_variable(cf, name);

	if (text)
		return cJSON_SetValuestring(v, text) ? CRUET_OK : CRUET_ENOMEM;
	int err = config_fail(why, CRUET_ENOENT, "%s: %s: the environment variable %s is not set",
			      config_origin(cf, key), key, name);
	cJSON_Delete(cJSON_DetachItemViaPointer(at, v));
	return config_mistake(cf, err, why);
}

/* The same everywhere below at. */
static int take_variables(struct config *cf, cJSON *at, const char *key, char **why)
{
	int err = CRUET_OK;

	for (cJSON *v = at ? at->child : NULL, *next; v && !err; v = next) {
		const char *below = !v->string ? key
				    : *key ? arena_printf(&cf->arena, "%s.%s", key, v->string)
					   : v->string;
		next = v->next;
		err = below ? CRUET_OK : CRUET_ENOMEM;
		if (!err && v->child)
			err = take_variables(cf, v, below, why);
		else if (!err && cJSON_IsString(v) && text_starts(v->valuestring, "env:"))
			err = take_variable(cf, at, v, below, why);
	}
	return err;
}

/* Gives numbers and truth values their text, so that reading allocates nothing. */
static bool give_texts(cJSON *at)
{
	cJSON *v;

	cJSON_ArrayForEach(v, at)
	{
		struct buf b;
		if (v->child && !give_texts(v))
			return false;
		if (v->valuestring || (!cJSON_IsNumber(v) && !cJSON_IsBool(v)))
			continue;
		buf_init(&b, NULL, 0);
		int err = json_write(&b, v, 0);
		v->valuestring = err || buf_err(&b) ? NULL : strdup(b.p);
		buf_fini(&b);
		if (!v->valuestring)
			return false;
	}
	return true;
}

int config_rebuild(struct config *cf, char **why)
{
	cJSON *tree = cJSON_CreateObject();
	bool ok = tree && merge_layer(cf, tree, CONFIG_CODE) && merge(tree, cf->file) &&
		  merge(tree, config_profile(cf)) && merge_layer(cf, tree, CONFIG_DOTENV) &&
		  merge_layer(cf, tree, CONFIG_ENVIRONMENT) &&
		  merge_layer(cf, tree, CONFIG_COMMAND);
	if (!ok) {
		cJSON_Delete(tree);
		return config_fail(why, CRUET_ENOMEM, "the configuration: out of memory");
	}
	cJSON_DeleteItemFromObjectCaseSensitive(tree, "profiles");
	int err = take_variables(cf, tree, "", why);
	if (!err && !give_texts(tree))
		err = config_fail(why, CRUET_ENOMEM, "the configuration: out of memory");
	if (err) {
		cJSON_Delete(tree);
		return err;
	}
	cJSON_AddItemToArray(cf->old, cf->tree);
	cf->tree = tree;
	return CRUET_OK;
}

int config_add(struct config *cf, enum config_layer layer, const char *key, const char *text,
	       const char *origin)
{
	struct config_item *it = arena_zalloc(&cf->arena, sizeof *it);
	if (!it)
		return CRUET_ENOMEM;
	it->layer = layer;
	it->key = arena_strdup(&cf->arena, key);
	it->text = arena_strdup(&cf->arena, text);
	it->origin = arena_strdup(&cf->arena, origin);
	if (!it->key || !it->text || !it->origin)
		return CRUET_ENOMEM;
	*cf->last = it;
	cf->last = &it->next;
	return CRUET_OK;
}

int config_set(struct config *cf, enum config_layer layer, const char *key, const char *text,
	       const char *origin, char **why)
{
	*why = NULL;
	int err = config_known(key, origin, why);
	if (!err)
		err = config_add(cf, layer, key, text, origin);
	return err ? err : config_rebuild(cf, why);
}

/* --- reading it ---------------------------------------------------------------------------- */

const cJSON *config_value(const struct config *cf, const char *key)
{
	return config_lookup(cf->tree, key);
}

const char *config_text(const struct config *cf, const char *key)
{
	const cJSON *v = config_value(cf, key);

	return v && !cJSON_IsNull(v) ? v->valuestring : NULL;
}

/* The parts of "server.listen" in a, ends with NULL; NULL when out of memory or
 * when there are too many. */
static const char **split(struct arena *a, const char *key)
{
	const char **parts = arena_array(a, KEY_PARTS + 1, sizeof *parts);

	for (size_t n = 0; parts && n < KEY_PARTS; n++) {
		size_t len = strcspn(key, ".");
		parts[n] = arena_strndup(a, key, len);
		if (!parts[n] || !key[len])
			return parts[n] ? parts : NULL;
		key += len + 1;
	}
	return NULL;
}

static const char *place_of(const struct config *cf, const char *key)
{
	struct arena *a = (struct arena *)&cf->arena;
	const char **parts = split(a, key);
	unsigned line, column;

	if (!cf->text || !parts || !json_place(cf->text, cf->len, parts, &line, &column))
		return NULL;
	return arena_printf(a, "%s:%u:%u", cf->name, line, column);
}

const char *config_origin(const struct config *cf, const char *key)
{
	struct arena *a = (struct arena *)&cf->arena;
	const struct config_item *best = NULL, *code = NULL;

	for (const struct config_item *it = cf->items; it; it = it->next) {
		if (strcmp(it->key, key) != 0)
			continue;
		if (it->layer == CONFIG_CODE)
			code = it;
		else if (!best || it->layer >= best->layer)
			best = it;
	}
	if (best)
		return best->origin;
	const char *in_profile =
		cf->profile ? arena_printf(a, "profiles.%s.%s", cf->profile, key) : NULL;
	const char *place = in_profile ? place_of(cf, in_profile) : NULL;
	if (!place)
		place = place_of(cf, key);
	return place ? place : code ? code->origin : "default";
}

bool config_is_option(const char *name)
{
	return strcmp(name, "plugin") != 0 && strcmp(name, "prefix") != 0 &&
	       strcmp(name, "bind") != 0;
}

bool config_plugin_at(const struct config *cf, size_t i, struct config_plugin *out)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(cf->tree, "plugins");
	const char *text;

	for (v = v ? v->child : NULL; v && i; v = v->next)
		i--;
	if (!v)
		return false;
	*out = (struct config_plugin){.instance = v->string, .plugin = v->string, .options = v};
	text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(v, "plugin"));
	if (text)
		out->plugin = text;
	out->prefix = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(v, "prefix"));
	out->bind = cJSON_GetObjectItemCaseSensitive(v, "bind");
	return true;
}

bool config_plugin_named(const struct config *cf, const char *instance,
			 struct config_plugin *out)
{
	for (size_t i = 0; config_plugin_at(cf, i, out); i++)
		if (!strcmp(out->instance, instance))
			return true;
	return false;
}

static void each_below(const struct config *cf, const cJSON *at, const char *key,
		       void (*each)(void *, const char *, const cJSON *, const char *), void *arg)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, at)
	{
		const char *below = *key ? arena_printf((struct arena *)&cf->arena, "%s.%s", key,
							v->string)
					 : v->string;
		if (!below)
			return;
		if (cJSON_IsObject(v))
			each_below(cf, v, below, each, arg);
		else
			each(arg, below, v, config_origin(cf, below));
	}
}

void config_each(const struct config *cf,
		 void (*each)(void *arg, const char *key, const cJSON *value,
			      const char *origin),
		 void *arg)
{
	each_below(cf, cf->tree, "", each, arg);
}
