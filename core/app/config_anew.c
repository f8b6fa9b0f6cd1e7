/* Reading a configuration once more while it is in use. What was handed out of the old one
 * stays, so both are kept; but one that says the same is dropped at once. */
#include "app/config_priv.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "cruet/error.h"

static const cJSON *member(const cJSON *object, const char *name)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, object)
		if (!strcmp(v->string, name))
			return v;
	return NULL;
}

static bool same_members(const cJSON *a, const cJSON *b)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, a)
		if (!config_same(v, member(b, v->string)))
			return false;
	return cJSON_GetArraySize(a) == cJSON_GetArraySize(b);
}

static bool same_items(const cJSON *a, const cJSON *b)
{
	const cJSON *v, *w = b->child;

	cJSON_ArrayForEach(v, a)
	{
		if (!config_same(v, w))
			return false;
		w = w->next;
	}
	return !w;
}

/* Numbers and truth values have their texts (config.c), which are exact. */
bool config_same(const cJSON *a, const cJSON *b)
{
	if (!a || !b || a->type != b->type)
		return a == b;
	if (cJSON_IsObject(a))
		return same_members(a, b);
	if (cJSON_IsArray(a))
		return same_items(a, b);
	return !a->valuestring || !b->valuestring ? a->valuestring == b->valuestring
						  : !strcmp(a->valuestring, b->valuestring);
}

/* What .env and the environment say is read again. */
static int copy_items(const struct config *from, struct config *to)
{
	int err = CRUET_OK;

	for (const struct config_item *it = from->items; it && !err; it = it->next)
		if (it->layer == CONFIG_CODE || it->layer == CONFIG_COMMAND)
			err = config_add(to, it->layer, it->key, it->text, it->origin);
	return err;
}

int config_read_anew(const struct config *cf, struct config **out, char **why)
{
	struct config *anew = config_new();

	*out = NULL;
	*why = NULL;
	int err = anew ? copy_items(cf, anew) : CRUET_ENOMEM;
	if (!err)
		err = cf->was_read ? config_read(anew, cf->path, cf->profile, why)
				   : config_rebuild(anew, why);
	if (!err && !config_same(cf->tree, anew->tree)) {
		*out = anew;
		return CRUET_OK;
	}
	config_free(anew);
	return err;
}

bool config_said(const struct config *cf, const char *key, const char *text)
{
	const struct config_item *last = NULL;

	for (const struct config_item *it = cf->items; it; it = it->next)
		if (it->layer == CONFIG_CODE && !strcmp(it->key, key))
			last = it;
	return last && !strcmp(last->text, text);
}
