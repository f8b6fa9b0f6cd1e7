#include "symbols.h"

enum { SLOTS_MAX = 4000 };

static struct symbol *own(const struct symbols *s, const struct name *name)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (name_is(&s->v[i].name, name))
			return &s->v[i];
	return NULL;
}

bool symbols_find(const struct symbols *s, const struct name *name, struct place *out)
{
	const struct function *f = s->function;

	*out = (struct place){0, 0};
	for (; s; s = s->parent) {
		for (; f != s->function; f = f->outer)
			out->up++;
		const struct symbol *found = own(s, name);
		if (found) {
			out->slot = found->slot;
			return true;
		}
	}
	return false;
}

/* The slot of a name at a level, the same for all frames of that level. */
static uint16_t slot_for(struct parser *p, struct symbols *s, const struct name *name)
{
	struct function *f = s->function;

	for (uint32_t i = 0; i < f->n; i++)
		if (f->slots[i].level == s->level && name_is(&f->slots[i].name, name))
			return (uint16_t)i;
	struct slot_of *more = mem_more(p->m, f->slots, f->n, sizeof *more);
	if (!more || f->n == SLOTS_MAX) {
		if (more)
			parse_fail(p, p->t->line, "more than %d variables", SLOTS_MAX);
		else
			parse_no_memory(p);
		return 0;
	}
	f->slots = more;
	more[f->n] = (struct slot_of){*name, s->level};
	return (uint16_t)f->n++;
}

static struct symbol *define(struct parser *p, struct symbols *s, const struct name *name,
			     enum load load)
{
	struct symbol *found = own(s, name);

	if (!found) {
		struct symbol *more = mem_more(p->m, s->v, s->n, sizeof *more);
		if (!more)
			return parse_no_memory(p);
		s->v = more;
		found = &more[s->n++];
		*found = (struct symbol){.name = *name, .slot = slot_for(p, s, name)};
	}
	found->load = (uint8_t)load;
	return found;
}

void symbols_init(struct symbols *s, struct symbols *parent, struct function *function)
{
	*s = (struct symbols){
		.parent = parent, .function = function, .level = parent ? parent->level + 1 : 0};
}

/* Where a frame further out keeps the name, as seen from this frame. */
static bool outside(const struct symbols *s, const struct name *name, struct place *out)
{
	struct symbols none = *s;

	none.n = 0;
	return symbols_find(&none, name, out);
}

void symbols_store(struct parser *p, struct symbols *s, const struct name *name)
{
	struct symbol *found = own(s, name);
	struct place from;

	if (!found) {
		bool alias = outside(s, name, &from);
		found = define(p, s, name, alias ? LOAD_ALIAS : LOAD_MISSING);
		if (found && alias)
			found->from = from;
	}
	if (found)
		found->stored = true;
}

void symbols_param(struct parser *p, struct symbols *s, const struct name *name)
{
	struct symbol *found = define(p, s, name, LOAD_NOTHING);

	if (found)
		found->stored = true;
}

void symbols_load(struct parser *p, struct symbols *s, const struct name *name)
{
	struct place ignored;

	if (!symbols_find(s, name, &ignored))
		define(p, s, name, LOAD_RESOLVE);
}

bool symbols_stored(const struct symbols *s, const struct name *name)
{
	const struct symbol *found = own(s, name);

	return found && found->stored;
}

bool symbols_copy(struct parser *p, const struct symbols *s, struct symbols *copy)
{
	uint32_t room = 4;

	*copy = *s;
	if (!s->n)
		return true;
	while (room < s->n)
		room *= 2; /* as mem_more() wants it */
	copy->v = mem_array(p->m, room, sizeof *copy->v);
	if (!copy->v)
		return parse_no_memory(p);
	memcpy(copy->v, s->v, s->n * sizeof *s->v);
	return true;
}

/* In how many of the branches the name is set. */
static size_t set_in(const struct symbols *branches, size_t n, const struct name *name)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += symbols_stored(&branches[i], name);
	return count;
}

/* A name that only some branches set keeps its value of before in the others. */
void symbols_branches(struct parser *p, struct symbols *s, struct symbols *branches, size_t n)
{
	struct symbols before;

	if (!symbols_copy(p, s, &before))
		return;
	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < branches[i].n; k++) {
			const struct symbol *b = &branches[i].v[k];
			struct symbol *mine = define(p, s, &b->name, b->load);
			if (!mine)
				return;
			mine->from = b->from;
			mine->stored |= b->stored;
		}
	for (uint32_t k = 0; k < s->n; k++) {
		struct symbol *mine = &s->v[k];
		size_t count = set_in(branches, n, &mine->name);
		if (!count || count == n || symbols_stored(&before, &mine->name))
			continue;
		mine->load = outside(s, &mine->name, &mine->from) ? LOAD_ALIAS : LOAD_RESOLVE;
	}
}

void symbols_frame(struct parser *p, const struct symbols *s, bool loop,
		   struct frame_node *out)
{
	struct load_node *loads = mem_array(p->m, s->n ? s->n : 1, sizeof *loads);

	*out = (struct frame_node){loads, 0};
	if (!loads) {
		parse_no_memory(p);
		return;
	}
	for (uint32_t i = 0; i < s->n; i++) {
		const struct symbol *v = &s->v[i];
		if (v->load == LOAD_NOTHING)
			continue;
		loads[out->n++] =
			(struct load_node){.slot = v->slot,
					   .load = v->load,
					   .once = loop && v->load == LOAD_RESOLVE && !v->stored,
					   .from = v->from,
					   .name = v->name};
	}
}

static bool listed(const struct locals_node *l, const struct name *name)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (name_is(&l->v[i].name, name))
			return true;
	return false;
}

void symbols_locals(struct parser *p, const struct symbols *s, struct locals_node *out)
{
	*out = (struct locals_node){NULL, 0};
	for (const struct symbols *at = s; at; at = at->parent)
		for (uint32_t i = 0; i < at->n; i++) {
			const struct symbol *v = &at->v[i];
			if (!v->stored || listed(out, &v->name))
				continue;
			struct local_node *more = mem_more(p->m, out->v, out->n, sizeof *more);
			if (!more) {
				parse_no_memory(p);
				return;
			}
			out->v = more;
			more[out->n].name = v->name;
			symbols_find(s, &v->name, &more[out->n++].at);
		}
}
