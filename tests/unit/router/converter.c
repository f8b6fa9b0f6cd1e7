/* Converters: what they take of a path, what they make of it, and of a value. */
#include "app/converter.h"
#include "app/pattern.h"

#include "base/real.h"
#include "base/text.h"
#include "fail_alloc.h"
#include "fixture.h"

static struct conv_pool pool;
static const cruet_converter *plugins_own;

static const cruet_converter *find(void *arg, const char *name)
{
	(void)arg;
	return plugins_own && !strcmp(plugins_own->name, name) ? plugins_own : NULL;
}

static bool init(struct conv *cv, const char *name, const char *args)
{
	struct pattern_env e = {.find = find, .pool = &pool, .keep = &mem, .scratch = &mem};

	why = NULL;
	return conv_init(cv, name, args, args ? strlen(args) : 0, &e, &why);
}

/* "int(min=1)" or "int" */
static struct conv conv_of(const char *text)
{
	const char *open = strchr(text, '(');
	struct conv cv;
	char *name = arena_strndup(&mem, text, open ? (size_t)(open - text) : strlen(text));
	char *args = open ? arena_strndup(&mem, open + 1, strlen(open) - 2) : NULL;

	ck_assert_msg(init(&cv, name, args), "%s: %s", text, why);
	return cv;
}

static void setup(void)
{
	arena_init(&mem, 4096);
	plugins_own = NULL;
}

static void teardown(void)
{
	arena_fini(&mem);
}

/* --- shape and limits --- */

/* The canonical text of a whole segment; "-" if the shape or a limit is against it. */
static const char *value(const struct conv *cv, const char *s)
{
	struct arg arg = {.name = NULL};
	size_t len = strlen(s);

	if (!conv_takes(cv, NULL, s, len) || !conv_accept(cv, &mem, NULL, s, len, &arg))
		return "-";
	return arg.value;
}

START_TEST(what_each_takes_and_what_it_makes_of_it)
{
	static const struct {
		const char *conv, *in, *out;
	} cases[] = {
		{"string", "a", "a"},
		{"string", "", "-"},
		{"string", "a.b-c", "a.b-c"},
		{"string", "a/b", "-"},
		{"string", "\xC5\xBC", "\xC5\xBC"},
		{"default", "x", "x"},
		{"string(length=2)", "ab", "ab"},
		{"string(length=2)", "a", "-"},
		{"string(length=2)", "abc", "-"},
		{"string(length=2)", "\xC5\xBC\xC3\xB3", "\xC5\xBC\xC3\xB3"}, /* characters */
		{"string(minlength=2)", "a", "-"},
		{"string(minlength=2)", "ab", "ab"},
		{"string(2, 3)", "abcd", "-"},
		{"string(minlength=2, maxlength=3)", "abc", "abc"},
		{"string(maxlength=None)", "abc", "abc"},

		{"int", "0", "0"},
		{"int", "007", "7"},
		{"int", "-1", "-"},
		{"int", "+1", "-"},
		{"int", "1.0", "-"},
		{"int", "", "-"},
		{"int", "\xD9\xA1", "-"}, /* an Arabic one */
		{"int", "9223372036854775807", "9223372036854775807"},
		{"int", "9223372036854775808", "-"},
		{"int(signed=True)", "-1", "-1"},
		{"int(signed=True)", "-0", "0"},
		{"int(signed=True)", "-007", "-7"},
		{"int(signed=True)", "-", "-"},
		{"int(signed=True)", "--1", "-"},
		{"int(signed=True)", "+1", "-"},
		{"int(signed=True)", "-9223372036854775808", "-9223372036854775808"},
		{"int(signed=True)", "-9223372036854775809", "-"},
		{"int(fixed_digits=4)", "0042", "42"},
		{"int(4)", "42", "-"},
		{"int(4)", "00042", "-"},
		{"int(min=1, max=9)", "0", "-"},
		{"int(min=1, max=9)", "1", "1"},
		{"int(min=1, max=9)", "9", "9"},
		{"int(min=1, max=9)", "10", "-"},
		{"int(min=-5, signed=True)", "-5", "-5"},
		{"int(min=-5, signed=True)", "-6", "-"},
		{"int(min=2.5)", "2", "-"},
		{"int(min=37777777777777777777777)", "9223372036854775806", "-"},
		{"int(max=-37777777777777777777777, signed=True)", "-9223372036854775807", "-"},
		{"int(min=2.5)", "3", "3"},
		{"int(max=2.5)", "3", "-"},
		{"int(max=-2.5, signed=True)", "-3", "-3"},
		{"int(max=-2.5, signed=True)", "-2", "-"},

		{"float", "1.5", "1.5"},
		{"float", "00.10", "0.1"},
		{"float", "1", "-"},
		{"float", ".5", "-"},
		{"float", "1.", "-"},
		{"float", "1e5", "-"},
		{"float", "1.5e5", "-"},
		{"float", "nan", "-"},
		{"float", "inf", "-"},
		{"float", "1.5.5", "-"},
		{"float", "-1.5", "-"},
		{"float(signed=True)", "-1.5", "-1.5"},
		{"float(signed=True)", "-0.0", "-0.0"},
		{"float(min=1.5)", "1.49", "-"},
		{"float(min=1.5)", "1.50", "1.5"},
		{"float(max=2)", "2.0", "2.0"},
		{"float(max=2)", "2.01", "-"},

		{"path", "a", "a"},
		{"path", "a/b//c/", "a/b//c/"},
		{"path", "/a", "-"},
		{"path", "", "-"},

		{"uuid", "6BA7B810-9dad-11d1-80B4-00c04fd430c8",
		 "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
		{"uuid", "6ba7b8109dad11d180b400c04fd430c8", "-"},
		{"uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c", "-"},
		{"uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c88", "-"},
		{"uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430cg", "-"},
		{"uuid", "6ba7b810-9dad-11d1-80b400-c04fd430c8", "-"},

		{"any(a,b)", "a", "a"},
		{"any(a,b)", "A", "-"},
		{"any(a,b)", "ab", "-"},
		{"any(a,b)", "", "-"},
		{"any(a, \"c,d\", 'e f')", "c,d", "c,d"},
		{"any(a, \"c,d\", 'e f')", "e f", "e f"},
		{"any(a.b)", "a.b", "a.b"},
		{"any(7, 1.5, -3)", "-3", "-3"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct conv cv = conv_of(cases[i].conv);
		ck_assert_msg(!strcmp(value(&cv, cases[i].in), cases[i].out), "%s of %s: %s",
			      cases[i].conv, cases[i].in, value(&cv, cases[i].in));
	}
}
END_TEST

START_TEST(what_ends_its_text_needs_no_copy)
{
	static const char path[] = "one/two";
	struct conv cv = conv_of("string");
	struct arg arg;

	ck_assert(conv_accept(&cv, &mem, NULL, path + 4, 3, &arg));
	ck_assert_ptr_eq(arg.value, path + 4);
	ck_assert(conv_accept(&cv, &mem, NULL, path, 3, &arg));
	ck_assert_str_eq(arg.value, "one");
}
END_TEST

START_TEST(numbers_come_as_numbers)
{
	struct conv i = conv_of("int"), f = conv_of("float");
	struct arg arg;

	ck_assert(conv_accept(&i, &mem, NULL, "0042xx", 4, &arg));
	ck_assert_uint_eq(arg.kind, ARG_INT);
	ck_assert_int_eq(arg.number, 42);
	ck_assert_str_eq(arg.value, "42");
	ck_assert(conv_accept(&f, &mem, NULL, "1.250", 5, &arg));
	ck_assert_uint_eq(arg.kind, ARG_REAL);
	ck_assert_str_eq(arg.value, "1.25");
}
END_TEST

/* All lengths that are tried, in order. */
static const char *tries(const char *conv, const char *s)
{
	struct conv cv = conv_of(conv);
	struct conv_try t = {.at = 0};
	struct buf b;
	size_t len;

	buf_init(&b, &mem, 0);
	while (conv_next(&cv, s, strlen(s), &t, &len))
		buf_printf(&b, "%s%zu", b.len ? " " : "", len);
	return b.p;
}

START_TEST(lengths_are_tried_as_a_regular_expression_would)
{
	static const struct {
		const char *conv, *in, *lens;
	} cases[] = {
		{"string", "abc/d", "3 2 1"},
		{"string", "\xC5\xBC\xC3\xB3x", "5 4 2"},
		{"string(minlength=2)", "abcd", "4 3 2"},
		{"string(maxlength=2)", "abcd", "2 1"},
		{"string", "/", ""},
		{"int", "123a", "3 2 1"},
		{"int", "-12", ""},
		{"int(signed=True)", "-12", "3 2"},
		{"float", "12.34", "5 4"},
		{"float", "12.a", ""},
		{"float", "12", ""},
		{"path", "a/\xC5\xBC", "1 2 4"}, /* the least first */
		{"path", "/a", ""},
		{"uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8x", "36"},
		{"uuid", "6ba7b810", ""},
		{"any(a,ab,abc,x)", "abc", "1 2 3"}, /* in the order written */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(!strcmp(tries(cases[i].conv, cases[i].in), cases[i].lens),
			      "%s of %s: %s", cases[i].conv, cases[i].in,
			      tries(cases[i].conv, cases[i].in));
}
END_TEST

/* --- into a URL --- */

START_TEST(values_become_text_that_matches_again)
{
	static const struct {
		const char *conv, *in, *out;
	} cases[] = {
		{"int", "7", "7"},
		{"int", "007", "7"},
		{"int", "7.9", "7"},
		{"int(fixed_digits=4)", "42", "0042"},
		{"int(fixed_digits=2)", "12345", "12345"},
		{"float", "2", "2.0"},
		{"float", "2.50", "2.5"},
		{"float", "1e22", "10000000000000000000000.0"},
		{"float", "-1.25e+20", "-125000000000000000000.0"},
		{"float", "1.7976931348623157e308", NULL},
		{"float", "1e-7", "0.0000001"},
		{"float", "-12.5e-10", "-0.00000000125"},
		{"string(length=2)", "longer", "longer"}, /* the length is not checked */
		{"path", "a/b", "a/b"},
		{"any(a,b)", "b", "b"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct conv cv = conv_of(cases[i].conv);
		const char *text = conv_format(&cv, &mem, NULL, cases[i].in, &why);
		ck_assert_ptr_nonnull(text);
		if (cases[i].out)
			ck_assert_str_eq(text, cases[i].out);
		cv.is_signed = true;
		if (cv.kind == CONV_INT || cv.kind == CONV_FLOAT)
			ck_assert_msg(conv_takes(&cv, NULL, text, strlen(text)), "%s", text);
	}
}
END_TEST

START_TEST(a_large_float_reads_back_from_its_url)
{
	static const double values[] = {1.7976931348623157e308, 2.2250738585072014e-308, 5e-324,
					1.2345678901234567e+17, 9.87654321e-05};
	struct conv cv = conv_of("float");

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		char text[32];
		double back = 0;
		real_put(text, sizeof text, values[i]);
		const char *url = conv_format(&cv, &mem, NULL, text, &why);
		ck_assert(conv_takes(&cv, NULL, url, strlen(url)));
		back = strtod(url, NULL);
		ck_assert_msg(!memcmp(&back, &values[i], sizeof back), "%s", url);
	}
}
END_TEST

/* --- arguments --- */

START_TEST(arguments_that_do_not_fit_are_named)
{
	static const struct {
		const char *name, *args, *why;
	} cases[] = {
		{"int", "min=x", "converter 'int': argument 'min': expected a number"},
		{"int", "size=1", "converter 'int': argument 'size': expected fixed_digits, min, max "
				  "or signed"},
		{"int", "1,2,3,True,5", "converter 'int': argument '5': expected fixed_digits, min, "
					"max or signed"},
		{"int", "fixed_digits=-1", "converter 'int': argument 'fixed_digits': expected a "
					   "number of digits"},
		{"int", "fixed_digits=101", "converter 'int': argument 'fixed_digits': expected a "
					    "number of digits"},
		{"int", "signed=maybe", "converter 'int': argument 'signed': expected True or False"},
		{"float", "fixed_digits=2", "converter 'float': argument 'fixed_digits': expected "
					    "min, max or signed"},
		{"string", "length=x", "converter 'string': argument 'length': expected a number of "
				       "characters"},
		{"string", "length=1.5", "converter 'string': argument 'length': expected a number "
					 "of characters"},
		{"string", "length=-1", "converter 'string': argument 'length': expected a number of "
					"characters"},
		{"string", "size=1", "converter 'string': argument 'size': expected minlength, "
				     "maxlength or length"},
		{"path", "1", "converter 'path': argument '1': expected none"},
		{"uuid", "x=1", "converter 'uuid': argument 'x': expected none"},
		{"any", "", "converter 'any': expected at least one word"},
		{"any", "a=b", "converter 'any': argument 'a': expected words without '=' and '/'"},
		{"any", "'a/b'", "converter 'any': argument 'a/b': expected words without '=' and "
				 "'/'"},
		{"any", "a,,b", "cannot read the converter argument ',b'"},
		{"any", "'a", "cannot read the converter argument ''a'"},
		{"any", "a b", "cannot read the converter argument 'a b'"},
		{"int", "min=", "cannot read the converter argument 'min='"},
		{"int", "min=-", "cannot read the converter argument 'min=-'"},
		{"int", "min=-x", "cannot read the converter argument 'min=-x'"},
		{"none", "", "the converter 'none' does not exist"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct conv cv;
		ck_assert_msg(!init(&cv, cases[i].name, cases[i].args), "%s(%s)", cases[i].name,
			      cases[i].args);
		ck_assert_pstr_eq(why, cases[i].why);
	}
}
END_TEST

START_TEST(at_most_64_arguments)
{
	struct conv cv;
	struct buf b;

	buf_init(&b, &mem, 0);
	for (int i = 0; i < 64; i++)
		buf_printf(&b, "%sw%d", i ? "," : "", i);
	ck_assert(init(&cv, "any", b.p));
	buf_str(&b, ",more");
	ck_assert(!init(&cv, "any", b.p));
	ck_assert_str_eq(why, "cannot read the converter argument 'more'");
}
END_TEST

/* --- of plugins --- */

struct own {
	int parsed, released;
};

static const void *prepare(void *self, cruet_app *app, const char *args)
{
	(void)self, (void)app;
	return strcmp(args, "bad") ? strdup(args) : NULL;
}

static bool parse(void *self, const void *prepared, cruet_ctx *c, const char *s, size_t len,
		  const char **out)
{
	struct own *o = self;

	(void)c;
	o->parsed++;
	if (len < 2 || s[0] != *(const char *)prepared)
		return false;
	*out = len == 3 ? "three" : NULL;
	return true;
}

static const char *format(void *self, const void *prepared, cruet_ctx *c, const char *v)
{
	(void)self, (void)prepared, (void)c;
	return strcmp(v, "no") ? "formatted" : NULL;
}

static void release(void *self, const void *prepared)
{
	struct own *o = self;

	o->released++;
	free((void *)prepared);
}

START_TEST(a_plugins_converter_is_asked)
{
	static struct own o; /* until the arena goes */
	static cruet_converter own = {.size = sizeof own, .name = "own", .weight = 70, .prepare = prepare,
			       .parse = parse, .format = format, .self = &o, .release = release};
	struct conv cv;

	plugins_own = &own;
	cv = conv_of("own(x)");
	ck_assert_int_eq(cv.weight, 70);
	ck_assert_str_eq(value(&cv, "xy"), "xy");
	ck_assert_str_eq(value(&cv, "xyz"), "three");
	ck_assert_str_eq(value(&cv, "yy"), "-");
	ck_assert_str_eq(value(&cv, ""), "-");
	ck_assert_str_eq(conv_format(&cv, &mem, NULL, "v", &why), "formatted");
	ck_assert_ptr_null(conv_format(&cv, &mem, NULL, "no", &why));
	ck_assert_str_eq(why, "converter 'own' does not take 'no'");
	ck_assert(!init(&cv, "own", "bad"));
	ck_assert_str_eq(why, "converter 'own' does not take the arguments (bad)");
	ck_assert_int_eq(o.released, 0);
	arena_reset(&mem);
	ck_assert_int_eq(o.released, 1);
}
END_TEST

START_TEST(a_plugins_converter_without_prepare_takes_no_arguments)
{
	static cruet_converter own = {.size = sizeof own, .name = "own", .parse = parse};
	struct conv cv;

	plugins_own = &own;
	ck_assert(init(&cv, "own", NULL));
	ck_assert(init(&cv, "own", ""));
	ck_assert(!init(&cv, "own", "1"));
	ck_assert_str_eq(why, "converter 'own' takes no arguments");
}
END_TEST

START_TEST(two_of_a_plugin_are_never_one)
{
	static struct own o; /* until the arena goes */
	static cruet_converter own = {.size = sizeof own, .name = "own", .prepare = prepare,
			       .parse = parse, .self = &o, .release = release};

	plugins_own = &own;
	struct conv a = conv_of("own(x)"), b = conv_of("own(x)"), c = conv_of("own(y)");
	ck_assert(conv_same_shape(&a, &b));
	ck_assert(!conv_same_shape(&a, &c));
	ck_assert(!conv_same(&a, &b));
	struct conv i = conv_of("int"), k = conv_of("int"), l = conv_of("int(max=3)");
	ck_assert(conv_same(&i, &k));
	ck_assert(conv_same_shape(&i, &l));
	ck_assert(!conv_same(&i, &l));
}
END_TEST

START_TEST(want_of_memory_is_no_mismatch)
{
	static const char *const convs[] = {"string", "int", "float", "uuid", "path", "any(a)"};

	for (size_t i = 0; i < sizeof convs / sizeof *convs; i++) {
		struct conv cv = conv_of(convs[i]);
		struct arena none;
		struct arg arg = {.value = "x"};
		arena_init(&none, 256);
		fail_alloc_from(1);
		bool taken = conv_accept(&cv, &none, NULL, "1.5/", i == 1 ? 1 : 3, &arg);
		fail_alloc_off();
		ck_assert_msg(taken && !arg.value, "%s", convs[i]);
		arena_fini(&none);
	}
}
END_TEST

SUITE_WITH("converter", setup, teardown, what_each_takes_and_what_it_makes_of_it,
	   what_ends_its_text_needs_no_copy, numbers_come_as_numbers,
	   lengths_are_tried_as_a_regular_expression_would,
	   values_become_text_that_matches_again, a_large_float_reads_back_from_its_url,
	   arguments_that_do_not_fit_are_named, at_most_64_arguments,
	   a_plugins_converter_is_asked,
	   a_plugins_converter_without_prepare_takes_no_arguments,
	   two_of_a_plugin_are_never_one, want_of_memory_is_no_mismatch)
