/* Between the two halves of the compiler: rows (compile.c), parameters (params.c). */
#ifndef VALIDATE_COMPILE_H
#define VALIDATE_COMPILE_H

#include "rules.h"

struct compiler {
	const struct asker *who;
	struct rules *out;
	struct pool *pool; /* of out */
};

/* Reads the texts of a rule as its definition takes them. false: why says what is
 * wrong; empty, or "out of memory", if that is it. */
bool compile_params(struct compiler *k, struct field *f, struct rule *rule,
		    char why[WHY_MAX]);

#endif
