/* Reading an ELF file that may be hostile: nothing of it runs, every offset is
 * checked, and the time it takes is bounded. 64 bits, little endian, this
 * machine's kind. An address is one of the image as if it were loaded at 0. */
#ifndef PLUGIN_ELF_H
#define PLUGIN_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum { ELF_SEGMENTS_MAX = 64 };

struct elf_segment { /* what the file holds of a loaded segment */
	uint64_t address, offset, size;
	uint64_t memory; /* bytes that it has in memory: size and zeros */
	bool readable, writable, executable;
};

struct elf_relocation {
	uint64_t at, addend;
	uint32_t type, symbol;
};

struct elf {
	const unsigned char *image;
	size_t len;
	struct elf_segment segments[ELF_SEGMENTS_MAX]; /* ascending, apart */
	unsigned nsegments;
	uint64_t relro, relro_size; /* what is made read-only once it is relocated; 0: nothing */
	bool exec_stack;            /* asked for, or not said: then the kernel assumes so */
	uint64_t dynamic; /* address of the dynamic section */
	size_t ndynamic;  /* entries before DT_NULL */
	uint64_t symtab, strtab, strsz;
	size_t nsyms;
	struct elf_relocation *relocations; /* sorted by place */
	size_t nrelocations;
};

struct elf_symbol {
	const char *name; /* "" when malformed or over 4,095 bytes */
	uint64_t value, size;
	bool defined, unique, data;
	bool weak;     /* may stay without a definition */
	bool exported; /* defined, and others can bind to it */
};

/* False and *why, a sentence without the file's name, or NULL when out of memory.
 * Tables go to a; image must outlive e. */
bool elf_open(struct elf *e, const void *image, size_t len, struct arena *a,
	      const char **why);
/* Whether the dynamic linker, which asks less, may follow all of its tables: what it would
 * use unseen leads somewhere. False and *why, as above. */
bool elf_check(const struct elf *e, const char **why);
/* True if an address lies in code. */
bool elf_is_code(const struct elf *e, uint64_t address);
/* The bytes at an address; NULL unless all len of them are in the file. */
const void *elf_at(const struct elf *e, uint64_t address, size_t len);
/* A text at an address that ends inside its segment, within 64 KiB; else NULL. */
const char *elf_text(const struct elf *e, uint64_t address);
/* The i-th dynamic symbol; false past the last. */
bool elf_symbol(const struct elf *e, size_t i, struct elf_symbol *out);
/* What the loader will write at an address: *target is an address of the image,
 * or *import the name of a symbol from elsewhere; 0 and NULL for a null pointer.
 * False when malformed. */
bool elf_pointer(const struct elf *e, uint64_t at, uint64_t *target, const char **import);
/* True if the loader will write to one of the len bytes at an address: what the file has there
 * need not be what memory will have. */
bool elf_relocated(const struct elf *e, uint64_t at, size_t len);
/* The value of the i-th entry of the dynamic section with that tag. */
bool elf_dynamic(const struct elf *e, int64_t tag, size_t i, uint64_t *value);
/* A text of the dynamic string table; NULL when out of it. */
const char *elf_string(const struct elf *e, uint64_t offset);

#endif
