/* A crash in words: the report, a file of JSON, and the line in the log. Neither takes
 * memory or a lock, so a signal handler may call them where nobody else can. */
#ifndef SERVER_CRASH_REPORT_H
#define SERVER_CRASH_REPORT_H

#include "server/crash_record.h"

enum { CRASH_SENTENCE = 1024, CRASH_REPORT_NAME = 512 };

/* Where in its source a frame lies; NULL: not known. */
struct crash_line {
	const char *function, *file;
	unsigned line;
	const char *values; /* "name\tvalue", a line for each; NULL */
};

/* Writes the report into a folder, relative to that of the descriptor dir; it is made where
 * it is missing. lines: one for each frame, or NULL; more: members of crash_facts(), or NULL.
 * name becomes the path of the file. 0, or what errno says. */
int crash_report_write(int dir, const char *folder, const struct crash_record *r,
		       const struct crash_line *lines, const char *more,
		       char name[CRASH_REPORT_NAME]);
/* "20260131-120000-5f3a91c2.json" */
bool crash_report_is(const char *name);

/* "plugin 'shop' crashed: SIGSEGV at address 0x0, in show (shop.c:9), while it answered
 * GET /show: ...", and where the report is, or, where err is not 0, why there is none. */
void crash_sentence(char out[CRASH_SENTENCE], const struct crash_record *r,
		    const struct crash_line *lines, const char *name, int err);

/* Removes the oldest reports of a folder until but so many are left. Not for handlers. */
void crash_reports_prune(int dir, const char *folder, unsigned left);

#endif
