/* The options --record and --record-max of `cruet run`. */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include "cli/site.h"

struct handed;
struct recorder;

/* The file is begun by the process that was started, and written by those that serve:
 * *out, for record_close(), or NULL. After site_configure(). EXIT_DONE, or the exit code
 * after saying what is wrong. */
int recording_start(struct site *s, struct cmdline *c, const struct handed *handed,
		    struct recorder **out);

#endif
