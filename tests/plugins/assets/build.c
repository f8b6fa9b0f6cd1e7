/* cruet assets build. */
#include "folder_of.h"

#include "../compress/decode.h"

enum { LONG = 4000 };

static char text[LONG], out[LONG + 1];

static int build(void)
{
	char word[] = "build", *argv[] = {word};

	return cruet_client_command(t, "assets", 1, argv);
}

static void start(void)
{
	make_folder();
	for (int i = 0; i < LONG; i++)
		text[i] = "body { color: red }\n"[i % 20];
	put("css/site.css", text, LONG);
	app = new_app();
	cruet_use_static(app, &cruet_plugin_assets, options);
	cruet_static(app, "/static", folder, NULL);
	t = client_of(app);
}

static bool is_there(const char *name, struct stat *st)
{
	return stat(path_of(name), st) == 0;
}

static void assert_served(const char *coding)
{
	bool whole;

	cruet_client_set_header(t, "Accept-Encoding", coding);
	assert_get(t, "/static/css/site.css", 200);
	assert_header(t, "Content-Encoding", coding);
	ck_assert_uint_eq(decode(coding, cruet_client_body(t), cruet_client_body_len(t), out,
				 sizeof out, &whole), LONG);
	ck_assert(whole);
	ck_assert(!memcmp(out, text, LONG));
}

START_TEST(what_was_packed_is_served)
{
	struct stat of, st;

	start();
	ck_assert_int_eq(chmod(path_of("css/site.css"), 0640), 0);
	ck_assert_int_eq(build(), 0);
	assert_served("gzip");
	assert_served("br");
	ck_assert(is_there("css/site.css", &of));
	for (int i = 0; i < 2; i++) {
		ck_assert(is_there(i ? "css/site.css.br" : "css/site.css.gz", &st));
		ck_assert_int_lt(st.st_size, LONG / 10);
		ck_assert_int_eq(st.st_mtim.tv_sec, of.st_mtim.tv_sec);
		ck_assert_int_eq(st.st_mtim.tv_nsec, of.st_mtim.tv_nsec);
		ck_assert_int_eq(st.st_mode & 0777, 0640);
	}
	end();
}
END_TEST

START_TEST(it_does_what_is_left_to_do)
{
	struct stat first, st;

	start();
	ck_assert_int_eq(build(), 0);
	ck_assert(is_there("css/site.css.br", &first));
	ck_assert_int_eq(build(), 0);
	ck_assert(is_there("css/site.css.br", &st));
	ck_assert_uint_eq(st.st_ino, first.st_ino); /* left alone */
	text[0] = 'B';
	put("css/site.css", text, LONG);
	cruet_client_set_header(t, "Accept-Encoding", "br");
	assert_get(t, "/static/css/site.css", 200);
	assert_header(t, "Content-Encoding", ""); /* an old one is not sent, */
	ck_assert_int_eq(build(), 0);
	assert_served("br"); /* and is replaced */
	ck_assert_int_eq(unlink(path_of("css/site.css.gz")), 0);
	ck_assert_int_eq(build(), 0);
	assert_served("gzip");
	end();
}
END_TEST

START_TEST(what_gains_nothing_is_left_out)
{
	struct stat st;
	char noise[LONG];
	unsigned x = 7;

	start();
	for (int i = 0; i < LONG; i++)
		noise[i] = (char)((x = x * 1103515245 + 12345) >> 16);
	put("noise.txt", noise, LONG);
	put("noise.txt.gz", "old", 3);
	put_text("short.css", "body{}");
	put("photo.png", text, LONG);
	put(".hidden.css", text, LONG);
	ck_assert_int_eq(symlink("css/site.css", path_of("link.css")), 0);
	ck_assert_int_eq(build(), 0);
	ck_assert(!is_there("noise.txt.br", &st));
	ck_assert(!is_there("noise.txt.gz", &st));
	ck_assert(!is_there("short.css.gz", &st));
	ck_assert(!is_there("photo.png.gz", &st));
	ck_assert(!is_there(".hidden.css.gz", &st));
	ck_assert(!is_there("link.css.gz", &st));
	ck_assert(!is_there("css/site.css.br.gz", &st));
	end();
}
END_TEST

START_TEST(mistakes_are_told_by_the_exit_code)
{
	char word[] = "make", *argv[] = {word};

	start();
	ck_assert_int_eq(cruet_client_command(t, "assets", 0, argv), 2);
	ck_assert_int_eq(cruet_client_command(t, "assets", 1, argv), 2);
	ck_assert_int_eq(mkdir(path_of("css/site.css.br"), 0755), 0); /* in its way */
	ck_assert_int_eq(build(), 1);
	assert_served("gzip");
	end();
}
END_TEST

SUITE("assets_build", what_was_packed_is_served, it_does_what_is_left_to_do,
      what_gains_nothing_is_left_out, mistakes_are_told_by_the_exit_code)
