/* Who is in which group: by name, and the other way round. The callers hold the lock. */
#ifndef APP_WS_GROUP_H
#define APP_WS_GROUP_H

#include <pthread.h>
#include <stdbool.h>

struct cruet_ws;
struct ws_group;

struct ws_groups {
	pthread_mutex_t lock;
	void *tree; /* of struct ws_group, see tsearch(3) */
	struct cruet_ws *all; /* connections */
};

struct ws_member {
	struct ws_group *group;
	struct cruet_ws *ws;
	struct ws_member *next, **at;          /* in the group */
	struct ws_member *next_mine, **at_mine; /* of the connection */
};

struct ws_groups *ws_groups_new(void); /* NULL: out of memory */
void ws_groups_free(struct ws_groups *g);

/* The first of a group; NULL: it has none. */
struct ws_member *group_members(struct ws_groups *g, const char *name);
/* mine: where the connection keeps its groups. CRUET_OK also when it is in there
 * already, or CRUET_ENOMEM. */
int group_add(struct ws_groups *g, struct ws_member **mine, struct cruet_ws *ws,
	      const char *name);
/* False: it is not in there. */
bool group_drop(struct ws_groups *g, struct ws_member *mine, const char *name);
void group_drop_all(struct ws_groups *g, struct ws_member **mine);

#endif
