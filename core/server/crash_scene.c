/* Who is to blame: the innermost frame of the stack that lies in the code of a plugin.
 * Frames outside of the core's call are the transport's, which only carried the request
 * here. Where no frame tells, whoever is being run. */
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
#include "server/crash_frames.h"
#include "server/crash_priv.h"
#include "server/desk.h"
#include "server/secrets.h"

enum {
	OWN_FRAMES = 8,       /* of the handler */
	OVERFLOW_NEAR = 65536 /* bytes from the stack's end */
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

static enum crash_access access_of(const struct crash_scene *s)
{
#if defined(__x86_64__)
	const ucontext_t *u = s->context;
	greg_t fault = u->uc_mcontext.gregs[REG_ERR]; /* bits: 1 written, 4 an instruction */

	if (s->signal == SIGSEGV && s->info->si_code > 0)
		return fault & 16 ? CRASH_RAN : fault & 2 ? CRASH_WROTE : CRASH_READ;
#else
	(void)s;
#endif
	return CRASH_UNKNOWN;
}

/* What abort() was called for. */
static void look_at_message(struct crash *c)
{
	const struct abort_message *m = c->abort_message ? *c->abort_message : NULL;

	if (c->record.signal == SIGABRT && m && m->size > sizeof *m)
		copy(c->record.says, sizeof c->record.says, m->text);
}

void scene_basics(struct crash *c, const struct crash_scene *s)
{
	struct crash_record *r = &c->record;

	r->signal = s->signal;
	r->code = s->info->si_code;
	r->address = (uintptr_t)s->info->si_addr;
	if (s->info->si_code <= 0) /* it was sent: there is no address */
		r->address = registers(s).pc;
	r->access = access_of(s);
	r->overflow = overflows(s);
	if (s->info->si_code == CRASH_HANG_CODE && atomic_load(&c->hangs) == gettid())
		r->hang_ms = c->hangs_ms;
	look_at_message(c);
	r->pid = getpid();
	r->tid = gettid();
	r->time_ms = date_now_ms();
}

/* Where a part of the path is a secret, the rule stands in its place. */
static void copy_target(struct crash_record *r, const cruet_ctx *ctx)
{
	const char *target = ctx->head->target ? ctx->head->target : "";
	const struct rule *rule = ctx->match.rule;
	size_t n = 0;

	if (rule && secrets_in_rule(rule->path)) {
		copy(r->target, sizeof r->target, rule->path);
		n = strlen(r->target);
		target += strcspn(target, "?");
	}
	mask_target(r->target + n, sizeof r->target - n, target);
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
	copy_target(r, ctx);
	copy(r->method, sizeof r->method, ctx->head->method);
}

/* --- plugins ---------------------------------------------------------------------------- */

static void describe(struct crash_plugin *out, const struct owner *o)
{
	copy(out->name, sizeof out->name, o->name);
	copy(out->version, sizeof out->version, o->plugin->version);
}

void scene_plugins(struct crash *c)
{
	struct crash_record *r = &c->record;

	for (const struct instance *in = frames_instances(c->root); in && r->nplugins < CRASH_PLUGINS;
	     in = in->next)
		describe(&r->plugins[r->nplugins++], &in->owner);
}

/* --- frames ----------------------------------------------------------------------------- */

void scene_frames(struct crash *c, const struct crash_scene *s)
{
	struct crash_frames f;
	void *all[CRASH_FRAMES + OWN_FRAMES];
	struct registers at = registers(s);
	int n, i = 0;

	frames_begin(&f, &c->record, c->root, c->program);
	frames_add(&f, at.pc);
	if (!frames_map(at.pc)) { /* it jumped to where no code is */
		frames_add(&f, caller(&at));
		return;
	}
	n = backtrace(all, CRASH_FRAMES + OWN_FRAMES);
	while (i < n && (uintptr_t)all[i] != at.pc)
		i++;
	for (i++; i < n; i++)
		frames_add(&f, (uintptr_t)all[i]);
}

/* --- whose fault it is ------------------------------------------------------------------ */

/* Up to which frame code may be to blame: where the core was called by a transport, what
 * lies outside of that is not. */
static uint32_t inner_frames(const struct crash *c)
{
	const struct crash_record *r = &c->record;
	const struct link_map *core = frames_map((uintptr_t)scene_blame);
	uint32_t n = r->nframes;

	if (!where.ctx)
		return n;
	while (n && frames_map(r->frames[n - 1].pc - 1) != core) {
		const struct link_map *map = frames_map(r->frames[n - 1].pc - 1);
		const struct instance *in = map ? frames_whose(c->root, map) : NULL;
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
		const struct link_map *map = frames_map(at);
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
		const struct link_map *map = frames_map(i ? r->frames[i].pc - 1 : r->frames[i].pc);
		const struct instance *in = map ? frames_whose(c->root, map) : NULL;
		if (in) {
			blame(c, in, CRASH_BY_ADDRESS);
			return;
		}
	}
	if (where.owner)
		blame(c, frames_instance(where.owner), CRASH_BY_STEP);
	else if (where.ctx && where.ctx->scope->owner)
		blame(c, frames_instance(where.ctx->scope->owner), CRASH_BY_SCOPE);
	else
		blame(c, NULL, CRASH_BY_NOTHING);
}

/* --- facts ------------------------------------------------------------------------------ */

static struct dossier at_desk(struct crash *c)
{
	return (struct dossier){.p = c->desk->facts, .n = c->desk->nfacts, .cap = DOSSIER_MAX};
}

/* A part that breaks off leaves what it had finished, but nobody reads that. */
void scene_facts(struct crash *c, void (*part)(struct dossier *d, const cruet_ctx *ctx))
{
	struct dossier d = at_desk(c);

	if (!where.ctx)
		return;
	part(&d, where.ctx);
	c->desk->nfacts = (uint32_t)d.n;
}

void scene_options(struct crash *c)
{
	struct dossier d = at_desk(c);

	dossier_options(&d, c->root);
	c->desk->nfacts = (uint32_t)d.n;
}

void scene_log(struct crash *c)
{
	struct dossier d = at_desk(c);

	dossier_log(&d, c->root->host->log.recent);
	c->desk->nfacts = (uint32_t)d.n;
}
