#include "store.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "label.h"

enum { LINE = 64 / sizeof(cell) }; /* cells of a cache line */

/* --- cells ------------------------------------------------------------------------ */

static double double_of(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

static uint64_t bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	return bits;
}

void cell_add(cell *c, double v)
{
	uint64_t was = atomic_load_explicit(c, memory_order_relaxed);

	while (!atomic_compare_exchange_weak_explicit(
		c, &was, bits_of(double_of(was) + v), memory_order_relaxed,
		memory_order_relaxed))
		;
}

void cell_set(cell *c, double v)
{
	atomic_store_explicit(c, bits_of(v), memory_order_relaxed);
}

double cell_read(cell *c)
{
	return double_of(atomic_load_explicit(c, memory_order_relaxed));
}

void cells_observe(const struct family *f, cell *cells, double v)
{
	size_t i = 0;

	while (i < f->nbuckets && v > f->buckets[i])
		i++;
	atomic_fetch_add_explicit(&cells[i], 1, memory_order_relaxed);
	cell_add(&cells[cell_of_sum(f)], v);
}

/* A shard begins with a cache line of its own. */
static size_t stride(const struct family *f)
{
	return (f->ncells + LINE - 1) / LINE * LINE;
}

/* Whoever sets a gauge sets all of it: so it has one shard. */
static unsigned shards_of(const struct store *s, const struct family *f)
{
	return f->kind == FAMILY_GAUGE ? 1 : s->nshards;
}

cell *store_cells(const struct store *s, const struct series *at)
{
	int cpu = sched_getcpu();
	unsigned shard = (cpu < 0 ? 0 : (unsigned)cpu) % shards_of(s, at->family);

	return at->cells + shard * stride(at->family);
}

uint64_t series_count(const struct store *s, const struct series *at, size_t i)
{
	uint64_t n = 0;

	for (unsigned k = 0; k < shards_of(s, at->family); k++)
		n += atomic_load_explicit(&at->cells[k * stride(at->family) + i],
					  memory_order_relaxed);
	return n;
}

double series_sum(const struct store *s, const struct series *at, size_t i)
{
	double v = 0;

	for (unsigned k = 0; k < shards_of(s, at->family); k++)
		v += cell_read(&at->cells[k * stride(at->family) + i]);
	return v;
}

/* --- families --------------------------------------------------------------------- */

static bool ends(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && !strcmp(s + n - m, end);
}

/* A name that may be used, and is not yet. */
static bool label_fits(const struct family *f, const char *s, size_t len)
{
	if (f->nlabels == LABELS_MAX || !label_name_ok(s, len) || !strncmp(s, "__", 2) ||
	    (len == 2 && !strncmp(s, "le", 2)))
		return false;
	for (size_t i = 0; i < f->nlabels; i++)
		if (f->label_len[i] == len && !memcmp(f->label[i], s, len))
			return false;
	return true;
}

/* Takes the list of labels apart; false: it is none. */
static bool read_labels(struct family *f)
{
	for (const char *s = f->labels; *s;) {
		size_t len = strcspn(s, ",");
		if (!label_fits(f, s, len))
			return false;
		f->label[f->nlabels] = s;
		f->label_len[f->nlabels++] = len;
		s += len;
		if (*s && !*++s)
			return false;
	}
	return true;
}

static bool grow(const double *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(b[i]) || (i && b[i] <= b[i - 1]))
			return false;
	return true;
}

static const char *problem(const struct family_spec *spec)
{
	if (!spec->name || !label_name_ok(spec->name, strlen(spec->name)))
		return "its name is not of letters, digits and '_'";
	if (spec->kind < FAMILY_COUNTER || spec->kind > FAMILY_HTTP)
		return "it is neither counter nor gauge nor histogram";
	if (spec->kind == FAMILY_COUNTER && !ends(spec->name, "_total"))
		return "the name of a counter ends with _total";
	if (spec->nbuckets > BUCKETS_MAX || !grow(spec->buckets, spec->nbuckets))
		return "its buckets are not at most 32 growing numbers";
	return NULL;
}

/* Another one of that name. */
static bool alike(const struct store *s, const struct family *f,
		  const struct family_spec *spec)
{
	const double *b = spec->buckets ? spec->buckets : s->buckets;
	size_t n = spec->buckets ? spec->nbuckets : s->nbuckets;

	return f->kind == spec->kind &&
	       !strcmp(f->labels, spec->labels ? spec->labels : "") &&
	       (f->kind < FAMILY_HISTOGRAM ||
		(f->nbuckets == n && !memcmp(f->buckets, b, n * sizeof *b)));
}

static struct series *series_new(const struct store *s, const struct family *f,
				 uint32_t hash, const char *const *values);

/* NULL: out of memory, or with *why. */
static struct family *family_new(const struct store *s, const struct family_spec *spec,
				 const char **why)
{
	static const char *const others[LABELS_MAX] = {"(other)", "(other)", "(other)",
						       "(other)", "(other)", "(other)",
						       "(other)", "(other)"};
	const char *labels = spec->labels ? spec->labels : "",
		   *help = spec->help ? spec->help : "";
	struct family *f = calloc(1, sizeof *f + strlen(spec->name) + strlen(labels) +
					     strlen(help) + 3);

	if (!f)
		return NULL;
	f->kind = spec->kind;
	f->name = strcpy((char *)(f + 1), spec->name);
	f->labels = strcpy((char *)f->name + strlen(f->name) + 1, labels);
	f->help = strcpy((char *)f->labels + strlen(f->labels) + 1, help);
	if (!read_labels(f)) {
		*why = "its labels are not at most 8 names of letters, digits and '_' "
		       "with commas "
		       "between them";
		free(f);
		return NULL;
	}
	f->ncells = 1;
	if (f->kind >= FAMILY_HISTOGRAM) {
		f->nbuckets = spec->buckets ? spec->nbuckets : s->nbuckets;
		memcpy(f->buckets, spec->buckets ? spec->buckets : s->buckets,
		       f->nbuckets * sizeof *f->buckets);
		f->ncells = cell_of_sum(f) + (f->kind == FAMILY_HTTP ? 3 : 1);
	}
	f->other = series_new(s, f, 0, others);
	if (!f->other) {
		free(f);
		return NULL;
	}
	return f;
}

static size_t place_of(const char *name)
{
	return label_hash(LABEL_HASH, name, strlen(name)) % (FAMILIES_MAX * 2);
}

/* The one of that name, or NULL; *at is where it would stand. */
static struct family *find_family(struct store *s, const char *name, size_t *at)
{
	struct family *f;

	for (*at = place_of(name);
	     (f = atomic_load_explicit(&s->named[*at], memory_order_acquire));
	     *at = (*at + 1) % (FAMILIES_MAX * 2))
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

/* With the lock held. */
static struct family *add_family(struct store *s, const struct family_spec *spec,
				 const char **why)
{
	size_t at, n = atomic_load(&s->nfamilies);
	struct family *f = find_family(s, spec->name, &at);

	if (f) /* another thread was faster */
		return f;
	if (n == FAMILIES_MAX) {
		*why = "there are 256 others already";
		return NULL;
	}
	f = family_new(s, spec, why);
	if (!f)
		return NULL;
	s->families[n] = f;
	atomic_store_explicit(&s->named[at], f, memory_order_release);
	atomic_store_explicit(&s->nfamilies, n + 1, memory_order_release);
	return f;
}

struct family *store_family(struct store *s, const struct family_spec *spec,
			    const char **why)
{
	struct family *f;
	size_t at;

	*why = problem(spec);
	if (*why)
		return NULL;
	f = find_family(s, spec->name, &at);
	if (!f) {
		pthread_mutex_lock(&s->lock);
		f = add_family(s, spec, why);
		pthread_mutex_unlock(&s->lock);
	}
	if (f && !alike(s, f, spec)) {
		*why = "there is another one of this name, with another kind, labels or "
		       "buckets";
		return NULL;
	}
	return f;
}

/* --- series ----------------------------------------------------------------------- */

static struct series *series_new(const struct store *s, const struct family *f,
				 uint32_t hash, const char *const *values)
{
	size_t cells = stride(f) * shards_of(s, f) * sizeof(cell), text = 0;

	for (size_t i = 0; i < f->nlabels; i++)
		text += strlen(values[i]) + 1;
	struct series *at = calloc(1, sizeof *at + text);
	if (!at)
		return NULL;
	at->cells = aligned_alloc(64, cells);
	if (!at->cells) {
		free(at);
		return NULL;
	}
	memset((void *)at->cells, 0, cells);
	at->family = f;
	at->hash = hash;
	char *to = (char *)(at + 1);
	for (size_t i = 0; i < f->nlabels; i++) {
		at->value_len[i] = strlen(values[i]);
		at->value[i] = memcpy(to, values[i], at->value_len[i] + 1);
		to += at->value_len[i] + 1;
	}
	return at;
}

static void series_free(struct series *at)
{
	if (at)
		free((void *)at->cells);
	free(at);
}

static bool is(const struct series *at, const struct family *f, uint32_t hash,
	       const char *const *values, const size_t *len)
{
	if (at->family != f || at->hash != hash)
		return false;
	for (size_t i = 0; i < f->nlabels; i++)
		if (at->value_len[i] != len[i] ||
		    memcmp(at->value[i], values[i], len[i]) != 0)
			return false;
	return true;
}

/* Puts a new one where *slot says, or behind. NULL: there is no room or memory. */
static struct series *add_series(struct store *s, struct family *f, uint32_t hash,
				 const char *const *values, const size_t *len,
				 size_t slot)
{
	_Atomic size_t *count = f->kind == FAMILY_HTTP ? &s->of_http : &s->of_others;

	if (atomic_fetch_add(count, 1) >= s->series_max) {
		atomic_fetch_sub(count, 1);
		return NULL;
	}
	struct series *mine = series_new(s, f, hash, values), *there = NULL;
	while (mine && !atomic_compare_exchange_strong(&s->table[slot], &there, mine)) {
		if (is(there, f, hash, values, len)) { /* another thread was faster */
			series_free(mine);
			atomic_fetch_sub(count, 1);
			return there;
		}
		there = NULL;
		slot = (slot + 1) & s->mask;
	}
	if (!mine) {
		atomic_fetch_sub(count, 1);
		return NULL;
	}
	mine->next = atomic_load(&f->first);
	while (!atomic_compare_exchange_weak(&f->first, &mine->next, mine))
		;
	return mine;
}

struct series *store_series(struct store *s, struct family *f, const char *const *values)
{
	char copies[LABELS_MAX][VALUE_MAX + 1];
	const char *clean[LABELS_MAX];
	size_t len[LABELS_MAX];
	uint32_t hash = label_hash(LABEL_HASH, f->name, strlen(f->name));
	struct series *at;

	for (size_t i = 0; i < f->nlabels; i++) {
		len[i] = label_copy(copies[i], values[i]);
		clean[i] = copies[i];
		hash = label_hash(hash, copies[i], len[i] + 1);
	}
	size_t slot = hash & s->mask;
	while ((at = atomic_load_explicit(&s->table[slot], memory_order_acquire))) {
		if (is(at, f, hash, clean, len))
			return at;
		slot = (slot + 1) & s->mask;
	}
	at = add_series(s, f, hash, clean, len, slot);
	if (at)
		return at;
	atomic_fetch_add_explicit(&s->crowded, 1, memory_order_relaxed);
	return f->other;
}

/* --- the whole -------------------------------------------------------------------- */

bool store_init(struct store *s, size_t series_max)
{
	long n = sysconf(_SC_NPROCESSORS_CONF);
	size_t places = 64;

	while (places < series_max * 4) /* never more than half full */
		places *= 2;
	s->series_max = series_max;
	s->nshards = n < 1 ? 1 : n > SHARDS_MAX ? SHARDS_MAX : (unsigned)n;
	s->mask = places - 1;
	s->table = calloc(places, sizeof *s->table);
	if (!s->table)
		return false;
	pthread_mutex_init(&s->lock, NULL);
	return true;
}

void store_fini(struct store *s)
{
	size_t n = atomic_load(&s->nfamilies);

	for (size_t i = 0; i < n; i++) {
		struct family *f = s->families[i];
		for (struct series *at = atomic_load(&f->first), *next; at; at = next) {
			next = at->next;
			series_free(at);
		}
		series_free(f->other);
		free(f);
	}
	free((void *)s->table);
	pthread_mutex_destroy(&s->lock);
}
