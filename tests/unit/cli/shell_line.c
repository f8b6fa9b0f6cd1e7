#include "cli/shell_line.h"

#include <string.h>
#include "base/arena.h"
#include "suite.h"

static struct arena arena;
static struct memory memory;

static void begin(void)
{
	arena_init(&arena, 4096);
	memory_init(&memory, &arena);
}

static void end(void)
{
	arena_fini(&arena);
}

START_TEST(text_goes_on_until_it_is_closed)
{
	static const char *const whole[] = {
		"", "n", "f(1)", "int x = 1;", "\"(\"", "')'", "\"\\\"(\"", "// (", "/* ( */ 1", "i++", "i--",
		"#include <a.h>", "if (a) { b; }", "a /* c */", ")", "int f(int x);", "f(x)", "int (*f)(int)"};
	static const char *const open[] = {
		"f(", "{", "int a[] = {1,", "/* a", "/* a\n*", "f(\n1,\n", "#define A \\", "n +",
		"a =", "a &&", "s->", "/*/", "int f(int x)\n"};

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		ck_assert_msg(line_is_whole(whole[i]), "%s", whole[i]);
	for (size_t i = 0; i < sizeof open / sizeof *open; i++)
		ck_assert_msg(!line_is_whole(open[i]), "%s", open[i]);
}
END_TEST

static void first(const char *text, enum line_kind want)
{
	enum line_kind ways[LINE_WAYS];

	line_ways(text, ways);
	ck_assert_msg(ways[0] == want, "%s: %d, not %d", text, ways[0], want);
}

START_TEST(kinds_are_told_apart)
{
	first("", LINE_NOTHING);
	first(" \n", LINE_NOTHING);
	first("n", LINE_EXPRESSION);
	first("f(x)", LINE_EXPRESSION);
	first("a * b", LINE_EXPRESSION);
	first("sizeof(int)", LINE_EXPRESSION);
	first("(int)x", LINE_EXPRESSION);
	first("x = 1", LINE_EXPRESSION);
	first("x == 1", LINE_EXPRESSION);
	first("f(*x)", LINE_EXPRESSION);
	first("x = 1;", LINE_STATEMENT);
	first("f(x);", LINE_STATEMENT);
	first("return x;", LINE_STATEMENT);
	first("if (a) { b; }", LINE_STATEMENT);
	first("for (int i = 0; i < 3; i++) f(i);", LINE_STATEMENT);
	first("{ int x; }", LINE_STATEMENT);
	first("int n", LINE_FIXED);
	first("int n = 1;", LINE_FIXED);
	first("int a[] = {1, 2};", LINE_FIXED);
	first("const char *s = \"a\"", LINE_FIXED);
	first("a * b;", LINE_FIXED);
	first("struct point p = {1, 2};", LINE_FIXED);
	first("struct point *p;", LINE_FIXED);
	first("int (*f)(int);", LINE_FIXED);
	first("int n = f(1);", LINE_VARIABLES);
	first("cruet_client *t = cruet_client_new(app)", LINE_VARIABLES);
	first("auto x = y", LINE_VARIABLES);
	first("int f(int x) { return x; }", LINE_FUNCTION);
	first("static struct a *f(void)\n{\n}", LINE_FUNCTION);
	first("int f(int x);", LINE_TYPE);
	first("extern int n;", LINE_TYPE);
	first("struct a { int x; };", LINE_TYPE);
	first("enum { A, B }", LINE_TYPE);
	first("typedef int t;", LINE_TYPE);
	first("#include <ctype.h>", LINE_DIRECTIVE);
	first("  #define A 1", LINE_DIRECTIVE);
}
END_TEST

START_TEST(lines_come_in_pieces)
{
	const char *text = "int a = 1; f(\";\"); for (;;) { b; }";

	ck_assert_str_eq(line_piece(text), " f(\";\"); for (;;) { b; }");
	ck_assert_str_eq(line_piece(line_piece(text)), " for (;;) { b; }");
	ck_assert_str_eq(line_piece(" for (;;) { b; }"), "");
	ck_assert_str_eq(line_piece("struct a { int b; }; c"), " c");
	ck_assert_str_eq(line_piece("a"), "");
	ck_assert_str_eq(line_piece(""), "");
	ck_assert_str_eq(line_piece(";;"), ";");
}
END_TEST

static void has(const char *source, const char *part)
{
	ck_assert_ptr_nonnull(source);
	ck_assert_msg(strstr(source, part) != NULL, "no \"%s\" in: %s", part, source);
}

START_TEST(variables_live_outside_of_the_function)
{
	const char *s = line_source(&memory, "int a = f(1), *b, c2[2] = {1, g(2)};", LINE_VARIABLES);

	has(s, "extern int a __asm__(\"cruet__0_a\"), *b __asm__(\"cruet__0_b\"), "
	       "c2[2] __asm__(\"cruet__0_c2\");\n");
	has(s, "int a, *b, c2[2];\n");
	has(s, "\ta = f(1);\n\tmemcpy(&c2, &(__typeof__(c2)){1, g(2)}, sizeof c2);\n");
	s = line_source(&memory, "static int n = 1", LINE_FIXED);
	has(s, "extern int n __asm__(\"cruet__0_n\");\n");
	has(s, "int n = 1;\n");
	has(line_source(&memory, "auto x = f(1)", LINE_VARIABLES), "__typeof__((void)0, (f(1))) x;\n");
	has(line_source(&memory, "int (*fp)(int) = g", LINE_FIXED),
	    "extern int (*fp)(int) __asm__(\"cruet__0_fp\");\n");
}
END_TEST

START_TEST(what_was_declared_is_known_until_it_is_anew)
{
	ck_assert(line_remember(&memory, "const char*a = \"x\", b, *d", LINE_FIXED));
	ck_assert(line_remember(&memory, "int f(int x) { return x; }", LINE_FUNCTION));
	ck_assert(line_remember(&memory, "struct s { int i; };", LINE_TYPE));
	ck_assert(line_remember(&memory, "f(1)", LINE_EXPRESSION));
	const char *s = line_source(&memory, "a", LINE_EXPRESSION);
	has(s, "extern const char*a __asm__(\"cruet__0_a\");\n");
	has(s, "extern const char b __asm__(\"cruet__0_b\");\n");
	has(s, "extern const char *d __asm__(\"cruet__0_d\");\n");
	has(s, "int f(int x) __asm__(\"cruet__1_f\");\n");
	has(s, "struct s { int i; };;\n");

	s = line_source(&memory, "double f(void) { return 1; }", LINE_FUNCTION);
	ck_assert_ptr_null(strstr(s, "cruet__1_f"));
	has(s, "double f(void) __asm__(\"cruet__4_f\");\n");
	has(s, "cruet__0_a");
	ck_assert(line_remember(&memory, "int a", LINE_FIXED));
	s = line_source(&memory, "a", LINE_EXPRESSION);
	ck_assert_ptr_null(strstr(s, "cruet__0_a"));
	has(s, "extern int a __asm__(\"cruet__4_a\");\n");
}
END_TEST

SUITE_WITH("shell_line", begin, end, text_goes_on_until_it_is_closed, kinds_are_told_apart,
	   lines_come_in_pieces,
	   variables_live_outside_of_the_function, what_was_declared_is_known_until_it_is_anew)
