/* Service "validate/1": checks input against tables of rules. cruet/validate.h
 * reads what a provider fills in. Setup calls come from one thread, before
 * requests; check from many. */
#ifndef CRUET_SVC_VALIDATE_H
#define CRUET_SVC_VALIDATE_H

#include "cruet/types.h"

struct cruet_field_rule;
struct cruet_rule_call;
struct cruet_rule_seen;

#define CRUET_VALIDATE "validate/1"

/* The result. The caller makes it, with its size and c; the rest is zero. */
struct cruet_valid {
	uint32_t size;
	uint32_t from;           /* enum cruet_valid_from, or enum cruet_from */
	cruet_ctx *c;
	const cruet_json *input; /* all that was sent; forms as an object */
	const cruet_json *values; /* typed, only of fields that have rules and fit */
	cruet_json *errors;      /* field -> array of texts; NULL: none */
};

typedef struct cruet_validator {
	uint32_t size;
	uint32_t reserved;
	/* Setup: a failure is recorded as the problem of app. Tables are copied. add,
	 * message and label say whether that may be added: what was added is told by
	 * CRUET_VALIDATE_EVENT, below. */
	int (*compile)(void *self, cruet_app *app, const struct cruet_field_rule *table);
	int (*add)(void *self, cruet_app *app, const char *name,
		   int (*fn)(cruet_ctx *c, const struct cruet_rule_call *call),
		   const char *message, void *arg);
	int (*message)(void *self, cruet_app *app, const char *key, const char *text);
	int (*label)(void *self, cruet_app *app, const char *field, const char *label);
	/* Fills in out. CRUET_OK also when there are errors; else the input could
	 * not be read or the table is bad, which is recorded in c. json: what to
	 * check if from is 0 (CRUET_FIRST_ERROR aside). */
	int (*check)(void *self, cruet_ctx *c, int from, const cruet_json *json,
		     const struct cruet_field_rule *table, struct cruet_valid *out);
	/* Tells fn each rule until it returns something else than CRUET_OK, which is
	 * returned. Texts live as long as c. */
	int (*each)(void *self, cruet_ctx *c, const struct cruet_field_rule *table,
		    int (*fn)(const struct cruet_rule_seen *rule, void *arg), void *arg);
	/* check, where messages call row i of the table labels[i]; labels and each of
	 * them may be NULL. */
	int (*check_labelled)(void *self, cruet_ctx *c, int from, const cruet_json *json,
			      const struct cruet_field_rule *table,
			      const char *const *labels, struct cruet_valid *out);
	/* See cruet_validate_text(). CRUET_OK, or what is recorded in c. */
	int (*text)(void *self, cruet_ctx *c, const char *rule, const char *field,
		    const char *label, const char *value, const char **out);
} cruet_validator;

/* The event by which a provider asks for what was added to it: cruet_validate_add(),
 * _message() and _label() listen to it, so that what they add comes and goes with the
 * scope that added it, and a request sees what the application that it began on has. It is
 * told with cruet_tell(), or in setup with cruet_tell_setup(). */
#define CRUET_VALIDATE_EVENT "validate.added"

enum cruet_validate_kind {
	CRUET_VALIDATE_RULE = 1,
	CRUET_VALIDATE_MESSAGE = 2,
	CRUET_VALIDATE_LABEL = 3
};

typedef struct cruet_validate_added {
	uint32_t size; /* sizeof(cruet_validate_added) */
	uint32_t kind; /* enum cruet_validate_kind */
	const char *key;  /* name of a rule; key of a message; field */
	const char *text; /* of a rule its message, which may be NULL */
	int (*fn)(cruet_ctx *c, const struct cruet_rule_call *call); /* of a rule */
	void *arg;
} cruet_validate_added;

/* What the event tells. Borrowed for the call. */
typedef struct cruet_validate_asked {
	uint32_t size; /* sizeof(cruet_validate_asked) */
	uint32_t reserved;
	void *self; /* whose additions are asked for: of cruet_provide() */
	/* Called for each, in order; added lives as long as the scope that added it. */
	void (*take)(void *arg, const cruet_validate_added *added);
	void *arg;
} cruet_validate_asked;

#endif
