/* Tokens against requests that other sites forge, beside the core's look at where a request
 * comes from. The session keeps 16 random bytes; a page gets them covered with 16 others that
 * stand in front, so that no two replies show the same text and what a compressed reply's
 * length tells is worth nothing (BREACH). */
#include <sodium.h>
#include <string.h>

#include <cruet/session.h>

#include "forms.h"

enum {
	SECRET = 16,
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
	SECRET_TEXT = sodium_base64_ENCODED_LEN(SECRET, BASE64),	/* with NUL */
	TOKEN_TEXT = sodium_base64_ENCODED_LEN(2 * SECRET, BASE64)
};

static const char member[] = "_csrf";

/* All n bytes, in their one spelling. */
static bool decode(const char *s, unsigned char *out, size_t n)
{
	char again[TOKEN_TEXT];
	size_t got;

	if (!s || strlen(s) >= sizeof again ||
	    sodium_base642bin(out, n, s, strlen(s), NULL, &got, NULL, BASE64) || got != n)
		return false;
	sodium_bin2base64(again, sizeof again, out, n, BASE64);
	return !strcmp(again, s);
}

static void cover(unsigned char token[2 * SECRET], const unsigned char secret[SECRET])
{
	for (size_t i = 0; i < SECRET; i++)
		token[SECRET + i] = token[i] ^ secret[i];
}

/* What the session has; made where there is none. */
static int secret_of(cruet_ctx *c, unsigned char secret[SECRET])
{
	char text[SECRET_TEXT];

	if (decode(cruet_session_str(c, member, NULL), secret, SECRET))
		return CRUET_OK;
	randombytes_buf(secret, SECRET);
	sodium_bin2base64(text, sizeof text, secret, SECRET, BASE64);
	return cruet_session_set_str(c, member, text);
}

/* What is made for one visitor is not to be kept for others, who may have no cookie yet
 * either; an application that says something else is believed. */
static int keep_private(cruet_ctx *c)
{
	return cruet_reply_header(c, "Cache-Control")
		       ? CRUET_OK
		       : cruet_set_header(c, "Cache-Control", "private, no-cache");
}

const char *csrf_token(void *self, cruet_ctx *c)
{
	unsigned char secret[SECRET], token[2 * SECRET];
	char *text = cruet_alloc(c, TOKEN_TEXT);

	(void)self;
	if (!text || secret_of(c, secret) || keep_private(c))
		return NULL;
	randombytes_buf(token, SECRET);
	cover(token, secret);
	return sodium_bin2base64(text, TOKEN_TEXT, token, sizeof token, BASE64);
}

bool csrf_changes(const cruet_ctx *c)
{
	static const char *const safe[] = {"GET", "HEAD", "OPTIONS", "TRACE"};
	const char *method = cruet_method(c);

	for (size_t i = 0; i < sizeof safe / sizeof *safe; i++)
		if (!strcmp(safe[i], method))
			return false;
	return *method;
}

bool csrf_right(cruet_ctx *c)
{
	unsigned char secret[SECRET], token[2 * SECRET], expected[SECRET];
	const char *header = cruet_header(c, "X-CSRF-Token");
	const char *sent = header ? header : cruet_form(c, CSRF_FIELD);

	if (!decode(sent, token, sizeof token) ||
	    !decode(cruet_session_str(c, member, NULL), secret, SECRET))
		return false;
	for (size_t i = 0; i < SECRET; i++)
		expected[i] = token[i] ^ token[SECRET + i];
	return !sodium_memcmp(expected, secret, SECRET);
}

int csrf_guard(void *self, cruet_ctx *c)
{
	bool clean = !cruet_err(c);

	(void)self;
	if (!csrf_changes(c) || csrf_right(c))
		return CRUET_OK;
	if (clean && cruet_err(c)) /* its body or its session could not be read */
		return cruet_err(c);
	return cruet_fail(c, 403,
			  "The request carries no token of this visitor's session: load the page "
			  "again and send it from there.");
}
