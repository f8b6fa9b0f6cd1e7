/* Plugin files from hostile hands: nothing of them runs, and what is read of them is
 * whole. An input is the file. */
#include "fuzz.h"

#include "base/text.h"
#include "cruet/error.h"
#include "plugin/elf.h"
#include "plugin/facts.h"
#include "plugin/inspect.h"

static void check_list(const char *const *list)
{
	for (; list && *list; list++)
		CHECK(strlen(*list) < 1 << 16);
}

static void check_facts(const struct facts *f)
{
	const cruet_plugin *p = f->plugin;

	CHECK(text_starts(f->symbol, "cruet_plugin_"));
	CHECK(!strcmp(p->name, f->symbol + strlen("cruet_plugin_")));
	CHECK(p->abi == CRUET_PLUGIN_ABI && p->core == cruet_core_id);
	CHECK(p->option_size == sizeof(cruet_option));
	CHECK(strlen(f->sha256) == 64);
	check_list(p->needs);
	check_list(p->provides);
	check_list(p->after);
	check_list(f->libraries);
	check_list(f->imports);
	for (const cruet_option *o = p->options; o && o->name; o++)
		CHECK(strlen(o->name) + strlen(o->help ? o->help : "") < 1 << 17);
}

static void check_inspection(const struct inspection *i)
{
	check_list(i->exports);
	check_list(i->unique);
	CHECK(i->relro != RELRO_FULL || i->bind_now);
	CHECK(!i->run_path || strlen(i->run_path) < 1 << 16);
}

static bool inside(const struct elf *e, const void *p, size_t n)
{
	const unsigned char *at = p;
	return at >= e->image && n <= e->len && at <= e->image + e->len - n;
}

static bool text_inside(const struct elf *e, const char *s)
{
	return inside(e, s, 1) && inside(e, s, strlen(s) + 1);
}

static void check_elf(const struct elf *e)
{
	struct elf_symbol s;
	uint64_t v, target;
	const char *import;

	for (size_t i = 0; i < e->nsyms && i < 300; i++) {
		if (!elf_symbol(e, i, &s))
			continue;
		CHECK(!*s.name || text_inside(e, s.name));
		const void *p = elf_at(e, s.value, s.size);
		CHECK(!p || inside(e, p, s.size));
		if (elf_pointer(e, s.value, &target, &import))
			CHECK(!import || (!target && text_inside(e, import)));
	}
	for (size_t i = 0; elf_dynamic(e, 1, i, &v) && i < 300; i++) {
		const char *text = elf_string(e, v);
		CHECK(!text || text_inside(e, text));
	}
	CHECK(!elf_at(e, UINT64_MAX, 1) && !elf_at(e, 0, SIZE_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	struct inspection i;
	struct facts f;
	struct elf e;
	struct arena a;

	arena_init(&a, 4096);
	int err = facts_read(data, size, NULL, &a, &f, &why);
	CHECK(!err == !why);
	if (err)
		CHECK(*why);
	else
		check_facts(&f);
	if (inspect(data, size, &a, &i, &why) == CRUET_OK)
		check_inspection(&i);
	else
		CHECK(why && *why);
	why = NULL;
	if (elf_open(&e, data, size, &a, &why)) {
		check_elf(&e);
		CHECK(elf_check(&e, &why) || (err && *why));
	} else {
		CHECK(err && why);
	}
	arena_fini(&a);
	return 0;
}
