/* Reading an ELF file that may be hostile: nothing of it runs, every offset is
 * checked. 64 bits, little endian, this machine's kind. */
#ifndef PLUGIN_ELF_H
#define PLUGIN_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf {
	const unsigned char *image;
	size_t len;
	uint64_t phoff;
	unsigned phnum;
	/* from the dynamic section, as addresses */
	uint64_t symtab, strtab, strsz, rela, relasz, gnu_hash, hash;
	bool relr;
	size_t nsyms;
	uint64_t dyn_off, dyn_size; /* in the file */
};

struct elf_symbol {
	const char *name;
	uint64_t value, size;
	bool defined, unique;
};

/* False and *why, a sentence without the file's name. */
bool elf_open(struct elf *e, const void *image, size_t len, const char **why);
/* The bytes at an address of the loaded image; NULL unless all len of them are
 * in the file. */
const void *elf_at(const struct elf *e, uint64_t address, size_t len);
/* A text at an address, with its end inside the file; NULL otherwise. */
const char *elf_text(const struct elf *e, uint64_t address);
/* The i-th dynamic symbol; false past the last or when malformed. */
bool elf_symbol(const struct elf *e, size_t i, struct elf_symbol *out);
/* What the loader will write at an address: *target is an address of the image,
 * or *import the name of a symbol from elsewhere; both empty for NULL. False
 * when malformed. */
bool elf_pointer(const struct elf *e, uint64_t at, uint64_t *target, const char **import);
/* The i-th entry of the dynamic section with that tag: its value. */
bool elf_dynamic(const struct elf *e, int64_t tag, size_t i, uint64_t *value);
/* A text of the dynamic string table; NULL when out of it. */
const char *elf_string(const struct elf *e, uint64_t offset);

#endif
