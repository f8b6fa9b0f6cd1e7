#include "foresee.h"

#include <cruet.h>

#include "node.h"
#include "walk.h"

enum { TEMPLATES_MAX = 64, NAME_MAX_LEN = 255 };

struct seer {
	struct engine *engine;
	cruet_ctx *c;
	const char *const *names;
	unsigned read;
	const struct template *seen[TEMPLATES_MAX]; /* held until the end, but for the first */
	size_t n;
};

static void note_name(struct seer *s, const struct name *name)
{
	for (unsigned i = 0; s->names[i]; i++)
		if (name->len == strlen(s->names[i]) && !memcmp(name->s, s->names[i], name->len))
			s->read |= 1U << i;
}

/* Adds a template to those that are looked through. */
static void note_template(struct seer *s, const struct node *n)
{
	char name[NAME_MAX_LEN + 1];
	struct complaint why;

	if (n->op != E_CONST || n->u.value.kind != V_TEXT || n->u.value.len > NAME_MAX_LEN ||
	    s->n == TEMPLATES_MAX)
		return;
	memcpy(name, n->u.value.as.s, n->u.value.len);
	name[n->u.value.len] = 0;
	const struct template *t = engine_get(s->engine, s->c, name, &why);
	for (size_t i = 0; t && i < s->n; i++) {
		if (s->seen[i] != t)
			continue;
		engine_release(s->engine, t);
		return;
	}
	if (t)
		s->seen[s->n++] = t;
}

static bool look(void *arg, struct node *n)
{
	struct seer *s = arg;

	if (n->op == E_NAME)
		note_name(s, &n->u.var.name);
	else if (n->op == S_INCLUDE || n->op == S_IMPORT || n->op == S_FROM || n->op == S_EXTENDS)
		note_template(s, n->u.include->name);
	return walk_kids(n, look, s);
}

unsigned foresee(struct engine *e, cruet_ctx *c, const struct template *t,
		 const char *const *names)
{
	struct seer s = {.engine = e, .c = c, .names = names, .seen = {t}, .n = 1};

	for (size_t i = 0; i < s.n; i++)
		walk_list(s.seen[i]->body, look, &s);
	for (size_t i = 1; i < s.n; i++)
		engine_release(e, s.seen[i]);
	return s.read;
}
