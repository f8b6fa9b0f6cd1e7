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

/* How much an Accept-Encoding header (NULL: there is none) wants a content coding such as
 * "gzip", in thousandths; 0: not at all. "identity", no coding, is taken unless it is
 * refused, and is wanted least where nothing is said of it. Entries that are malformed
 * count for nothing; without a header nothing but identity is taken. */
unsigned accept_coding(const char *header, const char *coding);

#endif
