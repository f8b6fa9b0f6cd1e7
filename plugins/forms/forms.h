/* One form of one request, between the files of the plugin: def.c reads its declaration,
 * rules.c makes a table of it, input.c reads what was sent and files.c looks at files, traits.c
 * is what rules say of a field; html.c and widget.c write it, object.c shows it to templates,
 * csrf.c makes and checks tokens. */
#ifndef PLUGIN_FORMS_H
#define PLUGIN_FORMS_H

#include <cruet.h>
#include <cruet/forms.h>
#include <cruet/svc/forms.h>
#include <cruet/svc/validate.h>
#include <cruet/template.h>
#include <cruet/validate.h>

/* Hidden fields that every form has: its token, and which form of a page it is. */
#define CSRF_FIELD "_csrf"
#define FORM_FIELD "_form"

struct cruet_upload;
struct form;

struct field {
	struct form *form;
	cruet_form_field def; /* as it was declared, the rest zero */
	const char *label;
	const char *id;
	bool many;  /* an array */
	int32_t type;
	const cruet_choice *choices; /* nothing else is taken; NULL: its rules say it */
	struct cruet_upload **files; /* that were sent */
	size_t nfiles;
	const cruet_json *first; /* what stands in it before it is sent; NULL: nothing */
	/* From the rules, once they are read (traits.c); NULL: none. */
	const cruet_choice *offers; /* choices, or what the rule in lists */
	bool required;
	const char *min, *max, *minlength, *maxlength, *step, *pattern, *inputmode;
	cruet_template_object object;
};

struct form {
	struct cruet_form head;
	const cruet_form_def *def;
	const char *name; /* of def, or of this one of several */
	struct field *fields;
	size_t n;
	const char *action;
	bool checked, sent, foreign, traits;
	cruet_json *input;   /* what was sent, by field; NULL: nothing */
	cruet_json *general; /* errors of the whole form; NULL: none */
	cruet_template_object object;
};

/* --- def.c ------------------------------------------------------------------------- */

/* What is wrong with a declaration, as the end of a sentence; NULL: nothing. */
const char *def_wrong(const cruet_form_def *def, char *buf, size_t cap);
/* CRUET_OK, or what is recorded in c. */
int def_open(cruet_ctx *c, const cruet_form_def *def, struct form **out);
/* The i-th row; false: there are not so many. */
bool row_at(const cruet_form_def *def, size_t i, cruet_form_field *out);
/* Gives this one of several its own name, and its fields other ids. */
int form_rename(struct form *f, const char *name);
struct field *form_field(const struct form *f, const char *name); /* NULL: none */
/* The field, or NULL after failing the request with the nearest name. */
struct field *form_field_or_fail(const struct form *f, const char *name);

/* --- rules.c ----------------------------------------------------------------------- */

/* Its value is an array. */
bool row_many(const cruet_form_field *def);
/* Whether rules are among those of a list, which ends with NULL. */
bool rules_name(const char *rules, const char *const *names);
/* The table for validate/1; NULL: out of memory. */
const cruet_field_rule *form_rules(const struct form *f);
/* Reads it in setup; a mistake in it is the problem of app. [setup] */
int def_check_rules(cruet_app *app, const cruet_form_def *def);

/* --- files.c ----------------------------------------------------------------------- */

int files_find(struct field *f);       /* files, nfiles */
int files_check(const struct form *f); /* adds errors */

/* --- input.c ----------------------------------------------------------------------- */

bool form_ok(struct form *f);
int form_fail(struct form *f, const char *field, const char *text);
/* Adds the error of a rule that was found here. */
int field_miss(const struct field *f, const char *rule, const char *value);
/* What is shown in it: as it was sent, or else what it began with; NULL: nothing. Never of
 * passwords and files. */
const cruet_json *field_shown(const struct field *f);
bool field_shows(const struct field *f, const char *value);
/* Its errors, an array; NULL: none. */
const cruet_json *field_errors(const struct field *f);

/* --- traits.c ---------------------------------------------------------------------- */

/* Reads the rules, for what HTML can say of them. CRUET_OK, or what is recorded. */
int form_traits(struct form *f);

/* --- csrf.c ------------------------------------------------------------------------ */

const char *csrf_token(void *self, cruet_ctx *c);
bool csrf_right(cruet_ctx *c);
int csrf_guard(void *self, cruet_ctx *c);
bool csrf_changes(const cruet_ctx *c); /* the method may change something */

/* --- html.c ------------------------------------------------------------------------ */

/* NULL: it failed, which is recorded but for want of memory. */
const char *form_html(struct form *f, const char *part);
const char *field_html(struct field *f);
const char *field_label_html(struct field *f);
const char *field_input_html(struct field *f);
const char *field_notes_html(struct field *f); /* help and errors */

/* --- object.c ---------------------------------------------------------------------- */

/* NULL: it failed, which is recorded but for want of memory. */
const cruet_template_object *form_object(struct form *f);

#endif
