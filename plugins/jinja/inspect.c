#include "inspect.h"

#include <cruet/memory.h>
#include <stdio.h>
#include <string.h>

#include "folder.h"
#include "node.h"
#include "walk.h"

enum { PARENTS_MAX = 32 };

struct extended { /* what a template of the folder extends */
	const char *name;
	const struct extended *next;
};

struct checker {
	struct engine *engine;
	cruet_ctx *c;
	finding_fn *tell;
	void *arg;
	const struct extended *extended;
	bool unknown_extended; /* something is extended by a name that is not known here */
	size_t templates;

	/* of one template */
	const struct template *t;
	const struct node *extends; /* the statement, or NULL */
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

/* --- what is extended ------------------------------------------------------------------------ */

static bool note_extended(void *arg, struct node *n)
{
	struct checker *k = arg;
	char name[256];

	if (n->op != S_EXTENDS)
		return walk_kids(n, note_extended, arg);
	struct extended *e = const_name(n->u.include->name, name) ? cruet_alloc(k->c, sizeof *e) : NULL;
	if (e)
		*e = (struct extended){cruet_strdup(k->c, name), k->extended};
	if (!e || !e->name)
		k->unknown_extended = true;
	else
		k->extended = e;
	return true;
}

static int find_extended(void *arg, const char *name)
{
	struct checker *k = arg;
	struct complaint why;
	const struct template *t = engine_get(k->engine, k->c, name, &why);

	k->templates++;
	if (t && t->extends)
		walk_list(t->body, note_extended, k);
	engine_release(k->engine, t);
	return 0;
}

/* Whether the template may be rendered as a part of one that extends it, which then has more
 * blocks. */
static bool may_be_extended(const struct checker *k)
{
	for (const struct extended *e = k->extended; e; e = e->next)
		if (!strcmp(e->name, k->t->name))
			return true;
	return k->unknown_extended;
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

/* The statement that says so; NULL where it may be passed by. */
static const struct node *extends_of(const struct template *t)
{
	const struct node *n = t->body;

	while (n && n->op != S_EXTENDS)
		n = n->next;
	return n;
}

/* The templates that this one extends, one after the other. */
static void find_parents(struct checker *k)
{
	const struct template *t = k->t;
	struct complaint why;
	char name[256];

	while (t && t->extends && k->nparents < PARENTS_MAX) {
		const struct node *found = extends_of(t);
		k->extends = k->extends ? k->extends : found;
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

static const struct block_node *block_of(const struct template *t, const struct name *name)
{
	const struct block_node *b = t->blocks;

	while (b && !name_is(&b->name, name))
		b = b->next;
	return b;
}

static bool parent_has(const struct checker *k, const struct name *name)
{
	for (size_t i = 0; i < k->nparents; i++)
		if (block_of(k->parents[i], name))
			return true;
	return false;
}

/* self.name */
static bool selves(void *arg, struct node *n)
{
	struct checker *k = arg;
	const struct node *of = n->op == E_ATTR ? n->u.attr.a : NULL;
	char what[200];

	if (of && of->op == E_NAME && of->u.var.name.len == 4 &&
	    !memcmp(of->u.var.name.s, "self", 4) && !block_of(k->t, &n->u.attr.name) &&
	    !parent_has(k, &n->u.attr.name)) {
		snprintf(what, sizeof what, "self.%.*s: there is no block of this name",
			 (int)n->u.attr.name.len, n->u.attr.name.s);
		tell(k, n->line, false, what);
	}
	return walk_kids(n, selves, arg);
}

static bool sets_self(const struct node *body)
{
	for (const struct node *n = body; n; n = n->next)
		if (walk_sets((struct node *)n, "self"))
			return true;
	return false;
}

/* The required blocks of the template at depth that none of those before it has. */
static void required(struct checker *k, size_t depth)
{
	const struct template *of = depth ? k->parents[depth - 1] : k->t;
	char what[600];

	for (const struct block_node *b = of->blocks; b; b = b->next) {
		bool filled = depth && block_of(k->t, &b->name);
		for (size_t i = 0; i + 1 < depth && !filled; i++)
			filled = block_of(k->parents[i], &b->name) != NULL;
		if (!b->required || filled)
			continue;
		snprintf(what, sizeof what,
			 "block '%.*s' of '%s' is required, and nobody fills it: this template "
			 "cannot be rendered",
			 (int)b->name.len, b->name.s, of->name);
		tell(k, depth ? k->extends->line : b->line, false, what);
	}
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

static void check_blocks(struct checker *k)
{
	find_parents(k);
	if (k->t->extends && !k->unknown_parent)
		walk_list(k->t->body, blocks, k);
	if (k->unknown_parent || may_be_extended(k))
		return;
	if (!sets_self(k->t->body))
		walk_list(k->t->body, selves, k);
	for (size_t depth = 0; depth <= k->nparents; depth++)
		required(k, depth);
}

static int check_template(void *arg, const char *name)
{
	struct checker *k = arg;
	struct complaint why;

	k->t = engine_get(k->engine, k->c, name, &why);
	k->extends = NULL;
	k->nparents = 0;
	k->unknown_parent = false;
	if (!k->t) {
		const struct finding f = {*why.template ? why.template : name, why.line, true,
					  why.what, why.text};
		k->tell(k->arg, &f);
		return 0;
	}
	walk_list(k->t->body, names, k);
	check_blocks(k);
	for (size_t i = 0; i < k->t->nwarnings; i++)
		tell(k, k->t->warnings[i].line, false, k->t->warnings[i].text);
	for (size_t i = 0; i < k->nparents; i++)
		engine_release(k->engine, k->parents[i]);
	engine_release(k->engine, k->t);
	return 0;
}

int check_folder(struct engine *e, cruet_ctx *c, const struct folder *folder, finding_fn *tell_fn,
		 void *arg, size_t *templates)
{
	struct checker k = {.engine = e, .c = c, .tell = tell_fn, .arg = arg};
	int err = folder_walk(folder, find_extended, &k);

	*templates = k.templates;
	return err ? err : folder_walk(folder, check_template, &k);
}
