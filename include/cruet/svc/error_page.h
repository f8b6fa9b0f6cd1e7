/* Service "error_page/1": how an error looks that no error handler took. What an error is,
 * its status and its headers, is not its affair: an error handler (cruet_on_error) decides
 * on that, and goes first. See docs/elements.md. */
#ifndef CRUET_SVC_ERROR_PAGE_H
#define CRUET_SVC_ERROR_PAGE_H

#include "cruet/types.h"

#define CRUET_ERROR_PAGE "error_page/1"

typedef struct cruet_error_info {
	uint32_t size;
	int32_t status;     /* 400..599 */
	const char *reason; /* "Not Found" */
	const char *text;   /* what the client may know: UTF-8, "\n" between lines. Any
			     * other character may be in it, so it has to be escaped */
	const char *id;     /* of the request, to look for in the log; NULL: say none */
	const char *accept; /* the client's header; NULL: it sent none */
} cruet_error_info;

typedef struct cruet_error_page {
	uint32_t size;
	uint32_t reserved;
	/* Prepares the page as a handler does: return cruet_html(c, ...). e is borrowed.
	 * The core sets the status and the headers that go with the failure. If it returns
	 * anything but CRUET_DONE, that is logged, and the core's own page is sent.
	 *
	 * Errors of requests that were refused at the front door come here too; then c
	 * shows no request, for there is none that could be trusted. [request] */
	int (*make)(void *self, cruet_ctx *c, const cruet_error_info *e);
} cruet_error_page;

#endif
