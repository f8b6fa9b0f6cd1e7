#include "server/crash_frames.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "app/where.h"
#include "plugin/registry.h"

enum { INSTANCES_MAX = 256 };

/* The list may be changed by another thread at this very moment: it is read as far as it
 * goes, and no further. */
const struct instance *frames_instances(const cruet_app *root)
{
	const struct registry *r = root->host->registry;
	return r ? r->all.first : NULL;
}

const struct instance *frames_instance(const struct owner *o)
{
	return o ? (const struct instance *)((const char *)o - offsetof(struct instance, owner))
		 : NULL;
}

/* One that is on its way up is on no list yet. */
const struct instance *frames_whose(const cruet_app *root, const void *map)
{
	const struct instance *climber = frames_instance(where.owner);
	unsigned n = 0;

	if (climber && climber->loaded.handle == map)
		return climber;
	for (const struct instance *in = frames_instances(root); in && n < INSTANCES_MAX; in = in->next, n++)
		if (in->loaded.handle == map)
			return in;
	return NULL;
}

/* What dlopen() gave for a plugin is the map of its file. */
const struct link_map *frames_map(uintptr_t pc)
{
	struct dl_find_object found;
	return _dl_find_object((void *)pc, &found) ? NULL : found.dlfo_link_map;
}

static void copy(char out[CRASH_PATH], const char *text)
{
	size_t n = strnlen(text, CRASH_PATH - 1);

	memcpy(out, text, n);
	out[n] = '\0';
}

static int32_t module_of(struct crash_frames *f, const struct link_map *map)
{
	struct crash_record *r = f->record;
	uint32_t i = 0;

	while (i < r->nmodules && f->maps[i] != map)
		i++;
	if (i < r->nmodules || i == CRASH_MODULES)
		return i < r->nmodules ? (int32_t)i : -1;
	const struct instance *in = frames_whose(f->root, map);
	bool named = map->l_name && *map->l_name;
	const char *path = named ? map->l_name : f->program;
	copy(r->modules[i].path, path);
	copy(r->modules[i].file, in && in->file ? in->file : path);
	r->modules[i].own = in ? !strcmp(in->owner.name, "app") : !named;
	f->maps[i] = map;
	r->nmodules++;
	return (int32_t)i;
}

void frames_begin(struct crash_frames *f, struct crash_record *r, const cruet_app *root,
		  const char *program)
{
	*f = (struct crash_frames){.record = r, .root = root, .program = program};
}

/* The instruction of an outer frame is the call, which lies before where it returns to. */
void frames_add(struct crash_frames *f, uintptr_t pc)
{
	struct crash_record *r = f->record;
	struct crash_frame *to = &r->frames[r->nframes];

	if (r->nframes == CRASH_FRAMES)
		return;
	if (!pc) { /* it jumped to where no code is */
		*to = (struct crash_frame){.module = -1};
		r->nframes++;
		return;
	}
	uintptr_t at = r->nframes || f->called ? pc - 1 : pc;
	const struct link_map *map = frames_map(at);
	*to = (struct crash_frame){.pc = pc, .module = -1};
	if (map) {
		to->module = module_of(f, map);
		to->offset = at - map->l_addr;
	}
	r->nframes++;
}
