/* Dates and times in UTC: reading them from text, by themselves or by a format. */
#ifndef VALIDATE_DATE_H
#define VALIDATE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds since 1970; years 1 to 9999. "2024-02-29", "2024/02/29", with
 * " 08:49", "T08:49:37.5" and "Z" or "+02:00" after it, or as HTTP and mail write
 * it ("Thu, 29 Feb 2024 08:49:37 GMT"). White space around is skipped. */
bool date_read(const char *s, int64_t *ms);

/* A moment of a rule: fixed, or counted from the moment of the check. */
enum when_base { WHEN_NONE = 0, WHEN_FIXED, WHEN_NOW, WHEN_TODAY };
struct when {
	enum when_base base;
	int64_t ms;                   /* if fixed */
	int32_t months, days;         /* added to it */
	int64_t more_ms;
};

/* What date_read takes, or "now", "today", "tomorrow", "yesterday", and after
 * that "+3 days", "-18 years". */
bool when_parse(const char *s, struct when *out);
int64_t when_ms(const struct when *w, int64_t now_ms);

/* A format in PHP's letters: "Y-m-d H:i". NULL, or the letter that is none. */
const char *date_format_bad(const char *format);
/* Exactly as the format would write it. What it does not say is 1970-01-01 00:00. */
bool date_by_format(const char *s, const char *format, int64_t *ms);

bool is_time_zone(const char *name); /* of the IANA list, such as Europe/Berlin */

#endif
