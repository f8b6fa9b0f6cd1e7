/* Name-value pairs in order, names blind to case: the headers of a request or a
 * reply, and, read with case, queries and forms. */
#ifndef BASE_FIELDS_H
#define BASE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cruet/svc/transport.h" /* struct cruet_field: one layout, no copying */

struct arena;

struct fields {
	struct cruet_field *items;
	size_t n, cap;
	struct arena *arena;
};

void fields_init(struct fields *f, struct arena *arena);
/* The same with room for the first n, which lives as long as the arena. */
static inline void fields_init_with(struct fields *f, struct arena *arena,
				    struct cruet_field *room, size_t n)
{
	*f = (struct fields){.items = room, .cap = n, .arena = arena};
}
/* Strings are borrowed: they live as long as the arena, or longer. NULL is taken
 * for a copy that failed: CRUET_ENOMEM. */
int fields_add(struct fields *f, const char *name, const char *value);
/* Replaces the first of that name (any case) and removes the others. */
int fields_set(struct fields *f, const char *name, const char *value);
void fields_del(struct fields *f, const char *name);
/* The first value of that name, any case; NULL if there is none. */
const char *fields_get(const struct fields *f, const char *name);
/* The same, with case; for queries, forms, cookies. */
const char *fields_get_exact(const struct fields *f, const char *name);

/* True for what may stand in a header: a token; and no control byte but TAB. */
bool field_name_ok(const char *s);
bool field_value_ok(const char *s);

#endif
