/* The part "tls" of a config, checked:
 *
 *	"tls": {
 *	  "listen": "0.0.0.0:8443",         one address, or a list of them;
 *	                                    default: those of server.listen
 *	  "certificate": "cert.pem",        PEM, with its chain; or "adhoc"
 *	  "key": "key.pem",                 default: in the file of the certificate
 *	  "names": [{"certificate": ..., "key": ...}, ...],
 *	  "strict_sni": false,              names of no certificate are turned away
 *	  "client_ca": "ca.pem",            authorities of client certificates
 *	  "client": "require",              or "ask"; default with client_ca: require
 *	  "min_version": "1.2",             or "1.3"
 *	  "tickets": true,                  sessions may be resumed
 *	  "redirect": "0.0.0.0:8080"        plain listeners that send to https
 *	}
 */
#ifndef EVENT_TLS_OPTIONS_H
#define EVENT_TLS_OPTIONS_H

#include <cruet.h>

#define TLS_ADHOC "adhoc" /* as a certificate: one made for this run */

enum tls_client { TLS_CLIENT_NONE, TLS_CLIENT_ASK, TLS_CLIENT_REQUIRE };

struct tls_pair {
	const char *certificate; /* a path, or TLS_ADHOC */
	const char *key;	 /* a path, or NULL: in the file of the certificate */
};

typedef void tls_warn_fn(void *arg, const char *text);

struct tls_options {
	const char **listen;	/* addresses, ends with NULL; empty: those of server.listen */
	const char **redirect;	/* the same; may be empty */
	struct tls_pair *pairs; /* the first is the default */
	size_t npairs;		/* not 0 */
	const char *client_ca;	/* a path, or NULL */
	enum tls_client client;
	bool strict_sni, tickets, only_13;
	/* Told what is wrong but no failure (a certificate that has expired), whenever
	 * certificates are loaded. NULL: nobody is. Not read from the config. */
	tls_warn_fn *warn;
	void *warn_arg;
	/* Memory for the keys of tickets, as the transport's opts have it. Not read from the
	 * config either. */
	int shared;
};

/* Fills *o from tls, whose texts it borrows. On failure *why, to be freed, names the
 * key, what was expected and what came, and *o is empty: CRUET_EINVAL, CRUET_ENOMEM. */
int tls_options_read(const cruet_json *tls, struct tls_options *o, char **why);
void tls_options_fini(struct tls_options *o);

#endif
