/* What the system says of this process (proc(5)). */
#ifndef PLUGIN_METRICS_PROCESS_H
#define PLUGIN_METRICS_PROCESS_H

#include <stdbool.h>

struct process {
	double cpu_seconds, start_seconds; /* used so far; since 1970 */
	double resident_bytes, virtual_bytes;
	double threads, open_fds, max_fds; /* -1: not known */
};

/* False: /proc is not there. */
bool process_read(struct process *p);

#endif
