/* One byte of a URL. */
#ifndef BASE_PERCENT_H
#define BASE_PERCENT_H

#include "base/text.h"

/* The first byte of [p, p+left), which is not empty, decoded; gives how many stand for it. */
static inline size_t percent_byte(const char *p, size_t left, char *out)
{
	int high = *p == '%' && left > 2 ? hex_value(p[1]) : -1;
	int low = high < 0 ? -1 : hex_value(p[2]);

	*out = low < 0 ? *p : (char)(high << 4 | low);
	return low < 0 ? 1 : 3;
}

#endif
