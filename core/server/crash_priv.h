/* What the files of the signal handler share. All that runs in it keeps to what POSIX
 * allows there, and to reading; what it reads may be broken, so each part is tried by
 * itself. */
#ifndef SERVER_CRASH_PRIV_H
#define SERVER_CRASH_PRIV_H

#include <signal.h>
#include <stdatomic.h>

#include "server/crash.h"
#include "server/crash_record.h"
#include "server/dossier.h"

enum {
	CRASH_SIGNALS = 5,
	CRASH_HANG_CODE = SI_QUEUE /* of the SIGABRT for a thread that hangs; abort() has another */
};

/* The C library's own, where assert() and free() leave what they say. */
struct abort_message {
	unsigned size; /* of the whole */
	char text[];
};

struct desk;
struct crash_watch;

struct crash {
	cruet_app *root;
	pid_t pid;
	int channel; /* to who makes reports and pages; -1: nobody does */
	pid_t clerk; /* that does it in place of a parent; 0: none */
	bool has_parent; /* that is the parent, who starts another one */
	int folder;  /* where reports go from */
	const char *reports; /* below that */
	char program[CRASH_PATH];
	char transport[CRASH_NAME];
	const cruet_transport *vt;
	void *server;
	struct desk *desk; /* NULL: nobody else looks at what is known */
	bool debug;        /* somebody puts a page there */
	struct crash_watch *watch; /* NULL: nobody looks for requests that hang */
	_Atomic int32_t hangs; /* a thread, since */
	uint32_t hangs_ms;
	_Atomic int32_t crashed; /* the thread that did; 0: none has */
	atomic_uint others; /* threads that crashed meanwhile */
	struct crash_record record;
	struct abort_message *const *abort_message; /* or NULL */
	char head[512], body[256]; /* of the plain 500 */
	size_t head_len, body_len;
	struct sigaction before[CRASH_SIGNALS];
	bool taken[CRASH_SIGNALS];
};

/* Of the machine at that moment. */
struct crash_scene {
	int signal;
	const siginfo_t *info;
	void *context; /* ucontext_t */
};

/* crash_watch.c: looks for threads that are in one request for longer than limit_ms, until
 * it is ended. NULL: there is no thread to be had. */
struct crash_watch *crash_watch_start(struct crash *c, uint32_t limit_ms);
void crash_watch_end(struct crash_watch *w);

/* crash_scene.c: each fills its part of the record. */
void scene_basics(struct crash *c, const struct crash_scene *s);
void scene_request(struct crash *c);
void scene_plugins(struct crash *c);
void scene_frames(struct crash *c, const struct crash_scene *s);
void scene_blame(struct crash *c);
void scene_facts(struct crash *c, void (*part)(struct dossier *d, const cruet_ctx *ctx));
void scene_options(struct crash *c);
void scene_log(struct crash *c);

#endif
