/* Steps that keep something: for this request, in the session, for the next page. */
#include <cruet/session.h>
#include <stdio.h>
#include <string.h>

#include "steps.h"

/* --- what the request keeps ------------------------------------------------------- */

struct later { /* steps for the reply of this request */
	struct later *next;
	const struct doing *doing;
};

struct notes {
	cruet_json *g;
	struct later *first, *last;
	struct later *next; /* to run; they run again where an after-hook failed */
};

static const cruet_key notes_key = {"notes"};

static struct notes *notes(cruet_ctx *c)
{
	struct notes *n = cruet_g_get(c, &notes_key);

	if (n)
		return n;
	n = cruet_alloc(c, sizeof *n);
	if (!n || cruet_g_set(c, &notes_key, n, NULL))
		return NULL;
	n->g = cruet_object(c);
	return n;
}

const cJSON *g_value(cruet_ctx *c, const char *name)
{
	struct notes *n = notes(c);
	return n ? cruet_json_get(n->g, name) : NULL;
}

int g_store(cruet_ctx *c, const char *name, const cJSON *value)
{
	struct notes *n = notes(c);

	if (!n)
		return CRUET_ENOMEM;
	cJSON_DeleteItemFromObjectCaseSensitive(n->g, name);
	cruet_put_json(n->g, name, value);
	return CRUET_OK;
}

static int run_later(cruet_ctx *c)
{
	struct notes *n = notes(c);
	struct later *l = n ? (n->next ? n->next : n->first) : NULL;

	if (!l)
		return CRUET_OK;
	n->next = l->next;
	return steps_run(c, l->doing, true);
}

int step_after_this(cruet_ctx *c, const struct doing *d, const cJSON *steps)
{
	struct notes *n = notes(c);
	struct later *l = cruet_alloc(c, sizeof *l);
	struct doing *copy = cruet_alloc(c, sizeof *copy);

	if (!n || !l || !copy)
		return CRUET_ENOMEM;
	*copy = *d;
	copy->steps = steps;
	l->doing = copy;
	if (n->first)
		n->last->next = l;
	else
		n->first = l;
	n->last = l;
	return cruet_after_this(c, run_later);
}

/* --- sessions and messages -------------------------------------------------------- */

int step_flash(cruet_ctx *c, const cJSON *v)
{
	const cJSON *category = cJSON_GetArrayItem(v, 1);
	return cruet_flash_json(c, category ? category->valuestring : NULL,
				cJSON_GetArrayItem(v, 0));
}

int step_flashes(cruet_ctx *c, const cJSON *v)
{
	bool categories = cJSON_IsTrue(member(v, "categories"));
	char filter[256] = "";
	const cJSON *f, *list = member(v, "filter");

	cJSON_ArrayForEach(f, list)
	{
		size_t n = strlen(filter);
		snprintf(filter + n, sizeof filter - n, "%s%s", n ? "," : "",
			 f->valuestring);
	}
	const cruet_json *all = cruet_flashes(c, list ? filter : NULL);
	cruet_json *out = cruet_array(c);
	for (const cruet_json *m = cruet_json_first(all); m; m = cruet_json_next(m)) {
		const cruet_json *text = cruet_json_get(m, "message");
		if (!categories) {
			cruet_push_json(out, text);
			continue;
		}
		cruet_json *pair = cruet_push_array(out);
		cruet_push_json(pair, cruet_json_get(m, "category"));
		cruet_push_json(pair, text);
	}
	return all ? cruet_jsonify(c, out) : cruet_err(c);
}

int step_session_set(cruet_ctx *c, const cJSON *v)
{
	const cJSON *one;
	int err = CRUET_OK;

	cJSON_ArrayForEach(one, v)
	{
		if (!err)
			err = cruet_session_set_json(c, one->string, one);
	}
	return err;
}

int step_g_set(cruet_ctx *c, const cJSON *v)
{
	const cJSON *one;
	int err = CRUET_OK;

	cJSON_ArrayForEach(one, v)
	{
		if (!err)
			err = g_store(c, one->string, one);
	}
	return err;
}
