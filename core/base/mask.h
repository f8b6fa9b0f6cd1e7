/* Keeping secrets out of what people are shown: listings, pages, logs. */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define MASK "********"

/* True if what is called so is likely to be secret: "secret_key", "smtp.password",
 * "API_TOKEN", "signing-keys". Of a dotted name the last part counts. */
bool mask_name(const char *name);

/* Copies a request's target with the values of such names in its query masked; what does
 * not fit into cap bytes is left out. Takes no memory. */
void mask_target(char *out, size_t cap, const char *target);

/* text with the passwords in its URLs masked: "postgres://ann:********@db/site". In
 * a; NULL when out of memory. */
const char *mask_urls(const char *text, struct arena *a);

#endif
