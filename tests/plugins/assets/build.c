/* cruet assets build. */
#include "folder_of.h"

#include "../compress/decode.h"

#include <sys/file.h>
#include <sys/mman.h>

enum { LONG = 4000 };

static char text[LONG], out[LONG + 1], said[4096];

/* said: what it prints, mistakes too. */
static int build(void)
{
	char word[] = "build", *argv[] = {word};
	int usual[] = {dup(1), dup(2)}, fd = memfd_create("said", MFD_CLOEXEC);

	fflush(stdout);
	dup2(fd, 1);
	dup2(fd, 2);
	int code = cruet_client_command(t, "assets", 1, argv);
	fflush(stdout);
	dup2(usual[0], 1);
	dup2(usual[1], 2);
	ssize_t n = pread(fd, said, sizeof said - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	close(usual[0]);
	close(usual[1]);
	close(fd);
	return code;
}

#define assert_said(part) ck_assert_msg(strstr(said, part) != NULL, "no \"%s\" in: %s", part, said)

static void start_as(const char *name)
{
	snprintf(options, sizeof options, "folder=%s", name);
	app = new_app();
	cruet_use_static(app, &cruet_plugin_assets, options);
	cruet_static(app, "/static", folder, NULL);
	t = client_of(app);
}

static void start(void)
{
	make_folder();
	for (int i = 0; i < LONG; i++)
		text[i] = "body { color: red }\n"[i % 20];
	put("css/site.css", text, LONG);
	start_as(folder);
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
	put_text("short.css.gz", "of when it was longer");
	put("photo.png", text, LONG);
	put(".hidden.css", text, LONG);
	ck_assert_int_eq(symlink("css/site.css", path_of("link.css")), 0);
	ck_assert_int_eq(build(), 0);
	ck_assert(!is_there("noise.txt.br", &st));
	ck_assert(!is_there("noise.txt.gz", &st));
	ck_assert(!is_there("short.css.gz", &st));
	assert_said("noise.txt.gz: removed, it held something else\n");
	assert_said("short.css.gz: removed, it held something else\n");
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
	assert_said("/css/site.css.br: expected a file\n");
	assert_served("gzip");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(build(), 1);
	assert_said(": another build is at work here\n");
	close(fd);
	end();
}
END_TEST

/* What a tool of another kind has made, some time after the file was made. */
static size_t pack_by_hand(const char *name, int level)
{
	static uint8_t packed[2 * LONG];
	z_stream z = {.next_in = (Bytef *)text, .avail_in = LONG, .next_out = packed,
		      .avail_out = sizeof packed};

	ck_assert_int_eq(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	put(name, packed, z.total_out);
	return z.total_out;
}

static void assert_has_time_of(const char *name, const char *other)
{
	struct stat a, b;

	ck_assert(is_there(name, &a));
	ck_assert(is_there(other, &b));
	ck_assert_int_eq(a.st_mtim.tv_sec, b.st_mtim.tv_sec);
	ck_assert_int_eq(a.st_mtim.tv_nsec, b.st_mtim.tv_nsec);
}

START_TEST(what_was_packed_by_others_stays_if_it_is_right)
{
	struct stat by_hand, st;

	start();
	off_t len = (off_t)pack_by_hand("css/site.css.gz", 1);
	ck_assert(is_there("css/site.css.gz", &by_hand));
	ck_assert_int_eq(build(), 0);
	ck_assert(is_there("css/site.css.gz", &st));
	ck_assert_uint_eq(st.st_ino, by_hand.st_ino);
	ck_assert_int_eq(st.st_size, len);
	assert_has_time_of("css/site.css.gz", "css/site.css"); /* so it is sent for ever too */
	assert_served("gzip");
	end();
}
END_TEST

START_TEST(times_do_not_make_a_packed_file_right)
{
	struct stat of;

	start();
	ck_assert_int_eq(build(), 0);
	ck_assert(is_there("css/site.css", &of));
	for (int i = 0; i < 3; i++) { /* put back: as old, older, and cut short */
		const struct timespec times[] = {{of.st_mtim.tv_sec - (i == 1), of.st_mtim.tv_nsec},
						 {of.st_mtim.tv_sec - (i == 1), of.st_mtim.tv_nsec}};
		text[LONG / 2] = (char)('0' + i);
		put("css/site.css", text, LONG);
		ck_assert_int_eq(utimensat(AT_FDCWD, path_of("css/site.css"), times, 0), 0);
		if (i == 2)
			ck_assert_int_eq(truncate(path_of("css/site.css.br"), 10), 0);
		ck_assert_int_eq(build(), 0);
		assert_said("2 files written, 0 were packed already\n");
		assert_served("gzip");
		assert_served("br");
	}
	end();
}
END_TEST

START_TEST(what_is_left_over_is_told)
{
	struct stat st;

	start();
	put("gone.css.gz", text, 10);
	put("gone.css.br", text, 10);
	put("archive.tar.gz", text, 10);
	put(".cruet-packing", text, 10); /* of a build that was stopped */
	ck_assert_int_eq(build(), 0);
	assert_said("gone.css.gz: left alone, though there is no gone.css\n");
	assert_said("gone.css.br: left alone, though there is no gone.css\n");
	ck_assert(!strstr(said, "archive"));
	ck_assert(is_there("gone.css.gz", &st));
	ck_assert(!is_there(".cruet-packing", &st));
	end();
}
END_TEST

START_TEST(the_folder_may_be_a_link_and_end_in_slashes)
{
	char link[FOLDER_MAX + 16], name[FOLDER_MAX + 24];
	struct stat st;

	start();
	done(app, t);
	snprintf(link, sizeof link, "%s/link", folder);
	snprintf(name, sizeof name, "%s//", link);
	ck_assert_int_eq(symlink(folder, link), 0);
	start_as(name);
	ck_assert_int_eq(build(), 0);
	assert_said("\ncss/site.css.gz: 4000 bytes became ");
	ck_assert(is_there("css/site.css.gz", &st));
	ck_assert_int_eq(unlink(link), 0);
	ck_assert_int_eq(build(), 1);
	assert_said("/link: No such file or directory\n");
	end();
}
END_TEST

SUITE("assets_build", what_was_packed_is_served, it_does_what_is_left_to_do,
      what_gains_nothing_is_left_out, mistakes_are_told_by_the_exit_code,
      what_was_packed_by_others_stays_if_it_is_right, times_do_not_make_a_packed_file_right,
      what_is_left_over_is_told, the_folder_may_be_a_link_and_end_in_slashes)
