/* Groups as applications use them. One lock for all of them, held while a message is queued
 * for each member, which blocks nowhere: so all members see one order. */
#include "app/ws.h"
#include "app/ws_group.h"

enum { TRY_AGAIN = 1013 };

int cruet_ws_join(cruet_ws *w, const char *group)
{
	if (!w || !group)
		return CRUET_EINVAL;
	struct ws_groups *g = w->host->groups;

	pthread_mutex_lock(&g->lock);
	int err = w->ended ? CRUET_ESTATE : group_add(g, &w->groups, w, group);
	pthread_mutex_unlock(&g->lock);
	return err;
}

int cruet_ws_leave(cruet_ws *w, const char *group)
{
	if (!w || !group)
		return CRUET_EINVAL;
	struct ws_groups *g = w->host->groups;

	pthread_mutex_lock(&g->lock);
	bool left = group_drop(g, w->groups, group);
	pthread_mutex_unlock(&g->lock);
	return left ? CRUET_OK : CRUET_ENOENT;
}

int64_t cruet_ws_publish(cruet_ctx *c, const char *group, int kind, const void *p, size_t len)
{
	struct ws_groups *g = c->host->groups;
	int64_t n = 0;

	int err = group ? ws_check_message(kind, p, len) : CRUET_EINVAL;
	if (err)
		return ctx_fail(c, err,
				"cruet_ws_publish: expected a group, and a message that is UTF-8 if "
				"it is text",
				false);
	pthread_mutex_lock(&g->lock);
	for (struct ws_member *m = group_members(g, group); m; m = m->next) {
		err = ws_send(m->ws, kind, p, len);
		if (!err)
			n++;
		else if (err != CRUET_ESTATE)
			ws_close(m->ws, TRY_AGAIN, "too slow");
	}
	pthread_mutex_unlock(&g->lock);
	return n;
}
