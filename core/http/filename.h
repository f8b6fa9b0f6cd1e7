/* Names of files that travel: in Content-Disposition (RFC 6266, RFC 8187), and from
 * a client that cannot be trusted. */
#ifndef HTTP_FILENAME_H
#define HTTP_FILENAME_H

struct buf;

/* Appends the ASCII shadow of a UTF-8 name: "u" for an u with two dots, nothing
 * for what has none. */
void filename_ascii(struct buf *b, const char *name);
/* Appends a name that is safe to create in a folder: letters, digits, '.', '_' and
 * '-' of ASCII, no dot or underscore at either end, slashes and spaces as '_'.
 * May append nothing ("..", or no ASCII at all). */
void filename_secure(struct buf *b, const char *name);
/* Appends `attachment; filename="a b.txt"`, with filename* where the name is not
 * ASCII. kind: "inline" or "attachment". */
void filename_disposition(struct buf *b, const char *kind, const char *name);

#endif
