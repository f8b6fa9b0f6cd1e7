/* Service "template/1": makes texts of templates. cruet/template.h says what its structs
 * mean and has the plain functions. Setup calls come from one thread, before requests;
 * render from many at once. */
#ifndef CRUET_SVC_TEMPLATE_H
#define CRUET_SVC_TEMPLATE_H

#include "cruet/types.h"

struct cruet_source;
struct cruet_var;
struct cruet_value;

#define CRUET_TEMPLATE "template/1"

/* Where variables are looked for, in this order. Any of them may be NULL. All of it is
 * borrowed until the call returns. */
typedef struct cruet_template_vars {
	uint32_t size;
	uint32_t reserved;
	const struct cruet_var *list;    /* ends with name NULL */
	const cruet_json *json;          /* members of an object */
	const struct cruet_var *request; /* what was set for the request; ends likewise */
} cruet_template_vars;

/* Text that belongs to whoever asked for it: release(p) frees it. */
typedef struct cruet_template_text {
	uint32_t size;
	uint32_t reserved;
	const char *p; /* NUL behind it */
	size_t len;
	cruet_free_fn *release;
	void *owner; /* what release is called with */
} cruet_template_text;

enum cruet_template_word {
	CRUET_TEMPLATE_FILTER = 1,
	CRUET_TEMPLATE_TEST = 2,
	CRUET_TEMPLATE_FUNCTION = 3
};

typedef struct cruet_template {
	uint32_t size;
	uint32_t reserved;
	/* Fills in out. Otherwise a failure, which is recorded in c as one of the kind
	 * cruet_template_error, and out is untouched. [request] */
	int (*render)(void *self, cruet_ctx *c, const char *name,
		      const cruet_template_vars *vars, cruet_template_text *out);
	/* Setup: a failure is recorded as the problem of app. what: enum
	 * cruet_template_word. */
	int (*add)(void *self, cruet_app *app, int what, const char *name,
		   int (*fn)(cruet_ctx *c, const struct cruet_value *args, size_t n, void *arg,
			     struct cruet_value *out),
		   void *arg);
	int (*global)(void *self, cruet_app *app, const char *name,
		      const struct cruet_value *value);
	int (*loader)(void *self, cruet_app *app,
		      int (*fn)(cruet_ctx *c, const char *name, void *arg,
				struct cruet_value *out),
		      void *arg);
	/* May be missing: then texts come as a whole. Begins one that is made while it is
	 * sent: fills in out, whose size is set, and *reply for its functions; vars, and what
	 * it points to, stay until out->close. What is wrong with the beginning is a failure
	 * as of render; later, pull records it and gives a negative code. [request] */
	int (*stream)(void *self, cruet_ctx *c, const char *name,
		      const cruet_template_vars *vars, struct cruet_source *out, void **reply);
} cruet_template;

#endif
