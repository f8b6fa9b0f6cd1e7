/* What the files of `cruet replay` share. */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include <stdbool.h>

#include "cruet/types.h"
#include "server/recording.h"

/* How two replies differ, as text and as a list for programs. */
struct differences {
	struct arena *a;
	const char *const *ignore; /* headers, and members of JSON; ends with NULL */
	struct buf *text;
	cruet_json *list; /* strings, one each; NULL: nobody wants it */
	size_t n;
};

/* Compares what came with what was recorded; the secrets of both are masked. Equal JSON may
 * be written differently. False: out of memory. */
bool replay_compare(struct differences *d, const struct recorded *was, const struct recorded *now);

/* Copies the data of plugins that keep it in a file into the folder scratch, and has them use
 * that; folder: where relative paths start. EXIT_DONE, or EXIT_FAILED after saying why. */
int replay_copy_data(cruet_app *app, const char *folder, const char *scratch, struct arena *a);
/* After its plugins have been attached: whether they write there alone. */
int replay_check_data(const cruet_app *app, const char *scratch);

#endif
