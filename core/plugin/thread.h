/* Threads and timers that the host knows of: they belong to an instance and end
 * before its stop() is called. All timers of an instance share one thread, which
 * runs while the instance does. */
#ifndef PLUGIN_THREAD_H
#define PLUGIN_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct instance;
struct plugin_thread;
struct timer;

struct threads {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t change;
	bool stopping;
	bool open;    /* between threads_open() and threads_stop() */
	bool running; /* between threads_run() and threads_stop() */
	bool timing;  /* the thread of the timers was started */
	bool silent;  /* timers_stop() */
	struct plugin_thread *list;
	struct timer *timers;
};

int threads_init(struct threads *t); /* CRUET_OK or CRUET_ENOMEM */
/* Before start() of the plugin: threads may be started again. */
void threads_open(struct threads *t);
/* After start() has succeeded: timers begin. CRUET_OK or an error. */
int threads_run(struct instance *in);
/* Tells all threads to stop and waits for them. Timers that were not made in init
 * are forgotten. False, logged, if some did not end within server.plugin_stop: nothing
 * that they use may be freed then, for ever. */
bool threads_stop(struct instance *in);
/* No timer is called any more; one that runs now ends by itself. */
void timers_stop(struct threads *t);
/* True if it is one of these, by the kernel's number. */
bool threads_know(const struct threads *t, pid_t id);
void threads_fini(struct threads *t); /* stopped */

#endif
