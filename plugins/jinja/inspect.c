#include "inspect.h"

#include <stdio.h>

#include "node.h"
#include "walk.h"

enum { PARENTS_MAX = 32 };

struct checker {
	struct engine *engine;
	cruet_ctx *c;
	const struct template *t;
	finding_fn *tell;
	void *arg;
	const struct template *parents[PARENTS_MAX]; /* the nearest first */
	size_t nparents;
	bool unknown_parent; /* its name is not known before it is rendered */
};

static void tell(struct checker *k, uint32_t line, bool error, const char *what)
{
	const struct finding f = {k->t->name, line, error, what, ""};

	k->tell(k->arg, &f);
}

static bool const_name(const struct node *n, char buf[256])
{
	if (n->op != E_CONST || n->u.value.kind != V_TEXT || n->u.value.len >= 256)
		return false;
	memcpy(buf, n->u.value.as.s, n->u.value.len);
	buf[n->u.value.len] = 0;
	return true;
}

/* --- what it names --------------------------------------------------------------------------- */

static void look_for(struct checker *k, const struct node *n, const char *name)
{
	struct complaint why;
	char what[400];
	const struct template *t = engine_get(k->engine, k->c, name, &why);

	engine_release(k->engine, t);
	if (t || strcmp(why.kind, "TemplateNotFound") != 0)
		return; /* one that is there and is wrong is told by itself */
	snprintf(what, sizeof what, "there is no template '%s'", name);
	tell(k, n->line, true, what);
}

static bool names(void *arg, struct node *n)
{
	struct checker *k = arg;
	char name[256];

	if (n->op == S_INCLUDE || n->op == S_IMPORT || n->op == S_FROM || n->op == S_EXTENDS)
		if (!(n->flags & N_IGNORE) && const_name(n->u.include->name, name))
			look_for(k, n, name);
	return walk_kids(n, names, arg);
}

/* --- blocks ------------------------------------------------------------------------------------ */

static bool parent_name(void *arg, struct node *n)
{
	const struct node **found = arg;

	if (n->op == S_EXTENDS)
		*found = n;
	return !*found && walk_kids(n, parent_name, arg);
}

/* The templates that this one extends, one after the other. */
static void find_parents(struct checker *k)
{
	const struct template *t = k->t;
	struct complaint why;
	char name[256];

	while (t && t->extends && k->nparents < PARENTS_MAX) {
		const struct node *found = NULL;
		walk_list(t->body, parent_name, &found);
		if (!found || !const_name(found->u.include->name, name)) {
			k->unknown_parent = true;
			return;
		}
		t = engine_get(k->engine, k->c, name, &why);
		k->unknown_parent |= !t;
		if (t)
			k->parents[k->nparents++] = t;
	}
}

static bool parent_has(const struct checker *k, const struct name *name)
{
	for (size_t i = 0; i < k->nparents; i++)
		for (const struct block_node *b = k->parents[i]->blocks; b; b = b->next)
			if (name_is(&b->name, name))
				return true;
	return false;
}

/* Blocks inside of blocks come with those. */
static bool blocks(void *arg, struct node *n)
{
	struct checker *k = arg;
	char what[200];

	if (n->op != S_BLOCK)
		return walk_kids(n, blocks, arg);
	const struct block_node *b = n->u.block;
	if (!parent_has(k, &b->name)) {
		snprintf(what, sizeof what,
			 "block '%.*s' is in none of the templates that this one extends: nothing "
			 "shows it",
			 (int)b->name.len, b->name.s);
		tell(k, n->line, false, what);
	}
	return true;
}

void check_template(struct engine *e, cruet_ctx *c, const char *name, finding_fn *tell_fn,
		    void *arg)
{
	struct complaint why;
	struct checker k = {.engine = e, .c = c, .tell = tell_fn, .arg = arg};

	k.t = engine_get(e, c, name, &why);
	if (!k.t) {
		const struct finding f = {*why.template ? why.template : name, why.line, true,
					  why.what, why.text};
		tell_fn(arg, &f);
		return;
	}
	walk_list(k.t->body, names, &k);
	if (k.t->extends) {
		find_parents(&k);
		if (!k.unknown_parent)
			walk_list(k.t->body, blocks, &k);
	}
	for (size_t i = 0; i < k.t->nwarnings; i++)
		tell(&k, k.t->warnings[i].line, false, k.t->warnings[i].text);
	for (size_t i = 0; i < k.nparents; i++)
		engine_release(e, k.parents[i]);
	engine_release(e, k.t);
}
