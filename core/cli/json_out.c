#include "cli/json_out.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "app/option.h"
#include "base/buf.h"
#include "cli/describe.h"
#include "http/json_read.h"

void json_add(cJSON *to, const char *name, cJSON *v, bool *ok)
{
	if (v && cJSON_AddItemToObject(to, name, v))
		return;
	cJSON_Delete(v);
	*ok = false;
}

void json_push(cJSON *to, cJSON *v, bool *ok)
{
	if (v && cJSON_AddItemToArray(to, v))
		return;
	cJSON_Delete(v);
	*ok = false;
}

void json_add_text(cJSON *to, const char *name, const char *s, bool *ok)
{
	json_add(to, name, s ? cJSON_CreateString(s) : cJSON_CreateNull(), ok);
}

void json_add_bool(cJSON *to, const char *name, bool v, bool *ok)
{
	json_add(to, name, cJSON_CreateBool(v), ok);
}

void json_add_number(cJSON *to, const char *name, double v, bool *ok)
{
	json_add(to, name, cJSON_CreateNumber(v), ok);
}

void json_add_list(cJSON *to, const char *name, const char *const *list, bool *ok)
{
	cJSON *out = cJSON_CreateArray();

	for (; out && list && *list; list++)
		json_push(out, cJSON_CreateString(*list), ok);
	json_add(to, name, out, ok);
}

static cJSON *option_json(const cruet_option *o, bool *ok)
{
	cJSON *out = cJSON_CreateObject();

	if (!out)
		return NULL;
	json_add_text(out, "name", o->name, ok);
	json_add_text(out, "type", option_kind(o), ok);
	json_add_text(out, "default", describe_default(o), ok);
	json_add_text(out, "choices", o->choices, ok);
	json_add_text(out, "help", o->help, ok);
	if (o->flags & CRUET_OPT_BOUNDS) {
		json_add_number(out, "min", (double)o->min, ok);
		json_add_number(out, "max", (double)o->max, ok);
	}
	json_add_bool(out, "required", o->flags & CRUET_OPT_REQUIRED, ok);
	json_add_bool(out, "secret", o->flags & CRUET_OPT_SECRET, ok);
	return out;
}

static void add_options(cJSON *to, const cruet_plugin *p, bool *ok)
{
	cJSON *out = cJSON_CreateArray();
	const cruet_option *o;

	for (size_t i = 0; out && (o = option_at(p->options, p->option_size, i)); i++)
		json_push(out, option_json(o, ok), ok);
	json_add(to, "options", out, ok);
}

void json_add_plugin(cJSON *to, const cruet_plugin *p, bool *ok)
{
	json_add_text(to, "name", p->name, ok);
	json_add_text(to, "version", p->version, ok);
	json_add_text(to, "summary", p->summary, ok);
	json_add_number(to, "abi", p->abi, ok);
	json_add_bool(to, "unloadable", p->flags & CRUET_UNLOADABLE, ok);
	json_add_bool(to, "repeatable", p->flags & CRUET_REPEATABLE, ok);
	json_add_list(to, "needs", p->needs, ok);
	json_add_list(to, "provides", p->provides, ok);
	json_add_list(to, "after", p->after, ok);
	add_options(to, p, ok);
}

int json_print(const cJSON *v, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	int err = json_write(&b, v, 2);
	if (!err)
		puts(b.p);
	return err;
}
