/* JSON for people and for diffs: members in the order of their names, two spaces for each
 * level. */
#include <cruet.h>
#include <cruet/svc/json.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 1024 };

struct out {
	cruet_ctx *c;
	char *p;
	size_t len, cap;
	int err;
};

static void put(struct out *o, const char *s)
{
	size_t n = s ? strlen(s) : 0;

	if (!s)
		o->err = cruet_err(o->c);
	if (!o->err && n > o->cap - o->len) {
		size_t cap = (o->cap + n) * 2;
		char *p = cruet_alloc(o->c, cap);
		if (!p) {
			o->err = CRUET_ENOMEM;
			return;
		}
		memcpy(p, o->p, o->len);
		o->p = p;
		o->cap = cap;
	}
	if (o->err)
		return;
	memcpy(o->p + o->len, s, n);
	o->len += n;
}

static void put_line(struct out *o, int level)
{
	put(o, "\n");
	while (level-- > 0)
		put(o, "  ");
}

/* A text of its own is written as one that stands in a list. */
static void put_name(struct out *o, const char *name)
{
	cruet_json *list = cruet_array(o->c);

	cruet_push_str(list, name);
	put(o, cruet_json_text(o->c, cruet_json_first(list), NULL));
	put(o, ": ");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(cruet_json_name(*(const cruet_json *const *)a),
		      cruet_json_name(*(const cruet_json *const *)b));
}

static const cruet_json **members(struct out *o, const cruet_json *j, size_t *n)
{
	const cruet_json **list =
		cruet_alloc(o->c, (cruet_json_len(j) + 1) * sizeof *list);

	*n = 0;
	if (!list) {
		o->err = CRUET_ENOMEM;
		return NULL;
	}
	for (const cruet_json *v = cruet_json_first(j); v; v = cruet_json_next(v))
		list[(*n)++] = v;
	if (cruet_json_kind(j) == CRUET_JSON_OBJECT)
		qsort(list, *n, sizeof *list, by_name);
	return list;
}

static void put_value(struct out *o, const cruet_json *j, int level)
{
	bool object = cruet_json_kind(j) == CRUET_JSON_OBJECT;
	size_t n;

	if (!cruet_json_first(j)) {
		put(o, cruet_json_text(o->c, j, NULL));
		return;
	}
	const cruet_json **list = members(o, j, &n);
	put(o, object ? "{" : "[");
	for (size_t i = 0; !o->err && i < n; i++) {
		put(o, i ? "," : "");
		put_line(o, level + 1);
		if (object)
			put_name(o, cruet_json_name(list[i]));
		put_value(o, list[i], level + 1);
	}
	put_line(o, level);
	put(o, object ? "}" : "]");
}

static int write_json(void *self, cruet_ctx *c, const cruet_json *j, const char **p,
		      size_t *len)
{
	struct out o = {.c = c, .p = cruet_alloc(c, FIRST), .cap = FIRST};

	(void)self;
	if (!o.p)
		return CRUET_ENOMEM;
	put_value(&o, j, 0);
	put(&o, "\n");
	*p = o.p;
	*len = o.len;
	return o.err;
}

static const cruet_json_writer writer = {.size = sizeof writer, .write = write_json};

static int init(cruet_app *app)
{
	return cruet_provide(app, CRUET_JSON, &writer, NULL);
}

CRUET_PLUGIN(sorted_json, .version = "1.0.0", .summary = "JSON for people and for diffs",
	     .flags = CRUET_UNLOADABLE,
	     .provides = (const char *const[]){CRUET_JSON, NULL}, .init = init);
