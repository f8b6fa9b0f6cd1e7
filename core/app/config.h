/* The configuration: cruet.json, then .env, then the environment, one effective
 * tree of values, each with its origin. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cruet/plugin.h"

struct arena;
struct cJSON;
struct config;

/* Reads file ("cruet.json"; NULL: none, only .env and environment), .env beside
 * it, the process environment (CRUET_SERVER__LISTEN overrides server.listen;
 * names lower-cased, "__" is a dot), with the profile's object laid over the
 * rest (profile NULL: CRUET_PROFILE, or none). "env:NAME" as a value takes that
 * variable. NULL with *why (malloc'ed): file, line, column, what was expected;
 * unknown keys name the nearest known one. */
struct config *config_load(const char *file, const char *profile, char **why);
void config_free(struct config *cf);

/* Sets one value above all others (command line, tests). */
int config_set(struct config *cf, const char *key, const char *text, const char *origin);

/* The effective value at a dotted key; NULL if none. Lives as long as cf. */
const struct cJSON *config_value(const struct config *cf, const char *key);
/* The same as text (a number or bool in its JSON form); NULL if none or an
 * object or array. */
const char *config_text(const struct config *cf, const char *key);
/* "cruet.json:4:12", "CRUET_SERVER__LISTEN", ".env:2", "command line",
 * "default". */
const char *config_origin(const struct config *cf, const char *key);
/* The folder of the file ("." without one): relative paths in it start there. */
const char *config_folder(const struct config *cf);

/* The server's own settings, checked. */
struct server_settings {
	const char *app;
	const char *const *listen; /* ends with NULL */
	int64_t threads;
	const char *transport;
	uint64_t drain, head_timeout, body_timeout; /* milliseconds */
	uint64_t body_max;  /* bytes */
	uint64_t field_max; /* bytes */
	int64_t pairs_max, cookies_max, headers_max, json_depth, json_members;
	uint64_t head_max;
	const char *const *trusted_hosts;
	const char *const *plugin_path;
	const char *secret_key;
	int32_t log_level;
};
extern const cruet_option server_options[]; /* names are dotted keys */
/* Fills s from cf (NULL: defaults). CRUET_OK or an error and *why (malloc'ed). */
int config_server(const struct config *cf, struct server_settings *s, struct arena *a,
		  char **why);

/* The i-th configured plugin instance in file order; false after the last. */
struct config_plugin {
	const char *instance; /* the key */
	const char *plugin;   /* "plugin" inside, or the key */
	const char *prefix;   /* or NULL */
	const struct cJSON *bind;    /* object, or NULL */
	const struct cJSON *options; /* the whole object; "plugin", "prefix" and
				      * "bind" are not options */
};
bool config_plugin_at(const struct config *cf, size_t i, struct config_plugin *out);

/* Calls each for every effective value, in order: key, text (secrets masked by
 * the caller), origin. For `cruet config`. */
void config_each(const struct config *cf,
		 void (*each)(void *arg, const char *key, const char *text,
			      const char *origin),
		 void *arg);

#endif
