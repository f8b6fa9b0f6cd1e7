/* Which headers there are, what they say, and who has the last word. */
#include "fixture.h"

#define DEFAULT_POLICY                                                                   \
	"default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors "      \
	"'self'; img-src 'self' data:; object-src 'none'; script-src 'self'; style-src " \
	"'self'"

START_TEST(there_are_sensible_ones_by_default)
{
	setup(NULL);
	assert_get(t, "/", 200);
	assert_header(t, "Strict-Transport-Security", "");
	assert_header(t, POLICY, DEFAULT_POLICY);
	assert_header(t, "X-Frame-Options", "SAMEORIGIN");
	assert_header(t, "Referrer-Policy", "strict-origin-when-cross-origin");
	assert_header(t, "Permissions-Policy",
		      "camera=(), geolocation=(), microphone=()");
	assert_header(t, "Cross-Origin-Opener-Policy", "same-origin");
	assert_header(t, "Cross-Origin-Resource-Policy", "same-origin");
	assert_header(t, "Cross-Origin-Embedder-Policy", "");
	assert_header(t, "X-Content-Type-Options", "nosniff");
	assert_get(t, "/none", 404);
	assert_header(t, POLICY, DEFAULT_POLICY);
	teardown();
}
END_TEST

START_TEST(hsts_is_said_by_https_alone)
{
	setup(NULL);
	ck_assert_int_eq(get_https("/"), 200);
	assert_header(t, "Strict-Transport-Security", "max-age=15552000");
	teardown();
	setup("hsts=730d\nhsts_subdomains=true\nhsts_preload=true");
	ck_assert_int_eq(get_https("/"), 200);
	assert_header(t, "Strict-Transport-Security",
		      "max-age=63072000; includeSubDomains; preload");
	assert_get(t, "/", 200);
	assert_header(t, "Strict-Transport-Security", "");
	teardown();
	setup("hsts=0");
	ck_assert_int_eq(get_https("/"), 200);
	assert_header(t, "Strict-Transport-Security", "");
	teardown();
}
END_TEST

START_TEST(each_can_be_switched_off)
{
	const char *name, *value;

	setup("hsts=0\ncsp=\nframe=off\nreferrer=off\npermissions=\ncoop=off\ncorp=off");
	ck_assert_int_eq(get_https("/"), 200);
	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++)
		ck_assert_msg(!strcmp(name, "Content-Type") ||
				      !strcmp(name, "Content-Length") ||
				      !strcmp(name, "Date") ||
				      !strcmp(name, "X-Content-Type-Options"),
			      "there is %s", name);
	teardown();
}
END_TEST

START_TEST(each_can_be_chosen)
{
	setup("csp=default-src "
	      "'none'\ncsp_report_only=true\nframe=deny\nreferrer=no-referrer\n"
	      "permissions=usb=()\ncoop=noopener-allow-popups\ncorp=cross-origin\n"
	      "coep=require-corp");
	assert_get(t, "/", 200);
	assert_header(t, POLICY, "");
	assert_header(t, POLICY "-Report-Only", "default-src 'none'");
	assert_header(t, "X-Frame-Options", "DENY");
	assert_header(t, "Referrer-Policy", "no-referrer");
	assert_header(t, "Permissions-Policy", "usb=()");
	assert_header(t, "Cross-Origin-Opener-Policy", "noopener-allow-popups");
	assert_header(t, "Cross-Origin-Resource-Policy", "cross-origin");
	assert_header(t, "Cross-Origin-Embedder-Policy", "require-corp");
	teardown();
	setup("frame=sameorigin\nreferrer=unsafe-url\ncoop=unsafe-none\ncorp=same-site\n"
	      "coep=unsafe-none");
	assert_get(t, "/", 200);
	assert_header(t, "X-Frame-Options", "SAMEORIGIN");
	assert_header(t, "Referrer-Policy", "unsafe-url");
	assert_header(t, "Cross-Origin-Opener-Policy", "unsafe-none");
	assert_header(t, "Cross-Origin-Resource-Policy", "same-site");
	assert_header(t, "Cross-Origin-Embedder-Policy", "unsafe-none");
	teardown();
}
END_TEST

static int knows_better(cruet_ctx *c)
{
	cruet_set_header(c, POLICY, "frame-ancestors *");
	cruet_set_header(c, "X-Frame-Options", "");
	cruet_set_header(c, "Referrer-Policy", "origin");
	return cruet_html(c, "to be embedded");
}

START_TEST(what_a_handler_has_set_stays)
{
	prepare(NULL);
	cruet_get(app, "/better", knows_better);
	t = client_of(app);
	assert_get(t, "/better", 200);
	assert_header(t, POLICY, "frame-ancestors *");
	assert_header(t, "Referrer-Policy", "origin");
	ck_assert_ptr_null(
		cruet_client_header(t, "X-Frame-Options")); /* not even empty */
	assert_header(t, "Cross-Origin-Opener-Policy", "same-origin");
	teardown();
}
END_TEST

START_TEST(of_two_the_inner_one_speaks)
{
	app = app_of("{\"plugins\": {\"outer\": {\"plugin\": \"secure\"}}}");
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_use_static(bp, &cruet_plugin_secure, "frame=deny");
	cruet_get(bp, "/", page);
	cruet_add(bp, "GET", "/better", knows_better, "better", CRUET_HERE);
	t = client_of(app);
	assert_get(t, "/bp/", 200);
	assert_header(t, "X-Frame-Options", "DENY");
	assert_get(t, "/bp/better", 200);
	ck_assert_ptr_null(cruet_client_header(t, "X-Frame-Options"));
	assert_get(t, "/none", 404);
	assert_header(t, "X-Frame-Options", "SAMEORIGIN");
	teardown();
}
END_TEST

#define REFUSED(options, sentence) \
	assert_refused(&cruet_plugin_secure, options, "plugin 'secure': option " sentence)

START_TEST(mistakes_are_sentences)
{
	REFUSED("csp=default-src \xc3\xa4",
		"csp: expected a policy of ASCII characters on one line");
	REFUSED("permissions=\x01",
		"permissions: expected a policy of ASCII characters on one line");
	REFUSED("hsts_preload=true", "hsts_preload: browsers take a site into their "
				     "lists only with hsts_subdomains "
				     "and hsts of 365d at least");
	REFUSED("hsts_preload=true\nhsts_subdomains=true\nhsts=364d",
		"hsts_preload: browsers take a site into their lists only with "
		"hsts_subdomains "
		"and hsts of 365d at least");
	REFUSED("https_host=https://a.example",
		"https_host = \"https://a.example\": expected a host such as "
		"www.example.com");
	REFUSED("https_except=health",
		"https_except: \"health\": expected paths such as /health");
	REFUSED("frame=maybe", "frame = \"maybe\": expected one of sameorigin|deny|off");
}
END_TEST

SUITE("secure_headers", there_are_sensible_ones_by_default, hsts_is_said_by_https_alone,
      each_can_be_switched_off, each_can_be_chosen, what_a_handler_has_set_stays,
      of_two_the_inner_one_speaks, mistakes_are_sentences)
