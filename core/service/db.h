/* What the plain functions of cruet/db.h share: how a row looks inside. */
#ifndef SERVICE_DB_H
#define SERVICE_DB_H

#include "cruet/db.h"

/* What all rows of a result have in common. */
struct db_set {
	cruet_ctx *c;
	size_t ncolumns;
	const char *const *names;
};

struct cruet_db_row {
	const struct db_set *set;
	const struct cruet_db_row *next;
	const cruet_db_value *values; /* text is followed by a NUL */
};

/* A statement of a request, as far as it is remembered: in debug, for who wants to see
 * them. */
struct db_said {
	struct db_said *next;
	const char *sql; /* its beginning */
	int64_t us;      /* that it took; -1: it did not return */
};
/* The first one; NULL. Only reads, so a signal handler may call it. */
const struct db_said *db_said(const cruet_ctx *c);

/* The value at i as that type. A failure is recorded; *out is 0, false or NULL
 * then, and for null. */
int db_int(const cruet_db_row *row, size_t i, int64_t *out);
int db_real(const cruet_db_row *row, size_t i, double *out);
int db_bool(const cruet_db_row *row, size_t i, bool *out);
int db_str(const cruet_db_row *row, size_t i, const char **out);

/* Fails if two columns have one name: then no JSON object can hold them. */
int db_distinct(const struct db_set *set);
/* Puts the columns into an object. */
int db_put(cruet_json *o, const cruet_db_row *row);

#endif
