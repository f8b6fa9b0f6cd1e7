/* What a match costs among 10,000 rules beside what it costs among 100:
 *
 *	build/bench/bench_router
 *
 * "same" asks one rule again and again, "all" asks all in turn. The two sizes are
 * measured in turns; each measure is short, and begins when what it needs has been
 * asked once, so that the best of many was not disturbed by others on the machine.
 * Times are CPU time of this thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/router.h"
#include "base/arena.h"

enum { FEW = 100, MANY = 10000, ROUNDS = 100, ASKED = MANY };

/* %d: the number of the rule. */
static const struct shape {
	const char *name, *rule, *asked;
} shapes[] = {
	{"plain", "/section%d/page", "/section%d/page"},
	{"one variable", "/r%d/<int:id>", "/r%d/4711"},
	{"deep", "/api/v1/r%d/<int:id>/items/<name>", "/api/v1/r%d/4711/items/abc"},
	{"last part", "/users/<int:id>/do%d", "/users/4711/do%d"},
	{"text before", "/item%d-<int:id>", "/item%d-4711"},
	{"text behind", "/<name>.x%d", "/abc.x%d"},
};

enum { PATH_MAX_BYTES = 48 };

struct site {
	struct router *router;
	struct arena a;
	char (*asked)[PATH_MAX_BYTES]; /* side by side: a request's path is in the cache */
	size_t n;
};

static void stop(const char *why)
{
	fprintf(stderr, "bench_router: %s\n", why);
	exit(1);
}

static void number(char out[PATH_MAX_BYTES], const char *text, size_t i)
{
	const char *at = strstr(text, "%d");
	int n = snprintf(out, PATH_MAX_BYTES, "%.*s%zu%s", (int)(at - text), text, i, at + 2);

	if (n < 0 || n >= PATH_MAX_BYTES)
		stop("a path is too long");
}

static char *numbered(const char *text, size_t i)
{
	char s[PATH_MAX_BYTES], *copy;

	number(s, text, i);
	copy = strdup(s);
	if (!copy)
		stop("out of memory");
	return copy;
}

static void fill(struct site *s, const struct shape *shape, size_t n)
{
	static const struct router_opts opts = {.redirect_defaults = true, .merge_slashes = true};
	const char *why;

	arena_init(&s->a, 16384);
	s->router = router_new(&opts);
	s->asked = calloc(n, sizeof *s->asked);
	s->n = n;
	if (!s->router || !s->asked)
		stop("out of memory");
	for (size_t i = 0; i < n; i++) {
		struct rule r = {.path = numbered(shape->rule, i),
				 .methods = "GET",
				 .endpoint = numbered("e%d", i),
				 .flags = RULE_STRICT_SLASHES};
		number(s->asked[i], shape->asked, i);
		if (router_add(s->router, &r, NULL, NULL, NULL, &s->a, &why))
			stop(why);
	}
	if (router_compile(s->router, &s->a, &why))
		stop("out of memory");
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void ask(struct site *s, bool all)
{
	struct lookup q = {.method = "GET", .query = "", .domain = ""};
	struct match m;

	for (size_t i = 0; i < ASKED; i++) {
		q.raw_path = s->asked[all ? i % s->n : s->n / 2];
		arena_reset(&s->a);
		if (router_match(s->router, &s->a, NULL, &q, &m) || m.kind != MATCH_FOUND)
			stop("a rule is not found");
	}
}

/* Nanoseconds per match. */
static double measure(struct site *s, bool all)
{
	ask(s, all);
	double start = now();
	ask(s, all);
	return (now() - start) / ASKED;
}

static void compare(const struct shape *shape)
{
	struct site few, many;
	double best[4] = {1e9, 1e9, 1e9, 1e9};

	fill(&few, shape, FEW);
	fill(&many, shape, MANY);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < 4; i++) {
			double ns = measure(i % 2 ? &many : &few, i / 2);
			best[i] = ns < best[i] ? ns : best[i];
		}
	printf("%-14s%8.0f%8.0f%8.2f%12.0f%8.0f%8.2f\n", shape->name, best[0], best[1],
	       best[1] / best[0], best[2], best[3], best[3] / best[2]);
}

int main(void)
{
	printf("%-14s%8s%8s%8s%12s%8s%8s\n", "ns a match", "same", "", "", "all in turn", "", "");
	printf("%-14s%8d%8d%8s%12d%8d%8s\n", "rules", FEW, MANY, "ratio", FEW, MANY, "ratio");
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		compare(&shapes[i]);
	return 0;
}
