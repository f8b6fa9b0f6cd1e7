/* What ASan, UBSan and LSan say of code of the application, when `cruet run --asan` has
 * loaded them: the process goes on, and what they say is kept for the page of the request. */
#ifndef SERVER_SANITIZER_H
#define SERVER_SANITIZER_H

#include <stdbool.h>

#include "cruet/types.h"
#include "debug/page.h"

struct arena;

/* Whether they are in this process. */
bool sanitizer_here(void);
/* From now on what they say is kept, beside standard error. False: it cannot be. [setup] */
bool sanitizer_start(void);

/* What they have said since they were asked last, in a; NULL: nothing. [any thread] */
const char *sanitizer_news(struct arena *a);
/* The handler of a request has ended: looks for memory that nobody can reach any more, tells
 * new leaks to the log, and keeps them for the next page. Not while others run too. */
void sanitizer_leaks(const cruet_ctx *c);
/* Leaks that were found since this was asked last, a line for each, in a; NULL: none. */
const char *sanitizer_leaked(struct arena *a);

/* sanitizer_words.c: of such a text, in a; NULL where it says nothing of the kind. */
const char *sanitizer_title(struct arena *a, const char *report);
const char *sanitizer_cause(struct arena *a, const char *report);
/* Its stacks. */
void sanitizer_places(struct page *p, const char *report);

#endif
