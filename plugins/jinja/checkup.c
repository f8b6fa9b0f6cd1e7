/* What `cruet check` is told of the templates: all that `cruet templates check` prints. */
#include <cruet.h>
#include <cruet/svc/checkup.h>
#include <stdio.h>

#include "inspect.h"
#include "jinja.h"

struct look {
	const cruet_checkup *check;
	cruet_ctx *c;
	struct jinja *jinja;
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

static int look(void *arg, const char *name)
{
	const struct look *l = arg;

	check_template(l->jinja->engine, l->c, name, tell, arg);
	return 0;
}

static void asked(cruet_ctx *c, const void *what, void *arg)
{
	struct look l = {what, c, arg};

	if (l.check && l.jinja->folder.fd >= 0 && folder_walk(&l.jinja->folder, look, &l))
		say(&l, l.jinja->folder.path, "not all templates of this folder can be read");
}

int jinja_checkup(cruet_app *app)
{
	return cruet_listen(app, CRUET_CHECKUP_EVENT, asked, cruet_state(app));
}
