#include "tls_say.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>

int tls_say(char **why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vasprintf(why, fmt, ap);
	va_end(ap);
	if (n >= 0)
		return CRUET_EINVAL;
	*why = NULL;
	return CRUET_ENOMEM;
}

const char *tls_openssl_says(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	return text ? text : "OpenSSL gives no reason";
}
