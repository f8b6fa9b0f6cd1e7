#include "plugin/elf.h"

#include <elf.h>
#include <string.h>

enum { SYMBOLS_MAX = 1 << 20, RELOCATIONS_MAX = 1 << 20, TEXT_MAX = 1 << 16 };

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64, REL_RELATIVE = R_X86_64_RELATIVE, REL_ABS = R_X86_64_64,
       REL_GLOB = R_X86_64_GLOB_DAT };
#elif defined(__aarch64__)
enum { MACHINE = EM_AARCH64, REL_RELATIVE = R_AARCH64_RELATIVE, REL_ABS = R_AARCH64_ABS64,
       REL_GLOB = R_AARCH64_GLOB_DAT };
#else
#error "the plugin loader knows x86-64 and aarch64"
#endif

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

const void *elf_at(const struct elf *e, uint64_t address, size_t len)
{
	Elf64_Phdr p;

	for (unsigned i = 0; i < e->phnum; i++) {
		if (!get(e, e->phoff + (uint64_t)i * sizeof p, &p, sizeof p))
			return NULL;
		if (p.p_type != PT_LOAD || address < p.p_vaddr)
			continue;
		uint64_t in = address - p.p_vaddr;
		if (in >= p.p_filesz || len > p.p_filesz - in)
			continue;
		if (p.p_offset > e->len || p.p_filesz > e->len - p.p_offset)
			return NULL;
		return e->image + p.p_offset + in;
	}
	return NULL;
}

const char *elf_text(const struct elf *e, uint64_t address)
{
	const char *s = elf_at(e, address, 1);
	if (!s)
		return NULL;
	size_t left = (size_t)((const char *)e->image + e->len - s);
	if (left > TEXT_MAX)
		left = TEXT_MAX;
	return memchr(s, 0, left) ? s : NULL;
}

const char *elf_string(const struct elf *e, uint64_t offset)
{
	return offset < e->strsz ? elf_text(e, e->strtab + offset) : NULL;
}

bool elf_dynamic(const struct elf *e, int64_t tag, size_t i, uint64_t *value)
{
	Elf64_Dyn d;

	for (uint64_t off = 0; off + sizeof d <= e->dyn_size; off += sizeof d) {
		if (!get(e, e->dyn_off + off, &d, sizeof d) || d.d_tag == DT_NULL)
			return false;
		if (d.d_tag == tag && i-- == 0) {
			*value = d.d_un.d_val;
			return true;
		}
	}
	return false;
}

/* How many symbols there are, from the hash tables: there is no other place. */
static size_t count_symbols(const struct elf *e)
{
	uint32_t head[4], v;
	const unsigned char *p = e->hash ? elf_at(e, e->hash, 8) : NULL;

	if (p) {
		memcpy(head, p, 8);
		return head[1] < SYMBOLS_MAX ? head[1] : SYMBOLS_MAX;
	}
	p = e->gnu_hash ? elf_at(e, e->gnu_hash, sizeof head) : NULL;
	if (!p)
		return 0;
	memcpy(head, p, sizeof head);
	if (head[0] > SYMBOLS_MAX || head[2] > SYMBOLS_MAX)
		return 0;
	uint64_t buckets = e->gnu_hash + 16 + (uint64_t)head[2] * 8;
	uint64_t chains = buckets + (uint64_t)head[0] * 4;
	size_t last = head[1];
	for (uint32_t i = 0; i < head[0]; i++) {
		p = elf_at(e, buckets + (uint64_t)i * 4, 4);
		if (!p)
			return 0;
		memcpy(&v, p, 4);
		if (v > last)
			last = v;
	}
	if (last < head[1] || last >= SYMBOLS_MAX)
		return head[1];
	for (;; last++) {
		p = elf_at(e, chains + (uint64_t)(last - head[1]) * 4, 4);
		if (!p || last >= SYMBOLS_MAX)
			return last;
		memcpy(&v, p, 4);
		if (v & 1)
			return last + 1;
	}
}

bool elf_symbol(const struct elf *e, size_t i, struct elf_symbol *out)
{
	Elf64_Sym s;
	const void *p = i < e->nsyms ? elf_at(e, e->symtab + i * sizeof s, sizeof s) : NULL;

	if (!p)
		return false;
	memcpy(&s, p, sizeof s);
	out->name = elf_string(e, s.st_name);
	out->value = s.st_value;
	out->size = s.st_size;
	out->defined = s.st_shndx != SHN_UNDEF;
	out->unique = ELF64_ST_BIND(s.st_info) == STB_GNU_UNIQUE;
	return out->name;
}

bool elf_pointer(const struct elf *e, uint64_t at, uint64_t *target, const char **import)
{
	Elf64_Rela r;
	struct elf_symbol s;
	const unsigned char *p;

	*target = 0;
	*import = NULL;
	for (uint64_t off = 0; off + sizeof r <= e->relasz; off += sizeof r) {
		p = elf_at(e, e->rela + off, sizeof r);
		if (!p)
			return false;
		memcpy(&r, p, sizeof r);
		if (r.r_offset != at)
			continue;
		switch (ELF64_R_TYPE(r.r_info)) {
		case REL_RELATIVE:
			*target = (uint64_t)r.r_addend;
			return true;
		case REL_ABS:
		case REL_GLOB:
			if (!elf_symbol(e, ELF64_R_SYM(r.r_info), &s))
				return false;
			if (s.defined)
				*target = s.value + (uint64_t)r.r_addend;
			else
				*import = s.name;
			return true;
		default:
			return false;
		}
	}
	/* Packed relocations leave the address in its place. */
	p = elf_at(e, at, 8);
	if (!p)
		return false;
	memcpy(target, p, 8);
	return !*target || e->relr;
}

static bool find_dynamic(struct elf *e, const char **why)
{
	Elf64_Phdr p;

	for (unsigned i = 0; i < e->phnum; i++) {
		if (!get(e, e->phoff + (uint64_t)i * sizeof p, &p, sizeof p))
			return fail(why, "is cut short: its program headers are missing");
		if (p.p_type == PT_LOAD &&
		    (p.p_offset > e->len || p.p_filesz > e->len - p.p_offset))
			return fail(why, "is cut short: a segment is missing");
		if (p.p_type == PT_DYNAMIC) {
			e->dyn_off = p.p_offset;
			e->dyn_size = p.p_filesz;
		}
	}
	if (!e->dyn_size || e->dyn_off > e->len || e->dyn_size > e->len - e->dyn_off)
		return fail(why, "has no dynamic section: it is no shared object");
	return true;
}

bool elf_open(struct elf *e, const void *image, size_t len, const char **why)
{
	Elf64_Ehdr h;
	uint64_t ignored;

	*e = (struct elf){.image = image, .len = len};
	if (!len)
		return fail(why, "is empty");
	if (len < 4 || memcmp(image, ELFMAG, 4) != 0)
		return fail(why, "is no ELF file");
	if (!get(e, 0, &h, sizeof h))
		return fail(why, "is cut short: its ELF header is missing");
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB ||
	    h.e_machine != MACHINE)
		return fail(why, "is built for another machine");
	if (h.e_type != ET_DYN)
		return fail(why, "is no shared object");
	if (h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phnum > 1024)
		return fail(why, "has malformed program headers");
	e->phoff = h.e_phoff;
	e->phnum = h.e_phnum;
	if (!find_dynamic(e, why))
		return false;
	elf_dynamic(e, DT_SYMTAB, 0, &e->symtab);
	elf_dynamic(e, DT_STRTAB, 0, &e->strtab);
	elf_dynamic(e, DT_STRSZ, 0, &e->strsz);
	elf_dynamic(e, DT_RELA, 0, &e->rela);
	elf_dynamic(e, DT_RELASZ, 0, &e->relasz);
	elf_dynamic(e, DT_HASH, 0, &e->hash);
	elf_dynamic(e, DT_GNU_HASH, 0, &e->gnu_hash);
	e->relr = elf_dynamic(e, 36 /* DT_RELR */, 0, &ignored);
	if (e->relasz > (uint64_t)RELOCATIONS_MAX * sizeof(Elf64_Rela))
		return fail(why, "has more relocations than a plugin may have");
	e->nsyms = count_symbols(e);
	return true;
}
