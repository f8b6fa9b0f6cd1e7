/* Calls: of filters and tests, methods, functions, macros and whatever else can be called. */
#include "host.h"
#include "render.h"

enum { FEW = 8 };

/* Adds the members of **v. */
static bool spread_names(struct render *r, struct args *a, val v)
{
	struct iter it;
	val key, value;

	if (!is_mapping(v)) {
		fail(r, "TypeError", "argument after ** must be a mapping, not %s", val_type(v));
		return false;
	}
	size_t n = (size_t)val_len(r, v);
	struct named_arg *all = render_alloc(r, (a->nnamed + n) * sizeof *all + 1);
	if (!all || !iter_open(r, &it, v))
		return false;
	if (a->nnamed)
		memcpy(all, a->named, a->nnamed * sizeof *all);
	a->named = all;
	while (iter_pair(r, &it, &key, &value)) {
		if (!is_text(key)) {
			fail(r, "TypeError", "keywords must be strings");
			return false;
		}
		all[a->nnamed++] = (struct named_arg){key.as.s, key.len, value};
	}
	return !r->failed;
}

static bool spread(struct render *r, struct args *a, val v)
{
	struct list *more = to_list(r, v);

	if (!more)
		return false;
	val *all = render_alloc(r, (a->n + more->n + 1) * sizeof *all);
	if (!all)
		return false;
	memcpy(all, a->v - 1, (a->n + 1) * sizeof *all);
	if (more->n)
		memcpy(all + 1 + a->n, more->v, more->n * sizeof *all);
	a->v = all + 1;
	a->n += more->n;
	return true;
}

bool eval_args(struct render *r, const struct call_node *c, struct args *a, val *buf, size_t room)
{
	a->v = buf + 1;
	if (!c)
		return true;
	if (c->n + 1 > room) {
		buf = render_alloc(r, (c->n + 1) * sizeof *buf);
		if (!buf)
			return false;
		a->v = buf + 1;
	}
	*buf = val_none();
	for (const struct node *n = c->args; n; n = n->next)
		a->v[a->n++] = eval(r, n);
	if (c->nnamed) {
		a->named = render_alloc(r, c->nnamed * sizeof *a->named);
		if (!a->named)
			return false;
	}
	for (uint32_t i = 0; i < c->nnamed; i++)
		a->named[a->nnamed++] = (struct named_arg){
			c->named[i].name.s, c->named[i].name.len, eval(r, c->named[i].value)};
	if (c->star && !spread(r, a, eval(r, c->star)))
		return false;
	if (c->star_star && !spread_names(r, a, eval(r, c->star_star)))
		return false;
	return !r->failed;
}

/* It stays behind the others: what calls again with the same arguments finds it there. */
val args_take(struct args *a, const char *name, size_t len)
{
	for (size_t i = 0; i < a->nnamed; i++) {
		struct named_arg found = a->named[i];
		if (found.len != len || memcmp(found.name, name, len) != 0)
			continue;
		a->nnamed--;
		memmove(&a->named[i], &a->named[i + 1], (a->nnamed - i) * sizeof found);
		a->named[a->nnamed] = found;
		return found.v;
	}
	return val_missing();
}

/* --- words ------------------------------------------------------------------------------------ */

/* Puts named arguments where they belong. */
static bool bind_names(struct render *r, const struct word *w, val *out, size_t max,
		       const struct args *all)
{
	for (size_t i = 0; i < all->nnamed; i++) {
		const struct named_arg *a = &all->named[i];
		size_t at = 0;
		while (at < max && (strlen(w->params[at]) != a->len ||
				    memcmp(w->params[at], a->name, a->len) != 0))
			at++;
		if (at == max) {
			fail(r, "TypeError", "%s() got an unexpected keyword argument '%.*s'",
			     w->name, (int)a->len, a->name);
			return false;
		}
		if (!is_missing(out[at])) {
			fail(r, "TypeError", "%s() got multiple values for argument '%s'", w->name,
			     w->params[at]);
			return false;
		}
		out[at] = a->v;
	}
	return true;
}

static val call_bound(struct render *r, const struct word *w, struct args *all)
{
	val out[WORD_PARAMS];
	size_t max = 0;

	while (max < WORD_PARAMS && w->params[max])
		max++;
	if (all->n > max)
		return fail(r, "TypeError", "%s() takes at most %zu arguments (%zu given)", w->name,
			    max, all->n);
	for (size_t i = 0; i < WORD_PARAMS; i++)
		out[i] = i < all->n ? all->v[i] : val_missing();
	if (all->nnamed && !bind_names(r, w, out, max, all))
		return val_none();
	for (size_t i = 0; i < w->required; i++)
		if (is_missing(out[i]))
			return fail(r, "TypeError", "%s() missing the argument '%s'", w->name,
				    w->params[i]);
	return w->fn(r, out, all);
}

val words_call(struct render *r, const struct word *w, struct args *all)
{
	if (r->failed)
		return val_none();
	if (w->custom)
		return custom_call(r, w, all);
	if (w->params[0])
		return call_bound(r, w, all);
	return w->fn(r, all->v, all);
}

val eval_filter(struct render *r, const struct node *n, val v)
{
	val buf[FEW + 1];
	struct args a = {0};

	if (!n->u.call.word)
		return fail(r, "TemplateRuntimeError", "No filter named '%.*s' found.",
			    (int)n->u.call.name.len, n->u.call.name.s);
	if (!eval_args(r, n->u.call.args, &a, buf, FEW + 1))
		return val_none();
	*--a.v = v;
	a.n++;
	return words_call(r, n->u.call.word, &a);
}

val eval_test(struct render *r, const struct node *n)
{
	val buf[FEW + 1];
	struct args a = {0};

	if (!n->u.call.word)
		return fail(r, "TemplateRuntimeError", "No test named '%.*s' found.",
			    (int)n->u.call.name.len, n->u.call.name.s);
	val v = eval(r, n->u.call.a);
	if (!eval_args(r, n->u.call.args, &a, buf, FEW + 1))
		return val_none();
	*--a.v = v;
	a.n++;
	return words_call(r, n->u.call.word, &a);
}

/* --- methods ------------------------------------------------------------------------------------ */

struct method {
	struct object object;
	val of;
	const struct word *word;
};

val method_bind(struct render *r, val of, const struct word *w)
{
	struct method *m = render_alloc(r, sizeof *m);

	if (!m)
		return val_none();
	*m = (struct method){{&method_type}, of, w};
	return val_object(&m->object);
}

static val method_call(struct render *r, void *self, struct args *a)
{
	struct method *m = self;

	*--a->v = m->of;
	a->n++;
	return words_call(r, m->word, a);
}

static void method_text(struct render *r, void *self, struct out *o)
{
	struct method *m = self;

	(void)r;
	out_printf(o, "<built-in method %s of %s object>", m->word->name, val_type(m->of));
}

const struct object_type method_type = {"builtin_function_or_method", NULL, method_call,
					method_text};

/* --- values ------------------------------------------------------------------------------------- */

val call_value(struct render *r, val f, struct args *a)
{
	if (r->failed)
		return val_none();
	if (f.kind == V_OBJECT) {
		const struct object *o = f.as.p;
		if (o->type->call) {
			if (!deeper(r))
				return val_none();
			val v = o->type->call(r, (void *)f.as.p, a);
			r->depth--;
			return v;
		}
	}
	if (f.kind == V_HOST && f.as.host->type->call)
		return host_call(r, f.as.host, a);
	if (is_undef(f))
		return fail_undefined(r, f);
	return fail(r, "TypeError", "'%s' object is not callable", val_type(f));
}

val call_simple(struct render *r, val f, val *v, size_t n)
{
	struct args a = {.v = v, .n = n};

	return call_value(r, f, &a);
}

/* of.name(...): the method itself, without a value that stands for it. */
static bool as_method(struct render *r, const struct node *n, val *f, const struct word **word,
		      val *of)
{
	const struct node *target = n->u.call.a;

	if (target->op != E_ATTR) {
		*f = eval(r, target);
		return false;
	}
	*of = eval(r, target->u.attr.a);
	*word = method_find(*of, target->u.attr.name.s, target->u.attr.name.len);
	if (*word)
		return true;
	*f = get_attr(r, *of, &target->u.attr.name);
	return false;
}

static bool add_caller(struct render *r, struct args *a, val caller)
{
	struct named_arg *all = render_alloc(r, (a->nnamed + 1) * sizeof *all);

	if (!all)
		return false;
	if (a->nnamed)
		memcpy(all, a->named, a->nnamed * sizeof *all);
	all[a->nnamed++] = (struct named_arg){"caller", 6, caller};
	a->named = all;
	return true;
}

val eval_call(struct render *r, const struct node *n, const val *caller)
{
	const struct word *word = NULL;
	val buf[FEW + 2], f = val_none(), of = val_none();
	struct args a = {0};
	bool method = as_method(r, n, &f, &word, &of);

	if (r->failed || !eval_args(r, n->u.call.args, &a, buf, FEW + 2))
		return val_none();
	if (caller && !add_caller(r, &a, *caller))
		return val_none();
	if (!method)
		return call_value(r, f, &a);
	*--a.v = of;
	a.n++;
	return words_call(r, word, &a);
}
