/* A connection's life: it is open; it is closing, from either side's close frame or a
 * failure on; it has ended. See ws_read.c and ws_write.c for the bytes. */
#include "ws_conn_priv.h"

#include <stdlib.h>

struct ws_conn *ws_conn_new(const struct ws_conn_opts *o, int64_t now)
{
	struct ws_conn *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->opts = *o;
	c->heard = now;
	c->deadline = INT64_MAX;
	c->out.since = -1;
	c->out.end = &c->out.line;
	if (ws_queue_init(&c->queue, o->max_queue))
		return c;
	free(c);
	return NULL;
}

void ws_conn_free(struct ws_conn *c)
{
	if (!c)
		return;
	ws_queue_fini(&c->queue);
	ws_nodes_free(c->out.line);
	ws_bytes_free(&c->in.message);
	ws_inflater_free(c->in.inflater);
	ws_deflater_free(c->out.deflater);
	free(c);
}

enum ws_put ws_conn_send(struct ws_conn *c, unsigned opcode, const void *p, size_t len)
{
	return ws_queue_put(&c->queue, opcode, p, len);
}

enum ws_put ws_conn_close(struct ws_conn *c, unsigned code, const char *reason)
{
	return ws_queue_close(&c->queue, code, reason);
}

void ws_begin_closing(struct ws_conn *c, unsigned code, int64_t now)
{
	if (!c->code)
		c->code = code;
	if (!c->closing)
		c->deadline = now + c->opts.close_ms;
	c->closing = true;
}

void ws_conn_lost(struct ws_conn *c)
{
	if (!c->code)
		c->code = WS_LOST;
	c->lost = c->in.over = true;
	ws_queue_stop(&c->queue);
}

bool ws_conn_ended(const struct ws_conn *c)
{
	return c->lost || (c->in.over && c->out.close_staged && !c->out.ncontrol);
}

unsigned ws_conn_code(const struct ws_conn *c)
{
	return c->code;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the connection is given up, as things stand. */
static int64_t give_up_at(const struct ws_conn *c)
{
	int64_t at = c->deadline;

	if (!c->opts.idle_ms)
		return at;
	if (c->out.since >= 0)
		at = least(at, c->out.since + c->opts.idle_ms);
	if (!c->closing)
		at = least(at, c->heard + c->opts.idle_ms);
	return at;
}

static bool may_ping(const struct ws_conn *c)
{
	return c->opts.idle_ms && !c->pinged && !c->closing;
}

int64_t ws_conn_tick(struct ws_conn *c, int64_t now)
{
	int64_t ping_at = c->heard + c->opts.idle_ms / 2;

	if (ws_conn_ended(c))
		return INT64_MAX;
	if (now >= give_up_at(c)) {
		ws_conn_lost(c);
		return INT64_MAX;
	}
	if (may_ping(c) && now >= ping_at)
		c->pinged = c->out.ping_due = true;
	return may_ping(c) ? least(ping_at, give_up_at(c)) : give_up_at(c);
}
