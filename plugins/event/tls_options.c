#include "tls_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls_say.h"

enum { ADDRESSES_MAX = 64, NAMES_MAX = 1000, SHOWN_MAX = 80, PATH_MAX_SHOWN = 40 };

/* One object of the config, while it is read. */
struct reader {
	struct tls_options *o;
	struct tls_pair *pair; /* that certificate and key go to */
	const char *path;      /* how messages call the object: "tls.names[2]" */
	char **why;
};

struct key {
	const char *name;
	int (*read)(struct reader *r, const cruet_json *v);
};

static const char a_path[] = "the path of a PEM file";
static const char a_certificate[] = "the path of a PEM file, or \"" TLS_ADHOC
				    "\" for a certificate made for this run";
static const char an_address[] = "an address such as \"0.0.0.0:8443\", or a list of them";
static const char a_pair[] = "an object such as {\"certificate\": \"cert.pem\", "
			     "\"key\": \"key.pem\"}";

/* --- saying what is wrong ---------------------------------------------------------- */

static const char *show(const cruet_json *v, char out[SHOWN_MAX])
{
	const char *text = cruet_json_str(v, "");

	switch (cruet_json_kind(v)) {
	case CRUET_JSON_TEXT:
		snprintf(out, SHOWN_MAX, "\"%.60s%s\"", text,
			 strlen(text) > 60 ? "..." : "");
		break;
	case CRUET_JSON_NUMBER:
		snprintf(out, SHOWN_MAX, "%.15g", cruet_json_real(v, 0));
		break;
	case CRUET_JSON_BOOL:
		return cruet_json_bool(v, false) ? "true" : "false";
	case CRUET_JSON_ARRAY:
		return cruet_json_len(v) ? "a list" : "an empty list";
	case CRUET_JSON_OBJECT:
		return "an object";
	default:
		return "null";
	}
	return out;
}

static int unexpected(struct reader *r, const cruet_json *v, const char *expected)
{
	char shown[SHOWN_MAX];

	return tls_say(r->why, "%s.%s = %s: expected %s", r->path, cruet_json_name(v),
		       show(v, shown), expected);
}

static int missing(struct reader *r, const char *name, const char *expected)
{
	return tls_say(r->why, "%s.%s is missing: expected %s", r->path, name, expected);
}

static const char *key_at(const void *list, size_t i)
{
	return ((const struct key *)list)[i].name;
}

static int unknown(struct reader *r, const char *name, const struct key *keys)
{
	const char *near = cruet_nearest(name, key_at, keys);

	return near ? tls_say(r->why, "%s.%.60s: there is no such key; did you mean %s?",
			      r->path, name, near)
		    : tls_say(r->why, "%s.%.60s: there is no such key", r->path, name);
}

/* --- values ------------------------------------------------------------------------- */

static int read_text(struct reader *r, const cruet_json *v, const char *expected,
		     const char **out)
{
	*out = cruet_json_str(v, "");
	return **out ? CRUET_OK : unexpected(r, v, expected);
}

static int read_bool(struct reader *r, const cruet_json *v, bool *out)
{
	if (cruet_json_kind(v) != CRUET_JSON_BOOL)
		return unexpected(r, v, "true or false");
	*out = cruet_json_bool(v, false);
	return CRUET_OK;
}

/* One of two words; *second tells which. */
static int read_choice(struct reader *r, const cruet_json *v, const char *const words[2],
		       bool *second)
{
	const char *s = cruet_json_str(v, "");
	char expected[SHOWN_MAX];

	*second = !strcmp(s, words[1]);
	if (*second || !strcmp(s, words[0]))
		return CRUET_OK;
	snprintf(expected, sizeof expected, "\"%s\" or \"%s\"", words[0], words[1]);
	return unexpected(r, v, expected);
}

static int read_addresses(struct reader *r, const cruet_json *v, const char ***out)
{
	bool list = cruet_json_kind(v) == CRUET_JSON_ARRAY;
	size_t n = list ? cruet_json_len(v) : 1;
	const cruet_json *one = list ? cruet_json_first(v) : v;

	if (!n)
		return unexpected(r, v, an_address);
	if (n > ADDRESSES_MAX)
		return tls_say(r->why, "%s.%s: %zu addresses: expected at most %d",
			       r->path, cruet_json_name(v), n, ADDRESSES_MAX);
	*out = calloc(n + 1, sizeof **out);
	if (!*out)
		return CRUET_ENOMEM;
	for (size_t i = 0; i < n; i++, one = cruet_json_next(one)) {
		(*out)[i] = cruet_json_str(one, "");
		if (!*(*out)[i])
			return unexpected(r, v, an_address);
	}
	return CRUET_OK;
}

static int read_listen(struct reader *r, const cruet_json *v)
{
	return read_addresses(r, v, &r->o->listen);
}

static int read_redirect(struct reader *r, const cruet_json *v)
{
	return read_addresses(r, v, &r->o->redirect);
}

static int read_certificate(struct reader *r, const cruet_json *v)
{
	return read_text(r, v, a_certificate, &r->pair->certificate);
}

static int read_key(struct reader *r, const cruet_json *v)
{
	return read_text(r, v, a_path, &r->pair->key);
}

static int read_client_ca(struct reader *r, const cruet_json *v)
{
	return read_text(r, v, a_path, &r->o->client_ca);
}

static int read_client(struct reader *r, const cruet_json *v)
{
	static const char *const words[] = {"ask", "require"};
	bool require;
	int err = read_choice(r, v, words, &require);

	r->o->client = require ? TLS_CLIENT_REQUIRE : TLS_CLIENT_ASK;
	return err;
}

static int read_min_version(struct reader *r, const cruet_json *v)
{
	static const char *const words[] = {"1.2", "1.3"};
	return read_choice(r, v, words, &r->o->only_13);
}

static int read_strict_sni(struct reader *r, const cruet_json *v)
{
	return read_bool(r, v, &r->o->strict_sni);
}

static int read_tickets(struct reader *r, const cruet_json *v)
{
	return read_bool(r, v, &r->o->tickets);
}

/* --- objects ------------------------------------------------------------------------ */

static int read_keys(struct reader *r, const cruet_json *object, const struct key *keys)
{
	unsigned seen = 0;
	int err = CRUET_OK;

	for (const cruet_json *v = cruet_json_first(object); v && !err;
	     v = cruet_json_next(v)) {
		const char *name = cruet_json_name(v);
		size_t i = 0;
		while (keys[i].name && strcmp(keys[i].name, name))
			i++;
		if (!keys[i].name)
			return unknown(r, name, keys);
		if (seen & 1u << i)
			return tls_say(r->why, "%s.%s is given twice", r->path, name);
		seen |= 1u << i;
		err = keys[i].read(r, v);
	}
	return err;
}

/* Certificate and key belong together. */
static int check_pair(struct reader *r)
{
	if (!r->pair->certificate)
		return missing(r, "certificate", a_certificate);
	if (r->pair->key && !strcmp(r->pair->certificate, TLS_ADHOC))
		return tls_say(
			r->why,
			"%s.key = \"%.60s\": an adhoc certificate brings its own key: "
			"leave it out",
			r->path, r->pair->key);
	return CRUET_OK;
}

static int read_name(struct reader *r, const cruet_json *v, size_t i)
{
	static const struct key keys[] = {
		{"certificate", read_certificate}, {"key", read_key}, {NULL, NULL}};
	char path[PATH_MAX_SHOWN], shown[SHOWN_MAX];
	struct reader inner = *r;

	snprintf(path, sizeof path, "%s.names[%zu]", r->path, i);
	if (cruet_json_kind(v) != CRUET_JSON_OBJECT)
		return tls_say(r->why, "%s = %s: expected %s", path, show(v, shown),
			       a_pair);
	inner.path = path;
	inner.pair = &r->o->pairs[r->o->npairs++];
	int err = read_keys(&inner, v, keys);
	return err ? err : check_pair(&inner);
}

static int read_names(struct reader *r, const cruet_json *v)
{
	size_t n = cruet_json_len(v), i = 0;
	int err = CRUET_OK;

	if (cruet_json_kind(v) != CRUET_JSON_ARRAY)
		return unexpected(r, v,
				  "a list of objects such as {\"certificate\": "
				  "\"cert.pem\", \"key\": \"key.pem\"}");
	if (n > NAMES_MAX)
		return tls_say(r->why, "%s.names: %zu certificates: expected at most %d",
			       r->path, n, NAMES_MAX);
	for (v = cruet_json_first(v); v && !err; v = cruet_json_next(v))
		err = read_name(r, v, i++);
	return err;
}

static int check_all(struct reader *r)
{
	struct tls_options *o = r->o;

	if (o->client && !o->client_ca)
		return missing(r, "client_ca",
			       "the path of a PEM file with the authorities that sign "
			       "client certificates, as client is given");
	if (o->client_ca && !o->client)
		o->client = TLS_CLIENT_REQUIRE;
	return check_pair(r);
}

static int read_all(struct tls_options *o, const cruet_json *tls, char **why)
{
	static const struct key keys[] = {{"listen", read_listen},
					  {"certificate", read_certificate},
					  {"key", read_key},
					  {"names", read_names},
					  {"strict_sni", read_strict_sni},
					  {"client_ca", read_client_ca},
					  {"client", read_client},
					  {"min_version", read_min_version},
					  {"tickets", read_tickets},
					  {"redirect", read_redirect},
					  {NULL, NULL}};
	size_t names = cruet_json_len(cruet_json_get(tls, "names"));

	/* As many as could be asked for: they are not moved while they are filled. */
	o->pairs = calloc(1 + (names < NAMES_MAX ? names : NAMES_MAX), sizeof *o->pairs);
	if (!o->pairs)
		return CRUET_ENOMEM;
	o->npairs = 1;
	struct reader r = {.o = o, .pair = o->pairs, .path = "tls", .why = why};
	int err = read_keys(&r, tls, keys);
	if (!err)
		err = check_all(&r);
	if (!err && !o->listen)
		o->listen = calloc(1, sizeof *o->listen);
	if (!err && !o->redirect)
		o->redirect = calloc(1, sizeof *o->redirect);
	return !err && (!o->listen || !o->redirect) ? CRUET_ENOMEM : err;
}

int tls_options_read(const cruet_json *tls, struct tls_options *o, char **why)
{
	char shown[SHOWN_MAX];

	*o = (struct tls_options){.tickets = true};
	*why = NULL;
	if (cruet_json_kind(tls) != CRUET_JSON_OBJECT)
		return tls_say(
			why,
			"tls = %s: expected an object such as {\"listen\": "
			"\"0.0.0.0:8443\", \"certificate\": \"cert.pem\", \"key\": "
			"\"key.pem\"}",
			show(tls, shown));
	int err = read_all(o, tls, why);
	if (err)
		tls_options_fini(o);
	return err;
}

void tls_options_fini(struct tls_options *o)
{
	free(o->listen);
	free(o->redirect);
	free(o->pairs);
	*o = (struct tls_options){0};
}
