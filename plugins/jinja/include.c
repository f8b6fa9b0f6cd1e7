/* What reaches other templates: include, import, extends, blocks. */
#include <stdio.h>

#include "steps.h"

/* --- getting them ------------------------------------------------------------------------------ */

/* The template of a name, which is released when the rendering ends. */
static const struct template *get(struct render *r, const char *name, size_t len,
				  struct complaint *why)
{
	char buf[256];

	if (len >= sizeof buf || memchr(name, 0, len)) {
		why->kind = "TemplateNotFound";
		snprintf(why->what, sizeof why->what, "no template has a name like '%.60s...'", name);
		return NULL;
	}
	memcpy(buf, name, len);
	buf[len] = 0;
	for (const struct held *h = r->held; h; h = h->next)
		if (!strcmp(h->t->name, buf))
			return h->t;
	const struct template *t = engine_get(r->e, r->c, buf, why);
	struct held *h = t ? render_alloc(r, sizeof *h) : NULL;
	if (t && !h) {
		engine_release(r->e, t);
		return NULL;
	}
	if (h) {
		*h = (struct held){t, r->held};
		r->held = h;
	}
	return t;
}

static bool not_found(const struct complaint *why)
{
	return why->kind && strstr(why->kind, "NotFound");
}

/* The complaint of a template that could not be had becomes that of the rendering. */
static void pass_on(struct render *r, const struct complaint *why)
{
	if (r->failed)
		return;
	*r->why = *why;
	r->failed = true;
	complain_here(r, r->why);
}

/* The first of a list that there is. */
static const struct template *select_one(struct render *r, val names, struct complaint *why)
{
	struct iter it;
	val name;
	size_t n = 0;

	if (!iter_open(r, &it, names))
		return NULL;
	for (; iter_next(r, &it, &name); n++) {
		if (is_undef(name))
			continue;
		if (!is_text(name)) {
			fail(r, "TypeError", "the name of a template is a text, not %s",
			     val_type(name));
			return NULL;
		}
		why->kind = NULL;
		const struct template *t = get(r, name.as.s, name.len, why);
		if (t || !not_found(why))
			return t;
	}
	why->kind = "TemplatesNotFound";
	snprintf(why->what, sizeof why->what, "%s",
		 n ? "none of the templates given were found"
		   : "Tried to select from an empty list of templates.");
	return NULL;
}

static const struct template *find(struct render *r, const struct node *n, bool list_too)
{
	struct complaint why = {.kind = NULL};
	val name = eval(r, n->u.include->name);
	const struct template *t = NULL;

	if (r->failed)
		return NULL;
	if (is_text(name)) {
		t = get(r, name.as.s, name.len, &why);
	} else if (is_undef(name)) {
		fail_undefined(r, name);
	} else if (list_too && can_iterate(name)) {
		t = select_one(r, name, &why);
	} else {
		fail(r, "TypeError", "the name of a template is a text, not %s", val_type(name));
	}
	if (!t && !r->failed && !((n->flags & N_IGNORE) && not_found(&why)))
		pass_on(r, &why);
	return t;
}

/* --- running them ------------------------------------------------------------------------------- */

bool template_enter(struct render *r, const struct template *t, struct context *c,
		    struct before *before)
{
	struct act *act = act_open(r, t->slots, NULL);

	if (!act || !deeper(r))
		return false;
	*before = (struct before){r->act, r->context, r->t, r->chain, r->line};
	r->act = act;
	r->context = c;
	r->t = t;
	if (t->uses_self)
		assign_place(r, t->self, block_self(r, c));
	frame_enter(r, &t->frame);
	return true;
}

void leave(struct render *r, const struct before *before)
{
	r->depth--;
	r->act = before->act;
	r->context = before->context;
	r->t = before->t;
	r->chain = before->chain;
	r->line = before->line;
}

void run_template(struct render *r, const struct template *t, struct context *c)
{
	struct before before;

	if (!template_enter(r, t, c, &before))
		return;
	enum flow flow = exec(r, t->body);
	if (flow != FLOW_STOP && r->act->extends) {
		struct link link = {t, r->line, "extended", r->chain};
		r->chain = &link;
		run_template(r, r->act->extends, c);
	}
	leave(r, &before);
}

static struct module *module_of(struct render *r, const struct template *t, struct context *c)
{
	struct module *m = render_alloc(r, sizeof *m);
	size_t from = r->out->len;

	if (!m || !c)
		return NULL;
	run_template(r, t, c);
	*m = (struct module){t, c, render_take(r, from, true), NULL};
	return r->failed ? NULL : m;
}

/* Without a context a template is the same wherever it is imported: it runs once. */
static struct module *plain_module(struct render *r, const struct template *t)
{
	for (struct module *m = r->modules; m; m = m->next)
		if (m->t == t)
			return m;
	struct context *c = context_new(r, t);
	if (!c)
		return NULL;
	c->user = false;
	struct module *m = module_of(r, t, c);
	if (m) {
		m->next = r->modules;
		r->modules = m;
	}
	return m;
}

static struct context *context_for(struct render *r, const struct template *t,
				   const struct locals_node *locals)
{
	struct context *c = context_new(r, t);

	if (c)
		context_inherit(r, c, r->context, locals);
	return c;
}

const struct template *include_open(struct render *r, const struct node *n, struct link *link,
				    struct context **c)
{
	const struct template *t = find(r, n, true);

	if (!t)
		return NULL;
	*link = (struct link){r->t, n->line, "included", r->chain};
	*c = n->flags & N_CONTEXT ? context_for(r, t, &n->u.include->locals) : NULL;
	return r->failed ? NULL : t;
}

void exec_include(struct render *r, const struct node *n)
{
	struct link link;
	struct context *c;
	const struct template *t = include_open(r, n, &link, &c);

	if (!t)
		return;
	r->chain = &link;
	if (c) {
		run_template(r, t, c);
	} else {
		const struct module *m = plain_module(r, t);
		if (m)
			out_put(r->out, m->text.as.s, m->text.len);
	}
	r->chain = link.up;
}

/* --- import ----------------------------------------------------------------------------------------- */

struct module_object {
	struct object object;
	struct module *module;
};

static val exported(const struct module *m, const char *name, size_t len)
{
	const struct layer *l = &m->context->vars;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].exported && l->v[i].name.len == len &&
		    !memcmp(l->v[i].name.s, name, len))
			return l->v[i].v;
	return val_missing();
}

static val module_get(struct render *r, void *self, const char *name, size_t len)
{
	(void)r;
	return exported(((struct module_object *)self)->module, name, len);
}

static void module_text(struct render *r, void *self, struct out *o)
{
	const struct module *m = ((struct module_object *)self)->module;

	(void)r;
	out_put(o, m->text.as.s, m->text.len);
}

const struct object_type module_type = {"TemplateModule", module_get, NULL, module_text};

/* What is imported is no variable that this template gives to others. */
static void assign_imported(struct render *r, const struct node *target, val v)
{
	assign_place(r, target->u.var.at, v);
	if (target->flags & N_EXPORT)
		context_set(r, r->context, &target->u.var.name, v, false);
}

static void import_names(struct render *r, const struct include_node *i, const struct module *m)
{
	for (uint32_t k = 0; k < i->n && !r->failed; k++) {
		const struct name *name = &i->names[k].name;
		val v = exported(m, name->s, name->len);
		if (is_missing(v))
			v = undefined_hint(
				r, render_printf(r,
						 "the template '%s' (imported on line %u in '%s') "
						 "does not export the requested name '%.*s'",
						 m->t->name, r->line, r->t->name, (int)name->len,
						 name->s)
					   .as.s);
		assign_imported(r, i->names[k].target, v);
	}
}

void exec_import(struct render *r, const struct node *n)
{
	const struct template *t = find(r, n, false);
	const struct include_node *i = n->u.include;
	struct link link = {r->t, n->line, "imported", r->chain};
	struct module *m;

	if (!t)
		return;
	r->chain = &link;
	if (n->flags & N_CONTEXT)
		m = module_of(r, t, context_for(r, t, &i->locals));
	else
		m = plain_module(r, t);
	r->chain = link.up;
	if (!m)
		return;
	if (n->op == S_FROM) {
		import_names(r, i, m);
		return;
	}
	struct module_object *o = render_alloc(r, sizeof *o);
	if (!o)
		return;
	*o = (struct module_object){{&module_type}, m};
	assign_imported(r, i->target, val_object(&o->object));
}

/* --- extends and blocks ------------------------------------------------------------------------------- */

void exec_extends(struct render *r, const struct node *n)
{
	if (r->act->root->extends) {
		fail(r, "TemplateRuntimeError", "extended multiple times");
		return;
	}
	const struct template *t = find(r, n, false);
	if (!t)
		return;
	r->act->root->extends = t;
	context_add_blocks(r, r->context, t);
}

struct block_object { /* of super() and self.name() */
	struct object object;
	struct context *context;
	const struct stack *stack;
	size_t depth;
};

static val super_of(struct render *r, struct context *c, const struct stack *s, size_t depth);
static void run_block(struct render *r, struct context *c, const struct stack *s, size_t depth);

static val block_get(struct render *r, void *self, const char *name, size_t len)
{
	struct block_object *b = self;

	if (len == 5 && !memcmp(name, "super", 5))
		return super_of(r, b->context, b->stack, b->depth + 1);
	return val_missing();
}

static val block_call(struct render *r, void *self, struct args *a)
{
	struct block_object *b = self;
	size_t from = r->out->len;

	(void)a;
	run_block(r, b->context, b->stack, b->depth);
	return render_take(r, from, b->context->escape);
}

static const struct object_type block_type = {"BlockReference", block_get, block_call, NULL};

static val block_object(struct render *r, struct context *c, const struct stack *s, size_t depth)
{
	struct block_object *b = render_alloc(r, sizeof *b);

	if (!b)
		return val_none();
	*b = (struct block_object){{&block_type}, c, s, depth};
	return val_object(&b->object);
}

static val super_of(struct render *r, struct context *c, const struct stack *s, size_t depth)
{
	if (depth < s->n)
		return block_object(r, c, s, depth);
	return undefined_hint(r, render_printf(r, "there is no parent block called '%.*s'.",
					       (int)s->name->len, s->name->s)
					 .as.s);
}

struct self_object {
	struct object object;
	struct context *context;
};

static val self_get(struct render *r, void *self, const char *name, size_t len)
{
	struct context *c = ((struct self_object *)self)->context;

	for (const struct stack *s = c->stacks; s; s = s->next)
		if (s->name->len == len && !memcmp(s->name->s, name, len))
			return block_object(r, c, s, 0);
	return val_missing();
}

static const struct object_type self_type = {"TemplateReference", self_get, NULL, NULL};

val block_self(struct render *r, struct context *c)
{
	struct self_object *s = render_alloc(r, sizeof *s);

	if (!s)
		return val_none();
	*s = (struct self_object){{&self_type}, c};
	return val_object(&s->object);
}

bool block_enter(struct render *r, struct context *c, const struct stack *s, size_t depth,
		 struct before *before)
{
	const struct block_node *b = s->v[depth];
	struct act *act = act_open(r, b->slots, NULL);

	if (!act || !deeper(r))
		return false;
	*before = (struct before){r->act, r->context, r->t, r->chain, r->line};
	r->act = act;
	r->context = c;
	r->t = b->of;
	if (b->uses_self)
		assign_place(r, b->self, block_self(r, c));
	if (b->uses_super)
		assign_place(r, b->super, super_of(r, c, s, depth + 1));
	frame_enter(r, &b->frame);
	return true;
}

static void run_block(struct render *r, struct context *c, const struct stack *s, size_t depth)
{
	struct before before;

	if (!block_enter(r, c, s, depth, &before))
		return;
	exec(r, s->v[depth]->body);
	leave(r, &before);
}

const struct stack *block_open(struct render *r, const struct node *n, struct context **c)
{
	const struct block_node *b = n->u.block;
	const struct stack *s = r->context->stacks;

	while (s && !name_is(s->name, &b->name))
		s = s->next;
	if (!s) /* the template runs in a context that was made for it */
		return NULL;
	if (b->required && s->n <= 1) {
		fail(r, "TemplateRuntimeError", "Required block '%.*s' not found",
		     (int)b->name.len, b->name.s);
		return NULL;
	}
	*c = b->scoped ? context_derive(r, r->context, &b->locals) : r->context;
	return *c ? s : NULL;
}

void exec_block(struct render *r, const struct node *n)
{
	struct context *c;
	const struct stack *s = block_open(r, n, &c);

	if (s)
		run_block(r, c, s, 0);
}
