/* Characters of UTF-8: counting, finding, and what Unicode says of them. What is no UTF-8
 * counts as one character for each byte. */
#ifndef JINJA_CHARS_H
#define JINJA_CHARS_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character at s and its length, 1 to 4; n is not 0. */
size_t chars_next(const char *s, size_t n, uint32_t *cp);
/* The length of the character that ends at s + n. */
size_t chars_prev(const char *s, size_t n);
size_t chars_put(char out[4], uint32_t cp);
size_t chars_count(const char *s, size_t n);
/* The place of the i-th character; n if there are not so many. */
size_t chars_at(const char *s, size_t n, size_t i);

bool chars_is_space(uint32_t cp);
bool chars_is_alpha(locale_t l, uint32_t cp);
bool chars_is_word(locale_t l, uint32_t cp); /* a letter, a digit or _ */
bool chars_is_upper(locale_t l, uint32_t cp);
bool chars_is_lower(locale_t l, uint32_t cp);
uint32_t chars_upper(locale_t l, uint32_t cp);
uint32_t chars_lower(locale_t l, uint32_t cp);
bool chars_is_printable(locale_t l, uint32_t cp);

/* The first occurrence, NULL if there is none. */
const char *bytes_find(const char *s, size_t n, const char *what, size_t len);
/* How often it occurs, without overlap; len is not 0. */
size_t bytes_count(const char *s, size_t n, const char *what, size_t len);

#endif
