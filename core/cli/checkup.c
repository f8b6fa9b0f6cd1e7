/* cruet check: goes on after the first mistake, and shows all of them. */
#include "cli/checkup.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/text.h"
#include "cli/json_out.h"
#include "cli/style.h"

/* --- findings -------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool is_there(const struct checkup *k, const struct finding *f)
{
	for (const struct finding *o = k->first; o; o = o->next)
		if (same(o->where, f->where) && same(o->what, f->what))
			return true;
	return false;
}

/* "site.db is no database" of "site.db": "is no database". */
static const char *without_place(const char *what, const char *where)
{
	size_t n = strlen(where);

	if (!n || strncmp(what, where, n) != 0)
		return what;
	if (what[n] == ':')
		n++;
	return what[n] == ' ' ? what + n + 1 : what;
}

void found(struct checkup *k, const char *where, const char *what, const char *cure)
{
	struct finding *f = arena_zalloc(k->a, sizeof *f);

	if (!f || !where || !what) {
		k->no_memory = true;
		return;
	}
	f->check = k->check;
	f->severity = k->severity;
	f->where = arena_strdup(k->a, where);
	f->what = arena_strdup(k->a, without_place(what, where));
	f->cure = arena_strdup(k->a, cure);
	if (!f->where || !f->what || (cure && !f->cure)) {
		k->no_memory = true;
		return;
	}
	if (is_there(k, f))
		return;
	*k->last = f;
	k->last = &f->next;
	k->n++;
}

/* A place has no spaces, and ends with ": ". */
void found_sentence(struct checkup *k, const char *where, const char *why, const char *cure)
{
	size_t n = why ? strcspn(why, " ") : 0;

	if (n > 1 && why[n] && why[n - 1] == ':')
		found(k, arena_strndup(k->a, why, n - 1), why + n + 1, cure);
	else
		found(k, where, why, cure);
}

/* What the setup says, of whoever. */
static void told(void *arg, const char *why)
{
	struct checkup *k = arg;

	found_sentence(k, k->site.target.shown, why, NULL);
}

/* --- looking --------------------------------------------------------------------------- */

struct look {
	const char *name;
	enum severity severity;
	void (*run)(struct checkup *k);
};

static const struct look looks[] = {
	{"plugins", SEVERITY_ERROR, check_plugins},
	{"app", SEVERITY_ERROR, check_code},
	{"plugins", SEVERITY_ERROR, attach_plugins},
	{"app", SEVERITY_ERROR, attach_app},
	{"rules", SEVERITY_WARNING, check_rules},
	{"urls", SEVERITY_ERROR, check_urls},
	{"plugins", SEVERITY_ERROR, ask_plugins},
	{"secret", SEVERITY_ERROR, check_secret},
	{"places", SEVERITY_ERROR, check_places},
	{"debug", SEVERITY_WARNING, check_debug},
	{"times", SEVERITY_WARNING, check_times},
	{"deploy", SEVERITY_WARNING, check_deploy}};

static int look(struct checkup *k)
{
	struct host *h = k->site.app->host;

	k->files = arena_array(k->a, CHECKED_MAX, sizeof *k->files);
	if (!k->files)
		return cli_fail("out of memory");
	k->check = "config";
	config_tell(h->config, told, k);
	h->told = told;
	h->told_arg = k;
	if (settings_read(h, k->site.target.config, args_value(&k->c->args, "profile")) && !k->n)
		return cli_fail("out of memory");
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
		k->check = looks[i].name;
		k->severity = looks[i].severity;
		looks[i].run(k);
	}
	if (k->ctx)
		ctx_close(k->ctx);
	return k->no_memory ? cli_fail("out of memory") : EXIT_DONE;
}

/* --- showing --------------------------------------------------------------------------- */

static const char *const severities[] = {"error", "warning"};

static const char *visible(struct checkup *k, const char *s)
{
	size_t cap = 4 * strlen(s) + 2;
	char *out = arena_alloc(k->a, cap);

	if (out)
		text_visible(out, cap, s);
	return out ? out : "";
}

static void print(struct checkup *k)
{
	const struct style st = style_of(stdout);

	for (const struct finding *f = k->first; f; f = f->next) {
		bool error = f->severity == SEVERITY_ERROR;
		printf("%s%s:%s %s%s:%s %s\n", error ? st.red : st.yellow, severities[f->severity],
		       st.plain, st.bold, visible(k, f->where), st.plain, visible(k, f->what));
		if (f->cure)
			printf("    %s\n", visible(k, f->cure));
	}
	if (k->n)
		printf("\n%zu %s\n", k->n, k->n == 1 ? "finding" : "findings");
	else
		printf("%snothing found%s\n", st.green, st.plain);
}

static int print_json(struct checkup *k)
{
	cJSON *out = cJSON_CreateObject(), *all = cJSON_CreateArray();
	bool ok = out && all;

	for (const struct finding *f = k->first; f && ok; f = f->next) {
		cJSON *one = cJSON_CreateObject();
		json_push(all, one, &ok);
		if (!ok)
			break;
		json_add_text(one, "severity", severities[f->severity], &ok);
		json_add_text(one, "check", f->check, &ok);
		json_add_text(one, "where", f->where, &ok);
		json_add_text(one, "what", f->what, &ok);
		json_add_text(one, "cure", f->cure, &ok);
	}
	if (out) {
		json_add_bool(out, "ok", !k->n, &ok);
		json_add(out, "findings", all, &ok);
	} else {
		cJSON_Delete(all);
	}
	ok = ok && !json_print(out, k->a);
	cJSON_Delete(out);
	return ok ? EXIT_DONE : cli_fail("out of memory");
}

int check_command(struct cmdline *c)
{
	struct checkup k = {.c = c, .a = &c->arena, .deploy = args_value(&c->args, "deploy")};
	int code = site_open(&k.site, c, c->args.rest[0]);

	k.last = &k.first;
	if (!code)
		code = look(&k);
	if (!code && args_value(&c->args, "json"))
		code = print_json(&k);
	else if (!code)
		print(&k);
	check_leave(&k);
	site_close(&k.site);
	return code ? code : k.n ? EXIT_FAILED : EXIT_DONE;
}
