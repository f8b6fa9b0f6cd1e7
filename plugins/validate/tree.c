/* The paths of a table as a tree: so that the name of a form's field is looked up in
 * the time of its length. */
#include <stdlib.h>
#include <string.h>

#include "rules.h"

/* Stars first, then by name. */
static int compare_steps(const char *a, const char *b)
{
	if (a && b)
		return strcmp(a, b);
	return (a != NULL) - (b != NULL);
}

static int compare_fields(const void *a, const void *b)
{
	const struct path *p = &(*(const struct field *const *)a)->path;
	const struct path *q = &(*(const struct field *const *)b)->path;

	for (size_t i = 0; i < p->n && i < q->n; i++) {
		int r = compare_steps(p->steps[i], q->steps[i]);
		if (r)
			return r;
	}
	return (p->n > q->n) - (p->n < q->n);
}

/* How many at the front of list have the same step at this depth. */
static size_t run_length(const struct field **list, size_t n, size_t depth)
{
	size_t k = 1;

	while (k < n &&
	       !compare_steps(list[0]->path.steps[depth], list[k]->path.steps[depth]))
		k++;
	return k;
}

/* list is ordered; all of it begins with the path of this node, which is depth long. */
static bool fill(struct node *node, const struct field **list, size_t n, size_t depth,
		 struct pool *pool)
{
	size_t kids = 0;

	if (n && list[0]->path.n == depth) {
		node->field = list[0];
		list++, n--;
	}
	for (size_t i = 0; i < n; i += run_length(list + i, n - i, depth))
		kids += list[i]->path.steps[depth] != NULL;
	node->kids = pool_alloc(pool, kids, sizeof *node->kids);
	if (!node->kids)
		return false;
	for (size_t i = 0, k; i < n; i += k) {
		const char *name = list[i]->path.steps[depth];
		struct node *child;
		k = run_length(list + i, n - i, depth);
		if (name)
			child = &node->kids[node->nkids++];
		else
			child = node->star = pool_alloc(pool, 1, sizeof *child);
		if (!child)
			return false;
		child->name = name;
		if (!fill(child, list + i, k, depth + 1, pool))
			return false;
	}
	return true;
}

bool tree_build(struct rules *r)
{
	const struct field **list = pool_alloc(&r->pool, r->nfields, sizeof *list);

	if (!list)
		return false;
	for (size_t i = 0; i < r->nfields; i++)
		list[i] = &r->fields[i];
	if (r->nfields)
		qsort(list, r->nfields, sizeof *list, compare_fields);
	return fill(&r->root, list, r->nfields, 0, &r->pool);
}

const struct node *tree_child(const struct node *n, const char *name, size_t len)
{
	size_t low = 0, high = n->nkids;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *kid = n->kids[mid].name;
		int r = strncmp(name, kid, len);
		if (!r && kid[len])
			r = -1;
		if (!r)
			return &n->kids[mid];
		if (r < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return n->star;
}
