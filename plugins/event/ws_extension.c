/* The negotiation of permessage-deflate (RFC 7692, 7.1) over the grammar of RFC 6455,
 * 9.1: extensions by commas, parameters by semicolons, values as tokens that may be
 * quoted. */
#include "ws_deflate.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BITS_MIN = 9, BITS_MAX = 15 }; /* zlib has no raw window of 8 bits */

struct span {
	const char *p;
	size_t n;
};

struct offer {
	bool server_forgets, client_forgets;
	bool server_bits_given, client_bits_given;
	unsigned server_bits, client_bits; /* 0: no value */
};

static void skip_blanks(const char **s)
{
	*s += strspn(*s, " \t");
}

static bool is_token_char(unsigned char ch)
{
	return ch > ' ' && ch < 0x7F && !strchr("()<>@,;:\\\"/[]?={}", ch);
}

static bool token(const char **s, struct span *out)
{
	const char *p = *s;

	while (*p && is_token_char((unsigned char)*p))
		p++;
	*out = (struct span){*s, (size_t)(p - *s)};
	*s = p;
	return out->n > 0;
}

/* What stands in the quotes must be a token too, and then needs no backslash. */
static bool value(const char **s, struct span *out)
{
	if (**s != '"')
		return token(s, out);
	++*s;
	return token(s, out) && *(*s)++ == '"';
}

static bool is(struct span s, const char *name)
{
	return s.n == strlen(name) && !strncasecmp(s.p, name, s.n);
}

/* 8 to 15, without a leading zero; 0: it is none. */
static unsigned bits_of(struct span v)
{
	if (v.n == 1 && (v.p[0] == '8' || v.p[0] == '9'))
		return (unsigned)(v.p[0] - '0');
	if (v.n == 2 && v.p[0] == '1' && v.p[1] >= '0' && v.p[1] <= '5')
		return 10 + (unsigned)(v.p[1] - '0');
	return 0;
}

static bool flag(bool *given, struct span v)
{
	bool ok = !*given && !v.p;
	*given = true;
	return ok;
}

/* False: this offer cannot be taken (7.1: an unknown name, a value that is none of the
 * name's, a name twice). */
static bool take_parameter(struct offer *o, struct span name, struct span v)
{
	if (is(name, "server_no_context_takeover"))
		return flag(&o->server_forgets, v);
	if (is(name, "client_no_context_takeover"))
		return flag(&o->client_forgets, v);
	if (is(name, "server_max_window_bits")) {
		o->server_bits = v.p ? bits_of(v) : 0;
		return flag(&o->server_bits_given, (struct span){NULL, 0}) && o->server_bits;
	}
	if (is(name, "client_max_window_bits")) {
		o->client_bits = v.p ? bits_of(v) : 0;
		return flag(&o->client_bits_given, (struct span){NULL, 0}) &&
		       (!v.p || o->client_bits);
	}
	return false;
}

/* Reads one extension with its parameters. False: malformed. *usable: it is an offer
 * of permessage-deflate that can be understood. */
static bool read_offer(const char **s, struct offer *o, bool *usable)
{
	struct span name, v;

	*o = (struct offer){.server_bits = 0};
	if (!token(s, &name))
		return false;
	*usable = is(name, "permessage-deflate");
	for (skip_blanks(s); **s == ';'; skip_blanks(s)) {
		++*s;
		skip_blanks(s);
		if (!token(s, &name))
			return false;
		v = (struct span){NULL, 0};
		skip_blanks(s);
		if (**s == '=') {
			++*s;
			skip_blanks(s);
			if (!value(s, &v))
				return false;
		}
		if (*usable)
			*usable = take_parameter(o, name, v);
	}
	return !**s || **s == ',';
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool settle(const struct offer *o, const struct ws_deflate_policy *policy,
		   struct ws_deflate *d)
{
	if (o->server_bits_given && o->server_bits < BITS_MIN)
		return false;
	*d = (struct ws_deflate){
		.on = true,
		.server_keeps = policy->keep && !o->server_forgets,
		.client_keeps = policy->keep && !o->client_forgets,
		.server_bits = (uint8_t)least(policy->server_bits,
					      o->server_bits ? o->server_bits : BITS_MAX),
		.client_bits = BITS_MAX,
		.min_size = policy->min_size,
	};
	/* Only who offers to be limited may be told to; a bound of the client's own need
	 * not be repeated, and its 8 bits fit into zlib's 9. */
	if (o->client_bits_given) {
		d->client_bits = (uint8_t)least(policy->client_bits,
						o->client_bits ? o->client_bits : BITS_MAX);
		if (d->client_bits < BITS_MIN)
			d->client_bits = BITS_MIN;
	}
	return true;
}

static void answer(const struct offer *o, const struct ws_deflate *d,
		   char reply[WS_EXTENSION_MAX])
{
	char server_bits[32] = "", client_bits[32] = "";

	if (o->server_bits_given)
		snprintf(server_bits, sizeof server_bits, "; server_max_window_bits=%u",
			 d->server_bits);
	if (o->client_bits_given && d->client_bits < BITS_MAX)
		snprintf(client_bits, sizeof client_bits, "; client_max_window_bits=%u",
			 o->client_bits == 8 ? 8u : d->client_bits);
	snprintf(reply, WS_EXTENSION_MAX, "permessage-deflate%s%s%s%s",
		 d->server_keeps ? "" : "; server_no_context_takeover",
		 d->client_keeps ? "" : "; client_no_context_takeover", server_bits,
		 client_bits);
}

bool ws_deflate_choose(const char *offers, const struct ws_deflate_policy *policy,
		       struct ws_deflate *chosen, char reply[WS_EXTENSION_MAX])
{
	struct offer o;
	bool usable;

	*chosen = (struct ws_deflate){.on = false};
	*reply = 0;
	for (const char *s = offers ? offers : ""; *s;) {
		s += strspn(s, " \t,"); /* lists may have empty elements */
		if (!*s)
			break;
		if (!read_offer(&s, &o, &usable))
			return false;
		if (!chosen->on && usable && policy->on && settle(&o, policy, chosen))
			answer(&o, chosen, reply);
	}
	return true;
}
