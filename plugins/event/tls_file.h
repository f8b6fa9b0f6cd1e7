/* PEM files that a config names. */
#ifndef EVENT_TLS_FILE_H
#define EVENT_TLS_FILE_H

#include <openssl/bio.h>
#include <sys/types.h>

/* The contents of a file, to be freed by BIO_free(), which wipes them; its mode goes to
 * *mode unless that is NULL. what completes messages: "certificate", "key". CRUET_OK,
 * CRUET_EINVAL with *why, or CRUET_ENOMEM. */
int tls_file_read(const char *what, const char *path, BIO **out, mode_t *mode,
		  char **why);

#endif
