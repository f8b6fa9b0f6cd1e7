/* Decimal numbers as they are written, compared exactly: no rounding, no locale. */
#ifndef VALIDATE_NUMBER_H
#define VALIDATE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrows the text it was read from. [p, p+len) are the digits from the first to
 * the last that is not 0, perhaps with a point among them; empty for 0. */
struct decimal {
	const char *p;
	size_t len;
	int32_t top, low; /* power of ten of the first and the last digit */
	int32_t places;   /* digits after the point, as written */
	bool negative, exponent;
};

/* White space around is skipped; "+1", ".5", "5." and "1e3" are numbers, those
 * beyond 1e300 are not. */
bool decimal_parse(const char *s, struct decimal *out);
int decimal_compare(const struct decimal *a, const struct decimal *b);
/* m has at most 17 digits and is not 0. */
bool decimal_multiple(const struct decimal *v, const struct decimal *m);
size_t decimal_digits(const struct decimal *d); /* from the first to the last */
double decimal_real(const struct decimal *d);
/* A whole number that fits, by its value ("5.0" is one). */
bool decimal_int(const struct decimal *d, int64_t *out);
/* The usual spelling of an integer: no leading zeros, point or exponent. */
bool integer_parse(const char *s, int64_t *out);

#endif
