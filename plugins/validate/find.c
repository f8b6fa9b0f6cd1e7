/* Finding values by path. A member of a long object is looked up in a list that is
 * ordered once, an element of a long array in a list of pointers: a client that sends
 * thousands of members does not make the cost quadratic. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { SHORT = 16 /* as many are looked through one by one */ };

struct members {
	size_t n;
	const cruet_json *at[];
};

/* --- members ---------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(cruet_json_name(*(const cruet_json *const *)a),
		      cruet_json_name(*(const cruet_json *const *)b));
}

static struct members *members_of(struct run *r, const cruet_json *j)
{
	struct members *m = map_get(&r->members, j, NULL);
	size_t i = 0;

	if (m)
		return m;
	size_t n = cruet_json_len(j);
	m = cruet_alloc(r->c, sizeof *m + n * sizeof *m->at);
	if (!m)
		return NULL;
	m->n = n;
	for (const cruet_json *v = cruet_json_first(j); v; v = cruet_json_next(v))
		m->at[i++] = v;
	if (cruet_json_kind(j) == CRUET_JSON_OBJECT)
		qsort(m->at, n, sizeof *m->at, by_name);
	return map_put(&r->members, r->c, j, NULL, m) ? NULL : m;
}

static const cruet_json *search(const struct members *m, const char *name)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int diff = strcmp(name, cruet_json_name(m->at[mid]));
		if (!diff)
			return m->at[mid];
		if (diff < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const cruet_json *element(struct run *r, const cruet_json *j, size_t index)
{
	const cruet_json *v = cruet_json_first(j);

	if (index < SHORT) {
		while (v && index--)
			v = cruet_json_next(v);
		return v;
	}
	if (cruet_json_kind(j) != CRUET_JSON_ARRAY)
		return NULL;
	const struct members *m = members_of(r, j);
	return m && index < m->n ? m->at[index] : NULL;
}

/* "12", but not "012": each element has one name. */
static bool is_index(const char *s, size_t *out)
{
	size_t n = strspn(s, "0123456789");

	*out = strtoull(s, NULL, 10);
	return n && n < 10 && !s[n] && (*s != '0' || n == 1);
}

const cruet_json *member(struct run *r, const cruet_json *j, const char *name)
{
	size_t n = 0;

	if (cruet_json_kind(j) == CRUET_JSON_ARRAY)
		return is_index(name, &n) ? element(r, j, n) : NULL;
	if (cruet_json_kind(j) != CRUET_JSON_OBJECT)
		return NULL;
	for (const cruet_json *v = cruet_json_first(j); v; v = cruet_json_next(v)) {
		if (n++ == SHORT) {
			const struct members *m = members_of(r, j);
			return m ? search(m, name) : NULL;
		}
		if (!strcmp(cruet_json_name(v), name))
			return v;
	}
	return NULL;
}

/* --- what stands beside an attr --------------------------------------------------- */

/* What the i-th star of this attr stands for, in another container. */
static const cruet_json *like(struct run *r, const cruet_json *j, const struct attr *at,
			      size_t i)
{
	const char *name = cruet_json_name(at->nodes[i]);

	return name					? member(r, j, name)
	       : cruet_json_kind(j) == CRUET_JSON_ARRAY ? element(r, j, at->index[i])
							: NULL;
}

static const void *element_of(const struct field *f, const struct attr *at)
{
	return f->path.nwild ? at->nodes[f->path.nwild - 1] : NULL;
}

bool attr_excluded(const struct run *r, const struct field *f, const struct attr *at)
{
	for (; f && r->excluded.n; f = f->above)
		if (f->excludes && map_get(&r->excluded, f, element_of(f, at)))
			return true;
	return false;
}

int attr_exclude(struct run *r, const struct attr *at)
{
	const void *node = element_of(at->field, at);

	if (map_get(&r->excluded, at->field, node))
		return CRUET_OK;
	return map_put(&r->excluded, r->c, at->field, node, r);
}

const cruet_json *other_value(const struct attempt *a, const struct param *p)
{
	const struct attr *at = a->attr;
	const cruet_json *v = p->shared ? at->nodes[p->shared - 1] : a->run->input;
	size_t star = p->shared;

	/* Rows whose stars are all ours: then it is known which value is meant. */
	if (p->field && p->shared == p->path.nwild && attr_excluded(a->run, p->field, at))
		return NULL;
	for (size_t i = p->below; v && i < p->path.n; i++) {
		const char *step = p->path.steps[i];
		v = step ? member(a->run, v, step) : like(a->run, v, at, star++);
	}
	return v;
}

/* --- names ------------------------------------------------------------------------ */

/* Not more of a name than fits on a screen, and no half of a character. */
static int shown(const char *name)
{
	size_t n = strnlen(name, KEY_SHOWN_MAX + 1);

	if (n <= KEY_SHOWN_MAX)
		return (int)n;
	for (n = KEY_SHOWN_MAX; n && ((unsigned char)name[n] & 0xC0) == 0x80;)
		n--;
	return (int)n;
}

static const char *add_step(cruet_ctx *c, const char *so_far, const char *step,
			    const struct attr *at, size_t star)
{
	const char *dot = *so_far ? "." : "";

	if (step)
		return cruet_printf(c, "%s%s%s", so_far, dot, step);
	const char *key = cruet_json_name(at->nodes[star]);
	if (!key)
		return cruet_printf(c, "%s%s%zu", so_far, dot, at->index[star]);
	return cruet_printf(c, "%s%s%.*s%s", so_far, dot, shown(key), key,
			    key[shown(key)] ? "..." : "");
}

static const char *concrete(cruet_ctx *c, const struct path *path, const struct attr *at)
{
	const char *name = "";
	size_t star = 0;

	if (path->n == 1 && path->steps[0])
		return path->steps[0];
	for (size_t i = 0; name && i < path->n; i++) {
		name = add_step(c, name, path->steps[i], at, star);
		star += !path->steps[i];
	}
	return name;
}

const char *attr_name(cruet_ctx *c, struct attr *at)
{
	if (!at->name)
		at->name = concrete(c, &at->field->path, at);
	return at->name;
}

const char *param_name(const struct attempt *a, const struct param *p)
{
	/* The stars of a set stand for all there is. */
	if (a->rule->def->takes == TAKES_SET)
		return p->path.text;
	return concrete(a->run->c, &p->path, a->attr);
}
