/* Names every other header shares. No functions live here, so that headers
 * need only this one and never each other. */
#ifndef CRUET_TYPES_H
#define CRUET_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRUET_VERSION_MAJOR 0
#define CRUET_VERSION_MINOR 1
#define CRUET_VERSION_PATCH 0

#if defined(__GNUC__)
#define CRUET_EXPORT       __attribute__((visibility("default")))
#define CRUET_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CRUET_SENTINEL     __attribute__((sentinel))
#define CRUET_MUST_CHECK   __attribute__((warn_unused_result))
/* Hardly ever called: so it stands apart, and its variables are in no frame but its own. */
#define CRUET_COLD         __attribute__((cold, noinline))
#else
#define CRUET_EXPORT
#define CRUET_PRINTF(f, a)
#define CRUET_SENTINEL
#define CRUET_MUST_CHECK
#define CRUET_COLD
#endif
#define CRUET_API CRUET_EXPORT

/* Where a call stands, so that messages can name it: "site.c:12". */
#define CRUET__TEXT2(x) #x
#define CRUET__TEXT(x)  CRUET__TEXT2(x)
#define CRUET_HERE      __FILE__ ":" CRUET__TEXT(__LINE__)

/* The size of a struct up to and with member m: what a caller that knows m
 * asks for. */
#define CRUET_UPTO(type, m) (offsetof(type, m) + sizeof(((type *)0)->m))

/* True if a struct that starts with its size is new enough to have m. */
#define CRUET_HAS(p, type, m) ((p)->size >= CRUET_UPTO(type, m) && (p)->m)

#ifdef __cplusplus
#define CRUET_BEGIN extern "C" {
#define CRUET_END   }
#else
#define CRUET_BEGIN
#define CRUET_END
#endif

typedef struct cruet_app cruet_app;       /* a scope: root, blueprint, plugin  */
typedef struct cruet_ctx cruet_ctx;       /* one request with its reply        */
typedef struct cJSON cruet_json;          /* a JSON value; <cjson/cJSON.h> opens it */
typedef struct cruet_plugin cruet_plugin; /* what a plugin file describes      */

/* Everything that runs in a request has this shape.
 * CRUET_OK: nothing to say, carry on. CRUET_DONE: the reply is ready.
 * CRUET_LATER, of handlers alone: the reply will come, see cruet_resume().
 * 400..599: fail with that status. Negative: fail with that CRUET_E code. */
typedef int cruet_fn(cruet_ctx *c);
typedef void cruet_teardown_fn(cruet_ctx *c, int err);
typedef void cruet_free_fn(void *p);

#endif
