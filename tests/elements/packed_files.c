/* The sample that serves files out of an archive of tar, and archives that are none. */
#include "elements.h"

#include <fcntl.h>

extern const cruet_plugin cruet_plugin_packed_files;

enum { BLOCK = 512, MADE = 1704164645 };

static unsigned char tar[64 * BLOCK];
static size_t tar_len;
static char folder[FOLDER_MAX], path[FOLDER_MAX + 16], option[FOLDER_MAX + 64];

static unsigned char *head_of(size_t at)
{
	return tar + at;
}

static void sum(unsigned char *head)
{
	unsigned total = 0;

	memset(head + 148, ' ', 8);
	for (int i = 0; i < BLOCK; i++)
		total += head[i];
	snprintf((char *)head + 148, 8, "%06o", total);
}

/* Appends an entry; returns where its head is. */
static size_t put(const char *prefix, const char *name, char type, const char *body)
{
	size_t at = tar_len, len = strlen(body);
	unsigned char *head = head_of(at);

	memset(head, 0, BLOCK);
	memcpy(head, name, strlen(name));
	snprintf((char *)head + 124, 12, "%011o", (unsigned)len & 0777777);
	snprintf((char *)head + 136, 12, "%011o", MADE);
	head[156] = (unsigned char)type;
	memcpy(head + 257, "ustar\00000", 8);
	memcpy(head + 345, prefix, strlen(prefix));
	sum(head);
	memset(head + BLOCK, 0, BLOCK);
	memcpy(head + BLOCK, body, len);
	tar_len += BLOCK + (len ? BLOCK : 0);
	return at;
}

static void write_tar(void)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, tar, tar_len), (ssize_t)tar_len);
	close(fd);
}

static void begin(void)
{
	tar_len = 0;
	ck_assert(folder_make(folder));
	snprintf(path, sizeof path, "%s/site.tar", folder);
	snprintf(option, sizeof option, "archive=%s", path);
}

static void end(void)
{
	ck_assert(folder_remove(folder));
}

static cruet_client *start(cruet_app **app)
{
	write_tar();
	*app = new_app();
	cruet_use_static(*app, &cruet_plugin_packed_files, option);
	cruet_static(*app, "/static", "static", NULL);
	return client_of(*app);
}

START_TEST(files_come_out_of_the_archive)
{
	char deep[160], url[200];
	cruet_app *app;

	memset(deep, 'd', 150);
	deep[150] = '\0';
	put("", "static/", '5', "");
	put("", "./static/z.html", '0', "<p>z");
	put("", "static/a.txt", '\0', "0123456789");
	put("", "static/a.txt.gz", '0', "packed");
	put("static", deep + 60, '0', "far down"); /* 90 bytes */
	put("", "secret/key", '0', "hush");
	memset(tar + tar_len, 0, 2 * BLOCK);
	tar_len += 2 * BLOCK;
	cruet_client *t = start(&app);
	assert_get(t, "/static/z.html", 200);
	assert_body(t, "<p>z");
	assert_header(t, "Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT");
	assert_get(t, "/static/a.txt", 200);
	assert_body(t, "0123456789");
	cruet_client_set_header(t, "Range", "bytes=8-");
	assert_get(t, "/static/a.txt", 206);
	assert_body(t, "89");
	cruet_client_set_header(t, "Accept-Encoding", "gzip");
	assert_get(t, "/static/a.txt", 200);
	assert_body(t, "packed");
	snprintf(url, sizeof url, "/static/%s", deep + 60);
	assert_get(t, url, 200);
	assert_body(t, "far down");
	assert_get(t, "/static/key", 404);
	assert_get(t, "/static/../secret/key", 404);
	assert_get(t, "/static/..%2fsecret/key", 404);
	snprintf(url, sizeof url, "/static/%s", deep);
	assert_get(t, url, 404);
	done(app, t);
}
END_TEST

START_TEST(an_empty_archive_has_no_files)
{
	cruet_app *app;
	cruet_client *t = start(&app);

	assert_get(t, "/static/a", 404);
	done(app, t);
}
END_TEST

static void assert_says(const char *fmt_end)
{
	char sentence[FOLDER_MAX + 256];

	write_tar();
	snprintf(sentence, sizeof sentence, "plugin 'packed_files': %s%s", path, fmt_end);
	assert_refused(&cruet_plugin_packed_files, option, sentence);
}

START_TEST(what_is_no_archive_is_refused)
{
	size_t at = put("", "static/a", '0', "abc");

	tar[at + 5] ^= 1;
	assert_says(": what stands at byte 0 is no head of ustar");
	tar[at + 5] ^= 1;
	tar[at + 124] = '9';
	sum(tar + at);
	assert_says(": what stands at byte 0 is no head of ustar");
	memcpy(tar + at + 124, "77777777777", 12);
	sum(tar + at);
	assert_says(": it is cut off within static/a");
	memcpy(tar + at + 124, "00000000003", 12);
	sum(tar + at);
	put("", "static/b", '2', "");
	assert_says(": static/b is of type '2': expected files and folders alone, as tar "
		    "--format=ustar makes them");
	tar_len -= BLOCK;
	memset(tar + tar_len, 'x', BLOCK);
	tar_len += BLOCK;
	assert_says(": what stands at byte 1024 is no head of ustar");
}
END_TEST

START_TEST(what_is_not_there_or_too_large_is_refused)
{
	char sentence[FOLDER_MAX + 256];

	snprintf(sentence, sizeof sentence,
		 "plugin 'packed_files': %s: No such file or directory", path);
	assert_refused(&cruet_plugin_packed_files, option, sentence);
	put("", "static/a", '0', "abc");
	snprintf(option, sizeof option, "archive=%s\nmax=1k", path);
	write_tar();
	tar_len += BLOCK;
	assert_says(" has 1536 bytes: option max is 1024");
	snprintf(option, sizeof option, "archive=%s", folder);
	snprintf(sentence, sizeof sentence, "plugin 'packed_files': %s: expected a file",
		 folder);
	assert_refused(&cruet_plugin_packed_files, option, sentence);
}
END_TEST

SUITE_WITH("packed_files", begin, end, files_come_out_of_the_archive,
	   an_empty_archive_has_no_files, what_is_no_archive_is_refused,
	   what_is_not_there_or_too_large_is_refused)
