#include "ws_handshake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cruet/error.h>
#include <openssl/evp.h>

enum { KEY_SIZE = 24 /* 16 bytes in Base64 */ };

bool ws_accept(char out[WS_ACCEPT_SIZE], const char *key)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char text[KEY_SIZE + sizeof guid];
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int n;

	int len = snprintf(text, sizeof text, "%.*s%s", KEY_SIZE, key, guid);
	if (!EVP_Digest(text, (size_t)len, hash, &n, EVP_sha1(), NULL))
		return false;
	EVP_EncodeBlock((unsigned char *)out, hash, (int)n);
	return true;
}

/* The only field of that name; NULL: none, or several. */
static const char *only(const cruet_head *head, const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < head->nfields; i++) {
		if (strcasecmp(head->fields[i].name, name))
			continue;
		if (found)
			return NULL;
		found = head->fields[i].value;
	}
	return found;
}

/* All fields of that name as one list, malloc'ed; "" where there is none. NULL: out of
 * memory. */
static char *joined(const cruet_head *head, const char *name)
{
	size_t size = 1;

	for (size_t i = 0; i < head->nfields; i++)
		if (!strcasecmp(head->fields[i].name, name))
			size += strlen(head->fields[i].value) + 1;
	char *all = malloc(size), *end = all;
	for (size_t i = 0; all && i < head->nfields; i++)
		if (!strcasecmp(head->fields[i].name, name)) {
			end = stpcpy(end, head->fields[i].value);
			*end++ = ',';
		}
	if (all)
		*end = 0;
	return all;
}

static int choose(struct ws_handshake *h, const cruet_head *head,
		  const struct ws_deflate_policy *policy)
{
	char *offers = joined(head, "Sec-WebSocket-Extensions");

	if (!offers)
		return CRUET_ENOMEM;
	bool ok = ws_deflate_choose(offers, policy, &h->deflate, h->extension);
	free(offers);
	return ok ? CRUET_OK : CRUET_EPARSE;
}

int ws_handshake_answer(struct ws_handshake *h, const cruet_head *head,
		 const struct ws_deflate_policy *policy)
{
	const char *key = only(head, "Sec-WebSocket-Key");

	if (!key || strlen(key) != KEY_SIZE)
		return CRUET_EPARSE;
	int err = choose(h, head, policy);
	if (err)
		return err;
	if (!ws_accept(h->accept, key))
		return CRUET_ENOMEM;
	h->fields[0] = (cruet_field){"Sec-WebSocket-Accept", h->accept};
	h->nfields = 1;
	if (*h->extension)
		h->fields[h->nfields++] =
			(cruet_field){"Sec-WebSocket-Extensions", h->extension};
	return CRUET_OK;
}
