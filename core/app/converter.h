/* The kinds of path arguments. A kind has a shape, which decides how much of a
 * path it takes (as the regular expression of Werkzeug's converter would), and
 * limits, which decide afterwards whether the value will do. */
#ifndef APP_CONVERTER_H
#define APP_CONVERTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "app/router.h"

enum conv_kind {
	CONV_STRING = 1, CONV_INT, CONV_FLOAT, CONV_PATH, CONV_UUID, CONV_ANY, CONV_CUSTOM
};

struct conv {
	enum conv_kind kind;
	int32_t weight;
	bool slashes;          /* may take '/' */
	/* shape */
	size_t min_len, max_len; /* string: characters */
	bool is_signed;        /* int, float */
	const char *const *words; /* any: ends with NULL */
	/* limits */
	unsigned digits;       /* int: exactly so many; 0: any */
	bool has_min, has_max;
	double min, max;       /* float */
	int64_t imin, imax;    /* int */
	/* custom */
	const cruet_converter *custom;
	const void *prepared;
	const char *args;      /* as written */
};

struct pattern_env;

/* Reads name and the text between the brackets (NULL: none). False and *why. */
bool conv_init(struct conv *out, const char *name, const char *args, size_t args_len,
	       const struct pattern_env *env, const char **why);

/* True if both take the same pieces of a path, whatever their limits. */
bool conv_same_shape(const struct conv *a, const struct conv *b);
/* True if one can stand for the other, limits and all; never for two of a plugin. */
bool conv_same(const struct conv *a, const struct conv *b);

/* Enumerates how many bytes of [s, avail) it may take, in the order a regular
 * expression would try. Start with at = 0. What a converter of a plugin may take,
 * conv_takes() has to confirm. */
struct conv_try {
	size_t at, len;
	size_t chars;
};
bool conv_next(const struct conv *cv, const char *s, size_t avail, struct conv_try *t,
	       size_t *len);
/* True if its shape fits the whole of [s, len), in which a slash is one that it may
 * take: an encoded one, or any where it takes them. */
bool conv_takes(const struct conv *cv, cruet_ctx *c, const char *s, size_t len);

/* Checks the limits of a value of the right shape and gives its canonical text (NULL: out of
 * memory): in a, or s itself, part of a text that ends with a NUL and lives as long. False: this rule does not match after all. */
bool conv_accept(const struct conv *cv, struct arena *a, cruet_ctx *c, const char *s,
		 size_t len, struct arg *out);

/* The text for a URL, not yet percent-encoded; NULL and *why if value will not do. */
const char *conv_format(const struct conv *cv, struct arena *a, cruet_ctx *c,
			const char *value, const char **why);

#endif
