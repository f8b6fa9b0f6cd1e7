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

/* "get, post" as "GET,POST"; NULL if it holds no method or anything else. */
static char *upper_methods(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s), *p = out;

	for (; out && *s; s++) {
		if (*s == ' ')
			continue;
		if (*s != ',' && !is_token(*s))
			return NULL;
		*p++ = is_lower(*s) ? (char)(*s - 32) : *s;
	}
	if (out)
		*p = '\0';
	return out && *out ? out : NULL;
}

/* Copies what the caller's struct has; members it does not know stay zero. */
static void copy_sized(void *to, size_t to_size, const void *from, uint32_t from_size)
{
	memcpy(to, from, from_size < to_size ? from_size : to_size);
}

int cruet_route(cruet_app *app, const cruet_rule *rule)
{
	int err;
	cruet_rule r = {.size = 0};

	if (!app)
		return CRUET_EINVAL;
	if (!rule || rule->size < CRUET_UPTO(cruet_rule, fn))
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_route: set .size = sizeof(cruet_rule)");
	copy_sized(&r, sizeof r, rule, rule->size);
	if (!r.path || (!r.fn && !(r.flags & CRUET_BUILD_ONLY)))
		return scope_problem(app, CRUET_EINVAL, "%s: a rule needs a path and a function",
				     at(r.here));
	if (!r.name || !endpoint_name(r.name))
		return scope_problem(app, CRUET_EINVAL,
				     "%s: endpoint '%s': expected letters, digits, '_' and '-'",
				     at(r.here), r.name ? r.name : "");

	struct arena *a = &app->arena;
	r.methods = upper_methods(a, r.methods ? r.methods : "GET");
	if (!r.methods)
		return scope_problem(app, CRUET_EINVAL,
				     "%s: methods '%s': expected names such as GET,POST, or *",
				     at(r.here), rule->methods);
	struct entry_rule *e = scope_entry(app, ENTRY_RULE, sizeof *e, "cruet_route", &err);
	if (!e)
		return err;
	r.path = arena_strdup(a, r.path);
	r.name = arena_strdup(a, r.name);
	r.here = arena_strdup(a, r.here ? r.here : "?");
	r.defaults = arena_strdup(a, r.defaults);
	r.subdomain = arena_strdup(a, r.subdomain);
	r.host = arena_strdup(a, r.host);
	e->rule = r;
	if (!r.path || !r.name || !r.here)
		return scope_problem(app, CRUET_ENOMEM, "cruet_route: out of memory");
	return CRUET_OK;
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

int cruet_convert(cruet_app *app, const cruet_converter *kind)
{
	int err;

	if (!app)
		return CRUET_EINVAL;
	if (!kind || kind->size < CRUET_UPTO(cruet_converter, parse) || !kind->name ||
	    !kind->parse)
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_convert: a converter needs size, name and parse");
	struct entry_converter *e =
		scope_entry(app, ENTRY_CONVERTER, sizeof *e, "cruet_convert", &err);
	if (!e)
		return err;
	copy_sized(&e->converter, sizeof e->converter, kind, kind->size);
	e->converter.name = arena_strdup(&app->arena, kind->name);
	return e->converter.name ? CRUET_OK : CRUET_ENOMEM;
}

static int add_hook(cruet_app *app, enum entry_kind kind, cruet_fn *run,
		    cruet_teardown_fn *end, const char *what)
{
	int err;

	if (app && !run && !end)
		return scope_problem(app, CRUET_EINVAL, "%s: the function is NULL", what);
	struct entry_hook *e = scope_entry(app, kind, sizeof *e, what, &err);
	if (!e)
		return err;
	if (run)
		e->fn.run = run;
	else
		e->fn.end = end;
	return CRUET_OK;
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

int cruet_teardown(cruet_app *app, cruet_teardown_fn *fn)
{
	return add_hook(app, ENTRY_TEARDOWN, NULL, fn, "cruet_teardown");
}

static int add_error(cruet_app *app, int status, const cruet_errtype *type, bool any,
		     cruet_fn *fn, const char *what)
{
	int err;

	if (app && !fn)
		return scope_problem(app, CRUET_EINVAL, "%s: the function is NULL", what);
	struct entry_error *e = scope_entry(app, ENTRY_ERROR, sizeof *e, what, &err);
	if (!e)
		return err;
	e->status = status;
	e->type = type;
	e->any = any;
	e->fn = fn;
	return CRUET_OK;
}

int cruet_on_error(cruet_app *app, int status, cruet_fn *fn)
{
	if (app && (status > 599 || (status > 0 && status < 400)))
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
	int err;

	if (app && (!event || !fn))
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_listen: an event and a function are needed");
	struct entry_listen *e = scope_entry(app, ENTRY_LISTEN, sizeof *e, "cruet_listen", &err);
	if (!e)
		return err;
	e->event = arena_strdup(&app->arena, event);
	e->fn = fn;
	e->arg = arg;
	return e->event ? CRUET_OK : scope_problem(app, CRUET_ENOMEM, "cruet_listen: out of memory");
}

int cruet_command(cruet_app *app, const char *name, const char *help, cruet_command_fn *fn)
{
	int err;

	if (app && (!name || !endpoint_name(name) || !fn))
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_command: '%s': expected a name of letters, digits, '_' "
				     "and '-', and a function",
				     name ? name : "");
	struct entry_command *e =
		scope_entry(app, ENTRY_COMMAND, sizeof *e, "cruet_command", &err);
	if (!e)
		return err;
	e->name = arena_strdup(&app->arena, name);
	e->help = arena_strdup(&app->arena, help ? help : "");
	e->fn = fn;
	return e->name && e->help
		       ? CRUET_OK
		       : scope_problem(app, CRUET_ENOMEM, "cruet_command: out of memory");
}

int cruet_allow_origin(cruet_app *app, const char *origin)
{
	int err;
	const char *host = origin ? strstr(origin, "://") : NULL;

	if (app && (!host || !host[3] || strchr(host + 3, '/')))
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_allow_origin: '%s': expected scheme://host, such as "
				     "https://a.example",
				     origin ? origin : "");
	struct entry_origin *e =
		scope_entry(app, ENTRY_ORIGIN, sizeof *e, "cruet_allow_origin", &err);
	if (!e)
		return err;
	e->origin = arena_strdup(&app->arena, origin);
	return e->origin ? CRUET_OK
			 : scope_problem(app, CRUET_ENOMEM, "cruet_allow_origin: out of memory");
}
