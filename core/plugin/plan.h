/* A set of plugins that are to be attached: what all of them say of themselves is known,
 * and an order found, before any code of them runs. All or nothing. Every failure is
 * recorded as the problem. */
#ifndef PLUGIN_PLAN_H
#define PLUGIN_PLAN_H

#include "plugin/order.h"
#include "plugin/registry.h"

enum { PLAN_MAX = 128 };

struct wanted {
	const char *name; /* of the instance */
	cruet_app *parent;
	struct instance *old;        /* in whose place it comes; NULL: it is new */
	const cruet_plugin *plugin;  /* linked in; or NULL with */
	struct plugin_file file;     /* what was read */
	const char *text;            /* options that code gave */
	struct config_plugin config; /* instance NULL: the configuration says nothing of it */
	enum origin origin;
	struct instance *in; /* once it is attached */
};

struct plan {
	cruet_app *root;
	struct arena a;
	struct wanted *wanted;    /* in the order in which they were added */
	struct order_item *items; /* in the order of attaching */
	size_t n, nattached;
};

int plan_init(struct plan *p, cruet_app *root); /* CRUET_OK or CRUET_ENOMEM; fini in any case */
void plan_fini(struct plan *p);

/* Adds one; what it points to must outlive the plan. path: of its file, which is read, an
 * application's if app; NULL: it is linked in. */
int plan_add(struct plan *p, const struct wanted *w, const char *path, bool app);
/* The same for the file that is found under the name of a plugin. */
int plan_add_named(struct plan *p, const struct wanted *w, const char *plugin);
int plan_sort(struct plan *p);
/* The same where told hears of all that is wrong, and an order comes of it anyhow. */
int plan_sort_telling(struct plan *p, void (*told)(void *arg, const char *why), void *arg);
/* On failure nothing that was attached stays. */
int plan_attach(struct plan *p);
/* Each that can be is, and of the others told hears why not. */
void plan_attach_each(struct plan *p, void (*told)(void *arg, const char *why), void *arg);

#endif
