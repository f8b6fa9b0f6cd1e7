/* The configuration: what code sets, then cruet.json, its profile, .env, the
 * environment and the command line, each over the ones before; one effective tree
 * of values, each with its origin. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cruet/plugin.h"

struct arena;
struct cJSON;
struct config;

struct config *config_new(void); /* empty; NULL: out of memory */
void config_free(struct config *cf);

enum config_layer { CONFIG_CODE, CONFIG_DOTENV, CONFIG_ENVIRONMENT, CONFIG_COMMAND };

/* Sets one value of a layer: key is dotted ("server.listen"), text as a user would
 * write it. CRUET_OK or an error and *why (malloc'ed), such as an unknown key. */
int config_set(struct config *cf, enum config_layer layer, const char *key,
	       const char *text, const char *origin, char **why);

/* Reads file ("cruet.json"; NULL: none, only .env and environment), .env beside it,
 * the process environment (CRUET_SERVER__LISTEN overrides server.listen; names
 * lower-cased, "__" is a dot), with the profile's object laid over the file's rest
 * (profile NULL: CRUET_PROFILE, or none). "env:NAME" as a value takes that variable.
 * Once per config. CRUET_OK or an error and *why (malloc'ed): file, line, column,
 * what was expected; unknown keys name the nearest known one. */
int config_read(struct config *cf, const char *file, const char *profile, char **why);
/* What cf would be if all of it were read now; what code and the command line said stays.
 * CRUET_OK and *out, or NULL there if all values are the same; or an error as config_read()
 * gives it. */
int config_read_anew(const struct config *cf, struct config **out, char **why);
/* cf is followed by anew, which frees it when it is freed itself. */
void config_follow(struct config *anew, struct config *cf);
/* Another one that nobody looks into, but that somebody was set up by, is freed with cf. */
void config_keep(struct config *cf, struct config *other);
/* True if code has set key to text. */
bool config_said(const struct config *cf, const char *key, const char *text);
/* True if two values, either of which may be NULL, are the same. */
bool config_same(const struct cJSON *a, const struct cJSON *b);

/* True if the file has a profile of that name. */
bool config_has_profile(const struct config *cf, const char *name);
/* What is wrong in a file, in the environment or with a value is then told, all of it, and
 * reading goes on without that: for who wants to know all of it. */
typedef void config_told(void *arg, const char *why);
void config_tell(struct config *cf, config_told *fn, void *arg);

/* A whole file of at most max bytes, *text malloc'ed; free it in any case. CRUET_OK;
 * CRUET_ENOENT if there is none, or another error, and *why with its path. */
int config_slurp(const char *path, size_t max, char **text, size_t *len, char **why);
/* True once config_read() has read a file. */
bool config_has_file(const struct config *cf);

/* The effective value at a dotted key; NULL if none. Lives as long as cf. */
const struct cJSON *config_value(const struct config *cf, const char *key);
/* The same as text (a number or bool in its JSON form); NULL if none or an
 * object or array. */
const char *config_text(const struct config *cf, const char *key);
/* "cruet.json:4:12", "CRUET_SERVER__LISTEN", ".env:2", "command line",
 * "default". Lives as long as cf. */
const char *config_origin(const struct config *cf, const char *key);
/* The folder of the file ("." without one): relative paths in it start there. */
const char *config_folder(const struct config *cf);
/* The path of a file that stands beside the configuration's, absolute, wherever the process
 * may have gone since; in a. NULL: out of memory. Only where config_has_file(). */
char *config_beside(const struct config *cf, const char *name, struct arena *a);

/* The application's own settings, checked. Texts live as long as the arena. */
struct server_settings {
	const char *app;         /* file of the application, or NULL */
	const char *secret_key;  /* or NULL */
	int32_t log_level;       /* enum cruet_level */
	const char *const *listen; /* ends with NULL */
	const cruet_json *tls; /* NULL: none */
	int64_t threads;
	int64_t workers; /* processes; 0: this one serves */
	const char *transport;
	const char *control; /* path of the control socket; "" or "none": there is none */
	const char *crashes; /* the folder of reports; "": none are made */
	uint64_t drain, plugin_stop, head_timeout, body_timeout, idle_timeout, write_timeout; /* ms */
	uint64_t debug_limit; /* ms of a request in debug; 0: none */
	uint64_t handler_timeout; /* ms; 0: none */
	uint64_t file_max_age; /* ms; 0: ask each time */
	uint64_t body_rate;  /* bytes a second */
	uint64_t field_max, head_max; /* bytes */
	int64_t fields_max, cookies_max, headers_max, json_depth, json_members;
	const char *name;   /* of the site, "example.com"; or NULL */
	const char *root;   /* path that the site lies below, "" */
	const char *scheme; /* of URLs that are built outside a request */
	const char *const *plugin_path;
	bool auto_options;

	/* from here on what each request looks at */
	uint64_t body_max; /* bytes */
	const char *const *trusted_hosts; /* empty: any */
	bool subdomains, host_matching;
	int64_t proxy_for, proxy_proto, proxy_host, proxy_port, proxy_prefix; /* proxies
				* in front whose header of that kind is believed */
};
extern const cruet_option server_options[]; /* names are dotted keys */
/* Fills s from cf. CRUET_OK or an error and *why (malloc'ed). */
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
bool config_is_option(const char *name); /* a member of options, by its name */
bool config_plugin_at(const struct config *cf, size_t i, struct config_plugin *out);
/* The one of that name; false: nothing is said of it. */
bool config_plugin_named(const struct config *cf, const char *instance,
			 struct config_plugin *out);

/* Calls each for every effective value that is no object, in order: key, value,
 * origin. */
void config_each(const struct config *cf,
		 void (*each)(void *arg, const char *key, const struct cJSON *value,
			      const char *origin),
		 void *arg);

#endif
