/* What `cruet check` is told of the templates: all that `cruet templates check` prints. */
#include <cruet.h>
#include <cruet/svc/checkup.h>
#include <stdio.h>

#include "inspect.h"
#include "jinja.h"

struct look {
	const cruet_checkup *check;
	cruet_ctx *c;
	const struct jinja *jinja;
};

static void say(const struct look *l, const char *where, const char *what)
{
	l->check->found(l->check->self, l->c, where, what, NULL);
}

static void tell(void *arg, const struct finding *f)
{
	const struct look *l = arg;
	char where[512];

	int n = snprintf(where, sizeof where, "%s/%s", l->jinja->folder.path, f->template);
	if (f->line && n > 0 && (size_t)n < sizeof where)
		snprintf(where + n, sizeof where - (size_t)n, ":%u", f->line);
	say(l, where, f->what);
}

static void asked(cruet_ctx *c, const void *what, void *arg)
{
	struct look l = {what, c, arg};
	const struct jinja *j = arg;
	size_t templates;

	if (l.check && j->folder.fd >= 0 &&
	    check_folder(j->engine, c, &j->folder, tell, &l, &templates))
		say(&l, j->folder.path, "not all templates of this folder can be read");
}

int jinja_checkup(cruet_app *app)
{
	return cruet_listen(app, CRUET_CHECKUP_EVENT, asked, cruet_state(app));
}
