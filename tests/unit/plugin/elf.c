/* Images that are right, and images that are wrong in one place each. */
#include "plugin/elf.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "image.h"
#include "suite.h"

static struct image im;
static struct arena arena;
static struct elf e;
static const char *why;

static void make(void)
{
	arena_init(&arena, 4096);
	image_init(&im);
}

static void clear(void)
{
	arena_fini(&arena);
}

static bool opens(void)
{
	image_finish(&im);
	return elf_open(&e, im.bytes, sizeof im.bytes, &arena, &why);
}

#define assert_refused(text)                                                             \
	do {                                                                             \
		ck_assert(!opens());                                                     \
		ck_assert_str_eq(why, text);                                             \
		image_init(&im);                                                         \
	} while (0)

#define assert_opens() ck_assert_msg(opens(), "%s", why)

/* --- headers --------------------------------------------------------------------------- */

START_TEST(the_smallest_opens)
{
	assert_opens();
	ck_assert_uint_eq(e.nsyms, 1);
	ck_assert_uint_eq(e.nrelocations, 0);
}
END_TEST

START_TEST(headers_must_fit)
{
	image_header(&im)->e_phentsize = 32;
	assert_refused("has malformed program headers");
	image_header(&im)->e_phnum = 257;
	assert_refused("has malformed program headers");
	image_header(&im)->e_phnum = PN_XNUM;
	assert_refused("has malformed program headers");
	image_header(&im)->e_phoff = IMAGE_LEN - 8;
	assert_refused("is cut short: its program headers are missing");
	image_header(&im)->e_phoff = UINT64_MAX;
	assert_refused("is cut short: its program headers are missing");
	image_header(&im)->e_phoff = UINT64_MAX - sizeof(Elf64_Phdr);
	assert_refused("is cut short: its program headers are missing");
	image_header(&im)->e_type = ET_EXEC;
	assert_refused("is no shared object");
	image_header(&im)->e_machine = EM_SPARC;
	assert_refused("is built for another machine");
}
END_TEST

START_TEST(segments_must_be_in_the_file)
{
	image_segment(&im, 0)->p_filesz = IMAGE_LEN + 1;
	assert_refused("is cut short: a segment is missing");
	image_segment(&im, 0)->p_offset = UINT64_MAX;
	assert_refused("is cut short: a segment is missing");
	image_segment(&im, 0)->p_offset = 16;
	assert_refused("is cut short: a segment is missing");
}
END_TEST

static void add_segment(uint64_t address, uint64_t size, uint64_t in_memory)
{
	*image_segment(&im, image_header(&im)->e_phnum++) = (Elf64_Phdr){
		.p_type = PT_LOAD, .p_vaddr = address, .p_filesz = size, .p_memsz = in_memory};
}

START_TEST(segments_ascend_and_do_not_overlap)
{
	add_segment(BASE + IMAGE_LEN, 8, 16);
	assert_opens();
	image_init(&im);
	add_segment(BASE + IMAGE_LEN - 1, 8, 8);
	assert_refused("has malformed program headers");
	add_segment(0, 8, 8);
	assert_refused("has malformed program headers");
	image_segment(&im, 0)->p_memsz = IMAGE_LEN - 1; /* less than the file has */
	assert_refused("has malformed program headers");
	add_segment(UINT64_MAX - 4, 8, 8);
	assert_refused("has malformed program headers");
	for (unsigned i = 1; i < 7; i++) /* as many as there is room for here */
		add_segment(BASE + IMAGE_LEN * (uint64_t)i, 0, 0);
	assert_opens();
}
END_TEST

START_TEST(the_dynamic_section_must_be_whole)
{
	image_segment(&im, 1)->p_type = PT_NOTE;
	assert_refused("has no dynamic section: it is no shared object");
	image_segment(&im, 1)->p_filesz = 0;
	assert_refused("has no dynamic section: it is no shared object");
	image_segment(&im, 1)->p_vaddr = DYNAMIC; /* an offset is no address */
	assert_refused("has a malformed dynamic section");
	image_segment(&im, 1)->p_vaddr = UINT64_MAX - 8;
	assert_refused("has a malformed dynamic section");
	image_segment(&im, 1)->p_filesz = 3 * sizeof(Elf64_Dyn); /* no DT_NULL in it */
	assert_refused("has a malformed dynamic section");
	image_segment(&im, 1)->p_vaddr = BASE + IMAGE_LEN - 16;
	image_segment(&im, 1)->p_filesz = UINT64_MAX;
	memset(im.bytes + IMAGE_LEN - 16, 1, 16);
	assert_refused("has a malformed dynamic section");
}
END_TEST

/* What the dynamic linker asserts would end the process. */
START_TEST(what_the_linker_takes_on_trust_is_checked)
{
	static const int64_t needed[] = {DT_SYMTAB, DT_STRTAB, DT_STRSZ, DT_SYMENT};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		image_drop_dynamic(&im, needed[i]);
		assert_refused("has a malformed dynamic section");
	}
	image_set_dynamic(&im, DT_SYMENT, 16);
	assert_refused("has a malformed dynamic section");
	image_dynamic(&im, DT_PLTREL, DT_REL);
	assert_refused("has a malformed dynamic section");
	image_dynamic(&im, DT_PLTREL, DT_RELA);
	assert_opens();
	image_init(&im);
	image_dynamic(&im, DT_RELA, BASE + RELA);
	assert_refused("has a malformed dynamic section");
	image_dynamic(&im, DT_RELA, BASE + RELA);
	image_dynamic(&im, DT_RELAENT, 16);
	assert_refused("has a malformed dynamic section");
	image_dynamic(&im, 36, BASE + RELR);
	assert_refused("has a malformed dynamic section");
}
END_TEST

/* --- bytes and texts ------------------------------------------------------------------- */

START_TEST(bytes_are_those_of_an_address)
{
	uint64_t at = image_data(&im, "0123456", 8);
	assert_opens();
	ck_assert_str_eq(elf_at(&e, at, 8), "0123456");
	ck_assert_ptr_nonnull(elf_at(&e, BASE, IMAGE_LEN));
	ck_assert_ptr_null(elf_at(&e, BASE, IMAGE_LEN + 1));
	ck_assert_ptr_null(elf_at(&e, BASE - 1, 1));
	ck_assert_ptr_null(elf_at(&e, BASE + IMAGE_LEN, 1));
	ck_assert_ptr_null(elf_at(&e, BASE + IMAGE_LEN - 1, 2));
	ck_assert_ptr_null(elf_at(&e, BASE, SIZE_MAX));
	ck_assert_ptr_null(elf_at(&e, UINT64_MAX, 1));
	ck_assert_ptr_null(elf_at(&e, 0, 1));
}
END_TEST

START_TEST(texts_end_inside_their_segment)
{
	uint64_t at = image_text(&im, "here");
	memset(im.bytes + IMAGE_LEN - 4, 'x', 4);
	assert_opens();
	ck_assert_str_eq(elf_text(&e, at), "here");
	ck_assert_str_eq(elf_text(&e, at + 4), "");
	ck_assert_ptr_null(elf_text(&e, BASE + IMAGE_LEN - 4));
	ck_assert_ptr_null(elf_text(&e, BASE + IMAGE_LEN));
	ck_assert_ptr_null(elf_text(&e, 0));

	image_init(&im); /* the file goes on behind the segment */
	image_segment(&im, 0)->p_filesz = image_segment(&im, 0)->p_memsz = DATA + 4;
	memcpy(im.bytes + DATA, "abcdefg", 8);
	assert_opens();
	ck_assert_ptr_null(elf_text(&e, BASE + DATA));
}
END_TEST

/* --- symbols ----------------------------------------------------------------------------- */

static const unsigned char object = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);

START_TEST(symbols_say_what_they_are)
{
	struct elf_symbol s;

	image_symbol(&im, "import", 0, false, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE));
	image_symbol(&im, "data", BASE + DATA, true, object);
	image_symbol(&im, "code", BASE, true, ELF64_ST_INFO(STB_WEAK, STT_FUNC));
	image_symbol(&im, "once", BASE, true, ELF64_ST_INFO(STB_GNU_UNIQUE, STT_OBJECT));
	assert_opens();
	ck_assert(elf_symbol(&e, 0, &s));
	ck_assert_str_eq(s.name, "");
	ck_assert(elf_symbol(&e, 1, &s));
	ck_assert_str_eq(s.name, "import");
	ck_assert(!s.defined && !s.data && !s.unique);
	ck_assert(elf_symbol(&e, 2, &s));
	ck_assert_str_eq(s.name, "data");
	ck_assert(s.defined && s.data && !s.unique);
	ck_assert_uint_eq(s.value, BASE + DATA);
	ck_assert(elf_symbol(&e, 3, &s));
	ck_assert(s.defined && !s.data);
	ck_assert(elf_symbol(&e, 4, &s));
	ck_assert(s.unique);
	ck_assert(!elf_symbol(&e, 5, &s));
	ck_assert(!elf_symbol(&e, SIZE_MAX, &s));
}
END_TEST

static size_t gnu_count(uint32_t first)
{
	image_finish_gnu(&im, first);
	ck_assert_msg(elf_open(&e, im.bytes, sizeof im.bytes, &arena, &why), "%s", why);
	return e.nsyms;
}

START_TEST(symbols_are_counted_by_either_hash_table)
{
	image_symbol(&im, "import", 0, false, object);
	image_symbol(&im, "one", BASE, true, object);
	image_symbol(&im, "two", BASE, true, object);
	ck_assert_uint_eq(gnu_count(2), 4);
	ck_assert_uint_eq(gnu_count(4), 4); /* exports nothing */
	assert_opens();
	ck_assert_uint_eq(e.nsyms, 4);

	image_init(&im); /* neither */
	ck_assert(elf_open(&e, im.bytes, sizeof im.bytes, &arena, &why));
	ck_assert_uint_eq(e.nsyms, 0);
}
END_TEST

static size_t count_with(size_t at, uint32_t value)
{
	image_init(&im);
	image_symbol(&im, "one", BASE, true, object);
	image_finish_gnu(&im, 1);
	memcpy(im.bytes + at, &value, sizeof value);
	ck_assert(elf_open(&e, im.bytes, sizeof im.bytes, &arena, &why));
	return e.nsyms;
}

START_TEST(hash_tables_that_lie)
{
	ck_assert_uint_eq(count_with(GNU_HASH, UINT32_MAX), 0);      /* buckets */
	ck_assert_uint_eq(count_with(GNU_HASH, 4000), 0);	      /* beyond the file */
	ck_assert_uint_eq(count_with(GNU_HASH + 4, UINT32_MAX), 0);  /* first */
	ck_assert_uint_eq(count_with(GNU_HASH + 8, UINT32_MAX), 0);  /* filter */
	ck_assert_uint_eq(count_with(GNU_HASH + 24, UINT32_MAX), 0); /* a bucket */
	ck_assert_uint_eq(count_with(GNU_HASH + 24, 2000000), 0);

	image_init(&im); /* a chain without an end */
	image_symbol(&im, "one", BASE, true, object);
	image_finish_gnu(&im, 1);
	memset(im.bytes + GNU_HASH + 28, 0, IMAGE_LEN - GNU_HASH - 28);
	ck_assert(elf_open(&e, im.bytes, sizeof im.bytes, &arena, &why));
	ck_assert_uint_eq(e.nsyms, 0);

	struct elf_symbol s; /* more symbols than there are */
	image_init(&im);
	image_finish(&im);
	memcpy(im.bytes + HASH + 4, &(uint32_t){1 << 20}, 4);
	ck_assert(elf_open(&e, im.bytes, sizeof im.bytes, &arena, &why));
	ck_assert(!elf_symbol(&e, (1 << 20) - 1, &s));
	memcpy(im.bytes + HASH + 4, &(uint32_t){UINT32_MAX}, 4);
	ck_assert(elf_open(&e, im.bytes, sizeof im.bytes, &arena, &why));
	ck_assert_uint_eq(e.nsyms, 0);
}
END_TEST

START_TEST(names_must_be_in_the_string_table)
{
	struct elf_symbol s;
	Elf64_Sym *sym = (Elf64_Sym *)(void *)(im.bytes + SYMTAB) + 1;

	image_symbol(&im, "name", BASE, true, object);
	sym->st_name = HASH - STRTAB; /* the first byte behind it */
	assert_opens();
	ck_assert(elf_symbol(&e, 1, &s));
	ck_assert_str_eq(s.name, "");
	sym->st_name = UINT32_MAX;
	assert_opens();
	ck_assert(elf_symbol(&e, 1, &s));
	ck_assert_str_eq(s.name, "");
	ck_assert_ptr_null(elf_string(&e, HASH - STRTAB));
	ck_assert_ptr_null(elf_string(&e, UINT64_MAX));
	ck_assert_str_eq(elf_string(&e, 1), "name");
}
END_TEST

/* --- pointers -------------------------------------------------------------------------- */

static void assert_points(uint64_t at, uint64_t want, const char *name)
{
	uint64_t target;
	const char *import;

	ck_assert(elf_pointer(&e, at, &target, &import));
	ck_assert_uint_eq(target, want);
	if (name)
		ck_assert_str_eq(import, name);
	else
		ck_assert_ptr_null(import);
}

#define assert_malformed(at)                                                             \
	do {                                                                             \
		uint64_t target_;                                                        \
		const char *import_;                                                     \
		ck_assert(!elf_pointer(&e, at, &target_, &import_));                     \
	} while (0)

START_TEST(pointers_are_what_relocations_say)
{
	uint64_t at = image_data(&im, NULL, 64);
	uint32_t import = image_symbol(&im, "elsewhere", 0, false, object);
	uint32_t here = image_symbol(&im, "here", BASE + 0x40, true, object);

	image_rela(&im, at + 32, RELATIVE, 0, BASE + 0x100); /* not in order */
	image_rela(&im, at, ABSOLUTE, import, 0);
	image_rela(&im, at + 8, ABSOLUTE, here, 4);
	image_put(&im, at, &(uint64_t){12345}, 8); /* what stood there does not count */
	assert_opens();
	assert_points(at, 0, "elsewhere");
	assert_points(at + 8, BASE + 0x44, NULL);
	assert_points(at + 16, 0, NULL);
	assert_points(at + 32, BASE + 0x100, NULL);
}
END_TEST

START_TEST(pointers_that_make_no_sense)
{
	uint64_t at = image_data(&im, NULL, 64);

	image_put(&im, at, &(uint64_t){16}, 8); /* an integer that nobody relocates */
	image_rela(&im, at + 8, RELATIVE, 0, BASE);
	image_rela(&im, at + 8, RELATIVE, 0, BASE + 8); /* twice */
	image_rela(&im, at + 16, OTHER, 0, BASE);
	image_rela(&im, at + 24, ABSOLUTE, 77, 0); /* no such symbol */
	image_rela(&im, at + 32, ABSOLUTE, 0, 0); /* one without a name */
	assert_opens();
	assert_malformed(at);
	assert_malformed(at + 8);
	assert_malformed(at + 16);
	assert_malformed(at + 24);
	assert_malformed(at + 32);
	assert_malformed(BASE + IMAGE_LEN - 4);
	assert_malformed(0);
	assert_malformed(UINT64_MAX);
}
END_TEST

/* The dynamic linker on this machine ignores them, so nothing is relocated. */
START_TEST(the_short_form_of_relocations_counts_for_nothing)
{
	uint64_t at = image_data(&im, NULL, 8);
	Elf64_Rel r = {at, ELF64_R_INFO(0, RELATIVE)};

	image_put(&im, BASE + RELA, &r, sizeof r);
	image_put(&im, at, &(uint64_t){BASE}, 8);
	image_dynamic(&im, DT_REL, BASE + RELA);
	image_dynamic(&im, DT_RELSZ, sizeof r);
	image_dynamic(&im, DT_RELENT, sizeof r);
	assert_opens();
	assert_malformed(at);
}
END_TEST

START_TEST(packed_pointers_stand_in_their_place)
{
	uint64_t at = image_data(&im, NULL, 8 * 140);

	for (uint64_t i = 0; i < 140; i++)
		image_put(&im, at + 8 * i, &(uint64_t){BASE + i}, 8);
	image_relr(&im, at);			       /* 0 */
	image_relr(&im, 1 | 1u << 1 | 1u << 3);	       /* 1, 3 */
	image_relr(&im, 1 | (uint64_t)1 << 63);	       /* 64 + 62 */
	image_relr(&im, at + 8 * 135);
	assert_opens();
	ck_assert_uint_eq(e.nrelocations, 5);
	for (uint64_t i = 0; i < 140; i++) {
		if (i == 0 || i == 1 || i == 3 || i == 64 + 62 || i == 135)
			assert_points(at + 8 * i, BASE + i, NULL);
		else
			assert_malformed(at + 8 * i);
	}
}
END_TEST

START_TEST(packed_pointers_to_nowhere)
{
	image_relr(&im, BASE + IMAGE_LEN);
	assert_refused("has a malformed relocation table");
	image_relr(&im, 3); /* bits before any address: counted from 0 */
	assert_refused("has a malformed relocation table");
	image_relr(&im, BASE + IMAGE_LEN - 8);
	image_relr(&im, 3);
	assert_refused("has a malformed relocation table");
}
END_TEST

START_TEST(relocation_tables_must_be_in_the_file)
{
	image_dynamic(&im, DT_RELA, BASE + RELA);
	image_dynamic(&im, DT_RELAENT, sizeof(Elf64_Rela));
	assert_refused("has a malformed relocation table"); /* no size */
	image_dynamic(&im, DT_RELA, BASE + RELA);
	image_dynamic(&im, DT_RELAENT, sizeof(Elf64_Rela));
	image_dynamic(&im, DT_RELASZ, IMAGE_LEN);
	assert_refused("has a malformed relocation table");
	image_dynamic(&im, DT_RELA, UINT64_MAX - 8);
	image_dynamic(&im, DT_RELAENT, sizeof(Elf64_Rela));
	image_dynamic(&im, DT_RELASZ, 24);
	assert_refused("has a malformed relocation table");
	image_dynamic(&im, 36, BASE + RELR);
	image_dynamic(&im, 37, 8);
	image_dynamic(&im, 35, UINT64_MAX - 7);
	assert_refused("has a malformed relocation table");
}
END_TEST

/* A bitmap word stands for 63 pointers, so a small file may claim a great many. */
START_TEST(relocations_are_bounded)
{
	size_t words = (1 << 20) / 63 + 1, len = 0x2000 + words * 8;
	unsigned char *big = malloc(len);

	image_dynamic(&im, 36, BASE + IMAGE_LEN);
	image_dynamic(&im, 35, words * 8);
	image_dynamic(&im, 37, 8);
	image_segment(&im, 0)->p_filesz = image_segment(&im, 0)->p_memsz = len;
	image_finish(&im);
	memcpy(big, im.bytes, IMAGE_LEN);
	memset(big + IMAGE_LEN, 0xff, words * 8);
	ck_assert(!elf_open(&e, big, len, &arena, &why));
	ck_assert_str_eq(why, "has more relocations than a plugin may have");
	free(big);
}
END_TEST

SUITE_WITH("elf", make, clear, the_smallest_opens, headers_must_fit,
	   segments_must_be_in_the_file, segments_ascend_and_do_not_overlap,
	   the_dynamic_section_must_be_whole, what_the_linker_takes_on_trust_is_checked,
	   bytes_are_those_of_an_address, texts_end_inside_their_segment,
	   symbols_say_what_they_are, symbols_are_counted_by_either_hash_table,
	   hash_tables_that_lie, names_must_be_in_the_string_table,
	   pointers_are_what_relocations_say, pointers_that_make_no_sense,
	   the_short_form_of_relocations_counts_for_nothing,
	   packed_pointers_stand_in_their_place, packed_pointers_to_nowhere,
	   relocation_tables_must_be_in_the_file, relocations_are_bounded)
