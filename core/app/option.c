#include "app/option.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "base/real.h"
#include "base/text.h"
#include "cruet/error.h"
#include "http/json_read.h"

enum { LIST_MAX = 256 };

/* Tables of older plugins may have shorter entries: what is missing is zero. */
const cruet_option *option_at(const cruet_option *table, size_t stride, size_t i)
{
	const cruet_option *o =
		table ? (const cruet_option *)((const char *)table + i * stride) : NULL;
	return o && i < OPTIONS_MAX && o->name ? o : NULL;
}

const char *option_kind(const cruet_option *o)
{
	static const char *const kinds[] = {"?",    "bool", "int",  "size", "time",
					    "text", "word", "real", "list", "json"};
	return o->type < sizeof kinds / sizeof *kinds ? kinds[o->type] : kinds[0];
}

/* --- numbers with units ---------------------------------------------------------------- */

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit sizes[] = {{"", 1},	   {"b", 1},	  {"k", 1024},
				    {"kb", 1024},  {"m", 1 << 20}, {"mb", 1 << 20},
				    {"g", 1 << 30}, {"gb", 1 << 30}, {NULL, 0}};
static const struct unit times[] = {{"ms", 1},	       {"s", 1000},	 {"m", 60000},
				    {"min", 60000},    {"h", 3600000},	 {"d", 86400000},
				    {"w", 604800000}, {NULL, 0}};

static char *show_units(uint64_t v, const struct unit *units, struct arena *a)
{
	const struct unit *best = units;

	for (; units->name; units++)
		if (v && v % units->factor == 0 && units->factor > best->factor)
			best = units;
	return arena_printf(a, "%llu%s", (unsigned long long)(v / best->factor), best->name);
}

/* --- what is right ----------------------------------------------------------------- */

static const char *bound(const cruet_option *o, int64_t v, struct arena *a)
{
	if (o->type == CRUET_OPT_SIZE || o->type == CRUET_OPT_TIME)
		return show_units((uint64_t)v, o->type == CRUET_OPT_SIZE ? sizes : times, a);
	return arena_printf(a, "%lld", (long long)v);
}

static const char *expected_between(const cruet_option *o, struct arena *a)
{
	const char *low = bound(o, o->min, a), *high = bound(o, o->max, a);
	const char *what = o->type == CRUET_OPT_SIZE   ? "size"
			   : o->type == CRUET_OPT_TIME ? "time"
			   : o->type == CRUET_OPT_INT  ? "whole number"
						       : "number";
	return low && high ? arena_printf(a, "a %s from %s to %s", what, low, high) : NULL;
}

static const char *expected(const cruet_option *o, struct arena *a)
{
	static const char *const usual[] = {
		"?", "true or false", "a whole number", "a size, such as 64k", "a time, such as 30s",
		"a text", "one of", "a number", "a list, such as a,b,c", "JSON"};
	if (o->type == CRUET_OPT_ENUM)
		return arena_printf(a, "one of %s", o->choices);
	if (o->help && *o->help)
		return o->help;
	if (o->flags & CRUET_OPT_BOUNDS)
		return expected_between(o, a);
	return usual[o->type];
}

static int bad(const cruet_option *o, const char *text, struct arena *a, const char **why)
{
	const char *right = expected(o, a);

	*why = NULL;
	if (right && o->flags & CRUET_OPT_SECRET)
		*why = arena_printf(a, "option %s: expected %s", o->name, right);
	else if (right)
		*why = arena_printf(a, "option %s = \"%s\": expected %s", o->name, text, right);
	return *why ? CRUET_EINVAL : CRUET_ENOMEM;
}

/* --- reading ------------------------------------------------------------------------ */

static bool with_unit(const char *text, const struct unit *units, uint64_t *out)
{
	size_t n = strspn(text, "0123456789");
	int64_t v;

	if (!n || !text_intn(text, n, &v))
		return false;
	const char *unit = text + n + strspn(text + n, " ");
	if (!v && !*unit) {
		*out = 0;
		return true;
	}
	for (; units->name; units++)
		if (text_ieq(unit, units->name))
			return !__builtin_mul_overflow((uint64_t)v, units->factor, out) &&
			       *out <= INT64_MAX;
	return false;
}

static bool in_bounds(const cruet_option *o, int64_t v)
{
	return !(o->flags & CRUET_OPT_BOUNDS) || (v >= o->min && v <= o->max);
}

static bool read_bool(const char *s, bool *out)
{
	static const char *const yes[] = {"true", "yes", "on", "1", NULL};
	static const char *const no[] = {"false", "no", "off", "0", NULL};
	for (int i = 0; yes[i]; i++) {
		if (text_ieq(s, yes[i]) || text_ieq(s, no[i])) {
			*out = text_ieq(s, yes[i]);
			return true;
		}
	}
	return false;
}

static bool read_choice(const cruet_option *o, const char *s, int32_t *out)
{
	size_t n = strlen(s);
	int32_t i = 0;

	for (const char *p = o->choices; p && *p; i++) {
		size_t len = strcspn(p, "|");
		if (len == n && !memcmp(p, s, n)) {
			*out = i;
			return true;
		}
		p += len + (p[len] == '|');
	}
	return false;
}

/* "a, b" without the spaces around; "" is the empty list. */
static int read_list(const cruet_option *o, const char *s, const char *const **out,
		     struct arena *a, const char **why)
{
	const char **list = arena_array(a, LIST_MAX + 1, sizeof *list);
	size_t n = 0;

	while (list && *s) {
		s += strspn(s, " \t");
		size_t len = strcspn(s, ","), used = len;
		while (used && (s[used - 1] == ' ' || s[used - 1] == '\t'))
			used--;
		if (used && n == LIST_MAX) {
			*why = arena_printf(a, "option %s: more than %d entries", o->name, LIST_MAX);
			return *why ? CRUET_EINVAL : CRUET_ENOMEM;
		}
		if (used && !(list[n++] = arena_strndup(a, s, used)))
			return CRUET_ENOMEM;
		s += len + (s[len] == ',');
	}
	*out = list;
	return list ? CRUET_OK : CRUET_ENOMEM;
}

static int assign(const cruet_option *o, void *at, const char *text, struct arena *a,
		  const char **why)
{
	const char *const *list;
	const char *copy;
	uint64_t u;
	int64_t i;
	double d;
	int err;

	switch (o->type) {
	case CRUET_OPT_BOOL:
		return read_bool(text, at) ? CRUET_OK : bad(o, text, a, why);
	case CRUET_OPT_INT:
		if (!text_int(text, &i) || !in_bounds(o, i))
			return bad(o, text, a, why);
		memcpy(at, &i, sizeof i);
		return CRUET_OK;
	case CRUET_OPT_SIZE:
	case CRUET_OPT_TIME:
		if (!with_unit(text, o->type == CRUET_OPT_SIZE ? sizes : times, &u) ||
		    !in_bounds(o, (int64_t)u))
			return bad(o, text, a, why);
		memcpy(at, &u, sizeof u);
		return CRUET_OK;
	case CRUET_OPT_REAL:
		if (!real_read(text, &d) ||
		    (o->flags & CRUET_OPT_BOUNDS && (d < (double)o->min || d > (double)o->max)))
			return bad(o, text, a, why);
		memcpy(at, &d, sizeof d);
		return CRUET_OK;
	case CRUET_OPT_STR:
		copy = arena_strdup(a, text);
		if (copy)
			memcpy(at, &copy, sizeof copy);
		return copy ? CRUET_OK : CRUET_ENOMEM;
	case CRUET_OPT_ENUM:
		return read_choice(o, text, at) ? CRUET_OK : bad(o, text, a, why);
	case CRUET_OPT_LIST:
		err = read_list(o, text, &list, a, why);
		if (!err)
			memcpy(at, &list, sizeof list);
		return err;
	default:
		return bad(o, text, a, why);
	}
}

/* --- the table ---------------------------------------------------------------------------- */

static const cruet_option *named(const cruet_option *table, size_t stride, const char *name,
				 size_t *at, struct arena *a, const char **why)
{
	const char *names[OPTIONS_MAX + 1];
	size_t n = 0;

	for (const cruet_option *o; (o = option_at(table, stride, n)); n++) {
		if (!strcmp(o->name, name)) {
			*at = n;
			*why = NULL;
			return o;
		}
		names[n] = o->name;
	}
	names[n] = NULL;
	const char *near = nearest(name, names);
	*why = near ? arena_printf(a, "unknown option %s: did you mean %s?", name, near)
	       : n  ? arena_printf(a, "unknown option %s", name)
		    : arena_printf(a, "unknown option %s: there are no options", name);
	return NULL;
}

int option_defaults(const cruet_option *table, size_t stride, void *config, struct arena *a,
		    const char **why)
{
	const cruet_option *o;

	*why = NULL;
	for (size_t i = 0; (o = option_at(table, stride, i)); i++) {
		if (!o->def)
			continue;
		int err = assign(o, (char *)config + o->offset, o->def, a, why);
		if (err)
			return err;
	}
	return CRUET_OK;
}

int option_set(const cruet_option *table, size_t stride, void *config, bool *set,
	       const char *name, const char *text, struct arena *a, const char **why)
{
	size_t i;
	const cruet_option *o = named(table, stride, name, &i, a, why);

	if (!o)
		return *why ? CRUET_EINVAL : CRUET_ENOMEM;
	int err = assign(o, (char *)config + o->offset, text, a, why);
	if (!err && set)
		set[i] = true;
	return err;
}

/* The list as text, so that one reader serves both. */
static const char *join(const cruet_json *v, struct arena *a)
{
	struct buf b;
	const cJSON *one;

	buf_init(&b, a, 0);
	cJSON_ArrayForEach(one, v)
	{
		if (!cJSON_IsString(one) || strchr(one->valuestring, ','))
			return NULL;
		buf_printf(&b, "%s%s", b.len ? "," : "", one->valuestring);
	}
	return buf_err(&b) ? NULL : b.p;
}

int option_set_json(const cruet_option *table, size_t stride, void *config, bool *set,
		    const char *name, const cruet_json *value, struct arena *a,
		    const char **why)
{
	size_t i;
	const cruet_option *o = named(table, stride, name, &i, a, why);
	const char *text = NULL;
	struct buf b;

	if (!o)
		return *why ? CRUET_EINVAL : CRUET_ENOMEM;
	buf_init(&b, a, 0);
	if (json_write(&b, value, 0) || buf_err(&b))
		return CRUET_ENOMEM;
	if (o->type == CRUET_OPT_JSON) {
		memcpy((char *)config + o->offset, &value, sizeof value);
		if (set)
			set[i] = true;
		return CRUET_OK;
	}
	if (cJSON_IsString(value))
		text = value->valuestring;
	else if (cJSON_IsArray(value) && o->type == CRUET_OPT_LIST)
		text = join(value, a);
	else if ((cJSON_IsBool(value) && o->type == CRUET_OPT_BOOL) ||
		 (cJSON_IsNumber(value) &&
		  (o->type == CRUET_OPT_INT || o->type == CRUET_OPT_REAL ||
		   o->type == CRUET_OPT_SIZE || o->type == CRUET_OPT_TIME)))
		text = b.p;
	if (!text)
		return bad(o, b.p, a, why);
	return option_set(table, stride, config, set, name, text, a, why);
}

int option_check_required(const cruet_option *table, size_t stride, const bool *set,
			  const char **why, struct arena *a)
{
	const cruet_option *o;

	for (size_t i = 0; (o = option_at(table, stride, i)); i++) {
		if (!(o->flags & CRUET_OPT_REQUIRED) || set[i])
			continue;
		const char *right = expected(o, a);
		*why = right ? arena_printf(a, "option %s is missing: expected %s", o->name, right)
			     : NULL;
		return *why ? CRUET_EINVAL : CRUET_ENOMEM;
	}
	return CRUET_OK;
}

/* --- showing ------------------------------------------------------------------------------- */

static char *show_choice(const cruet_option *o, int32_t n, struct arena *a)
{
	const char *p = o->choices ? o->choices : "";
	while (n-- > 0 && *p) {
		size_t len = strcspn(p, "|");
		p += len + (p[len] == '|');
	}
	return arena_strndup(a, p, strcspn(p, "|"));
}

static char *show_list(const char *const *list, struct arena *a)
{
	struct buf b;
	buf_init(&b, a, 0);
	for (; list && *list; list++)
		buf_printf(&b, "%s%s", b.len ? "," : "", *list);
	return buf_err(&b) ? NULL : b.p;
}

char *option_show(const cruet_option *o, const void *config, struct arena *a)
{
	const char *at = (const char *)config + o->offset;
	union {
		int64_t i;
		uint64_t u;
		double d;
		int32_t e;
		const char *s;
		const char *const *list;
	} v;
	struct buf b;

	if (o->flags & CRUET_OPT_SECRET)
		return arena_strdup(a, "********");
	memcpy(&v, at, o->type == CRUET_OPT_BOOL ? 1 : o->type == CRUET_OPT_ENUM ? 4 : 8);
	switch (o->type) {
	case CRUET_OPT_BOOL:
		return arena_strdup(a, *at ? "true" : "false");
	case CRUET_OPT_INT:
		return arena_printf(a, "%lld", (long long)v.i);
	case CRUET_OPT_SIZE:
		return show_units(v.u, sizes, a);
	case CRUET_OPT_TIME:
		return show_units(v.u, times, a);
	case CRUET_OPT_REAL: {
		char text[32];
		real_put(text, sizeof text, v.d);
		return arena_strdup(a, text);
	}
	case CRUET_OPT_ENUM:
		return show_choice(o, v.e, a);
	case CRUET_OPT_LIST:
		return show_list(v.list, a);
	case CRUET_OPT_JSON:
		buf_init(&b, a, 0);
		if (v.s)
			json_write(&b, (const cruet_json *)v.s, 0);
		return b.p;
	default:
		return arena_strdup(a, v.s ? v.s : "");
	}
}
