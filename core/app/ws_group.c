/* Names may come from clients: a balanced tree cannot be slowed down by choosing them. */
#include "app/ws_group.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "cruet/error.h"

struct ws_group {
	const char *name; /* text, or what is looked for */
	struct ws_member *members;
	char text[];
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct ws_group *)a)->name, ((const struct ws_group *)b)->name);
}

struct ws_groups *ws_groups_new(void)
{
	struct ws_groups *g = calloc(1, sizeof *g);

	if (g)
		pthread_mutex_init(&g->lock, NULL);
	return g;
}

void ws_groups_free(struct ws_groups *g)
{
	if (!g)
		return;
	tdestroy(g->tree, free);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

static struct ws_group *find(struct ws_groups *g, const char *name)
{
	struct ws_group key = {.name = name};
	struct ws_group **found = tfind(&key, &g->tree, by_name);

	return found ? *found : NULL;
}

static struct ws_group *find_or_add(struct ws_groups *g, const char *name)
{
	struct ws_group *group = find(g, name);
	size_t n = strlen(name) + 1;

	if (group)
		return group;
	group = calloc(1, sizeof *group + n);
	if (!group)
		return NULL;
	group->name = memcpy(group->text, name, n);
	if (tsearch(group, &g->tree, by_name))
		return group;
	free(group);
	return NULL;
}

static void drop_if_empty(struct ws_groups *g, struct ws_group *group)
{
	if (group->members)
		return;
	tdelete(group, &g->tree, by_name);
	free(group);
}

static struct ws_member *member(struct ws_member *mine, const char *name)
{
	while (mine && strcmp(mine->group->name, name) != 0)
		mine = mine->next_mine;
	return mine;
}

struct ws_member *group_members(struct ws_groups *g, const char *name)
{
	const struct ws_group *group = find(g, name);

	return group ? group->members : NULL;
}

int group_add(struct ws_groups *g, struct ws_member **mine, struct cruet_ws *ws,
	      const char *name)
{
	if (member(*mine, name))
		return CRUET_OK;
	struct ws_group *group = find_or_add(g, name);
	if (!group)
		return CRUET_ENOMEM;
	struct ws_member *m = calloc(1, sizeof *m);
	if (!m) {
		drop_if_empty(g, group);
		return CRUET_ENOMEM;
	}
	*m = (struct ws_member){.group = group,
				.ws = ws,
				.next = group->members,
				.at = &group->members,
				.next_mine = *mine,
				.at_mine = mine};
	if (m->next)
		m->next->at = &m->next;
	if (m->next_mine)
		m->next_mine->at_mine = &m->next_mine;
	group->members = *mine = m;
	return CRUET_OK;
}

static void drop(struct ws_groups *g, struct ws_member *m)
{
	*m->at = m->next;
	if (m->next)
		m->next->at = m->at;
	*m->at_mine = m->next_mine;
	if (m->next_mine)
		m->next_mine->at_mine = m->at_mine;
	drop_if_empty(g, m->group);
	free(m);
}

bool group_drop(struct ws_groups *g, struct ws_member *mine, const char *name)
{
	struct ws_member *m = member(mine, name);

	if (m)
		drop(g, m);
	return m != NULL;
}

void group_drop_all(struct ws_groups *g, struct ws_member **mine)
{
	while (*mine)
		drop(g, *mine);
}
