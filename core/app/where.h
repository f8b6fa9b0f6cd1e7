/* What a thread is doing, for whoever has to say so when it crashes. Written on the way
 * of each request, so this is a store into memory of the thread and no more. */
#ifndef APP_WHERE_H
#define APP_WHERE_H

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>

#include "cruet/types.h"

struct owner;

struct where {
	cruet_ctx *ctx;            /* that is served here; NULL */
	const struct owner *owner; /* of the plugin that climbs its ladder here; NULL */
	const char *step;          /* ... and which step: "start" */
	sigjmp_buf *escape;        /* where a fault goes to while a crash is looked at; NULL */
	bool ready;                /* where_prepare() was called */
	bool of_plugin;            /* this is a thread of a plugin */
};

/* Read in a signal handler: so it is there from the start of each thread. */
extern _Thread_local struct where where __attribute__((tls_model("initial-exec")));

/* Once in a thread, before code of plugins runs there. */
void where_prepare(void);
/* The signals that are blocked in a thread of a plugin: all, for others wait for them, but
 * those that tell of a mistake of its own. Were these blocked, they would end the process
 * without a word. */
void where_mask(sigset_t *out);

/* The two ends of what is done for a request. */
static inline void where_enter(cruet_ctx *c)
{
	if (!where.ready)
		where_prepare();
	where.ctx = c;
}

static inline void where_leave(void)
{
	where.ctx = NULL;
}

/* The two ends of a step of a plugin's ladder. One may lie in another: what was is put
 * back. */
struct where_step {
	const struct owner *owner;
	const char *step;
};
struct where_step where_climb(const struct owner *owner, const char *step);
void where_climbed(struct where_step was);

#endif
