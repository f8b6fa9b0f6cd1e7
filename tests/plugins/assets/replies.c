/* Addresses with fingerprints: what they are, and what is served there. */
#include "folder_of.h"

#include <cruet/assets.h>
#include <cruet/template.h>

/* sha256sum of the two texts that site.css has here */
#define FIRST	"7c98040a5416"
#define SECOND	"15c42ab7768d"
#define NEVER	"0123456789ab"
#define FOREVER "public, max-age=31536000, immutable"

static int says_url(cruet_ctx *c)
{
	const char *url = cruet_asset_url(c, cruet_query(c, "name"));

	return url ? cruet_text(c, url) : cruet_err(c);
}

static int says_integrity(cruet_ctx *c)
{
	const char *text = cruet_asset_integrity(c, cruet_query(c, "name"));

	return text ? cruet_text(c, text) : cruet_err(c);
}

static void start(void)
{
	make_folder();
	app = new_app();
	cruet_use_static(app, &cruet_plugin_assets, options);
	cruet_static(app, "/static", folder, NULL);
	cruet_get(app, "/url", says_url);
	cruet_get(app, "/integrity", says_integrity);
	t = client_of(app);
}

#define assert_url(name, url)                         \
	do {                                          \
		cruet_client_add_query(t, "name", name); \
		assert_get(t, "/url", 200);           \
		assert_body(t, url);                  \
	} while (0)

START_TEST(the_address_is_made_of_what_is_in_the_file)
{
	start();
	assert_url("css/site.css", "/static/css/site." FIRST ".css");
	assert_get(t, "/static/css/site." FIRST ".css", 200);
	assert_body(t, "body{}");
	assert_header(t, "Cache-Control", FOREVER);
	assert_header(t, "Content-Type", "text/css; charset=utf-8");
	assert_header(t, "Content-Disposition", "inline; filename=site.css");
	put_text("a b", "body{}");
	assert_url("a b", "/static/a%20b." FIRST);
	assert_get(t, "/static/a%20b." FIRST, 200);
	assert_header(t, "Cache-Control", FOREVER);
	end();
}
END_TEST

START_TEST(a_changed_file_has_another_address_at_once)
{
	start();
	assert_url("css/site.css", "/static/css/site." FIRST ".css");
	put_text("css/site.css", "body{color:red}");
	assert_url("css/site.css", "/static/css/site." SECOND ".css");
	assert_get(t, "/static/css/site." SECOND ".css", 200);
	assert_header(t, "Cache-Control", FOREVER);
	assert_body(t, "body{color:red}");
	/* the old one shows the file as it is, for a page that is old as well */
	assert_get(t, "/static/css/site." FIRST ".css", 200);
	assert_header(t, "Cache-Control", "no-cache");
	assert_body(t, "body{color:red}");
	assert_get(t, "/static/css/site." NEVER ".css", 200);
	assert_header(t, "Cache-Control", "no-cache");
	end();
}
END_TEST

START_TEST(names_without_a_fingerprint_are_served_as_always)
{
	start();
	assert_get(t, "/static/css/site.css", 200);
	assert_header(t, "Cache-Control", "no-cache");
	put_text("jquery." NEVER ".js", "by its own name");
	assert_get(t, "/static/jquery." NEVER ".js", 200);
	assert_body(t, "by its own name");
	assert_header(t, "Cache-Control", "no-cache");
	end();
}
END_TEST

START_TEST(what_is_not_there_is_a_404_and_has_no_fingerprint)
{
	start();
	assert_get(t, "/static/css/none." FIRST ".css", 404);
	assert_get(t, "/static/css/none.css", 404);
	assert_url("none.css", "/static/none.css");
	ck_assert(log_says("plugin 'assets': there is no file 'none.css' in its folder"));
	cruet_client_add_query(t, "name", "none.css");
	assert_get(t, "/integrity", 200);
	assert_body(t, "");
	assert_url("css", "/static/css"); /* a folder is none either */
	end();
}
END_TEST

START_TEST(nothing_outside_the_folder_is_reached)
{
	static const char *const paths[] = {
		"/static/..%2fsecret." FIRST ".txt",   "/static/../secret." FIRST ".txt",
		"/static/css/..%2f..%2fsecret." FIRST ".txt", "/static/out." FIRST ".txt",
		"/static/%2fetc%2fpasswd." FIRST,      "/static//etc/passwd." FIRST,
		"/static/..." FIRST,		       "/static/lead/site." FIRST ".css"};
	char outside[FOLDER_MAX];

	start();
	ck_assert(folder_make(outside));
	char file[FOLDER_MAX + 16];
	snprintf(file, sizeof file, "%s/site.css", outside);
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ck_assert_int_eq(write(fd, "body{}", 6), 6);
	close(fd);
	ck_assert_int_eq(symlink(file, path_of("out.txt")), 0);
	ck_assert_int_eq(symlink(outside, path_of("lead")), 0);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		int status = cruet_client_get(t, paths[i]);
		ck_assert_msg(status == 404 || status == 308, "%s: %d", paths[i], status);
	}
	assert_url("../secret.txt", "/static/../secret.txt");
	assert_url("out.txt", "/static/out.txt");
	assert_url("lead/site.css", "/static/lead/site.css");
	ck_assert(folder_remove(outside));
	end();
}
END_TEST

START_TEST(packed_files_conditions_and_parts_are_the_cores)
{
	char tag[64];

	start();
	put_text("css/site.css.gz", "(packed)");
	cruet_client_set_header(t, "Accept-Encoding", "gzip");
	assert_get(t, "/static/css/site." FIRST ".css", 200);
	assert_body(t, "(packed)");
	assert_header(t, "Content-Encoding", "gzip");
	assert_header(t, "Vary", "Accept-Encoding");
	assert_header(t, "Cache-Control", FOREVER);
	assert_get(t, "/static/css/site." FIRST ".css", 200);
	assert_body(t, "body{}");
	snprintf(tag, sizeof tag, "%s", values(t, "ETag"));
	cruet_client_set_header(t, "If-None-Match", tag);
	assert_get(t, "/static/css/site." FIRST ".css", 304);
	assert_header(t, "Cache-Control", FOREVER);
	cruet_client_set_header(t, "Range", "bytes=0-3");
	assert_get(t, "/static/css/site." FIRST ".css", 206);
	assert_body(t, "body");
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/static/css/site." FIRST ".css", NULL,
					   NULL, 0), 200);
	assert_header(t, "Content-Length", "6");
	assert_header(t, "Cache-Control", FOREVER);
	ck_assert_int_eq(cruet_client_post(t, "/static/css/site." FIRST ".css", NULL, NULL), 405);
	end();
}
END_TEST

START_TEST(integrity_is_the_whole_hash)
{
	start();
	cruet_client_add_query(t, "name", "css/site.css");
	assert_get(t, "/integrity", 200);
	assert_body(t, "sha256-fJgEClQWV1hGkK4qHMO0KotTsVnMYMXTq7/suurGyUo=");
	end();
}
END_TEST

START_TEST(hundreds_of_files_are_kept_apart)
{
	char name[32], url[64], text[32];

	start();
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 300; i++) {
			snprintf(name, sizeof name, "%d.txt", i);
			snprintf(text, sizeof text, "text %d", i);
			if (!round)
				put_text(name, text);
			cruet_client_add_query(t, "name", name);
			assert_get(t, "/url", 200);
			snprintf(url, sizeof url, "%s", cruet_client_body(t));
			assert_get(t, url, 200);
			assert_body(t, text);
			assert_header(t, "Cache-Control", FOREVER);
		}
	end();
}
END_TEST

/* --- templates ------------------------------------------------------------------------- */

static int page(cruet_ctx *c)
{
	return cruet_render(c, "page.html", NULL);
}

START_TEST(templates_ask_for_addresses)
{
	char jinja[FOLDER_MAX + 32];

	make_folder();
	put_text("page.html", "<link href={{ asset_url('css/site.css') }} "
			      "integrity={{ asset_integrity('css/site.css') }}>");
	snprintf(jinja, sizeof jinja, "folder=%s\nreload=true", folder);
	app = new_app();
	cruet_use(app, "jinja", jinja);
	cruet_use_static(app, &cruet_plugin_assets, options);
	cruet_get(app, "/", page);
	t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, "<link href=/static/css/site." FIRST ".css "
		       "integrity=sha256-fJgEClQWV1hGkK4qHMO0KotTsVnMYMXTq7/suurGyUo=>");
	put_text("page.html", "{{ asset_url(7) }}");
	assert_get(t, "/", 500);
	ck_assert(log_says("asset_url: expected the name of a file, such as \"site.css\""));
	end();
}
END_TEST

START_TEST(wrong_options_are_refused)
{
	assert_refused(&cruet_plugin_assets, "path=static",
		       "plugin 'assets': option path = \"static\": expected a path such as "
		       "/static");
	assert_refused(&cruet_plugin_assets, "path=/a<b>",
		       "plugin 'assets': option path = \"/a<b>\": expected a path such as "
		       "/static");
	assert_refused(&cruet_plugin_assets, "folder=",
		       "plugin 'assets': option folder: it is empty: expected a folder such as "
		       "static");
}
END_TEST

SUITE("assets_replies", the_address_is_made_of_what_is_in_the_file,
      a_changed_file_has_another_address_at_once,
      names_without_a_fingerprint_are_served_as_always,
      what_is_not_there_is_a_404_and_has_no_fingerprint, nothing_outside_the_folder_is_reached,
      packed_files_conditions_and_parts_are_the_cores, integrity_is_the_whole_hash,
      hundreds_of_files_are_kept_apart, templates_ask_for_addresses, wrong_options_are_refused)
