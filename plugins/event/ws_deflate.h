/* Compressed messages (RFC 7692, permessage-deflate): what is agreed on at the
 * handshake, and both directions after it. */
#ifndef EVENT_WS_DEFLATE_H
#define EVENT_WS_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ws_bytes.h"

/* What this side wants. Zeroed: no compression at all. */
struct ws_deflate_policy {
	bool on;
	bool keep;           /* windows stay from message to message, where the client
			      * lets them: better compression, and memory that an idle
			      * connection holds: 2^(bits + 3) bytes here, 2^bits there */
	uint8_t server_bits; /* window of what is sent, 9..15 */
	uint8_t client_bits; /* ... of what is received, where the client lets us ask */
	size_t min_size;     /* shorter messages are sent as they are */
};

/* What was agreed on. */
struct ws_deflate {
	bool on;
	bool server_keeps, client_keeps;
	uint8_t server_bits, client_bits;
	size_t min_size;
};

enum { WS_EXTENSION_MAX = 160 };

/* Chooses the first offer in a header Sec-WebSocket-Extensions (NULL: none; several
 * are joined by commas) that can be met. reply: the value to answer with, "" where
 * none was taken. False: the header is malformed, the handshake fails with 400. */
bool ws_deflate_choose(const char *offers, const struct ws_deflate_policy *policy,
		       struct ws_deflate *chosen, char reply[WS_EXTENSION_MAX]);

struct ws_inflater; /* the receiving side of one connection */
struct ws_deflater; /* the sending side */

/* NULL: out of memory. What zlib needs is taken when the first message comes, and
 * given back after it unless the window stays. */
struct ws_inflater *ws_inflater_new(const struct ws_deflate *d);
struct ws_deflater *ws_deflater_new(const struct ws_deflate *d);
void ws_inflater_free(struct ws_inflater *f);
void ws_deflater_free(struct ws_deflater *d);

/* Appends what p holds to out, of which max bytes are allowed. 0, or the code to
 * close with: WS_TOO_LARGE before more than max are there, WS_BAD_DATA, WS_INTERNAL. */
int ws_inflate(struct ws_inflater *f, const unsigned char *p, size_t n, struct ws_bytes *out,
	       size_t max);
/* The same at the end of a message, after its last bytes. */
int ws_inflate_end(struct ws_inflater *f, struct ws_bytes *out, size_t max);

/* Compresses a message behind what out holds. True: it is there. False: it is to be
 * sent as it is, because that is not longer or because memory ran out. */
bool ws_deflate_message(struct ws_deflater *d, const unsigned char *p, size_t n,
			struct ws_bytes *out);

#endif
