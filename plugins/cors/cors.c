/* Lets pages of other sites read replies: the CORS protocol of the Fetch standard
 * (https://fetch.spec.whatwg.org/#http-cors-protocol).
 *
 * A preflight is answered when its rule was looked for and before any before-hook: it
 * carries no credentials, so a hook that asks for them must not see it; and no rule, a
 * redirect or a 405 is for the request that follows, not for it. All other replies get
 * their headers in an after-hook, error pages too. Of several instances around a rule
 * the innermost that lets an origin in speaks, and so does a handler that has set the
 * headers itself. */
#include <cruet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "origins.h"

enum { ORIGINS_MAX = 256, ASKED_MAX = 1024 };

#define ALLOW "Access-Control-Allow-"
#define ASK   "Access-Control-Request-"

struct config {
	const char *const *origins, *const *methods, *const *headers, *const *expose;
	bool credentials, private_network;
	uint64_t max_age; /* milliseconds */
};

struct state {
	struct origin *origins; /* from init to fini, like the texts below */
	size_t n;
	bool any;		 /* every origin: "*" */
	char *methods, *headers; /* as they are sent; NULL: whatever is asked for */
	char *expose;		 /* NULL: none */
	char max_age[24];
};

/* --- options ---------------------------------------------------------------------- */

static bool is_token(const char *s, size_t len)
{
	static const char more[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
		      (s[i] >= '0' && s[i] <= '9') || (s[i] && strchr(more, s[i]))))
			return false;
	return len;
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

static bool has(const char *const *list, const char *word)
{
	for (; list && *list; list++)
		if (!strcmp(*list, word))
			return true;
	return false;
}

/* The whole list is "*". */
static bool all(const char *const *list)
{
	return count(list) == 1 && !strcmp(*list, "*");
}

static int check_origins(cruet_app *app, const struct config *cfg)
{
	size_t n = count(cfg->origins);

	if (!n || n > ORIGINS_MAX)
		return cruet_reject(app, "option origins: %zu origins: expected 1 to %d",
				    n, ORIGINS_MAX);
	for (const char *const *o = cfg->origins; *o; o++) {
		const char *why = origin_problem(*o);
		if (why)
			return cruet_reject(app, "option origins: \"%s\": %s", *o, why);
	}
	if (n > 1 && has(cfg->origins, "*"))
		return cruet_reject(
			app, "option origins: \"*\" is every origin: leave out the "
			     "others");
	if (cfg->credentials && has(cfg->origins, "*"))
		return cruet_reject(
			app, "option credentials: with origins = \"*\" every site "
			     "could act as its visitors do here: name the origins");
	if (cfg->credentials && has(cfg->origins, "null"))
		return cruet_reject(app,
				    "option credentials: the origin \"null\" is every "
				    "sandboxed page of every site: leave it out");
	return CRUET_OK;
}

static int check_names(cruet_app *app, const char *option, const char *const *list)
{
	for (const char *const *s = list; s && *s; s++)
		if (!is_token(*s, strlen(*s)) || (!strcmp(*s, "*") && !all(list)))
			return cruet_reject(
				app,
				"option %s: \"%s\": expected names such as %s, or * "
				"alone",
				option, *s,
				strcmp(option, "methods") ? "X-Total" : "PUT");
	return CRUET_OK;
}

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	int err = check_origins(app, cfg);

	if (!err)
		err = check_names(app, "methods", cfg->methods);
	if (!err)
		err = check_names(app, "headers", cfg->headers);
	if (!err)
		err = check_names(app, "expose", cfg->expose);
	if (!err && cfg->credentials && all(cfg->expose))
		err = cruet_reject(app,
				   "option expose: with credentials browsers take \"*\" "
				   "for the name of a header: name the headers");
	return err;
}

/* --- who may ---------------------------------------------------------------------- */

static bool listed(const struct state *s, const char *origin)
{
	for (size_t i = 0; i < s->n; i++)
		if (origin_fits(&s->origins[i], origin))
			return true;
	return false;
}

/* Something that a browser adds by itself: then a page may act as its visitor does. */
static bool carries_credentials(cruet_ctx *c)
{
	cruet_auth auth = {.size = sizeof auth};

	if (cruet_header(c, "Cookie"))
		return true;
	if (!cruet_header(c, "Authorization"))
		return false;
	return !cruet_authorization(c, &auth) || !strcmp(auth.type, "basic") ||
	       !strcmp(auth.type, "digest") || !strcmp(auth.type, "negotiate") ||
	       !strcmp(auth.type, "ntlm");
}

/* Whether a request that changes something is let through. Who is not named is trusted
 * with nothing that belongs to the visitor. */
static bool lets_in(cruet_ctx *c, const char *origin)
{
	const struct state *s = cruet_state(cruet_scope(c));

	if (listed(s, origin) && strcmp(origin, "null") != 0)
		return true;
	return (s->any || listed(s, origin)) && !carries_credentials(c);
}

/* --- what is said ----------------------------------------------------------------- */

/* Of one that is let in. */
static int set_origin(cruet_ctx *c, const struct state *s, const char *origin)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	int err = cruet_set_header(c, ALLOW "Origin", s->any ? "*" : origin);

	if (!err && cfg->credentials)
		err = cruet_set_header(c, ALLOW "Credentials", "true");
	return err;
}

/* The names that were asked for, if that is what they are; else none. */
static const char *echo(const char *asked)
{
	if (!asked || strlen(asked) > ASKED_MAX)
		return NULL;
	for (const char *p = asked; *p;) {
		size_t n = strcspn(p, ", ");
		if (n && !is_token(p, n))
			return NULL;
		p += n;
		p += strspn(p, ", ");
	}
	return asked;
}

static int set_list(cruet_ctx *c, const char *name, const char *own, const char *asked)
{
	const char *v = own ? own : echo(asked);

	return v && *v ? cruet_set_header(c, name, v) : CRUET_OK;
}

static int preflight(cruet_ctx *c)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	const struct state *s = cruet_state(cruet_scope(c));
	const char *origin = cruet_header(c, "Origin");
	const char *method = cruet_header(c, ASK "Method");

	if (strcmp(cruet_method(c), "OPTIONS") != 0 || !origin || !method ||
	    (!s->any && !listed(s, origin)))
		return CRUET_OK;
	int err = set_origin(c, s, origin);
	if (!err)
		err = set_list(c, ALLOW "Methods", s->methods, method);
	if (!err)
		err = set_list(c, ALLOW "Headers", s->headers,
			       cruet_header(c, ASK "Headers"));
	if (!err)
		err = cruet_set_header(c, "Access-Control-Max-Age", s->max_age);
	const char *private = cruet_header(c, ASK "Private-Network");
	if (!err && cfg->private_network && private && !strcmp(private, "true"))
		err = cruet_set_header(c, ALLOW "Private-Network", "true");
	return err ? err : cruet_empty(c, 204);
}

/* A cache must know what the headers depend on, also where there are none. */
static int vary(cruet_ctx *c, const struct state *s)
{
	int err = s->any ? CRUET_OK : cruet_vary(c, "Origin");

	if (err || strcmp(cruet_method(c), "OPTIONS") != 0)
		return err;
	err = cruet_vary(c, ASK "Method");
	return err ? err : cruet_vary(c, ASK "Headers");
}

static int mark(cruet_ctx *c)
{
	const struct state *s = cruet_state(cruet_scope(c));
	const char *origin = cruet_header(c, "Origin");
	int err = vary(c, s);

	if (err || cruet_reply_header(c, ALLOW "Origin") ||
	    (!s->any && (!origin || !listed(s, origin))))
		return err;
	err = set_origin(c, s, origin);
	return !err && s->expose
		       ? cruet_set_header(c, "Access-Control-Expose-Headers", s->expose)
		       : err;
}

/* --- ladder ----------------------------------------------------------------------- */

/* "a, b"; NULL: out of memory. */
static char *joined(const char *const *list)
{
	size_t len = 1;

	for (const char *const *s = list; s && *s; s++)
		len += strlen(*s) + 2;
	char *text = calloc(1, len), *at = text;
	for (const char *const *s = list; text && s && *s; s++)
		at = stpcpy(at == text ? at : stpcpy(at, ", "), *s);
	return text;
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	free(s->origins);
	free(s->methods);
	free(s->headers);
	free(s->expose);
}

static int prepare(struct state *s, const struct config *cfg)
{
	s->any = all(cfg->origins);
	s->n = s->any ? 0 : count(cfg->origins);
	s->origins = calloc(s->n ? s->n : 1, sizeof *s->origins);
	s->methods = all(cfg->methods) ? NULL : joined(cfg->methods);
	s->headers = all(cfg->headers) ? NULL : joined(cfg->headers);
	s->expose = count(cfg->expose) ? joined(cfg->expose) : NULL;
	snprintf(s->max_age, sizeof s->max_age, "%llu",
		 (unsigned long long)cfg->max_age / 1000);
	if (!s->origins || (!s->methods && !all(cfg->methods)) ||
	    (!s->headers && !all(cfg->headers)) || (!s->expose && count(cfg->expose)))
		return CRUET_ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		s->origins[i] = origin_of(cfg->origins[i]);
	return CRUET_OK;
}

static int init(cruet_app *app)
{
	int err = prepare(cruet_state(app), cruet_config(app));

	if (!err)
		err = cruet_allow_origins(app, lets_in);
	if (!err)
		err = cruet_on_match(app, preflight);
	if (!err)
		err = cruet_after(app, mark);
	if (err)
		fini(app);
	return err;
}

static const cruet_option options[] = {
	CRUET_OPTION(
		struct config, origins, LIST, .flags = CRUET_OPT_REQUIRED,
		.help = "origins such as https://a.example or https://*.a.example, or *"),
	CRUET_OPTION(struct config, methods, LIST,
		     .def = "GET,HEAD,POST,PUT,PATCH,DELETE", .help = "methods, or *"),
	CRUET_OPTION(struct config, headers, LIST, .def = "Content-Type",
		     .help = "headers that scripts may send, or *"),
	CRUET_OPTION(struct config, expose, LIST, .def = "",
		     .help = "headers of replies that scripts may read, or *"),
	CRUET_OPTION(
		struct config, credentials, BOOL, .def = "false",
		.help = "true to let scripts send cookies and passwords of the visitor"),
	CRUET_OPTION(
		struct config, max_age, TIME, .def = "10m", .flags = CRUET_OPT_BOUNDS,
		.min = 0, .max = 86400000,
		.help = "how long browsers keep the answer to a preflight, at most 24h"),
	CRUET_OPTION(struct config, private_network, BOOL, .def = "false",
		     .help = "true to let pages of the public network in"),
	{.name = NULL}};

CRUET_PLUGIN(cors, .version = "0.1.0",
	     .summary = "lets pages of other sites read replies",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .configure = configure, .init = init, .fini = fini);
