/* What the files of the signal handler share. All that runs in it keeps to what POSIX
 * allows there, and to reading; what it reads may be broken, so each part is tried by
 * itself. */
#ifndef SERVER_CRASH_PRIV_H
#define SERVER_CRASH_PRIV_H

#include <signal.h>
#include <stdatomic.h>

#include "server/crash.h"
#include "server/crash_record.h"

enum { CRASH_SIGNALS = 5 };

/* The C library's own, where assert() and free() leave what they say. */
struct abort_message {
	unsigned size; /* of the whole */
	char text[];
};

struct crash {
	cruet_app *root;
	pid_t pid;
	int channel; /* to the parent; -1: there is none */
	int folder;  /* where reports go from */
	const char *reports; /* below that */
	char program[CRASH_PATH];
	char transport[CRASH_NAME];
	const cruet_transport *vt;
	void *server;
	atomic_bool crashed;
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

/* crash_scene.c: each fills its part of the record. */
void scene_basics(struct crash *c, const struct crash_scene *s);
void scene_request(struct crash *c);
void scene_plugins(struct crash *c);
void scene_frames(struct crash *c, const struct crash_scene *s);
void scene_blame(struct crash *c);

#endif
