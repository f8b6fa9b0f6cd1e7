/* The program headers say where bytes of the file come to stand, the dynamic
 * section where symbols, texts and relocations are. Only those two are believed,
 * as the dynamic linker does; section headers are not looked at.
 *
 * What the dynamic linker itself takes on trust (an entry size, the end of the
 * dynamic section) is checked as well: it would end the process. */
#include "plugin/elf.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "plugin/elf_priv.h"

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64, REL_ABS = R_X86_64_64, REL_GLOB = R_X86_64_GLOB_DAT };
#elif defined(__aarch64__)
enum { MACHINE = EM_AARCH64, REL_ABS = R_AARCH64_ABS64, REL_GLOB = R_AARCH64_GLOB_DAT };
#else
#error "the plugin loader knows x86-64 and aarch64"
#endif

enum {
	HEADERS_MAX = 256,
	DYNAMIC_MAX = 4096,
	SYMBOLS_MAX = 1 << 20,
	TEXT_MAX = 1 << 16,
	NAME_LIMIT = 4096
};

static bool fail(const char **why, const char *text)
{
	*why = text;
	return false;
}

/* Copies a struct out of the file: the image may be unaligned. */
static bool get(const struct elf *e, uint64_t off, void *out, size_t n)
{
	if (off > e->len || n > e->len - off)
		return false;
	memcpy(out, e->image + off, n);
	return true;
}

bool elf_get(const struct elf *e, uint64_t address, void *out, size_t n)
{
	const void *p = elf_at(e, address, n);
	if (p)
		memcpy(out, p, n);
	return p;
}

/* The bytes from an address to the end of its segment. */
static const char *rest_at(const struct elf *e, uint64_t address, size_t *left)
{
	for (unsigned i = 0; i < e->nsegments; i++) {
		const struct elf_segment *s = &e->segments[i];
		if (address >= s->address && address - s->address < s->size) {
			*left = s->size - (address - s->address);
			return (const char *)e->image + s->offset + (address - s->address);
		}
	}
	return NULL;
}

const void *elf_at(const struct elf *e, uint64_t address, size_t len)
{
	size_t left;
	const char *p = rest_at(e, address, &left);
	return p && len <= left ? p : NULL;
}

static const char *bounded_text(const struct elf *e, uint64_t address, size_t max)
{
	size_t left;
	const char *s = rest_at(e, address, &left);
	return s && memchr(s, 0, left < max ? left : max) ? s : NULL;
}

const char *elf_text(const struct elf *e, uint64_t address)
{
	return bounded_text(e, address, TEXT_MAX);
}

const char *elf_string(const struct elf *e, uint64_t offset)
{
	return offset < e->strsz ? elf_text(e, e->strtab + offset) : NULL;
}

bool elf_dynamic(const struct elf *e, int64_t tag, size_t i, uint64_t *value)
{
	Elf64_Dyn d;

	for (size_t k = 0; k < e->ndynamic; k++) {
		if (!elf_get(e, e->dynamic + k * sizeof d, &d, sizeof d))
			return false;
		if (d.d_tag == tag && i-- == 0) {
			*value = d.d_un.d_val;
			return true;
		}
	}
	return false;
}

/* --- symbols ---------------------------------------------------------------------- */

/* The highest index that a bucket of the hash table begins with. */
static bool last_bucket(const struct elf *e, uint64_t buckets, uint32_t n, size_t *last)
{
	uint32_t v;

	for (uint32_t i = 0; i < n; i++) {
		if (!elf_get(e, buckets + (uint64_t)i * 4, &v, sizeof v))
			return false;
		if (v > *last)
			*last = v;
	}
	return true;
}

static size_t count_gnu(const struct elf *e, uint64_t table)
{
	struct { uint32_t buckets, first, bloom, shift; } head;
	uint32_t v;

	if (!elf_get(e, table, &head, sizeof head) || head.buckets > SYMBOLS_MAX ||
	    head.bloom > SYMBOLS_MAX || head.first > SYMBOLS_MAX)
		return 0;
	uint64_t buckets = table + sizeof head + (uint64_t)head.bloom * 8;
	uint64_t chains = buckets + (uint64_t)head.buckets * 4;
	size_t last = 0;
	if (!last_bucket(e, buckets, head.buckets, &last))
		return 0;
	if (last < head.first)
		return head.first; /* exports nothing */
	for (; last < SYMBOLS_MAX; last++) {
		if (!elf_get(e, chains + (last - head.first) * 4, &v, sizeof v))
			return 0;
		if (v & 1) /* the end of a chain, and so of the last one */
			return last + 1;
	}
	return 0;
}

/* How many symbols there are: only the hash tables know. */
static size_t count_symbols(const struct elf *e)
{
	struct { uint32_t buckets, chains; } head;
	uint64_t at;

	if (elf_dynamic(e, DT_HASH, 0, &at))
		return elf_get(e, at, &head, sizeof head) && head.chains <= SYMBOLS_MAX
			       ? head.chains
			       : 0;
	return elf_dynamic(e, DT_GNU_HASH, 0, &at) ? count_gnu(e, at) : 0;
}

bool elf_symbol(const struct elf *e, size_t i, struct elf_symbol *out)
{
	Elf64_Sym s;

	if (i >= e->nsyms || !elf_get(e, e->symtab + i * sizeof s, &s, sizeof s))
		return false;
	const char *name =
		s.st_name < e->strsz ? bounded_text(e, e->strtab + s.st_name, NAME_LIMIT) : NULL;
	out->name = name ? name : "";
	out->value = s.st_value;
	out->size = s.st_size;
	out->defined = s.st_shndx != SHN_UNDEF;
	out->unique = ELF64_ST_BIND(s.st_info) == STB_GNU_UNIQUE;
	out->data = ELF64_ST_TYPE(s.st_info) == STT_OBJECT;
	out->weak = ELF64_ST_BIND(s.st_info) == STB_WEAK;
	out->exported = out->defined && ELF64_ST_BIND(s.st_info) != STB_LOCAL &&
			(ELF64_ST_VISIBILITY(s.st_other) == STV_DEFAULT ||
			 ELF64_ST_VISIBILITY(s.st_other) == STV_PROTECTED);
	return true;
}

/* --- pointers ---------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const uint64_t *at = a, *than = b; /* "at" is the first member */
	return *at < *than ? -1 : *at > *than;
}

static const struct elf_relocation *relocation_at(const struct elf *e, uint64_t at)
{
	if (!e->nrelocations)
		return NULL;
	return bsearch(&at, e->relocations, e->nrelocations, sizeof *e->relocations, by_place);
}

/* Two relocations of one place: what counts depends on the linker's order. */
static bool doubled(const struct elf *e, const struct elf_relocation *r)
{
	const struct elf_relocation *end = e->relocations + e->nrelocations;
	return (r > e->relocations && r[-1].at == r->at) || (r + 1 < end && r[1].at == r->at);
}

bool elf_pointer(const struct elf *e, uint64_t at, uint64_t *target, const char **import)
{
	const struct elf_relocation *r = relocation_at(e, at);
	struct elf_symbol s;

	*target = 0;
	*import = NULL;
	if (!r) /* nothing will be written there: only NULL makes sense */
		return elf_get(e, at, target, sizeof *target) && !*target;
	if (doubled(e, r))
		return false;
	switch (r->type) {
	case ELF_RELATIVE:
		*target = r->addend;
		return true;
	case REL_ABS:
	case REL_GLOB:
		if (!elf_symbol(e, r->symbol, &s) || !*s.name)
			return false;
		if (s.defined)
			*target = s.value + r->addend;
		else
			*import = s.name;
		return true;
	default:
		return false;
	}
}

bool elf_relocated(const struct elf *e, uint64_t at, size_t len)
{
	const uint64_t first = at < 7 ? 0 : at - 7; /* eight bytes are written at a place */
	size_t from = 0, to = e->nrelocations;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (e->relocations[middle].at < first)
			from = middle + 1;
		else
			to = middle;
	}
	return from < e->nrelocations && e->relocations[from].at - first < len + (at - first);
}

/* --- opening ----------------------------------------------------------------------- */

static bool add_segment(struct elf *e, const Elf64_Phdr *p, uint64_t *end, const char **why)
{
	if (p->p_offset > e->len || p->p_filesz > e->len - p->p_offset)
		return fail(why, "is cut short: a segment is missing");
	if (p->p_filesz > p->p_memsz || p->p_memsz > UINT64_MAX - p->p_vaddr ||
	    p->p_vaddr < *end || e->nsegments == ELF_SEGMENTS_MAX)
		return fail(why, "has malformed program headers");
	*end = p->p_vaddr + p->p_memsz;
	e->segments[e->nsegments++] = (struct elf_segment){
		.address = p->p_vaddr,
		.offset = p->p_offset,
		.size = p->p_filesz,
		.memory = p->p_memsz,
		.readable = p->p_flags & PF_R,
		.writable = p->p_flags & PF_W,
		.executable = p->p_flags & PF_X,
	};
	return true;
}

static bool read_program_headers(struct elf *e, const Elf64_Ehdr *h, const char **why)
{
	Elf64_Phdr p, dynamic = {.p_filesz = 0};
	uint64_t end = 0;

	for (unsigned i = 0; i < h->e_phnum; i++) {
		if (h->e_phoff > e->len || !get(e, h->e_phoff + i * sizeof p, &p, sizeof p))
			return fail(why, "is cut short: its program headers are missing");
		if (p.p_type == PT_LOAD && !add_segment(e, &p, &end, why))
			return false;
		if (p.p_type == PT_DYNAMIC)
			dynamic = p;
		if (p.p_type == PT_GNU_STACK)
			e->exec_stack = p.p_flags & PF_X;
		if (p.p_type == PT_GNU_RELRO && p.p_memsz <= UINT64_MAX - p.p_vaddr) {
			e->relro = p.p_vaddr;
			e->relro_size = p.p_memsz;
		}
	}
	if (!dynamic.p_filesz)
		return fail(why, "has no dynamic section: it is no shared object");
	e->dynamic = dynamic.p_vaddr;
	for (size_t i = 0; i < DYNAMIC_MAX && i < dynamic.p_filesz / sizeof(Elf64_Dyn); i++) {
		Elf64_Dyn d;
		if (!elf_get(e, e->dynamic + i * sizeof d, &d, sizeof d))
			break;
		if (d.d_tag == DT_NULL) {
			e->ndynamic = i;
			return true;
		}
	}
	return fail(why, "has a malformed dynamic section");
}

/* A table whose entries must have that size, which the dynamic linker asserts. */
static bool entry_size(const struct elf *e, int64_t table, int64_t tag, uint64_t size)
{
	uint64_t v;
	return !elf_dynamic(e, table, 0, &v) || (elf_dynamic(e, tag, 0, &v) && v == size);
}

static bool read_dynamic(struct elf *e, const char **why)
{
	uint64_t kind = DT_RELA;

	elf_dynamic(e, DT_PLTREL, 0, &kind);
	if (!elf_dynamic(e, DT_SYMTAB, 0, &e->symtab) ||
	    !elf_dynamic(e, DT_STRTAB, 0, &e->strtab) ||
	    !elf_dynamic(e, DT_STRSZ, 0, &e->strsz) || kind != DT_RELA ||
	    !entry_size(e, DT_SYMTAB, DT_SYMENT, sizeof(Elf64_Sym)) ||
	    !entry_size(e, DT_RELA, DT_RELAENT, sizeof(Elf64_Rela)) ||
	    !entry_size(e, ELF_DT_RELR, ELF_DT_RELRENT, 8))
		return fail(why, "has a malformed dynamic section");
	e->nsyms = count_symbols(e);
	return true;
}

bool elf_open(struct elf *e, const void *image, size_t len, struct arena *a, const char **why)
{
	Elf64_Ehdr h;

	*e = (struct elf){.image = image, .len = len, .exec_stack = true};
	if (!len)
		return fail(why, "is empty");
	if (len < SELFMAG || memcmp(image, ELFMAG, SELFMAG) != 0)
		return fail(why, "is no ELF file");
	if (!get(e, 0, &h, sizeof h))
		return fail(why, "is cut short: its ELF header is missing");
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB ||
	    h.e_machine != MACHINE)
		return fail(why, "is built for another machine");
	if (h.e_type != ET_DYN)
		return fail(why, "is no shared object");
	if (h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phnum > HEADERS_MAX)
		return fail(why, "has malformed program headers");
	if (!read_program_headers(e, &h, why) || !read_dynamic(e, why) ||
	    !elf_read_relocations(e, a, why))
		return false;
	if (e->nrelocations)
		qsort(e->relocations, e->nrelocations, sizeof *e->relocations, by_place);
	return true;
}
