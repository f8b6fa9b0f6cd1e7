/* Which entries an option may have, and which origins fit them. */
#include <string.h>
#include "origins.h"
#include "suite.h"

#define EXPECTED "expected scheme://host, such as https://a.example; *; or null"
#define HOST	 "expected a host of small letters, digits, '-' and '.', and no path"
#define STAR                                                                \
	"a star stands for whole labels in front of the host alone, as in " \
	"https://*.example.com"
#define WIDE "a star in front of a single label would let in whole top-level domains"
#define PORT "behind the host expected nothing, or a port such as :8080"
#define OWN  "leave out the scheme's own port, as browsers do"

START_TEST(entries_are_what_browsers_write)
{
	static const char *const good[] = {"*",
					   "null",
					   "https://a.example",
					   "http://localhost:3000",
					   "http://127.0.0.1",
					   "http://[::1]:8080",
					   "https://[2001:db8::1]",
					   "https://*.example.com",
					   "https://*.a.b.example.com:8443",
					   "http://*.localhost:3000",
					   "moz-extension://abc-123",
					   "https://xn--bcher-kva.example",
					   "https://a_b.example",
					   "http://a.example:443"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(!origin_problem(good[i]), "%s: %s", good[i],
			      origin_problem(good[i]));
}
END_TEST

START_TEST(other_entries_are_refused_with_a_reason)
{
	static const struct {
		const char *entry, *why;
	} bad[] = {
		{"", EXPECTED},
		{"a.example", EXPECTED},
		{"HTTPS://a.example", EXPECTED},
		{"://a.example", EXPECTED},
		{"https:/a.example", EXPECTED},
		{"**", EXPECTED},
		{"*.example.com", EXPECTED},
		{"Null", EXPECTED},
		{"https://", HOST},
		{"https://A.example", HOST},
		{"https://a.example/", HOST},
		{"https://a.example/path", HOST},
		{"https://ann@a.example", HOST},
		{"https://a..example", HOST},
		{"https://.a.example", HOST},
		{"https://a.example.", HOST},
		{"https://b\xc3\xbc"
		 "cher.example",
		 HOST},
		{"https://a.example https://b.example", HOST},
		{"https://[::1", HOST},
		{"https://[]", HOST},
		{"https://*", STAR},
		{"https://a*.example", STAR},
		{"https://*a.example", STAR},
		{"https://a.*.example", STAR},
		{"https://*.*.example", STAR},
		{"https://a.example:*", STAR},
		{"https://*.", HOST},
		{"https://*.com", WIDE},
		{"https://*.local", WIDE},
		{"https://a.example:", PORT},
		{"https://a.example:x", PORT},
		{"https://a.example:08", PORT},
		{"https://a.example:123456", PORT},
		{"https://a.example:80/x", PORT},
		{"https://[::1]x", PORT},
		{"https://a.example:443", OWN},
		{"http://a.example:80", OWN},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *why = origin_problem(bad[i].entry);
		ck_assert_msg(why != NULL, "%s is taken", bad[i].entry);
		ck_assert_msg(!strcmp(why, bad[i].why), "%s: %s", bad[i].entry, why);
	}
}
END_TEST

static bool fits(const char *entry, const char *sent)
{
	struct origin o = origin_of(entry);
	return origin_fits(&o, sent);
}

START_TEST(a_plain_entry_is_one_origin)
{
	ck_assert(fits("https://a.example", "https://a.example"));
	ck_assert(!fits("https://a.example", "http://a.example"));
	ck_assert(!fits("https://a.example", "https://a.example:8443"));
	ck_assert(!fits("https://a.example", "https://a.example.evil.example"));
	ck_assert(!fits("https://a.example", "https://b.a.example"));
	ck_assert(!fits("https://a.example", "https://A.example"));
	ck_assert(!fits("https://a.example", "https://a.example "));
	ck_assert(!fits("https://a.example", "https://a.example https://a.example"));
	ck_assert(!fits("https://a.example", ""));
	ck_assert(!fits("https://a.example", "null"));
	ck_assert(fits("null", "null"));
	ck_assert(!fits("null", "NULL"));
}
END_TEST

START_TEST(a_star_is_one_label_or_more)
{
	static const char entry[] = "https://*.example.com";

	ck_assert(fits(entry, "https://a.example.com"));
	ck_assert(fits(entry, "https://a-b_1.c.example.com"));
	ck_assert(!fits(entry, "https://example.com"));
	ck_assert(!fits(entry, "https://.example.com"));
	ck_assert(!fits(entry, "https://a..example.com"));
	ck_assert(!fits(entry, "https://aexample.com"));
	ck_assert(!fits(entry, "https://evil-example.com"));
	ck_assert(!fits(entry, "http://a.example.com"));
	ck_assert(!fits(entry, "https://a.example.com:8443"));
	ck_assert(!fits(entry, "https://a.example.com.evil.example"));
	ck_assert(!fits(entry, "https://evil.example/a.example.com"));
	ck_assert(!fits(entry, "https://evil.example?.example.com"));
	ck_assert(!fits(entry, "https://evil.example#.example.com"));
	ck_assert(!fits(entry, "https://evil.example\\.example.com"));
	ck_assert(!fits(entry, "https://ann@evil.example.com"));
	ck_assert(!fits(entry, "https://evil:1.example.com"));
	ck_assert(!fits(entry, "https://*.example.com"));
	ck_assert(!fits(entry, "https://"));
	ck_assert(!fits(entry, ".example.com"));
	ck_assert(fits("https://*.example.com:8443", "https://a.example.com:8443"));
	ck_assert(!fits("https://*.example.com:8443", "https://a.example.com"));
}
END_TEST

SUITE("cors_origins", entries_are_what_browsers_write,
      other_entries_are_refused_with_a_reason, a_plain_entry_is_one_origin,
      a_star_is_one_label_or_more)
