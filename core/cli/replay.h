/* What the files of `cruet replay` share. */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
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

/* --- replay_progress.c: what two processes know of a replay --- */

/* One of them asks, the other waits for it and sees this too. */
struct progress {
	size_t line; /* that is being asked; 0: none */
	size_t same, different, skipped;
	bool over; /* it has ended by itself, and what there was to say has been said */
};

/* 0, or the exit code after saying which --value is wrong: a place that no secret has would be
 * given in vain. */
int replay_check_values(const struct cmdline *c);
/* From now on signals that end a program are noted alone: a request that runs is waited for. */
void replay_block_signals(void);
bool replay_is_asked_to_end(void);
/* The figures in words; note: that the recording is not whole, or NULL. An exit code. */
int replay_tell(const struct progress *p, const char *note);
/* How the one that asks has ended: it may be that the application took it along. json: figures
 * are for programs alone. An exit code. */
int replay_outcome(const struct progress *p, const char *file, int how, bool json);

#endif
