/* Base64 as HTTP uses it (RFC 4648 4). */
#ifndef HTTP_BASE64_H
#define HTTP_BASE64_H

struct arena;

/* The text that s encodes, in a; padding may be missing. NULL when s is malformed,
 * the text holds a NUL, or memory ran out. */
char *base64_decode(struct arena *a, const char *s);

#endif
