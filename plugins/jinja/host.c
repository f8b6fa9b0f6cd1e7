#include "host.h"

#include <cruet/json.h>
#include <stdio.h>

#include "json_text.h"

enum { ARGS_MAX = 32, NAME_MAX_ = 256 };

/* What came back is no value of the engine's own, and a text that can be shown. */
static val taken(struct render *r, const char *who, val v)
{
	if (v.kind > CRUET_VALUE_HOST)
		return fail(r, "TypeError", "%s gave a value of the unknown kind %u", who, v.kind);
	if (v.kind == V_TEXT && !v.as.s)
		return val_none();
	if (v.kind == V_JSON)
		return val_of_json(v.as.json);
	return v;
}

static val refused(struct render *r, int code, const char *who)
{
	char what[200];

	if (r->failed)
		return val_none();
	snprintf(what, sizeof what, "%s failed: %s", who,
		 code < 0 ? cruet_strerror(code) : "it says so");
	return fail_code(r, code, what);
}

/* Lists and dictionaries of the engine as JSON, which lives as long as the request. */
static bool outward(struct render *r, const char *who, val v, val *out)
{
	*out = v;
	if (v.kind <= CRUET_VALUE_HOST)
		return true;
	if (v.kind == V_OBJECT || !r->c) {
		fail(r, "TypeError", "a %s cannot be given to code of the application",
		     val_type(v));
		return false;
	}
	if (v.kind == V_ITER || v.kind == V_RANGE)
		v = val_ptr(V_LIST, to_list(r, v));
	size_t from = r->out->len;
	json_print(r, r->out, v, -1);
	val text = render_take(r, from, false);
	if (r->failed)
		return false;
	const cruet_json *j = cruet_json_parse(r->c, text.as.s, text.len);
	if (!j) {
		fail(r, "ValueError", "a %s cannot be given to %s: %s", val_type(v), who,
		     cruet_err_text(r->c));
		cruet_err_clear(r->c);
		return false;
	}
	*out = val_of_json(j);
	return true;
}

static bool outward_all(struct render *r, const char *who, const struct args *a, val *v,
			const char **names)
{
	if (a->n + a->nnamed > ARGS_MAX) {
		fail(r, "TypeError", "%s takes at most %d arguments", who, ARGS_MAX);
		return false;
	}
	for (size_t i = 0; i < a->n; i++) {
		names[i] = NULL;
		if (!outward(r, who, a->v[i], &v[i]))
			return false;
	}
	for (size_t i = 0; i < a->nnamed; i++) {
		val name = render_copy(r, a->named[i].name, a->named[i].len, false);
		names[a->n + i] = name.as.s;
		if (r->failed || !outward(r, who, a->named[i].v, &v[a->n + i]))
			return false;
	}
	return true;
}

val custom_call(struct render *r, const struct word *w, struct args *all)
{
	val v[ARGS_MAX], out = val_none();
	const char *names[ARGS_MAX];

	if (all->nnamed)
		return fail(r, "TypeError", "%s() takes no keyword arguments", w->name);
	if (!outward_all(r, w->name, all, v, names))
		return val_none();
	int err = w->custom(r->c, v, all->n, w->arg, &out);
	return err ? refused(r, err, w->name) : taken(r, w->name, out);
}

val host_call(struct render *r, const struct cruet_template_object *h, struct args *a)
{
	val v[ARGS_MAX], out = val_none();
	const char *names[ARGS_MAX];

	if (!outward_all(r, h->type->name, a, v, names))
		return val_none();
	int err = h->type->call(r->c, h->self, v, names, a->n + a->nnamed, &out);
	return err ? refused(r, err, h->type->name) : taken(r, h->type->name, out);
}

val host_get(struct render *r, const struct cruet_template_object *h, const char *name, size_t len)
{
	char buf[NAME_MAX_];
	val out = val_none();

	if (!h->type->get || len >= sizeof buf || memchr(name, 0, len))
		return val_missing();
	memcpy(buf, name, len);
	buf[len] = 0;
	int err = h->type->get(r->c, h->self, buf, &out);
	if (err == CRUET_ENOENT)
		return val_missing();
	return err ? refused(r, err, h->type->name) : taken(r, h->type->name, out);
}

bool host_row(struct render *r, const struct cruet_template_object *h, size_t i, val *out)
{
	int err = h->type->row(r->c, h->self, i, out);

	if (err && err != CRUET_ENOENT)
		refused(r, err, h->type->name);
	if (!err)
		*out = taken(r, h->type->name, *out);
	return !err && !r->failed;
}

int64_t host_count(struct render *r, const struct cruet_template_object *h)
{
	return h->type->count ? (int64_t)h->type->count(r->c, h->self) : -1;
}

val host_text(struct render *r, const struct cruet_template_object *h)
{
	val out = val_none();

	if (!h->type->text)
		return render_printf(r, "<%s>", h->type->name);
	int err = h->type->text(r->c, h->self, &out);
	return err ? refused(r, err, h->type->name) : val_str(r, taken(r, h->type->name, out));
}
