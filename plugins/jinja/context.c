/* What templates see: layers of variables, and below them what the caller gave. */
#include <cjson/cJSON.h>

#include "render.h"

static struct var *var_in(const struct layer *l, const struct name *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (name_is(&l->v[i].name, name))
			return &l->v[i];
	return NULL;
}

static bool called(const char *name, const struct name *is)
{
	return !strncmp(name, is->s, is->len) && !name[is->len];
}

static val in_list(const cruet_var *list, const struct name *name)
{
	for (; list && list->name; list++)
		if (called(list->name, name))
			return list->value.kind == V_JSON ? val_of_json(list->value.as.json)
							  : list->value;
	return val_missing();
}

static val given(const cruet_template_vars *user, const struct name *name)
{
	val v = in_list(user->list, name);

	if (is_missing(v) && cJSON_IsObject(user->json)) {
		const cruet_json *j = json_member(user->json, name->s, name->len);
		if (j)
			v = val_of_json(j);
	}
	return is_missing(v) ? in_list(user->request, name) : v;
}

val context_find(struct render *r, const struct context *c, const struct name *name)
{
	for (const struct layer *l = &c->vars; l; l = l->below) {
		const struct var *found = var_in(l, name);
		if (found)
			return found->v;
	}
	val v = c->user && r->user ? given(r->user, name) : val_missing();
	return is_missing(v) ? global_find(r, name) : v;
}

bool context_set(struct render *r, struct context *c, const struct name *name, val v,
		 bool exported)
{
	struct var *found = var_in(&c->vars, name);

	if (!found) {
		struct var *more = mem_more(&r->mem, c->vars.v, c->vars.n, sizeof *more);
		if (!more) {
			fail_memory(r);
			return false;
		}
		c->vars.v = more;
		found = &more[c->vars.n++];
		*found = (struct var){.name = *name};
	}
	found->v = v;
	found->exported = exported;
	return true;
}

/* --- blocks ---------------------------------------------------------------------------------- */

static bool add_block(struct render *r, struct context *c, const struct block_node *b)
{
	struct stack **at = &c->stacks;

	while (*at && !name_is((*at)->name, &b->name))
		at = &(*at)->next;
	if (!*at) {
		*at = render_alloc(r, sizeof **at);
		if (!*at)
			return false;
		**at = (struct stack){.name = &b->name};
	}
	const struct block_node **more =
		mem_more(&r->mem, (*at)->v, (*at)->n, sizeof *more);
	if (!more) {
		fail_memory(r);
		return false;
	}
	(*at)->v = more;
	more[(*at)->n++] = b;
	return true;
}

bool context_add_blocks(struct render *r, struct context *c, const struct template *t)
{
	for (const struct block_node *b = t->blocks; b; b = b->next)
		if (!add_block(r, c, b))
			return false;
	return true;
}

struct context *context_new(struct render *r, const struct template *t)
{
	struct context *c = render_alloc(r, sizeof *c);

	if (!c)
		return NULL;
	*c = (struct context){.t = t, .user = true, .escape = t->escape};
	return context_add_blocks(r, c, t) ? c : NULL;
}

/* A layer of what is set in this context now, above those below it. */
static const struct layer *frozen(struct render *r, const struct context *c)
{
	if (!c->vars.n)
		return c->vars.below;
	struct layer *l = render_alloc(r, sizeof *l);
	struct var *v = render_alloc(r, c->vars.n * sizeof *v);
	if (!l || !v)
		return NULL;
	memcpy(v, c->vars.v, c->vars.n * sizeof *v);
	*l = (struct layer){c->vars.below, v, c->vars.n};
	return l;
}

static const struct layer *with_locals(struct render *r, const struct layer *below,
				       const struct locals_node *locals)
{
	struct layer *l = render_alloc(r, sizeof *l);
	struct var *v = render_alloc(r, (locals->n + 1) * sizeof *v);

	if (!l || !v)
		return below;
	*l = (struct layer){below, v, 0};
	for (uint32_t i = 0; i < locals->n; i++) {
		val value = read_place(r, locals->v[i].at);
		if (!is_missing(value))
			v[l->n++] = (struct var){.name = locals->v[i].name, .v = value};
	}
	return l->n ? l : below;
}

void context_inherit(struct render *r, struct context *to, const struct context *from,
		     const struct locals_node *locals)
{
	to->user = from->user;
	to->vars.below = frozen(r, from);
	if (locals->n)
		to->vars.below = with_locals(r, to->vars.below, locals);
}

struct context *context_derive(struct render *r, const struct context *of,
			       const struct locals_node *locals)
{
	struct context *c = render_alloc(r, sizeof *c);

	if (!c)
		return NULL;
	*c = *of; /* its stacks are not added to any more: what extends runs at the top */
	c->vars = (struct layer){NULL, NULL, 0};
	context_inherit(r, c, of, locals);
	return c;
}
