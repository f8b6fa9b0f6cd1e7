/* What commands show as JSON, for programs. Where memory runs out a member is left out,
 * and *ok becomes false. */
#ifndef CLI_JSON_OUT_H
#define CLI_JSON_OUT_H

#include "cruet/plugin.h"

struct arena;

/* Takes v, which may be NULL: out of memory. */
void json_add(cruet_json *to, const char *name, cruet_json *v, bool *ok);
void json_push(cruet_json *to, cruet_json *v, bool *ok);
void json_add_text(cruet_json *to, const char *name, const char *s,
		   bool *ok); /* or null */
void json_add_bool(cruet_json *to, const char *name, bool v, bool *ok);
void json_add_number(cruet_json *to, const char *name, double v, bool *ok);
/* list ends with NULL, and may be NULL: []. */
void json_add_list(cruet_json *to, const char *name, const char *const *list, bool *ok);
/* What a plugin says of itself, with its options. */
void json_add_plugin(cruet_json *to, const cruet_plugin *p, bool *ok);

/* Writes it on standard output. CRUET_OK, or an error. */
int json_print(const cruet_json *v, struct arena *a);

#endif
