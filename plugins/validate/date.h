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
	int64_t ms;	      /* if fixed */
	int32_t months, days; /* added to it */
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

/* --- between date.c and date_format.c --------------------------------------------- */

enum { DAY_MS = 24 * 3600 * 1000 };

bool date_exists(int64_t y, int64_t m, int64_t d); /* years 1 to 9999 */
int64_t days_of(int64_t y, int64_t m, int64_t d);  /* since 1970; d may be any number */
void date_of(int64_t days, int64_t *y, int64_t *m, int64_t *d);

/* Reads from min to max digits at *s, which moves. */
bool read_digits(const char **s, size_t min, size_t max, int64_t *out);
/* Reads one of the names ("Jan", "Feb", ...) in any case, or with letters > 0 only so
 * many of them; its number. */
bool read_name(const char **s, const char *const *names, size_t n, size_t letters,
	       int64_t *out);
/* "+02:00" with the colon; without: "+0200". Minutes east. */
bool read_offset(const char **s, bool colon, int64_t *minutes);

extern const char *const month_names[12], *const day_names[7];

#endif
