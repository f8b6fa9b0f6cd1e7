/* cruet check: what is wrong with a site, all of it. Each of the files checkup_*.c looks at
 * one side of it. */
#ifndef CLI_CHECKUP_H
#define CLI_CHECKUP_H

#include "app/ctx.h"
#include "cli/code.h"
#include "cli/site.h"
#include "plugin/facts.h"

enum severity {
	SEVERITY_ERROR,  /* it does not start, or something of it does not work */
	SEVERITY_WARNING /* it works, and that may be no good */
};

struct finding {
	struct finding *next;
	enum severity severity;
	const char *check; /* which of them found it: "config" */
	const char *where; /* a file with its line, a key, a plugin */
	const char *what;
	const char *cure;  /* what to do; NULL: what says it */
};

/* A file that is attached, or should be. */
struct checked_file {
	const char *name; /* of the instance; "app" */
	const char *path;
	struct facts facts;
	bool good; /* it may be attached */
};

enum { CHECKED_MAX = 128 };

struct checkup {
	struct cmdline *c;
	struct arena *a;
	struct site site;
	bool deploy;
	const char *check; /* the one that looks now, */
	enum severity severity; /* and what it finds */
	struct finding *first, **last;
	size_t n;
	bool no_memory;
	struct checked_file *files; /* plugins, then the application */
	size_t nfiles;
	struct code code;
	bool has_code;
	const char *const *sources; /* of the code, wherever the process is; NULL: there are none */
	const char *built_in; /* the private folder of what was built, or NULL */
	cruet_service transport; /* vt NULL: it cannot be attached */
	cruet_ctx *ctx; /* on the plan; NULL: the application could not be set up */
};

/* Adds a finding, with copies of the texts, but none that is there already. What begins with
 * where loses that. */
void found(struct checkup *k, const char *where, const char *what, const char *cure);
/* The same for a sentence that may begin with its place, "site.c:12: ..."; else where. */
void found_sentence(struct checkup *k, const char *where, const char *why, const char *cure);

/* Each of these looks at the site, in this order. */

/* Options and files of the plugins that the configuration names, their order, the lock; then
 * attaches those that can be. After the code was built: the process goes to the folder of the
 * site. (checkup_plugins.c) */
void check_plugins(struct checkup *k);
void attach_plugins(struct checkup *k);
/* Finds and builds the application; attaches it. (checkup_app.c) */
void check_code(struct checkup *k);
void attach_app(struct checkup *k);
/* At the end: removes what was built. */
void check_leave(struct checkup *k);
/* Rules that are never reached, blueprints without any, endpoints that no rule has. */
void check_rules(struct checkup *k);  /* checkup_rules.c */
void check_urls(struct checkup *k);   /* checkup_urls.c */
/* What plugins say themselves: databases and their schemas. */
void ask_plugins(struct checkup *k);  /* checkup_app.c */
/* (checkup_machine.c) */
void check_secret(struct checkup *k);
size_t key_variety(const char *key); /* how many different characters it has */
void check_places(struct checkup *k);
void check_debug(struct checkup *k);
void check_times(struct checkup *k);
/* Nothing without --deploy. (checkup_deploy.c) */
void check_deploy(struct checkup *k);

#endif
