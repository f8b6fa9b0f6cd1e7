/* One check of one input against a table: engine.c finds the values that a path
 * stands for and calls the rules one by one. Everything here lives in the memory of
 * the request. */
#ifndef VALIDATE_RUN_H
#define VALIDATE_RUN_H

#include "map.h"
#include "rules.h"
#include "validate.h"

enum {
	KEY_SHOWN_MAX = 100 /* bytes of a member's name in an error; the client sent it */
};

/* One value that a field stands for: "items.*.price" has many. */
struct attr {
	const struct field *field;
	const cruet_json *value; /* NULL: missing */
	/* What its stars stand for. */
	const cruet_json *nodes[WILD_MAX];
	size_t index[WILD_MAX];
	const char *name; /* "items.0.price"; attr_name() makes it */
};

struct value_set;

struct run {
	const struct state *s;
	struct asker who;
	cruet_ctx *c;
	const struct rules *rules;
	const cruet_field_rule *table;
	const char *const *labels; /* of its rows; NULL: it has none */
	const cruet_validate_added **added; /* its rules that were added, by slot */
	const cruet_json *input;
	int64_t now_ms;
	bool first_error;
	size_t nattrs;
	struct map members;	 /* container -> its members, to be found by name */
	struct map excluded;	 /* field, element -> taken out */
	struct map made;	 /* container -> what came out of it */
	cruet_json *scratch;	 /* where values are born */
	struct value_set **sets; /* by slot */
	pcre2_match_context *limits;
	pcre2_match_data *match;
	uint64_t steps; /* that regular expressions took */
	size_t at;	/* where the last one was */
	cruet_json *errors;
	size_t nerrors;
};

struct attempt {
	struct run *run;
	struct attr *attr;
	const struct rule *rule;
	const cruet_json *value; /* NULL: missing */
	size_t shown; /* the parameter that decided, from 1, for messages; 0: none */
};

/* Fills in out. CRUET_OK, also if there are errors; else the request fails. */
int engine_check(struct run *r, struct cruet_valid *out);

/* A form, a query, cookies or arguments as an object, with lists and parts where the
 * table has them. NULL: it could not be read, and the request is failing. */
const cruet_json *input_of_pairs(cruet_ctx *c, int from, const struct rules *rules);

/* --- finding ---------------------------------------------------------------------- */

/* The member of that name, or the element of that index; NULL if there is none, or j is
 * no container. Linear cost over all calls. */
const cruet_json *member(struct run *r, const cruet_json *j, const char *name);
const cruet_json *element(struct run *r, const cruet_json *j, size_t index);
/* The value at the path of a parameter, its stars standing for what they stand for in
 * this field. NULL: missing, or taken out. */
const cruet_json *other_value(const struct attempt *a, const struct param *p);
bool attr_excluded(const struct run *r, const struct field *f, const struct attr *at);
int attr_exclude(struct run *r, const struct attr *at);
const char *attr_name(cruet_ctx *c, struct attr *at);
/* The path of a parameter as it stands for this field: "items.0.to". */
const char *param_name(const struct attempt *a, const struct param *p);

/* Of rules whose first parameter is a field: its value. */
const cruet_json *condition_value(const struct attempt *a);
/* True if it has one of the values that follow; a->shown is which. Missing is null. */
bool condition_is(struct attempt *a);
/* Of rules whose parameters are fields. */
typedef bool holds_fn(const cruet_json *v);
bool condition_any(const struct attempt *a, holds_fn *holds);
bool condition_all(const struct attempt *a, holds_fn *holds);

/* --- what comes out --------------------------------------------------------------- */

/* Where an attr stands: the containers that lead to it, outermost first. */
struct place {
	const cruet_json *node;
	size_t index; /* in the one before */
};
int output_begin(struct run *r, struct cruet_valid *out);
/* Makes the containers, and with a value puts it there with its type. */
int output_put(struct run *r, const struct place *places, size_t n, const struct attr *at,
	       size_t index);

/* --- messages --------------------------------------------------------------------- */

/* The text for a rule that was not met; NULL: out of memory. */
const char *message_of(const struct attempt *a);
/* The same where nothing was tried; see cruet_validate_text(). *known: there is such a
 * rule. */
const char *message_text(const struct asker *who, const char *rule, const char *field,
			 const char *label, const char *value, bool *known);

/* --- values ----------------------------------------------------------------------- */

static inline int fits(bool ok)
{
	return ok ? CRUET_OK : MISFIT;
}

static inline const char *text_of(const cruet_json *v)
{
	return cruet_json_str(v, NULL);
}

bool is_blank(const cruet_json *v);  /* text with nothing but white space */
bool is_filled(const cruet_json *v); /* what required asks for */
bool is_container(const cruet_json *v);
bool is_boolean(const cruet_json *v, bool *out); /* true, 1, "1", false, 0, "0" */
bool is_accepted(const cruet_json *v);
bool is_declined(const cruet_json *v);
bool is_integer(cruet_ctx *c, const cruet_json *v, int64_t *out);
/* The text of a text or a number; NULL for all else. */
const char *text_or_number(cruet_ctx *c, const cruet_json *v);
/* The text of a scalar, as values are compared; NULL for a container, null, NULL. */
const char *scalar_text(cruet_ctx *c, const cruet_json *v);
/* A number, or a text that is one. */
bool value_number(cruet_ctx *c, const cruet_json *v, struct decimal *out);
/* Of the same type, and the same all the way down. */
bool value_equals(cruet_ctx *c, const cruet_json *a, const cruet_json *b);
/* As required_if:other,VALUE compares. */
bool value_is(cruet_ctx *c, const cruet_json *v, const struct param *p,
	      const struct field *of);
size_t code_points(const char *s);

/* The size of a value: characters, the number itself, or elements. */
enum size_kind { SIZE_TEXT = 0, SIZE_NUMBER, SIZE_ARRAY };
struct size {
	enum size_kind kind;
	struct decimal number;
	char digits[24]; /* of a count; number may point here */
};
/* false: it has none, for want of a fitting type. */
bool value_size(cruet_ctx *c, const struct field *f, const cruet_json *v,
		struct size *out);
enum size_kind size_kind(const struct field *f, const cruet_json *v);

/* A set of values, ordered once and then looked through by halves. */
enum set_mode { SET_LOOSE = 0, SET_STRICT, SET_FOLDED };
/* Of the values at a path, whose stars stand for all there is; kept in the rule's slot.
 */
struct value_set *set_at(const struct attempt *a, const struct path *path,
			 enum set_mode mode);
/* Of the elements of one value. */
struct value_set *set_of(const struct attempt *a, const cruet_json *v,
			 enum set_mode mode);
bool set_has(const struct run *r, const struct value_set *s, const cruet_json *v);
bool set_has_twice(const struct run *r, const struct value_set *s, const cruet_json *v);
bool set_has_text(const struct run *r, const struct value_set *s, const char *text);
bool set_repeats(const struct value_set *s);

/* One of the parameters of a SORTED rule. */
bool is_param(const struct rule *r, const char *text);
/* The regular expression of a rule. CRUET_OK and *found; MISFIT if it took too long and
 * was given up; CRUET_ENOMEM. */
int matches(const struct attempt *a, const char *text, bool *found);

#endif
