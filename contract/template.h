/* What the promises of "template/1" share: a site, its templates, and short calls. */
#ifndef CONTRACT_TEMPLATE_H
#define CONTRACT_TEMPLATE_H

#include "trial.h"

#include <cruet/svc/template.h>
#include <cruet/template.h>

/* Fails the promise where it does not work. Until the request ends. */
const char *template_text(cruet_ctx *c, const char *name, const cruet_var *vars);
#define expect_renders(c, name, vars, text) expect_text(template_text(c, name, vars), text)
/* It fails with this status, and the text says so much. */
void template_fails(const char *file, int line, cruet_ctx *c, const char *name,
		    const cruet_var *vars, int status, const char *says);
#define expect_fails(c, name, vars, status, says) \
	template_fails(__FILE__, __LINE__, c, name, vars, status, says)

/* An object with `left` rows: 0, 1, 2, ...; they count how often they are asked. */
struct template_rows {
	size_t left, asked;
};
extern const cruet_template_type template_rows;

#define LAST              \
	{                 \
		NULL, {0} \
	}

extern const struct promise template_values[], template_words[], template_replies[];

#endif
