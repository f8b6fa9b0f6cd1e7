/* a.name, a[key], a[from:to:step]. */
#include <cjson/cJSON.h>
#include <time.h>

#include "chars.h"
#include "engine_priv.h"
#include "host.h"

static bool is(const char *name, size_t len, const char *what)
{
	return strlen(what) == len && !memcmp(name, what, len);
}

static val time_member(val v, const char *name, size_t len)
{
	int64_t rest = ((v.as.i % 1000) + 1000) % 1000;
	time_t s = (time_t)((v.as.i - rest) / 1000);
	struct tm t;

	if (!gmtime_r(&s, &t))
		return val_missing();
	if (is(name, len, "year"))
		return val_int(t.tm_year + 1900);
	if (is(name, len, "month"))
		return val_int(t.tm_mon + 1);
	if (is(name, len, "day"))
		return val_int(t.tm_mday);
	if (is(name, len, "hour"))
		return val_int(t.tm_hour);
	if (is(name, len, "minute"))
		return val_int(t.tm_min);
	if (is(name, len, "second"))
		return val_int(t.tm_sec);
	if (is(name, len, "microsecond"))
		return val_int(rest * 1000);
	return val_missing();
}

/* What Python's getattr() gives: V_MISSING where it gives nothing. */
static val attribute(struct render *r, val of, const char *name, size_t len)
{
	const struct object *o = of.as.p;
	const struct list *l = of.as.p;
	val v = val_missing();

	if (of.kind == V_OBJECT && o->type->get)
		v = o->type->get(r, (void *)of.as.p, name, len);
	else if (of.kind == V_HOST)
		v = host_get(r, of.as.host, name, len);
	else if (of.kind == V_TIME)
		v = time_member(of, name, len);
	else if (of.kind == V_TUPLE && l->group && (is(name, len, "grouper") || is(name, len, "list")))
		v = l->v[*name == 'l'];
	if (!is_missing(v))
		return v;
	const struct word *w = method_find(of, name, len);
	return w ? method_bind(r, of, w) : v;
}

/* What a subscript by a text gives. */
static val keyed(struct render *r, val of, const char *name, size_t len)
{
	if (of.kind == V_JSON && is_json_object(of)) {
		const cruet_json *j = json_member(of.as.json, name, len);
		return j ? val_of_json(j) : val_missing();
	}
	if (of.kind != V_DICT)
		return val_missing();
	if (!dict_of(of)->index)
		return dict_get_name(dict_of(of), name, len);
	return dict_get(r, dict_of(of), val_text(name, len));
}

static val undefined_of(struct render *r, val of, const char *name, size_t len)
{
	if (!is_undef(of))
		return undefined_member(r, of, name, len);
	if (r->e->options.undefined == UNDEFINED_CHAINS)
		return of;
	if (len >= 2 && name[0] == '_' && name[1] == '_') /* as Python itself looks for them */
		return undefined_member(r, of, name, len);
	return fail_undefined(r, of);
}

val get_attr(struct render *r, val of, const struct name *name)
{
	if (r->failed)
		return val_none();
	val v = attribute(r, of, name->s, name->len);
	if (is_missing(v))
		v = keyed(r, of, name->s, name->len);
	return is_missing(v) ? undefined_of(r, of, name->s, name->len) : v;
}

val get_attribute(struct render *r, val of, const char *name, size_t len)
{
	val v = attribute(r, of, name, len);

	return is_missing(v) ? undefined_of(r, of, name, len) : v;
}

val get_member(struct render *r, val of, const char *name, size_t len)
{
	if (r->failed)
		return val_none();
	val v = keyed(r, of, name, len);
	if (is_missing(v))
		v = attribute(r, of, name, len);
	return is_missing(v) ? undefined_of(r, of, name, len) : v;
}

/* --- a[key] --------------------------------------------------------------------------------------- */

static val char_at(val text, int64_t i)
{
	int64_t n = (int64_t)chars_count(text.as.s, text.len);
	uint32_t cp;

	i += i < 0 ? n : 0;
	if (i < 0 || i >= n)
		return val_missing();
	size_t at = chars_at(text.as.s, text.len, (size_t)i);
	return val_safe(text.as.s + at, chars_next(text.as.s + at, text.len - at, &cp),
			is_safe(text));
}

static val at_index(struct render *r, val of, int64_t i)
{
	const struct range *n = of.as.p;

	if (of.kind == V_TEXT)
		return char_at(of, i);
	if (!is_sequence(of) && !is_json_array(of) && of.kind != V_RANGE)
		return val_missing();
	int64_t len = val_len(r, of);
	i += i < 0 ? len : 0;
	if (i < 0 || i >= len)
		return val_missing();
	if (of.kind == V_RANGE)
		return val_int(n->start + i * n->step);
	if (of.kind == V_JSON) {
		const cruet_json *j = of.as.json->child;
		while (i--)
			j = j->next;
		return val_of_json(j);
	}
	return list_of(of)->v[i];
}

val get_item(struct render *r, val of, val key)
{
	val v = val_missing();

	if (r->failed)
		return val_none();
	if (of.kind == V_DICT && !is_text(key))
		v = dict_get(r, dict_of(of), key);
	else if (is_text(key))
		return get_member(r, of, key.as.s, key.len);
	else if (is_whole(key) && of.kind != V_UNDEF)
		v = at_index(r, of, key.as.i);
	if (!is_missing(v))
		return v;
	if (is_undef(of))
		return undefined_of(r, of, "", 0);
	if (is_undef(key) && r->e->options.undefined == UNDEFINED_FAILS)
		return fail_undefined(r, key);
	val shown = val_str(r, key);
	return undefined_member(r, of, shown.as.s, shown.len);
}

/* --- slices --------------------------------------------------------------------------------------- */

struct cut {
	int64_t from, to, step;
};

/* One bound of a slice, as Python moves it into the sequence. */
static int64_t bound(int64_t v, int64_t len, int64_t step)
{
	int64_t low = step < 0 ? -1 : 0, high = step < 0 ? len - 1 : len;

	if (v < 0)
		v = v < -len ? low : v + len < low ? low : v + len;
	return v < low ? low : v > high ? high : v;
}

static bool index_of(struct render *r, val v, int64_t def, int64_t *out)
{
	*out = def;
	if (v.kind == V_NONE)
		return true;
	if (is_whole(v))
		*out = v.as.i;
	else if (is_undef(v))
		fail_undefined(r, v);
	else
		fail(r, "TypeError",
		     "slice indices must be integers or None or have an __index__ method");
	return !r->failed;
}

static bool cut_of(struct render *r, int64_t len, val from, val to, val step, struct cut *c)
{
	if (!index_of(r, step, 1, &c->step))
		return false;
	if (!c->step) {
		fail(r, "ValueError", "slice step cannot be zero");
		return false;
	}
	if (c->step == INT64_MIN)
		c->step++;
	int64_t first = c->step < 0 ? len - 1 : 0, last = c->step < 0 ? -1 : len;
	if (!index_of(r, from, first, &c->from) || !index_of(r, to, last, &c->to))
		return false;
	if (from.kind != V_NONE)
		c->from = bound(c->from, len, c->step);
	if (to.kind != V_NONE)
		c->to = bound(c->to, len, c->step);
	return true;
}

static bool goes_on(const struct cut *c, int64_t i)
{
	return c->step > 0 ? i < c->to : i > c->to;
}

static bool forward(const struct cut *c, int64_t *i)
{
	return !__builtin_add_overflow(*i, c->step, i);
}

static val cut_text(struct render *r, val text, const struct cut *c)
{
	size_t from = r->out->len;
	uint32_t cp;

	if (c->step == 1) {
		size_t a = chars_at(text.as.s, text.len, (size_t)c->from);
		size_t n = c->to > c->from ? chars_at(text.as.s + a, text.len - a,
						      (size_t)(c->to - c->from))
					   : 0;
		return val_safe(text.as.s + a, n, is_safe(text));
	}
	struct list *chars = to_list(r, text);
	for (int64_t i = c->from; chars && goes_on(c, i);) {
		val one = chars->v[i];
		out_put(r->out, one.as.s, chars_next(one.as.s, one.len, &cp));
		if (!forward(c, &i))
			break;
	}
	return render_take(r, from, is_safe(text));
}

val get_slice(struct render *r, val of, val from, val to, val step)
{
	struct cut c;

	if (is_undef(of))
		return fail_undefined(r, of);
	if (!is_text(of) && !is_sequence(of) && !is_json_array(of) && of.kind != V_RANGE)
		return fail(r, "TypeError", "'%s' object is not subscriptable", val_type(of));
	if (!cut_of(r, val_len(r, of), from, to, step, &c))
		return val_none();
	if (is_text(of))
		return cut_text(r, of, &c);
	struct list *all = is_sequence(of) ? list_of(of) : to_list(r, of);
	struct list *l = list_new(r, 0);
	for (int64_t i = c.from; all && l && goes_on(&c, i);) {
		if (!list_push(r, l, all->v[i]) || !forward(&c, &i))
			break;
	}
	return val_ptr(of.kind == V_TUPLE ? V_TUPLE : V_LIST, l);
}
