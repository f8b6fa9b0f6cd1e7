/* Values of the configuration as people may see them: on pages, in reports, in listings. */
#ifndef SERVER_SETTING_H
#define SERVER_SETTING_H

#include <stdbool.h>

struct arena;
struct cJSON;
struct dossier;

/* True if what stands there is a secret: the server's options say so themselves, and of
 * others each part of the name may ("settings.secrets.stripe"). */
bool setting_is_secret(const char *key);

/* v with the secrets within it masked, in lists and objects and in addresses. The caller
 * deletes it; NULL: out of memory. */
struct cJSON *setting_masked(const struct cJSON *v, struct arena *a);

/* The value at key as JSON, in a. What plugins say of their options stands in facts
 * (dossier_options()); those of a plugin that said nothing are all masked. NULL: out of
 * memory. */
const char *setting_shown(struct arena *a, const struct dossier *facts, const char *key,
			  const struct cJSON *v);

#endif
