/* Reports, and the sentences about them. */
#include "server/crash_report.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static struct crash_record record(void)
{
	struct crash_record r = {
		.size = sizeof r,
		.signal = SIGSEGV,
		.code = SEGV_MAPERR,
		.time_ms = 1769860800123,
		.id = "5f3a91c2",
		.plugin = {"shop", "1.2.3"},
		.blame = CRASH_BY_ADDRESS,
		.method = "GET",
		.target = "/items/7?q=1",
		.route = "shop.item",
		.nframes = 2,
		.nmodules = 1,
		.nplugins = 1,
		.frames = {{.pc = 0x7000, .offset = 0x1139, .module = 0, .ours = 1},
			   {.pc = 0x8000, .module = -1}},
		.modules = {{"/tmp/copy.so", "plugins/shop.so"}},
		.plugins = {{"shop", ""}},
	};
	return r;
}

static const struct crash_line lines[CRASH_FRAMES] = {{"item", "/srv/shop/item.c", 31}};

static const char *said(const struct crash_record *r, const struct crash_line *l, int err)
{
	static char out[CRASH_SENTENCE];

	crash_sentence(out, r, l, "here", err);
	return out;
}

START_TEST(a_sentence_says_who_what_and_where)
{
	struct crash_record r = record();

	ck_assert_str_eq(said(&r, lines, 0),
			 "plugin 'shop' crashed: SIGSEGV at address 0x0 (a NULL pointer), in item "
			 "(item.c:31), while it answered GET /items/7; report: here");
	ck_assert_str_eq(said(&r, NULL, 0),
			 "plugin 'shop' crashed: SIGSEGV at address 0x0 (a NULL pointer), in "
			 "shop.so+0x1139, while it answered GET /items/7; report: here");
	r.lost = 3;
	r.overflow = 1;
	r.address = 0x7fff0000;
	*r.method = '\0';
	ck_assert_str_eq(said(&r, lines, EACCES),
			 "plugin 'shop' crashed: SIGSEGV at address 0x7fff0000 (the stack is full), "
			 "in item (item.c:31), at a message of shop.item; other requests that were "
			 "lost: 3; no report could be written to here: Permission denied");
}
END_TEST

START_TEST(a_step_is_its_own_or_that_of_another)
{
	struct crash_record r = record();

	*r.method = *r.route = '\0';
	r.nframes = 0;
	r.signal = SIGFPE;
	r.code = FPE_INTDIV;
	strcpy(r.step, "start");
	strcpy(r.climber, "shop");
	ck_assert_str_eq(said(&r, NULL, 0),
			 "plugin 'shop' crashed in its start: SIGFPE (a division by zero); report: "
			 "here");
	strcpy(r.climber, "visits");
	ck_assert_str_eq(said(&r, NULL, 0),
			 "plugin 'shop' crashed in the start of plugin 'visits': SIGFPE (a division "
			 "by zero); report: here");
	*r.step = *r.climber = '\0';
	strcpy(r.plugin.name, "app");
	r.code = 0;
	ck_assert_str_eq(said(&r, NULL, 0), "the application crashed: SIGFPE; report: here");
	*r.plugin.name = '\0';
	ck_assert_str_eq(said(&r, NULL, 0), "the program crashed: SIGFPE; report: here");
}
END_TEST

/* A sentence has its room, whatever stands in a record. */
START_TEST(long_texts_are_cut)
{
	struct crash_record r = record();

	memset(r.target, 'x', sizeof r.target - 1);
	ck_assert_uint_eq(strlen(said(&r, lines, 0)), CRASH_SENTENCE - 1);
}
END_TEST

/* --- files ------------------------------------------------------------------------------- */

static int folder(char path[FOLDER_MAX])
{
	ck_assert(folder_make(path));
	int fd = open(path, O_PATH | O_DIRECTORY);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static cJSON *read_json(int dir, const char *name)
{
	char text[65536];
	int fd = openat(dir, name, O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);

	ck_assert_int_gt(n, 0);
	close(fd);
	text[n] = '\0';
	cJSON *tree = cJSON_ParseWithOpts(text, NULL, 0);
	ck_assert_msg(tree, "no JSON: %s", text);
	return tree;
}

static const char *text_of(const cJSON *tree, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, name));
	return text ? text : "(none)";
}

START_TEST(a_report_is_json)
{
	char path[FOLDER_MAX], name[CRASH_REPORT_NAME];
	struct crash_record r = record();
	struct stat st;
	int dir = folder(path);

	ck_assert_int_eq(crash_report_write(dir, "var/crashes", &r, lines, NULL, name), 0);
	ck_assert_str_eq(name, "var/crashes/20260131-120000-5f3a91c2.json");
	ck_assert_int_eq(fstatat(dir, name, &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(fstatat(dir, "var/crashes", &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0700);
	cJSON *tree = read_json(dir, name);
	ck_assert_str_eq(text_of(tree, "time"), "2026-01-31T12:00:00Z");
	ck_assert_str_eq(text_of(tree, "plugin"), "shop");
	ck_assert_str_eq(text_of(tree, "request"), "GET /items/7?q=1");
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(tree, "step")));
	const cJSON *frames = cJSON_GetObjectItem(tree, "frames");
	const cJSON *first = cJSON_GetArrayItem(frames, 0);
	ck_assert_int_eq(cJSON_GetArraySize(frames), 2);
	ck_assert_str_eq(text_of(first, "file"), "/srv/shop/item.c");
	ck_assert_int_eq(cJSON_GetObjectItem(first, "line")->valueint, 31);
	ck_assert_str_eq(text_of(first, "module"), "plugins/shop.so");
	ck_assert_str_eq(text_of(first, "offset"), "0x1139");
	cJSON_Delete(tree);
	/* a second one of the same name is not laid over it */
	ck_assert_int_eq(crash_report_write(dir, "var/crashes", &r, lines, NULL, name), EEXIST);
	close(dir);
}
END_TEST

START_TEST(texts_are_escaped)
{
	char path[FOLDER_MAX], name[CRASH_REPORT_NAME];
	struct crash_record r = record();
	int dir = folder(path);

	strcpy(r.target, "/\"\\\n\x7f\xc3\xa4");
	strcpy(r.route, "\xff");
	ck_assert_int_eq(crash_report_write(dir, ".", &r, NULL, NULL, name), 0);
	cJSON *tree = read_json(dir, name);
	ck_assert_str_eq(text_of(tree, "request"), "GET /\"\\\n\x7f\xc3\xa4");
	ck_assert_str_eq(text_of(tree, "route"), "\xc3\xbf");
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(
		cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "frames"), 0), "function")));
	cJSON_Delete(tree);
	close(dir);
}
END_TEST

START_TEST(the_largest_record_has_room)
{
	char path[FOLDER_MAX], name[CRASH_REPORT_NAME];
	static struct crash_record r;
	int dir = folder(path);

	memset(&r, 'a', sizeof r);
	r.size = sizeof r;
	r.time_ms = 0;
	r.nframes = CRASH_FRAMES;
	r.nmodules = CRASH_MODULES;
	r.nplugins = CRASH_PLUGINS;
	ck_assert(crash_record_check(&r, sizeof r));
	ck_assert_int_eq(crash_report_write(dir, "a/b/../c", &r, NULL, NULL, name), 0);
	ck_assert_str_eq(name, "a/b/../c/19700101-000000-aaaaaaaa.json");
	cJSON_Delete(read_json(dir, name));
	close(dir);
}
END_TEST

START_TEST(a_folder_that_cannot_be)
{
	char path[FOLDER_MAX], name[CRASH_REPORT_NAME], longer[600];
	struct crash_record r = record();
	int dir = folder(path);

	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	close(openat(dir, "file", O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(crash_report_write(dir, "file/x", &r, NULL, NULL, name), ENOTDIR);
	ck_assert_int_eq(crash_report_write(dir, longer, &r, NULL, NULL, name), ENAMETOOLONG);
	close(dir);
}
END_TEST

START_TEST(old_ones_go_and_other_files_stay)
{
	const char *const names[] = {"20260101-000000-00000001.json", "20260101-000000-00000002.json",
				     "20260102-000000-00000000.json", "notes.json", "x"};
	const bool stays[] = {false, true, true, true, true};
	char path[FOLDER_MAX];
	int dir = folder(path);

	for (size_t i = 0; i < 5; i++)
		close(openat(dir, names[i], O_CREAT | O_WRONLY, 0600));
	crash_reports_prune(dir, ".", 2);
	for (size_t i = 0; i < 5; i++)
		ck_assert_msg(!faccessat(dir, names[i], F_OK, 0) == stays[i], "%s", names[i]);
	crash_reports_prune(dir, "missing", 2);
	close(dir);
}
END_TEST

SUITE("crash_report", a_sentence_says_who_what_and_where, a_step_is_its_own_or_that_of_another,
      long_texts_are_cut, a_report_is_json, texts_are_escaped, the_largest_record_has_room,
      a_folder_that_cannot_be, old_ones_go_and_other_files_stay)
