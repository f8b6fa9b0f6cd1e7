/* What linkers leave in a file, one thing at a time. */
#include "plugin/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cruet/error.h"
#include "image.h"
#include "suite.h"

static struct image im;
static struct arena arena;
static struct inspection got;
static const char *why;

static const unsigned char object = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);

static void make(void)
{
	arena_init(&arena, 4096);
	image_init(&im);
}

static void clear(void)
{
	arena_fini(&arena);
}

/* Looks at the image, and begins another one. */
static void look(void)
{
	image_finish(&im);
	ck_assert_msg(inspect(im.bytes, sizeof im.bytes, &arena, &got, &why) == CRUET_OK,
		      "%s", why);
	image_init(&im);
}

static void add_header(uint32_t type, uint32_t flags, uint64_t address, uint64_t size)
{
	*image_segment(&im, image_header(&im)->e_phnum++) = (Elf64_Phdr){
		.p_type = type, .p_flags = flags, .p_vaddr = address, .p_memsz = size};
}

START_TEST(a_file_that_says_nothing)
{
	look();
	ck_assert_int_eq(got.relro, RELRO_NONE);
	ck_assert(!got.bind_now && !got.text_relocations && !got.writable_code);
	ck_assert(!got.stack_protector && !got.fortify);
	ck_assert(got.exec_stack); /* who does not say otherwise gets one */
	ck_assert_ptr_null(got.run_path);
	ck_assert_ptr_null(got.exports[0]);
	ck_assert_ptr_null(got.unique[0]);
	ck_assert_uint_eq(got.mutable_bytes, IMAGE_LEN);
}
END_TEST

START_TEST(stacks)
{
	add_header(PT_GNU_STACK, PF_R | PF_W, 0, 0);
	look();
	ck_assert(!got.exec_stack);
	add_header(PT_GNU_STACK, PF_R | PF_W | PF_X, 0, 0);
	look();
	ck_assert(got.exec_stack);
}
END_TEST

START_TEST(binding_at_once_is_said_in_three_ways)
{
	image_dynamic(&im, DT_BIND_NOW, 0);
	look();
	ck_assert(got.bind_now);
	image_dynamic(&im, DT_FLAGS, DF_BIND_NOW);
	look();
	ck_assert(got.bind_now);
	image_dynamic(&im, DT_FLAGS_1, DF_1_NOW);
	look();
	ck_assert(got.bind_now);
	image_dynamic(&im, DT_FLAGS, DF_SYMBOLIC);
	image_dynamic(&im, DT_FLAGS_1, DF_1_NODELETE);
	look();
	ck_assert(!got.bind_now);
}
END_TEST

START_TEST(what_is_made_read_only)
{
	add_header(PT_GNU_RELRO, PF_R, BASE, 0x1000);
	look();
	ck_assert_int_eq(got.relro, RELRO_PARTIAL);
	ck_assert_uint_eq(got.mutable_bytes, IMAGE_LEN - 0x1000);
	add_header(PT_GNU_RELRO, PF_R, BASE, 0x1000);
	image_dynamic(&im, DT_BIND_NOW, 0);
	look();
	ck_assert_int_eq(got.relro, RELRO_FULL);
	add_header(PT_GNU_RELRO, PF_R, BASE, 0); /* nothing of it */
	look();
	ck_assert_int_eq(got.relro, RELRO_NONE);
}
END_TEST

START_TEST(ranges_that_lie)
{
	static const struct {
		uint64_t address, size, rest;
	} cases[] = {
		{BASE - 0x100, 0x200, IMAGE_LEN - 0x100},	      /* begins before */
		{BASE + IMAGE_LEN - 0x100, 0x200, IMAGE_LEN - 0x100}, /* ends behind */
		{0, UINT64_MAX, 0},				      /* is everywhere */
		{BASE + IMAGE_LEN, 0x100, IMAGE_LEN},		      /* is elsewhere */
		{0, 0x100, IMAGE_LEN},
		{BASE, UINT64_MAX, IMAGE_LEN}, /* has no end */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		add_header(PT_GNU_RELRO, PF_R, cases[i].address, cases[i].size);
		look();
		ck_assert_uint_eq(got.mutable_bytes, cases[i].rest);
	}
}
END_TEST

START_TEST(tables_of_lazy_functions_are_no_variables)
{
	image_dynamic(&im, DT_PLTGOT, BASE + DATA);
	image_dynamic(&im, DT_PLTRELSZ, 2 * sizeof(Elf64_Rela));
	look();
	ck_assert_uint_eq(got.mutable_bytes, IMAGE_LEN - (3 + 2) * 8);
	image_dynamic(&im, DT_PLTGOT, BASE + IMAGE_LEN - 16);
	image_dynamic(&im, DT_PLTRELSZ, UINT64_MAX);
	look();
	ck_assert_uint_eq(got.mutable_bytes, IMAGE_LEN - 16);
	image_dynamic(&im, DT_PLTGOT, BASE + DATA); /* read-only anyway */
	add_header(PT_GNU_RELRO, PF_R, BASE + DATA, 0x100);
	look();
	ck_assert_uint_eq(got.mutable_bytes, IMAGE_LEN - 0x100);
}
END_TEST

START_TEST(only_what_is_writable_counts)
{
	image_segment(&im, 0)->p_flags = PF_R | PF_X;
	add_header(PT_LOAD, PF_R | PF_W, BASE + IMAGE_LEN, 24); /* zeros */
	look();
	ck_assert_uint_eq(got.mutable_bytes, 24);
	ck_assert(!got.writable_code);
	image_segment(&im, 0)->p_flags = PF_R | PF_W | PF_X;
	look();
	ck_assert(got.writable_code);
}
END_TEST

START_TEST(relocations_in_code)
{
	image_dynamic(&im, DT_TEXTREL, 0);
	look();
	ck_assert(got.text_relocations);
	image_dynamic(&im, DT_FLAGS, DF_TEXTREL);
	look();
	ck_assert(got.text_relocations);
}
END_TEST

START_TEST(run_paths)
{
	image_dynamic(&im, DT_RPATH, image_string(&im, "/old"));
	look();
	ck_assert_str_eq(got.run_path, "/old");
	image_dynamic(&im, DT_RPATH, image_string(&im, "/old"));
	image_dynamic(&im, DT_RUNPATH, image_string(&im, "/opt:$ORIGIN"));
	look();
	ck_assert_str_eq(got.run_path, "/opt:$ORIGIN");
	image_dynamic(&im, DT_RUNPATH, UINT32_MAX);
	look();
	ck_assert_str_eq(got.run_path, "?");
}
END_TEST

START_TEST(checks_of_the_compiler)
{
	image_symbol(&im, "__stack_chk_fail", 0, false, object);
	look();
	ck_assert(got.stack_protector && !got.fortify);
	image_symbol(&im, "__memcpy_chk", 0, false, object);
	look();
	ck_assert(!got.stack_protector && got.fortify);
	image_symbol(&im, "__memcpy_chk", BASE, true, object); /* one of its own */
	image_symbol(&im, "memcpy_chk", 0, false, object);
	look();
	ck_assert(!got.stack_protector && !got.fortify);
}
END_TEST

static Elf64_Sym *symbol(uint32_t i)
{
	return (Elf64_Sym *)(void *)(im.bytes + SYMTAB) + i;
}

START_TEST(names_that_others_can_bind_to)
{
	image_symbol(&im, "seen", BASE, true, object);
	image_symbol(&im, "weak", BASE, true, ELF64_ST_INFO(STB_WEAK, STT_FUNC));
	image_symbol(&im, "once", BASE, true, ELF64_ST_INFO(STB_GNU_UNIQUE, STT_OBJECT));
	image_symbol(&im, "local", BASE, true, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT));
	image_symbol(&im, "wanted", 0, false, object);
	uint32_t hidden = image_symbol(&im, "hidden", BASE, true, object);
	uint32_t nameless = image_symbol(&im, "", BASE, true, object);
	symbol(hidden)->st_other = STV_HIDDEN;
	symbol(nameless)->st_name = UINT32_MAX;
	look();
	ck_assert_str_eq(got.exports[0], "seen");
	ck_assert_str_eq(got.exports[1], "weak");
	ck_assert_str_eq(got.exports[2], "once");
	ck_assert_ptr_null(got.exports[3]);
	ck_assert_str_eq(got.unique[0], "once");
	ck_assert_ptr_null(got.unique[1]);
}
END_TEST

/* Many symbols, all of one long name: little to read, much to keep. */
START_TEST(names_are_bounded)
{
	size_t len;
	unsigned char *many = image_many_symbols(&im, 2100, true, &len);

	ck_assert_int_eq(inspect(many, len, &arena, &got, &why), CRUET_ELIMIT);
	ck_assert_str_eq(why, "exports more symbols than a plugin may have");
	free(many);
	many = image_many_symbols(&im, 2000, true, &len);
	ck_assert_int_eq(inspect(many, len, &arena, &got, &why), CRUET_OK);
	free(many);
}
END_TEST

START_TEST(what_is_no_plugin)
{
	ck_assert_int_eq(inspect("text", 4, &arena, &got, &why), CRUET_EINVAL);
	ck_assert_str_eq(why, "is no ELF file");
}
END_TEST

SUITE_WITH("inspect", make, clear, a_file_that_says_nothing, stacks,
	   binding_at_once_is_said_in_three_ways, what_is_made_read_only, ranges_that_lie,
	   tables_of_lazy_functions_are_no_variables, only_what_is_writable_counts,
	   relocations_in_code, run_paths, checks_of_the_compiler,
	   names_that_others_can_bind_to, names_are_bounded, what_is_no_plugin)
