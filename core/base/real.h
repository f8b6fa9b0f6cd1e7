/* Real numbers as text, whatever the locale. */
#ifndef BASE_REAL_H
#define BASE_REAL_H

#include <stdbool.h>
#include <stddef.h>

/* The whole of s, at most 400 characters, is a finite number: digits, then a point
 * with digits and an exponent if wanted, whatever the locale; one '-' allowed, no
 * '+', no hex, no inf or nan. */
bool real_read(const char *s, double *out);
/* The shortest text that reads back as v: "0.1", "3.0", "1e+22", with an exponent
 * from 1e16 and below 1e-4, whatever the locale; "nan", "inf" or "-inf" for what is
 * no number. cap 32 is enough. Returns its length. */
size_t real_put(char *out, size_t cap, double v);

#endif
