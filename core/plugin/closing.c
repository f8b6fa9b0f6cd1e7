#include "plugin/closing.h"

#include <stdlib.h>
#include <string.h>

#include "app/closed.h"
#include "plugin/registry.h"

static bool needs_closed(const struct instance *in)
{
	for (const struct edge *e = in->uses; e; e = e->next)
		if (atomic_load(&e->provider->owner.closed))
			return true;
	return false;
}

/* From those that are quarantined to those that need them, and so on. */
static void spread(cruet_app *root)
{
	struct registry *r = root->host->registry;
	bool more = true;

	for (struct instance *in = r->all.first; in; in = in->next)
		atomic_store(&in->owner.closed, in->quarantined);
	while (more) {
		more = false;
		for (struct instance *in = r->all.first; in; in = in->next) {
			if (atomic_load(&in->owner.closed) || !needs_closed(in))
				continue;
			atomic_store(&in->owner.closed, true);
			more = true;
		}
	}
}

void closing_expect(cruet_app *root, char **names)
{
	struct registry *r = registry_of(root);

	if (r)
		r->closed = names;
}

static bool is_expected(const struct registry *r, const struct instance *in)
{
	for (char **name = r->closed; name && *name; name++)
		if (!strcmp(*name, in->owner.name))
			return true;
	return false;
}

void closing_carry(cruet_app *root, struct generation *next)
{
	struct registry *r = root->host->registry;

	for (struct instance *in = r->all.first; in; in = in->next)
		if (is_expected(r, in) || (in->old && in->old->quarantined &&
					   !strcmp(in->sha256, in->old->sha256)))
			in->quarantined = true;
	spread(root);
	closed_mark(next);
}

/* Requests that begin from now on see it. */
static void tell_requests(cruet_app *root)
{
	struct generation *g = atomic_load(&root->host->current);

	if (g)
		closed_mark(g);
}

int closing_close(cruet_app *root, const char *name)
{
	struct host *h = root->host;

	pthread_mutex_lock(&h->changing);
	struct instance *in = registry_named(root, name);
	if (in) {
		in->quarantined = true;
		spread(root);
		tell_requests(root);
	}
	pthread_mutex_unlock(&h->changing);
	return in ? CRUET_OK : CRUET_ENOENT;
}

/* Those that were left out when the application started. */
static int start_left(cruet_app *root)
{
	struct registry *r = root->host->registry;

	for (struct instance *in = r->all.first; in; in = in->next) {
		if (in->state != INSTANCE_READY || atomic_load(&in->owner.closed))
			continue;
		int err = instance_start(in);
		if (err)
			return err;
	}
	return CRUET_OK;
}

static int open_it(cruet_app *root, struct instance *in, char **why)
{
	struct host *h = root->host;

	in->quarantined = false;
	spread(root);
	int err = atomic_load(&h->state) == HOST_RUNNING ? start_left(root) : CRUET_OK;
	if (err) {
		*why = cruet_problem(root) ? strdup(cruet_problem(root)) : NULL;
		host_forget_problem(h);
		in->quarantined = true;
		spread(root);
	}
	tell_requests(root);
	return err;
}

int closing_open(cruet_app *root, const char *name, char **why)
{
	struct host *h = root->host;

	*why = NULL;
	pthread_mutex_lock(&h->changing);
	struct instance *in = registry_named(root, name);
	int err = !in ? CRUET_ENOENT : !in->quarantined ? CRUET_ESTATE : open_it(root, in, why);
	pthread_mutex_unlock(&h->changing);
	return err;
}

bool closing_is(cruet_app *root, const char *name)
{
	struct host *h = root->host;

	pthread_mutex_lock(&h->changing);
	const struct instance *in = h->registry ? registry_named(root, name) : NULL;
	bool is = in && in->quarantined;
	pthread_mutex_unlock(&h->changing);
	return is;
}

void closing_each(cruet_app *root, void (*each)(void *arg, const struct instance *in), void *arg)
{
	struct host *h = root->host;

	pthread_mutex_lock(&h->changing);
	const struct registry *r = h->registry;
	for (const struct instance *in = r ? r->all.first : NULL; in; in = in->next)
		each(arg, in);
	pthread_mutex_unlock(&h->changing);
}

const char *closing_state(const struct instance *in)
{
	return in->quarantined			? "quarantined"
	       : atomic_load(&in->owner.closed) ? "closed"
						: "running";
}
