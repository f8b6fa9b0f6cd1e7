/* Small things about text: ASCII without locale, UTF-8, percent-encoding, whole
 * numbers. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;
struct buf;

static inline bool is_digit(int ch) { return ch >= '0' && ch <= '9'; }
static inline bool is_upper(int ch) { return ch >= 'A' && ch <= 'Z'; }
static inline bool is_lower(int ch) { return ch >= 'a' && ch <= 'z'; }
static inline bool is_alpha(int ch) { return is_upper(ch) || is_lower(ch); }
static inline bool is_alnum(int ch) { return is_alpha(ch) || is_digit(ch); }
static inline char to_lower(char ch) { return is_upper(ch) ? (char)(ch + 32) : ch; }
int hex_value(int ch);   /* 0..15, or -1 */

/* What a byte may be part of; one look-up for each byte of a head. */
enum text_class {
	TEXT_TOKEN = 1,  /* tchar of RFC 9110 5.6.2 */
	TEXT_VALUE = 2,  /* a field value: no control byte but TAB */
	TEXT_TARGET = 4, /* a request target: visible ASCII but '#' */
	TEXT_HOST = 8,   /* a host name (reg-name of RFC 3986 3.2.2) but '%' */
	TEXT_PATH = 16,  /* of a target, what is its own decoding: all but '%' and '?' */
	TEXT_LOWER = 32, /* of a host name, what is no capital letter */
	TEXT_JSON = 64   /* ASCII that stands for itself in a string of JSON */
};
extern const unsigned char text_classes[256];
static inline bool text_is(int ch, enum text_class of)
{
	return text_classes[(unsigned char)ch] & of;
}
static inline bool is_token(int ch) { return text_is(ch, TEXT_TOKEN); }
/* The number of bytes at the beginning of s that are of a class. */
static inline size_t text_span(const char *s, enum text_class of)
{
	/* Four at a time cost half of what single ones do; the NUL is of no class. */
	for (const char *p = s;; p += 4) {
		if (!text_is(p[0], of))
			return (size_t)(p - s);
		if (!text_is(p[1], of))
			return (size_t)(p - s) + 1;
		if (!text_is(p[2], of))
			return (size_t)(p - s) + 2;
		if (!text_is(p[3], of))
			return (size_t)(p - s) + 3;
	}
}

bool text_ieq_whole(const char *a, const char *b);
/* Equal but for ASCII case. Most texts that are compared differ at once. */
static inline bool text_ieq(const char *a, const char *b)
{
	return !((*a ^ *b) & ~0x20) && text_ieq_whole(a, b);
}
/* The same for equal texts, which are short: strcmp() takes longer to call than to work. */
static inline bool text_eq(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}
/* The same for the first n bytes of both, none of which lies behind an end. */
static inline bool text_eqn(const char *a, const char *b, size_t n)
{
	for (; n && *a == *b; n--) {
		a++;
		b++;
	}
	return !n;
}
bool text_ieqn(const char *a, const char *b, size_t n);
bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
uint32_t text_hash(const char *s, size_t len); /* not for what others choose */

/* True if well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, nothing
 * above U+10FFFF). NUL is a character like others. */
bool utf8_valid(const char *p, size_t len);
/* Length of the character at p (1..4), or 0 if it is malformed or cut short;
 * *cp its code point. */
size_t utf8_next(const char *p, size_t len, uint32_t *cp);
size_t utf8_put(char out[4], uint32_t cp); /* 1..4 */
/* Appends p with each malformed byte replaced by U+FFFD. */
void utf8_clean(struct buf *b, const char *p, size_t len);

/* Decodes %XX of [p, p+len) into the arena, once; plus: '+' is a space. A
 * broken escape stays as it is. *out_len may be NULL. NULL: out of memory. */
char *percent_decode(struct arena *a, const char *p, size_t len, bool plus,
		     size_t *out_len);
/* True if every '%' is followed by two hex digits. */
bool percent_valid(const char *p, size_t len);
/* Appends s, each byte but A-Z a-z 0-9 - . _ ~ and those in safe as %XX. plus:
 * a space becomes '+'. */
void percent_encode(struct buf *b, const char *s, size_t len, const char *safe,
		    bool plus);
/* Appends s with & < > " ' made harmless for HTML text and quoted attributes. */
void html_escape(struct buf *b, const char *s, size_t len);

/* The whole of s is a number in base 10 that fits (one '-' allowed, no '+', no
 * white space). */
bool text_int(const char *s, int64_t *out);
bool text_intn(const char *s, size_t len, int64_t *out);

/* Copies in with control bytes as \xNN, so that it can neither forge a line nor move
 * a terminal's cursor; cuts off what does not fit. cap 4 * strlen(in) + 2 is
 * enough for all of it. */
void text_visible(char *out, size_t cap, const char *in);

/* Equal in time that depends on len alone. */
bool text_same_secret(const void *a, const void *b, size_t len);

#endif
