#include "app/pattern.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

struct reader {
	struct pattern *out;
	const struct pattern_env *env;
	const char **why;
	struct variable vars[PATTERN_VARS_MAX];
	/* the part that is being read */
	struct item items[PATTERN_ITEMS_MAX];
	size_t nitems;
	int static_lens[PATTERN_ITEMS_MAX], var_weights[PATTERN_ITEMS_MAX];
	int nstatic, nvars;
	bool final;
};

static bool fail(struct reader *r, const char *why)
{
	*r->why = why;
	return false;
}

static void *copy(struct arena *a, const void *p, size_t size)
{
	void *q = arena_alloc(a, size);
	return q && size ? memcpy(q, p, size) : q;
}

static bool add_trace(struct reader *r, const char *text, unsigned var)
{
	struct pattern *p = r->out;
	p->trace = arena_more(r->env->keep, p->trace, p->ntrace, sizeof *p->trace);
	if (!p->trace)
		return false;
	p->trace[p->ntrace++] = (struct trace){text, var};
	return true;
}

static bool add_item(struct reader *r, struct item it)
{
	if (r->nitems == PATTERN_ITEMS_MAX)
		return fail(r, "too many pieces of text and variables");
	r->items[r->nitems++] = it;
	return true;
}

/* Text joins the text before it. */
static bool add_text(struct reader *r, const char *s, size_t len)
{
	struct item *last = r->nitems ? &r->items[r->nitems - 1] : NULL;
	if (last && last->text) {
		last->text = arena_printf(r->env->scratch, "%.*s%.*s", (int)last->len, last->text,
					  (int)len, s);
		last->len += len;
		return last->text != NULL;
	}
	const char *text = arena_strndup(r->env->scratch, s, len);
	return text && add_item(r, (struct item){.text = text, .len = len});
}

static bool end_part(struct reader *r, bool suffixed)
{
	struct pattern *p = r->out;
	struct arena *a = r->env->scratch;
	struct part part = {
		.is_static = !r->nvars,
		.final = r->final,
		.suffixed = suffixed,
		.nstatic = r->nstatic,
		.nvars = r->nvars,
		.static_lens = copy(a, r->static_lens, (size_t)r->nstatic * sizeof(int)),
		.var_weights = copy(a, r->var_weights, (size_t)r->nvars * sizeof(int)),
	};
	if (!r->nitems && !add_text(r, "", 0))
		return false;
	part.items = copy(a, r->items, r->nitems * sizeof *part.items);
	part.nitems = r->nitems;
	p->parts = arena_more(a, p->parts, p->nparts, sizeof *p->parts);
	if (!p->parts || !part.items || !part.static_lens || !part.var_weights)
		return false;
	p->parts[p->nparts++] = part;
	r->nitems = 0;
	r->nstatic = r->nvars = 0;
	r->final = false;
	return true;
}

static size_t name_len(const char *s)
{
	size_t n = 0;
	if (!is_alpha(*s) && *s != '_')
		return 0;
	while (is_alnum(s[n]) || s[n] == '_')
		n++;
	return n;
}

static const struct conv *share(const struct pattern_env *env, const struct conv *cv)
{
	struct conv_pool *pool = env->pool;

	for (size_t i = 0; i < pool->n; i++)
		if (conv_same(pool->convs[i], cv))
			return pool->convs[i];
	const struct conv *kept = copy(env->keep, cv, sizeof *cv);
	if (kept && pool->n < sizeof pool->convs / sizeof *pool->convs)
		pool->convs[pool->n++] = kept;
	return kept;
}

static bool add_variable(struct reader *r, const char *conv, size_t conv_len, const char *args,
			 size_t args_len, const char *name, size_t n)
{
	struct pattern *p = r->out;
	const struct pattern_env *env = r->env;
	struct conv cv;

	if (p->nvars == PATTERN_VARS_MAX)
		return fail(r, "more than 32 variables");
	const char *var = arena_strndup(env->keep, name, n);
	const char *kind = conv_len ? arena_strndup(env->scratch, conv, conv_len) : "default";
	if (!var || !kind)
		return false;
	for (unsigned i = 0; i < p->nvars; i++)
		if (!strcmp(r->vars[i].name, var))
			return fail(r, arena_printf(env->keep, "the variable '%s' is used twice",
						    var));
	if (!conv_init(&cv, kind, args, args_len, env, r->why))
		return false;
	const struct conv *kept = share(env, &cv);
	if (!kept)
		return false;
	r->vars[p->nvars] = (struct variable){var, kept};
	r->final |= kept->slashes;
	r->var_weights[r->nvars++] = kept->weight;
	return add_item(r, (struct item){.conv = kept}) && add_trace(r, NULL, p->nvars++);
}

/* <name>, <conv:name> or <conv(args):name>; the brackets of the arguments end
 * where ":name>" follows. Returns what comes after, or NULL. */
static const char *read_variable(struct reader *r, const char *p)
{
	const char *conv = p + 1;
	size_t n = name_len(conv);
	const char *after = conv + n;

	if (n && *after == '>')
		return add_variable(r, NULL, 0, NULL, 0, conv, n) ? after + 1 : NULL;
	if (n && *after == ':') {
		size_t m = name_len(after + 1);
		if (m && after[1 + m] == '>')
			return add_variable(r, conv, n, NULL, 0, after + 1, m) ? after + m + 2
									       : NULL;
	}
	if (n && *after == '(') {
		const char *args = after + 1;
		for (const char *close = args; (close = strchr(close, ')')); close++) {
			size_t m = close[1] == ':' ? name_len(close + 2) : 0;
			if (m && close[2 + m] == '>')
				return add_variable(r, conv, n, args, (size_t)(close - args),
						    close + 2, m)
					       ? close + 3 + m
					       : NULL;
		}
	}
	fail(r, "malformed: expected <name>, <converter:name> or <converter(arguments):name>");
	return NULL;
}

static bool ends_with_slash(const struct reader *r)
{
	const struct item *last = r->nitems ? &r->items[r->nitems - 1] : NULL;
	return last && last->text && last->len && last->text[last->len - 1] == '/';
}

static bool read_text(struct reader *r, const char *text)
{
	for (const char *p = text; *p;) {
		if (*p == '/') {
			if (!add_trace(r, "/", 0))
				return false;
			if (r->final ? !add_text(r, "/", 1) : !end_part(r, false))
				return false;
			p++;
		} else if (*p == '<') {
			p = read_variable(r, p);
			if (!p)
				return false;
		} else {
			size_t n = strcspn(p, "</");
			const char *s = arena_strndup(r->env->keep, p, n);
			if (!s || !add_text(r, p, n) || !add_trace(r, s, 0))
				return false;
			r->static_lens[r->nstatic++] = -(int)n;
			p += n;
		}
		if (r->nstatic == PATTERN_ITEMS_MAX || r->nvars == PATTERN_ITEMS_MAX)
			return fail(r, "too many pieces of text and variables");
	}
	bool suffixed = r->final && ends_with_slash(r);
	if (suffixed) { /* the slash becomes a part of its own, which may be missing */
		struct item *last = &r->items[r->nitems - 1];
		if (!--last->len)
			r->nitems--;
	}
	return end_part(r, suffixed) && (!suffixed || end_part(r, false));
}

bool pattern_read(struct pattern *out, const char *domain, const char *path,
		  const struct pattern_env *env, const char **why)
{
	struct reader r = {.out = out, .env = env, .why = why};

	memset(out, 0, sizeof *out);
	*why = NULL;
	if (strchr(domain, '/'))
		return fail(&r, "a domain may not hold a slash");
	if (!read_text(&r, domain))
		return false;
	out->domain_trace = out->ntrace;
	if (!read_text(&r, path))
		return false;
	out->vars = copy(env->keep, r.vars, out->nvars * sizeof *r.vars);
	return out->vars;
}

bool part_same(const struct part *a, const struct part *b)
{
	if (a->nitems != b->nitems || a->is_static != b->is_static || a->final != b->final ||
	    a->suffixed != b->suffixed)
		return false;
	for (size_t i = 0; i < a->nitems; i++) {
		const struct item *x = &a->items[i], *y = &b->items[i];
		if (!x->text != !y->text)
			return false;
		if (x->text ? x->len != y->len || memcmp(x->text, y->text, x->len) != 0
			    : !conv_same_shape(x->conv, y->conv))
			return false;
	}
	return true;
}

uint32_t part_hash(const struct part *p)
{
	uint32_t h = (uint32_t)p->nitems;

	for (size_t i = 0; i < p->nitems; i++) {
		const struct item *it = &p->items[i];
		h = h * 31 + (it->text ? text_hash(it->text, it->len) : (uint32_t)it->conv->kind);
	}
	return h;
}

static int compare_lists(const int *a, int n, const int *b, int m)
{
	for (int i = 0; i < n && i < m; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return n < m ? -1 : n > m;
}

/* More text first, longer text first, fewer... as Werkzeug weighs it: (-texts,
 * lengths, -variables, weights of converters). */
int part_compare(const struct part *a, const struct part *b)
{
	if (a->nstatic != b->nstatic)
		return a->nstatic > b->nstatic ? -1 : 1;
	int c = compare_lists(a->static_lens, a->nstatic, b->static_lens, b->nstatic);
	if (c)
		return c;
	if (a->nvars != b->nvars)
		return a->nvars > b->nvars ? -1 : 1;
	return compare_lists(a->var_weights, a->nvars, b->var_weights, b->nvars);
}
