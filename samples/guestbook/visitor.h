/* What the session remembers of a visitor: the name, and which entries are theirs. */
#ifndef GUESTBOOK_VISITOR_H
#define GUESTBOOK_VISITOR_H

#include <cruet.h>
#include "entries.h"

/* "" for somebody new. */
const char *visitor_name(cruet_ctx *c);
/* Remembers who signed and what, the last OWN_MAX of it. */
enum { OWN_MAX = 50 };
void visitor_signed(cruet_ctx *c, const struct entry *e);
/* May this visitor take the entry back? */
bool visitor_owns(cruet_ctx *c, int64_t id);

#endif
