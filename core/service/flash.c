/* Flashed messages: kept in the session as "_flashes", an array of [category,
 * message], as Flask keeps them. Taken out once per request, and remembered in g
 * for who asks again. */
#include "cruet/session.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/ctx.h"
#include "service/session.h"

/* Who never looks does not fill the session: the oldest go. */
enum { FLASHES_MAX = 32 };

static const char member[] = "_flashes";
static const cruet_key taken_key = {"session.flashes"};

/* The array in the session, ready for one more; made where there is none. */
static int waiting(cruet_ctx *c, cruet_json **list)
{
	cruet_json *data;
	int err = session_change(c, &data);

	if (err)
		return err;
	*list = cJSON_GetObjectItemCaseSensitive(data, member);
	if (cJSON_IsArray(*list)) {
		int n = cJSON_GetArraySize(*list);
		for (; !err && n >= FLASHES_MAX; n--)
			err = session_retire(c, *list, (*list)->child);
		return err;
	}
	if (*list)
		err = session_retire(c, data, *list);
	if (!err)
		*list = cruet_put_array(data, member);
	return err || *list ? err : ctx_fail(c, CRUET_ENOMEM, NULL, false);
}

static int flash(cruet_ctx *c, const char *category, const cruet_json *message)
{
	cruet_json *list;
	const char *cat = session_text(c, category ? category : "message");

	if (!cat)
		return CRUET_ENOMEM;
	int err = waiting(c, &list);
	if (err)
		return err;
	cruet_json *pair = cruet_push_array(list);
	if (!pair)
		return ctx_fail(c, CRUET_ENOMEM, NULL, false);
	cruet_push_str(pair, cat);
	err = session_put(c, pair, NULL, message);
	if (err)
		return err;
	cruet_tell(c, "message_flashed",
		   &(cruet_flashed){.size = sizeof(cruet_flashed),
				    .category = cat,
				    .message = cruet_json_next(cruet_json_first(pair))});
	return CRUET_OK;
}

int cruet_flash(cruet_ctx *c, const char *category, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(&c->arena, fmt, ap);
	va_end(ap);
	if (text)
		text = session_text(c, text);
	cruet_json *holder = text ? cruet_object(c) : NULL;
	cruet_put_str(holder, "message", text);
	const cruet_json *message = cruet_json_get(holder, "message");
	return message ? flash(c, category, message)
		       : ctx_fail(c, CRUET_ENOMEM, NULL, false);
}

int cruet_flash_json(cruet_ctx *c, const char *category, const cruet_json *message)
{
	return flash(c, category, message);
}

/* Moves what waits in the session to an array of objects. */
static cruet_json *take(cruet_ctx *c)
{
	cruet_json *data = cruet_session_data(c);
	cruet_json *all = data ? cruet_array(c) : NULL;
	cruet_json *list = all ? cJSON_GetObjectItemCaseSensitive(data, member) : NULL;

	if (!list)
		return all;
	if (session_change(c, &data) || session_retire(c, data, list))
		return NULL;
	for (const cruet_json *v = cruet_json_first(list); v; v = cruet_json_next(v)) {
		const cruet_json *category = cruet_json_first(v);
		cruet_json *o = cruet_push_object(all);
		if (!o) {
			ctx_fail(c, CRUET_ENOMEM, NULL, false);
			return NULL;
		}
		cruet_put_str(o, "category", cruet_json_str(category, "message"));
		if (session_put(c, o, "message", cruet_json_next(category)))
			return NULL;
	}
	return all;
}

/* True if word is one of a list such as "error,info". */
static bool listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; p; p = strchr(p, ',')) {
		p += *p == ',';
		p += strspn(p, " ");
		size_t n = strcspn(p, ",");
		while (n && p[n - 1] == ' ')
			n--;
		if (n == len && !memcmp(p, word, n))
			return true;
	}
	return false;
}

const cruet_json *cruet_flashes(cruet_ctx *c, const char *categories)
{
	cruet_json *all = cruet_g_get(c, &taken_key);

	if (!all) {
		all = take(c);
		if (!all || cruet_g_set(c, &taken_key, all, NULL))
			return NULL;
	}
	if (!categories)
		return all;
	cruet_json *some = cruet_array(c);
	for (const cruet_json *f = cruet_json_first(all); some && f;
	     f = cruet_json_next(f))
		if (listed(categories,
			   cruet_json_str(cruet_json_get(f, "category"), "")) &&
		    session_put(c, some, NULL, f))
			return NULL;
	return some;
}
