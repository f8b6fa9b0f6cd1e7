/* The Content-Security-Policy, and its nonce. A nonce costs random bytes and makes each
 * reply another one, so there is none unless the handler asks for it. */
#include "secure.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* 16 bytes in base64url, without padding: a nonce of CSP may be that. */
static void encode(const unsigned char in[16], char out[NONCE_LEN + 1])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	size_t n = 0, have = 0;

	for (size_t i = 0; i < 16; i++) {
		bits = bits << 8 | in[i];
		for (have += 8; have >= 6; have -= 6)
			out[n++] = digits[bits >> (have - 6) & 63];
	}
	out[n++] = digits[bits << (6 - have) & 63];
	out[n] = '\0';
}

const char *policy_nonce(void *self, cruet_ctx *c)
{
	static const cruet_errtype error = {sizeof error, 500, "secure.nonce", NULL};
	struct state *s = self;
	unsigned char random[16];
	char *nonce = cruet_g_get(c, &s->key);

	if (nonce)
		return nonce;
	if (getrandom(random, sizeof random, 0) != sizeof random &&
	    cruet_raise(c, &error, "the system gives no random bytes for a nonce"))
		return NULL;
	nonce = cruet_alloc(c, NONCE_LEN + 1);
	if (!nonce || cruet_g_set(c, &s->key, nonce, NULL))
		return NULL;
	encode(random, nonce);
	return nonce;
}

char *policy_plain(const char *csp)
{
	char *out = calloc(1, strlen(csp) + 1), *at = out;
	const char *hole;

	if (!out)
		return NULL;
	while ((hole = strstr(csp, NONCE))) {
		size_t n = (size_t)(hole - csp);
		while (n && csp[n - 1] == ' ')
			n--;
		at = mempcpy(at, csp, n);
		csp = hole + strlen(NONCE);
	}
	strcpy(at, csp);
	return out;
}

/* The policy with the nonce in each place. */
static const char *with_nonce(cruet_ctx *c, const char *csp, const char *nonce)
{
	const char *text = "", *hole;

	while (text && (hole = strstr(csp, NONCE))) {
		text = cruet_printf(c, "%s%.*s'nonce-%s'", text, (int)(hole - csp), csp,
				    nonce);
		csp = hole + strlen(NONCE);
	}
	return text ? cruet_printf(c, "%s%s", text, csp) : NULL;
}

int policy_set(cruet_ctx *c, struct state *s)
{
	const struct config *cfg = s->cfg;
	const char *name = cfg->csp_report_only ? "Content-Security-Policy-Report-Only"
						: "Content-Security-Policy";
	const char *nonce = cruet_g_get(c, &s->key);

	/* A 304 must not give the page in the cache another nonce than it has. */
	if (!*cfg->csp || cruet_reply_header(c, name) || cruet_reply_status(c) == 304)
		return CRUET_OK;
	const char *policy = nonce ? with_nonce(c, cfg->csp, nonce) : s->plain;
	return policy ? cruet_set_header(c, name, policy) : CRUET_ENOMEM;
}
