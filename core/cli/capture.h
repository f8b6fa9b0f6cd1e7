/* What another program says. */
#ifndef CLI_CAPTURE_H
#define CLI_CAPTURE_H

struct arena;

/* Runs argv (ends with NULL; looked for on PATH), and waits for its end. Its exit
 * code; -1: it could not be run. *out, which may be NULL, gets what it wrote to standard output
 * (64 KiB at most), "" if that was nothing; what it wrote to standard error is dropped. */
int capture(const char *const *argv, struct arena *a, const char **out);

#endif
