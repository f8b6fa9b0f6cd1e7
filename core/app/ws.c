#include "app/ws.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

cruet_ws *ws_new(struct host *h, const char *endpoint, const char *protocol)
{
	size_t n = strlen(endpoint) + 1, more = protocol ? strlen(protocol) + 1 : 0;
	cruet_ws *w = calloc(1, sizeof *w + n + more);

	if (!w)
		return NULL;
	w->host = h;
	w->endpoint = memcpy(w->text, endpoint, n);
	if (protocol)
		w->protocol = memcpy(w->text + n, protocol, more);
	atomic_init(&w->refs, 1);
	pthread_mutex_init(&w->lock, NULL);
	return w;
}

cruet_ws *cruet_ws_ref(cruet_ws *w)
{
	if (w)
		atomic_fetch_add_explicit(&w->refs, 1, memory_order_relaxed);
	return w;
}

void cruet_ws_unref(cruet_ws *w)
{
	if (!w || atomic_fetch_sub_explicit(&w->refs, 1, memory_order_acq_rel) > 1)
		return;
	pthread_mutex_destroy(&w->lock);
	free(w->data);
	free(w);
}

/* --- what leaves ------------------------------------------------------------- */

int ws_send(cruet_ws *w, int kind, const void *p, size_t len)
{
	int err = CRUET_ESTATE;

	pthread_mutex_lock(&w->lock);
	if (w->link.ops)
		err = w->link.ops->send(w->link.self, kind, p, len);
	pthread_mutex_unlock(&w->lock);
	return err;
}

int ws_close(cruet_ws *w, int code, const char *why)
{
	int err = CRUET_ESTATE;

	pthread_mutex_lock(&w->lock);
	if (w->link.ops)
		err = w->link.ops->close(w->link.self, code, why);
	pthread_mutex_unlock(&w->lock);
	return err;
}

int ws_check_message(int kind, const void *p, size_t len)
{
	if ((kind != CRUET_WS_TEXT && kind != CRUET_WS_BINARY) || (!p && len))
		return CRUET_EINVAL;
	return kind == CRUET_WS_BINARY || utf8_valid(p ? p : "", len) ? CRUET_OK : CRUET_EINVAL;
}

int cruet_ws_send(cruet_ws *w, int kind, const void *p, size_t len)
{
	int err = w ? ws_check_message(kind, p, len) : CRUET_EINVAL;

	return err ? err : ws_send(w, kind, p, len);
}

/* Those that a close frame may hold, less 1002, which is the transport's to say. */
static bool code_ok(int code)
{
	return code == 1000 || code == 1001 || code == 1003 || (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}

int cruet_ws_close(cruet_ws *w, int code, const char *why)
{
	if (!w || !code_ok(code) || (why && !utf8_valid(why, strlen(why))))
		return CRUET_EINVAL;
	return ws_close(w, code, why);
}

/* --- what is kept with it ---------------------------------------------------- */

int cruet_ws_set(cruet_ws *w, const void *p, size_t len)
{
	char *copy = NULL;

	if (!w || len == SIZE_MAX)
		return CRUET_EINVAL;
	if (p) {
		copy = malloc(len + 1);
		if (!copy)
			return CRUET_ENOMEM;
		memcpy(copy, p, len);
		copy[len] = '\0';
	}
	free(w->data);
	w->data = copy;
	w->len = copy ? len : 0;
	return CRUET_OK;
}

const void *cruet_ws_get(const cruet_ws *w, size_t *len)
{
	if (len)
		*len = w ? w->len : 0;
	return w ? w->data : NULL;
}

const char *cruet_ws_protocol(const cruet_ws *w)
{
	return w ? w->protocol : NULL;
}
