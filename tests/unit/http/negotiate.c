/* What an Accept header prefers. */
#include "http/negotiate.h"

#include <string.h>

#include "suite.h"

static const char *const offers[] = {"text/html", "application/json", "text/plain", NULL};

START_TEST(types)
{
	static const struct {
		const char *header, *best;
	} cases[] = {
		{NULL, "text/html"}, /* without a header the first */
		{"", NULL},
		{"*/*", "text/html"},
		{"*", "text/html"},
		{"application/json", "application/json"},
		{"Application/JSON", "application/json"},
		{"application/*", "application/json"},
		{"image/png", NULL},
		{"image/png, */*;q=0.1", "text/html"},
		{"text/html;q=0.5, application/json", "application/json"},
		{"text/html;q=0.5, application/json;q=0.4", "text/html"},
		{"text/html;q=0, */*", "application/json"},	    /* named: not that one */
		{"text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "text/html"},
		{"text/*, application/json", "application/json"},   /* as good, more exact */
		{"application/json;charset=utf-8;q=0.9, text/html;q=0.1", "application/json"},
		{"text/plain; q=0.5 , text/html; q=0.2", "text/plain"},
		{"text/plain;Q=0.1, text/html;q=0.2", "text/html"},
		{" , ,text/plain, ", "text/plain"},
		{"text/html;q=0.001", "text/html"},
		{"text/html;q=0.0001", NULL}, /* three digits count */
		{"text/html;q=0.000", NULL},
		{"text/html;q=1.0, application/json;q=1.000", "text/html"},
		{"text/html;q=5, application/json", "text/html"}, /* no qvalue: 1 */
		{"text/html;q=, application/json;q=0.5", "text/html"},
		{"text/html;q=1.9", "text/html"},
		{"text", NULL},
		{"text/", NULL},
		{"text/htmlx", NULL},
		{"te*t/html", NULL},
		{";q=1", NULL},
		{"\xFF\xFE", NULL},
		{"text/html;;;;q=0.3,application/json;q=0.2", "text/html"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *best = accept_best(cases[i].header, offers);
		ck_assert_msg(!best == !cases[i].best && (!best || !strcmp(best, cases[i].best)),
			      "%s: %s", cases[i].header, best);
	}
}
END_TEST

START_TEST(nothing_offered_nothing_taken)
{
	static const char *const none[] = {NULL};

	ck_assert_ptr_null(accept_best(NULL, none));
	ck_assert_ptr_null(accept_best("*/*", none));
}
END_TEST

START_TEST(languages)
{
	static const char *const offered[] = {"en", "de", "pt-BR", NULL};
	static const struct {
		const char *header, *best;
	} cases[] = {
		{"de", "de"},
		{"DE", "de"},
		{"de;q=0.3, en;q=0.7", "en"},
		{"en-GB", "en"},
		{"pt", "pt-BR"},
		{"pt-PT", NULL},
		{"pt_BR", "pt-BR"},
		{"fr", NULL},
		{"fr, *;q=0.1", "en"},
		{"", NULL},
		{"fr-CA, de-AT;q=0.5", "de"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *best = accept_best_language(cases[i].header, offered);
		ck_assert_msg(!best == !cases[i].best && (!best || !strcmp(best, cases[i].best)),
			      "%s: %s", cases[i].header, best);
	}
}
END_TEST

START_TEST(codings)
{
	static const struct {
		const char *header;
		unsigned gzip, identity;
	} cases[] = {
		{NULL, 0, 1000}, /* everything is acceptable then, but not everybody can read it */
		{"", 0, 1},
		{"gzip", 1000, 1},
		{"GZIP", 1000, 1},
		{"x-gzip;q=0.5", 500, 1}, /* RFC 9110 8.4.1.3 */
		{"gzip;q=0", 0, 1},
		{"gzip;q=0.001", 1, 1},
		{"*", 1000, 1000},
		{"*;q=0", 0, 0},
		{"*, gzip;q=0", 0, 1000},
		{"*;q=0, gzip", 1000, 0},
		{"br, gzip", 1000, 1},
		{"br;q=1.0, gzip;q=0.8, *;q=0.1", 800, 100},
		{"gzip;q=0.5,identity", 500, 1000},
		{"gzip, identity;q=0", 1000, 0},
		{"*;q=0, identity;q=0.2", 0, 200},
		{"gzip ; q=0.25 , identity;q=0.5", 250, 500},
		{"identity", 0, 1000},
		{"gzi, gzip-x", 0, 1},
		/* what is malformed counts for nothing */
		{"gzip;q=", 0, 1},
		{"gzip;q=2", 0, 1},
		{"gzip;q=1.001", 0, 1},
		{"gzip;q=1.000", 1000, 1},
		{"gzip;q=0.1234", 0, 1},
		{"gzip;q=.5", 0, 1},
		{"gzip;q=-1", 0, 1},
		{"gzip;q=0,5", 0, 1},
		{"gzip;q=0.5x", 0, 1},
		{"gzip;level=9", 0, 1},
		{"gzip;q", 0, 1},
		{"gzip;q=abc, gzip;q=0.3", 300, 1},
		{";;;,,,q=1", 0, 1},
		{"\xFF\xFE, gzip", 1000, 1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(accept_coding(cases[i].header, "gzip") == cases[i].gzip,
			      "%s: gzip %u", cases[i].header,
			      accept_coding(cases[i].header, "gzip"));
		ck_assert_msg(accept_coding(cases[i].header, "identity") == cases[i].identity,
			      "%s: identity %u", cases[i].header,
			      accept_coding(cases[i].header, "identity"));
	}
}
END_TEST

SUITE("negotiate", types, nothing_offered_nothing_taken, languages, codings)
