/* pprint: values over several lines where one is too short, as Python's pprint does it. */
#include "filter.h"

enum { WIDTH = 80 };

static void put(struct render *r, val v, size_t indent, size_t after);

static struct list *sorted_pairs(struct render *r, val v)
{
	struct list *pairs = pairs_of(r, v);
	val *keys = pairs ? render_alloc(r, (pairs->n + 1) * sizeof *keys) : NULL;

	for (size_t i = 0; keys && i < pairs->n; i++)
		keys[i] = list_of(pairs->v[i])->v[0];
	if (keys)
		sort_by(r, pairs, keys, false, true);
	return pairs;
}

/* In one line, with sorted keys. */
static void put_flat(struct render *r, val v)
{
	struct iter it;
	val one;
	size_t n = 0;

	if (!is_mapping(v) && !is_sequence(v) && !is_json_array(v)) {
		val_repr(r, r->out, v);
		return;
	}
	if (!deeper(r))
		return;
	bool map = is_mapping(v), tuple = v.kind == V_TUPLE;
	val all = map ? val_ptr(V_LIST, sorted_pairs(r, v)) : v;
	out_char(r->out, map ? '{' : tuple ? '(' : '[');
	if (all.as.p && iter_open(r, &it, all))
		for (; iter_next(r, &it, &one) && round_more(r); n++) {
			out_str(r->out, n ? ", " : "");
			put_flat(r, map ? list_of(one)->v[0] : one);
			if (map) {
				out_str(r->out, ": ");
				put_flat(r, list_of(one)->v[1]);
			}
		}
	out_str(r->out, map ? "}" : tuple ? n == 1 ? ",)" : ")" : "]");
	r->depth--;
}

static void new_line(struct render *r, size_t indent)
{
	out_char(r->out, '\n');
	out_fill(r->out, ' ', indent);
}

static void put_members(struct render *r, val v, size_t indent, size_t after)
{
	struct list *pairs = sorted_pairs(r, v);

	out_char(r->out, '{');
	for (size_t i = 0; pairs && i < pairs->n && !r->failed; i++) {
		struct list *pair = list_of(pairs->v[i]);
		if (i) {
			out_char(r->out, ',');
			new_line(r, indent + 1);
		}
		size_t from = r->out->len;
		put_flat(r, pair->v[0]);
		out_str(r->out, ": ");
		size_t key = r->out->len - from;
		put(r, pair->v[1], indent + 1 + key, i + 1 == pairs->n ? after + 1 : 1);
	}
	out_char(r->out, '}');
}

static void put_items(struct render *r, val v, size_t indent, size_t after)
{
	struct list *l = to_list(r, v);
	bool tuple = v.kind == V_TUPLE;

	out_char(r->out, tuple ? '(' : '[');
	for (size_t i = 0; l && i < l->n && !r->failed; i++) {
		if (i) {
			out_char(r->out, ',');
			new_line(r, indent + 1);
		}
		put(r, l->v[i], indent + 1, i + 1 == l->n ? after + 1 : 1);
	}
	out_str(r->out, tuple ? l && l->n == 1 ? ",)" : ")" : "]");
}

/* after: how much stands behind it on its last line. */
static void put(struct render *r, val v, size_t indent, size_t after)
{
	size_t from = r->out->len;

	put_flat(r, v);
	if (r->failed || r->out->len - from + indent + after <= WIDTH ||
	    (!is_mapping(v) && !is_sequence(v) && !is_json_array(v)))
		return;
	r->out->len = from;
	if (!deeper(r))
		return;
	if (is_mapping(v))
		put_members(r, v, indent, after);
	else
		put_items(r, v, indent, after);
	r->depth--;
}

val f_pprint(struct render *r, val *a, struct args *all)
{
	size_t from = r->out->len;

	(void)all;
	put(r, a[0], 0, 0);
	return render_take(r, from, false);
}
