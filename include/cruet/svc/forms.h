/* Service "forms/1": forms that are declared once. cruet/forms.h says what its structs mean
 * and has the plain functions. All but check is called in the thread of a request, from many
 * at once. */
#ifndef CRUET_SVC_FORMS_H
#define CRUET_SVC_FORMS_H

#include "cruet/types.h"

struct cruet_choice;
struct cruet_form_def;
struct cruet_valid;
struct cruet_template_object;
struct cruet_upload;
struct cruet_forms;

#define CRUET_FORMS "forms/1"

/* What every form begins with; what follows is the provider's. */
struct cruet_form {
	uint32_t size;
	int32_t err; /* what fails the request: the body could not be read, ... */
	cruet_ctx *c;
	const struct cruet_forms *vt;
	struct cruet_valid *valid; /* once it was checked; NULL before */
};

typedef struct cruet_forms {
	uint32_t size;
	uint32_t reserved;
	/* Setup: a failure is recorded as the problem of app. */
	int (*check)(void *self, cruet_app *app, const struct cruet_form_def *def);
	/* CRUET_OK with *out, or what fails the request, recorded in c. */
	int (*open)(void *self, cruet_ctx *c, const struct cruet_form_def *def,
		    struct cruet_form **out);
	bool (*ok)(struct cruet_form *f);
	int (*fail)(struct cruet_form *f, const char *field, const char *text);
	/* CRUET_ENOENT, and nothing recorded: no such field. */
	int (*set)(struct cruet_form *f, const char *field, const cruet_json *value);
	int (*choices)(struct cruet_form *f, const char *field, const struct cruet_choice *list);
	int (*action)(struct cruet_form *f, const char *url);
	/* NULL: the request fails. */
	const char *(*html)(struct cruet_form *f, const char *part);
	const struct cruet_template_object *(*object)(struct cruet_form *f);
	/* Tokens against requests that other sites forge. */
	const char *(*token)(void *self, cruet_ctx *c);
	int (*guard)(void *self, cruet_ctx *c);
	/* Right after open. CRUET_OK, or what is recorded in c. */
	int (*name)(struct cruet_form *f, const char *name);
	/* NULL: there is none, or the form does not fit. */
	struct cruet_upload *(*file)(struct cruet_form *f, const char *field, size_t i);
} cruet_forms;

#endif
