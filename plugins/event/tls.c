#include "tls.h"

#include <pthread.h>
#include <stdlib.h>

#include "tls_conn.h"
#include "tls_set.h"

struct tls {
	const struct tls_options *o;
	struct tickets *tickets;
	pthread_mutex_t lock; /* guards which set it is */
	struct tls_set *set;
};

int tls_new(const struct tls_options *o, struct tls **out, char **why)
{
	struct tls *t = calloc(1, sizeof *t);

	*out = NULL;
	*why = NULL;
	if (!t)
		return CRUET_ENOMEM;
	pthread_mutex_init(&t->lock, NULL);
	t->o = o;
	t->tickets = tickets_new(o->shared);
	int err = t->tickets ? tls_set_new(o, t->tickets, &t->set, why) : CRUET_ENOMEM;
	if (err)
		tls_free(t);
	else
		*out = t;
	return err;
}

int tls_reload(struct tls *t, char **why)
{
	struct tls_set *fresh, *old;
	int err = tls_set_new(t->o, t->tickets, &fresh, why);

	if (err)
		return err;
	pthread_mutex_lock(&t->lock);
	old = t->set;
	t->set = fresh;
	pthread_mutex_unlock(&t->lock);
	tls_set_drop(old);
	return CRUET_OK;
}

struct tls_set *tls_take(struct tls *t)
{
	pthread_mutex_lock(&t->lock);
	struct tls_set *s = tls_set_hold(t->set);
	pthread_mutex_unlock(&t->lock);
	return s;
}

void tls_rotate_tickets(struct tls *t)
{
	tickets_rotate(t->tickets);
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	tls_set_drop(t->set);
	tickets_free(t->tickets);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
