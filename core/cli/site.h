/* An application as the command line finds it: its configuration, its plugins and
 * its code, brought together from a target and options. */
#ifndef CLI_SITE_H
#define CLI_SITE_H

#include "cli/cli.h"
#include "cli/target.h"
#include "cruet/types.h"

struct generation;

/* The options that all commands with a target have, to stand in a list of flags. */
#define SITE_FLAGS                                                                        \
	{"config", "FILE", "reads this configuration, not the target's cruet.json", 'c'}, \
	{"profile", "NAME", "lays that profile of the configuration over it", 'p'},       \
	{"set", "KEY=VALUE", "sets one value above all other sources; repeatable", 'D'}

struct site {
	struct target target;
	cruet_app *app;
	struct generation *plan; /* of site_plan() */
	bool stands;             /* the plan is the application's own: see site_ctx() */
};

/* Each gives EXIT_DONE, or the exit code after saying what is wrong. site_close()
 * in any case. */

/* Finds the target, and takes what the command line says of its configuration, which is
 * not read yet. */
int site_open(struct site *s, struct cmdline *c, const char *target);
/* Finds the target and reads its configuration; runs no code of it. What nobody has
 * set is as `cruet run` has it: a process serves, and this one looks after it. */
int site_configure(struct site *s, struct cmdline *c, const char *target);
/* After that: compiles the application where it is source, goes to the folder where its
 * relative paths start, and takes it and the configured plugins up the ladder to init:
 * nothing is started. */
int site_load(struct site *s, struct cmdline *c);
/* After site_configure(): the source files of the application, in a; ends with NULL. NULL
 * after saying why there are none. */
const char *const *site_sources(struct site *s, struct arena *a);
/* What is compiled cannot be listed by a lock: refuses where there is one. */
int site_may_build(struct site *s, struct cmdline *c);
/* Both; then builds what requests would run on, to look at. */
int site_plan(struct site *s, struct cmdline *c, const char *target);
/* After that: a ctx that stands on the plan, for converters, which are code of plugins. The
 * caller gives it back with ctx_close(). NULL: out of memory. */
cruet_ctx *site_ctx(struct site *s);
void site_close(struct site *s);

#endif
