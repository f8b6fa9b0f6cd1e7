#include "visitor.h"

#include <cruet/session.h>

const char *visitor_name(cruet_ctx *c)
{
	return cruet_session_str(c, "name", "");
}

/* Writes to a session may be left unchecked: one that fails fails the request. */
void visitor_signed(cruet_ctx *c, const struct entry *e)
{
	cruet_json *own = cruet_array(c);
	const cruet_json *id = cruet_json_first(cruet_session_json(c, "own"));

	cruet_push_int(own, e->id);
	for (int n = 1; id && n < OWN_MAX; n++, id = cruet_json_next(id))
		cruet_push_int(own, cruet_json_int(id, 0));
	cruet_session_set_json(c, "own", own);
	cruet_session_set_str(c, "name", e->name);
	cruet_session_permanent(c, true);
}

bool visitor_owns(cruet_ctx *c, int64_t id)
{
	const cruet_json *own = cruet_json_first(cruet_session_json(c, "own"));

	while (own && cruet_json_int(own, 0) != id)
		own = cruet_json_next(own);
	return own;
}
