/* The cruet command as a function: what the program `cruet` calls, and what a
 * program of one's own calls that wants to be one. Not part of cruet.h. */
#ifndef CRUET_MAIN_H
#define CRUET_MAIN_H

#include "cruet/types.h"

CRUET_BEGIN

/* Does what `cruet ARG...` does: argv[0] is the program's name, argv[1] the
 * command. Writes to standard output and error, and may change the working
 * directory. Returns the exit code: 0 done, 1 failed (said why), 2 not
 * understood (said what is right). Once per process, from main(). */
CRUET_API int cruet_main(int argc, char **argv);

CRUET_END
#endif
