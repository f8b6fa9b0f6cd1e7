/* What a browser is told while an application is being written: that there is something new,
 * and what is wrong if there cannot be. It is a plugin that is linked in, attached to an
 * application by `cruet run --debug` alone.
 *
 * - Pages get a small script, which listens at /__cruet__/reload and loads them anew.
 * - While something is wrong, whoever asks for a page gets one that says what; others are
 *   served by what there was before, with a header "Cruet-Build: failed; site.c:12:5". While
 *   there was nothing before, they get a 503 that says it too. */
#ifndef DEBUG_RELOAD_H
#define DEBUG_RELOAD_H

#include "base/arena.h"
#include "cruet/types.h"
#include "debug/state.h"

#define RELOAD_PATHS "/__cruet__/" /* how paths of it begin */

/* What there is to tell. Frozen, once it was told. */
struct news {
	struct arena a; /* of all of it */
	struct state state;
	const char *trouble; /* why what was built is not served; NULL: it is, or was not built */
	bool serves;         /* there is an application */
	_Atomic unsigned holders;
};

struct news *news_new(void); /* with one holder; NULL: out of memory */
void news_let_go(struct news *n);
/* Why there is nothing newer to be served; NULL: there is. */
static inline const char *news_trouble(const struct news *n)
{
	return n->state.failed ? n->state.failed : n->trouble;
}

/* lets: whether a client may see what is wrong; others have what there was, or are told no
 * more than that. CRUET_OK, or the problem is recorded. [setup] */
int reload_attach(cruet_app *root, bool (*lets)(cruet_ctx *c));
/* From now on that is what there is; the caller's hold on it is taken. [any thread] */
void reload_tell(cruet_app *root, struct news *n);

/* --- trouble.c */

/* Prepares the reply that says what is wrong, in the form that the client wants. */
int trouble_reply(cruet_ctx *c, const struct news *n);
/* For those who are not to see it. */
int trouble_refuse(cruet_ctx *c);
/* Whether the client asks for a page to be looked at. */
bool trouble_wants_page(const cruet_ctx *c);
/* "failed; site.c:12:5"; NULL: out of memory. */
const char *trouble_mark(cruet_ctx *c, const struct news *n);

#endif
