#include <cjson/cJSON.h>
#include <stdio.h>

#include "app/option.h"
#include "base/buf.h"
#include "cli/check.h"
#include "cruet/error.h"
#include "http/json_read.h"

/* A failure for want of memory leaves a member out, and *ok says so. */
static void add(cJSON *to, const char *name, cJSON *v, bool *ok)
{
	if (v && cJSON_AddItemToObject(to, name, v))
		return;
	cJSON_Delete(v);
	*ok = false;
}

static void add_text(cJSON *to, const char *name, const char *s, bool *ok)
{
	add(to, name, s ? cJSON_CreateString(s) : cJSON_CreateNull(), ok);
}

static void add_bool(cJSON *to, const char *name, bool v, bool *ok)
{
	add(to, name, cJSON_CreateBool(v), ok);
}

static void add_number(cJSON *to, const char *name, double v, bool *ok)
{
	add(to, name, cJSON_CreateNumber(v), ok);
}

static void add_list(cJSON *to, const char *name, const char *const *list, bool *ok)
{
	cJSON *out = cJSON_CreateArray();

	for (; out && list && *list; list++) {
		cJSON *one = cJSON_CreateString(*list);
		if (!one || !cJSON_AddItemToArray(out, one)) {
			cJSON_Delete(one);
			*ok = false;
		}
	}
	add(to, name, out, ok);
}

static cJSON *option_json(const cruet_option *o, bool *ok)
{
	cJSON *out = cJSON_CreateObject();

	if (!out)
		return NULL;
	add_text(out, "name", o->name, ok);
	add_text(out, "type", option_kind(o), ok);
	add_text(out, "default", o->def, ok);
	add_text(out, "choices", o->choices, ok);
	add_text(out, "help", o->help, ok);
	if (o->flags & CRUET_OPT_BOUNDS) {
		add_number(out, "min", (double)o->min, ok);
		add_number(out, "max", (double)o->max, ok);
	}
	add_bool(out, "required", o->flags & CRUET_OPT_REQUIRED, ok);
	add_bool(out, "secret", o->flags & CRUET_OPT_SECRET, ok);
	return out;
}

static void add_options(cJSON *to, const cruet_plugin *p, bool *ok)
{
	cJSON *out = cJSON_CreateArray();
	const cruet_option *o;

	for (size_t i = 0; out && (o = option_at(p->options, p->option_size, i)); i++) {
		cJSON *one = option_json(o, ok);
		if (!one || !cJSON_AddItemToArray(out, one)) {
			cJSON_Delete(one);
			*ok = false;
		}
	}
	add(to, "options", out, ok);
}

static void add_hardening(cJSON *to, const struct inspection *i, bool *ok)
{
	cJSON *out = cJSON_CreateObject();

	if (out) {
		add_text(out, "relro", relro_word(i->relro), ok);
		add_bool(out, "bind_now", i->bind_now, ok);
		add_bool(out, "executable_stack", i->exec_stack, ok);
		add_bool(out, "stack_protector", i->stack_protector, ok);
		add_bool(out, "fortify", i->fortify, ok);
		add_bool(out, "text_relocations", i->text_relocations, ok);
		add_bool(out, "writable_code", i->writable_code, ok);
		add_text(out, "run_path", i->run_path, ok);
		add_list(out, "unique_symbols", i->unique, ok);
		add_number(out, "mutable_bytes", (double)i->mutable_bytes, ok);
	}
	add(to, "hardening", out, ok);
}

static void add_facts(cJSON *to, const struct checked *k, bool *ok)
{
	const cruet_plugin *p = k->facts.plugin;

	add_text(to, "name", p->name, ok);
	add_text(to, "version", p->version, ok);
	add_text(to, "summary", p->summary, ok);
	add_number(to, "abi", p->abi, ok);
	add_bool(to, "unloadable", p->flags & CRUET_UNLOADABLE, ok);
	add_bool(to, "repeatable", p->flags & CRUET_REPEATABLE, ok);
	add_list(to, "needs", p->needs, ok);
	add_list(to, "provides", p->provides, ok);
	add_list(to, "after", p->after, ok);
	add_options(to, p, ok);
	add_list(to, "libraries", k->facts.libraries, ok);
	add_list(to, "imports", k->facts.imports, ok);
	add_list(to, "exports", k->inspection.exports, ok);
	add_list(to, "missing", k->missing, ok);
	add_text(to, "sha256", k->facts.sha256, ok);
	add_hardening(to, &k->inspection, ok);
}

bool check_json(const struct checked *k, struct arena *a)
{
	cJSON *out = cJSON_CreateObject();
	bool ok = out;
	struct buf b;

	buf_init(&b, a, 0);
	if (out) {
		add_text(out, "file", k->path, &ok);
		add_text(out, "refused", k->refused, &ok);
		if (k->read)
			add_facts(out, k, &ok);
		ok = ok && json_write(&b, out, 2) == CRUET_OK && !buf_err(&b);
	}
	if (ok)
		puts(b.p);
	cJSON_Delete(out);
	return ok;
}
