/* Memory that runs out when a test says so. Linking tests/fail_alloc.c puts it
 * before the allocator of the whole program: of the core, of the libraries, and of
 * the C library itself. Works beside ASan, TSan and valgrind (that one must be told
 * to leave our malloc() alone: --soname-synonyms=somalloc=nouserintercepts).
 *
 *	for (size_t n = 1; more; n++) {
 *		fail_alloc_at(n);
 *		err = thing_do();
 *		more = fail_alloc_off();
 *		ck_assert_int_eq(err, more ? CRUET_ENOMEM : CRUET_OK);
 *	}
 *
 * Each thread has its own count, and only what it asks for itself counts. Assert
 * after fail_alloc_off(): Check takes memory too. Under ASan and TSan the C
 * library's own allocations (strdup, asprintf) are theirs and are not seen. */
#ifndef TESTS_FAIL_ALLOC_H
#define TESTS_FAIL_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* The n-th allocation of this thread from now on fails, n from 1; 0: none, they
 * are only counted. Growing by realloc() is an allocation; freeing is none. */
void fail_alloc_at(size_t n);
/* The n-th fails and all that follow. */
void fail_alloc_from(size_t n);
/* Back to normal. True if one has failed since fail_alloc_at(). */
bool fail_alloc_off(void);
/* How many were asked for since fail_alloc_at(), those that failed included. */
size_t fail_alloc_count(void);

#endif
