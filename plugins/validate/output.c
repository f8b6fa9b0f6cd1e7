/* What comes out of a check: a tree of the same shape as the input, with only what has
 * a rule, was sent and fits. Elements of an array keep their place; null stands for
 * those that are left out. What needs no other type is shared with the input, not
 * copied: cJSON's references. */
#include <cjson/cJSON.h>

#include "run.h"

/* What was made of one container of the input. */
struct made {
	cruet_json *json;
	cruet_json **slots; /* the elements of an array; NULL for an object */
	size_t n;
};

static struct made *make(struct run *r, const cruet_json *node, cruet_json *json)
{
	struct made *m = cruet_alloc(r->c, sizeof *m);

	if (!m)
		return NULL;
	m->json = json;
	if (cruet_json_kind(node) == CRUET_JSON_ARRAY) {
		m->n = cruet_json_len(node);
		m->slots = cruet_alloc(r->c, m->n * sizeof(cruet_json *) + 1);
		if (!m->slots)
			return NULL;
		for (size_t i = 0; i < m->n; i++) {
			m->slots[i] = cJSON_CreateNull();
			if (!m->slots[i] || !cJSON_AddItemToArray(json, m->slots[i]))
				return NULL;
		}
	}
	return map_put(&r->made, r->c, node, NULL, m) ? NULL : m;
}

int output_begin(struct run *r, struct cruet_valid *out)
{
	bool array = cruet_json_kind(r->input) == CRUET_JSON_ARRAY;
	cruet_json *root = array ? cruet_array(r->c) : cruet_object(r->c);

	r->scratch = cruet_array(r->c);
	out->values = root;
	if (!root || !r->scratch)
		return CRUET_ENOMEM;
	return !is_container(r->input) || make(r, r->input, root) ? CRUET_OK
								  : CRUET_ENOMEM;
}

/* --- values ----------------------------------------------------------------------- */

/* The only element of scratch, which then belongs to nobody. */
static cruet_json *take(struct run *r)
{
	cruet_json *v = r->scratch->child;

	return v ? cJSON_DetachItemViaPointer(r->scratch, v) : NULL;
}

static cruet_json *integer(struct run *r, int64_t v)
{
	cruet_push_int(r->scratch, v);
	return take(r);
}

static cruet_json *real(struct run *r, const struct decimal *d)
{
	cruet_push_real(r->scratch, decimal_real(d));
	return take(r);
}

static cruet_json *truth(struct run *r, const cruet_json *v)
{
	cruet_push_bool(r->scratch, is_accepted(v));
	return take(r);
}

static cruet_json *shared(struct run *r, const cruet_json *v)
{
	/* Not changed: a reference is a copy of the head that frees nothing. */
	return cJSON_AddItemReferenceToArray(r->scratch, (cruet_json *)v) ? take(r)
									  : NULL;
}

/* Blank text is no number: it counts as not sent, or as null where that is welcome. */
static bool left_out(const struct attr *at)
{
	unsigned typed = at->field->type & (TYPE_NUMBER | TYPE_BOOL);

	return typed && is_blank(at->value) && !at->field->nullable;
}

static cruet_json *typed(struct run *r, const struct attr *at)
{
	const cruet_json *v = at->value;
	unsigned type = at->field->type;
	struct decimal d;
	int64_t whole;

	if (is_blank(v) && (type & (TYPE_NUMBER | TYPE_BOOL)))
		return cJSON_CreateNull();
	if ((type & TYPE_BOOL) && (is_accepted(v) || is_declined(v)))
		return truth(r, v);
	if ((type & TYPE_NUMBER) && is_integer(r->c, v, &whole))
		return integer(r, whole);
	if ((type & TYPE_NUMBER) && text_of(v) && value_number(r->c, v, &d))
		return decimal_int(&d, &whole) ? integer(r, whole) : real(r, &d);
	return shared(r, v);
}

/* --- placing ---------------------------------------------------------------------- */

static int put(struct made *in, const cruet_json *node, size_t index, cruet_json *v)
{
	bool ok;

	if (!v)
		return CRUET_ENOMEM;
	if (in->slots) {
		ok = cJSON_ReplaceItemViaPointer(in->json, in->slots[index], v);
		in->slots[index] = v;
	} else {
		ok = cJSON_AddItemToObject(in->json, cruet_json_name(node), v);
	}
	if (!ok)
		cJSON_Delete(v);
	return ok ? CRUET_OK : CRUET_ENOMEM;
}

/* What was made of the last of these containers, and now of all that lead to it. */
static struct made *open_places(struct run *r, const struct place *places, size_t n)
{
	const struct place *last = &places[n - 1];
	struct made *m = map_get(&r->made, last->node, NULL);

	if (m || n == 1)
		return m;
	struct made *in = open_places(r, places, n - 1);
	if (!in)
		return NULL;
	cruet_json *json = cruet_json_kind(last->node) == CRUET_JSON_ARRAY
				   ? cJSON_CreateArray()
				   : cJSON_CreateObject();
	if (put(in, last->node, last->index, json))
		return NULL;
	return make(r, last->node, json);
}

int output_put(struct run *r, const struct place *places, size_t n, const struct attr *at,
	       size_t index)
{
	struct place own[STEPS_MAX + 1];

	if (!n)
		return CRUET_OK; /* the input is no container: nothing is in it */
	struct made *in = open_places(r, places, n);
	if (!in)
		return CRUET_ENOMEM;
	if (!at->value || left_out(at))
		return CRUET_OK;
	if (at->field->opens && is_container(at->value)) {
		for (size_t i = 0; i < n; i++)
			own[i] = places[i];
		own[n] = (struct place){at->value, index};
		return open_places(r, own, n + 1) ? CRUET_OK : CRUET_ENOMEM;
	}
	if (map_get(&r->made, at->value, NULL))
		return CRUET_OK; /* another row has put it there */
	int err = put(in, at->value, index, typed(r, at));
	return err ? err : map_put(&r->made, r->c, at->value, NULL, in);
}
