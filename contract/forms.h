/* The promises of "forms/1" stand in two files: forms.c has the site, who may send a form and
 * what comes of it. */
#ifndef CONTRACT_FORMS_H
#define CONTRACT_FORMS_H

#include "trial.h"

extern const struct promise contract_forms_shown[];

/* Looks at a page, and takes what is hidden in its form. */
void contract_forms_visit(cruet_client *client, const char *path);
/* The same, and fills in a name. */
void contract_forms_visit_as(cruet_client *client, const char *path, const char *name);

#define shows(client, text)                                                          \
	do {                                                                         \
		if (!strstr(cruet_client_body(client), text))                        \
			broken("no \"%s\" in: %s", text, cruet_client_body(client)); \
	} while (0)
#define hides(client, text)                                                              \
	do {                                                                             \
		if (strstr(cruet_client_body(client), text))                             \
			broken("\"%s\" stands in: %s", text, cruet_client_body(client)); \
	} while (0)
#define expect_sent(client, path, status) expect_int(cruet_client_submit(client, path), status)

#endif
