/* Who is to blame: the innermost frame of the stack that lies in the code of a plugin.
 * Frames outside of the core's call are the transport's, which only carried the request
 * here. Where no frame tells, whoever is being run. */
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "app/ctx.h"
#include "app/where.h"
#include "base/mask.h"
#include "plugin/registry.h"
#include "server/crash_priv.h"

enum {
	OWN_FRAMES = 8,        /* of the handler */
	OVERFLOW_NEAR = 65536, /* bytes from the stack's end */
	INSTANCES_MAX = 256
};

static void copy(char *out, size_t cap, const char *text)
{
	size_t n = strnlen(text ? text : "", cap - 1);

	memcpy(out, text ? text : "", n);
	out[n] = '\0';
}

/* --- registers -------------------------------------------------------------------------- */

/* caller: where a call of pc came from, which can be told as long as nothing of what was
 * called has run. */
struct registers {
	uintptr_t pc, sp, caller;
};

static struct registers registers(const struct crash_scene *s)
{
	const ucontext_t *u = s->context;
	struct registers r = {0, 0, 0};

#if defined(__x86_64__)
	r.pc = (uintptr_t)u->uc_mcontext.gregs[REG_RIP];
	r.sp = (uintptr_t)u->uc_mcontext.gregs[REG_RSP];
	r.caller = r.sp;
#elif defined(__aarch64__)
	r.pc = u->uc_mcontext.pc;
	r.sp = u->uc_mcontext.sp;
	r.caller = u->uc_mcontext.regs[30];
#else
	(void)u;
#endif
	return r;
}

static uintptr_t caller(const struct registers *r)
{
#if defined(__x86_64__)
	return *(const uintptr_t *)r->caller;
#else
	return r->caller;
#endif
}

/* --- what is known at once -------------------------------------------------------------- */

static bool overflows(const struct crash_scene *s)
{
	uintptr_t at = (uintptr_t)s->info->si_addr, sp = registers(s).sp;

	return s->signal == SIGSEGV && s->info->si_code > 0 && sp &&
	       (at > sp ? at - sp : sp - at) < OVERFLOW_NEAR;
}

void scene_basics(struct crash *c, const struct crash_scene *s)
{
	struct crash_record *r = &c->record;

	r->signal = s->signal;
	r->code = s->info->si_code;
	r->address = (uintptr_t)s->info->si_addr;
	if (s->info->si_code <= 0) /* it was sent: there is no address */
		r->address = registers(s).pc;
	r->overflow = overflows(s);
	r->pid = getpid();
	r->tid = gettid();
	r->time_ms = date_now_ms();
}

void scene_request(struct crash *c)
{
	struct crash_record *r = &c->record;
	const cruet_ctx *ctx = where.ctx;

	if (where.step) {
		copy(r->step, sizeof r->step, where.step);
		copy(r->climber, sizeof r->climber, where.owner->name);
	}
	if (!ctx)
		return;
	if (ctx->endpoint)
		copy(r->route, sizeof r->route, ctx->endpoint->name);
	if (!ctx->head)
		return;
	mask_target(r->target, sizeof r->target, ctx->head->target ? ctx->head->target : "");
	copy(r->method, sizeof r->method, ctx->head->method);
}

/* --- plugins ---------------------------------------------------------------------------- */

static void describe(struct crash_plugin *out, const struct owner *o)
{
	copy(out->name, sizeof out->name, o->name);
	copy(out->version, sizeof out->version, o->plugin->version);
}

/* The list may be changed by another thread at this very moment: it is read as far as it
 * goes, and no further. */
static const struct instance *instances(const struct crash *c)
{
	const struct registry *r = c->root->host->registry;
	return r ? r->all.first : NULL;
}

void scene_plugins(struct crash *c)
{
	struct crash_record *r = &c->record;

	for (const struct instance *in = instances(c); in && r->nplugins < CRASH_PLUGINS;
	     in = in->next)
		describe(&r->plugins[r->nplugins++], &in->owner);
}

static const struct instance *of_owner(const struct owner *o)
{
	return o ? (const struct instance *)((const char *)o - offsetof(struct instance, owner))
		 : NULL;
}

/* One that is on its way up is on no list yet. */
static const struct instance *whose(const struct crash *c, const void *map)
{
	const struct instance *climber = of_owner(where.owner);
	unsigned n = 0;

	if (climber && climber->loaded.handle == map)
		return climber;
	for (const struct instance *in = instances(c); in && n < INSTANCES_MAX; in = in->next, n++)
		if (in->loaded.handle == map)
			return in;
	return NULL;
}

/* --- frames ----------------------------------------------------------------------------- */

/* What dlopen() gave for a plugin is the map of its file. */
static const struct link_map *map_of(uintptr_t pc)
{
	struct dl_find_object found;
	return _dl_find_object((void *)pc, &found) ? NULL : found.dlfo_link_map;
}

static int32_t module_of(struct crash *c, const struct link_map *map, const struct link_map **maps)
{
	struct crash_record *r = &c->record;
	uint32_t i = 0;

	while (i < r->nmodules && maps[i] != map)
		i++;
	if (i < r->nmodules || i == CRASH_MODULES)
		return i < r->nmodules ? (int32_t)i : -1;
	const struct instance *in = whose(c, map);
	const char *path = map->l_name && *map->l_name ? map->l_name : c->program;
	copy(r->modules[i].path, CRASH_PATH, path);
	copy(r->modules[i].file, CRASH_PATH, in && in->file ? in->file : path);
	maps[i] = map;
	r->nmodules++;
	return (int32_t)i;
}

/* The instruction of an outer frame is the call, which lies before where it returns to. */
static void add(struct crash *c, uintptr_t pc, const struct link_map **maps)
{
	struct crash_record *r = &c->record;
	uintptr_t at = r->nframes ? pc - 1 : pc;
	struct crash_frame *f = &r->frames[r->nframes];

	if (r->nframes == CRASH_FRAMES)
		return;
	const struct link_map *map = map_of(at);
	*f = (struct crash_frame){.pc = pc, .module = -1};
	if (map) {
		f->module = module_of(c, map, maps);
		f->offset = at - map->l_addr;
	}
	r->nframes++;
}

void scene_frames(struct crash *c, const struct crash_scene *s)
{
	const struct link_map *maps[CRASH_MODULES] = {NULL};
	void *all[CRASH_FRAMES + OWN_FRAMES];
	struct registers at = registers(s);
	int n, i = 0;

	if (at.pc)
		add(c, at.pc, maps);
	if (!map_of(at.pc)) { /* it jumped to where no code is */
		if (!at.pc)
			c->record.frames[c->record.nframes++] = (struct crash_frame){.module = -1};
		add(c, caller(&at), maps);
		return;
	}
	n = backtrace(all, CRASH_FRAMES + OWN_FRAMES);
	while (i < n && (uintptr_t)all[i] != at.pc)
		i++;
	for (i++; i < n; i++)
		add(c, (uintptr_t)all[i], maps);
}

/* --- whose fault it is ------------------------------------------------------------------ */

/* Up to which frame code may be to blame: where the core was called by a transport, what
 * lies outside of that is not. */
static uint32_t inner_frames(const struct crash *c)
{
	const struct crash_record *r = &c->record;
	const struct link_map *core = map_of((uintptr_t)scene_blame);
	uint32_t n = r->nframes;

	if (!where.ctx)
		return n;
	while (n && map_of(r->frames[n - 1].pc - 1) != core) {
		const struct link_map *map = map_of(r->frames[n - 1].pc - 1);
		const struct instance *in = map ? whose(c, map) : NULL;
		if (in && strcmp(in->owner.name, c->transport) != 0)
			break; /* the outer frames are not known */
		n--;
	}
	return n ? n : r->nframes;
}

static void mark(struct crash *c, const struct instance *in)
{
	struct crash_record *r = &c->record;

	for (uint32_t i = 0; i < r->nframes; i++) {
		uintptr_t at = i ? r->frames[i].pc - 1 : r->frames[i].pc;
		const struct link_map *map = map_of(at);
		r->frames[i].ours = map && (in && in->loaded.handle
						    ? map == in->loaded.handle
						    : !map->l_name || !*map->l_name);
	}
}

static void blame(struct crash *c, const struct instance *in, enum crash_blame how)
{
	struct crash_record *r = &c->record;

	r->blame = how;
	if (in) {
		describe(&r->plugin, &in->owner);
		r->transport = !strcmp(in->owner.name, c->transport);
	}
	mark(c, in);
}

void scene_blame(struct crash *c)
{
	const struct crash_record *r = &c->record;
	uint32_t n = inner_frames(c);

	for (uint32_t i = 0; i < n; i++) {
		const struct link_map *map = map_of(i ? r->frames[i].pc - 1 : r->frames[i].pc);
		const struct instance *in = map ? whose(c, map) : NULL;
		if (in) {
			blame(c, in, CRASH_BY_ADDRESS);
			return;
		}
	}
	if (where.owner)
		blame(c, of_owner(where.owner), CRASH_BY_STEP);
	else if (where.ctx && where.ctx->scope->owner)
		blame(c, of_owner(where.ctx->scope->owner), CRASH_BY_SCOPE);
	else
		blame(c, NULL, CRASH_BY_NOTHING);
}
