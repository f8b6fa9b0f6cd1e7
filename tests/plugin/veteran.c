/* Within one number of the plugin ABI, yesterday's plugins meet today's core. */
#include "host.h"

START_TEST(a_plugin_of_the_recorded_headers_serves)
{
	cruet_app *app = cruet_new("test");
	const char *built = text("%s/plugins/cache", getenv("CRUET_BUILD"));

	put("veteran");
	cruet_log_to(app, keep_line, NULL);
	cruet_set(app, "server.plugin_path", text("%s,%s", folder, built));
	write_text("cruet.json",
		   "{\"plugins\": {\"veteran\": {\"word\": \"old\", \"times\": 3}, "
		   "\"cache\": {}}}");
	cruet_load(app, at("cruet.json"));
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	ck_assert_int_eq(cruet_client_get(t, "/keep"), 200);
	ck_assert_str_eq(cruet_client_body(t), "old 3, request 1");
	ck_assert_int_eq(cruet_client_get(t, "/keep"), 200);
	ck_assert_str_eq(cruet_client_body(t), "old 6, request 2");
	ck_assert_int_eq(cruet_client_get(t, "/refuse/tea"), 409);
	ck_assert_ptr_nonnull(strstr(cruet_client_body(t), "not tea"));
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

HOST_SUITE("veteran", a_plugin_of_the_recorded_headers_serves)
