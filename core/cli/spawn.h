/* Running other programs. */
#ifndef CLI_SPAWN_H
#define CLI_SPAWN_H

/* Runs argv[0], found in PATH, and waits for its end; out and err: the descriptors that its
 * standard output and error are to be, -1: ours. 0 and the exit code (128 and the number of a signal), or the
 * error number of a program that did not start. An interrupt from the terminal ends the
 * program alone; we go on, and clean up. */
int spawn_wait(char *const *argv, int out, int err, int *code);

#endif
