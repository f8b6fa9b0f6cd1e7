#include "image.h"

#include <stdlib.h>
#include <string.h>

enum { DT_RELR_TAG = 36, DT_RELRSZ_TAG = 35, DT_RELRENT_TAG = 37 };

Elf64_Ehdr *image_header(struct image *im)
{
	return (Elf64_Ehdr *)(void *)im->bytes;
}

Elf64_Phdr *image_segment(struct image *im, unsigned i)
{
	return (Elf64_Phdr *)(void *)(im->bytes + PHDRS) + i;
}

static Elf64_Dyn *entry(struct image *im, size_t i)
{
	return (Elf64_Dyn *)(void *)(im->bytes + DYNAMIC) + i;
}

void image_init(struct image *im)
{
	memset(im, 0, sizeof *im);
	*image_header(im) = (Elf64_Ehdr){
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_DYN,
		.e_machine = THIS_MACHINE,
		.e_version = EV_CURRENT,
		.e_phoff = PHDRS,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
	};
	*image_segment(im, 0) = (Elf64_Phdr){.p_type = PT_LOAD,
					     .p_flags = PF_R | PF_W,
					     .p_offset = 0,
					     .p_vaddr = BASE,
					     .p_filesz = IMAGE_LEN,
					     .p_memsz = IMAGE_LEN};
	*image_segment(im, 1) = (Elf64_Phdr){.p_type = PT_DYNAMIC,
					     .p_offset = DYNAMIC,
					     .p_vaddr = BASE + DYNAMIC,
					     .p_filesz = SYMTAB - DYNAMIC,
					     .p_memsz = SYMTAB - DYNAMIC};
	im->strings = 1; /* offset 0 is the empty text */
	im->nsymbols = 1;
	im->data = DATA;
	image_dynamic(im, DT_SYMTAB, BASE + SYMTAB);
	image_dynamic(im, DT_SYMENT, sizeof(Elf64_Sym));
	image_dynamic(im, DT_STRTAB, BASE + STRTAB);
	image_dynamic(im, DT_STRSZ, HASH - STRTAB);
}

void image_dynamic(struct image *im, int64_t tag, uint64_t value)
{
	Elf64_Dyn *d = entry(im, im->ndynamic++);
	d->d_tag = tag;
	d->d_un.d_val = value;
}

void image_set_dynamic(struct image *im, int64_t tag, uint64_t value)
{
	for (size_t i = 0; i < im->ndynamic; i++) {
		if (entry(im, i)->d_tag == tag) {
			entry(im, i)->d_un.d_val = value;
			return;
		}
	}
	image_dynamic(im, tag, value);
}

void image_drop_dynamic(struct image *im, int64_t tag)
{
	for (size_t i = 0; i < im->ndynamic; i++)
		if (entry(im, i)->d_tag == tag)
			entry(im, i)->d_tag = DT_DEBUG;
}

uint32_t image_string(struct image *im, const char *s)
{
	size_t at = im->strings, n = strlen(s) + 1;

	memcpy(im->bytes + STRTAB + at, s, n);
	im->strings += n;
	return (uint32_t)at;
}

uint32_t image_symbol(struct image *im, const char *name, uint64_t value, bool defined,
		      unsigned char info)
{
	Elf64_Sym *s = (Elf64_Sym *)(void *)(im->bytes + SYMTAB) + im->nsymbols;

	*s = (Elf64_Sym){.st_name = image_string(im, name),
			 .st_info = info,
			 .st_shndx = defined ? 1 : SHN_UNDEF,
			 .st_value = value};
	return (uint32_t)im->nsymbols++;
}

void image_rela(struct image *im, uint64_t at, uint32_t type, uint32_t symbol, uint64_t addend)
{
	Elf64_Rela *r = (Elf64_Rela *)(void *)(im->bytes + RELA) + im->nrela++;

	*r = (Elf64_Rela){at, ELF64_R_INFO(symbol, type), (int64_t)addend};
}

void image_relr(struct image *im, uint64_t word)
{
	memcpy(im->bytes + RELR + 8 * im->nrelr++, &word, sizeof word);
}

uint64_t image_data(struct image *im, const void *p, size_t n)
{
	size_t at = im->data;

	if (p)
		memcpy(im->bytes + at, p, n);
	im->data += (n + 7) & ~(size_t)7;
	return BASE + at;
}

uint64_t image_text(struct image *im, const char *s)
{
	return image_data(im, s, strlen(s) + 1);
}

void image_put(struct image *im, uint64_t address, const void *p, size_t n)
{
	memcpy(im->bytes + (address - BASE), p, n);
}

void image_point(struct image *im, uint64_t at, uint64_t to)
{
	image_rela(im, at, RELATIVE, 0, to);
}

void image_point_text(struct image *im, uint64_t at, const char *s)
{
	image_point(im, at, image_text(im, s));
}

static void finish_relocations(struct image *im)
{
	if (im->nrela) {
		image_set_dynamic(im, DT_RELA, BASE + RELA);
		image_set_dynamic(im, DT_RELASZ, im->nrela * sizeof(Elf64_Rela));
		image_set_dynamic(im, DT_RELAENT, sizeof(Elf64_Rela));
	}
	if (im->nrelr) {
		image_set_dynamic(im, DT_RELR_TAG, BASE + RELR);
		image_set_dynamic(im, DT_RELRSZ_TAG, im->nrelr * 8);
		image_set_dynamic(im, DT_RELRENT_TAG, 8);
	}
}

void image_finish(struct image *im)
{
	uint32_t table[] = {0, (uint32_t)im->nsymbols};

	finish_relocations(im);
	image_set_dynamic(im, DT_HASH, BASE + HASH);
	memcpy(im->bytes + HASH, table, sizeof table);
}

void image_finish_gnu(struct image *im, uint32_t first)
{
	uint32_t head[] = {1, first, 1, 0}, *chain;
	uint32_t bucket = first < im->nsymbols ? first : 0;
	unsigned char *p = im->bytes + GNU_HASH;

	finish_relocations(im);
	image_set_dynamic(im, DT_GNU_HASH, BASE + GNU_HASH);
	memcpy(p, head, sizeof head);
	memset(p + 16, 0xff, 8); /* the bloom filter lets all pass */
	memcpy(p + 24, &bucket, sizeof bucket);
	chain = (uint32_t *)(void *)(p + 28);
	for (size_t i = first; i < im->nsymbols; i++)
		chain[i - first] = i + 1 == im->nsymbols; /* one chain, its end marked */
}

unsigned char *image_many_symbols(struct image *im, uint32_t n, bool defined, size_t *len)
{
	enum { NAME = 4095 };
	size_t symtab = IMAGE_LEN, strtab = symtab + (im->nsymbols + n) * sizeof(Elf64_Sym);
	uint32_t name = HASH - STRTAB, count = (uint32_t)im->nsymbols + n;

	*len = strtab + name + NAME + 1;
	unsigned char *all = calloc(1, *len);
	if (!all)
		abort();
	image_finish(im);
	memcpy(im->bytes + HASH + 4, &count, sizeof count);
	image_set_dynamic(im, DT_SYMTAB, BASE + symtab);
	image_set_dynamic(im, DT_STRTAB, BASE + strtab);
	image_set_dynamic(im, DT_STRSZ, name + NAME + 1);
	image_segment(im, 0)->p_filesz = image_segment(im, 0)->p_memsz = *len;
	memcpy(all, im->bytes, IMAGE_LEN);
	memcpy(all + symtab, im->bytes + SYMTAB, im->nsymbols * sizeof(Elf64_Sym));
	memcpy(all + strtab, im->bytes + STRTAB, name);
	memset(all + strtab + name, 'x', NAME);
	for (size_t i = im->nsymbols; i < count; i++)
		((Elf64_Sym *)(void *)(all + symtab))[i] =
			(Elf64_Sym){.st_name = name,
				    .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
				    .st_shndx = defined,
				    .st_value = defined ? BASE : 0};
	return all;
}
