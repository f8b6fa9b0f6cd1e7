/* Asking values: truth, equality, order, length; as Python answers. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "chars.h"
#include "engine_priv.h"
#include "host.h"

bool is_json_array(val v)
{
	return v.kind == V_JSON && cJSON_IsArray(v.as.json);
}

bool is_json_object(val v)
{
	return v.kind == V_JSON && cJSON_IsObject(v.as.json);
}

/* cruet keeps the exact text of integers that a double cannot hold. */
static val number_of(const cruet_json *j)
{
	double d = j->valuedouble;

	if (j->valuestring) {
		if (strpbrk(j->valuestring, ".eE"))
			return val_real(d);
		return val_int(strtoll(j->valuestring, NULL, 10));
	}
	if (d >= -9007199254740992.0 && d <= 9007199254740992.0 && d == (double)(int64_t)d)
		return val_int((int64_t)d);
	return val_real(d);
}

val val_of_json(const cruet_json *j)
{
	if (!j)
		return val_none();
	switch (j->type & 0xFF) {
	case cJSON_String:
		return val_text(j->valuestring, strlen(j->valuestring));
	case cJSON_Number:
		return number_of(j);
	case cJSON_True:
		return val_bool(true);
	case cJSON_False:
		return val_bool(false);
	case cJSON_Array:
	case cJSON_Object:
		return val_ptr(V_JSON, j);
	default:
		return val_none();
	}
}

const cruet_json *json_member(const cruet_json *j, const char *name, size_t len)
{
	if (!len) {
		for (j = j->child; j && *j->string; j = j->next)
			;
		return j;
	}
	for (j = j->child; j; j = j->next)
		if (*j->string == *name && strlen(j->string) == len &&
		    !memcmp(j->string, name, len))
			return j;
	return NULL;
}

bool val_is(val v, const struct object_type *type)
{
	return v.kind == V_OBJECT && ((const struct object *)v.as.p)->type == type;
}

const char *val_type(val v)
{
	switch (v.kind) {
	case V_UNDEF:
		return "Undefined";
	case V_NONE:
		return "NoneType";
	case V_BOOL:
		return "bool";
	case V_INT:
		return "int";
	case V_REAL:
		return "float";
	case V_TEXT:
		return is_safe(v) ? "Markup" : "str";
	case V_TIME:
		return "datetime";
	case V_JSON:
		return is_json_array(v) ? "list" : "dict";
	case V_HOST:
		return v.as.host->type->name;
	case V_LIST:
		return "list";
	case V_TUPLE:
		return "tuple";
	case V_ITER:
		return "generator";
	case V_DICT:
		return "dict";
	case V_RANGE:
		return "range";
	case V_OBJECT:
		return ((const struct object *)v.as.p)->type->name;
	default:
		return "missing";
	}
}

/* --- length and truth ---------------------------------------------------------------------- */

static int64_t json_len(const cruet_json *j)
{
	int64_t n = 0;

	for (j = j->child; j; j = j->next)
		n++;
	return n;
}

static int64_t range_len(const struct range *n)
{
	if (n->step > 0 ? n->start >= n->stop : n->start <= n->stop)
		return 0;
	uint64_t span = n->step > 0 ? (uint64_t)n->stop - (uint64_t)n->start
				    : (uint64_t)n->start - (uint64_t)n->stop;
	uint64_t step = n->step > 0 ? (uint64_t)n->step : 0 - (uint64_t)n->step;
	uint64_t count = (span - 1) / step + 1;
	return count > INT64_MAX ? INT64_MAX : (int64_t)count;
}

int64_t val_len(struct render *r, val v)
{
	switch (v.kind) {
	case V_UNDEF:
		if (undefined_fails(r, v))
			fail_undefined(r, v);
		return 0;
	case V_TEXT:
		return (int64_t)chars_count(v.as.s, v.len);
	case V_JSON:
		return json_len(v.as.json);
	case V_LIST:
	case V_TUPLE:
		return (int64_t)list_of(v)->n;
	case V_DICT:
		return (int64_t)dict_of(v)->n;
	case V_RANGE:
		return range_len(v.as.p);
	case V_HOST:
		return host_count(r, v.as.host);
	default:
		return -1;
	}
}

bool val_truth(struct render *r, val v)
{
	switch (v.kind) {
	case V_UNDEF:
		if (undefined_fails(r, v))
			fail_undefined(r, v);
		return false;
	case V_NONE:
		return false;
	case V_BOOL:
	case V_INT:
		return v.as.i != 0;
	case V_REAL:
		return v.as.r != 0;
	case V_TEXT:
		return v.len != 0;
	case V_JSON:
		return v.as.json->child != NULL;
	case V_LIST:
	case V_TUPLE:
	case V_DICT:
	case V_RANGE:
		return val_len(r, v) != 0;
	case V_HOST:
		return host_count(r, v.as.host) != 0;
	default:
		return !is_missing(v);
	}
}

/* --- equality -------------------------------------------------------------------------------- */

static bool both_sequences(val a, val b)
{
	bool la = a.kind == V_LIST || is_json_array(a), lb = b.kind == V_LIST || is_json_array(b);

	return (la && lb) || (a.kind == V_TUPLE && b.kind == V_TUPLE);
}

static bool equal_items(struct render *r, val a, val b)
{
	struct iter ia, ib;
	val x, y;

	if (val_len(r, a) != val_len(r, b) || !iter_open(r, &ia, a) || !iter_open(r, &ib, b))
		return false;
	while (iter_next(r, &ia, &x) && iter_next(r, &ib, &y))
		if (!round_more(r) || !val_equal(r, x, y))
			return false;
	return true;
}

static bool equal_members(struct render *r, val a, val b)
{
	struct iter it;
	val key, value;

	if (val_len(r, a) != val_len(r, b) || !iter_open(r, &it, a))
		return false;
	while (iter_pair(r, &it, &key, &value)) {
		val other = b.kind == V_DICT ? dict_get(r, dict_of(b), key) : val_missing();
		if (b.kind == V_JSON && is_text(key)) {
			const cruet_json *j = json_member(b.as.json, key.as.s, key.len);
			other = j ? val_of_json(j) : val_missing();
		}
		if (!round_more(r) || is_missing(other) || !val_equal(r, value, other))
			return false;
	}
	return true;
}

static bool equal_numbers(val a, val b)
{
	if (is_whole(a) && is_whole(b))
		return a.as.i == b.as.i;
	return real_of(a) == real_of(b);
}

static bool equal(struct render *r, val a, val b)
{
	if (is_number(a) && is_number(b))
		return equal_numbers(a, b);
	if (is_text(a) && is_text(b))
		return a.len == b.len && !memcmp(a.as.s, b.as.s, a.len);
	if (is_undef(a) || is_undef(b)) {
		if (undefined_fails(r, a) || undefined_fails(r, b))
			fail_undefined(r, undefined_fails(r, a) ? a : b);
		return is_undef(a) && is_undef(b);
	}
	if (is_mapping(a) && is_mapping(b))
		return equal_members(r, a, b);
	if (both_sequences(a, b))
		return equal_items(r, a, b);
	if (a.kind == V_RANGE && b.kind == V_RANGE)
		return equal_items(r, a, b);
	return val_same(a, b);
}

bool val_equal(struct render *r, val a, val b)
{
	if (a.kind < V_TIME && b.kind < V_TIME)
		return equal(r, a, b);
	if (!deeper(r))
		return false;
	bool same = equal(r, a, b);
	r->depth--;
	return same;
}

bool val_same(val a, val b)
{
	if (a.kind != b.kind)
		return false;
	switch (a.kind) {
	case V_NONE:
	case V_UNDEF:
	case V_MISSING:
		return true;
	case V_TEXT:
		return a.len == b.len && !memcmp(a.as.s, b.as.s, a.len) && a.flags == b.flags;
	case V_REAL:
		return a.as.r == b.as.r;
	default:
		return a.as.i == b.as.i;
	}
}

/* --- order ------------------------------------------------------------------------------------- */

static bool less_text(val a, val b, bool or_equal)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = memcmp(a.as.s, b.as.s, n); /* UTF-8 sorts as its characters do */

	return d ? d < 0 : or_equal ? a.len <= b.len : a.len < b.len;
}

static bool less_numbers(val a, val b, bool or_equal)
{
	if (is_whole(a) && is_whole(b))
		return or_equal ? a.as.i <= b.as.i : a.as.i < b.as.i;
	return or_equal ? real_of(a) <= real_of(b) : real_of(a) < real_of(b);
}

static bool less_items(struct render *r, val a, val b, bool or_equal, const char *sign)
{
	struct iter ia, ib;
	val x, y;

	if (!deeper(r) || !iter_open(r, &ia, a) || !iter_open(r, &ib, b))
		return false;
	bool result = or_equal, more_a, more_b;
	for (;;) {
		more_a = iter_next(r, &ia, &x);
		more_b = iter_next(r, &ib, &y);
		if (!more_a || !more_b) {
			result = more_b || (or_equal && !more_a);
			break;
		}
		if (!round_more(r))
			break;
		if (!val_equal(r, x, y)) {
			result = val_less(r, x, y, or_equal, sign);
			break;
		}
	}
	r->depth--;
	return result;
}

bool val_less(struct render *r, val a, val b, bool or_equal, const char *sign)
{
	if (is_number(a) && is_number(b))
		return less_numbers(a, b, or_equal);
	if (is_text(a) && is_text(b))
		return less_text(a, b, or_equal);
	if (a.kind == V_TIME && b.kind == V_TIME)
		return or_equal ? a.as.i <= b.as.i : a.as.i < b.as.i;
	if (both_sequences(a, b))
		return less_items(r, a, b, or_equal, sign);
	bool turned = *sign == '>'; /* b > a was asked */
	val left = turned ? b : a, right = turned ? a : b;
	if (is_undef(left) || is_undef(right))
		fail_undefined(r, is_undef(left) ? left : right);
	else
		fail(r, "TypeError", "'%s' not supported between instances of '%s' and '%s'", sign,
		     val_type(left), val_type(right));
	return false;
}

bool val_in(struct render *r, val needle, val all)
{
	struct iter it;
	uint64_t hash;
	val one;

	switch (all.kind) {
	case V_TEXT:
		if (!is_text(needle)) {
			fail(r, "TypeError", "'in <string>' requires string as left operand, not %s",
			     val_type(needle));
			return false;
		}
		return bytes_find(all.as.s, all.len, needle.as.s, needle.len);
	case V_DICT:
		return !is_missing(dict_get(r, dict_of(all), needle));
	case V_JSON:
		if (is_json_object(all))
			return val_hash(r, needle, &hash) && is_text(needle) &&
			       json_member(all.as.json, needle.as.s, needle.len);
		break;
	default:
		break;
	}
	if (!can_iterate(all)) {
		fail(r, "TypeError", "argument of type '%s' is not iterable", val_type(all));
		return false;
	}
	if (!iter_open(r, &it, all))
		return false;
	while (iter_next(r, &it, &one))
		if (!round_more(r) || val_equal(r, one, needle))
			return !r->failed;
	return false;
}
