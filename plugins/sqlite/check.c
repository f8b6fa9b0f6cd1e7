/* What `cruet check` is told: whether the database can be opened, and which steps of its
 * schema have not run. A database that is not there yet is made at the first start. */
#include "sqlite.h"

#include <cruet/svc/checkup.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct look {
	const struct cruet_checkup *check;
	cruet_ctx *c;
};

static void found(const struct look *l, const char *where, const char *what, const char *cure)
{
	l->check->found(l->check->self, l->c, where, what, cure);
}

static void pending(void *arg, const struct step *st)
{
	const struct look *l = arg;
	char where[WHY_SIZE];

	snprintf(where, sizeof where, "step \"%s\" of '%s'", st->name, st->owner);
	found(l, st->file ? st->file : where, "this schema step has not run on the database yet",
	      "back the database up, then start the application: it runs the step");
}

static void look(const struct look *l, struct state *s)
{
	const char *path = s->cfg->path;
	struct conn *k = NULL;
	char why[WHY_SIZE];
	bool ok = conn_find_file(s, why, sizeof why);

	if (ok && !in_memory(s->cfg) && !access(s->file, F_OK))
		ok = !conn_open(s, &k, why, sizeof why) && conn_can_read(s, k, why, sizeof why);
	if (!ok)
		found(l, path, why, "make that so, or set the option path to another file");
	else if (!schema_pending(s, k, pending, (void *)l, why, sizeof why))
		found(l, s->cfg->schema, why, "set the option schema to the folder of the .sql files");
	conn_close(k);
	free(s->file);
	s->file = NULL;
}

static void asked(cruet_ctx *c, const void *what, void *arg)
{
	const struct look l = {what, c};
	struct state *s = arg;

	if (what && !s->file) /* else it is open */
		look(&l, s);
}

int check_register(cruet_app *app)
{
	return cruet_listen(app, CRUET_CHECKUP_EVENT, asked, cruet_state(app));
}
