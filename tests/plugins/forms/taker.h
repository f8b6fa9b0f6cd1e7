/* A handler that shows and takes the form that a test names. */
#ifndef TESTS_FORMS_TAKER_H
#define TESTS_FORMS_TAKER_H

#include "fixture.h"

static const cruet_form_def *shown; /* what the handler opens */

/* What the handler does with a form. */
static int (*act)(cruet_ctx *c, struct cruet_form *form);
static void (*prepare)(struct cruet_form *form);
static uint64_t limit; /* of the body; 0: as always */

static inline int handler(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, shown);

	if (limit)
		cruet_limit_body(c, limit);
	if (prepare && form)
		prepare(form);
	if (cruet_form_ok(form)) {
		int r = act(c, form);
		if (r)
			return r;
	}
	const char *html = cruet_form_html(form, NULL);
	return html ? cruet_html(c, html) : cruet_err(c);
}

static inline int as_json(cruet_ctx *c, struct cruet_form *form)
{
	return cruet_jsonify(c, cruet_valid_json(cruet_form_valid(form)));
}

static inline void setup(void)
{
	app = forms_app();
	act = as_json;
	prepare = NULL;
	cruet_add(app, "GET,POST", "/", handler, "form", CRUET_HERE);
	t = client_of(app);
}

static inline void teardown(void)
{
	done(app, t);
}

#endif
