#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

#include "cruet/plugin.h"

enum { NEAR_MAX = 64 };

/* Optimal string alignment: Levenshtein with neighbours swapped. */
size_t nearest_distance(const char *a, const char *b)
{
	size_t n = strnlen(a, NEAR_MAX), m = strnlen(b, NEAR_MAX);
	unsigned char rows[3][NEAR_MAX + 1];
	unsigned char *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= m; j++)
		last[j] = (unsigned char)j;
	memset(before, 0, NEAR_MAX + 1);
	for (size_t i = 1; i <= n; i++) {
		now[0] = (unsigned char)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned d = last[j - 1] + (a[i - 1] != b[j - 1]);
			if (last[j] + 1u < d)
				d = last[j] + 1u;
			if (now[j - 1] + 1u < d)
				d = now[j - 1] + 1u;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1u < d)
				d = before[j - 2] + 1u;
			now[j] = (unsigned char)d;
		}
		unsigned char *t = before;
		before = last;
		last = now;
		now = t;
	}
	return last[m];
}

const char *cruet_nearest(const char *word, cruet_name_fn *at, const void *list)
{
	const char *best = NULL, *name;
	size_t least = SIZE_MAX, n = strnlen(word, NEAR_MAX);

	for (size_t i = 0; (name = at(list, i)); i++) {
		size_t d = nearest_distance(word, name), m = strnlen(name, NEAR_MAX);
		size_t longer = n > m ? n : m;
		/* Up to a third of the letters may be wrong, at least one. */
		if (d < least && d <= (longer / 3 > 1 ? longer / 3 : 1) && d < longer) {
			least = d;
			best = name;
		}
	}
	return best;
}

static const char *in_list(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

const char *nearest(const char *word, const char *const *names)
{
	return names ? cruet_nearest(word, in_list, names) : NULL;
}
