/* An application for ws_rules.py: repeats what it hears, up to 100,000 bytes. */
#include <cruet.h>

static int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	(void)c;
	return cruet_ws_send(w, kind, p, len);
}

CRUET_APP(app)
{
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					      .path = "/echo",
					      .name = "echo",
					      .message = said,
					      .max_message = 100000,
					      .idle_ms = 60000,
					      .here = CRUET_HERE});
}
