/* Forms: fields are declared once; what was typed, its errors and HTML that everybody can
 * use come of that. Thin over the service "forms/1"; without a plugin that provides it,
 * calls fail the request with 500 and the log names such a plugin. Not part of cruet.h.
 * The guide: docs/plugins/forms.md.
 *
 *	CRUET_FORM(post_form, "Save",
 *		{"title", "Title", "required|string|max:120"},
 *		{"body", "Text", "required|string", CRUET_FIELD_TEXTAREA});
 *
 *	static int new_post(cruet_ctx *c)
 *	{
 *		struct cruet_form *form = cruet_form_open(c, &post_form);
 *
 *		if (!cruet_form_ok(form))
 *			return cruet_form_render(c, form, "new.html", NULL);
 *		add_post(c, cruet_form_str(form, "title"), cruet_form_str(form, "body"));
 *		return cruet_redirect(c, 0, cruet_url(c, "front", (char *)0));
 *	}
 *
 * new_post takes GET and POST. new.html says {{ form }}, or {{ form.title }} and so on. What
 * does not fit is shown again with 422, each error at its field; a form that was not made for
 * this visitor with 403. */
#ifndef CRUET_FORMS_H
#define CRUET_FORMS_H

#include "cruet/types.h"

struct cruet_template_object; /* template.h */
struct cruet_valid; /* validate.h */

/* How a field is shown. */
enum cruet_field_type {
	CRUET_FIELD_AUTO = 0, /* what the rules say: email, url, integer, boolean, date, in */
	CRUET_FIELD_TEXT = 1,
	CRUET_FIELD_TEXTAREA = 2, /* lines end with \n, however they were sent */
	CRUET_FIELD_PASSWORD = 3, /* never shown again */
	CRUET_FIELD_EMAIL = 4,
	CRUET_FIELD_URL = 5,
	CRUET_FIELD_TEL = 6,
	CRUET_FIELD_SEARCH = 7,
	CRUET_FIELD_NUMBER = 8,
	CRUET_FIELD_DATE = 9,
	CRUET_FIELD_TIME = 10,
	CRUET_FIELD_DATETIME = 11, /* 2026-11-24T21:31 */
	CRUET_FIELD_COLOR = 12,
	CRUET_FIELD_CHECKBOX = 13, /* "1" or nothing; with choices one for each */
	CRUET_FIELD_RADIO = 14,
	CRUET_FIELD_SELECT = 15,
	CRUET_FIELD_FILE = 16, /* read it with cruet_form_file() */
	CRUET_FIELD_HIDDEN = 17
};

enum cruet_field_flags {
	CRUET_FIELD_MANY = 1u << 0 /* of select, checkbox, file: several at once, an array */
};

/* What can be chosen; a list ends with value NULL. Nothing else is taken, and of an empty list
 * nothing. */
typedef struct cruet_choice {
	const char *value;
	const char *label; /* NULL: the value */
} cruet_choice;
#define CRUET_CHOICES(...) ((const cruet_choice[]){__VA_ARGS__, {NULL, NULL}})

typedef struct cruet_form_field {
	const char *name;  /* a letter, then letters, digits, - and _ */
	const char *label; /* NULL: the name, "first_name" as "First name" */
	/* Of validate/1; NULL: what its type says, or any text. Those of a file look at its name. */
	const char *rules;
	int32_t type;      /* enum cruet_field_type */
	uint32_t flags;    /* enum cruet_field_flags */
	const char *help;  /* a sentence beside it */
	const char *value; /* what stands in it at first */
	const cruet_choice *choices; /* of select, radio, checkbox; NULL: those of the rule in */
	const char *autocomplete;    /* "email", "current-password" */
	const char *accept; /* of a file: ".png, image/jpeg"; by what the client says */
	uint64_t max_size;  /* of a file, in bytes; 0: what the body may have */
	int32_t rows;       /* of a textarea; 0: 6 */
	int32_t reserved;
} cruet_form_field;

typedef struct cruet_form_def {
	uint32_t size;
	uint32_t field_size;
	const char *name;
	const char *submit;        /* what its button says */
	const cruet_form_field *fields; /* ends with name NULL */
} cruet_form_def;

/* CRUET_FORM(login_form, "Log in", {"name", "Name", "required"}, ...); makes the constant
 * login_form, at file scope. */
#define CRUET_FORM(id, button, ...)                                                           \
	CRUET__FORM_BEGIN                                                                      \
	static const cruet_form_field cruet__fields_##id[] = {__VA_ARGS__, {.name = NULL}};         \
	CRUET__FORM_END                                                                        \
	static const cruet_form_def id = {sizeof(cruet_form_def), sizeof(cruet_form_field), #id,    \
					  button, cruet__fields_##id}
/* Members that a row leaves out are no mistake. */
#if defined(__GNUC__)
#define CRUET__FORM_BEGIN                 \
	_Pragma("GCC diagnostic push")    \
	_Pragma("GCC diagnostic ignored \"-Wmissing-field-initializers\"")
#define CRUET__FORM_END _Pragma("GCC diagnostic pop")
#else
#define CRUET__FORM_BEGIN
#define CRUET__FORM_END
#endif

/* One form of one request; lives as long as the ctx. (cruet_form() reads a single field of a
 * body that no form was declared for: request.h.) */
struct cruet_form;

CRUET_BEGIN

/* The form of this request. NULL: the request fails; what takes a form takes NULL too. */
CRUET_API struct cruet_form *cruet_form_open(cruet_ctx *c, const cruet_form_def *def);
/* The same for one that stands on a page more than once, such as in each row of a list: name
 * tells them apart, in ids and when one is sent. A letter, then letters, digits and _. */
CRUET_API struct cruet_form *cruet_form_open_as(cruet_ctx *c, const cruet_form_def *def,
						const char *name);

/* True if it was sent (by POST, PUT, PATCH or DELETE, and not another form of the page), comes
 * from a page made for this visitor, and everything fits. If it was sent and this is false,
 * the status of the reply is 422, or 403, from now on. */
CRUET_API bool cruet_form_ok(struct cruet_form *form);
/* Adds an error that no rule could find; from then on it is not ok. field NULL: one of the
 * whole form ("Wrong name or password."). */
CRUET_API int cruet_form_fail(struct cruet_form *form, const char *field, const char *fmt, ...)
	CRUET_PRINTF(3, 4);

/* Replies with a template in which the form is the variable "form"; vars as for
 * cruet_render(). Returns the failure if there is no form. */
CRUET_API int cruet_form_render(cruet_ctx *c, struct cruet_form *form, const char *name,
				const cruet_json *vars) CRUET_MUST_CHECK;
/* The same for a template where it has another name, or company: {"login",
 * cruet_value_host(cruet_form_object(form))}. Never NULL. */
CRUET_API const struct cruet_template_object *cruet_form_object(struct cruet_form *form);
/* HTML without templates. part NULL: all of it; a field's name: its label, input, help and
 * errors; "begin", "summary", "submit", "end" as in templates. NULL: the request fails. */
CRUET_API const char *cruet_form_html(struct cruet_form *form, const char *part);

/* --- values, once it is ok ----------------------------------------------------------- */

/* Typed, as the rules say; the default if nothing was sent. */
CRUET_API const char *cruet_form_str(struct cruet_form *form, const char *field);
CRUET_API int64_t cruet_form_int(struct cruet_form *form, const char *field, int64_t def);
CRUET_API double cruet_form_real(struct cruet_form *form, const char *field, double def);
/* A checkbox is true if it was checked. */
CRUET_API bool cruet_form_bool(struct cruet_form *form, const char *field);
/* The i-th file of a field, as it was looked at (upload.h); NULL: there are not so many. One
 * that is not required may have none. */
CRUET_API struct cruet_upload *cruet_form_file(struct cruet_form *form, const char *field,
					       size_t i);
/* All of them, for the calls of validate.h; NULL before cruet_form_ok(). */
CRUET_API struct cruet_valid *cruet_form_valid(struct cruet_form *form);

/* --- before it is shown -------------------------------------------------------------- */

/* What stands in a field at first, such as what is to be edited; what was sent goes before
 * it. value NULL: nothing. */
CRUET_API int cruet_form_set(struct cruet_form *form, const char *field, const char *value);
/* The same for several: members of an object that have a field's name. */
CRUET_API int cruet_form_fill(struct cruet_form *form, const cruet_json *values);
/* What can be chosen, where that is known in the request alone; before cruet_form_ok(). The
 * list lives as long as the form. */
CRUET_API int cruet_form_choices(struct cruet_form *form, const char *field,
				 const cruet_choice *choices);
/* Where it is sent to; without this to the address of its page. */
CRUET_API int cruet_form_action(struct cruet_form *form, const char *url);

/* --- forms made by hand -------------------------------------------------------------- */

/* A token that the session of this visitor takes; another at each call. NULL: the request
 * fails. Ends with the session, and with cruet_session_renew(). */
CRUET_API const char *cruet_csrf_token(cruet_ctx *c);
/* The same as a hidden field: <input type="hidden" name="_csrf" value="...">. */
CRUET_API const char *cruet_csrf_field(cruet_ctx *c);
/* Fails with 403 if the request may change something and carries no such token, in the field
 * _csrf or the header X-CSRF-Token. For handlers, and as a hook: cruet_before(app,
 * cruet_csrf_check). */
CRUET_API int cruet_csrf_check(cruet_ctx *c) CRUET_MUST_CHECK;

/* --- setup, after the plugin was attached -------------------------------------------- */

/* Looks at a form now: a mistake in it is a problem of the setup. Without this it is a 500
 * when the form is first opened. [setup] */
CRUET_API int cruet_form_check(cruet_app *app, const cruet_form_def *def);

CRUET_END
#endif
