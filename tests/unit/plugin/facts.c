/* Descriptors read out of images: everything comes across, and whatever is wrong in the
 * bytes gives a sentence, never a crash. */
#include "plugin/facts.h"

#include <stdlib.h>
#include <string.h>

#include "app/option.h"
#include "base/arena.h"
#include "cruet/error.h"
#include "described.h"
#include "plugin/descriptor.h"
#include "suite.h"

static struct image im;
static struct arena arena;
static struct facts facts;
static const char *why;
static uint64_t at;    /* of the descriptor */
static uint64_t table; /* of the options */

static const unsigned char object = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);

#define AT(member)	 (at + offsetof(cruet_plugin, member))
#define OPTION(i, member) (table + (i) * sizeof(cruet_option) + offsetof(cruet_option, member))

static void make(void)
{
	arena_init(&arena, 65536);
	image_init(&im);
	describe(&im, &at, &table);
}

static void clear(void)
{
	arena_fini(&arena);
}

static int read_it(const char *expected)
{
	image_finish(&im);
	return facts_read(im.bytes, sizeof im.bytes, expected, &arena, &facts, &why);
}

static void again(void)
{
	image_init(&im);
	describe(&im, &at, &table);
}

#define assert_reads() ck_assert_msg(read_it("pages") == CRUET_OK, "%s", why)
#define assert_refused(text)                                                             \
	do {                                                                             \
		ck_assert_int_lt(read_it("pages"), 0);                                   \
		ck_assert_ptr_nonnull(why);                                              \
		ck_assert_str_eq(why, text);                                             \
		again();                                                                 \
	} while (0)

static void set_uint(uint64_t where, uint64_t v, size_t n)
{
	image_put(&im, where, &v, n);
}

/* --- what is right --------------------------------------------------------------------- */

START_TEST(everything_comes_across)
{
	assert_reads();
	const cruet_plugin *p = facts.plugin;
	ck_assert_str_eq(facts.symbol, "cruet_plugin_pages");
	ck_assert_str_eq(p->name, "pages");
	ck_assert_str_eq(p->version, "1.2.3");
	ck_assert_str_eq(p->summary, "Shows pages");
	ck_assert_uint_eq(p->flags, CRUET_REPEATABLE);
	ck_assert_uint_eq(p->config_size, 24);
	ck_assert_uint_eq(p->state_size, 48);
	ck_assert_str_eq(p->needs[0], "db/1");
	ck_assert_str_eq(p->needs[1], "log/1?");
	ck_assert_ptr_null(p->needs[2]);
	ck_assert_str_eq(p->provides[0], "pages/2");
	ck_assert_str_eq(p->after[0], "cache");
	ck_assert(!p->configure && p->init && !p->start && p->stop && !p->fini && p->migrate);
	ck_assert(p->core == cruet_core_id);
}
END_TEST

START_TEST(options_come_across)
{
	assert_reads();
	const cruet_plugin *p = facts.plugin;
	const cruet_option *slots = option_at(p->options, p->option_size, 0);
	const cruet_option *mode = option_at(p->options, p->option_size, 1);
	ck_assert_str_eq(slots->name, "slots");
	ck_assert_str_eq(slots->def, "4");
	ck_assert_str_eq(slots->help, "slots, 1 to 9");
	ck_assert_int_eq(slots->min, 1);
	ck_assert_int_eq(slots->max, 9);
	ck_assert_str_eq(mode->choices, "fast|slow");
	ck_assert_ptr_null(mode->def);
	ck_assert_ptr_null(option_at(p->options, p->option_size, 2));
}
END_TEST

START_TEST(imports_libraries_and_the_hash)
{
	assert_reads();
	ck_assert_str_eq(facts.libraries[0], "libcruet.so.0");
	ck_assert_str_eq(facts.libraries[1], "libc.so.6");
	ck_assert_ptr_null(facts.libraries[2]);
	ck_assert_str_eq(facts.imports[0], "cruet_core_id");
	ck_assert_str_eq(facts.imports[1], "cruet_stop_it");
	ck_assert_ptr_null(facts.imports[2]);
	ck_assert_uint_eq(strlen(facts.sha256), 64);
	ck_assert(!facts.uses_origin && !facts.unique_symbols);
}
END_TEST

/* What may stay undefined is not needed. */
START_TEST(weak_imports_are_none)
{
	image_symbol(&im, "perhaps", 0, false, ELF64_ST_INFO(STB_WEAK, STT_NOTYPE));
	image_symbol(&im, "malloc", 0, false, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC));
	assert_reads();
	ck_assert_str_eq(facts.imports[2], "malloc");
	ck_assert_ptr_null(facts.imports[3]);
}
END_TEST

START_TEST(imports_are_bounded)
{
	size_t len;
	unsigned char *many = image_many_symbols(&im, 2100, false, &len);

	ck_assert_int_lt(facts_read(many, len, "pages", &arena, &facts, &why), 0);
	ck_assert_str_eq(why, "imports more symbols than a plugin may have");
	free(many);
	again();
	many = image_many_symbols(&im, 2000, false, &len);
	ck_assert_int_eq(facts_read(many, len, "pages", &arena, &facts, &why), CRUET_OK);
	free(many);
}
END_TEST

START_TEST(what_is_unusual_is_noted)
{
	image_symbol(&im, "once", BASE, true, ELF64_ST_INFO(STB_GNU_UNIQUE, STT_OBJECT));
	image_dynamic(&im, DT_RUNPATH, image_string(&im, "/opt:$ORIGIN/lib"));
	assert_reads();
	ck_assert(facts.unique_symbols);
	ck_assert(facts.uses_origin);
	again();
	image_dynamic(&im, DT_RPATH, image_string(&im, "${ORIGIN}"));
	assert_reads();
	ck_assert(facts.uses_origin);
	again();
	image_dynamic(&im, DT_NEEDED, UINT32_MAX);
	assert_refused("has a malformed dynamic section");
}
END_TEST

/* The same descriptor, its pointers packed. */
START_TEST(packed_relocations_serve_as_well)
{
	const Elf64_Rela *r = (const Elf64_Rela *)(const void *)(im.bytes + RELA);
	size_t n = im.nrela;
	Elf64_Rela kept[64];

	memcpy(kept, r, n * sizeof *r);
	im.nrela = 0;
	for (size_t i = 0; i < n; i++) {
		if (ELF64_R_TYPE(kept[i].r_info) != RELATIVE) {
			image_rela(&im, kept[i].r_offset, ABSOLUTE,
				   (uint32_t)ELF64_R_SYM(kept[i].r_info), 0);
			continue;
		}
		set_uint(kept[i].r_offset, (uint64_t)kept[i].r_addend, 8);
		image_relr(&im, kept[i].r_offset);
	}
	assert_reads();
	ck_assert_str_eq(facts.plugin->version, "1.2.3");
	ck_assert_str_eq(facts.plugin->needs[1], "log/1?");
}
END_TEST

START_TEST(a_name_may_be_left_open)
{
	ck_assert_int_eq(read_it(NULL), CRUET_OK);
	ck_assert_str_eq(facts.plugin->name, "pages");
	image_symbol(&im, "cruet_plugin_more", at, true, object);
	ck_assert_int_lt(read_it(NULL), 0);
	ck_assert_str_eq(why, "describes more than one plugin");
	assert_reads(); /* a file may hold several, if one is asked for */
	ck_assert_int_lt(read_it("less"), 0);
	ck_assert_str_eq(why, "describes the plugin 'more': name the file more.so");
	image_init(&im);
	ck_assert_int_lt(read_it(NULL), 0);
	ck_assert_str_eq(why, "exports no cruet_plugin_NAME: a plugin says CRUET_PLUGIN(NAME, ...)");
}
END_TEST

/* --- growth ------------------------------------------------------------------------------ */

START_TEST(a_larger_descriptor_that_says_nothing_more)
{
	set_uint(AT(size), sizeof(cruet_plugin) + 64, 4);
	assert_reads();
	set_uint(at + sizeof(cruet_plugin) + 63, 1, 1);
	ck_assert_int_lt(read_it("pages"), 0);
	ck_assert_msg(strstr(why, "uses features of a newer cruet") == why, "%s", why);
}
END_TEST

/* Linkers may leave it to a relocation alone: the file has zeros. */
START_TEST(a_larger_descriptor_that_points_to_more)
{
	set_uint(AT(size), sizeof(cruet_plugin) + 64, 4);
	assert_reads();
	image_point(&im, at + sizeof(cruet_plugin) + 56, BASE + 0x80);
	ck_assert_int_lt(read_it("pages"), 0);
	ck_assert_msg(strstr(why, "uses features of a newer cruet") == why, "%s", why);
}
END_TEST

/* What lies behind an older one is not its own. */
START_TEST(a_smaller_descriptor_has_no_more)
{
	set_uint(AT(size), CRUET_UPTO(cruet_plugin, fini), 4);
	assert_reads();
	ck_assert(facts.plugin->stop && !facts.plugin->migrate);
}
END_TEST

START_TEST(sizes_that_cannot_be)
{
	set_uint(AT(size), CRUET_UPTO(cruet_plugin, fini) - 8, 4);
	assert_refused("has a malformed descriptor");
	set_uint(AT(size), 0, 4);
	assert_refused("has a malformed descriptor");
	set_uint(AT(size), UINT32_MAX, 4);
	assert_refused("has a malformed descriptor");
	set_uint(AT(size), IMAGE_LEN, 4); /* goes on behind the file */
	assert_refused("is cut short: its descriptor is missing");
	set_uint(AT(option_size), 8, 4);
	assert_refused("has a malformed descriptor");
	set_uint(AT(option_size), 65536, 4);
	assert_refused("has a malformed descriptor");
	set_uint(AT(config_size), UINT64_MAX, 8);
	assert_refused("wants 18446744073709551615 bytes of config and 48 of state: at most 1048576 "
		       "and 67108864 are given");
}
END_TEST

static void widen_options(void)
{
	unsigned char entries[3][sizeof(cruet_option) + 16];

	memset(entries, 0, sizeof entries);
	const cruet_option o = {.type = CRUET_OPT_BOOL, .offset = 1};
	memcpy(entries[0], &o, sizeof o);
	table = image_data(&im, entries, sizeof entries);
	image_point_text(&im, table + offsetof(cruet_option, name), "wide");
	im.nrela--; /* in place of the old table: */
	for (size_t i = 0; i < im.nrela; i++) {
		Elf64_Rela *r = (Elf64_Rela *)(void *)(im.bytes + RELA) + i;
		if (r->r_offset == AT(options))
			r->r_addend = (int64_t)table;
	}
	im.nrela++;
	set_uint(AT(option_size), sizeof entries[0], 4);
}

START_TEST(option_entries_may_be_larger)
{
	widen_options();
	assert_reads();
	ck_assert_str_eq(facts.plugin->options[0].name, "wide");
	ck_assert_uint_eq(facts.plugin->option_size, sizeof(cruet_option));
	set_uint(table + sizeof(cruet_option) + 15, 1, 1);
	assert_refused("uses features of a newer cruet: its options say more than is known here");
	widen_options();
	image_point(&im, table + sizeof(cruet_option) + 8, BASE + 0x80);
	assert_refused("uses features of a newer cruet: its options say more than is known here");
}
END_TEST

/* --- what is wrong ------------------------------------------------------------------------ */

/* Takes the relocation away and leaves a value. */
static void break_pointer(uint64_t where, uint64_t v)
{
	for (size_t i = 0; i < im.nrela; i++) {
		Elf64_Rela *r = (Elf64_Rela *)(void *)(im.bytes + RELA) + i;
		if (r->r_offset == where)
			r->r_offset = BASE + IMAGE_LEN - 16;
	}
	set_uint(where, v, 8);
}

static void point_elsewhere(uint64_t where, uint64_t to)
{
	for (size_t i = 0; i < im.nrela; i++) {
		Elf64_Rela *r = (Elf64_Rela *)(void *)(im.bytes + RELA) + i;
		if (r->r_offset == where)
			r->r_addend = (int64_t)to;
	}
}

START_TEST(pointers_to_nowhere)
{
	static const size_t members[] = {
		offsetof(cruet_plugin, name),	  offsetof(cruet_plugin, version),
		offsetof(cruet_plugin, summary),  offsetof(cruet_plugin, needs),
		offsetof(cruet_plugin, provides), offsetof(cruet_plugin, after),
		offsetof(cruet_plugin, options),
	};
	static const uint64_t nowhere[] = {1, BASE - 1, BASE + IMAGE_LEN, BASE + IMAGE_LEN - 1,
					   UINT64_MAX};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		break_pointer(at + members[i], BASE + DATA);
		assert_refused("has a malformed descriptor");
		for (size_t k = 0; k < sizeof nowhere / sizeof *nowhere; k++) {
			im.bytes[IMAGE_LEN - 1] = 'x';
			point_elsewhere(at + members[i], nowhere[k]);
			assert_refused("has a malformed descriptor");
		}
	}
	break_pointer(AT(init), 1);
	assert_refused("has a malformed descriptor");
	break_pointer(OPTION(0, def), 1);
	assert_refused("has a malformed descriptor");
	point_elsewhere(OPTION(1, name), UINT64_MAX);
	assert_refused("has a malformed descriptor");
}
END_TEST

START_TEST(texts_from_elsewhere)
{
	uint32_t symbol = image_symbol(&im, "version", 0, false, object);
	break_pointer(AT(version), 0);
	image_rela(&im, AT(version), ABSOLUTE, symbol, 0);
	assert_refused("has a malformed descriptor");
}
END_TEST

START_TEST(no_name_at_all)
{
	break_pointer(AT(name), 0);
	assert_refused("calls itself \"\": a name begins with a letter and has lower-case letters, "
		       "digits and '_'");
}
END_TEST

START_TEST(a_core_of_its_own)
{
	uint32_t own = image_symbol(&im, "cruet_core_id_2", BASE, true, object);

	break_pointer(AT(core), 0);
	assert_refused("brings a core of its own: link it to libcruet.so");
	break_pointer(AT(core), 0);
	image_point(&im, AT(core), BASE + 0x80);
	assert_refused("brings a core of its own: link it to libcruet.so");
	break_pointer(AT(core), 0);
	image_rela(&im, AT(core), ABSOLUTE, own, 0);
	assert_refused("brings a core of its own: link it to libcruet.so");
}
END_TEST

/* Lists and tables that have no end. */
START_TEST(lists_are_bounded)
{
	struct image *big = &im;
	uint64_t word = image_text(big, "a/1");
	enum { LONG = PLUGIN_LIST_MAX + 1 };
	size_t len = IMAGE_LEN + (LONG + 1) * (8 + sizeof(Elf64_Rela)) + im.nrela * sizeof(Elf64_Rela);
	unsigned char *bytes = calloc(1, len);
	uint64_t to = BASE + IMAGE_LEN, rela = to + (LONG + 1) * 8;
	Elf64_Rela *out = (Elf64_Rela *)(void *)(bytes + (rela - BASE));

	point_elsewhere(AT(needs), to);
	image_finish(&im);
	image_set_dynamic(&im, DT_RELA, rela);
	image_set_dynamic(&im, DT_RELASZ, (im.nrela + LONG) * sizeof *out);
	image_segment(&im, 0)->p_filesz = image_segment(&im, 0)->p_memsz = len;
	memcpy(bytes, im.bytes, IMAGE_LEN);
	memcpy(out, im.bytes + RELA, im.nrela * sizeof *out);
	for (size_t i = 0; i < LONG; i++)
		out[im.nrela + i] =
			(Elf64_Rela){to + i * 8, ELF64_R_INFO(0, RELATIVE), (int64_t)word};
	ck_assert_int_lt(facts_read(bytes, len, "pages", &arena, &facts, &why), 0);
	ck_assert_str_eq(why, "has a malformed descriptor");
	free(bytes);
}
END_TEST

SUITE_WITH("facts", make, clear, everything_comes_across, options_come_across,
	   imports_libraries_and_the_hash, weak_imports_are_none,
	   imports_are_bounded, what_is_unusual_is_noted,
	   packed_relocations_serve_as_well, a_name_may_be_left_open,
	   a_larger_descriptor_that_says_nothing_more, a_larger_descriptor_that_points_to_more,
	   a_smaller_descriptor_has_no_more, sizes_that_cannot_be,
	   option_entries_may_be_larger, pointers_to_nowhere, texts_from_elsewhere,
	   no_name_at_all, a_core_of_its_own, lists_are_bounded)
