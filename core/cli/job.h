/* Programs that run beside this one, such as a compiler: what they say is kept, and they can
 * be stopped with all that they have started. */
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

enum { JOB_SAID = 256 * 1024 }; /* bytes that are kept; what comes after is dropped */

struct job {
	pid_t pid; /* 0: none runs */
	int fd;    /* readable when it has said something, or ended */
	int code;  /* the exit code, or 128 and a signal */
	struct buf said;
};

/* Starts argv, looked for in PATH, in the working directory; not waiting for any input. tmp:
 * what its TMPDIR is to be. A
 * started job is for job_read() until that is false, or for job_stop(). Said is to be freed
 * (buf_fini) in any case. 0, or what errno says. */
int job_start(struct job *j, char *const *argv, const char *tmp);
/* Takes what it has said, without waiting. False: it has ended, and code is known. */
bool job_read(struct job *j);
/* Ends it at once. */
void job_stop(struct job *j);

#endif
