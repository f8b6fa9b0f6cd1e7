#include "ws_queue.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool ws_queue_init(struct ws_queue *q, size_t max)
{
	*q = (struct ws_queue){.max = max};
	q->last = &q->first;
	return !pthread_mutex_init(&q->lock, NULL);
}

void ws_nodes_free(struct ws_node *n)
{
	while (n) {
		struct ws_node *next = n->next;
		free(n);
		n = next;
	}
}

void ws_queue_fini(struct ws_queue *q)
{
	ws_nodes_free(q->first);
	pthread_mutex_destroy(&q->lock);
}

struct ws_node *ws_node_new(unsigned opcode, const void *p, size_t len)
{
	size_t size = offsetof(struct ws_node, bytes) + WS_HEAD_MAX;

	if (len > SIZE_MAX - size)
		return NULL;
	struct ws_node *n = malloc(size + len);
	if (!n)
		return NULL;
	*n = (struct ws_node){
		/* An empty message waits too. */
		.charge = size + len,
		.from = WS_HEAD_MAX,
		.end = WS_HEAD_MAX + len,
		.opcode = (unsigned char)opcode,
	};
	if (len)
		memcpy(n->bytes + n->from, p, len);
	return n;
}

/* What may be added now, where it can be seen without the message. */
static enum ws_put may_put(const struct ws_queue *q, size_t charge)
{
	if (q->closed)
		return WS_PUT_CLOSED;
	return charge > q->max || q->bytes > q->max - charge ? WS_PUT_FULL : WS_PUT;
}

static enum ws_put tell(struct ws_queue *q)
{
	bool first = !q->told;

	q->told = true;
	return first ? WS_PUT_FIRST : WS_PUT;
}

enum ws_put ws_queue_put(struct ws_queue *q, unsigned opcode, const void *p, size_t len)
{
	pthread_mutex_lock(&q->lock);
	enum ws_put r = may_put(q, len);
	pthread_mutex_unlock(&q->lock);
	if (r)
		return r;
	struct ws_node *n = ws_node_new(opcode, p, len);
	if (!n)
		return WS_PUT_NO_MEMORY;
	pthread_mutex_lock(&q->lock);
	r = may_put(q, n->charge);
	if (!r) {
		q->bytes += n->charge;
		*q->last = n;
		q->last = &n->next;
		n = NULL;
		r = tell(q);
	}
	pthread_mutex_unlock(&q->lock);
	free(n);
	return r;
}

/* At most WS_REASON_MAX bytes, and no character cut in two. */
static void copy_reason(char out[WS_REASON_MAX + 1], const char *reason)
{
	size_t n = reason ? strnlen(reason, WS_REASON_MAX + 1) : 0;

	if (n > WS_REASON_MAX)
		for (n = WS_REASON_MAX; n && ((unsigned char)reason[n] & 0xC0) == 0x80;)
			n--;
	if (n)
		memcpy(out, reason, n);
	out[n] = 0;
}

enum ws_put ws_queue_close(struct ws_queue *q, unsigned code, const char *reason)
{
	enum ws_put r = WS_PUT_CLOSED;

	pthread_mutex_lock(&q->lock);
	if (!q->closed) {
		q->closed = q->close_wanted = true;
		q->code = code;
		copy_reason(q->reason, reason);
		r = tell(q);
	}
	pthread_mutex_unlock(&q->lock);
	return r;
}

struct ws_node *ws_queue_take(struct ws_queue *q)
{
	pthread_mutex_lock(&q->lock);
	struct ws_node *all = q->first;
	q->first = NULL;
	q->last = &q->first;
	q->told = false;
	pthread_mutex_unlock(&q->lock);
	return all;
}

void ws_queue_done(struct ws_queue *q, size_t charge)
{
	pthread_mutex_lock(&q->lock);
	q->bytes -= charge;
	pthread_mutex_unlock(&q->lock);
}

void ws_queue_stop(struct ws_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	q->close_wanted = false;
	pthread_mutex_unlock(&q->lock);
	struct ws_node *n = ws_queue_take(q);
	ws_nodes_free(n);
}

bool ws_queue_close_wanted(struct ws_queue *q, unsigned *code, char reason[WS_REASON_MAX + 1])
{
	pthread_mutex_lock(&q->lock);
	bool wanted = q->close_wanted;
	if (wanted) {
		q->close_wanted = false;
		*code = q->code;
		memcpy(reason, q->reason, sizeof q->reason);
	}
	pthread_mutex_unlock(&q->lock);
	return wanted;
}
