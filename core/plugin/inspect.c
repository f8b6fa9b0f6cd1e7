#include "plugin/inspect.h"

#include <elf.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "cruet/error.h"
#include "plugin/elf.h"

enum { NAMES_MAX = 8 << 20 }; /* bytes of all names: many symbols may have one long one */

/* --- names ------------------------------------------------------------------------ */

static bool is_export(const struct elf_symbol *s)
{
	return s->exported && *s->name;
}

static bool is_unique(const struct elf_symbol *s)
{
	return is_export(s) && s->unique;
}

static int names(const struct elf *e, bool (*wanted)(const struct elf_symbol *),
		 struct arena *a, const char *const **out, const char **why)
{
	struct elf_symbol s;
	size_t n = 0, bytes = 0;

	for (size_t i = 1; elf_symbol(e, i, &s); i++)
		if (wanted(&s)) {
			n++;
			bytes += strlen(s.name);
		}
	if (bytes > NAMES_MAX) {
		*why = "exports more symbols than a plugin may have";
		return CRUET_ELIMIT;
	}
	const char **list = arena_array(a, n + 1, sizeof *list);
	n = 0;
	for (size_t i = 1; list && elf_symbol(e, i, &s); i++)
		if (wanted(&s) && !(list[n++] = arena_strdup(a, s.name)))
			return CRUET_ENOMEM;
	*out = list;
	return list ? CRUET_OK : CRUET_ENOMEM;
}

/* Functions that the compiler calls for it, such as __memcpy_chk. */
static void look_for_checks(const struct elf *e, struct inspection *out)
{
	struct elf_symbol s;

	for (size_t i = 1; elf_symbol(e, i, &s); i++) {
		if (s.defined || !text_starts(s.name, "__"))
			continue;
		if (text_starts(s.name, "__stack_chk_"))
			out->stack_protector = true;
		else
			out->fortify |= text_ends(s.name, "_chk");
	}
}

/* --- segments --------------------------------------------------------------------- */

static bool in_relro(const struct elf *e, uint64_t address)
{
	return address >= e->relro && address - e->relro < e->relro_size;
}

/* How much of a segment is made read-only. */
static uint64_t covered(const struct elf *e, const struct elf_segment *s)
{
	uint64_t from = e->relro > s->address ? e->relro : s->address;
	uint64_t relro_end = e->relro + e->relro_size, end = s->address + s->memory;

	end = relro_end < end ? relro_end : end;
	return end > from ? end - from : 0;
}

/* The table of functions that are bound when they are first called: no variables. */
static uint64_t lazy_table(const struct elf *e, const struct elf_segment *s)
{
	uint64_t at, bytes = 0;

	if (!elf_dynamic(e, DT_PLTGOT, 0, &at) || at < s->address ||
	    at - s->address >= s->memory || in_relro(e, at))
		return 0;
	elf_dynamic(e, DT_PLTRELSZ, 0, &bytes);
	uint64_t table = (3 + bytes / sizeof(Elf64_Rela)) * 8,
		 left = s->memory - (at - s->address);
	return table < left ? table : left;
}

static void look_at_segments(const struct elf *e, struct inspection *out)
{
	for (unsigned i = 0; i < e->nsegments; i++) {
		const struct elf_segment *s = &e->segments[i];
		if (!s->writable)
			continue;
		uint64_t bytes = s->memory - covered(e, s), table = lazy_table(e, s);
		out->writable_code |= s->executable;
		out->mutable_bytes += bytes > table ? bytes - table : 0;
	}
}

/* --- the dynamic section ---------------------------------------------------------- */

static bool flag(const struct elf *e, int64_t tag, uint64_t bit)
{
	uint64_t v;
	return elf_dynamic(e, tag, 0, &v) && v & bit;
}

static bool there(const struct elf *e, int64_t tag)
{
	uint64_t v;
	return elf_dynamic(e, tag, 0, &v);
}

static const char *run_path(const struct elf *e)
{
	uint64_t v;

	/* The older one does not count beside the newer one. */
	if (!elf_dynamic(e, DT_RUNPATH, 0, &v) && !elf_dynamic(e, DT_RPATH, 0, &v))
		return NULL;
	const char *path = elf_string(e, v);
	return path ? path : "?";
}

static void look_at_dynamic(const struct elf *e, struct inspection *out)
{
	out->bind_now = there(e, DT_BIND_NOW) || flag(e, DT_FLAGS, DF_BIND_NOW) ||
			flag(e, DT_FLAGS_1, DF_1_NOW);
	out->text_relocations = there(e, DT_TEXTREL) || flag(e, DT_FLAGS, DF_TEXTREL);
	out->exec_stack = e->exec_stack;
	out->relro = !e->relro_size  ? RELRO_NONE
		     : out->bind_now ? RELRO_FULL
				     : RELRO_PARTIAL;
}

int inspect(const void *image, size_t len, struct arena *a, struct inspection *out,
	    const char **why)
{
	struct elf e;

	*out = (struct inspection){.relro = RELRO_NONE};
	*why = NULL;
	if (!elf_open(&e, image, len, a, why))
		return *why ? CRUET_EINVAL : CRUET_ENOMEM;
	look_for_checks(&e, out);
	look_at_segments(&e, out);
	look_at_dynamic(&e, out);
	const char *path = run_path(&e);
	out->run_path = arena_strdup(a, path);
	if (path && !out->run_path)
		return CRUET_ENOMEM;
	int err = names(&e, is_export, a, &out->exports, why);
	return err ? err : names(&e, is_unique, a, &out->unique, why);
}
