/* Applications as data: what tests/data/flask.json describes, built with the public
 * API. See docs/conformance.md. */
#ifndef CONFORM_FLASK_DRIVER_H
#define CONFORM_FLASK_DRIVER_H

#include <cjson/cJSON.h>
#include <cruet.h>
#include <pthread.h>

enum { TRACE_MAX = 256 };

/* One application. */
struct flask {
	cruet_app *app;
	const cJSON *data; /* APP, with name and root */
	const char *root;  /* folder of its files */
	pthread_mutex_t lock; /* guards trace */
	char *trace[TRACE_MAX];
	size_t ntrace;
	cruet_errtype *kinds; /* those of "errors" */
	size_t nkinds;
};

/* A list of steps with what stands around it: of a route, a hook, a handler. */
struct doing {
	struct flask *flask;
	const cJSON *steps;
	const cJSON *route;   /* of the steps, or NULL */
	const cJSON *handles; /* "for" of an error handler, or NULL */
};

/* Runs the steps until one replies. after: on the reply at hand. */
int steps_run(cruet_ctx *c, const struct doing *d, bool after);
/* Teardown: only traces. */
void steps_end(cruet_ctx *c, const struct doing *d, int err);
/* The JSON of request attributes; NULL: the request has failed. */
cruet_json *echo(cruet_ctx *c, const struct doing *d, const cJSON *names);
/* The path arguments as an object of typed values. */
cruet_json *view_args(cruet_ctx *c, const struct doing *d);

void trace_add(struct flask *f, const char *word);
/* Answers the request for the trace, before everything else. */
int trace_answer(cruet_ctx *c, struct flask *f);
/* True if this is the request for the trace, which runs nothing else. */
bool is_trace(cruet_ctx *c);

/* One function for each list of steps, since hooks carry no data of their own. */
cruet_fn *slot_fn(const struct doing *d);
cruet_fn *slot_after(const struct doing *d);
cruet_teardown_fn *slot_end(const struct doing *d);
cruet_url_fn *slot_url(const struct doing *d); /* steps: one of "url_defaults" */
cruet_fn *slot_match(const struct doing *d);   /* steps: a preprocessor */

/* Values that steps keep for the request, by name. */
const cJSON *g_value(cruet_ctx *c, const char *name);
int g_store(cruet_ctx *c, const char *name, const cJSON *value);

/* The application; NULL with a line on standard error. */
struct flask *flask_build(const cJSON *data);

static inline const char *text_of(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

static inline const cJSON *member(const cJSON *o, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(o, name);
}

#endif
