/* Printing into memory. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* vsnprintf(), but for a format with no other conversion than %s, as most have that
 * replies are made with, at a fraction of its cost. */
int format_into(char *out, size_t cap, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

#endif
