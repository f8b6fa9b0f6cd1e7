/* Reading a command line. */
#include "cli/args.h"

#include <string.h>

#include "base/arena.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

static const struct flag flags[] = {{"listen", "ADDR", "", 'l'},
				    {"set", "KEY=VALUE", "", 'D'},
				    {"quiet", NULL, "", 'q'},
				    {NULL, NULL, NULL, 0}};

static struct arena a;
static struct args args;
static const char *why;

/* Reads the words of a text, up to 8. */
static int read(const char *line)
{
	char *words[8];
	int n = 0;

	arena_fini(&a);
	arena_init(&a, 1024);
	why = NULL;
	for (char *p = arena_strdup(&a, line); (p = strtok(p, " ")); p = NULL)
		words[n++] = p;
	return args_read(&args, flags, n, words, &a, &why);
}

static void setup(void)
{
	arena_init(&a, 1024);
}

static void teardown(void)
{
	arena_fini(&a);
}

START_TEST(values_in_every_spelling)
{
	const char *const lines[] = {"--listen x", "--listen=x", "-l x", "-lx", NULL};

	for (size_t i = 0; lines[i]; i++) {
		ck_assert_int_eq(read(lines[i]), CRUET_OK);
		ck_assert_str_eq(args_value(&args, "listen"), "x");
		ck_assert_uint_eq(args.nrest, 0);
	}
	ck_assert_int_eq(read("--listen="), CRUET_OK);
	ck_assert_str_eq(args_value(&args, "listen"), "");
}
END_TEST

START_TEST(options_and_arguments_mix)
{
	ck_assert_int_eq(read("a -q b --set k=v c -"), CRUET_OK);
	ck_assert_uint_eq(args.nrest, 4);
	ck_assert_str_eq(args.rest[1], "b");
	ck_assert_str_eq(args.rest[3], "-");
	ck_assert_ptr_null(args.rest[4]);
	ck_assert_str_eq(args_value(&args, "quiet"), "");
	ck_assert_str_eq(args_value(&args, "set"), "k=v");
	ck_assert_ptr_null(args_value(&args, "listen"));
}
END_TEST

START_TEST(repeated_options_are_kept_and_the_last_is_the_value)
{
	ck_assert_int_eq(read("-D a=1 -Db=2 -D c=3"), CRUET_OK);
	ck_assert_uint_eq(args.ngiven, 3);
	ck_assert_str_eq(args.given[1].value, "b=2");
	ck_assert_str_eq(args_value(&args, "set"), "c=3");
}
END_TEST

START_TEST(nothing_is_an_option_after_two_dashes)
{
	ck_assert_int_eq(read("-q -- -q --listen --"), CRUET_OK);
	ck_assert_uint_eq(args.ngiven, 1);
	ck_assert_uint_eq(args.nrest, 3);
	ck_assert_str_eq(args.rest[2], "--");
}
END_TEST

START_TEST(help_is_always_known)
{
	ck_assert_int_eq(read("x --help"), CRUET_OK);
	ck_assert(args.help);
	ck_assert_int_eq(read("-h"), CRUET_OK);
	ck_assert(args.help);
	ck_assert_int_eq(read("--listen --help"), CRUET_OK);
	ck_assert(!args.help);
}
END_TEST

START_TEST(refusals)
{
	const char *const cases[][2] = {
		{"--lisen x", "unknown option --lisen: did you mean --listen?"},
		{"--frobnicate=1", "unknown option --frobnicate"},
		{"--hlep", "unknown option --hlep: did you mean --help?"},
		{"-x", "unknown option -x"},
		{"-l", "option -l needs a value: -l ADDR"},
		{"--set", "option --set needs a value: --set KEY=VALUE"},
		{"--quiet=1", "option --quiet takes no value"},
		{"-qx", "option -q takes no value"},
		{"--=x", "unknown option --"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(read(cases[i][0]), CRUET_EINVAL);
		ck_assert_str_eq(why, cases[i][1]);
	}
}
END_TEST

START_TEST(no_memory_is_a_refusal)
{
	static char one[] = "--listen=x";
	char *argv[] = {one};
	struct arena small;

	arena_init(&small, 64);
	fail_alloc_at(1);
	int err = args_read(&args, flags, 1, argv, &small, &why);
	fail_alloc_at(0);
	ck_assert_int_eq(err, CRUET_EINVAL);
	ck_assert_str_eq(why, "out of memory");
	arena_fini(&small);
}
END_TEST

SUITE_WITH("args", setup, teardown, values_in_every_spelling, options_and_arguments_mix,
	   repeated_options_are_kept_and_the_last_is_the_value,
	   nothing_is_an_option_after_two_dashes, help_is_always_known, refusals,
	   no_memory_is_a_refusal)
