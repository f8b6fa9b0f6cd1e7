/* Where figures are kept.
 *
 * A family is a metric; a series is one combination of values for its labels. Both are
 * found in hash tables of pointers that are set once, by compare-and-swap, and never
 * change again: so finding takes no lock. The figures of a series are cells, once for
 * each shard; a thread changes those of the processor that it runs on, so that threads
 * seldom touch one cache line. Reading sums up the shards: each cell is exact, though
 * not all are of one moment.
 *
 * There is a bound for series. What finds no place goes to a series of its family whose
 * values are all "(other)". */
#ifndef PLUGIN_METRICS_STORE_H
#define PLUGIN_METRICS_STORE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LABELS_MAX = 8, BUCKETS_MAX = 32, FAMILIES_MAX = 256, SHARDS_MAX = 16 };

enum family_kind {
	FAMILY_COUNTER = 1,
	FAMILY_GAUGE = 2,
	FAMILY_HISTOGRAM = 3,
	FAMILY_HTTP = 4 /* a histogram with two sums more: see http.c */
};

typedef _Atomic uint64_t cell; /* a count; or the bits of a double */

struct family {
	enum family_kind kind;
	const char *name, *help;
	const char *labels; /* as they were given: "a,b" */
	size_t nlabels, nbuckets;
	const char *label[LABELS_MAX]; /* not ended by NUL, but */
	size_t label_len[LABELS_MAX];
	double buckets[BUCKETS_MAX];
	size_t ncells;			/* of one shard */
	_Atomic(struct series *) first; /* of this family, the newest */
	struct series *other;		/* for what finds no place */
};

struct series {
	struct series *next;
	const struct family *family;
	uint32_t hash;
	uint32_t reserved;
	const char *value[LABELS_MAX];
	size_t value_len[LABELS_MAX];
	cell *cells; /* one shard behind the other */
};

/* What a family is to be like. */
struct family_spec {
	enum family_kind kind;
	const char *name, *help, *labels; /* labels may be NULL */
	const double *buckets;		  /* NULL: those of the store */
	size_t nbuckets;
};

struct store {
	double buckets[BUCKETS_MAX]; /* of histograms that have none of their own */
	size_t nbuckets;
	size_t series_max; /* for requests, and as many for all others */
	unsigned nshards;
	size_t mask; /* of the table of series */
	_Atomic(struct series *) *table;
	_Atomic size_t of_http, of_others;
	_Atomic(struct family *) named[FAMILIES_MAX * 2];
	_Atomic uint64_t crowded; /* changes that went to "(other)" */
	pthread_mutex_t lock;	  /* guards what follows, and adding to named */
	struct family *families[FAMILIES_MAX]; /* in the order in which they came */
	_Atomic size_t nfamilies;
};

/* False: out of memory. buckets and nbuckets are set by the caller. */
bool store_init(struct store *s, size_t series_max);
void store_fini(struct store *s);

/* The family of that name, made if there is none. NULL with *why, a sentence that begins
 * with a small letter, if it cannot be one or is another; *why NULL: out of memory.
 * [any thread] */
struct family *store_family(struct store *s, const struct family_spec *spec,
			    const char **why);
/* The series with these values, as many as the family has labels. Never NULL.
 * [any thread] */
struct series *store_series(struct store *s, struct family *f, const char *const *values);

/* The cells of the shard that this thread should change. [any thread] */
cell *store_cells(const struct store *s, const struct series *at);
/* Changes a cell that holds a double. [any thread] */
void cell_add(cell *c, double v);
void cell_set(cell *c, double v);
double cell_read(cell *c);
/* Puts a value into the buckets of a histogram's cells. [any thread] */
void cells_observe(const struct family *f, cell *cells, double v);

/* Sums over the shards. */
uint64_t series_count(const struct store *s, const struct series *at, size_t i);
double series_sum(const struct store *s, const struct series *at, size_t i);

/* Cells: a counter or gauge has one, a double. A histogram has a count for each bucket,
 * one for what is larger, and the sum, a double. FAMILY_HTTP has two doubles more. */
static inline size_t cell_of_sum(const struct family *f)
{
	return f->nbuckets + 1;
}

#endif
