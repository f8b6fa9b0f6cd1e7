/* Templates: pages made of a file and of values. Thin over the service "template/1";
 * without a plugin that provides it, calls fail the request with 500 and the log names
 * such a plugin. Not part of cruet.h. The language: docs/templates.md.
 *
 *	static int show(cruet_ctx *c)
 *	{
 *		cruet_json *vars = cruet_object(c);
 *		cruet_put_str(vars, "name", cruet_arg(c, "name"));
 *		return cruet_render(c, "hello.html", vars);
 *	}
 */
#ifndef CRUET_TEMPLATE_H
#define CRUET_TEMPLATE_H

#include <string.h>

#include "cruet/types.h"

struct cruet_errtype; /* error.h */

/* A value of the template language. kind says which member of as holds it; those that
 * are not listed here belong to the engine, and never reach code outside it. */
enum cruet_value_kind {
	CRUET_VALUE_UNDEFINED = 0,
	CRUET_VALUE_NONE = 1,
	CRUET_VALUE_BOOL = 2, /* i */
	CRUET_VALUE_INT = 3,  /* i */
	CRUET_VALUE_REAL = 4, /* r */
	CRUET_VALUE_TEXT = 5, /* s, len bytes of UTF-8, which need no NUL behind them */
	CRUET_VALUE_TIME = 6, /* i, milliseconds since 1970, shown in UTC */
	CRUET_VALUE_JSON = 7, /* json, an object or an array; it is not copied */
	CRUET_VALUE_HOST = 8  /* host */
};

enum cruet_value_flags {
	CRUET_VALUE_SAFE = 1 /* a text that is HTML already: it is not escaped again */
};

typedef struct cruet_value {
	uint16_t kind;  /* enum cruet_value_kind */
	uint16_t flags; /* enum cruet_value_flags */
	uint32_t len;   /* of a text */
	union {
		int64_t i;
		double r;
		const char *s;
		const cruet_json *json;
		const struct cruet_template_object *host;
		const void *p;
	} as;
} cruet_value;

/* What an object of the application can do; members that are NULL it cannot. All of them
 * are called while a page is rendered, in the thread of the request. They return CRUET_OK
 * with *out set, CRUET_ENOENT where there is no such thing, or a failure as of a handler,
 * which ends the rendering. Texts that they give live as long as the request. */
typedef struct cruet_template_type {
	uint32_t size;
	uint32_t reserved;
	const char *name; /* for messages: "request" */
	/* object.name, object["name"] */
	int (*get)(cruet_ctx *c, void *self, const char *name, cruet_value *out);
	/* The i-th of its rows, in a loop one after the other from 0: rows that are made when
	 * they are asked for. */
	int (*row)(cruet_ctx *c, void *self, size_t i, cruet_value *out);
	/* The number of rows; without it a loop that asks for its length reads all rows. */
	size_t (*count)(cruet_ctx *c, void *self);
	/* object(args); names[i] is NULL where an argument has no name. */
	int (*call)(cruet_ctx *c, void *self, const cruet_value *args,
		    const char *const *names, size_t n, cruet_value *out);
	/* {{ object }} */
	int (*text)(cruet_ctx *c, void *self, cruet_value *out);
} cruet_template_type;

typedef struct cruet_template_object {
	const cruet_template_type *type;
	void *self;
} cruet_template_object;

/* A variable of a page; a list of them ends with name NULL. */
typedef struct cruet_var {
	const char *name;
	cruet_value value;
} cruet_var;

/* A filter, a test or a function. args[0] of a filter and of a test is what stands left
 * of it. A list or an object that was made in the template comes as JSON. A test gives a
 * truth value. Returns CRUET_OK with *out set, or a failure as of a handler. [request] */
typedef int cruet_template_fn(cruet_ctx *c, const cruet_value *args, size_t n, void *arg,
			      cruet_value *out);

/* Gives the source of a template: in *out a text that lives as long as the request, or
 * as long as the application if c is NULL. CRUET_ENOENT: it has none of that name. */
typedef int cruet_template_load_fn(cruet_ctx *c, const char *name, void *arg,
				   cruet_value *out);

CRUET_BEGIN

/* The kind of the failures of templates: 500, "template". Their texts name the template,
 * the line, the line itself and what included it. */
extern CRUET_EXPORT const struct cruet_errtype cruet_template_error;

/* Replies with a template. vars is an object whose members are its variables, or NULL. The
 * type is that of the file's suffix: .html and all unknown ones text/html, .txt text/plain
 * and so on. [request] */
CRUET_API int cruet_render(cruet_ctx *c, const char *name, const cruet_json *vars)
	CRUET_MUST_CHECK;
/* The same with values of any kind. */
CRUET_API int cruet_render_vars(cruet_ctx *c, const char *name, const cruet_var *vars)
	CRUET_MUST_CHECK;
/* The text that the template gives, for mails and whatever else is no reply; len may be
 * NULL. NULL: it failed, which is recorded. [request] */
CRUET_API const char *cruet_render_text(cruet_ctx *c, const char *name, const cruet_var *vars,
					size_t *len);

/* Replies with a template whose text is made while it is sent, so that a long page needs little
 * memory and begins at once. What fails in its beginning is a failure as of the others; what
 * fails later is logged and cuts the connection, for a status was sent. vars is copied, but what
 * it points to lives as long as the request; objects are called until the reply ends. The head of
 * the reply leaves before: forms and flashed messages that the template does not name itself are
 * opened before with cruet_csrf_token() and cruet_flashes(). [request] */
CRUET_API int cruet_render_stream(cruet_ctx *c, const char *name, const cruet_var *vars)
	CRUET_MUST_CHECK;

/* Makes a variable known to all templates that this request will render, such as the user
 * who is logged in; what the caller of render gives goes first. [request] */
CRUET_API int cruet_template_set(cruet_ctx *c, const char *name, cruet_value value);

/* --- setup, after the plugin was attached ------------------------------------------- */

/* Adds {{ value|name }}, {{ value is name }} and {{ name(...) }} to the language; one that
 * is there already is replaced. name lives as long as the application. [setup] */
CRUET_API int cruet_template_filter(cruet_app *app, const char *name, cruet_template_fn *fn,
				    void *arg);
CRUET_API int cruet_template_test(cruet_app *app, const char *name, cruet_template_fn *fn,
				  void *arg);
CRUET_API int cruet_template_function(cruet_app *app, const char *name, cruet_template_fn *fn,
				      void *arg);
/* A variable that all templates have. What it points to lives as long as the application. */
CRUET_API int cruet_template_global(cruet_app *app, const char *name, cruet_value value);
/* Where templates are looked for after the folder; the first that has one gives it. */
CRUET_API int cruet_template_loader(cruet_app *app, cruet_template_load_fn *fn, void *arg);

CRUET_END

/* --- values --------------------------------------------------------------------------- */

static inline cruet_value cruet_value_none(void)
{
	cruet_value v = {CRUET_VALUE_NONE, 0, 0, {0}};
	return v;
}
static inline cruet_value cruet_value_bool(int truth)
{
	cruet_value v = {CRUET_VALUE_BOOL, 0, 0, {0}};
	v.as.i = truth != 0;
	return v;
}
static inline cruet_value cruet_value_int(int64_t i)
{
	cruet_value v = {CRUET_VALUE_INT, 0, 0, {0}};
	v.as.i = i;
	return v;
}
static inline cruet_value cruet_value_real(double r)
{
	cruet_value v = {CRUET_VALUE_REAL, 0, 0, {0}};
	v.as.r = r;
	return v;
}
/* len bytes, which are borrowed. */
static inline cruet_value cruet_value_bytes(const char *s, uint32_t len)
{
	cruet_value v = {CRUET_VALUE_TEXT, 0, 0, {0}};
	v.as.s = s;
	v.len = len;
	return v;
}
/* NULL gives none. */
static inline cruet_value cruet_value_text(const char *s)
{
	return s ? cruet_value_bytes(s, (uint32_t)strlen(s)) : cruet_value_none();
}
/* The same for HTML, which is to be written as it is. */
static inline cruet_value cruet_value_html(const char *s)
{
	cruet_value v = cruet_value_text(s);
	if (s)
		v.flags = CRUET_VALUE_SAFE;
	return v;
}
static inline cruet_value cruet_value_time(int64_t ms)
{
	cruet_value v = cruet_value_int(ms);
	v.kind = CRUET_VALUE_TIME;
	return v;
}
/* Any JSON value; NULL gives none. */
CRUET_BEGIN
CRUET_API cruet_value cruet_value_json(const cruet_json *j);
CRUET_END
static inline cruet_value cruet_value_host(const cruet_template_object *h)
{
	cruet_value v = {CRUET_VALUE_HOST, 0, 0, {0}};
	v.as.host = h;
	return v;
}

#endif
