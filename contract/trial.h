/* What the promises of all services share: an application with the provider, a ctx, and
 * ways to say what was expected. A promise that is broken says so and ends its process.
 */
#ifndef CONTRACT_TRIAL_H
#define CONTRACT_TRIAL_H

#include <cruet.h>
#include <cruet/contract.h>
#include <cruet/testing.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* One promise on trial. */
struct trial {
	const cruet_contract *k;
	cruet_app *app;
	cruet_ctx *c; /* of that application, which runs; a promise may close it */
	cruet_service s;
	char logged[8192]; /* "error cache: ..." lines */
};

struct promise {
	const char *name;
	void (*keep)(struct trial *t);
};

#define PROMISE(name)       \
	{                   \
#name, name \
	}

struct contract {
	const char *service;
	size_t need; /* of the table */
	/* Routes and hooks, after the provider was attached. NULL: none. */
	void (*setup)(struct trial *t);
	const struct promise *parts[8]; /* each ends with name NULL, all with NULL */
};

extern const struct contract contract_cache, contract_db, contract_forms, contract_login,
	contract_session, contract_session_store, contract_template, contract_validate;

/* --- what is expected --------------------------------------------------------------- */

_Noreturn void trial_broken(const char *file, int line, const char *fmt, ...)
	CRUET_PRINTF(3, 4);

#define broken(...) trial_broken(__FILE__, __LINE__, __VA_ARGS__)

#define expect(cond)                                   \
	do {                                           \
		if (!(cond))                           \
			broken("expected: %s", #cond); \
	} while (0)
#define expect_int(got, want)  trial_int(__FILE__, __LINE__, #got, got, want)
#define expect_text(got, want) trial_text(__FILE__, __LINE__, #got, got, want)
#define expect_bytes(p, n, want, nwant) \
	trial_bytes(__FILE__, __LINE__, #p, p, n, want, nwant)
/* A request, and the status that it gives. */
#define expect_get(client, path, status) \
	trial_get(__FILE__, __LINE__, client, path, status)
#define expect_says(client, path, text)                       \
	do {                                                  \
		expect_get(client, path, 200);                \
		expect_text(cruet_client_body(client), text); \
	} while (0)

void trial_int(const char *file, int line, const char *what, int64_t got, int64_t want);
void trial_text(const char *file, int line, const char *what, const char *got,
		const char *want);
void trial_bytes(const char *file, int line, const char *what, const void *p, size_t n,
		 const void *want, size_t nwant);
void trial_get(const char *file, int line, cruet_client *client, const char *path,
	       int status);

/* --- means ------------------------------------------------------------------------ */

/* Never NULL. */
cruet_ctx *trial_open(struct trial *t);
cruet_client *trial_client(struct trial *t);

/* Naps a little, for a condition that is looked at again and again. Breaks the promise
 * after 30 s. *began is 0 at first. */
void trial_nap(uint64_t *began, const char *for_what);
#define wait_until(cond)                                              \
	for (uint64_t began_ = 0; !(cond); trial_nap(&began_, #cond)) \
		;

/* Runs fn in n threads, which begin at once, each with a ctx of its own. */
typedef void trial_fn(struct trial *t, cruet_ctx *c, int which, void *arg);
void trial_threads(struct trial *t, int n, trial_fn *fn, void *arg);

#endif
