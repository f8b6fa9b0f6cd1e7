/* Places in what compilers and linkers write. */
#include "cli/diagnose.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "suite.h"

static struct arena a;

static void setup(void)
{
	arena_init(&a, 1024);
}

static void teardown(void)
{
	arena_fini(&a);
}

/* All of them: "file path line:column says|". */
static const char *places(const char *said)
{
	static char out[2048];
	struct state s = {.token = NULL};
	char *to = out;

	diagnose(&s, said, "/srv/site", &a);
	*out = '\0';
	for (size_t i = 0; i < s.nplaces; i++)
		to += sprintf(to, "%s %s %u:%u %s|", s.places[i].file, s.places[i].path,
			      s.places[i].line, s.places[i].column, s.places[i].says);
	return out;
}

START_TEST(errors_of_gcc_and_clang)
{
	ck_assert_str_eq(places("site.c: In function ‘front’:\n"
				"site.c:7:2: warning: unused variable ‘x’ [-Wunused-variable]\n"
				"site.c:5:36: error: expected ‘;’ before ‘}’ token\n"
				"    5 |         return 1\n"
				"      |                 ^\n"
				"site.c:9:1: note: here\n"
				"parts/a.h:3: error: no column\n"
				"/usr/include/x.h:1:2: error: far away\n"),
			 "site.c /srv/site/site.c 5:36 expected ‘;’ before ‘}’ token|"
			 "parts/a.h /srv/site/parts/a.h 3:0 no column|"
			 "/usr/include/x.h /usr/include/x.h 1:2 far away|");
	ck_assert_str_eq(places("site.c:1:10: fatal error: no.h: No such file or directory\n"),
			 "site.c /srv/site/site.c 1:10 fatal error: no.h: No such file or directory|");
}
END_TEST

START_TEST(errors_of_linkers)
{
	ck_assert_str_eq(places("/usr/bin/ld: /tmp/cc1.o: in function `front':\n"
				"/srv/site/site.c:5: undefined reference to `word'\n"
				"collect2: error: ld returned 1 exit status\n"),
			 "site.c /srv/site/site.c 5:0 undefined reference to `word'|");
}
END_TEST

/* Where no line is marked as an error in words that are known. */
START_TEST(other_languages)
{
	ck_assert_str_eq(places("site.c: In Funktion »front«:\n"
				"site.c:5:36: Fehler: expected »;«\n"
				"site.c:6:1: Anmerkung: hier\n"),
			 "site.c /srv/site/site.c 5:36 Fehler: expected »;«|");
}
END_TEST

START_TEST(what_names_no_place)
{
	static const char *const texts[] = {
		"", "\n\n", "cc: error: no input files", "error: x", "a:b:c: d", "a:5:3:",
		" a:5:3: error: x", "a:5", "a:0: x", "a:99999999999: x"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_msg(!*places(texts[i]), "\"%s\": %s", texts[i], places(texts[i]));
}
END_TEST

START_TEST(no_more_than_there_is_room_for)
{
	char text[2048] = "";

	for (int i = 1; i <= STATE_PLACES + 3; i++)
		sprintf(text + strlen(text), "a:b.c:%d:1: error: x\n", i);
	ck_assert_ptr_nonnull(strstr(places(text), "a:b.c /srv/site/a:b.c 8:1 x|"));
	ck_assert_ptr_null(strstr(places(text), " 9:1 "));
}
END_TEST

SUITE_WITH("diagnose", setup, teardown, errors_of_gcc_and_clang, errors_of_linkers,
	   other_languages, what_names_no_place, no_more_than_there_is_room_for)
