/* macro, call, namespace. */
#include "render.h"

struct macro {
	struct object object;
	const struct macro_node *node;
	const struct template *t;
	struct act *up;
	struct context *context;
	bool anonymous;
};

/* --- arguments ------------------------------------------------------------------------------ */

static bool too_many(struct render *r, const struct macro_node *m, const struct args *a)
{
	if (a->nnamed && !m->uses_kwargs) {
		const struct named_arg *n = &a->named[0];
		if (n->len == 6 && !memcmp(n->name, "caller", 6))
			fail(r, "TypeError",
			     "macro '%.*s' was invoked with two values for the special caller "
			     "argument. This is most likely a bug.",
			     (int)m->name.len, m->name.s);
		else
			fail(r, "TypeError", "macro '%.*s' takes no keyword argument '%.*s'",
			     (int)m->name.len, m->name.s, (int)n->len, n->name);
		return true;
	}
	if (a->n > m->nargs && !m->uses_varargs) {
		fail(r, "TypeError", "macro '%.*s' takes not more than %u argument(s)",
		     (int)m->name.len, m->name.s, m->nargs);
		return true;
	}
	return false;
}

static void give_kwargs(struct render *r, const struct macro_node *m, const struct args *a)
{
	struct dict *d = dict_new(r);

	for (size_t i = 0; d && i < a->nnamed; i++)
		dict_put(r, d, val_text(a->named[i].name, a->named[i].len), a->named[i].v);
	assign_place(r, m->kwargs, val_ptr(V_DICT, d));
}

static void give_varargs(struct render *r, const struct macro_node *m, const struct args *a)
{
	struct list *l = list_new(r, 0);

	for (size_t i = m->nargs; l && i < a->n; i++)
		list_push(r, l, a->v[i]);
	assign_place(r, m->varargs, val_ptr(V_TUPLE, l));
}

/* Fills the parameters; in the frame of the macro already. */
static void give(struct render *r, const struct macro_node *m, struct args *a)
{
	bool caller_given = a->n >= m->nargs && m->explicit_caller;
	size_t i = 0;

	for (const struct node *p = m->args; p; p = p->next, i++) {
		const struct name *name = &p->u.var.name;
		bool given = i < a->n;
		val v = given ? a->v[i] : args_take(a, name->s, name->len);
		caller_given |= !given && name->len == 6 && !memcmp(name->s, "caller", 6);
		assign_place(r, p->u.var.at, v);
	}
	if (m->uses_caller && !caller_given) {
		val caller = args_take(a, "caller", 6);
		if (is_missing(caller) || caller.kind == V_NONE)
			caller = undefined_hint(r, "No caller defined");
		assign_place(r, m->caller, caller);
	}
	if (too_many(r, m, a))
		return;
	if (m->uses_kwargs)
		give_kwargs(r, m, a);
	if (m->uses_varargs)
		give_varargs(r, m, a);
}

/* Those that were not given have their default, each of which sees those before it. */
static void defaults(struct render *r, const struct macro_node *m)
{
	const struct node *def = m->defaults;
	size_t i = 0;

	for (const struct node *p = m->args; p; p = p->next, i++) {
		bool has = i >= m->nargs - m->ndefaults;
		if (is_missing(read_place(r, p->u.var.at))) {
			val v = has ? eval(r, def)
				    : undefined_hint(
					      r, render_printf(r, "parameter '%.*s' was not provided",
							       (int)p->u.var.name.len,
							       p->u.var.name.s)
							 .as.s);
			assign_place(r, p->u.var.at, v);
		}
		if (has)
			def = def->next;
	}
}

/* --- calling -------------------------------------------------------------------------------- */

static val macro_call(struct render *r, void *self, struct args *a)
{
	struct macro *m = self;
	struct act *act = act_open(r, m->node->slots, m->up), *before = r->act;
	struct context *context = r->context;
	const struct template *t = r->t;
	uint32_t line = r->line;
	bool safe = context->escape; /* of the caller */
	size_t from = r->out->len;

	if (!act)
		return val_none();
	r->act = act;
	r->context = m->context;
	r->t = m->t;
	give(r, m->node, a);
	frame_enter(r, &m->node->frame);
	defaults(r, m->node);
	if (!r->failed)
		exec(r, m->node->body);
	val text = render_take(r, from, safe);
	r->act = before;
	r->context = context;
	r->t = t;
	r->line = line;
	return text;
}

static val strings(struct render *r, const struct macro_node *m)
{
	struct list *l = list_new(r, m->nargs);

	for (const struct node *p = m->args; l && p; p = p->next)
		list_push(r, l, val_text(p->u.var.name.s, p->u.var.name.len));
	return val_ptr(V_TUPLE, l);
}

static val macro_get(struct render *r, void *self, const char *name, size_t len)
{
	struct macro *m = self;

	if (len == 4 && !memcmp(name, "name", 4))
		return m->anonymous ? val_none() : val_text(m->node->name.s, m->node->name.len);
	if (len == 9 && !memcmp(name, "arguments", 9))
		return strings(r, m->node);
	if (len == 12 && !memcmp(name, "catch_kwargs", 12))
		return val_bool(m->node->uses_kwargs);
	if (len == 13 && !memcmp(name, "catch_varargs", 13))
		return val_bool(m->node->uses_varargs);
	if (len == 6 && !memcmp(name, "caller", 6))
		return val_bool(m->node->uses_caller);
	return val_missing();
}

static void macro_text(struct render *r, void *self, struct out *o)
{
	struct macro *m = self;

	(void)r;
	if (m->anonymous)
		out_str(o, "<Macro anonymous>");
	else
		out_printf(o, "<Macro '%.*s'>", (int)m->node->name.len, m->node->name.s);
}

const struct object_type macro_type = {"Macro", macro_get, macro_call, macro_text};

val make_macro(struct render *r, const struct node *n)
{
	struct macro *m = render_alloc(r, sizeof *m);

	if (!m)
		return val_none();
	*m = (struct macro){.object = {&macro_type},
			    .node = n->u.macro,
			    .t = r->t,
			    .up = r->act,
			    .context = r->context,
			    .anonymous = n->op == S_CALL};
	return val_object(&m->object);
}

void exec_call_block(struct render *r, const struct node *n)
{
	val caller = make_macro(r, n);
	val v = eval_call(r, n->u.macro->call, &caller);

	if (!r->failed)
		print_value(r, v, n->flags & ~(N_ESCAPE | N_ASK));
}

/* --- namespace ------------------------------------------------------------------------------ */

struct namespace {
	struct object object;
	struct dict *members;
};

static val namespace_get(struct render *r, void *self, const char *name, size_t len)
{
	(void)r;
	return dict_get_name(((struct namespace *)self)->members, name, len);
}

static void namespace_text(struct render *r, void *self, struct out *o)
{
	out_str(o, "<Namespace ");
	val_repr(r, o, val_ptr(V_DICT, ((struct namespace *)self)->members));
	out_char(o, '>');
}

const struct object_type namespace_type = {"Namespace", namespace_get, NULL, namespace_text};

val namespace_new(struct render *r, struct args *a)
{
	struct namespace *ns = render_alloc(r, sizeof *ns);
	val members = dict_from(r, a);

	if (!ns || r->failed)
		return val_none();
	*ns = (struct namespace){{&namespace_type}, dict_of(members)};
	return val_object(&ns->object);
}

bool namespace_set(struct render *r, val ns, const struct name *name, val v)
{
	if (!val_is(ns, &namespace_type)) {
		fail(r, "TemplateRuntimeError", "cannot assign attribute on non-namespace object");
		return false;
	}
	return dict_put(r, ((struct namespace *)ns.as.p)->members,
			val_text(name->s, name->len), v);
}
