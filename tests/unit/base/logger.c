/* Log lines: what is let through, and how it looks on standard error. */
#include "base/logger.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "suite.h"

static struct logger l;
static char got[4096];
static int got_level, calls;

static void keep(void *arg, int level, const char *who, const char *line)
{
	snprintf(got, sizeof got, "%s|%s|%s", (const char *)arg, who, line);
	got_level = level;
	calls++;
}

static void setup(void)
{
	static char arg[] = "arg";

	logger_init(&l);
	logger_to(&l, keep, arg);
}

START_TEST(lines_below_the_level_are_dropped)
{
	ck_assert_int_eq(l.level, CRUET_INFO);
	logger_say(&l, CRUET_DEBUG, "me", "x");
	ck_assert_int_eq(calls, 0);
	logger_say(&l, CRUET_INFO, "me", "%d", 1);
	ck_assert_str_eq(got, "arg|me|1");
	l.level = CRUET_ERROR;
	logger_say(&l, CRUET_WARN, "me", "x");
	ck_assert_int_eq(calls, 1);
	logger_say(&l, CRUET_ERROR, "me", "x");
	ck_assert_int_eq(calls, 2);
	l.level = CRUET_DEBUG;
	logger_say(&l, CRUET_DEBUG, "me", "x");
	ck_assert_int_eq(calls, 3);
}
END_TEST

START_TEST(a_level_that_is_none_is_an_error)
{
	logger_say(&l, 99, "me", "x");
	ck_assert_int_eq(got_level, CRUET_ERROR);
	l.level = -5;
	logger_say(&l, -3, "me", "x");
	ck_assert_int_eq(got_level, CRUET_ERROR);
}
END_TEST

START_TEST(who_has_no_name_is_cruet)
{
	logger_say(&l, CRUET_INFO, NULL, "x");
	ck_assert_str_eq(got, "arg|cruet|x");
}
END_TEST

START_TEST(nobody_forges_a_line)
{
	logger_say(&l, CRUET_INFO, "me", "%s", "a\n2026-01-01 00:00:00 ERROR you: \033[31mb\r");
	ck_assert_str_eq(got, "arg|me|a\\x0a2026-01-01 00:00:00 ERROR you: \\x1b[31mb\\x0d");
}
END_TEST

START_TEST(a_line_of_any_length_is_one_line)
{
	char *huge = malloc(1 << 20);

	memset(huge, 'x', (1 << 20) - 1);
	huge[(1 << 20) - 1] = '\0';
	logger_say(&l, CRUET_INFO, "me", "%s", huge);
	size_t n = strlen(got);
	ck_assert_uint_gt(n, 1900);
	ck_assert_uint_lt(n, 2100);
	memset(huge, '\n', (1 << 20) - 1);
	logger_say(&l, CRUET_INFO, "me", "%s", huge);
	ck_assert_uint_lt(strlen(got), 2100);
	ck_assert_ptr_null(strchr(got, '\n'));
	free(huge);
}
END_TEST

/* --- standard error: a socket that keeps writes apart --- */

static int reader;

static void catch_stderr(void)
{
	int two[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, two), 0);
	reader = two[0];
	ck_assert_int_ge(dup2(two[1], STDERR_FILENO), 0);
	close(two[1]);
	logger_to(&l, NULL, NULL);
}

static const char *one_write(void)
{
	static char text[8192];
	ssize_t n = recv(reader, text, sizeof text - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

START_TEST(a_line_is_one_write_with_time_level_and_name)
{
	regex_t re;

	catch_stderr();
	logger_say(&l, CRUET_WARN, "who", "hello %s", "you");
	const char *text = one_write();
	ck_assert_int_eq(regcomp(&re,
				 "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} "
				 "WARN  who: hello you\n$",
				 REG_EXTENDED | REG_NOSUB),
			 0);
	ck_assert_msg(!regexec(&re, text, 0, NULL, 0), "%s", text);
	regfree(&re);
	ck_assert_str_eq(one_write(), "");
	logger_say(&l, CRUET_ERROR, "w", "x");
	ck_assert_ptr_nonnull(strstr(one_write(), " ERROR w: x\n"));
}
END_TEST

START_TEST(a_line_that_is_too_long_still_ends)
{
	static char name[4000];

	catch_stderr();
	memset(name, 'n', sizeof name - 1);
	logger_say(&l, CRUET_INFO, name, "text");
	const char *text = one_write();
	size_t n = strlen(text);
	ck_assert_uint_gt(n, 2000);
	ck_assert_int_eq(text[n - 1], '\n');
	ck_assert_ptr_eq(strchr(text, '\n'), text + n - 1);
	ck_assert_str_eq(one_write(), "");
}
END_TEST

static void count_from(void *arg, const char *line)
{
	int *next = arg;
	char want[64];

	snprintf(want, sizeof want, "INFO me: line %d", (*next)++);
	ck_assert_str_eq(line, want);
}

START_TEST(the_last_lines_can_be_kept)
{
	static struct log_recent r;
	char wide[1000] = "";
	int next = 0;

	l.recent = &r;
	for (int i = 0; i < 3; i++)
		logger_say(&l, CRUET_INFO, "me", "line %d", i);
	logger_say(&l, CRUET_DEBUG, "me", "dropped");
	logger_recent(&r, count_from, &next);
	ck_assert_int_eq(next, 3);
	for (int i = 3; i < LOG_RECENT + 7; i++)
		logger_say(&l, CRUET_INFO, "me", "line %d", i);
	next = 7;
	logger_recent(&r, count_from, &next);
	ck_assert_int_eq(next, LOG_RECENT + 7);
	memset(wide, 'w', sizeof wide - 1);
	logger_say(&l, CRUET_INFO, wide, "%s", wide); /* cut, and not beyond */
	ck_assert_uint_lt(strlen(r.lines[(LOG_RECENT + 7) % LOG_RECENT]), LOG_RECENT_LINE);
}
END_TEST

SUITE_WITH("logger", setup, NULL, lines_below_the_level_are_dropped,
	   a_level_that_is_none_is_an_error, who_has_no_name_is_cruet, nobody_forges_a_line,
	   a_line_of_any_length_is_one_line, a_line_is_one_write_with_time_level_and_name,
	   a_line_that_is_too_long_still_ends, the_last_lines_can_be_kept)
