/* The beginning of a connection, before its first request: the handshake of TLS. And
 * what is told of TLS that has failed. */
#include "event.h"

/* Who hangs up or breaks off is the daily bread of a server. */
static bool is_usual(enum tls_fault fault)
{
	return fault == TLS_FAULT_CLOSED || fault == TLS_FAULT_IO;
}

static int level_of(enum tls_fault fault)
{
	if (fault == TLS_FAULT_MEMORY)
		return CRUET_ERROR;
	return is_usual(fault) ? CRUET_DEBUG : CRUET_INFO;
}

static void tell(struct work *w, const struct conn *c, enum tls_fault fault,
		 unsigned more)
{
	char and[32];

	loop_leave(w->thread);
	cruet_log(w->server->app, level_of(fault), "TLS with %s failed: %s: %s%s",
		  c->peer, tls_fault_name(fault), tls_fault_text(c->tls),
		  trouble_more(more, and));
	loop_return(w->thread);
}

void greet_fault(struct work *w, struct conn *c)
{
	enum tls_fault fault = c->tls ? tls_fault(c->tls) : TLS_FAULT_NONE;
	unsigned more;

	if (!fault || c->faulted)
		return;
	c->faulted = true;
	if ((c->greets || !is_usual(fault)) &&
	    trouble_note(&w->server->tls_faults[fault], now_ms(), &more))
		tell(w, c, fault, more);
}

/* Nothing was read of it, and it can be answered in its own language. */
static void answer_plain(struct work *w, struct conn *c)
{
	tls_conn_free(c->tls);
	c->tls = NULL;
	request_refuse(w, c, 400,
		       "A plain request came to a port that speaks TLS: use https.");
}

static int handshake(struct work *w, struct conn *c)
{
	int err = tls_handshake(c->tls);

	if (!err || err == CRUET_EAGAIN)
		return err;
	greet_fault(w, c);
	if (tls_fault(c->tls) == TLS_FAULT_HTTP)
		answer_plain(w, c);
	else
		c->broken = true;
	return err;
}

int greet(struct work *w, struct conn *c)
{
	int err = c->tls ? handshake(w, c) : CRUET_OK;

	c->greets = err == CRUET_EAGAIN;
	return err;
}
