#include "base/fields.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "cruet/error.h"

void fields_init(struct fields *f, struct arena *arena)
{
	*f = (struct fields){.arena = arena};
}

static bool grow(struct fields *f)
{
	size_t cap = f->cap ? f->cap * 2 : 8;
	struct cruet_field *items = arena_grow(f->arena, f->items, f->cap * sizeof *items,
					       cap * sizeof *items);
	if (!items)
		return false;
	f->items = items;
	f->cap = cap;
	return true;
}

int fields_add(struct fields *f, const char *name, const char *value)
{
	if (!name || !value || (f->n == f->cap && !grow(f)))
		return CRUET_ENOMEM;
	f->items[f->n++] = (struct cruet_field){name, value};
	return CRUET_OK;
}

/* Removes all of that name from the i-th on. */
static void del_from(struct fields *f, const char *name, size_t i)
{
	size_t kept = i;
	for (; i < f->n; i++)
		if (!text_ieq(f->items[i].name, name))
			f->items[kept++] = f->items[i];
	f->n = kept;
}

int fields_set(struct fields *f, const char *name, const char *value)
{
	if (!name || !value)
		return CRUET_ENOMEM;
	for (size_t i = 0; i < f->n; i++) {
		if (!text_ieq(f->items[i].name, name))
			continue;
		f->items[i].value = value;
		del_from(f, name, i + 1);
		return CRUET_OK;
	}
	return fields_add(f, name, value);
}

void fields_del(struct fields *f, const char *name)
{
	del_from(f, name, 0);
}

const char *fields_get(const struct fields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (text_ieq(f->items[i].name, name))
			return f->items[i].value;
	return NULL;
}

const char *fields_get_exact(const struct fields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->items[i].name, name))
			return f->items[i].value;
	return NULL;
}

bool field_name_ok(const char *s)
{
	size_t n = text_span(s, TEXT_TOKEN);
	return n && !s[n];
}

bool field_value_ok(const char *s)
{
	return !s[text_span(s, TEXT_VALUE)];
}
