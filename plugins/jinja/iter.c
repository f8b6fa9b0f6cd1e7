/* Going through what can be iterated. */
#include <cjson/cJSON.h>

#include "chars.h"
#include "engine_priv.h"
#include "host.h"

bool can_iterate(val v)
{
	switch (v.kind) {
	case V_UNDEF:
	case V_TEXT:
	case V_JSON:
	case V_LIST:
	case V_TUPLE:
	case V_ITER:
	case V_DICT:
	case V_RANGE:
		return true;
	case V_HOST:
		return host_can_row(v.as.host);
	default:
		return false;
	}
}

bool iter_open(struct render *r, struct iter *it, val of)
{
	*it = (struct iter){.of = of};
	if (r->failed)
		return false;
	if (!can_iterate(of)) {
		fail(r, "TypeError", "'%s' object is not iterable", val_type(of));
		return false;
	}
	switch (of.kind) {
	case V_UNDEF:
		if (undefined_fails(r, of))
			fail_undefined(r, of);
		break;
	case V_JSON:
		it->json = of.as.json->child;
		break;
	case V_RANGE:
		it->at = ((const struct range *)of.as.p)->start;
		break;
	default:
		it->list = list_of(of);
		break;
	}
	return !r->failed;
}

static bool next_char(struct iter *it, val *out)
{
	uint32_t cp;

	if (it->i >= it->of.len)
		return false;
	size_t n = chars_next(it->of.as.s + it->i, it->of.len - it->i, &cp);
	*out = val_text(it->of.as.s + it->i, n); /* of a safe text too: a part may not be safe */
	it->i += n;
	return true;
}

static bool next_json(struct iter *it, val *out)
{
	const cruet_json *j = it->json;

	if (!j)
		return false;
	it->json = j->next;
	*out = cJSON_IsArray(it->of.as.json) ? val_of_json(j)
					     : val_text(j->string, strlen(j->string));
	return true;
}

static bool next_number(struct iter *it, val *out)
{
	const struct range *n = it->of.as.p;

	if (n->step > 0 ? it->at >= n->stop : it->at <= n->stop)
		return false;
	*out = val_int(it->at);
	if (__builtin_add_overflow(it->at, n->step, &it->at))
		it->at = n->stop;
	return true;
}

bool iter_next(struct render *r, struct iter *it, val *out)
{
	switch (it->of.kind) {
	case V_LIST:
	case V_TUPLE:
		if (it->i >= it->list->n)
			return false;
		*out = it->list->v[it->i++];
		return true;
	case V_ITER:
		if (it->list->at >= it->list->n)
			return false;
		*out = it->list->v[it->list->at++];
		return true;
	case V_JSON:
		return next_json(it, out);
	case V_TEXT:
		return next_char(it, out);
	case V_RANGE:
		return next_number(it, out);
	case V_DICT: {
		const struct dict *d = dict_of(it->of);
		if (it->i >= d->n)
			return false;
		*out = d->v[it->i++].key;
		return true;
	}
	case V_HOST:
		return host_row(r, it->of.as.host, it->i++, out);
	default:
		return false;
	}
}

bool iter_pair(struct render *r, struct iter *it, val *key, val *value)
{
	const cruet_json *j = it->json;
	size_t i = it->i;

	if (!iter_next(r, it, key))
		return false;
	*value = it->of.kind == V_DICT ? dict_of(it->of)->v[i].value : val_of_json(j);
	return true;
}

struct list *to_list(struct render *r, val v)
{
	struct iter it;
	struct list *l = list_new(r, 0);
	val one;

	if (!l || !iter_open(r, &it, v))
		return NULL;
	while (iter_next(r, &it, &one))
		if (!round_more(r) || !list_push(r, l, one))
			return NULL;
	return r->failed ? NULL : l;
}

bool list_extend(struct render *r, struct list *l, val more)
{
	struct list *items = to_list(r, more); /* it may be l itself */

	for (size_t i = 0; items && i < items->n; i++)
		if (!list_push(r, l, items->v[i]))
			break;
	return !r->failed;
}

val val_iter(struct list *l)
{
	return val_ptr(V_ITER, l);
}
