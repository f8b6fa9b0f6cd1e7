/* Names with a fingerprint in them, there and back. */
#include "assets.h"

#include <string.h>

#include "suite.h"

static const unsigned char hash[HASH_LEN] = {0x3f, 0x2a, 0x9c, 0x1b, 0x5d, 0x7e, 0xff};

START_TEST(a_fingerprint_stands_before_the_suffix)
{
	static const char *const cases[][2] = {
		{"site.css", "site.3f2a9c1b5d7e.css"},
		{"css/site.min.css", "css/site.min.3f2a9c1b5d7e.css"},
		{"a.b/LICENSE", "a.b/LICENSE.3f2a9c1b5d7e"},
		{".htaccess", ".htaccess.3f2a9c1b5d7e"},
		{"d/.x.js", "d/.x.3f2a9c1b5d7e.js"},
		{"end.", "end.3f2a9c1b5d7e."},
		{"a b/\xc3\xbc.svg", "a b/\xc3\xbc.3f2a9c1b5d7e.svg"},
		{"twice.0123456789ab.js", "twice.0123456789ab.3f2a9c1b5d7e.js"},
	};
	char full[NAME_ROOM], back[NAME_ROOM];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		name_put(cases[i][0], hash, full);
		ck_assert_str_eq(full, cases[i][1]);
		ck_assert_msg(name_take(full, strlen(full), back), "%s", full);
		ck_assert_str_eq(back, cases[i][0]);
	}
}
END_TEST

START_TEST(other_names_have_none)
{
	static const char *const names[] = {
		"", "site.css", ".3f2a9c1b5d7e.css", "css/.3f2a9c1b5d7e.css", ".3f2a9c1b5d7e",
		"site.3f2a9c1b5d7.css", "site.3f2a9c1b5d7e0.css", "site.3F2A9C1B5D7E.css",
		"site.3f2a9c1b5d7g.css", "site-3f2a9c1b5d7e.css", "site.3f2a9c1b5d7e/x.css",
		"site.3f2a9c1b5d7e.min.css", "3f2a9c1b5d7e.css", "../site.3f2a9c1b5d7e.css",
		"a/../site.3f2a9c1b5d7e.css", "./site.3f2a9c1b5d7e.css", "/site.3f2a9c1b5d7e.css",
		"a//site.3f2a9c1b5d7e.css", "...3f2a9c1b5d7e",
		"a/..3f2a9c1b5d7e"};
	char back[NAME_ROOM], full[NAME_ROOM + 16];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(!name_take(names[i], strlen(names[i]), back), "%s is %s", names[i],
			      back);
	ck_assert(!name_take("a\0b.3f2a9c1b5d7e.css", 20, back));
	memset(full, 'x', sizeof full);
	memcpy(full + NAME_ROOM - 18, ".3f2a9c1b5d7e.css", 17);
	ck_assert(name_take(full, NAME_ROOM - 1, back));
	memcpy(full + NAME_ROOM - 17, ".3f2a9c1b5d7e.css", 17);
	ck_assert(!name_take(full, NAME_ROOM, back));
}
END_TEST

SUITE("assets_names", a_fingerprint_stands_before_the_suffix, other_names_have_none)
