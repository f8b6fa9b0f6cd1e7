/* What the plugin keeps: its options, and what is made of them at the start. */
#ifndef PLUGIN_SECURE_H
#define PLUGIN_SECURE_H

#include <cruet.h>

#define NONCE "{nonce}" /* stands in the option csp for the nonce of the reply */

enum { NONCE_LEN = 22 };

struct config {
	uint64_t hsts; /* milliseconds */
	bool hsts_subdomains, hsts_preload;
	const char *csp;
	bool csp_report_only;
	int32_t frame, referrer, coop, corp, coep;
	const char *permissions;
	bool https;
	int64_t https_port;
	const char *https_host;
	const char *const *https_except;
};

struct state {
	const struct config *cfg;
	cruet_key key; /* of the nonce in g; one per instance */
	char hsts[64]; /* "" for none */
	char *plain;   /* the policy without a nonce; from init to fini */
};

/* --- policy.c --------------------------------------------------------------------- */

/* The nonce of this reply. NULL: the request fails. */
const char *policy_nonce(void *self, cruet_ctx *c);
/* The policy without a nonce, to be freed; NULL: out of memory. */
char *policy_plain(const char *csp);
/* Sets the header, with the nonce if somebody has asked for it. */
int policy_set(cruet_ctx *c, struct state *s);

#endif
