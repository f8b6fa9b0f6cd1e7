#include "server/dossier.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/ctx.h"
#include "app/generation.h"
#include "app/option.h"
#include "base/logger.h"
#include "base/text.h"
#include "plugin/instance.h"
#include "server/crash_frames.h"
#include "server/debugger.h"
#include "service/db.h"
#include "service/session.h"

enum { SESSION_DEPTH = 6, SESSION_NAME = 256, SQL_FACTS = 200, NUMBER_TEXT = 32 };

struct head { /* before name and value, each of which ends with a NUL */
	uint32_t kind, name, value;
};

void dossier_init(struct dossier *d, char *p, size_t cap)
{
	*d = (struct dossier){.p = p, .cap = cap};
}

/* The length is written last: what is half there is not there. */
void dossier_add(struct dossier *d, enum fact_kind kind, const char *name, const char *value,
		 size_t len)
{
	struct head h = {.kind = kind, .name = (uint32_t)strnlen(name, DOSSIER_VALUE)};
	size_t max = kind == FACT_BODY ? DOSSIER_BODY : DOSSIER_VALUE;

	h.value = (uint32_t)(len < max ? len : max);
	size_t need = sizeof h + h.name + 1 + h.value + 1;
	if (!value || need > d->cap - d->n)
		return;
	char *to = d->p + d->n;
	memcpy(to, &h, sizeof h);
	to += sizeof h;
	memcpy(to, name, h.name);
	to[h.name] = '\0';
	memcpy(to + h.name + 1, value, h.value);
	to[h.name + 1 + h.value] = '\0';
	d->n += need;
}

static void add(struct dossier *d, enum fact_kind kind, const char *name, const char *value)
{
	if (value)
		dossier_add(d, kind, name, value, strlen(value));
}

/* printf() may take memory. */
static char *digits_before(char *end, uint64_t n)
{
	do
		*--end = (char)('0' + n % 10);
	while ((n /= 10));
	return end;
}

static char *digits(char *end, uint64_t n)
{
	*end = '\0';
	return digits_before(end, n);
}

static void add_number(struct dossier *d, enum fact_kind kind, const char *name, uint64_t n)
{
	char text[24];
	add(d, kind, name, digits(text + sizeof text - 1, n));
}

/* --- filling ---------------------------------------------------------------------------- */

void dossier_request(struct dossier *d, const cruet_ctx *c)
{
	const struct owner *o = c->scope ? c->scope->owner : NULL;

	if (c->head) {
		add(d, FACT_REQUEST, "method", c->head->method);
		add(d, FACT_REQUEST, "target", c->head->target);
	}
	add(d, FACT_REQUEST, "scheme", c->target.scheme);
	add(d, FACT_REQUEST, "host", c->target.written);
	add(d, FACT_REQUEST, "peer", c->target.peer);
	add(d, FACT_REQUEST, "id", c->name);
	if (c->endpoint) {
		add(d, FACT_REQUEST, "endpoint", c->endpoint->name);
		add(d, FACT_REQUEST, "route", c->match.rule ? c->match.rule->path : NULL);
		o = c->endpoint->entry->head.scope->owner;
	}
	add(d, FACT_REQUEST, "plugin", o ? o->name : NULL);
	if (c->gen)
		add_number(d, FACT_BUILD, "generation", c->gen->number);
	add(d, FACT_BUILD, "compiled by", atomic_load(&c->host->built_by));
	for (size_t i = 0; i < c->match.nargs; i++)
		add(d, FACT_ARGUMENT, c->match.args[i].name, c->match.args[i].value);
}

void dossier_head(struct dossier *d, const cruet_ctx *c)
{
	if (!c->head)
		return;
	for (size_t i = 0; i < c->head->nfields; i++)
		add(d, FACT_HEADER, c->head->fields[i].name, c->head->fields[i].value);
	add(d, FACT_REQUEST, "proxied", debug_guard_is_proxied(c) ? "yes" : "no");
}

void dossier_body(struct dossier *d, const cruet_ctx *c)
{
	if (c->form_parsed)
		for (size_t i = 0; i < c->form.n; i++)
			add(d, FACT_FORM, c->form.items[i].name, c->form.items[i].value);
	if (c->body_state == BODY_READ && c->body && c->body_len)
		dossier_add(d, FACT_BODY, "", c->body, c->body_len);
}

/* "-3.25": up to six digits behind the point, as "%f" has them and without what printf() may
 * take. What is larger than any count is not worth its digits. */
static const char *number(char text[NUMBER_TEXT], double n)
{
	double size = n < 0 ? -n : n;
	uint64_t whole, part;
	char *p = text + NUMBER_TEXT - 1;

	if (!(size < 1e18))
		return n < 0 ? "less than -10^18" : "10^18 or more";
	whole = (uint64_t)size;
	part = (uint64_t)((size - (double)whole) * 1e6 + 0.5);
	if (part == 1000000) {
		whole++;
		part = 0;
	}
	*p = '\0';
	if (part) {
		for (unsigned i = 0; i < 6; i++, part /= 10)
			if (part % 10 || *p)
				*--p = (char)('0' + part % 10);
		*--p = '.';
	}
	p = digits_before(p, whole);
	if (n < 0)
		*--p = '-';
	return p;
}

/* "cart.items.0": a path of names. */
static void add_tree(struct dossier *d, char name[SESSION_NAME], size_t n, const cJSON *j,
		     unsigned depth)
{
	size_t i = 0;

	if (cJSON_IsString(j)) {
		add(d, FACT_SESSION, name, j->valuestring);
	} else if (cJSON_IsNumber(j)) {
		char text[NUMBER_TEXT];
		add(d, FACT_SESSION, name, number(text, j->valuedouble));
	} else if (cJSON_IsBool(j)) {
		add(d, FACT_SESSION, name, cJSON_IsTrue(j) ? "true" : "false");
	} else if (cJSON_IsNull(j)) {
		add(d, FACT_SESSION, name, "null");
	}
	for (const cJSON *one = depth ? j->child : NULL; one; one = one->next, i++) {
		char number[24];
		const char *key = one->string ? one->string : digits(number + 23, i);
		size_t len = strnlen(key, SESSION_NAME);
		if (n + len + 2 > SESSION_NAME)
			continue;
		if (n)
			name[n] = '.';
		memcpy(name + n + (n > 0), key, len);
		name[n + (n > 0) + len] = '\0';
		add_tree(d, name, n + (n > 0) + len, one, depth - 1);
	}
	name[n] = '\0';
}

void dossier_session(struct dossier *d, const cruet_ctx *c)
{
	char name[SESSION_NAME] = "";
	const cJSON *data = session_seen(c);

	if (data)
		add_tree(d, name, 0, data, SESSION_DEPTH);
}

void dossier_sql(struct dossier *d, const cruet_ctx *c)
{
	unsigned n = 0;

	for (const struct db_said *s = db_said(c); s && n < SQL_FACTS; s = s->next, n++) {
		if (s->us < 0)
			add(d, FACT_SQL, s->sql, "");
		else
			add_number(d, FACT_SQL, s->sql, (uint64_t)s->us);
	}
}

static void add_secret_options(struct dossier *d, const struct owner *o)
{
	static const char plugins[] = "plugins.";
	char key[sizeof plugins + CRASH_NAME + CRASH_PATH];
	const cruet_plugin *p = o->plugin;
	const cruet_option *option;
	char *name = stpncpy(stpcpy(key, plugins), o->name, CRASH_NAME);

	*name = '\0';
	add(d, FACT_OPTION, key, "");
	*name++ = '.';
	for (size_t i = 0; (option = option_at(p->options, p->option_size, i)); i++)
		if (option->flags & CRUET_OPT_SECRET) {
			*stpncpy(name, option->name, CRASH_PATH - 1) = '\0';
			add(d, FACT_OPTION, key, "");
		}
}

void dossier_options(struct dossier *d, const cruet_app *root)
{
	const struct instance *in = frames_instances(root);

	for (unsigned n = 0; in && n < CRASH_PLUGINS; in = in->next, n++)
		add_secret_options(d, &in->owner);
}

static void add_line(void *arg, const char *line)
{
	add(arg, FACT_LOG, "", line);
}

void dossier_log(struct dossier *d, const struct log_recent *log)
{
	if (log)
		logger_recent(log, add_line, d);
}

/* --- reading ---------------------------------------------------------------------------- */

bool dossier_next(const struct dossier *d, size_t *at, struct fact *out)
{
	struct head h;

	if (*at > d->n || d->n - *at < sizeof h)
		return false;
	memcpy(&h, d->p + *at, sizeof h);
	size_t left = d->n - *at - sizeof h;
	const char *name = d->p + *at + sizeof h;
	if (h.kind < FACT_REQUEST || h.kind >= FACT_KINDS || h.name >= left ||
	    h.value >= left - h.name - 1)
		return false;
	*out = (struct fact){.kind = h.kind, .name = name, .value = name + h.name + 1, .len = h.value};
	if (name[h.name] || out->value[h.value])
		return false;
	*at += sizeof h + h.name + 1 + h.value + 1;
	return true;
}

const char *dossier_find(const struct dossier *d, enum fact_kind kind, const char *name)
{
	struct fact f;

	for (size_t at = 0; dossier_next(d, &at, &f);)
		if (f.kind == kind && !strcmp(f.name, name))
			return f.value;
	return NULL;
}
