/* Shared objects made by hand, a part at a time, so that each part can be wrong. One
 * loaded segment; addresses are not offsets, so that mixing them up shows. */
#ifndef TESTS_UNIT_PLUGIN_IMAGE_H
#define TESTS_UNIT_PLUGIN_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BASE = 0x10000, /* address of the first byte */
	PHDRS = 0x40,
	DYNAMIC = 0x200,
	SYMTAB = 0x400,
	STRTAB = 0x600,
	HASH = 0x900,
	GNU_HASH = 0x980,
	RELA = 0xa00,
	RELR = 0x1000,
	DATA = 0x1200,
	IMAGE_LEN = 0x2000
};

#if defined(__aarch64__)
enum { THIS_MACHINE = EM_AARCH64, RELATIVE = R_AARCH64_RELATIVE, ABSOLUTE = R_AARCH64_ABS64,
       OTHER = R_AARCH64_COPY };
#else
enum { THIS_MACHINE = EM_X86_64, RELATIVE = R_X86_64_RELATIVE, ABSOLUTE = R_X86_64_64,
       OTHER = R_X86_64_COPY };
#endif

struct image {
	unsigned char bytes[IMAGE_LEN];
	size_t ndynamic, nsymbols, nrela, nrelr, strings, data;
};

/* A shared object with an empty dynamic section. The functions below add to it. */
void image_init(struct image *im);

/* The dynamic section ends behind the last entry. */
void image_dynamic(struct image *im, int64_t tag, uint64_t value);
/* Replaces the value of the first entry with that tag, or adds one. */
void image_set_dynamic(struct image *im, int64_t tag, uint64_t value);
void image_drop_dynamic(struct image *im, int64_t tag);

/* A text of the string table: its offset there. */
uint32_t image_string(struct image *im, const char *s);
/* Its index. value is an address; defined false: an import. */
uint32_t image_symbol(struct image *im, const char *name, uint64_t value, bool defined,
		      unsigned char info);
void image_rela(struct image *im, uint64_t at, uint32_t type, uint32_t symbol,
		uint64_t addend);
void image_relr(struct image *im, uint64_t word);

/* Room in the data: its address. p NULL: zeros. */
uint64_t image_data(struct image *im, const void *p, size_t n);
uint64_t image_text(struct image *im, const char *s);
void image_put(struct image *im, uint64_t address, const void *p, size_t n);
/* A pointer at an address of the data, by a relative relocation. */
void image_point(struct image *im, uint64_t at, uint64_t to);
void image_point_text(struct image *im, uint64_t at, const char *s);

Elf64_Ehdr *image_header(struct image *im);
Elf64_Phdr *image_segment(struct image *im, unsigned i);

/* The image, finished, with that many symbols more, all of one name of 4,095 bytes;
 * malloc'ed. */
unsigned char *image_many_symbols(struct image *im, uint32_t n, bool defined, size_t *len);

/* Writes the tables' sizes and the symbol count (DT_HASH) into the image. */
void image_finish(struct image *im);
/* The same with a GNU hash table instead, whose first exported symbol is given. */
void image_finish_gnu(struct image *im, uint32_t first);

#endif
