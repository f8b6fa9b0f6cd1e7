#include "server/changes.h"

#include <stdlib.h>
#include <string.h>

#include "app/scope.h"
#include "base/buf.h"
#include "cruet/log.h"
#include "http/json_read.h"
#include "plugin/closing.h"
#include "server/handed.h"

/* --- making one --------------------------------------------------------------------------- */

static void add_names(struct buf *b, const char *title, const char *const *names)
{
	for (const char *const *n = names; n && *n; n++)
		buf_printf(b, "%s%s", n == names ? title : ", ", *n);
}

static void log_change(cruet_app *root, const struct change_report *r)
{
	struct buf b;

	if (!r->changed) {
		cruet_log(root, CRUET_INFO, "plugins: nothing has changed");
		return;
	}
	buf_init(&b, NULL, 0);
	add_names(&b, "; replaced ", r->replaced);
	add_names(&b, "; added ", r->added);
	add_names(&b, "; removed ", r->removed);
	cruet_log(root, CRUET_INFO, "plugins: generation %llu, built in %.1f ms%s",
		  (unsigned long long)r->generation, (double)r->build_us / 1000,
		  b.len ? b.p : "");
	buf_fini(&b);
}

static void tell_parent(const struct served *s, enum change_kind kind, const char *name)
{
	struct buf b;

	if (s->channel < 0 || (kind == CHANGE_RELOAD && name))
		return;
	buf_init(&b, NULL, 0);
	buf_printf(&b, "%c%s", kind == CHANGE_LOAD ? '+' : kind == CHANGE_UNLOAD ? '-' : '*',
		   name ? name : "");
	if (!buf_err(&b))
		handed_say(s->channel, PACKET_CHANGED, b.p);
	buf_fini(&b);
}

/* Another file, or none, has what was quarantined before. */
static void tell_cleared(const struct served *s, const char *const *names)
{
	for (; s->channel >= 0 && names && *names; names++)
		if (!closing_is(s->root, *names))
			handed_say(s->channel, PACKET_OPENED, *names);
}

int changes_publish(const struct served *s, enum change_kind kind, const char *name,
		    struct change_report *report, char **why)
{
	int err = change_run(s->root, kind, name, report, why);

	if (err) {
		cruet_log(s->root, CRUET_WARN, "plugins stay as they are: %s",
			  *why ? *why : cruet_strerror(CRUET_ENOMEM));
		return err;
	}
	log_change(s->root, report);
	tell_parent(s, kind, name);
	tell_cleared(s, report->replaced);
	tell_cleared(s, report->removed);
	return CRUET_OK;
}

int changes_make(const struct served *s, enum change_kind kind, const char *name,
		 struct change_report *report, char **why)
{
	int err = changes_publish(s, kind, name, report, why);

	if (!err)
		change_finish(s->root, report);
	return err;
}

/* --- remembering them ----------------------------------------------------------------------- */

struct amendment {
	struct amendment *next;
	char change[]; /* "+well" */
};

static void drop(struct amendment **at)
{
	struct amendment *x = *at;

	*at = x->next;
	free(x);
}

static void drop_unloaded(struct amendments *a)
{
	for (struct amendment **at = &a->all; *at;)
		if (*(*at)->change == '-')
			drop(at);
		else
			at = &(*at)->next;
}

void amendments_note(struct amendments *a, const char *change)
{
	struct amendment **at = &a->all;
	size_t n = strlen(change) + 1;

	if (*change == '*') {
		drop_unloaded(a);
		return;
	}
	while (*at && strcmp((*at)->change + 1, change + 1) != 0)
		at = &(*at)->next;
	if (*at)
		drop(at);
	while (*at)
		at = &(*at)->next;
	*at = calloc(1, sizeof **at + n);
	if (*at)
		memcpy((*at)->change, change, n);
}

const char *amendments_list(const struct amendments *a, struct arena *arena)
{
	struct buf b;

	buf_init(&b, arena, 0);
	for (const struct amendment *x = a->all; x; x = x->next)
		buf_printf(&b, "%s%s", b.len ? "," : "", x->change);
	return buf_err(&b) || !b.len ? NULL : b.p;
}

void amendments_fini(struct amendments *a)
{
	while (a->all)
		drop(&a->all);
}

/* --- making them again ----------------------------------------------------------------------- */

/* By now the configuration may say the same. */
static void make(cruet_app *root, const char *change)
{
	bool loads = *change == '+';
	struct change_report report;
	char *why;

	int err = change_run(root, loads ? CHANGE_LOAD : CHANGE_UNLOAD, change + 1, &report, &why);
	if (!err)
		change_finish(root, &report);
	if (err && err != (loads ? CRUET_EEXIST : CRUET_ENOENT))
		cruet_log(root, CRUET_ERROR, "'%s' was %s while the server ran, and cannot be now: %s",
			  change + 1, loads ? "loaded" : "unloaded",
			  why ? why : cruet_strerror(CRUET_ENOMEM));
	change_report_free(&report);
	free(why);
}

void amendments_make(cruet_app *root, char **list)
{
	for (; list && *list; list++)
		make(root, *list);
}

const char *amendment_command(const char *change, struct arena *a)
{
	const char *command = *change == '+' ? "load" : *change == '-' ? "unload" : NULL;
	struct buf b;

	buf_init(&b, a, 0);
	if (command) {
		buf_printf(&b, "{\"command\": \"%s\", \"plugin\": ", command);
		json_write_text(&b, change + 1);
		buf_str(&b, "}");
	}
	return buf_err(&b) || !b.len ? NULL : b.p;
}
