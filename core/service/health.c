/* cruet/health.h: a check is a listener, so it comes and goes with its scope and needs
 * nobody who asks. */
#include "cruet/health.h"

#include <string.h>

#include "app/scope.h"
#include "base/text.h"
#include "cruet/svc/health.h"

enum { NAME_LEN = 63 };

struct check {
	const char *name;
	uint64_t timeout_ms;
	cruet_fn *fn;
};

static bool name_ok(const char *s)
{
	size_t n = 0;

	while (is_alnum(s[n]) || s[n] == '_' || s[n] == '-' || s[n] == '.')
		n++;
	return n && n <= NAME_LEN && !s[n];
}

static void asked(cruet_ctx *c, const void *what, void *arg)
{
	const cruet_health_probe *p = what;
	const struct check *k = arg;

	if (p)
		p->check(p->self, c, k->name, k->timeout_ms, k->fn);
}

int cruet_health_check(cruet_app *app, const char *name, uint64_t timeout_ms,
		       cruet_fn *fn)
{
	int err = scope_open(app, "cruet_health_check");

	if (err)
		return err;
	if (!name)
		name = app->owner ? app->owner->name : app->root->name;
	if (!name_ok(name) || !fn)
		return scope_problem(
			app, CRUET_EINVAL,
			"cruet_health_check: '%s': expected a name of 1 to %d letters, "
			"digits, '_', '-' and '.', and a function",
			name, NAME_LEN);
	struct check *k = arena_zalloc(&app->arena, sizeof *k);
	const char *copy = arena_strdup(&app->arena, name);
	if (!k || !copy)
		return scope_problem(app, CRUET_ENOMEM,
				     "cruet_health_check: out of memory");
	*k = (struct check){.name = copy, .timeout_ms = timeout_ms, .fn = fn};
	return cruet_listen(app, CRUET_HEALTH_EVENT, asked, k);
}
