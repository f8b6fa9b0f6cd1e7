#include <cjson/cJSON.h>

#include "cli/check.h"
#include "cli/json_out.h"
#include "cruet/error.h"

static void add_hardening(cJSON *to, const struct inspection *i, bool *ok)
{
	cJSON *out = cJSON_CreateObject();

	if (out) {
		json_add_text(out, "relro", relro_word(i->relro), ok);
		json_add_bool(out, "bind_now", i->bind_now, ok);
		json_add_bool(out, "executable_stack", i->exec_stack, ok);
		json_add_bool(out, "stack_protector", i->stack_protector, ok);
		json_add_bool(out, "fortify", i->fortify, ok);
		json_add_bool(out, "text_relocations", i->text_relocations, ok);
		json_add_bool(out, "writable_code", i->writable_code, ok);
		json_add_text(out, "run_path", i->run_path, ok);
		json_add_list(out, "unique_symbols", i->unique, ok);
		json_add_number(out, "mutable_bytes", (double)i->mutable_bytes, ok);
	}
	json_add(to, "hardening", out, ok);
}

static void add_facts(cJSON *to, const struct checked *k, bool *ok)
{
	json_add_plugin(to, k->facts.plugin, ok);
	json_add_list(to, "libraries", k->facts.libraries, ok);
	json_add_list(to, "imports", k->facts.imports, ok);
	json_add_list(to, "exports", k->inspection.exports, ok);
	json_add_list(to, "missing", k->missing, ok);
	json_add_text(to, "sha256", k->facts.sha256, ok);
	add_hardening(to, &k->inspection, ok);
}

bool check_json(const struct checked *k, struct arena *a)
{
	cJSON *out = cJSON_CreateObject();
	bool ok = out;

	if (out) {
		json_add_text(out, "file", k->path, &ok);
		json_add_text(out, "refused", k->refused, &ok);
		if (k->read)
			add_facts(out, k, &ok);
	}
	ok = ok && json_print(out, a) == CRUET_OK;
	cJSON_Delete(out);
	return ok;
}
