/* Text in columns. */
#include "cli/table.h"

#include <string.h>

#include "base/arena.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

static struct arena a;
static struct table t;

static void fresh(size_t columns)
{
	arena_fini(&a);
	arena_init(&a, 1024);
	table_init(&t, &a, columns);
}

static const char *printed(void)
{
	static char out[512];
	FILE *f = fmemopen(out, sizeof out, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(table_print(&t, "> ", f), CRUET_OK);
	fclose(f);
	return out;
}

START_TEST(columns_are_as_wide_as_their_widest_cell)
{
	fresh(3);
	table_row(&t, "NAME", "N", "WHAT");
	table_row(&t, "a", "10000", "first");
	table_row(&t, "longer", "2", "second");
	ck_assert_str_eq(printed(), "> NAME    N      WHAT\n"
				    "> a       10000  first\n"
				    "> longer  2      second\n");
}
END_TEST

START_TEST(no_space_ends_a_line)
{
	fresh(3);
	table_row(&t, "a", "", NULL);
	table_row(&t, "bb", "x", "");
	table_row(&t, "", "", "");
	ck_assert_str_eq(printed(), "> a\n> bb  x\n> \n");
}
END_TEST

START_TEST(characters_count_not_bytes)
{
	fresh(2);
	table_row(&t, "Grüße", "x");
	table_row(&t, "abcdef", "y");
	ck_assert_str_eq(printed(), "> Grüße   x\n> abcdef  y\n");
}
END_TEST

START_TEST(cells_are_copied_and_control_bytes_spelled_out)
{
	char cell[] = "a\033b";

	fresh(2);
	table_row(&t, cell, "x");
	cell[0] = 'z';
	ck_assert_str_eq(printed(), "> a\\x1bb  x\n");
}
END_TEST

START_TEST(a_missing_row_is_no_table)
{
	fresh(1);
	fail_alloc_at(1);
	table_row(&t, "x");
	fail_alloc_at(0);
	ck_assert_int_eq(table_print(&t, "", stdout), CRUET_ENOMEM);
	arena_fini(&a);
}
END_TEST

SUITE("table", columns_are_as_wide_as_their_widest_cell, no_space_ends_a_line,
      characters_count_not_bytes, cells_are_copied_and_control_bytes_spelled_out,
      a_missing_row_is_no_table)
