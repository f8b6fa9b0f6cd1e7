/* A WebSocket with no socket: the client's end and the transport's in one. What the
 * application sends waits here until the test reads it, and is bounded as it would be
 * elsewhere. Other threads may send meanwhile; so only the thread of the client tells
 * the core that the connection has ended. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cruet/error.h"
#include "cruet/ws.h"
#include "server/client_priv.h"

enum { REASON_SIZE = 124, GOING_AWAY = 1001, BAD_DATA = 1007, TOO_LARGE = 1009 };

struct item {
	struct item *next;
	int kind;
	size_t len;
	char text[];
};

struct cruet_client_ws {
	cruet_ws *ws; /* NULL once it has ended */
	uint64_t max_message, max_queue;
	struct item *given; /* what was read last */
	pthread_mutex_t lock; /* guards what follows */
	struct item *first, **last;
	uint64_t waiting;
	int code; /* why it ends; 0: it does not */
	char reason[REASON_SIZE];
};

/* --- the link ---------------------------------------------------------------- */

static int keep(cruet_client_ws *s, int kind, const void *p, size_t len)
{
	struct item *it;

	if (s->code)
		return CRUET_ESTATE;
	if (len > s->max_queue || s->waiting > s->max_queue - len)
		return CRUET_EBUSY;
	it = malloc(sizeof *it + len + 1);
	if (!it)
		return CRUET_ENOMEM;
	*it = (struct item){.kind = kind, .len = len};
	if (len)
		memcpy(it->text, p, len);
	it->text[len] = '\0';
	*s->last = it;
	s->last = &it->next;
	s->waiting += len;
	return CRUET_OK;
}

static int link_send(void *self, int kind, const void *p, size_t len)
{
	cruet_client_ws *s = self;

	pthread_mutex_lock(&s->lock);
	int err = keep(s, kind, p, len);
	pthread_mutex_unlock(&s->lock);
	return err;
}

static int link_close(void *self, int code, const char *why)
{
	cruet_client_ws *s = self;

	pthread_mutex_lock(&s->lock);
	int err = s->code ? CRUET_ESTATE : CRUET_OK;
	if (!err) {
		s->code = code;
		strncat(s->reason, why ? why : "", REASON_SIZE - 1);
	}
	pthread_mutex_unlock(&s->lock);
	return err;
}

static const cruet_link_ops link_ops = {
	.size = sizeof link_ops,
	.send = link_send,
	.close = link_close,
};

void client_ws_accepted(cruet_client_ws *s, const cruet_upgrade *how, cruet_link *link)
{
	s->ws = how->ws;
	s->max_message = how->max_message;
	s->max_queue = how->max_queue;
	*link = (cruet_link){&link_ops, s};
}

/* --- the client's end -------------------------------------------------------- */

/* Tells the core if the connection was closed meanwhile; why it was, or 0. */
static int settle(cruet_client_ws *s)
{
	pthread_mutex_lock(&s->lock);
	int code = s->code;
	pthread_mutex_unlock(&s->lock);
	if (code && s->ws) {
		cruet_ws *w = s->ws;
		s->ws = NULL;
		cruet_ws_ended(w, 0, code);
	}
	return code;
}

static void default_header(cruet_client *t, const char *name, const char *value)
{
	if (!fields_get(&t->headers, name) && !fields_get(&t->without, name))
		cruet_client_set_header(t, name, value);
}

static void handshake(cruet_client *t, const char *path, cruet_client_ws *s)
{
	default_header(t, "Connection", "Upgrade");
	default_header(t, "Upgrade", "websocket");
	default_header(t, "Sec-WebSocket-Version", "13");
	default_header(t, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
	t->opening = s;
	cruet_client_get(t, path);
	t->opening = NULL;
}

cruet_client_ws *cruet_client_ws_open(cruet_client *t, const char *path)
{
	cruet_client_ws *s = t ? calloc(1, sizeof *s) : NULL;

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	s->last = &s->first;
	handshake(t, path, s);
	if (s->ws) {
		settle(s);
		return s;
	}
	cruet_client_ws_free(s);
	return NULL;
}

void cruet_client_ws_free(cruet_client_ws *s)
{
	if (!s)
		return;
	cruet_client_ws_close(s, GOING_AWAY);
	for (struct item *it = s->first, *next; it; it = next) {
		next = it->next;
		free(it);
	}
	free(s->given);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int cruet_client_ws_close(cruet_client_ws *s, int code)
{
	int err = link_close(s, code, NULL);

	settle(s);
	return err;
}

int cruet_client_ws_send(cruet_client_ws *s, int kind, const void *p, size_t len)
{
	if (settle(s))
		return CRUET_ESTATE;
	if (len > s->max_message)
		link_close(s, TOO_LARGE, "the message is too large");
	else if (kind == CRUET_WS_TEXT && !utf8_valid(p, len))
		link_close(s, BAD_DATA, "the text is not UTF-8");
	else
		cruet_ws_received(s->ws, 0, kind, p, len);
	settle(s);
	return CRUET_OK;
}

int cruet_client_ws_text(cruet_client_ws *s, const char *text)
{
	return cruet_client_ws_send(s, CRUET_WS_TEXT, text, strlen(text));
}

const char *cruet_client_ws_read(cruet_client_ws *s, int *kind, size_t *len)
{
	free(s->given);
	pthread_mutex_lock(&s->lock);
	struct item *it = s->given = s->first;
	if (it) {
		s->first = it->next;
		s->waiting -= it->len;
		if (!s->first)
			s->last = &s->first;
	}
	pthread_mutex_unlock(&s->lock);
	settle(s);
	if (kind)
		*kind = it ? it->kind : 0;
	if (len)
		*len = it ? it->len : 0;
	return it ? it->text : NULL;
}

int cruet_client_ws_code(cruet_client_ws *s)
{
	return settle(s);
}

const char *cruet_client_ws_reason(cruet_client_ws *s)
{
	return settle(s) ? s->reason : "";
}
