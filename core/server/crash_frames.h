/* Addresses of code, and whose code it is. All of it only reads: signal handlers call it. */
#ifndef SERVER_CRASH_FRAMES_H
#define SERVER_CRASH_FRAMES_H

#include "cruet/types.h"
#include "server/crash_record.h"

struct instance;
struct link_map;
struct owner;

/* The frames of a record, innermost first. */
struct crash_frames {
	struct crash_record *record;
	const cruet_app *root;
	const char *program; /* its file */
	bool called;         /* the first one too is where a call returns to */
	const struct link_map *maps[CRASH_MODULES];
};

void frames_begin(struct crash_frames *f, struct crash_record *r, const cruet_app *root,
		  const char *program);
/* pc: the instruction of the first one; of each other one, where it returns to. */
void frames_add(struct crash_frames *f, uintptr_t pc);

/* What dlopen() gave for a plugin is the map of its file. NULL: there is no code. */
const struct link_map *frames_map(uintptr_t pc);
/* The instance whose file that is; NULL. */
const struct instance *frames_whose(const cruet_app *root, const void *map);
const struct instance *frames_instance(const struct owner *o);
/* The first of all instances. */
const struct instance *frames_instances(const cruet_app *root);

#endif
