/* The parts of the plugin. */
#ifndef COMPRESS_H
#define COMPRESS_H

#include <cruet.h>
#include <cruet/plugin.h>
#include <stdatomic.h>

enum secrets { SECRETS_SKIP, SECRETS_COMPRESS };

struct config {
	const char *const *codings, *const *types;
	int64_t level, quality, streams;
	uint64_t min_size, max_size;
	int32_t secrets; /* enum secrets */
};

struct state {
	atomic_llong streams; /* that are compressed at this moment */
};

/* --- decide.c: what the headers of a request and of its reply say */

/* NULL, or what is wrong with an entry of the option types. */
const char *type_problem(const char *entry);

/* True if another Accept-Encoding could get this reply in another form. */
bool could_be_coded(cruet_ctx *c, const struct config *cfg);
/* The coding that the client likes best; NULL: none at all. */
const char *choose_coding(const cruet_ctx *c, const struct config *cfg);

/* The same state in other bytes: a strong ETag of a reply becomes a weak one. Where parts
 * could be asked for, which are of the bytes as they were, nothing is left that could join
 * them to these: no Accept-Ranges, and no date for If-Range. */
int weaken_validators(cruet_ctx *c);
/* True if the client asks after the state of a reply by the tag that weaken_validators()
 * makes. */
bool knows_weak_etag(const cruet_ctx *c);

/* --- compress.c */

int level_of(const struct config *cfg, const char *coding);
/* What a reply says of itself when its body is in that coding. */
int mark_coded(cruet_ctx *c, const char *coding);

/* --- stream.c */

/* Sends the body through a coder, piece by piece; or as it is, where there is no place. */
int code_stream(cruet_ctx *c, const char *coding);

#endif
