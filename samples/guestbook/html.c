#include "html.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

/* One conversion; gives what follows it. */
static const char *convert(cruet_ctx *c, const char *p, va_list *ap)
{
	if (!strncmp(p, "%s", 2)) {
		cruet_write(c, cruet_escape(c, va_arg(*ap, const char *)));
		return p + 2;
	}
	if (!strncmp(p, "%d", 2)) {
		cruet_writef(c, "%d", va_arg(*ap, int));
		return p + 2;
	}
	if (!strncmp(p, "%lld", 4)) {
		cruet_writef(c, "%lld", va_arg(*ap, long long));
		return p + 4;
	}
	assert(!strncmp(p, "%%", 2));
	cruet_write(c, "%");
	return p + 2;
}

void html(cruet_ctx *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	while (*fmt) {
		int plain = (int)strcspn(fmt, "%");
		cruet_writef(c, "%.*s", plain, fmt);
		fmt += plain;
		if (*fmt)
			fmt = convert(c, fmt, &ap);
	}
	va_end(ap);
}
