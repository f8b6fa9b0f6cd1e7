/* Texts with a form of their own: addresses, identifiers. */
#ifndef VALIDATE_FORMAT_H
#define VALIDATE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

/* An address as RFC 5321 and RFC 6531 (letters beyond ASCII) write it, with a quoted
 * local part or an address literal as well: no comments, no folding. strict: only
 * NAME@DOMAIN, and the domain has a dot. */
bool is_email(const char *s, bool strict);

/* SCHEME://HOST..., RFC 3986 with letters beyond ASCII. schemes: n that are welcome;
 * n 0: those of the web, of files and of databases. */
bool is_url(const char *s, const char *const *schemes, size_t n);

bool is_uuid(const char *s, char version); /* '4'; 0: any */
bool is_ulid(const char *s);
bool is_ipv4(const char *s);
bool is_ipv6(const char *s);
bool is_mac(const char *s); /* 00:1a:..., 00-1a-..., 001a.2b3c.4d5e */

/* A name of the IANA time zone database, old spellings too: "Europe/Berlin". */
bool is_time_zone(const char *s);

#endif
