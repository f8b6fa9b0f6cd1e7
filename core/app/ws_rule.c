/* cruet_websocket(): a rule whose function is the handshake. */
#include <string.h>

#include "app/ws.h"
#include "cruet/route.h"

enum { BYTES_USUAL = 1 << 20, IDLE_USUAL_MS = 60000 };

static bool keep(struct arena *a, const char **text)
{
	const char *from = *text;

	*text = arena_strdup(a, from);
	return *text || !from;
}

int cruet_websocket(cruet_app *app, const cruet_ws_rule *rule)
{
	static const uint32_t known = CRUET_ANY_ORIGIN | CRUET_LOOSE_SLASH | CRUET_KEEP_SLASHES;
	cruet_ws_rule r = {.size = 0};

	int err = scope_open(app, "cruet_websocket");
	if (err)
		return err;
	if (!rule || rule->size < CRUET_UPTO(cruet_ws_rule, message))
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_websocket: set .size = sizeof(cruet_ws_rule)");
	memcpy(&r, rule, rule->size < sizeof r ? rule->size : sizeof r);
	if (r.flags & ~known)
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_websocket: '%s': expected no flags but CRUET_ANY_ORIGIN, "
				     "CRUET_LOOSE_SLASH and CRUET_KEEP_SLASHES",
				     r.path ? r.path : "");
	struct arena *a = &app->arena;
	cruet_ws_rule *copy = arena_alloc(a, sizeof *copy);
	if (!copy || !keep(a, &r.protocols))
		return scope_problem(app, CRUET_ENOMEM, "cruet_websocket: out of memory");
	r.max_message = r.max_message ? r.max_message : BYTES_USUAL;
	r.max_queue = r.max_queue ? r.max_queue : BYTES_USUAL;
	r.idle_ms = r.idle_ms ? r.idle_ms : IDLE_USUAL_MS;
	*copy = r;
	struct entry_rule *e = scope_route(app,
					   &(cruet_rule){.size = sizeof(cruet_rule),
							 .flags = r.flags | CRUET_NO_OPTIONS,
							 .path = r.path,
							 .name = r.name,
							 .fn = ws_handshake,
							 .data = r.data,
							 .here = r.here ? r.here
									: "cruet_websocket"},
					   &err);
	if (e)
		e->ws = copy;
	return err;
}
