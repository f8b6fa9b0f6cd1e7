/* The longest common subsequence of lines, by the table that everybody knows, between the
 * lines that both texts begin and end with. */
#include "base/diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { AROUND = 3, CELLS_MAX = 4000000 };

struct line {
	const char *p;
	size_t len; /* without its end */
};

struct text {
	struct line *lines;
	size_t n;
};

struct diff {
	FILE *out;
	struct text a, b;
	size_t shown;     /* lines of a up to here were written, or left out for good */
	size_t trailing;  /* how many equal lines still follow what differed */
};

static bool split(struct text *t, const char *s)
{
	size_t n = 0;

	for (const char *p = s; *p; n++)
		p += strcspn(p, "\n") + (p[strcspn(p, "\n")] == '\n');
	t->n = 0;
	t->lines = calloc(n + 1, sizeof *t->lines);
	while (t->lines && *s) {
		size_t len = strcspn(s, "\n");
		t->lines[t->n++] = (struct line){s, len};
		s += len + (s[len] == '\n');
	}
	return t->lines;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->len == b->len && !memcmp(a->p, b->p, a->len);
}

static void put(FILE *out, char mark, const struct line *l)
{
	fputc(mark, out);
	for (size_t i = 0; i < l->len; i++) {
		unsigned char ch = (unsigned char)l->p[i];
		if ((ch < 0x20 && ch != '\t') || ch == 0x7f)
			fprintf(out, "\\x%02x", ch);
		else
			fputc(ch, out);
	}
	fputc('\n', out);
}

/* What follows differs, at line i of the first text: some equal lines go before it. */
static void begin_change(struct diff *d, size_t i)
{
	size_t from = i > AROUND ? i - AROUND : 0;

	if (from > d->shown)
		fprintf(d->out, "@@ %zu @@\n", from + 1);
	else
		from = d->shown;
	for (; from < i; from++)
		put(d->out, ' ', &d->a.lines[from]);
	d->shown = i;
	d->trailing = AROUND;
}

static void put_equal(struct diff *d, size_t i)
{
	if (!d->trailing)
		return;
	d->trailing--;
	put(d->out, ' ', &d->a.lines[i]);
	d->shown = i + 1;
}

static void put_removed(struct diff *d, size_t i)
{
	begin_change(d, i);
	put(d->out, '-', &d->a.lines[i]);
	d->shown = i + 1;
}

static void put_added(struct diff *d, size_t i, size_t j)
{
	begin_change(d, i);
	put(d->out, '+', &d->b.lines[j]);
}

/* How long the longest common subsequence is of the lines from i and from j on, in rows of
 * m + 1 numbers. NULL: too many, or no memory. */
static uint32_t *common(const struct line *a, size_t n, const struct line *b, size_t m)
{
	uint32_t *t = m < CELLS_MAX && n < CELLS_MAX / (m + 1) ? calloc((n + 1) * (m + 1), sizeof *t)
							       : NULL;

	for (size_t i = n; t && i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			uint32_t *at = &t[i * (m + 1) + j];
			uint32_t below = at[m + 1], right = at[1];
			*at = same(&a[i], &b[j]) ? at[m + 2] + 1 : below > right ? below : right;
		}
	return t;
}

/* The lines [from, from + n) of the first text against as many as m of the second. */
static void put_middle(struct diff *d, size_t from, size_t n, size_t m)
{
	const struct line *a = d->a.lines + from, *b = d->b.lines + from;
	uint32_t *t = common(a, n, b, m);
	size_t i = 0, j = 0;

	while (i < n || j < m) {
		const uint32_t *at = t ? &t[i * (m + 1) + j] : NULL;
		if (at && i < n && j < m && same(&a[i], &b[j])) {
			put_equal(d, from + i++);
			j++;
		} else if (i < n && (j == m || !at || at[m + 1] >= at[1])) {
			put_removed(d, from + i++);
		} else {
			put_added(d, from + i, from + j++);
		}
	}
	free(t);
}

void diff_write(FILE *out, const char *before, const char *after)
{
	struct diff d = {.out = out};
	bool ok = split(&d.a, before) && split(&d.b, after);

	if (ok) {
		size_t least = d.a.n < d.b.n ? d.a.n : d.b.n, head = 0, tail = 0;
		while (head < least && same(&d.a.lines[head], &d.b.lines[head]))
			head++;
		while (tail < least - head &&
		       same(&d.a.lines[d.a.n - 1 - tail], &d.b.lines[d.b.n - 1 - tail]))
			tail++;
		put_middle(&d, head, d.a.n - head - tail, d.b.n - head - tail);
		for (size_t i = d.a.n - tail; i < d.a.n && d.trailing; i++)
			put_equal(&d, i);
	} else {
		fputs("out of memory\n", out);
	}
	free(d.a.lines);
	free(d.b.lines);
}
