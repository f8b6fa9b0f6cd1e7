/* Shared by the promises of "db/1": a table to play with. They are written against
 * cruet/db.h alone. */
#ifndef CONTRACT_DB_H
#define CONTRACT_DB_H

#include "trial.h"

#include <cruet/db.h>
#include <cruet/svc/db.h>

extern const struct promise db_requests[], db_rows[], db_statements[], db_transactions[],
	db_values[];
/* Routes and hooks that transactions are tried with. */
void db_site(struct trial *t);

/* How the provider spells a few words. */
const cruet_contract_sql *sql_of(const struct trial *t);

#define expect_ok(t, call)                                                             \
	do {                                                                           \
		int err_ = (call);                                                     \
		if (err_)                                                              \
			broken("%s gave %d: %s", #call, err_, cruet_err_text((t)->c)); \
	} while (0)
#define exec_ok(t, ...)	       expect_ok(t, cruet_db_exec((t)->c, __VA_ARGS__))
#define expect_null(p)	       expect(!(p))
#define expect_same(got, want) expect((got) == (want)) /* reals, to the bit */
#define expect_json(t, j, want)                                               \
	do {                                                                  \
		const cruet_json *j_ = (j);                                   \
		if (!j_)                                                      \
			broken("%s is NULL: %s", #j, cruet_err_text((t)->c)); \
		expect_text(cruet_json_text((t)->c, j_, NULL), want);         \
	} while (0)
/* A failure of that kind stands in c; it is forgotten. text: its words, or NULL. */
#define expect_failed(t, err, kind, text) \
	db_failed(__FILE__, __LINE__, t, err, kind, text)
void db_failed(const char *file, int line, struct trial *t, int err,
	       const cruet_errtype *kind, const char *text);

/* The one number that a statement gives. */
int64_t number(struct trial *t, const char *sql);
/* An empty table: id, name, n, r, b, yes. */
void things(struct trial *t);
/* The same with three rows: n is 10, 20, 30, the second is called "two". */
void three(struct trial *t);
/* The row of things that came last. */
const cruet_db_row *last(struct trial *t);
/* Another ctx takes the place of t->c. */
void reopen(struct trial *t);

#endif
