/* Between info.c, which looks, and info_json.c. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include "app/generation.h"

enum info_hook {
	INFO_MATCH,
	INFO_BEFORE,
	INFO_AFTER,
	INFO_FINISH,
	INFO_ENCODE,
	INFO_TEARDOWN,
	INFO_HOOKS
};

struct names {
	const char **items; /* ends with NULL; NULL: none */
	size_t n;
};

struct info {
	struct arena *a;
	const char *path;
	const cruet_plugin *plugin; /* as the file says */
	uint64_t size;		    /* of the file, in bytes */
	const char *why;	    /* it could not be attached, a sentence; or */
	const struct instance *in;
	const struct router *router;
	/* What it registered, with its blueprints: */
	unsigned hooks[INFO_HOOKS];
	struct names errors;	 /* "404", "any" */
	struct names converters; /* names of converters */
	struct names services;	 /* ids */
	struct names events;	 /* that it listens to */
	struct names commands;	 /* names, and for each */
	struct names helps;	 /* what it does */
	bool failed;		 /* out of memory: something is missing */
};

/* "before", ... */
extern const char *const info_hook_names[INFO_HOOKS];

/* Writes it on standard output; false: out of memory. */
bool info_json(const struct info *i);

#endif
