/* How two texts differ, line by line. */
#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include <stdio.h>

/* Writes the lines that differ, with three around them: "-" begins a line of the first text
 * alone, "+" one of the second alone, " " one of both; "@@ 12 @@" tells with which line of
 * the first a part begins that does not follow the one before. Nothing where they are
 * equal. Parts of more than some thousand lines that differ are shown as all taken out and all
 * put in. Control bytes are shown as \xNN. */
void diff_write(FILE *out, const char *before, const char *after);

#endif
