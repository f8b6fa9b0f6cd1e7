#include "room.h"

#include <stdlib.h>
#include <string.h>

struct person {
	struct person *next;
	char name[NAME_MAX_BYTES + 1];
};

void room_init(struct room *r)
{
	pthread_mutex_init(&r->lock, NULL);
}

void room_fini(struct room *r)
{
	while (r->people)
		room_leave(r, r->people->name);
	for (size_t i = 0; i < HISTORY; i++)
		free(r->history[i].text);
	pthread_mutex_destroy(&r->lock);
}

static struct person **find(struct room *r, const char *name)
{
	struct person **p = &r->people;

	while (*p && strcmp((*p)->name, name) != 0)
		p = &(*p)->next;
	return p;
}

int room_enter(struct room *r, const char *name)
{
	if (*find(r, name))
		return CRUET_EEXIST;
	if (r->npeople == PEOPLE_MAX)
		return CRUET_ELIMIT;
	struct person *p = calloc(1, sizeof *p);
	if (!p)
		return CRUET_ENOMEM;
	strncat(p->name, name, NAME_MAX_BYTES);
	p->next = r->people;
	r->people = p;
	r->npeople++;
	return CRUET_OK;
}

void room_leave(struct room *r, const char *name)
{
	struct person **at = find(r, name), *p = *at;

	if (!p)
		return;
	*at = p->next;
	r->npeople--;
	free(p);
}

int room_remember(struct room *r, const char *name, const char *text, int64_t time)
{
	struct said *s = &r->history[r->nsaid % HISTORY];
	char *copy = strdup(text);

	if (!copy)
		return CRUET_ENOMEM;
	free(s->text);
	*s = (struct said){.text = copy, .time = time};
	strncat(s->name, name, NAME_MAX_BYTES);
	r->nsaid++;
	return CRUET_OK;
}

void room_put_said(cruet_json *out, const char *name, const char *text, int64_t time)
{
	cruet_put_str(out, "type", "said");
	cruet_put_str(out, "name", name);
	cruet_put_str(out, "text", text);
	cruet_put_int(out, "time", time);
}

/* The list runs the other way. */
static void put_people(cruet_json *names, const struct person *p)
{
	const struct person *all[PEOPLE_MAX];
	size_t n = 0;

	for (; p; p = p->next)
		all[n++] = p;
	while (n)
		cruet_push_str(names, all[--n]->name);
}

void room_describe(const struct room *r, cruet_json *out)
{
	put_people(cruet_put_array(out, "here"), r->people);
	cruet_json *history = cruet_put_array(out, "history");
	for (uint64_t i = r->nsaid > HISTORY ? r->nsaid - HISTORY : 0; i < r->nsaid; i++) {
		const struct said *s = &r->history[i % HISTORY];
		room_put_said(cruet_push_object(history), s->name, s->text, s->time);
	}
}
