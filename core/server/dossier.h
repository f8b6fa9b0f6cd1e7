/* What is known of a request at the moment when something went wrong: a list of facts in
 * one piece of memory, without pointers, so that it can be filled in a signal handler and
 * read in another process. Filling takes no memory and no lock; what does not fit is left
 * out. */
#ifndef SERVER_DOSSIER_H
#define SERVER_DOSSIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cruet/types.h"

struct log_recent;

enum fact_kind {
	FACT_REQUEST = 1, /* "method", "target", "scheme", "host", "peer", "route", "plugin", ... */
	FACT_ARGUMENT,    /* of the path */
	FACT_HEADER,
	FACT_FORM,
	FACT_BODY,        /* without a name; bytes */
	FACT_SESSION,     /* as far as the request looked at it: a path of names, a value */
	FACT_SQL,         /* a statement, and microseconds; "": it did not return */
	FACT_LOG,         /* a line, without a name */
	FACT_BUILD,       /* what runs */
	FACT_REPORT,      /* what a sanitizer says, without a name */
	FACT_LEAK,        /* of requests before, without a name */
	FACT_OPTION,      /* "plugins.NAME": there is more of it: "plugins.NAME.OPTION" is secret */
	FACT_KINDS
};

enum { DOSSIER_MAX = 192 << 10, DOSSIER_BODY = 64 << 10, DOSSIER_VALUE = 16 << 10 };

struct dossier {
	char *p;
	size_t n, cap;
};

struct fact {
	enum fact_kind kind;
	const char *name;  /* NULs end both */
	const char *value; /* of len bytes */
	size_t len;
};

void dossier_init(struct dossier *d, char *p, size_t cap);
void dossier_add(struct dossier *d, enum fact_kind kind, const char *name, const char *value,
		 size_t len);

/* Each of these reads a part of a request, which may be damaged: in a signal handler each is
 * to be tried by itself. */
void dossier_request(struct dossier *d, const cruet_ctx *c);
void dossier_head(struct dossier *d, const cruet_ctx *c);
void dossier_body(struct dossier *d, const cruet_ctx *c);
void dossier_session(struct dossier *d, const cruet_ctx *c);
void dossier_sql(struct dossier *d, const cruet_ctx *c);
/* Which options of plugins are secret. */
void dossier_options(struct dossier *d, const cruet_app *root);
void dossier_log(struct dossier *d, const struct log_recent *log);

/* The fact at *at, which moves behind it; false after the last. What comes from another
 * process may be anything. */
bool dossier_next(const struct dossier *d, size_t *at, struct fact *out);
/* The value of the first fact of that kind and name; NULL: there is none. */
const char *dossier_find(const struct dossier *d, enum fact_kind kind, const char *name);

#endif
