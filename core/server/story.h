/* What went wrong, in words for who writes the application: a crash in another process, or
 * a request of this one that failed. */
#ifndef SERVER_STORY_H
#define SERVER_STORY_H

#include "cruet/types.h"
#include "debug/page.h"
#include "server/crash_record.h"
#include "server/crash_report.h"
#include "server/dossier.h"

struct generation;

struct story {
	cruet_app *root; /* whose configuration is shown */
	const struct generation *gen; /* that the request stands on; NULL: of another process */
	const struct crash_record *record;
	const struct crash_line *lines; /* one for each frame, or NULL */
	struct dossier facts;
	int status;       /* of the reply */
	const char *says; /* of a failure: its text; NULL */
	int err;          /* of a failure: its code; 0 */
	const struct fail_place *places; /* that it is about, besides the functions; or NULL */
	const char *report; /* of a sanitizer; NULL */
	bool brief; /* without variables, and in place of HTML as text, which is shorter */
};

/* The page, in a, up to where it was; NULL: out of memory. Then the rest of it: about the
 * request and the site. (story.c) */
struct page *story_begin(struct arena *a, const struct story *s);
void story_end(struct page *p, const struct story *s);

/* story_words.c: each in a; NULL where there is nothing to say. */
const char *story_title(struct arena *a, const struct story *s);
const char *story_cause(struct arena *a, const struct story *s);
/* What is to be done: story_cures.c. */
void story_cures(struct page *p, const struct story *s);
/* story_request.c: sections about the request, and the command that sends it again. */
void story_request(struct page *p, const struct story *s);
const char *story_curl(struct arena *a, const struct story *s);

/* The first header of that name; NULL. (story_request.c) */
const char *story_header(const struct story *s, const char *name);

/* What goes to the client of a request that crashed, if it may see that (story_reply.c). */
struct story_reply {
	const char *head, *body;
	size_t head_len, len; /* len 0: nothing but the plain reply */
};
void story_reply(struct arena *a, const struct story *s, struct story_reply *out);

/* The place that a person looks for first: the innermost one in code of the application or
 * of a plugin whose source is known. NULL: there is none. */
const struct crash_line *story_place(const struct story *s);

#endif
