/* Folders that `cruet new` makes. Their files stand in core/cli/new/ as they would in
 * such a folder, with a word where the name comes, and are built in (embed.py). */
#ifndef CLI_SKELETON_H
#define CLI_SKELETON_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct skeleton_file {
	const char *path; /* below core/cli/new/ */
	const char *text;
};

extern const struct skeleton_file skeleton_files[]; /* ends with path NULL */

struct skeleton {
	const char *parts[5]; /* folders of core/cli/new/, all laid into one; ends with
				 NULL */
	const char *word; /* what the name takes the place of, in texts and in paths */
	const char *key;  /* what a fresh secret key takes the place of, in texts; or NULL */
	struct { const char *word, *text; } also; /* another word, and what takes its place;
						   * or NULL */
};

/* Makes the folder name with all its files, which nobody but us can write to; a file .env,
 * which has secrets, nobody else can read. One that is
 * there is not touched. CRUET_OK, or an error and *why (in a; NULL: out of memory), a
 * sentence: then nothing of it stays. */
int skeleton_make(const struct skeleton *k, const char *name, struct arena *a,
		  const char **why);

/* The i-th file: its path within the folder, "hits.c", and its text. False after the last;
 * both NULL: out of memory. In the order of the parts. */
bool skeleton_file_at(const struct skeleton *k, const char *name, size_t i, struct arena *a,
		      const char **path, const char **text);
/* The same as it lies in the folder name, "hits/hits.c"; NULL after the last, or
 * out of memory. */
const char *skeleton_path(const struct skeleton *k, const char *name, size_t i,
			  struct arena *a);

#endif
