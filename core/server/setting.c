#include "server/setting.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/config.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/mask.h"
#include "base/text.h"
#include "http/json_read.h"
#include "server/dossier.h"

static const char plugins[] = "plugins.";

/* Of "plugins.NAME.option" what stands behind NAME, which is no word of a secret; of others
 * the key itself. */
static const char *own_part(const char *key)
{
	const char *dot = text_starts(key, plugins) ? strchr(key + strlen(plugins), '.') : NULL;
	return dot ? dot + 1 : key;
}

static bool secret_part(const char *part, size_t len)
{
	char name[128];
	size_t n = len < sizeof name ? len : sizeof name - 1;

	memcpy(name, part, n);
	name[n] = '\0';
	return mask_name(name);
}

bool setting_is_secret(const char *key)
{
	for (const cruet_option *o = server_options; o->name; o++)
		if (!strcmp(o->name, key))
			return o->flags & CRUET_OPT_SECRET;
	for (const char *p = own_part(key); *p;) {
		size_t n = strcspn(p, ".");
		if (secret_part(p, n))
			return true;
		p += n + (p[n] == '.');
	}
	return false;
}

cJSON *setting_masked(const cJSON *v, struct arena *a)
{
	cJSON *copy, *one;

	if (v->string && mask_name(v->string))
		return cJSON_CreateString(MASK);
	if (cJSON_IsString(v)) {
		const char *text = mask_urls(v->valuestring, a);
		return text ? cJSON_CreateString(text) : NULL;
	}
	if (!cJSON_IsArray(v) && !cJSON_IsObject(v))
		return cJSON_Duplicate(v, true);
	copy = cJSON_IsArray(v) ? cJSON_CreateArray() : cJSON_CreateObject();
	cJSON_ArrayForEach(one, v)
	{
		cJSON *m = copy ? setting_masked(one, a) : NULL;
		bool ok = m && (cJSON_IsArray(v) ? cJSON_AddItemToArray(copy, m)
						 : cJSON_AddItemToObject(copy, one->string, m));
		if (!ok) {
			cJSON_Delete(m);
			cJSON_Delete(copy);
			return NULL;
		}
	}
	return copy;
}

/* What its plugin says of an option; true also where it says nothing. */
static bool plugin_hides(struct arena *a, const struct dossier *facts, const char *key)
{
	size_t n = (size_t)(own_part(key) - key);
	const char *instance = n ? arena_strndup(a, key, n - 1) : NULL;

	return n && (!instance || !dossier_find(facts, FACT_OPTION, instance) ||
		     dossier_find(facts, FACT_OPTION, key));
}

const char *setting_shown(struct arena *a, const struct dossier *facts, const char *key,
			  const cJSON *v)
{
	struct buf b;

	if (setting_is_secret(key) || plugin_hides(a, facts, key))
		return MASK;
	cJSON *copy = setting_masked(v, a);
	if (!copy)
		return NULL;
	buf_init(&b, a, 0);
	json_write(&b, copy, 0);
	cJSON_Delete(copy);
	return buf_err(&b) ? NULL : b.p;
}
