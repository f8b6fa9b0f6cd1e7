/* HTTP dates (RFC 9110 5.6.7), with no locale and no time zone. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATE_LEN = 29 }; /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/* unix time in seconds, 0..253402300799; others are clamped. out gets
 * DATE_LEN + 1 bytes. */
void date_http(char out[DATE_LEN + 1], int64_t unix_time);
/* The three forms of RFC 9110; false if it is none of them. */
bool date_parse(const char *s, int64_t *out);
/* Days since 1970 of a civil date, and back; proleptic Gregorian. */
int64_t date_days(int64_t year, unsigned month, unsigned day);
void date_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day);
/* Local-time-free clock of the machine: milliseconds since 1970. */
int64_t date_now_ms(void);
/* What time it was some milliseconds ago at most; costs next to nothing. */
int64_t date_coarse_ms(void);
/* A clock that nobody sets and that only goes forward: microseconds. */
int64_t date_monotonic_us(void);

#endif
