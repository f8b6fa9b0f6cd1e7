/* Forms, queries, cookies and arguments as one object. A name of the table's is taken
 * apart ("items[0][price]", "items.0.price", "tags[]"), any other is kept whole, so
 * that a client cannot build what nobody asked for. Paths are sorted, and then put
 * together in one pass: no name is searched for among the others. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "utf8.h"

enum { ORDER_SIZE = 24 };

struct step {
	const char *name; /* NULL: an element that is appended, "tags[]" */
	size_t order;	  /* of such an element, or of a number that is a name */
	bool is_index;
};

struct pair {
	const struct node *node; /* of the table, where the path ends; NULL: none */
	struct step *steps;
	size_t n, order;
	const char *value;
};

/* --- names into steps ------------------------------------------------------------- */

static size_t count_steps(const char *name)
{
	size_t n = 1;

	for (; *name; name++)
		n += *name == '.' || *name == '[';
	return n;
}

/* An index as one is written: 0, 1, 2, ..., up to nine digits. */
static bool read_index(const char *s, size_t *out)
{
	size_t n = strspn(s, "0123456789");

	if (!n || n > 9 || s[n] || (*s == '0' && n > 1))
		return false;
	*out = strtoull(s, NULL, 10);
	return true;
}

static void set_step(struct step *step, const char *name, size_t order)
{
	step->name = *name ? name : NULL;
	step->order = order;
	step->is_index = *name && read_index(name, &step->order);
}

/* "a[b][]" or "a.b" in place; false if it is neither. */
static bool split(char *name, struct pair *p)
{
	char *at = name + strcspn(name, ".[");

	for (p->n = 0;; p->n++) {
		char sign = *at;
		*at = '\0';
		set_step(&p->steps[p->n], name, p->order);
		if (!sign)
			break;
		if (sign == ']') {
			/* Behind a bracket comes another one, or the end. */
			if (at[1] != '[' && at[1])
				return false;
			if (!at[1])
				break;
			at++;
		}
		name = at + 1;
		at = name + strcspn(name, sign == '.' ? ".[" : "]");
		if (sign != '.' && !*at)
			return false;
	}
	p->n++;
	return p->steps[0].name != NULL;
}

/* True if the table's tree goes along this path. One step more than it has is an
 * element or a member of a list. */
static bool follow(const struct node *node, struct pair *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const char *name = p->steps[i].name;
		const struct node *child =
			name ? tree_child(node, name, strlen(name)) : node->star;
		if (!child)
			return i + 1 == p->n && node->field &&
			       (node->field->type & TYPE_ARRAY);
		node = child;
	}
	p->node = node;
	return true;
}

/* A name that is taken apart; false if it is not one of the table's. */
static bool read_path(cruet_ctx *c, const struct rules *rules, const char *name,
		      size_t steps, struct pair *p)
{
	char *copy = cruet_strdup(c, name);

	p->steps = cruet_alloc(c, steps * sizeof *p->steps);
	return copy && p->steps && split(copy, p) && follow(&rules->root, p);
}

/* CRUET_OK or CRUET_ENOMEM. Cookies and parts of a form may be no UTF-8. */
static int read_pair(cruet_ctx *c, const struct rules *rules, const char *name,
		     const char *value, struct pair *p)
{
	name = utf8_clean(c, name);
	p->value = utf8_clean(c, value);
	if (!name || !p->value)
		return CRUET_ENOMEM;
	const struct node *whole = tree_child(&rules->root, name, strlen(name));
	size_t steps = count_steps(name);
	bool plain =
		(whole && whole != rules->root.star) || steps == 1 || steps > STEPS_MAX;
	if (!plain && read_path(c, rules, name, steps, p))
		return CRUET_OK;
	p->n = 1;
	p->node = whole;
	p->steps = cruet_alloc(c, sizeof *p->steps);
	if (!p->steps)
		return CRUET_ENOMEM;
	p->steps[0].name = name;
	return CRUET_OK;
}

/* --- sorting ---------------------------------------------------------------------- */

/* Numbers by value and before names; what is appended comes last. */
static int rank(const struct step *s)
{
	if (s->is_index)
		return 0;
	return s->name ? 1 : 2;
}

static int compare_step(const struct step *a, const struct step *b)
{
	int rank_a = rank(a), rank_b = rank(b);

	if (rank_a != rank_b)
		return rank_a - rank_b;
	if (rank_a == 1)
		return strcmp(a->name, b->name);
	return (a->order > b->order) - (a->order < b->order);
}

static int compare_pair(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;

	for (size_t i = 0; i < a->n && i < b->n; i++) {
		int r = compare_step(&a->steps[i], &b->steps[i]);
		if (r)
			return r;
	}
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

/* --- putting together ------------------------------------------------------------- */

static size_t same_so_far(const struct pair *p, size_t n, size_t depth)
{
	size_t k = 1;

	while (k < n && !compare_step(&p[0].steps[depth], &p[k].steps[depth]))
		k++;
	return k;
}

static bool wants_list(const struct node *node)
{
	return node && (node->star || (node->field && (node->field->type & TYPE_ARRAY)));
}

/* True if what stands at this depth is 0, 1, 2, ... and what is appended. */
static bool is_list(const struct pair *p, size_t n, size_t depth)
{
	size_t next = 0, k;

	for (size_t i = 0; i < n; i += k, next++) {
		const struct step *s = &p[i].steps[depth];
		k = same_so_far(p + i, n - i, depth);
		if (s->name && (!s->is_index || s->order != next))
			return false;
	}
	return true;
}

/* v becomes a member, or without a name an element. NULL: out of memory. */
static cJSON *put(cJSON *to, const char *name, cJSON *v)
{
	if (to && v &&
	    (name ? cJSON_AddItemToObject(to, name, v) : cJSON_AddItemToArray(to, v)))
		return v;
	cJSON_Delete(v);
	return NULL;
}

static cJSON *put_container(cJSON *to, const char *name, bool list)
{
	return put(to, name, list ? cJSON_CreateArray() : cJSON_CreateObject());
}

/* All of one name: the first counts, as everywhere, unless it is a list. */
static bool put_values(cJSON *to, const char *name, const struct pair *p, size_t n)
{
	cJSON *list;

	if (!wants_list(p->node))
		return put(to, name, cJSON_CreateString(p->value)) != NULL;
	list = put_container(to, name, true);
	for (size_t i = 0; i < n && list; i++)
		if (!put(list, NULL, cJSON_CreateString(p[i].value)))
			return false;
	return list != NULL;
}

static bool put_group(cJSON *to, const char *name, const struct pair *p, size_t n,
		      size_t depth);

/* p agree on the first depth steps, and have more. list: to is an array. */
static bool put_level(cJSON *to, const struct pair *p, size_t n, size_t depth, bool list)
{
	char number[ORDER_SIZE];
	size_t next = 0, k;

	for (size_t i = 0; i < n; i += k) {
		const struct step *s = &p[i].steps[depth];
		const char *name = list ? NULL : s->name;
		k = same_so_far(p + i, n - i, depth);
		if (s->is_index)
			next = s->order + 1;
		if (!list && !name) { /* appended to what is no list */
			snprintf(number, sizeof number, "%zu", next++);
			name = number;
		}
		if (!put_group(to, name, p + i, k, depth + 1))
			return false;
	}
	return true;
}

static bool put_group(cJSON *to, const char *name, const struct pair *p, size_t n,
		      size_t depth)
{
	size_t ends = 0;

	while (ends < n && p[ends].n == depth)
		ends++;
	if (ends == n)
		return put_values(to, name, p, n);
	/* "a" beside "a[b]": what has parts counts. */
	bool list = is_list(p + ends, n - ends, depth);
	cJSON *in = put_container(to, name, list);
	return in && put_level(in, p + ends, n - ends, depth, list);
}

/* --- reading ---------------------------------------------------------------------- */

static struct pair *read_pairs(cruet_ctx *c, int from, const struct rules *rules,
			       size_t *n)
{
	const char *name, *value;
	struct pair *pairs;
	bool clean = !cruet_err(c);

	for (*n = 0; cruet_pair(c, from, *n, &name, &value);)
		++*n;
	if (clean && cruet_err(c))
		return NULL;
	pairs = cruet_alloc(c, *n * sizeof *pairs + 1);
	for (size_t i = 0; pairs && i < *n; i++) {
		cruet_pair(c, from, i, &name, &value);
		pairs[i].order = i;
		if (read_pair(c, rules, name, value, &pairs[i]))
			return NULL;
	}
	return pairs;
}

const cruet_json *input_of_pairs(cruet_ctx *c, int from, const struct rules *rules)
{
	size_t n;
	struct pair *pairs = read_pairs(c, from, rules, &n);
	cruet_json *root = pairs ? cruet_object(c) : NULL;

	if (!root)
		return NULL;
	if (n)
		qsort(pairs, n, sizeof *pairs, compare_pair);
	return put_level(root, pairs, n, 0, false) ? root : NULL;
}
