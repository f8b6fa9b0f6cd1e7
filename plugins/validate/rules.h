/* A table of rules, compiled: rule_text.c splits "required|max:80", compile.c looks
 * each rule up in the catalog and checks its parameters. A struct rules never
 * changes, so that any number of requests read it at once. */
#ifndef VALIDATE_RULES_H
#define VALIDATE_RULES_H

#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>

#include <cruet.h>
#include <cruet/svc/validate.h>
#include <cruet/validate.h>

#include "date.h"
#include "number.h"
#include "pool.h"

enum {
	STEPS_MAX = 16,	   /* of a path */
	WILD_MAX = 4,	   /* stars in a path */
	RULES_MAX = 64,	   /* of a field */
	PARAMS_MAX = 1000, /* of a rule */
	FIELDS_MAX = 1000, /* of a table */
	WHY_MAX = 512,
	ANY = 255,   /* number of parameters */
	MISFIT = 422 /* what a test returns for a value that does not fit */
};

/* --- the catalog ------------------------------------------------------------------ */

/* What the parameters of a rule are; of those that take a field it is the first. */
enum takes {
	TAKES_NONE = 0,
	TAKES_TEXT,
	TAKES_NUMBERS,
	TAKES_COUNTS, /* 0, 1, 2, ... */
	TAKES_FIELDS,
	TAKES_FIELD_AND_TEXT,
	TAKES_CONFIRMATION, /* a field; without one, NAME_confirmation */
	TAKES_SET,	    /* a field whose stars stand for all there is */
	TAKES_NUMBER_OR_FIELD,
	TAKES_DATE_OR_FIELD,
	TAKES_FORMATS,
	TAKES_PATTERN,
	TAKES_CHOICES
};

enum def_flags {
	IMPLICIT = 1u << 0, /* also called for what is missing, null or blank */
	EXCLUDES = 1u << 1, /* a misfit takes the field out, and is no error */
	MODIFIER = 1u << 2, /* changes how the other rules are called */
	BY_KIND = 1u << 3,  /* has a message for numbers and one for arrays */
	SORTED = 1u << 4,   /* looks its parameters up: rule->sorted */
	SETS = 1u << 5	    /* keeps a set of values during a check: rule->slot */
};

/* What a rule says of its field's type. */
enum type_flags {
	TYPE_INT = 1u << 0,
	TYPE_REAL = 1u << 1,
	TYPE_BOOL = 1u << 2,
	TYPE_ARRAY = 1u << 3,
	TYPE_TEXT = 1u << 4,
	TYPE_NUMBER = TYPE_INT | TYPE_REAL
};

struct attempt;
struct rule;
typedef int test_fn(struct attempt *a);
/* Looks at the parameters of a rule together; false: why says what is wrong. */
typedef bool check_fn(const struct rule *r, char why[WHY_MAX]);

struct rule_def {
	const char *name;
	uint8_t min, max;  /* parameters */
	uint8_t takes;	   /* enum takes */
	uint8_t flags;	   /* enum def_flags */
	uint8_t type;	   /* enum type_flags */
	test_fn *test;	   /* CRUET_OK, MISFIT, or what fails the request */
	const char *names; /* of the parameters in messages: "min,max"; the last one
			    * stands for all that follow */
	const char *message, *message_number, *message_array;
	const char *choices; /* "rfc|strict" */
	const char *pattern; /* of rules that need one: it must be linear */
	check_fn *check;
};

/* Each of a file of its own, ending with a name of NULL. */
extern const struct rule_def presence_rules[], prohibit_rules[], type_rules[],
	size_rules[], number_rules[], text_rules[], format_rules[], list_rules[],
	compare_rules[], date_rules[];
extern const struct rule_def custom_def;

/* The rule named [name, name + len); NULL if there is none. */
const struct rule_def *catalog_find(const char *name, size_t len);
/* The i-th; NULL after the last. */
const struct rule_def *catalog_at(size_t i);

/* --- what applications and plugins added (added.c) ---------------------------------- */

/* It is not kept here: it belongs to who added it, and is asked for. */
struct asker {
	void *self;    /* the instance that it was added to */
	cruet_ctx *c;  /* a request, which sees what its application has; or NULL: */
	cruet_app *app; /* the setup, which sees what was added so far */
};
/* The last of that kind with that key; NULL if there is none. */
const cruet_validate_added *added_find(const struct asker *who, uint32_t kind,
				       const char *key, size_t len);
/* One that a table may have: not the name of an error alone. */
const cruet_validate_added *added_rule(const struct asker *who, const char *name,
				       size_t len);
/* The i-th name of all rules there are, for this struct asker; NULL after the last. For
 * cruet_nearest(). */
const char *known_rule(const void *asker, size_t i);

/* --- a compiled table ------------------------------------------------------------- */

struct path {
	const char *text;
	const char **steps; /* NULL: a star */
	uint8_t n, nwild;
};

struct param {
	const char *text;
	bool is_field;
	struct path path;	   /* if is_field */
	const struct field *field; /* the row of that path; NULL: none */
	/* So many stars at the front of both paths are the same: they stand for the
	 * same element. Below is where the path goes on behind them. */
	uint8_t shared, below;
	struct decimal number;
	uint64_t count;
	struct when when;
};

struct rule {
	const struct rule_def *def; /* of one that was added custom_def */
	const char *name;
	struct param *params;
	size_t nparams;
	const char **texts;  /* the same, as a custom rule sees them */
	const char **sorted; /* the same, for SORTED rules; nparams of them */
	uint32_t pattern_options;
	pcre2_code *regex;
	unsigned slot; /* of SETS rules, and of those that were added */
};

struct field {
	struct path path;
	struct rule *rules;
	size_t nrules;
	unsigned type; /* enum type_flags, of all rules */
	bool bail, sometimes, nullable;
	bool excludes;		    /* has a rule that may take it out */
	bool opens;		    /* other rows name what is inside it */
	const struct field *above;  /* the nearest row of which it is a part */
	const struct rule *formats; /* its date_format */
};

/* The paths of a table as a tree. */
struct node {
	const char *name;  /* of a child; NULL: a star */
	struct node *kids; /* by name; not the star */
	size_t nkids;
	struct node *star;
	const struct field *field; /* whose path ends here; NULL: none */
};

struct rules {
	struct rules *next; /* in its bucket */
	uint64_t hash;
	struct field *fields;
	size_t nfields;
	const char **source; /* field, rules, field, rules, ... */
	struct node root;
	unsigned nslots, nadded; /* SETS rules; those that were added */
	struct pool pool;
};

/* A number for the texts of a table; the same texts give the same. */
uint64_t rules_hash(const cruet_field_rule *table);
bool rules_are(const struct rules *r, const cruet_field_rule *table);
/* Compiles a table; texts are copied. NULL: why says what is wrong with it. */
struct rules *rules_compile(const struct asker *who, const cruet_field_rule *table,
			    char why[WHY_MAX]);
/* Its rules that were added, as who asks knows them: to[slot]; to NULL: whether it does.
 * false: why names one that it does not know. */
bool rules_added(const struct rules *r, const struct asker *who,
		 const cruet_validate_added **to, char why[WHY_MAX]);
void rules_free(struct rules *r);

/* --- its parts -------------------------------------------------------------------- */

/* Reads the next rule of a text: its name and its parameters, which the pool owns.
 * false at the end; then, if the text is malformed, why is not empty. */
struct raw_rule {
	const char *name;
	size_t name_len;
	const char **params;
	size_t nparams;
	uint32_t pattern_options; /* of a TAKES_PATTERN rule */
};
bool rule_text_next(const char **at, struct pool *pool, struct raw_rule *out,
		    char why[WHY_MAX]);

/* "items.*.price"; a backslash makes a dot or a star an ordinary character. */
bool path_parse(const char *text, struct pool *pool, struct path *out, char why[WHY_MAX]);
bool path_same(const struct path *a, const struct path *b);
bool path_begins(const struct path *p, const struct path *with);
/* True if a stands for something that b is a part of, or might be. */
bool path_holds(const struct path *a, const struct path *b);

bool tree_build(struct rules *r);
const struct node *tree_child(const struct node *n, const char *name, size_t len);

#endif
