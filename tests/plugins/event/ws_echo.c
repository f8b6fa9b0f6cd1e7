/* An application for ws_rules.py, to one at /echo and /slow, and ws_crowd.py, to all at
 * /crowd: it repeats what it hears, up to 100,000 bytes. */
#include <cruet.h>
#include <time.h>

static int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	(void)c;
	return cruet_ws_send(w, kind, p, len);
}

/* Takes its time, and says so. */
static int thinks(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	int err = cruet_ws_send(w, kind, "wait", 4);

	(void)c;
	nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
	return err ? err : cruet_ws_send(w, kind, p, len);
}

static int entered(cruet_ws *w, cruet_ctx *c)
{
	(void)c;
	return cruet_ws_join(w, "crowd");
}

static int told(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	(void)w;
	return cruet_ws_publish(c, "crowd", kind, p, len) < 0 ? cruet_err(c) : CRUET_OK;
}

CRUET_APP(app)
{
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					      .path = "/crowd",
					      .name = "crowd",
					      .open = entered,
					      .message = told,
					      .max_queue = 262144,
					      .here = CRUET_HERE});
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					      .path = "/slow",
					      .name = "slow",
					      .message = thinks,
					      .here = CRUET_HERE});
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					      .path = "/echo",
					      .name = "echo",
					      .message = said,
					      .max_message = 100000,
					      .idle_ms = 60000,
					      .here = CRUET_HERE});
}
