/* Where somebody may be sent after logging in, and where not. */
#include "next.h"

#include <string.h>
#include "suite.h"

static const char *const safe[] = {
	"/",
	"/a",
	"/a/b/",
	"/a?b=c&d=//e",
	"/a?next=https://b.example/",
	"/a#b",
	"/?a=%2F%2f",
	"/caf%C3%A9",
	"/a%20b",
	"/a@b:80/c",
	"/.well-known",
	"/a/..b",
	"/a/b..",
	"/...",
	"/%2e%2e%2e",
	"/a;b=c",
	"/~ann/-/_",
	"/a?b=..//..#//",
	"/javascript:alert(1)",
};

static const char *const refused[] = {
	/* other hosts */
	"",
	"//evil.example",
	"///evil.example",
	"////evil.example",
	"//evil.example/a",
	"http://evil.example",
	"https://evil.example",
	"https:evil.example",
	"HTTPS:/evil.example",
	"https:///evil.example",
	"ftp://evil.example",
	"evil.example",
	"evil.example/a",
	"@evil.example",
	"?a",
	"#a",
	"./a",
	"../a",
	/* other schemes */
	"javascript:alert(1)",
	"JaVaScRiPt:alert(1)",
	"data:text/html,a",
	"vbscript:a",
	"file:///etc/passwd",
	"mailto:a@b.example",
	"blob:a",
	"about:blank",
	/* what browsers take for a slash, and leave out */
	"/\\evil.example",
	"\\\\evil.example",
	"\\/evil.example",
	"/\\/evil.example",
	"/a\\b",
	"/\t/evil.example",
	"/\n/evil.example",
	"/\r/evil.example",
	"\t//evil.example",
	" //evil.example",
	"\n/a",
	" /a",
	"/a ",
	"/a b",
	"/a\tb",
	"/a\r\nSet-Cookie: a=b",
	"/\x01/evil.example",
	"/\x7f",
	"/\x1f/evil.example",
	"/a?b=c d",
	"/a?\\",
	"/a#\\",
	/* the same in other letters */
	"/%2Fevil.example",
	"/%2fevil.example",
	"%2F%2Fevil.example",
	"/%5Cevil.example",
	"/%5cevil.example",
	"/%5c%5cevil.example",
	"/a/%2f/b",
	"/%09/evil.example",
	"/%0a/evil.example",
	"/%0D%0ASet-Cookie:a=b",
	"/%00",
	"/a%00b",
	"/%1f",
	"/%7f",
	"/%252Fevil.example",
	"/%25252Fevil.example",
	"/%255Cevil.example",
	"/%",
	"/%2",
	"/%g0",
	"/%2g",
	"/a%",
	"/a%?b",
	/* what becomes one when it is resolved */
	"/.",
	"/..",
	"/./",
	"/../",
	"/.//evil.example",
	"/..//evil.example",
	"/a/..//evil.example",
	"/a/../../b",
	"/%2e",
	"/%2E%2e/",
	"/.%2e//evil.example",
	"/%2e.?a",
	"/a//b",
	"/a//",
	"/a/.#b",
	/* letters that look like a slash, or are no text */
	"/\xe2\x81\x84/evil.example",
	"/\xc0\xaf/evil.example",
	"/\xff",
	"\xef\xbc\x8f/a",
	"\xef\xbb\xbf/a",
	"/caf\xc3\xa9",
};

START_TEST(paths_of_the_site_are_safe)
{
	for (size_t i = 0; i < sizeof safe / sizeof *safe; i++)
		ck_assert_msg(next_safe(safe[i]), "refused: %s", safe[i]);
}
END_TEST

START_TEST(everything_else_is_not)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		ck_assert_msg(!next_safe(refused[i]), "taken: %s", refused[i]);
}
END_TEST

START_TEST(it_has_a_length)
{
	char path[NEXT_MAX + 2];

	memset(path, 'a', sizeof path);
	path[0] = '/';
	path[NEXT_MAX] = '\0';
	ck_assert(next_safe(path));
	path[NEXT_MAX] = 'a';
	path[NEXT_MAX + 1] = '\0';
	ck_assert(!next_safe(path));
}
END_TEST

SUITE("login_next", paths_of_the_site_are_safe, everything_else_is_not, it_has_a_length)
