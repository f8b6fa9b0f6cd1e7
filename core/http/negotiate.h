/* Content negotiation (RFC 9110 12.4, 12.5): which offer an Accept header
 * prefers. */
#ifndef HTTP_NEGOTIATE_H
#define HTTP_NEGOTIATE_H

/* The best of offers (media types without parameters, ends with NULL) for an
 * Accept header: highest q, then most specific range, then first offered. The
 * first offer without a header; NULL if none is acceptable. No allocation. */
const char *accept_best(const char *header, const char *const *offers);

/* The same for an Accept-Language header: where no range names an offer, one that is
 * its beginning does ("en" for "en-GB"), and one that it begins ("en-GB" for "en"). */
const char *accept_best_language(const char *header, const char *const *offers);
/* True if an Accept-Encoding header takes that coding ("gzip"). */
int accept_coding(const char *header, const char *coding);

#endif
