/* Addresses with fingerprints: what they are, and what is served there. */
#include "folder_of.h"

#include <cruet/assets.h>
#include <cruet/template.h>
#include <stdatomic.h>
#include <sys/resource.h>

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

static void set_up(cruet_app *a)
{
	app = a;
	cruet_use_static(app, &cruet_plugin_assets, options);
	cruet_static(app, "/static", folder, NULL);
	cruet_get(app, "/url", says_url);
	cruet_get(app, "/integrity", says_integrity);
	t = client_of(app);
}

static void start(void)
{
	make_folder();
	set_up(new_app());
}

static const char *url_of(const char *name)
{
	static char url[1024];

	cruet_client_add_query(t, "name", name);
	assert_get(t, "/url", 200);
	snprintf(url, sizeof url, "%s", cruet_client_body(t));
	return url;
}

#define assert_url(name, url) ck_assert_str_eq(url_of(name), url)

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
	/* also beside a file that its name seems to be made of */
	put_text("jquery.js", "another one");
	assert_get(t, "/static/jquery." NEVER ".js", 200);
	assert_body(t, "by its own name");
	end();
}
END_TEST

START_TEST(what_a_cache_may_keep_never_has_an_old_address)
{
	make_folder();
	set_up(app_of("{\"server\": {\"file_max_age\": \"1h\"}}"));
	assert_get(t, "/static/css/site.css", 200);
	assert_header(t, "Cache-Control", "public, max-age=3600");
	assert_get(t, "/static/css/site." FIRST ".css", 200);
	assert_header(t, "Cache-Control", FOREVER);
	assert_header(t, "Expires", "");
	assert_get(t, "/static/css/site." NEVER ".css", 200);
	assert_header(t, "Cache-Control", "no-cache");
	assert_header(t, "Expires", "");
	end();
}
END_TEST

START_TEST(what_is_not_there_is_a_404_and_has_no_fingerprint)
{
	start();
	assert_get(t, "/static/css/none." FIRST ".css", 404);
	assert_get(t, "/static/css/none.css", 404);
	assert_url("none.css", "/static/none.css");
	ck_assert(log_says("plugin 'assets': there is no file 'none.css' in its folder '"));
	ck_assert(log_says(folder));
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
	put_packed("css/site.css.gz", "(packed)", "css/site.css");
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

/* A newer one may be of what was there before the file was put back. */
START_TEST(for_ever_is_a_packed_file_only_if_it_has_the_time_of_the_file)
{
	start();
	put_text("css/site.css.gz", "(of something else)");
	cruet_client_set_header(t, "Accept-Encoding", "gzip");
	assert_get(t, "/static/css/site." FIRST ".css", 200);
	assert_header(t, "Cache-Control", FOREVER);
	assert_header(t, "Content-Encoding", "");
	assert_body(t, "body{}");
	cruet_client_set_header(t, "Accept-Encoding", "gzip");
	assert_get(t, "/static/css/site.css", 200);
	assert_header(t, "Content-Encoding", "gzip");
	end();
}
END_TEST

/* --- while files change ------------------------------------------------------------------ */

static atomic_bool over;

/* By turns a packed text of one content, and another one. */
static void *replace(void *arg)
{
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)arg;
	for (unsigned i = 0; !atomic_load(&over); i++) {
		linkat(dir, i % 2 ? "old" : "other", dir, "next", 0);
		renameat(dir, "next", dir, "css/site.css");
	}
	close(dir);
	return NULL;
}

/* A reply is of one file, whatever takes its place meanwhile. */
static void assert_of_one_file(const char *condition)
{
	static const char *const bodies[] = {"body{}", "body{color:red}"};
	const char *body = cruet_client_body(t), *cache = values(t, "Cache-Control");
	bool forever = !strcmp(cache, FOREVER);
	int status = cruet_client_status(t);

	ck_assert_msg(forever || !strcmp(values(t, "Cache-Control"), "no-cache"), "%s", cache);
	assert_header(t, "Expires", "");
	if (status == 304) {
		assert_header(t, "ETag", condition);
		return;
	}
	ck_assert_int_eq(status, 200);
	if (*values(t, "Content-Encoding"))
		assert_body(t, "(packed)");
	else
		ck_assert_str_eq(body, bodies[strcmp(body, bodies[0]) != 0]);
	if (forever && !*values(t, "Content-Encoding"))
		assert_body(t, "body{}");
}

START_TEST(a_reply_is_of_one_file)
{
	struct timespec times[2] = {{1704164645, 0}, {1704164645, 0}};
	char tag[64];
	pthread_t thread;

	start();
	put_text("old", "body{}");
	put_text("other", "body{color:red}");
	ck_assert_int_eq(utimensat(AT_FDCWD, path_of("old"), times, 0), 0);
	put_packed("css/site.css.br", "(packed)", "old");
	put_packed("css/site.css", "body{}", "old");
	assert_get(t, "/static/css/site." FIRST ".css", 200);
	snprintf(tag, sizeof tag, "%s", values(t, "ETag"));
	atomic_store(&over, false);
	ck_assert_int_eq(pthread_create(&thread, NULL, replace, NULL), 0);
	for (int i = 0; i < 600; i++) {
		cruet_client_set_header(t, i % 2 ? "Accept-Encoding" : "If-None-Match",
					i % 2 ? "br" : tag);
		cruet_client_get(t, "/static/css/site." FIRST ".css");
		assert_of_one_file(tag);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
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
	char name[32], text[32];

	start();
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 300; i++) {
			snprintf(name, sizeof name, "%d.txt", i);
			snprintf(text, sizeof text, "text %d", i);
			if (!round)
				put_text(name, text);
			assert_get(t, url_of(name), 200);
			assert_body(t, text);
			assert_header(t, "Cache-Control", FOREVER);
		}
	end();
}
END_TEST

START_TEST(names_up_to_the_longest_come_back)
{
	char name[600];

	start();
	memset(name, 'x', sizeof name);
	ck_assert_int_eq(mkdir(path_of("d"), 0755), 0);
	memcpy(name, "d/", 2); /* two folders, for a part has 255 bytes at most */
	name[250] = '\0';
	ck_assert_int_eq(mkdir(path_of(name), 0755), 0);
	name[250] = '/';
	for (size_t len = 496; len <= 501; len++) {
		name[len] = '\0';
		put_text(name, "body{}");
		assert_get(t, url_of(name), 200);
		assert_header(t, "Cache-Control", len <= 498 ? FOREVER : "no-cache");
		name[len] = 'x';
	}
	end();
}
END_TEST

START_TEST(other_spellings_have_no_fingerprint)
{
	static const char *const names[] = {"css//site.css", "./css/site.css",
					    "css/../css/site.css", "/css/site.css", ""};

	start();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(!strstr(url_of(names[i]), FIRST), "%s", names[i]);
	end();
}
END_TEST

START_TEST(what_cannot_be_asked_for_is_told)
{
	struct rlimit was, few;

	start();
	assert_get(t, "/url", 500);
	ck_assert(log_says("cruet_asset_url: the name is NULL"));
	assert_get(t, "/integrity", 500);
	ck_assert(log_says("cruet_asset_integrity: the name is NULL"));
	/* no descriptor is left: that is no missing file */
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	few = (struct rlimit){3, was.rlim_max};
	cruet_client_add_query(t, "name", "css/site.css");
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	int status = cruet_client_get(t, "/url");
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	ck_assert_int_eq(status, 500);
	ck_assert(log_says("/css/site.css cannot be read: Too many open files"));
	end();
}
END_TEST

START_TEST(large_files_are_not_read_because_a_client_says_so)
{
	enum { LARGE = (8 << 20) + 1 }; /* of zeroes, whose SHA-256 begins with: */
	static const char address[] = "/static/large.4459f957d031.bin";

	start();
	int fd = open(path_of("large.bin"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ck_assert_int_eq(ftruncate(fd, LARGE), 0);
	close(fd);
	ck_assert_int_eq(cruet_client_send(t, "HEAD", address, NULL, NULL, 0), 200);
	assert_header(t, "Cache-Control", "no-cache");
	assert_url("large.bin", address); /* a page may have it read */
	ck_assert_int_eq(cruet_client_send(t, "HEAD", address, NULL, NULL, 0), 200);
	assert_header(t, "Cache-Control", FOREVER);
	end();
}
END_TEST

/* --- scopes ---------------------------------------------------------------------------- */

static int members_only(cruet_ctx *c)
{
	return cruet_query(c, "member") ? CRUET_OK : 403;
}

START_TEST(hooks_of_the_folder_hold_for_all_addresses)
{
	static const char *const paths[] = {
		"/members/files/css/site.css", "/members/files/css/site." FIRST ".css",
		"/members/files/css/site." NEVER ".css", "/members/files/none." NEVER ".css"};
	char inner[FOLDER_MAX + 96];

	make_folder();
	snprintf(inner, sizeof inner, "%s\npath=/members/files", options);
	app = new_app();
	cruet_use_static(app, &cruet_plugin_assets, inner);
	cruet_app *members = cruet_blueprint(app, "members", "/members");
	cruet_before(members, members_only);
	cruet_static(members, "/files", folder, NULL);
	cruet_static(app, "/static", folder, NULL);
	cruet_get(app, "/url", says_url);
	t = client_of(app);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert_get(t, paths[i], 403);
	assert_url("css/site.css", "/members/files/css/site." FIRST ".css");
	assert_get(t, "/members/files/css/site." FIRST ".css?member=1", 200);
	assert_header(t, "Cache-Control", FOREVER);
	/* another rule has nothing to do with it */
	assert_get(t, "/static/css/site." FIRST ".css", 404);
	end();
}
END_TEST

START_TEST(on_a_blueprint_it_is_refused)
{
	make_folder();
	app = new_app();
	cruet_use_static(cruet_blueprint(app, "inner", "/inner"), &cruet_plugin_assets, options);
	t = cruet_client_new(app);
	ck_assert_str_eq(cruet_problem(app),
			 "'assets' provides service \"assets/1\" on blueprint 'inner': it is the "
			 "whole application's, so attach it there");
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
	static const char *const cases[][2] = {
		{"path=static", "option path = \"static\": expected a path such as /static"},
		{"path=/a<b>", "option path = \"/a<b>\": expected a path such as /static"},
		{"folder=", "option folder: it is empty: expected a folder such as static"},
		{"folder=no/such", "option folder = \"no/such\": No such file or directory"},
		{"folder=/dev/null", "option folder = \"/dev/null\": expected a folder"}};
	char sentence[128];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(sentence, sizeof sentence, "plugin 'assets': %s", cases[i][1]);
		assert_refused(&cruet_plugin_assets, cases[i][0], sentence);
	}
}
END_TEST

SUITE("assets_replies", the_address_is_made_of_what_is_in_the_file,
      a_changed_file_has_another_address_at_once,
      names_without_a_fingerprint_are_served_as_always,
      what_a_cache_may_keep_never_has_an_old_address,
      what_is_not_there_is_a_404_and_has_no_fingerprint, nothing_outside_the_folder_is_reached,
      packed_files_conditions_and_parts_are_the_cores,
      for_ever_is_a_packed_file_only_if_it_has_the_time_of_the_file, a_reply_is_of_one_file,
      integrity_is_the_whole_hash, hundreds_of_files_are_kept_apart,
      names_up_to_the_longest_come_back, other_spellings_have_no_fingerprint,
      what_cannot_be_asked_for_is_told, large_files_are_not_read_because_a_client_says_so,
      hooks_of_the_folder_hold_for_all_addresses, on_a_blueprint_it_is_refused, templates_ask_for_addresses, wrong_options_are_refused)
