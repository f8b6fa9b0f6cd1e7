/* The setup calls: each checks what it was given and adds one entry to its
 * scope. All of them take a NULL app, and the root remembers the first failure. */
#include "app/scope.h"
#include "base/text.h"

#include <string.h>

static const char *at(const char *here)
{
	return here ? here : "cruet_route";
}

static bool endpoint_name(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!is_alnum(*s) && *s != '_' && *s != '-')
			return false;
	return true;
}

/* "get, post": words between commas; or "*" alone. */
static bool methods_ok(const char *s)
{
	if (!strcmp(s, "*"))
		return true;
	for (;;) {
		size_t n = 0;
		s += strspn(s, " ");
		while (is_token((unsigned char)s[n]) && s[n] != '*')
			n++;
		if (!n)
			return false;
		s += n + strspn(s + n, " ");
		if (*s != ',')
			return !*s;
		s++;
	}
}

/* "GET,POST" */
static char *upper_methods(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s), *p = out;

	for (; out && *s; s++)
		if (*s != ' ')
			*p++ = is_lower(*s) ? (char)(*s - 32) : *s;
	if (out)
		*p = '\0';
	return out;
}

/* Copies a text that may be NULL; false when out of memory. */
static bool keep(struct arena *a, const char **text)
{
	const char *from = *text;

	*text = arena_strdup(a, from);
	return *text || !from;
}

static int no_memory(cruet_app *app, const char *what)
{
	return scope_problem(app, CRUET_ENOMEM, "%s: out of memory", what);
}

/* Copies what the caller's struct has; members it does not know stay zero. */
static void copy_sized(void *to, size_t to_size, const void *from, uint32_t from_size)
{
	memcpy(to, from, from_size < to_size ? from_size : to_size);
}

static int check_rule(cruet_app *app, const cruet_rule *r)
{
	if (!r->path || (!r->fn && !(r->flags & CRUET_BUILD_ONLY)))
		return scope_problem(app, CRUET_EINVAL, "%s: a rule needs a path and a function",
				     at(r->here));
	if (!r->name || !endpoint_name(r->name))
		return scope_problem(app, CRUET_EINVAL,
				     "%s: endpoint '%s': expected letters, digits, '_' and '-'",
				     at(r->here), r->name ? r->name : "");
	if (!methods_ok(r->methods))
		return scope_problem(app, CRUET_EINVAL,
				     "%s: methods '%s': expected names such as GET,POST, or *",
				     at(r->here), r->methods);
	return CRUET_OK;
}

/* Takes over what the caller gave, into r; methods is room for those of a view. */
static int take_rule(cruet_app *app, const cruet_rule *rule, cruet_rule *r, char methods[64])
{
	if (!rule || rule->size < CRUET_UPTO(cruet_rule, fn))
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_route: set .size = sizeof(cruet_rule)");
	copy_sized(r, sizeof *r, rule, rule->size);
	if (r->view && (r->fn || r->methods || !view_apply(r, methods, 64)))
		return scope_problem(app, CRUET_EINVAL,
				     "%s: a rule with a view has functions in it, and neither fn nor "
				     "methods of its own",
				     at(r->here));
	r->methods = r->methods ? r->methods : "GET";
	return check_rule(app, r);
}

struct entry_rule *scope_route(cruet_app *app, const cruet_rule *rule, int *err)
{
	cruet_rule r = {.size = 0};
	char methods[64];

	*err = scope_open(app, "cruet_route");
	if (!*err)
		*err = take_rule(app, rule, &r, methods);
	if (*err)
		return NULL;
	struct arena *a = &app->arena;
	r.here = r.here ? r.here : "?";
	r.methods = upper_methods(a, r.methods);
	if (!r.methods || !keep(a, &r.path) || !keep(a, &r.name) || !keep(a, &r.here) ||
	    !keep(a, &r.defaults) || !keep(a, &r.subdomain) || !keep(a, &r.host)) {
		*err = no_memory(app, "cruet_route");
		return NULL;
	}
	struct entry_rule *e = scope_entry(app, ENTRY_RULE, sizeof *e, "cruet_route", err);
	if (e)
		e->rule = r;
	return e;
}

int cruet_route(cruet_app *app, const cruet_rule *rule)
{
	int err;

	scope_route(app, rule, &err);
	return err;
}

int cruet_add(cruet_app *app, const char *methods, const char *path, cruet_fn *fn,
	      const char *name, const char *here)
{
	return cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule),
					      .methods = methods,
					      .path = path,
					      .fn = fn,
					      .name = name,
					      .here = here});
}

static bool has_converter(const cruet_app *app, const char *name)
{
	for (const struct entry *e = app->entries; e; e = e->next)
		if (e->kind == ENTRY_CONVERTER &&
		    !strcmp(((const struct entry_converter *)e)->converter.name, name))
			return true;
	return false;
}

int cruet_convert(cruet_app *app, const cruet_converter *kind)
{
	cruet_converter copy = {.size = 0};

	int err = scope_open(app, "cruet_convert");
	if (err)
		return err;
	if (!kind || kind->size < CRUET_UPTO(cruet_converter, parse) || !kind->name ||
	    !kind->parse)
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_convert: a converter needs size, name and parse");
	if (has_converter(app, kind->name))
		return scope_problem(app, CRUET_EEXIST,
				     "cruet_convert: there is a converter '%s' already: give this "
				     "one another name",
				     kind->name);
	copy_sized(&copy, sizeof copy, kind, kind->size);
	if (!keep(&app->arena, &copy.name))
		return no_memory(app, "cruet_convert");
	struct entry_converter *e =
		scope_entry(app, ENTRY_CONVERTER, sizeof *e, "cruet_convert", &err);
	if (e)
		e->converter = copy;
	return err;
}

static int add_hook(cruet_app *app, enum entry_kind kind, cruet_fn *run,
		    cruet_teardown_fn *end, const char *what)
{
	int err = scope_open(app, what);

	if (!err && !run && !end)
		err = scope_problem(app, CRUET_EINVAL, "%s: the function is NULL", what);
	if (err)
		return err;
	struct entry_hook *e = scope_entry(app, kind, sizeof *e, what, &err);
	if (!e)
		return err;
	if (run)
		e->fn.run = run;
	else
		e->fn.end = end;
	return CRUET_OK;
}

int cruet_on_match(cruet_app *app, cruet_fn *fn)
{
	return add_hook(app, ENTRY_MATCH, fn, NULL, "cruet_on_match");
}

int cruet_before(cruet_app *app, cruet_fn *fn)
{
	return add_hook(app, ENTRY_BEFORE, fn, NULL, "cruet_before");
}

int cruet_after(cruet_app *app, cruet_fn *fn)
{
	return add_hook(app, ENTRY_AFTER, fn, NULL, "cruet_after");
}

int cruet_finish(cruet_app *app, cruet_fn *fn)
{
	return add_hook(app, ENTRY_FINISH, fn, NULL, "cruet_finish");
}

int cruet_encode(cruet_app *app, cruet_fn *fn)
{
	return add_hook(app, ENTRY_ENCODE, fn, NULL, "cruet_encode");
}

int cruet_teardown(cruet_app *app, cruet_teardown_fn *fn)
{
	return add_hook(app, ENTRY_TEARDOWN, NULL, fn, "cruet_teardown");
}

static int add_error(cruet_app *app, int status, const cruet_errtype *type, bool any,
		     cruet_fn *fn, const char *what)
{
	int err = scope_open(app, what);

	if (!err && !fn)
		err = scope_problem(app, CRUET_EINVAL, "%s: the function is NULL", what);
	if (err)
		return err;
	struct entry_error *e = scope_entry(app, ENTRY_ERROR, sizeof *e, what, &err);
	if (!e)
		return err;
	e->status = status;
	e->type = type;
	e->any = any;
	e->fn = fn;
	return CRUET_OK;
}

/* 400 to 599, 0, or a code of the list. */
static bool error_number(int n)
{
	switch (n) {
#define X(name, code, http, text) case code:
		CRUET_ERRORS(X)
#undef X
		return true;
	default:
		return n == 0 || (n >= 400 && n <= 599);
	}
}

int cruet_on_error(cruet_app *app, int status, cruet_fn *fn)
{
	if (app && !error_number(status))
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_on_error: %d is no error: expected 400 to 599, 0 for "
				     "all of them, or a CRUET_E code",
				     status);
	return add_error(app, status, NULL, false, fn, "cruet_on_error");
}

int cruet_on_kind(cruet_app *app, const cruet_errtype *kind, cruet_fn *fn)
{
	return add_error(app, 0, kind, !kind, fn, "cruet_on_kind");
}

int cruet_listen(cruet_app *app, const char *event, cruet_listen_fn *fn, void *arg)
{
	int err = scope_open(app, "cruet_listen");

	if (!err && (!event || !*event || !fn))
		err = scope_problem(app, CRUET_EINVAL,
				    "cruet_listen: an event and a function are needed");
	if (err)
		return err;
	if (!keep(&app->arena, &event))
		return no_memory(app, "cruet_listen");
	struct entry_listen *e = scope_entry(app, ENTRY_LISTEN, sizeof *e, "cruet_listen", &err);
	if (e) {
		e->event = event;
		e->fn = fn;
		e->arg = arg;
	}
	return err;
}

int cruet_command(cruet_app *app, const char *name, const char *help, cruet_command_fn *fn)
{
	int err = scope_open(app, "cruet_command");

	if (!err && (!name || !endpoint_name(name) || !fn))
		err = scope_problem(app, CRUET_EINVAL,
				    "cruet_command: '%s': expected a name of letters, digits, '_' "
				    "and '-', and a function",
				    name ? name : "");
	if (err)
		return err;
	help = help ? help : "";
	if (!keep(&app->arena, &name) || !keep(&app->arena, &help))
		return no_memory(app, "cruet_command");
	struct entry_command *e =
		scope_entry(app, ENTRY_COMMAND, sizeof *e, "cruet_command", &err);
	if (e) {
		e->name = name;
		e->help = help;
		e->fn = fn;
	}
	return err;
}

/* "https://a.example:8443", as a browser writes it in Origin. */
static bool origin_ok(const char *s)
{
	const char *host = s ? strstr(s, "://") : NULL;

	return host && host > s && host[3] && !host[3 + strcspn(host + 3, "/?#@, ")];
}

int cruet_allow_origin(cruet_app *app, const char *origin)
{
	int err = scope_open(app, "cruet_allow_origin");

	if (!err && !origin_ok(origin))
		err = scope_problem(app, CRUET_EINVAL,
				    "cruet_allow_origin: '%s': expected scheme://host, such as "
				    "https://a.example",
				    origin ? origin : "");
	if (err)
		return err;
	if (!keep(&app->arena, &origin))
		return no_memory(app, "cruet_allow_origin");
	struct entry_origin *e =
		scope_entry(app, ENTRY_ORIGIN, sizeof *e, "cruet_allow_origin", &err);
	if (e)
		e->origin = origin;
	return err;
}

int cruet_allow_origins(cruet_app *app, cruet_origin_fn *fn)
{
	int err;

	if (app && !fn)
		return scope_problem(app, CRUET_EINVAL, "cruet_allow_origins: the function is NULL");
	struct entry_origin *e =
		scope_entry(app, ENTRY_ORIGIN, sizeof *e, "cruet_allow_origins", &err);
	if (e)
		e->fn = fn;
	return err;
}

int cruet_url_defaults(cruet_app *app, cruet_url_fn *fn)
{
	int err;

	if (app && !fn)
		return scope_problem(app, CRUET_EINVAL, "cruet_url_defaults: the function is NULL");
	struct entry_url *e = scope_entry(app, ENTRY_URL, sizeof *e, "cruet_url_defaults", &err);
	if (e)
		e->fn = fn;
	return err;
}

int cruet_on_url_error(cruet_app *app, cruet_url_error_fn *fn)
{
	int err;

	if (app && !fn)
		return scope_problem(app, CRUET_EINVAL, "cruet_on_url_error: the function is NULL");
	struct entry_url_error *e =
		scope_entry(app, ENTRY_URL_ERROR, sizeof *e, "cruet_on_url_error", &err);
	if (e)
		e->fn = fn;
	return err;
}

/* While a plugin is set up, what it registers is its own wherever it does so. */
cruet_app *cruet_outermost(cruet_app *app)
{
	if (!app || !app->owner || app->frozen)
		return app ? app->root : NULL;
	while (app->parent && app->parent->owner == app->owner)
		app = app->parent;
	return app;
}

/* What a blueprint says once for all its rules. */
static int say(cruet_app *app, const char **to, const char *text, const char *call)
{
	if (!app)
		return CRUET_EINVAL;
	if (app->kind != SCOPE_BLUEPRINT || !text)
		return scope_problem(app, CRUET_EINVAL, "%s: a blueprint and a text are needed",
				     call);
	if (app->frozen)
		return scope_problem(app, CRUET_ESTATE,
				     "%s after the application has started: register in init", call);
	*to = arena_strdup(&app->arena, text);
	return *to ? CRUET_OK : scope_problem(app, CRUET_ENOMEM, "%s: out of memory", call);
}

int cruet_subdomain(cruet_app *blueprint, const char *subdomain)
{
	return say(blueprint, blueprint ? &blueprint->subdomain : NULL, subdomain,
		   "cruet_subdomain");
}

int cruet_defaults(cruet_app *blueprint, const char *defaults)
{
	return say(blueprint, blueprint ? &blueprint->defaults : NULL, defaults, "cruet_defaults");
}
