/* What the dynamic linker would follow to nowhere, one thing at a time. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "image.h"
#include "plugin/elf.h"
#include "suite.h"

static struct image im;
static struct arena arena;
static struct elf e;
static const char *why;

static const unsigned char object = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
static const unsigned char function = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);

/* Data at BASE, and a page of code behind it. */
enum { CODE = BASE + IMAGE_LEN };

static void again(void)
{
	image_init(&im);
	*image_segment(&im, image_header(&im)->e_phnum++) =
		(Elf64_Phdr){.p_type = PT_LOAD,
			     .p_flags = PF_R | PF_X,
			     .p_vaddr = CODE,
			     .p_filesz = 0x100,
			     .p_memsz = 0x100};
}

static void make(void)
{
	arena_init(&arena, 4096);
	again();
}

static void clear(void)
{
	arena_fini(&arena);
}

static bool sound_now(void)
{
	ck_assert_msg(elf_open(&e, im.bytes, sizeof im.bytes, &arena, &why), "%s", why);
	bool ok = elf_check(&e, &why);
	again();
	return ok;
}

static bool sound(void)
{
	image_finish(&im);
	return sound_now();
}

#define assert_sound() ck_assert_msg(sound(), "%s", why)
#define assert_malformed(what)                      \
	do {                                        \
		ck_assert(!sound());                \
		ck_assert_str_eq(why, "has " what); \
	} while (0)

/* --- headers --------------------------------------------------------------------------
 */

START_TEST(segments)
{
	assert_sound();
	image_segment(&im, 0)->p_flags = PF_W;
	assert_malformed("malformed program headers");
	image_segment(&im, 2)->p_memsz = 0x101; /* zeros that nobody could write */
	assert_malformed("malformed program headers");
	image_segment(&im, 0)->p_flags =
		PF_R; /* the linker writes into its own section */
	assert_malformed("a malformed dynamic section");
}
END_TEST

static void relro(uint64_t address, uint64_t size)
{
	*image_segment(&im, image_header(&im)->e_phnum++) =
		(Elf64_Phdr){.p_type = PT_GNU_RELRO, .p_vaddr = address, .p_memsz = size};
}

START_TEST(what_is_made_read_only)
{
	relro(BASE, IMAGE_LEN);
	assert_sound();
	relro(BASE, IMAGE_LEN + 0x10000);
	assert_malformed("malformed program headers");
	relro(CODE, 16);
	assert_malformed("malformed program headers");
	relro(0, BASE);
	assert_malformed("malformed program headers");
}
END_TEST

/* --- the dynamic section ---------------------------------------------------------- */

START_TEST(texts_of_the_dynamic_section)
{
	static const int64_t tags[] = {DT_NEEDED,  DT_SONAME, DT_RPATH,
				       DT_RUNPATH, DT_FILTER, DT_AUXILIARY};

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		image_dynamic(&im, tags[i], image_string(&im, "text"));
		assert_sound();
		image_dynamic(&im, tags[i], HASH - STRTAB);
		assert_malformed("a malformed dynamic section");
	}
	im.bytes[HASH - 1] = 'x'; /* the last text has no end */
	assert_malformed("a malformed dynamic section");
}
END_TEST

START_TEST(functions_that_are_called)
{
	image_dynamic(&im, DT_INIT, CODE + 8);
	image_dynamic(&im, DT_FINI, CODE + 16);
	assert_sound();
	image_dynamic(&im, DT_INIT, BASE + DATA);
	assert_malformed("a malformed dynamic section");
	image_dynamic(&im, DT_FINI, CODE + 0x100);
	assert_malformed("a malformed dynamic section");
}
END_TEST

static void list(int64_t tag, int64_t size_tag, uint64_t to)
{
	uint64_t at = image_data(&im, NULL, 16);

	image_point(&im, at, CODE);
	image_point(&im, at + 8, to);
	image_dynamic(&im, tag, at);
	image_dynamic(&im, size_tag, 16);
}

START_TEST(lists_of_functions_that_are_called)
{
	list(DT_INIT_ARRAY, DT_INIT_ARRAYSZ, CODE + 4);
	list(DT_FINI_ARRAY, DT_FINI_ARRAYSZ, CODE + 4);
	assert_sound();
	list(DT_INIT_ARRAY, DT_INIT_ARRAYSZ, BASE);
	assert_malformed("a malformed dynamic section");
	list(DT_FINI_ARRAY, DT_FINI_ARRAYSZ, UINT64_MAX);
	assert_malformed("a malformed dynamic section");
	image_dynamic(&im, DT_INIT_ARRAY, BASE + DATA); /* NULL is called too */
	image_dynamic(&im, DT_INIT_ARRAYSZ, 8);
	assert_malformed("a malformed dynamic section");
	image_dynamic(&im, DT_INIT_ARRAY, BASE + DATA);
	image_dynamic(&im, DT_INIT_ARRAYSZ, IMAGE_LEN);
	assert_malformed("a malformed dynamic section");
	image_dynamic(&im, DT_INIT_ARRAY, BASE + DATA); /* no size */
	assert_malformed("a malformed dynamic section");
}
END_TEST

/* --- symbols ---------------------------------------------------------------------- */

static Elf64_Sym *symbol(uint32_t i)
{
	return (Elf64_Sym *)(void *)(im.bytes + SYMTAB) + i;
}

START_TEST(symbols)
{
	image_symbol(&im, "here", BASE, true, object);
	image_symbol(&im, "there", 0, false, function);
	image_symbol(&im, "asks", CODE, true, ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC));
	assert_sound();
	symbol(image_symbol(&im, "here", BASE, true, object))->st_name = HASH - STRTAB;
	assert_malformed("a malformed symbol table");
	symbol(image_symbol(&im, "there", 0, false, object))->st_other = STV_HIDDEN;
	assert_malformed("a malformed symbol table");
	symbol(image_symbol(&im, "there", 0, false, object))->st_other = STV_INTERNAL;
	assert_malformed("a malformed symbol table");
	image_symbol(&im, "there", 0, false, ELF64_ST_INFO(STB_LOCAL, STT_FUNC));
	assert_malformed("a malformed symbol table");
	image_symbol(&im, "asks", BASE, true, ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC));
	assert_malformed("a malformed symbol table");
}
END_TEST

/* One symbol, found by a GNU hash table in which a word is changed. */
static bool gnu_sound(size_t at, uint32_t value)
{
	image_symbol(&im, "one", BASE, true, object);
	image_finish_gnu(&im, 1);
	memcpy(im.bytes + GNU_HASH + at, &value, sizeof value);
	return sound_now();
}

START_TEST(gnu_hash_tables)
{
	ck_assert_msg(gnu_sound(0, 1), "%s", why); /* as it was */
	ck_assert(!gnu_sound(0, 0));		   /* buckets: a division by them */
	ck_assert_str_eq(why, "has a malformed hash table");
	ck_assert(!gnu_sound(8, 3)); /* words of the filter: a mask */
	ck_assert(!gnu_sound(8, 0));
	ck_assert(!gnu_sound(8, 1u << 31));
	ck_assert(!gnu_sound(24, 1000)); /* a bucket: so many symbols there are not */
	ck_assert_str_eq(why, "has a malformed symbol table");
}
END_TEST

START_TEST(old_hash_tables)
{
	uint32_t table[] = {1, 3, 1, 0, 2, 0}; /* bucket: 1; chain: 1 -> 2 -> none */

	image_symbol(&im, "one", BASE, true, object);
	image_symbol(&im, "two", BASE, true, object);
	image_finish(&im);
	memcpy(im.bytes + HASH, table, sizeof table);
	ck_assert_msg(sound_now(), "%s", why);
	table[5] = 1; /* and back again, for ever */
	image_symbol(&im, "one", BASE, true, object);
	image_symbol(&im, "two", BASE, true, object);
	image_finish(&im);
	memcpy(im.bytes + HASH, table, sizeof table);
	ck_assert(!sound_now());
	ck_assert_str_eq(why, "has a malformed hash table");
	table[2] = 3;
	image_symbol(&im, "one", BASE, true, object);
	image_symbol(&im, "two", BASE, true, object);
	image_finish(&im);
	memcpy(im.bytes + HASH, table, sizeof table);
	ck_assert(!sound_now());
}
END_TEST

/* --- versions --------------------------------------------------------------------- */

struct versions {
	Elf64_Verneed need;
	Elf64_Vernaux aux;
	uint16_t of[2]; /* the symbols: none, "call" */
};

/* A symbol "call" of version 2 of a library. */
static struct versions *versions(void)
{
	const struct versions v = {
		.need = {.vn_version = 1, .vn_cnt = 1, .vn_aux = sizeof v.need},
		.aux = {.vna_other = 2},
		.of = {0, 2},
	};
	uint64_t at = image_data(&im, &v, sizeof v);
	struct versions *to = (void *)(im.bytes + (at - BASE));

	image_symbol(&im, "call", 0, false, function);
	to->need.vn_file = image_string(&im, "libc.so.6");
	to->aux.vna_name = image_string(&im, "V_2");
	image_dynamic(&im, DT_NEEDED, to->need.vn_file);
	image_dynamic(&im, DT_VERNEED, at);
	image_dynamic(&im, DT_VERSYM, at + offsetof(struct versions, of));
	return to;
}

START_TEST(versions_that_are_wanted)
{
	versions();
	assert_sound();
	versions()->of[1] = 0x8002; /* hidden: the same */
	assert_sound();
	versions()->of[1] = 3;
	assert_malformed("malformed symbol versions");
	versions()->need.vn_version = 2;
	assert_malformed("malformed symbol versions");
	versions()->need.vn_file = UINT32_MAX;
	assert_malformed("malformed symbol versions");
	struct versions *v = versions();
	v->need.vn_file =
		image_string(&im, "libm.so.6"); /* which is not loaded with it */
	assert_malformed("malformed symbol versions");
	versions()->need.vn_aux = IMAGE_LEN;
	assert_malformed("malformed symbol versions");
	versions()->need.vn_next = IMAGE_LEN;
	assert_malformed("malformed symbol versions");
	versions()->aux.vna_next = IMAGE_LEN;
	assert_malformed("malformed symbol versions");
	versions()->aux.vna_name = HASH - STRTAB;
	assert_malformed("malformed symbol versions");
	versions();
	image_drop_dynamic(&im, DT_VERSYM);
	assert_malformed("malformed symbol versions");
	versions();
	image_set_dynamic(&im, DT_VERSYM, BASE + IMAGE_LEN - 2);
	assert_malformed("malformed symbol versions");
}
END_TEST

struct definition {
	Elf64_Verdef def;
	Elf64_Verdaux aux;
	uint16_t of[2];
};

static struct definition *definition(void)
{
	const struct definition v = {
		.def = {.vd_version = 1,
			.vd_ndx = 2,
			.vd_cnt = 1,
			.vd_aux = sizeof v.def},
		.of = {0, 2},
	};
	uint64_t at = image_data(&im, &v, sizeof v);
	struct definition *to = (void *)(im.bytes + (at - BASE));

	image_symbol(&im, "mine", BASE, true, object);
	to->aux.vda_name = image_string(&im, "V_2");
	image_dynamic(&im, DT_VERDEF, at);
	image_dynamic(&im, DT_VERSYM, at + offsetof(struct definition, of));
	return to;
}

START_TEST(versions_that_are_given)
{
	definition();
	assert_sound();
	definition()->of[1] = 3;
	assert_malformed("malformed symbol versions");
	definition()->def.vd_version = 0;
	assert_malformed("malformed symbol versions");
	definition()->def.vd_aux = IMAGE_LEN;
	assert_malformed("malformed symbol versions");
	definition()->def.vd_next = IMAGE_LEN;
	assert_malformed("malformed symbol versions");
	definition()->aux.vda_name = UINT32_MAX;
	assert_malformed("malformed symbol versions");
}
END_TEST

/* --- relocations ------------------------------------------------------------------ */

START_TEST(relocations)
{
	uint64_t at = image_data(&im, NULL, 16);

	image_rela(&im, at, RELATIVE, 0, BASE);
	assert_sound();
	image_rela(&im, at, OTHER, 0, BASE); /* copied into a program: none of ours */
	assert_malformed("a malformed relocation table");
	image_rela(&im, at, ABSOLUTE, 77, 0);
	assert_malformed("a malformed relocation table");
	image_rela(&im, 0, RELATIVE, 0, BASE);
	assert_malformed("a malformed relocation table");
	image_rela(&im, BASE + IMAGE_LEN - 4, RELATIVE, 0, BASE);
	assert_malformed("a malformed relocation table");
	image_rela(&im, CODE, RELATIVE, 0, BASE);
	assert_malformed("a malformed relocation table");
	image_rela(&im, CODE, RELATIVE, 0,
		   BASE); /* unless it says that it does such things */
	image_dynamic(&im, DT_TEXTREL, 0);
	assert_sound();
}
END_TEST

START_TEST(relocations_of_a_kind)
{
	uint64_t at = image_data(&im, NULL, 16);

	image_rela(&im, at, RELATIVE, 0, BASE);
	image_rela(&im, at + 8, ABSOLUTE, image_symbol(&im, "one", BASE, true, object),
		   0);
	image_dynamic(&im, DT_RELACOUNT, 1);
	assert_sound();
	image_rela(&im, at, RELATIVE, 0, BASE);
	image_rela(&im, at + 8, ABSOLUTE, image_symbol(&im, "one", BASE, true, object),
		   0);
	image_dynamic(&im, DT_RELACOUNT, 2);
	assert_malformed("a malformed relocation table");
	image_rela(&im, at, RELATIVE, 0, BASE);
	image_dynamic(&im, DT_RELACOUNT, 2);
	assert_malformed("a malformed relocation table");
}
END_TEST

/* A table of functions that are bound late, of one entry. */
static void lazy(uint64_t place, uint32_t symbol)
{
	const Elf64_Rela r = {place, ELF64_R_INFO(symbol, ABSOLUTE), 0};

	image_dynamic(&im, DT_JMPREL, image_data(&im, &r, sizeof r));
	image_dynamic(&im, DT_PLTRELSZ, sizeof r);
	image_dynamic(&im, DT_PLTREL, DT_RELA);
}

START_TEST(relocations_that_come_late)
{
	lazy(BASE + IMAGE_LEN - 8, 0);
	assert_sound();
	lazy(BASE + IMAGE_LEN - 7, 0);
	assert_malformed("a malformed relocation table");
	lazy(BASE + IMAGE_LEN - 8, 9);
	assert_malformed("a malformed relocation table");
	lazy(BASE + IMAGE_LEN - 8, 0);
	image_set_dynamic(&im, DT_PLTRELSZ, IMAGE_LEN);
	assert_malformed("a malformed relocation table");
}
END_TEST

SUITE_WITH("elf_check", make, clear, segments, what_is_made_read_only,
	   texts_of_the_dynamic_section, functions_that_are_called,
	   lists_of_functions_that_are_called, symbols, gnu_hash_tables, old_hash_tables,
	   versions_that_are_wanted, versions_that_are_given, relocations,
	   relocations_of_a_kind, relocations_that_come_late)
