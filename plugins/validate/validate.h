/* What the files of the plugin share. A table of rules is compiled (compile.c,
 * rule_text.c) into a struct rules that never changes; checking one input
 * (engine.c) makes a struct run, in the memory of the request, and calls the
 * tests of the catalog (catalog.c) one by one. */
#ifndef PLUGIN_VALIDATE_H
#define PLUGIN_VALIDATE_H

#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <pthread.h>
#include <stdatomic.h>

#include <cruet.h>
#include <cruet/svc/validate.h>
#include <cruet/validate.h>

#include "date.h"
#include "number.h"
#include "pool.h"

enum {
	STEPS_MAX = 16,     /* of a path */
	WILD_MAX = 4,       /* stars in a path */
	RULES_MAX = 64,     /* of a field */
	PARAMS_MAX = 1000,  /* of a rule */
	FIELDS_MAX = 1000,  /* of a table */
	KEY_SHOWN_MAX = 100, /* bytes of a member's name in an error */
	CACHE_BUCKETS = 256,
	CACHE_MAX = 1024,   /* tables */
	WHY_MAX = 512,
	MISFIT = 422        /* what a test returns for a value that does not fit */
};

/* --- rules ---------------------------------------------------------------------------- */

/* Which parameters a rule takes; of those that take a field it is the first. */
enum takes {
	TAKES_NONE = 0,
	TAKES_TEXT,
	TAKES_NUMBERS,
	TAKES_COUNTS,          /* 0, 1, 2, ... */
	TAKES_FIELDS,
	TAKES_FIELD_AND_TEXT,
	TAKES_NUMBER_OR_FIELD,
	TAKES_DATE_OR_FIELD,
	TAKES_FORMATS,
	TAKES_PATTERN,
	TAKES_CHOICES
};

enum def_flags {
	IMPLICIT = 1u << 0, /* also called for what is missing or blank */
	EXCLUDES = 1u << 1, /* a misfit takes the field out, with no error */
	MODIFIER = 1u << 2, /* changes how the other rules are called */
	BY_SIZE = 1u << 3   /* message by kind: text, number, array */
};

/* What a rule says of its field's type. */
enum type_flags {
	TYPE_INT = 1u << 0,
	TYPE_REAL = 1u << 1,
	TYPE_BOOL = 1u << 2,
	TYPE_ARRAY = 1u << 3,
	TYPE_NUMBER = TYPE_INT | TYPE_REAL
};

struct attempt;
typedef int test_fn(struct attempt *a);

struct rule_def {
	const char *name;
	uint8_t min, max;   /* parameters; 255: any number */
	uint8_t takes;      /* enum takes */
	uint8_t flags;      /* enum def_flags */
	uint8_t type;       /* enum type_flags */
	test_fn *test;
	const char *names;  /* of the parameters in messages: "min,max"; the last
			     * stands for all that follow */
	const char *message, *message_number, *message_array;
	const char *choices; /* "rfc|strict" */
	const char *pattern; /* of rules that are a regular expression */
};

struct custom {
	struct custom *next;
	const char *name, *message;
	cruet_rule_fn *fn;
	void *arg;
};

struct path {
	const char *text;
	uint8_t n, nwild;
	const char **steps; /* NULL: a star */
};

struct param {
	const char *text;
	size_t len;
	bool is_field;
	struct path path;     /* if is_field */
	const struct field *field; /* the row of that path; NULL: none */
	struct decimal number;
	uint64_t count;
	struct when when;
};

struct rule {
	const struct rule_def *def;
	const struct custom *custom;
	struct param *params;
	size_t nparams;
	const char **texts;  /* the same, as a custom rule sees them */
	pcre2_code *regex;
	unsigned slot;       /* of the set in a run, for rules that need one */
};

struct field {
	struct path path;
	struct rule *rules;
	size_t nrules;
	unsigned type; /* enum type_flags, of all rules */
	bool bail, sometimes, nullable, excludes;
	const struct rule *formats; /* its date_format */
};

/* The paths of a table as a tree. */
struct node {
	struct node *next, *child;
	const char *name; /* NULL: a star */
	const struct field *field;
};

struct rules {
	struct rules *next;             /* in its bucket */
	const cruet_field_rule *table;
	const char **source;            /* field, rules, field, rules, ... */
	struct field *fields;
	size_t nfields;
	struct node root;
	unsigned nslots;
	struct pool pool;
};

/* The rule named [name, name + len); NULL if there is none. */
const struct rule_def *catalog_find(const char *name, size_t len);
/* The i-th; NULL after the last. */
const struct rule_def *catalog_at(size_t i);
extern const struct rule_def custom_def;

/* --- state ---------------------------------------------------------------------------- */

struct config {
	int64_t max_fields;
};

struct text { /* a message or a label */
	struct text *next;
	const char *key, *value;
};

struct state {
	const struct config *cfg;
	cruet_app *app;
	/* written in setup alone */
	struct pool pool;
	struct custom *customs;
	struct text *messages, *labels;
	pcre2_match_context *limits;
	bool started;
	/* compiled tables: read without a lock, only added to */
	pthread_mutex_t lock;
	_Atomic(struct rules *) cache[CACHE_BUCKETS];
	size_t cached; /* under lock */
};

const struct custom *custom_find(const struct state *s, const char *name, size_t len);

/* Compiles a table. NULL: why says what is wrong with it. */
struct rules *rules_compile(const struct state *s, const cruet_field_rule *table,
			    char why[WHY_MAX]);
void rules_free(struct rules *r);

/* Reads the next rule of a text: its name, and its parameters into a list that
 * the pool owns. false: *why says what is wrong. */
struct raw_rule {
	const char *name;
	size_t name_len;
	const char **params;
	size_t nparams;
	uint32_t pattern_options; /* of a TAKES_PATTERN rule */
};
bool rule_text_next(const char **at, struct pool *pool, struct raw_rule *out,
		    char why[WHY_MAX]);
bool path_parse(const char *text, struct pool *pool, struct path *out);

/* --- one check ------------------------------------------------------------------------ */

/* One field as it stands in this input: "items.*.price" has many. */
struct attr {
	const struct field *field;
	const char *name;        /* "items.0.price" */
	const cruet_json *value; /* NULL: missing */
	const char *keys[WILD_MAX]; /* what the stars stand for */
	const cruet_json *nodes[WILD_MAX];
	uint8_t nkeys;
};

struct value_set;

struct run {
	struct state *s;
	cruet_ctx *c;
	const struct rules *rules;
	const cruet_json *input;
	int64_t now_ms;
	struct attr *attrs;
	size_t nattrs, cap;
	struct value_set **sets;  /* by slot */
	const cruet_json **dropped; /* hash set: values that must not come out */
	size_t ndropped, dropped_cap;
	cruet_json *errors;
	size_t nerrors;
};

struct attempt {
	struct run *run;
	const struct attr *attr;
	const struct rule *rule;
	const cruet_json *value;
	size_t shown; /* the parameter that decided, for messages */
};

int engine_check(struct state *s, cruet_ctx *c, const struct rules *rules,
		 bool first_error, struct cruet_valid *out);

/* A form or a query as an object that c owns: NULL on failure. */
const cruet_json *input_of_pairs(cruet_ctx *c, int from, const struct rules *rules);

/* The text for a rule that was not met; NULL: out of memory. */
const char *message_of(const struct attempt *a);

/* --- values ---------------------------------------------------------------------------- */

static inline int fits(bool ok)
{
	return ok ? CRUET_OK : MISFIT;
}

static inline const char *text_of(const cruet_json *v)
{
	return cruet_json_str(v, NULL);
}

bool is_space(char ch);                  /* ASCII white space */
bool is_blank(const cruet_json *v);      /* text with nothing but white space */
bool is_filled(const cruet_json *v);     /* what required asks for */
bool is_container(const cruet_json *v);
bool is_truth(const cruet_json *v, bool *out);  /* true, "1", 0, ... */
bool is_accepted(const cruet_json *v);
bool is_declined(const cruet_json *v);
/* A text that stands for a scalar; NULL for a container, null and NULL. */
const char *scalar_text(cruet_ctx *c, const cruet_json *v);
bool value_number(cruet_ctx *c, const cruet_json *v, struct decimal *out);
bool value_equals(cruet_ctx *c, const cruet_json *a, const cruet_json *b);
/* As required_if:other,VALUE compares. */
bool value_is(const struct attempt *a, const cruet_json *v, const struct param *p);
size_t code_points(const char *s);

/* The size of a value: characters, value or elements. false: it has none, for
 * want of the type that the field should have. */
enum size_kind { SIZE_TEXT = 0, SIZE_NUMBER, SIZE_ARRAY };
struct size {
	enum size_kind kind;
	struct decimal number;
	char digits[24]; /* of a count */
};
bool value_size(cruet_ctx *c, const struct field *f, const cruet_json *v,
		struct size *out);
enum size_kind size_kind(const struct field *f, const cruet_json *v);

/* The value at the path of a parameter, its stars standing for what they stand
 * for in this field. */
const cruet_json *other_value(const struct attempt *a, const struct param *p);

/* A set of the values at a path, all its stars free; made once per run. */
struct value_set *set_of(const struct attempt *a, const struct path *path,
			 const cruet_json *from, bool strict, bool fold);
size_t set_count(const struct attempt *a, const struct value_set *set,
		 const cruet_json *v);

bool matches(const struct attempt *a, const char *text);

#endif
