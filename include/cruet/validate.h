/* Validation: what a client sent, checked against a table of rules, as typed
 * values or as errors for each field. Thin over the service "validate/1";
 * without a plugin that provides it, calls fail the request with 500 and the log
 * names such a plugin. Not part of cruet.h. The rules: docs/plugins/validate.md.
 *
 *	static const cruet_field_rule entry[] = {
 *		{"name", "required|string|max:80"},
 *		{"age", "nullable|integer|between:0,150"},
 *		{NULL, NULL}
 *	};
 *
 * For an API, what does not fit is answered with 422 by itself:
 *
 *	cruet_valid *v = cruet_validate(c, CRUET_FROM_JSON, entry);
 *	if (!v)
 *		return cruet_err(c);
 *	add_person(cruet_valid_str(v, "name"), cruet_valid_int(v, "age", 0));
 *
 * For a page, the handler looks, and shows its form again:
 *
 *	cruet_valid *v = cruet_check(c, CRUET_FROM_FORM, entry);
 *	if (!v)
 *		return cruet_err(c);
 *	if (cruet_invalid(v))
 *		return form_page(c, v);
 */
#ifndef CRUET_VALIDATE_H
#define CRUET_VALIDATE_H

#include "cruet/types.h"

struct cruet_errtype; /* error.h */

/* Where the input comes from. CRUET_FROM_QUERY, _FORM, _COOKIES and _ARGS of
 * request.h can be given too. */
enum cruet_valid_from {
	CRUET_FROM_JSON = 16, /* the body; 415 or 400 if it is no JSON */
	CRUET_FROM_BODY = 17, /* JSON if the client says so, else a form */
	CRUET_FIRST_ERROR = 1 << 8 /* added to one of them: stop at the first */
};

/* A row of a table; the last has field NULL. A field is a name, or a path such
 * as "address.street" or "items.*.price". */
typedef struct cruet_field_rule {
	const char *field;
	const char *rules; /* "required|string|max:80" */
} cruet_field_rule;

/* What came out. Lives as long as the ctx. */
typedef struct cruet_valid cruet_valid;

/* One call of a rule that an application or a plugin added. */
typedef struct cruet_rule_call {
	uint32_t size;
	uint32_t nparams;
	const char *field;           /* "items.0.isbn" */
	const cruet_json *value;     /* never NULL, never blank text */
	const char *const *params;   /* "isbn:13" has the one "13" */
	const cruet_json *input;     /* all that was sent */
	void *arg;
} cruet_rule_call;

/* CRUET_OK: the value fits. 422: it does not. Anything else fails the request
 * with it, as in a handler. [request] */
typedef int cruet_rule_fn(cruet_ctx *c, const cruet_rule_call *call);

/* A rule of a table, for who makes something else of it, such as a form. */
typedef struct cruet_rule_seen {
	uint32_t size;
	uint32_t nparams;
	const char *field;
	const char *name;          /* "max" */
	const char *const *params; /* of a pattern: what stands between its delimiters */
	uint32_t flagged;          /* 1: a pattern with flags behind it */
	uint32_t reserved;
} cruet_rule_seen;

/* CRUET_OK goes on; anything else ends the walk. */
typedef int cruet_rule_seen_fn(const cruet_rule_seen *rule, void *arg);

CRUET_BEGIN

/* The kind of the failure that cruet_validate() makes: 422, "validate.invalid".
 * For cruet_on_kind(); the plugin has such a handler, an application's own on
 * the same scope or further in goes first. */
extern CRUET_EXPORT const struct cruet_errtype cruet_invalid_kind;

/* Checks everything the rules name. NULL if something does not fit, and if the
 * input cannot be read: return cruet_err(c) then. [request] */
CRUET_API cruet_valid *cruet_validate(cruet_ctx *c, int from,
				      const cruet_field_rule *rules);
/* The same, but gives the errors too: NULL only if the input cannot be read. */
CRUET_API cruet_valid *cruet_check(cruet_ctx *c, int from,
				   const cruet_field_rule *rules);
/* The same for a value that is there already, and lives as long as the ctx; flags 0 or
 * CRUET_FIRST_ERROR. */
CRUET_API cruet_valid *cruet_check_json(cruet_ctx *c, const cruet_json *input,
					int flags, const cruet_field_rule *rules);
/* The same where messages call the field of the i-th row labels[i]; NULL: as always. For
 * who knows from elsewhere what people read, such as a form. */
CRUET_API cruet_valid *cruet_check_labelled(cruet_ctx *c, const cruet_json *input,
					    int flags, const cruet_field_rule *rules,
					    const char *const *labels);

/* --- values: only of fields that have a rule, were sent and fit ------------ */

/* A name or a path ("items.0.price"). Numbers and truth values that came as text
 * are what their rule says (integer, numeric, boolean, ...). v NULL gives the
 * default. */
CRUET_API const char *cruet_valid_str(const cruet_valid *v, const char *field);
CRUET_API int64_t cruet_valid_int(const cruet_valid *v, const char *field, int64_t def);
CRUET_API double cruet_valid_real(const cruet_valid *v, const char *field, double def);
CRUET_API bool cruet_valid_bool(const cruet_valid *v, const char *field, bool def);
CRUET_API const cruet_json *cruet_valid_get(const cruet_valid *v, const char *field);
/* All of them: an object, or an array if the input was one. */
CRUET_API const cruet_json *cruet_valid_json(const cruet_valid *v);

/* --- errors ----------------------------------------------------------------- */

/* True if something does not fit, and for NULL. */
CRUET_API bool cruet_invalid(const cruet_valid *v);
/* The first error of a field; NULL if it has none, or v is NULL: so the same
 * code shows a form for the first time. */
CRUET_API const char *cruet_valid_error(const cruet_valid *v, const char *field);
/* {"name": ["The name field is required."], ...}; NULL if there are none. */
CRUET_API const cruet_json *cruet_valid_errors(const cruet_valid *v);
/* The text of a field as it was sent, to fill a form with again; never NULL. */
CRUET_API const char *cruet_valid_old(const cruet_valid *v, const char *field);

/* Adds an error that no rule could find ("this name is taken"). */
CRUET_API int cruet_valid_fail(cruet_valid *v, const char *field, const char *fmt, ...)
	CRUET_PRINTF(3, 4);
/* Fails the request with 422 and the errors of v, as cruet_validate() does. */
CRUET_API int cruet_valid_raise(cruet_valid *v) CRUET_MUST_CHECK;

/* For error handlers: what failed, or NULL. */
CRUET_API cruet_valid *cruet_valid_failed(cruet_ctx *c);
/* The reply that the plugin gives: problem details (RFC 9457) to those who sent
 * or prefer JSON, else a page that lists the errors. */
CRUET_API int cruet_invalid_reply(cruet_ctx *c) CRUET_MUST_CHECK;

/* Tells fn each rule of a table, row by row. What fn returned, or why the table cannot be
 * read, which fails the request. Texts live as long as the ctx. [request] */
CRUET_API int cruet_validate_each(cruet_ctx *c, const cruet_field_rule *rules,
				  cruet_rule_seen_fn *fn, void *arg);
/* What an error of a rule says, for who has looked at a value without it: the text that was
 * set for the rule of that field ("photo.file_size"), for the rule, or the rule's own, with
 * :attribute and :value filled in. field NULL: it is of none. label NULL: as messages call
 * the field. NULL: there is no such rule, or no memory, and the request fails. [request] */
CRUET_API const char *cruet_validate_text(cruet_ctx *c, const char *rule, const char *field,
					  const char *label, const char *value);

/* --- setup, after the plugin was attached ------------------------------------- */

/* What is added belongs to the scope, and goes with it. */

/* Checks and compiles a table now: a bad rule is a problem of the setup. Without
 * this a table is compiled when first used, and a bad rule is a 500. The table
 * is copied; it is known again by its texts. [setup] */
CRUET_API int cruet_validate_rules(cruet_app *app, const cruet_field_rule *rules);
/* Adds a rule, for tables that come later. In message, :attribute is the field's
 * name, :value the first and :values all parameters. fn NULL: it is for no table, but names
 * an error that is found elsewhere (cruet_validate_text), so that others may give it another
 * text; the later of two counts. [setup] */
CRUET_API int cruet_validate_add(cruet_app *app, const char *name, cruet_rule_fn *fn,
				 const char *message, void *arg);
/* Another text for a rule ("required"), or for a rule of one field
 * ("name.required", "items.*.price.min"). [setup] */
CRUET_API int cruet_validate_message(cruet_app *app, const char *key, const char *text);
/* What messages call a field, instead of "first name" for first_name. [setup] */
CRUET_API int cruet_validate_label(cruet_app *app, const char *field,
				   const char *label);

CRUET_END
#endif
