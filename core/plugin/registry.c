#include "plugin/registry.h"

#include <stdlib.h>
#include <string.h>

#include "plugin/copies.h"
#include "plugin/leaving.h"

/* --- all of them, for the root ------------------------------------------------------------- */

static void stop_all(void *p)
{
	struct registry *r = p;

	leaving_end(r);
	leaving_settle(r, 0); /* they may be bound to others, and nobody to them */
	for (struct instance *in = r->all.last; in; in = in->prev)
		if (in->state == INSTANCE_RUNNING)
			instance_stop(in);
}

static int start_all(void *p)
{
	struct registry *r = p;
	int err = CRUET_OK;

	for (struct instance *in = r->all.first; in && !err; in = in->next)
		err = instance_start(in);
	if (err)
		stop_all(r);
	return err;
}

/* One that is stuck stays where it is. */
static struct instance *last_to_free(const struct registry *r)
{
	struct instance *in = r->all.last;

	while (in && in->stuck)
		in = in->prev;
	return in;
}

static void free_all(void *p)
{
	struct registry *r = p;

	for (struct instance *in; (in = last_to_free(r));)
		instance_free(in);
	copies_free(r->copies);
	free(r->app_file);
	free(r);
}

static const struct registry_ops ops = {start_all, stop_all, free_all};

struct registry *registry_of(cruet_app *root)
{
	struct host *h = root->host;
	struct registry *r = h->registry;

	if (!r) {
		r = calloc(1, sizeof *r);
		if (!r)
			return NULL;
		r->root = root;
		h->registry = r;
		h->registry_ops = &ops;
	}
	return r;
}

static struct instance *named(cruet_app *root, const char *name, bool out)
{
	struct registry *r = root->host->registry;

	for (struct instance *in = r ? r->all.first : NULL; in; in = in->next)
		if (in->scope->out == out && !strcmp(in->owner.name, name))
			return in;
	return NULL;
}

struct instance *registry_named(cruet_app *root, const char *name)
{
	return named(root, name, false);
}

struct instance *registry_outgoing(cruet_app *root, const char *name)
{
	return named(root, name, true);
}

const struct config *registry_source(cruet_app *root)
{
	const struct registry *r = root->host->registry;
	return r && r->source ? r->source : atomic_load(&root->host->config);
}

int registry_set_app(cruet_app *root, const char *file)
{
	struct registry *r = registry_of(root);
	char *copy = r ? strdup(file) : NULL;

	if (!copy)
		return CRUET_ENOMEM;
	pthread_mutex_lock(&root->host->changing);
	free(r->app_file);
	r->app_file = copy;
	pthread_mutex_unlock(&root->host->changing);
	return CRUET_OK;
}

/* --- the list ------------------------------------------------------------------------------ */

static void insert(struct roll *r, struct instance *in, struct instance *before)
{
	in->roll = r;
	in->next = before;
	in->prev = before ? before->prev : r->last;
	*(in->prev ? &in->prev->next : &r->first) = in;
	*(before ? &before->prev : &r->last) = in;
}

void roll_add(struct roll *r, struct instance *in)
{
	insert(r, in, NULL);
}

void roll_move_before(struct instance *in, struct instance *other)
{
	roll_remove(in);
	insert(other->roll, in, other);
}

void roll_remove(struct instance *in)
{
	struct roll *r = in->roll;

	if (!r)
		return;
	*(in->prev ? &in->prev->next : &r->first) = in->next;
	*(in->next ? &in->next->prev : &r->last) = in->prev;
	in->roll = NULL;
	in->next = in->prev = NULL;
}
