/* Changing the plugins of an application while it serves: new ones are taken up the ladder
 * beside the old ones, a generation is built and checked, one pointer is published, and
 * the old ones leave when nobody stands on them. Whatever fails before the pointer is
 * published leaves all as it was.
 *
 * change.c and change_spread.c find out what is to be changed, swap.c does it, leaving.c is
 * the end of those that leave. */
#ifndef PLUGIN_CHANGE_H
#define PLUGIN_CHANGE_H

#include "plugin/plan.h"

enum change_kind { CHANGE_RELOAD, CHANGE_LOAD, CHANGE_UNLOAD };

/* What came of it. Texts live until change_report_free(). */
struct change_report {
	struct arena a;
	bool changed;        /* a new generation was published: */
	uint64_t generation; /* its number */
	int64_t build_us;    /* what it took to build and publish it, */
	int64_t drain_ms;    /* and then until the old one was gone */
	const char *const *replaced, *const *added, *const *removed; /* names; end with NULL */
	const char *const *left;  /* of those that still have requests, or do not end */
	const char *const *fixed; /* settings that differ, and that only a new start changes */
};
void change_report_free(struct change_report *r);

/* The one half of a change: until it is published. The other half is change_finish(), also
 * where nothing has changed.
 *
 * name NULL, for CHANGE_RELOAD: whatever differs from the configuration and the files as
 * they are now. CRUET_OK, or an error and *why (malloc'ed; NULL: out of memory); all is
 * as it was then. The report is to be freed in both cases. [any thread] but those that
 * run a request or code of a plugin: CRUET_ESTATE. */
int change_run(cruet_app *root, enum change_kind kind, const char *name,
	       struct change_report *report, char **why);
/* Waits for those that leave, and completes the report. */
void change_finish(cruet_app *root, struct change_report *report);
/* In place of it, for who does not wait: lets go those that nobody stands on any more. True
 * if none is left; else it is to be called again. */
bool change_settle(cruet_app *root);

/* --- between change.c, change_settings.c and swap.c */

struct change {
	cruet_app *root;
	struct host *host;
	struct registry *registry;
	enum change_kind kind;
	const char *name;
	struct config *fresh;    /* NULL: the configuration is the same as before */
	struct plan plan;        /* what is to come */
	struct instance *newest; /* the last one that was there before */
	struct change_report *report;
	struct generation *next;
	uint64_t number; /* of the generation that was published; 0: none was */
};

/* The configuration that what comes is set up by. */
static inline const struct config *change_source(const struct change *c)
{
	return c->fresh ? c->fresh : scope_config(c->root);
}

/* Takes over what of the server's settings can change, and reports what cannot. */
void change_settings(struct change *c);

/* Gives a fate to those that cannot stay when those go that have one, and those come that are
 * planned. True if there were any. (change_spread.c) */
bool change_spread(struct change *c);
bool instance_lies_in(const struct instance *in, const struct instance *outer);
bool instance_is_app(const struct instance *in); /* the application itself */

/* Changes from the instances whose fate is not to stay to those of the plan. Problems are
 * recorded. host->changing is held. */
int swap_run(struct change *c);

#endif
