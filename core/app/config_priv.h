/* What the files of the configuration share. */
#ifndef APP_CONFIG_PRIV_H
#define APP_CONFIG_PRIV_H

#include "app/config.h"
#include "base/arena.h"

/* Begins the key of an item that is a variable of .env: no setting, but "env:NAME"
 * may ask for it. */
enum { CONFIG_VARIABLE = '$' };

/* One value from elsewhere than the file. */
struct config_item {
	struct config_item *next;
	enum config_layer layer;
	const char *key, *text, *origin;
};

struct config {
	struct arena arena;
	bool was_read;       /* config_read() was called */
	const char *path;    /* of the file, as it was given; NULL without one */
	const char *name;    /* the same without its folder, for messages */
	const char *folder;
	const char *place; /* the folder, absolute */
	const char *profile; /* or NULL */
	char *text;          /* of the file; free() */
	size_t len;
	struct cJSON *file;  /* as it was read, or NULL */
	struct config_item *items, **last; /* in the order they were set */
	struct cJSON *tree;  /* the effective one */
	struct cJSON *old;   /* trees that somebody may still look at */
	config_told *told;   /* or NULL: the first mistake ends what is done */
	void *told_arg;
	struct config *older; /* that this one has followed, and that is kept for the same reason */
};

/* An error with its text; "out of memory" when fmt could not be written. */
int config_fail(char **why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A mistake that was found: told, and CRUET_OK, where somebody listens and memory has not run
 * out; else err, and *why as it is. CRUET_OK as err is none. */
int config_mistake(const struct config *cf, int err, char **why);
/* An error unless key may stand there: its top level is known, and what is below
 * "server" too. origin begins the message. */
int config_known(const char *key, const char *origin, char **why);
/* The value at a dotted key of a tree; NULL if none. */
const struct cJSON *config_lookup(const struct cJSON *tree, const char *key);
/* The object of the chosen profile in the file; NULL if none. */
const struct cJSON *config_profile(const struct config *cf);
/* Makes the effective tree anew. */
int config_rebuild(struct config *cf, char **why);
/* Adds what .env (in folder) and the process say. */
int config_read_environment(struct config *cf, char **why);
/* The value of a variable: the process's, else that of .env; NULL if none. */
const char *config_variable(const struct config *cf, const char *name);
/* Remembers one item; no check, no merging. */
int config_add(struct config *cf, enum config_layer layer, const char *key,
	       const char *text, const char *origin);

#endif
