#include "nearest.h"

#include <string.h>

enum { LONGEST = 32 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters to insert, delete, replace or swap with their neighbour. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t rows[3][LONGEST + 1];

	for (size_t i = 0; i <= n; i++) {
		size_t *now = rows[i % 3], *last = rows[(i + 2) % 3],
		       *before = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			if (!i) {
				now[j] = j;
				continue;
			}
			now[j] = least(last[j - 1] + (a[i - 1] != b[j - 1]),
				       least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

const char *nearest_name(const char *word, const char *(*at)(const void *list, size_t i),
			 const void *list)
{
	const char *best = NULL, *name;
	size_t closest = LONGEST, n = strlen(word);

	for (size_t i = 0; n <= LONGEST && (name = at(list, i)); i++) {
		size_t m = strlen(name), longer = n > m ? n : m;
		size_t d = m <= LONGEST ? distance(word, n, name, m) : LONGEST;
		/* Up to a third of the letters may be wrong, at least one. */
		if (d < closest && d <= (longer / 3 > 1 ? longer / 3 : 1) && d < longer) {
			closest = d;
			best = name;
		}
	}
	return best;
}
