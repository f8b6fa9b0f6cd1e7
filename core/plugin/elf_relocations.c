/* Where the dynamic linker will write pointers. Two tables say it: RELA, an entry
 * a pointer; and RELR, relative ones packed as an address that stands for itself,
 * then words whose bits stand for the 63 places that follow. */
#include "plugin/elf_priv.h"

#include <string.h>

#include "base/arena.h"

enum { RELOCATIONS_MAX = 1 << 20 };

struct table {
	uint64_t at, bytes;
};

static bool malformed(const char **why)
{
	*why = "has a malformed relocation table";
	return false;
}

static bool find(const struct elf *e, int64_t tag, int64_t size_tag, struct table *t)
{
	*t = (struct table){0, 0};
	if (!elf_dynamic(e, tag, 0, &t->at))
		return true;
	return elf_dynamic(e, size_tag, 0, &t->bytes) &&
	       (!t->bytes || elf_at(e, t->at, t->bytes));
}

static bool word(const struct elf *e, const struct table *t, size_t i, uint64_t *out)
{
	return elf_get(e, t->at + i * 8, out, 8);
}

static size_t count_packed(const struct elf *e, const struct table *t)
{
	size_t n = 0;
	uint64_t v;

	for (size_t i = 0; i < t->bytes / 8 && word(e, t, i, &v); i++)
		n += v & 1 ? (size_t)__builtin_popcountll(v >> 1) : 1;
	return n;
}

/* The pointer, still relative to the image, stands in its own place. */
static bool add_packed(struct elf *e, uint64_t at)
{
	struct elf_relocation *r = &e->relocations[e->nrelocations++];

	*r = (struct elf_relocation){.at = at, .type = ELF_RELATIVE};
	return elf_get(e, at, &r->addend, sizeof r->addend);
}

static bool read_packed(struct elf *e, const struct table *t)
{
	uint64_t v, next = 0;

	for (size_t i = 0; i < t->bytes / 8; i++) {
		if (!word(e, t, i, &v))
			return false;
		if (!(v & 1)) {
			if (!add_packed(e, v))
				return false;
			next = v + 8;
			continue;
		}
		for (unsigned bit = 1; bit < 64; bit++)
			if (v >> bit & 1 && !add_packed(e, next + (bit - 1) * 8))
				return false;
		next += 63 * 8;
	}
	return true;
}

struct elf_relocation elf_relocation_of(const Elf64_Rela *r)
{
	return (struct elf_relocation){
		.at = r->r_offset,
		.addend = (uint64_t)r->r_addend,
		.type = (uint32_t)ELF64_R_TYPE(r->r_info),
		.symbol = (uint32_t)ELF64_R_SYM(r->r_info),
	};
}

static bool read_plain(struct elf *e, const struct table *t)
{
	Elf64_Rela r;

	for (size_t i = 0; i < t->bytes / sizeof r; i++) {
		if (!elf_get(e, t->at + i * sizeof r, &r, sizeof r))
			return false;
		e->relocations[e->nrelocations++] = elf_relocation_of(&r);
	}
	return true;
}

bool elf_read_relocations(struct elf *e, struct arena *a, const char **why)
{
	struct table plain, packed;

	if (!find(e, DT_RELA, DT_RELASZ, &plain) ||
	    !find(e, ELF_DT_RELR, ELF_DT_RELRSZ, &packed))
		return malformed(why);
	uint64_t n = plain.bytes / sizeof(Elf64_Rela);
	if (n <= RELOCATIONS_MAX && packed.bytes / 8 <= RELOCATIONS_MAX)
		n += count_packed(e, &packed);
	if (n > RELOCATIONS_MAX || packed.bytes / 8 > RELOCATIONS_MAX) {
		*why = "has more relocations than a plugin may have";
		return false;
	}
	e->relocations = arena_array(a, n, sizeof *e->relocations);
	if (!e->relocations) {
		*why = NULL;
		return false;
	}
	return (read_plain(e, &plain) && read_packed(e, &packed)) || malformed(why);
}
