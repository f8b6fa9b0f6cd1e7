/* Which replies are compressed, and for whom. */
#include <string.h>
#include <strings.h>

#include "compress.h"

/* --- lists in headers ---------------------------------------------------------------- */

/* True if a list between commas has that word, whatever stands behind it ("private=..."). */
static bool lists(const char *s, const char *word)
{
	size_t len = strlen(word);

	while (*(s += strspn(s, ", \t"))) {
		size_t n = strcspn(s, "=, \t");
		if (n == len && !strncasecmp(s, word, n))
			return true;
		s += strcspn(s, ",");
	}
	return false;
}

/* The same for all headers of that name in the reply. */
static bool reply_lists(cruet_ctx *c, const char *header, const char *word)
{
	const char *name, *value;

	for (size_t i = 0; cruet_pair(c, CRUET_FROM_REPLY, i, &name, &value); i++)
		if (!strcasecmp(name, header) && lists(value, word))
			return true;
	return false;
}

/* --- types ---------------------------------------------------------------------------- */

const char *type_problem(const char *entry)
{
	const char *star = strchr(entry, '*');

	if (!strcasecmp(entry, "text/event-stream"))
		return "events are never compressed: each has to arrive at once";
	if (!*entry || entry[strcspn(entry, " ;,\"")] || (star && strchr(star + 1, '*')) ||
	    (star && star != entry && star[1]) || (!star && !strchr(entry, '/')))
		return "expected types such as text/css, text/* or *+json";
	return NULL;
}

/* A type of len characters without parameters. */
static bool fits(const char *entry, const char *type, size_t len)
{
	size_t n = strlen(entry);

	if (*entry == '*')
		return len >= n - 1 && !strncasecmp(type + len - (n - 1), entry + 1, n - 1);
	if (entry[n - 1] == '*')
		return len >= n - 1 && !strncasecmp(type, entry, n - 1);
	return len == n && !strncasecmp(type, entry, n);
}

static bool is_of_type(const cruet_ctx *c, const char *const *entries)
{
	static const char events[] = "text/event-stream";
	const char *type = cruet_reply_header(c, "Content-Type");
	size_t len = type ? strcspn(type, "; \t") : 0;

	if (!len || fits(events, type, len))
		return false;
	for (; *entries; entries++)
		if (fits(*entries, type, len))
			return true;
	return false;
}

/* --- secrets --------------------------------------------------------------------------- */

/* Whoever sees how long a reply is, and can put text into it, guesses what else is in it:
 * BREACH. So a reply that may be meant for one visitor alone stays as it is. To requests
 * with Authorization all are, unless they say otherwise, as for caches (RFC 9111 3.5). */
static bool looks_secret(cruet_ctx *c)
{
	const char *credentials = cruet_header(c, "Authorization");

	if (cruet_reply_header(c, "Set-Cookie") ||
	    (credentials && !reply_lists(c, "Cache-Control", "public")))
		return true;
	if (!credentials && !cruet_header(c, "Cookie"))
		return false;
	return reply_lists(c, "Cache-Control", "private") ||
	       reply_lists(c, "Cache-Control", "no-store") || reply_lists(c, "Vary", "Cookie") ||
	       reply_lists(c, "Vary", "Authorization") || reply_lists(c, "Vary", "*");
}

static bool is_allowed(cruet_ctx *c, const struct config *cfg)
{
	int said = cruet_may_compress(c);

	return said ? said > 0 : cfg->secrets == SECRETS_COMPRESS || !looks_secret(c);
}

/* --- the whole -------------------------------------------------------------------------- */

/* Something in the reply speaks of its bytes as they are. */
static bool is_bound_to_its_bytes(cruet_ctx *c)
{
	static const char *const names[] = {"Content-Encoding", "Content-Range", "Content-Digest",
					    "Repr-Digest",	"Digest",	 "Content-MD5"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (cruet_reply_header(c, names[i]))
			return true;
	return reply_lists(c, "Cache-Control", "no-transform");
}

bool could_be_coded(cruet_ctx *c, const struct config *cfg)
{
	int status = cruet_reply_status(c);
	int64_t len = cruet_reply_length(c);

	if (status == 304) /* of what, it does not say */
		return cruet_may_compress(c) >= 0;
	return status >= 200 && status != 204 && status != 206 && len &&
	       len <= (int64_t)cfg->max_size && is_of_type(c, cfg->types) &&
	       !is_bound_to_its_bytes(c) && is_allowed(c, cfg);
}

const char *choose_coding(const cruet_ctx *c, const struct config *cfg)
{
	int plain = cruet_accept_coding(c, "identity");
	int best = plain ? plain - 1 : 0; /* liked as well is better */
	const char *chosen = NULL;

	for (const char *const *coding = cfg->codings; *coding; coding++) {
		int q = cruet_accept_coding(c, *coding);
		if (q > best) {
			chosen = *coding;
			best = q;
		}
	}
	return chosen;
}

/* --- validators --------------------------------------------------------------------------- */

int weaken_validators(cruet_ctx *c)
{
	const char *tag = cruet_reply_header(c, "ETag");
	bool parts = cruet_reply_header(c, "Accept-Ranges");
	int err = parts ? cruet_del_header(c, "Accept-Ranges") : CRUET_OK;

	if (!err && parts)
		err = cruet_del_header(c, "Last-Modified");
	if (err || !tag || *tag != '"')
		return err;
	const char *weak = cruet_printf(c, "W/%s", tag);
	return weak ? cruet_set_header(c, "ETag", weak) : CRUET_ENOMEM;
}

bool knows_weak_etag(const cruet_ctx *c)
{
	const char *tag = cruet_reply_header(c, "ETag"), *at = cruet_header(c, "If-None-Match");

	/* A tag ends with a quote and has no other, so it cannot stand within another one. */
	while (tag && *tag == '"' && at && (at = strstr(at, "W/\""))) {
		at += 2;
		if (!strncmp(at, tag, strlen(tag)))
			return true;
	}
	return false;
}
