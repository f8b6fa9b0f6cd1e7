/* cruet replay: asks an application what others asked it before, and shows what has become
 * different. */
#include "cli/replay.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "app/generation.h"
#include "base/buf.h"
#include "base/guard.h"
#include "base/mask.h"
#include "base/text.h"
#include "cli/json_out.h"
#include "cli/scratch.h"
#include "cli/site.h"
#include "cruet/app.h"
#include "cruet/testing.h"
#include "server/client_priv.h"

/* A cookie that was given while recording, and the one that was given now. */
struct cookie {
	struct cookie *next;
	const char *name, *tag, *value;
};

struct replay {
	struct cmdline *c;
	struct site site;
	const char *file, *scratch;
	cruet_client *client;
	struct cookie *cookies;
	const char *const *ignore; /* ends with NULL */
	const char *note;	   /* the recording is not whole; or NULL */
	cJSON *list;		   /* for programs, or NULL */
	struct progress *done;
};

/* Of one request. */
struct turn {
	struct replay *r;
	struct arena a;
	struct recorded was;
	const char *missing; /* places of secrets that nobody has said, or NULL */
};

/* --- secrets ------------------------------------------------------------------------------ */

/* --value PLACE=VALUE */
static const char *said(const struct replay *r, const char *place)
{
	size_t n = strlen(place);

	for (size_t i = 0; i < r->c->args.ngiven; i++) {
		const struct given *g = &r->c->args.given[i];
		if (!strcmp(g->flag->name, "value") && !strncmp(g->value, place, n) && g->value[n] == '=')
			return g->value + n + 1;
	}
	return NULL;
}

static const char *cookie_now(const struct replay *r, const char *name, const char *tag)
{
	for (const struct cookie *c = r->cookies; c; c = c->next)
		if (!strcmp(c->name, name) && !strcmp(c->tag, tag))
			return c->value;
	return NULL;
}

/* Puts a secret back. */
static const char *fill(void *arg, const char *place, const char *value)
{
	struct turn *t = arg;
	const char *now = NULL;

	if (!text_starts(value, MASK))
		return value;
	if (text_starts(place, "cookie."))
		now = cookie_now(t->r, place + 7, value);
	if (!now)
		now = said(t->r, place);
	if (now)
		return now;
	t->missing = t->missing ? arena_printf(&t->a, "%s, %s", t->missing, place) : place;
	return t->missing ? value : NULL;
}

static const char *only_mask(void *arg, const char *place, const char *value)
{
	(void)arg, (void)place, (void)value;
	return MASK;
}

/* The parts of a path that are masked, in the order in which they were. */
static const char *fill_path(struct turn *t, const char *target)
{
	struct buf b;

	buf_init(&b, &t->a, 0);
	for (const char *const *place = t->was.masked; *place; place++) {
		const char *at = text_starts(*place, "path.") ? strstr(target, MASK) : NULL;
		const char *now = at ? fill(t, *place, MASK) : "";
		if (!now)
			return NULL;
		if (!at)
			continue;
		buf_put(&b, target, (size_t)(at - target));
		if (!strcmp(*place, "path.rest"))
			buf_str(&b, now); /* several pieces, as they stand in a URL */
		else
			percent_encode(&b, now, strlen(now), "*", false);
		target = at + strlen(MASK);
	}
	buf_str(&b, target);
	return buf_err(&b) ? NULL : b.p;
}

/* --- one request -------------------------------------------------------------------------- */

/* What the client says by itself, or what is a matter of the connection. */
static bool is_of_connection(const char *name)
{
	static const char *const names[] = {"Connection", "Content-Length",    "Expect", "Keep-Alive",
					    "TE",	  "Transfer-Encoding", "Upgrade", NULL};

	for (const char *const *p = names; *p; p++)
		if (text_ieq(*p, name))
			return true;
	return false;
}

static bool set_headers(struct turn *t, const struct secrets *s)
{
	cruet_client *client = t->r->client;
	const struct fields *f = &t->was.headers;

	for (size_t i = 0; i < f->n; i++) {
		if (is_of_connection(f->items[i].name))
			continue;
		const char *value = secrets_header(s, f->items[i].name, f->items[i].value);
		if (!value)
			return false;
		cruet_client_set_header(client, f->items[i].name, value);
	}
	if (!fields_get(f, "Cookie"))
		cruet_client_set_header(client, "Cookie", NULL);
	if (!fields_get(f, "User-Agent"))
		cruet_client_set_header(client, "User-Agent", NULL);
	return true;
}

/* 0: it was not sent, because something is missing; -1: out of memory. */
static int ask(struct turn *t)
{
	const struct recorded *was = &t->was;
	const struct secrets s = {&t->a, fill, t};
	size_t len = 0;

	const char *target = secrets_target(&s, was->target);
	target = target ? fill_path(t, target) : NULL;
	const char *type = fields_get(&was->headers, "Content-Type");
	const char *body = secrets_body(&s, type, was->body.p, was->body.len, &len);
	if (!target || !body)
		return -1;
	if (!was->body.kept)
		t->missing = "its body, which was too long to be kept";
	for (size_t i = 0; i < was->headers.n; i++) /* all that is missing is told at once */
		if (!secrets_header(&s, was->headers.items[i].name, was->headers.items[i].value))
			return -1;
	if (t->missing)
		return 0;
	if (!set_headers(t, &s))
		return -1;
	cruet_clock_set(t->r->site.app, was->time_ms);
	client_set_scheme(t->r->client, was->scheme);
	return cruet_client_send(t->r->client, was->method, target, NULL, body, len);
}

/* Cookies that were given then are those that are given now. */
static bool learn_cookies(struct turn *t, const struct fields *now)
{
	const struct fields *was = &t->was.reply;
	struct arena *a = &t->r->c->arena;

	for (size_t i = 0; i < was->n; i++) {
		const char *value = was->items[i].value;
		size_t n = strcspn(value, "="), end = strcspn(value, ";");
		if (!text_ieq(was->items[i].name, "Set-Cookie") || n >= end)
			continue;
		for (size_t j = 0; j < now->n; j++) {
			const char *v = now->items[j].value;
			if (!text_ieq(now->items[j].name, "Set-Cookie") || strncmp(v, value, n + 1) != 0)
				continue;
			struct cookie *c = arena_zalloc(a, sizeof *c);
			if (!c)
				return false;
			c->name = arena_strndup(a, value, n);
			c->tag = arena_strndup(a, value + n + 1, end - n - 1);
			c->value = arena_strndup(a, v + n + 1, strcspn(v, ";") - n - 1);
			if (!c->name || !c->tag || !c->value)
				return false;
			c->next = t->r->cookies;
			t->r->cookies = c;
		}
	}
	return true;
}

static bool read_reply(struct turn *t, int status, struct recorded *now)
{
	const cruet_client *client = t->r->client;
	const char *name, *value;

	*now = (struct recorded){.status = status};
	fields_init(&now->reply, &t->a);
	for (size_t i = 0; cruet_client_header_at(client, i, &name, &value); i++)
		if (fields_add(&now->reply, name, value))
			return false;
	now->reply_body = (struct recorded_body){cruet_client_body(client),
						 cruet_client_body_len(client), true};
	return true;
}

static bool compare(struct turn *t, int status, struct buf *text, cJSON *list, size_t *n)
{
	const struct secrets s = {&t->a, only_mask, NULL};
	struct differences d = {.a = &t->a, .ignore = t->r->ignore, .text = text, .list = list};
	const struct router *rules = atomic_load(&t->r->site.app->host->current)->router;
	struct recorded now;

	bool ok = read_reply(t, status, &now) && learn_cookies(t, &now.reply) &&
		  recording_mask_reply(&s, rules, &t->was.reply, &t->was.reply_body) &&
		  recording_mask_reply(&s, rules, &now.reply, &now.reply_body) &&
		  replay_compare(&d, &t->was, &now);
	*n = d.n;
	return ok;
}

/* --- what is said ------------------------------------------------------------------------- */

static void add_json(const struct turn *t, const char *what, cJSON *differences, bool *ok)
{
	cJSON *v = cJSON_CreateObject();

	json_add_text(v, "method", t->was.method, ok);
	json_add_text(v, "target", t->was.target, ok);
	json_add_text(v, "result", what, ok);
	if (t->missing)
		json_add_text(v, "missing", t->missing, ok);
	if (differences)
		json_add(v, "differences", differences, ok);
	json_push(t->r->list, v, ok);
}

static void tell_missing(struct turn *t, bool *ok)
{
	t->r->done->skipped++;
	if (t->r->list)
		add_json(t, "skipped", NULL, ok);
	else
		printf("skipped  %s %s: without %s\n", t->was.method, t->was.target, t->missing);
}

static bool play(struct turn *t)
{
	struct buf text;
	size_t n = 0;
	bool ok = true;
	cJSON *list;
	int status = ask(t);

	if (status < 0)
		return false;
	if (t->missing) {
		tell_missing(t, &ok);
		return ok;
	}
	buf_init(&text, &t->a, 0);
	list = t->r->list ? cJSON_CreateArray() : NULL;
	if (!compare(t, status, &text, list, &n)) {
		cJSON_Delete(list);
		return false;
	}
	if (n)
		t->r->done->different++;
	else
		t->r->done->same++;
	if (t->r->list)
		add_json(t, n ? "different" : "same", list, &ok);
	else if (n)
		printf("DIFFERS  %s %s\n%s", t->was.method, t->was.target, text.p);
	return ok;
}

/* --- the whole ---------------------------------------------------------------------------- */

static int note(struct replay *r, const char *what)
{
	r->note = what && r->note ? arena_printf(&r->c->arena, "%s; %s", r->note, what)
				  : arena_strdup(&r->c->arena, what);
	return r->note ? EXIT_DONE : cli_fail("out of memory");
}

/* Who wrote it was cut short, by a full disk or an end of the machine. */
static int note_broken(struct replay *r, size_t number)
{
	return note(r, arena_printf(&r->c->arena, "line %zu is broken off and was left out", number));
}

/* One line of the recording; an exit code. */
static int take_line(struct replay *r, const char *line, size_t len, size_t number)
{
	struct turn t = {.r = r};
	const char *why = NULL;
	int code = EXIT_DONE, err;

	if (len == 1) /* two processes have ended what a third had broken off */
		return code;
	arena_init(&t.a, 65536);
	if (recording_is_aside(line, len, &t.a, &why)) {
		if (number == 1 && why)
			code = cli_fail("%s: %s", r->file, why);
		else if (why)
			code = note(r, why);
	} else if ((err = recording_read(line, len, &t.a, &t.was, &why))) {
		code = number > 1 && err == CRUET_EPARSE
			       ? note_broken(r, number)
			       : cli_fail("%s:%zu: %s", r->file, number, why ? why : "out of memory");
	} else if (!play(&t)) {
		code = cli_fail("out of memory");
	}
	arena_fini(&t.a);
	return code;
}

static int take_all(struct replay *r, FILE *in)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int code = EXIT_DONE;

	for (size_t n = 1; !code && !replay_is_asked_to_end() && (len = getline(&line, &cap, in)) >= 0; n++) {
		r->done->line = n;
		code = len > RECORDING_LINE_MAX
			       ? cli_fail("%s:%zu: a line of more than %d bytes", r->file, n,
					  RECORDING_LINE_MAX)
			       : take_line(r, line, (size_t)len, n);
		fflush(stdout); /* a crash would take it along */
	}
	r->done->line = 0;
	if (!code && replay_is_asked_to_end()) {
		note(r, "it was interrupted, and asked no more");
		code = EXIT_FAILED;
	}
	if (!code && ferror(in))
		code = cli_fail("%s: %s", r->file, strerror(errno));
	free(line);
	return code;
}

static int tell_all(struct replay *r)
{
	const struct progress *p = r->done;
	bool ok = true;

	if (!r->list)
		return replay_tell(p, r->note);
	cJSON *v = cJSON_CreateObject();
	json_add_number(v, "same", (double)p->same, &ok);
	json_add_number(v, "different", (double)p->different, &ok);
	json_add_number(v, "skipped", (double)p->skipped, &ok);
	json_add_text(v, "note", r->note, &ok);
	json_add(v, "requests", r->list, &ok);
	r->list = NULL;
	if (!ok || json_print(v, &r->c->arena))
		ok = (cli_fail("out of memory"), false);
	cJSON_Delete(v);
	return !ok || p->different || p->skipped ? EXIT_FAILED : EXIT_DONE;
}

static int prepare(struct replay *r)
{
	struct arena *a = &r->c->arena;
	const char **ignore = arena_array(a, r->c->args.ngiven + 1, sizeof *ignore);
	size_t n = 0;

	if (!ignore)
		return cli_fail("out of memory");
	for (size_t i = 0; i < r->c->args.ngiven; i++)
		if (!strcmp(r->c->args.given[i].flag->name, "ignore"))
			ignore[n++] = r->c->args.given[i].value;
	r->ignore = ignore;
	int code = site_configure(&r->site, r->c, r->c->args.rest[1]);
	if (code)
		return code;
	code = replay_copy_data(r->site.app, r->site.target.folder, r->scratch, a);
	if (!code)
		code = site_load(&r->site, r->c);
	return code ? code : replay_check_data(r->site.app, r->scratch);
}

static int start(struct replay *r)
{
	r->client = cruet_client_new(r->site.app);
	if (!r->client)
		return cli_fail("out of memory");
	if (cruet_problem(r->site.app))
		return cli_fail("%s", cruet_problem(r->site.app));
	r->list = args_value(&r->c->args, "json") ? cJSON_CreateArray() : NULL;
	return EXIT_DONE;
}

/* In the child: all of it, but for its scratch folder. */
static int replay(struct replay *r, FILE *in)
{
	int code = prepare(r);

	if (!code)
		code = start(r);
	if (!code) {
		replay_block_signals();
		code = take_all(r, in);
		if (!code || r->done->same || r->done->different || r->done->skipped || r->note) {
			int told = tell_all(r);
			code = code ? code : told;
		}
	}
	cJSON_Delete(r->list);
	cruet_client_free(r->client);
	site_close(&r->site);
	fclose(in);
	r->done->over = true;
	return code;
}

int replay_command(struct cmdline *c)
{
	struct replay r = {.c = c, .file = c->args.rest[0]};
	const char *why = NULL;
	FILE *in = NULL;
	int how, code = replay_check_values(c);

	if (code)
		return code;
	if (!(in = fopen(r.file, "re")))
		return cli_fail("%s: %s", r.file, strerror(errno));
	r.done = mmap(NULL, sizeof *r.done, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	r.scratch = r.done == MAP_FAILED ? NULL : scratch_make(&c->arena, &why);
	if (r.scratch && guard_fork(true, &how))
		return replay(&r, in);
	if (!r.scratch)
		code = cli_fail("%s", why ? why : "out of memory");
	else
		code = how == -1 ? cli_fail("no process can be started: %s", strerror(errno))
				 : replay_outcome(r.done, r.file, how, args_value(&c->args, "json"));
	scratch_remove(r.scratch);
	if (r.done != MAP_FAILED)
		munmap(r.done, sizeof *r.done);
	fclose(in);
	return code;
}
