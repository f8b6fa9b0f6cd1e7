/* Media types by the name of a file. */
#ifndef HTTP_MIME_H
#define HTTP_MIME_H

/* The type by the last suffix, any case; "application/octet-stream" when it is
 * not known. *encoding: "gzip" or "br" for a name such as a.tar.gz, whose type is
 * then that of a.tar; else NULL. */
const char *mime_by_name(const char *name, const char **encoding);
/* True for the types that are sent with "; charset=utf-8". */
int mime_is_text(const char *mime);

#endif
