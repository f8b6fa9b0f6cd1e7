/* What the dynamic linker takes on trust. It follows tables without asking whether they
 * lead anywhere, so a damaged file would end the process inside of dlopen(): one that
 * serves, too, when a plugin is replaced. Each of these is an address, an index or an
 * offset that it uses unseen. */
#include <string.h>

#include "plugin/elf_priv.h"

#if defined(__aarch64__)
enum { PAGE = 1 << 16 }; /* the largest one */
static const uint32_t kinds[] = {R_AARCH64_NONE,       R_AARCH64_ABS64,
				 R_AARCH64_GLOB_DAT,   R_AARCH64_JUMP_SLOT,
				 R_AARCH64_RELATIVE,   R_AARCH64_TLS_DTPMOD,
				 R_AARCH64_TLS_DTPREL, R_AARCH64_TLS_TPREL,
				 R_AARCH64_TLSDESC,    R_AARCH64_IRELATIVE};
enum { INDIRECT = R_AARCH64_IRELATIVE };
#else
enum { PAGE = 1 << 12 };
static const uint32_t kinds[] = {R_X86_64_NONE,	     R_X86_64_64,	R_X86_64_GLOB_DAT,
				 R_X86_64_JUMP_SLOT, R_X86_64_RELATIVE, R_X86_64_DTPMOD64,
				 R_X86_64_DTPOFF64,  R_X86_64_TPOFF64,	R_X86_64_TLSDESC,
				 R_X86_64_IRELATIVE};
enum { INDIRECT = R_X86_64_IRELATIVE };
#endif

enum { VERSION_MAX = 0x7fff, CHAIN_MAX = 1 << 16 };

static bool fail(const char **why, const char *text)
{
	*why = text;
	return false;
}

/* --- places ----------------------------------------------------------------------- */

/* The segment that has all len bytes, in memory. */
static const struct elf_segment *segment_of(const struct elf *e, uint64_t at,
					    uint64_t len)
{
	for (unsigned i = 0; i < e->nsegments; i++) {
		const struct elf_segment *s = &e->segments[i];
		if (at >= s->address && at - s->address < s->memory &&
		    len <= s->memory - (at - s->address))
			return s;
	}
	return NULL;
}

bool elf_is_code(const struct elf *e, uint64_t at)
{
	const struct elf_segment *s = segment_of(e, at, 1);
	return s && s->executable;
}

static bool is_writable(const struct elf *e, uint64_t at, uint64_t len)
{
	const struct elf_segment *s = segment_of(e, at, len);
	return s && s->writable;
}

/* Whole pages are made read-only, so its end may be that of the segment's last one. */
static bool check_relro(const struct elf *e)
{
	const struct elf_segment *s = segment_of(e, e->relro, 1);

	if (!e->relro_size)
		return true;
	uint64_t end =
		s ? (s->address + s->memory + PAGE - 1) & ~(uint64_t)(PAGE - 1) : 0;
	return s && s->writable && e->relro + e->relro_size <= end;
}

static bool check_segments(const struct elf *e, const char **why)
{
	for (unsigned i = 0; i < e->nsegments; i++) {
		const struct elf_segment *s = &e->segments[i];
		if (!s->readable || (!s->writable && s->memory != s->size))
			return fail(why, "has malformed program headers");
	}
	return check_relro(e) || fail(why, "has malformed program headers");
}

/* --- the dynamic section ---------------------------------------------------------- */

/* All texts that the dynamic section names end in the string table. */
static bool check_texts(const struct elf *e)
{
	static const int64_t tags[] = {DT_NEEDED, DT_SONAME,	DT_RPATH, DT_RUNPATH,
				       DT_FILTER, DT_AUXILIARY, DT_AUDIT, DT_DEPAUDIT};
	const char *end = e->strsz ? elf_at(e, e->strtab, e->strsz) : NULL;
	uint64_t v;

	if (!end || end[e->strsz - 1])
		return false;
	for (size_t k = 0; k < sizeof tags / sizeof *tags; k++)
		for (size_t i = 0; elf_dynamic(e, tags[k], i, &v); i++)
			if (v >= e->strsz)
				return false;
	return true;
}

/* A list of functions that are called: what will stand there is code. */
static bool check_calls(const struct elf *e, int64_t tag, int64_t size_tag)
{
	uint64_t at, bytes, target;
	const char *import;

	if (!elf_dynamic(e, tag, 0, &at))
		return true;
	if (!elf_dynamic(e, size_tag, 0, &bytes) || (bytes && !elf_at(e, at, bytes)))
		return false;
	for (uint64_t i = 0; i < bytes / 8; i++)
		if (!elf_pointer(e, at + i * 8, &target, &import) ||
		    (!import && !elf_is_code(e, target)))
			return false;
	return true;
}

static bool check_call(const struct elf *e, int64_t tag)
{
	uint64_t at;
	return !elf_dynamic(e, tag, 0, &at) || elf_is_code(e, at);
}

static bool check_dynamic(const struct elf *e, const char **why)
{
	if (!is_writable(e, e->dynamic, (e->ndynamic + 1) * sizeof(Elf64_Dyn)) ||
	    !check_texts(e) || !check_call(e, DT_INIT) || !check_call(e, DT_FINI) ||
	    !check_calls(e, DT_INIT_ARRAY, DT_INIT_ARRAYSZ) ||
	    !check_calls(e, DT_FINI_ARRAY, DT_FINI_ARRAYSZ))
		return fail(why, "has a malformed dynamic section");
	return true;
}

/* --- symbols ---------------------------------------------------------------------- */

static bool check_symbol(const struct elf *e, size_t i)
{
	Elf64_Sym s;

	if (!elf_get(e, e->symtab + i * sizeof s, &s, sizeof s) || s.st_name >= e->strsz)
		return false;
	/* One that is looked for in no other file. */
	if (i && s.st_shndx == SHN_UNDEF &&
	    (ELF64_ST_BIND(s.st_info) == STB_LOCAL ||
	     ELF64_ST_VISIBILITY(s.st_other) == STV_HIDDEN ||
	     ELF64_ST_VISIBILITY(s.st_other) == STV_INTERNAL))
		return false;
	/* One that is called to learn where the function is. */
	return ELF64_ST_TYPE(s.st_info) != STT_GNU_IFUNC || s.st_shndx == SHN_UNDEF ||
	       elf_is_code(e, s.st_value);
}

static bool check_symbols(const struct elf *e, const char **why)
{
	for (size_t i = 0; i < e->nsyms; i++)
		if (!check_symbol(e, i))
			return fail(why, "has a malformed symbol table");
	return true;
}

/* --- hash tables ----------------------------------------------------------------------
 */

static bool check_gnu_hash(const struct elf *e, uint64_t at)
{
	struct {
		uint32_t buckets, first, bloom, shift;
	} head;
	uint32_t v;

	if (!elf_get(e, at, &head, sizeof head) || !head.buckets || !head.bloom ||
	    head.bloom & (head.bloom - 1) || head.bloom > e->len || head.buckets > e->len)
		return false;
	uint64_t buckets = at + sizeof head + (uint64_t)head.bloom * 8;
	for (uint32_t i = 0; i < head.buckets; i++)
		if (!elf_get(e, buckets + (uint64_t)i * 4, &v, sizeof v) ||
		    (v && (v < head.first || v >= e->nsyms)))
			return false;
	return true;
}

static bool check_sysv_hash(const struct elf *e, uint64_t at)
{
	struct {
		uint32_t buckets, chains;
	} head;
	size_t steps = 0;
	uint32_t v;

	if (!elf_get(e, at, &head, sizeof head))
		return false;
	uint64_t buckets = at + sizeof head,
		 chains = buckets + (uint64_t)head.buckets * 4;
	for (uint32_t i = 0; i < head.buckets; i++) {
		if (!elf_get(e, buckets + (uint64_t)i * 4, &v, sizeof v))
			return false;
		for (; v; steps++) /* a chain that leads back into itself has no end */
			if (v >= e->nsyms || steps > e->nsyms ||
			    !elf_get(e, chains + (uint64_t)v * 4, &v, sizeof v))
				return false;
	}
	return true;
}

static bool check_hashes(const struct elf *e, const char **why)
{
	uint64_t at;

	if ((elf_dynamic(e, DT_GNU_HASH, 0, &at) && !check_gnu_hash(e, at)) ||
	    (elf_dynamic(e, DT_HASH, 0, &at) && !check_sysv_hash(e, at)))
		return fail(why, "has a malformed hash table");
	return true;
}

/* --- versions of symbols ---------------------------------------------------------- */

/* A library that versions are wanted of is one of those that it needs. */
static bool is_needed(const struct elf *e, const char *library)
{
	uint64_t v;

	for (size_t i = 0; elf_dynamic(e, DT_NEEDED, i, &v); i++) {
		const char *s = elf_string(e, v);
		if (s && !strcmp(s, library))
			return true;
	}
	return false;
}

static bool check_need(const struct elf *e, uint64_t at, const Elf64_Verneed *n,
		       uint32_t *high)
{
	const char *library = elf_string(e, n->vn_file);
	Elf64_Vernaux a;

	if (n->vn_version != 1 || !library || !is_needed(e, library))
		return false;
	at += n->vn_aux;
	for (unsigned i = 0; i < CHAIN_MAX;
	     i++, at += a.vna_next) { /* nobody counts them */
		if (!elf_get(e, at, &a, sizeof a) || a.vna_name >= e->strsz)
			return false;
		uint32_t index = a.vna_other & VERSION_MAX;
		*high = index > *high ? index : *high;
		if (!a.vna_next)
			return true;
	}
	return false;
}

static bool check_needs(const struct elf *e, uint32_t *high)
{
	Elf64_Verneed n;
	uint64_t at;

	if (!elf_dynamic(e, DT_VERNEED, 0, &at))
		return true;
	for (unsigned i = 0; i < CHAIN_MAX; i++, at += n.vn_next) {
		if (!elf_get(e, at, &n, sizeof n) || !check_need(e, at, &n, high))
			return false;
		if (!n.vn_next)
			return true;
	}
	return false;
}

static bool check_definitions(const struct elf *e, uint32_t *high)
{
	Elf64_Verdef d;
	Elf64_Verdaux a;
	uint64_t at;

	if (!elf_dynamic(e, DT_VERDEF, 0, &at))
		return true;
	for (unsigned i = 0; i < CHAIN_MAX; i++, at += d.vd_next) {
		if (!elf_get(e, at, &d, sizeof d) || d.vd_version != 1 ||
		    !elf_get(e, at + d.vd_aux, &a, sizeof a) || a.vda_name >= e->strsz)
			return false;
		uint32_t index = d.vd_ndx & VERSION_MAX;
		*high = index > *high ? index : *high;
		if (!d.vd_next)
			return true;
	}
	return false;
}

static bool check_versions(const struct elf *e, const char **why)
{
	uint32_t high = 1; /* 0 and 1: of no version */
	uint64_t at;
	uint16_t v;

	if (!check_needs(e, &high) || !check_definitions(e, &high))
		return fail(why, "has malformed symbol versions");
	if (high > 1 && !elf_dynamic(e, DT_VERSYM, 0, &at))
		return fail(why, "has malformed symbol versions");
	for (size_t i = 0; elf_dynamic(e, DT_VERSYM, 0, &at) && i < e->nsyms; i++)
		if (!elf_get(e, at + i * 2, &v, sizeof v) || (v & VERSION_MAX) > high)
			return fail(why, "has malformed symbol versions");
	return true;
}

/* --- relocations ------------------------------------------------------------------ */

static bool is_kind(uint32_t type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i] == type)
			return true;
	return false;
}

static bool check_relocation(const struct elf *e, const struct elf_relocation *r,
			     bool anywhere)
{
	uint64_t len = 8;

	if (!is_kind(r->type) || r->symbol >= (e->nsyms ? e->nsyms : 1))
		return false;
	if (r->type == INDIRECT && !elf_is_code(e, r->addend))
		return false;
	return anywhere ? segment_of(e, r->at, len) != NULL : is_writable(e, r->at, len);
}

/* Functions that are bound when they are first called. */
static bool check_lazy(const struct elf *e, bool anywhere)
{
	uint64_t at, bytes;
	Elf64_Rela r;

	if (!elf_dynamic(e, DT_JMPREL, 0, &at))
		return true;
	if (!elf_dynamic(e, DT_PLTRELSZ, 0, &bytes) || (bytes && !elf_at(e, at, bytes)))
		return false;
	for (uint64_t i = 0; i < bytes / sizeof r; i++) {
		if (!elf_get(e, at + i * sizeof r, &r, sizeof r))
			return false;
		const struct elf_relocation one = elf_relocation_of(&r);
		if (!check_relocation(e, &one, anywhere))
			return false;
	}
	return true;
}

/* The linker does the first so many without looking at their kind. */
static bool check_count(const struct elf *e)
{
	uint64_t at, bytes = 0, n;
	Elf64_Rela r;

	if (!elf_dynamic(e, DT_RELACOUNT, 0, &n))
		return true;
	elf_dynamic(e, DT_RELASZ, 0, &bytes);
	if (!elf_dynamic(e, DT_RELA, 0, &at) || n > bytes / sizeof r)
		return false;
	for (uint64_t i = 0; i < n; i++)
		if (!elf_get(e, at + i * sizeof r, &r, sizeof r) ||
		    ELF64_R_TYPE(r.r_info) != ELF_RELATIVE)
			return false;
	return true;
}

static bool check_relocations(const struct elf *e, const char **why)
{
	uint64_t v;
	bool anywhere = elf_dynamic(e, DT_TEXTREL, 0, &v) ||
			(elf_dynamic(e, DT_FLAGS, 0, &v) && v & DF_TEXTREL);

	for (size_t i = 0; i < e->nrelocations; i++)
		if (!check_relocation(e, &e->relocations[i], anywhere))
			return fail(why, "has a malformed relocation table");
	if (!check_lazy(e, anywhere) || !check_count(e))
		return fail(why, "has a malformed relocation table");
	return true;
}

bool elf_check(const struct elf *e, const char **why)
{
	return check_segments(e, why) && check_dynamic(e, why) && check_symbols(e, why) &&
	       check_hashes(e, why) && check_versions(e, why) &&
	       check_relocations(e, why);
}
