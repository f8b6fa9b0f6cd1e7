/* What the page that a handler makes has to know of the security headers. Thin over the
 * service "secure/1"; without a plugin that provides it, calls fail the request with 500
 * and the log names such a plugin. Not part of cruet.h. */
#ifndef CRUET_SECURE_H
#define CRUET_SECURE_H

#include "cruet/types.h"

CRUET_BEGIN

/* The value for the attribute nonce of <script> and <style> of this reply: browsers then
 * run them in spite of the Content-Security-Policy. The same at every call of one
 * request, another for each; nothing in it has to be escaped. It lives as long as the
 * ctx. NULL: the request fails. [request] */
CRUET_API const char *cruet_csp_nonce(cruet_ctx *c);

CRUET_END
#endif
