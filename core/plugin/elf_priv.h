/* Between elf.c, elf_relocations.c and elf_check.c alone. */
#ifndef PLUGIN_ELF_PRIV_H
#define PLUGIN_ELF_PRIV_H

#include <elf.h>

#include "plugin/elf.h"

#if defined(__aarch64__)
enum { ELF_RELATIVE = R_AARCH64_RELATIVE };
#else
enum { ELF_RELATIVE = R_X86_64_RELATIVE };
#endif

/* Packed relative relocations; <elf.h> of glibc 2.35 does not name them. */
enum { ELF_DT_RELRSZ = 35, ELF_DT_RELR = 36, ELF_DT_RELRENT = 37 };

/* Copies n bytes from an address; false unless all are in the file. */
bool elf_get(const struct elf *e, uint64_t address, void *out, size_t n);
struct elf_relocation elf_relocation_of(const Elf64_Rela *r);
/* Both kinds of tables into one list, unsorted. */
bool elf_read_relocations(struct elf *e, struct arena *a, const char **why);

#endif
