/* The functions that all templates have. */
#include "text.h"

static val f_range(struct render *r, val *a, struct args *all)
{
	int64_t first = whole_arg(r, a[0], 0);
	struct range *n = render_alloc(r, sizeof *n);

	(void)all;
	if (!n || r->failed)
		return val_none();
	*n = (struct range){0, first, 1};
	if (!is_missing(a[1]))
		*n = (struct range){first, whole_arg(r, a[1], 0), whole_arg(r, a[2], 1)};
	if (!n->step)
		return fail(r, "ValueError", "range() arg 3 must not be zero");
	return val_ptr(V_RANGE, n);
}

static val f_dict(struct render *r, val *unused, struct args *all)
{
	(void)unused;
	return dict_from(r, all);
}

static val f_namespace(struct render *r, val *unused, struct args *all)
{
	(void)unused;
	return namespace_new(r, all);
}

/* --- cycler and joiner ---------------------------------------------------------------------------- */

struct cycler {
	struct object object;
	val *v;
	size_t n, at;
};

static val cycler_next(struct render *r, val *a, struct args *all)
{
	struct cycler *c = (struct cycler *)all->v[0].as.p;
	val v = c->v[c->at];

	(void)r;
	(void)a;
	c->at = (c->at + 1) % c->n;
	return v;
}

static val cycler_reset(struct render *r, val *a, struct args *all)
{
	(void)r;
	(void)a;
	((struct cycler *)all->v[0].as.p)->at = 0;
	return val_none();
}

static const struct word next_word = {.name = "next", .fn = cycler_next};
static const struct word reset_word = {.name = "reset", .fn = cycler_reset};

static bool is(const char *name, size_t len, const char *what)
{
	return strlen(what) == len && !memcmp(name, what, len);
}

static val cycler_get(struct render *r, void *self, const char *name, size_t len)
{
	struct cycler *c = self;

	if (is(name, len, "current"))
		return c->v[c->at];
	if (is(name, len, "pos"))
		return val_int((int64_t)c->at);
	if (is(name, len, "next"))
		return method_bind(r, val_object(&c->object), &next_word);
	if (is(name, len, "reset"))
		return method_bind(r, val_object(&c->object), &reset_word);
	return val_missing();
}

static const struct object_type cycler_type = {"Cycler", cycler_get, NULL, NULL};

static val f_cycler(struct render *r, val *unused, struct args *all)
{
	struct cycler *c = render_alloc(r, sizeof *c);
	val *v = render_alloc(r, (all->n + 1) * sizeof *v);

	(void)unused;
	if (!c || !v)
		return val_none();
	if (!all->n)
		return fail(r, "RuntimeError", "at least one item has to be provided");
	memcpy(v, all->v, all->n * sizeof *v);
	*c = (struct cycler){{&cycler_type}, v, all->n, 0};
	return val_object(&c->object);
}

struct joiner {
	struct object object;
	val sep;
	bool used;
};

static val joiner_call(struct render *r, void *self, struct args *all)
{
	struct joiner *j = self;

	(void)r;
	(void)all;
	if (j->used)
		return j->sep;
	j->used = true;
	return val_text("", 0);
}

static const struct object_type joiner_type = {"Joiner", NULL, joiner_call, NULL};

static val f_joiner(struct render *r, val *a, struct args *all)
{
	struct joiner *j = render_alloc(r, sizeof *j);

	(void)all;
	if (!j)
		return val_none();
	*j = (struct joiner){{&joiner_type}, is_missing(a[0]) ? val_text(", ", 2) : a[0], false};
	return val_object(&j->object);
}

/* --- filler text ------------------------------------------------------------------------------------ */

static const char *const lorem[] = {
	"a",	    "ac",	"accumsan", "ad",	"adipiscing", "aenean",	  "aliquam",
	"aliquet",  "amet",	"ante",	    "aptent",	"arcu",	      "at",	  "auctor",
	"augue",    "bibendum", "blandit",  "class",	"commodo",    "congue",	  "consectetuer",
	"consequat", "conubia",	"convallis", "cras",	"cubilia",    "cum",	  "curabitur",
	"dapibus",  "diam",	"dictum",   "dignissim", "dis",	      "dolor",	  "donec",
	"dui",	    "duis",	"egestas",  "eget",	"eleifend",   "elementum", "elit",
	"enim",	    "erat",	"eros",	    "est",	"et",	      "etiam",	  "euismod",
	"facilisi", "fames",	"felis",    "fermentum", "feugiat",   "fringilla", "fusce"};

uint32_t render_dice(struct render *r, uint32_t sides)
{
	r->dice = r->dice * 1664525u + 1013904223u;
	return sides ? (uint32_t)((uint64_t)r->dice * sides >> 32) : 0;
}

static void paragraph(struct render *r, int64_t words)
{
	bool begins = true;

	for (int64_t i = 0; i < words && round_more(r); i++) {
		const char *word = lorem[render_dice(r, sizeof lorem / sizeof *lorem)];
		bool ends = i + 1 == words || (!begins && render_dice(r, 9) == 0);
		out_str(r->out, i ? " " : "");
		out_char(r->out, begins ? (char)(*word - 32) : *word);
		out_str(r->out, word + 1);
		if (ends)
			out_char(r->out, '.');
		else if (render_dice(r, 6) == 0)
			out_char(r->out, ',');
		begins = ends;
	}
}

static val f_lipsum(struct render *r, val *a, struct args *all)
{
	int64_t n = whole_arg(r, a[0], 5);
	bool html = flag_arg(r, a[1], true);
	int64_t min = whole_arg(r, a[2], 20), max = whole_arg(r, a[3], 100);
	size_t from = r->out->len;

	(void)all;
	if (min < 0 || max <= min || max > 10000)
		return fail(r, "ValueError", "lipsum() wants 0 <= min < max <= 10000");
	for (int64_t i = 0; i < n && round_more(r) && !r->out->trouble; i++) {
		out_str(r->out, i ? html ? "\n" : "\n\n" : "");
		out_str(r->out, html ? "<p>" : "");
		paragraph(r, min + render_dice(r, (uint32_t)(max - min)));
		out_str(r->out, html ? "</p>" : "");
	}
	return render_take(r, from, html);
}

/* --- texts that could be translated, as they are ------------------------------------------------------ */

static val f_gettext(struct render *r, val *a, struct args *all)
{
	(void)all;
	return soft_str(r, a[0]);
}

static val f_ngettext(struct render *r, val *a, struct args *all)
{
	(void)all;
	return soft_str(r, val_equal(r, a[2], val_int(1)) ? a[0] : a[1]);
}

static val f_pgettext(struct render *r, val *a, struct args *all)
{
	(void)all;
	return soft_str(r, a[1]);
}

static val f_npgettext(struct render *r, val *a, struct args *all)
{
	(void)all;
	return soft_str(r, val_equal(r, a[3], val_int(1)) ? a[1] : a[2]);
}

const struct word functions_all[] = {
	{"range", f_range, {"start", "stop", "step"}, 1},
	{.name = "dict", .fn = f_dict},
	{.name = "namespace", .fn = f_namespace},
	{.name = "cycler", .fn = f_cycler},
	{"joiner", f_joiner, {"sep"}, 0},
	{"lipsum", f_lipsum, {"n", "html", "min", "max"}, 0},
	{"_", f_gettext, {"message"}, 1},
	{"gettext", f_gettext, {"message"}, 1},
	{"ngettext", f_ngettext, {"singular", "plural", "n"}, 3},
	{"pgettext", f_pgettext, {"context", "message"}, 2},
	{"npgettext", f_npgettext, {"context", "singular", "plural", "n"}, 4},
	{.name = NULL}};
