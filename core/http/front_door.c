#include "http/front_door.h"

#include <string.h>

#include "base/arena.h"
#include "base/fields.h"
#include "base/text.h"

static CRUET_COLD int bad(const char **why, int status, const char *text)
{
	*why = text;
	return status;
}

/* --- Host ------------------------------------------------------------------------------ */

static bool reg_name(const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		p += text_span(p, TEXT_HOST);
		if (p >= end)
			break;
		if (end - p < 3 || *p != '%' || hex_value(p[1]) < 0 || hex_value(p[2]) < 0)
			return false;
		p += 3;
	}
	return n > 0;
}

static bool ip_literal(const char *p, size_t n)
{
	if (n < 4 || p[0] != '[' || p[n - 1] != ']')
		return false;
	for (size_t i = 1; i < n - 1; i++)
		if (hex_value(p[i]) < 0 && p[i] != ':' && p[i] != '.')
			return false;
	return true;
}

/* The length of a uri-host of RFC 3986; 0: it is none. */
static size_t uri_host(const char *s)
{
	if (*s == '[') {
		const char *end = strchr(s, ']');
		size_t n = end ? (size_t)(end - s) + 1 : 0;
		return ip_literal(s, n) ? n : 0;
	}
	size_t n = strcspn(s, ":");
	return reg_name(s, n) ? n : 0;
}

/* "", or ":" and up to five digits; no number is 0. */
static bool port_number(const char *s, unsigned *out)
{
	*out = 0;
	if (*s && *s++ != ':')
		return false;
	for (unsigned n = 0; *s; s++) {
		if (!is_digit(*s) || ++n > 5)
			return false;
		*out = *out * 10 + (unsigned)(*s - '0');
	}
	return *out <= 65535;
}

static bool usual_port(const char *scheme, unsigned port)
{
	return port == 443 ? text_eq(scheme, "https") : port == 80 && !text_eq(scheme, "https");
}

/* uri-host [":" port], RFC 9110 7.2. The host in lower case without the
 * scheme's own port goes to *out. */
int front_door_host(struct arena *a, const char *s, const char *scheme, const char **out)
{
	size_t n = text_span(s, TEXT_LOWER);
	bool lower = n && (!s[n] || s[n] == ':'); /* as most clients send it */
	unsigned port;

	if (!lower)
		n = uri_host(s);
	if (!n || !port_number(s + n, &port))
		return 400;
	bool usual = !s[n] || !s[n + 1] || usual_port(scheme, port);
	if (lower && !(usual && s[n])) {
		*out = s;
		return 0;
	}
	char *copy = arena_strndup(a, s, usual ? n : strlen(s));
	if (!copy)
		return 503;
	for (char *p = copy; *p; p++)
		*p = to_lower(*p);
	*out = copy;
	return 0;
}

/* What depends on the scheme is not kept. */
static void see(struct host_seen *seen, const char *host)
{
	size_t n = strlen(host), digits = 0;
	unsigned port;

	while (digits < n && is_digit(host[n - 1 - digits]))
		digits++;
	if (n >= HOST_SEEN_MAX ||
	    (digits < n && host[n - 1 - digits] == ':' &&
	     (!port_number(host + n - 1 - digits, &port) || port == 80 || port == 443)))
		return;
	memcpy(seen->text, host, n + 1);
}

static int read_host(struct arena *a, const char *s, const char *scheme, struct host_seen *seen,
		     const char **out)
{
	if (seen && *s && text_eq(s, seen->text)) {
		*out = s;
		return 0;
	}
	int status = front_door_host(a, s, scheme, out);
	if (!status && seen && *out == s)
		see(seen, s);
	return status;
}

/* --- fields ------------------------------------------------------------------------------ */

struct framing {
	const char *host, *length, *coding, *expect;
	unsigned hosts, lengths, codings;
	bool upgrade;
};

static int check_field(const cruet_field *h, const char **why)
{
	if (!field_name_ok(h->name))
		return bad(why, 400, "A header name holds a character that may not stand there.");
	/* of a Host, all is looked at later */
	if (!text_ieq(h->name, "Host") && !field_value_ok(h->value))
		return bad(why, 400, "A header value holds a control character.");
	return 0;
}

static int check_words(const cruet_head *head, const char **why)
{
	int status = 0;

	if (!field_name_ok(head->method))
		return bad(why, 400, "The method is no word.");
	for (size_t i = 0; !status && i < head->nfields; i++)
		status = check_field(&head->fields[i], why);
	return status;
}

static void take_field(struct framing *f, const cruet_field *h)
{
	const char *v = h->value;

	switch (h->name[0] | 0x20) { /* most others are told apart from these by it */
	case 'h':
		if (text_ieq(h->name, "Host")) {
			f->host = v;
			f->hosts++;
		}
		break;
	case 'c':
		if (text_ieq(h->name, "Content-Length")) {
			f->length = v;
			f->lengths++;
		}
		break;
	case 't':
		if (text_ieq(h->name, "Transfer-Encoding")) {
			f->coding = v;
			f->codings++;
		}
		break;
	case 'e':
		if (text_ieq(h->name, "Expect"))
			f->expect = v;
		break;
	case 'u':
		f->upgrade |= text_ieq(h->name, "Upgrade");
		break;
	default:
		break;
	}
}

static int body_framing(const struct framing *f, const cruet_head *head, uint64_t body_max,
			struct door *out, const char **why)
{
	int64_t n = 0;

	if (f->codings) {
		if (f->lengths)
			return bad(why, 400, "Content-Length and Transfer-Encoding stand together.");
		if (head->minor == 0)
			return bad(why, 400, "Transfer-Encoding does not exist in HTTP/1.0.");
		if (f->codings > 1)
			return bad(why, 400, "Transfer-Encoding stands twice.");
		if (!text_ieq(f->coding, "chunked"))
			return bad(why, 501, "Only the transfer coding chunked is understood.");
		out->length = -1;
		return 0;
	}
	if (f->lengths > 1)
		return bad(why, 400, "Content-Length stands twice.");
	if (f->lengths) {
		if (!is_digit(*f->length) || !text_int(f->length, &n)) {
			for (const char *p = f->length; is_digit(*p); p++)
				if (!p[1])
					return bad(why, 413, "Content-Length is beyond all limits.");
			return bad(why, 400, "Content-Length is no number.");
		}
		if (body_max && (uint64_t)n > body_max)
			return bad(why, 413, "The body is larger than is accepted here.");
	}
	out->length = n;
	return 0;
}

/* --- target ------------------------------------------------------------------------------- */

/* Several slashes at the beginning count as one, so that no path can be taken for
 * the name of a host. */
static const char *one_slash(const char *path)
{
	while (path[0] == '/' && path[1] == '/')
		path++;
	return path;
}

/* Decodes the path; 400 for a NUL in it or what is not UTF-8. */
static int decode_path(struct arena *a, struct door *out, const char **why)
{
	size_t len = strlen(out->raw_path), n;

	out->plain = !memchr(out->raw_path, '%', len);
	if (out->plain) {
		out->path = one_slash(out->raw_path);
		return 0;
	}
	if (!percent_valid(out->raw_path, len))
		return bad(why, 400, "A '%' in the path is not followed by two hex digits.");
	char *s = percent_decode(a, out->raw_path, len, false, &n);
	if (!s)
		return bad(why, 503, "Out of memory.");
	if (memchr(s, 0, n))
		return bad(why, 400, "The path holds an encoded NUL.");
	if (!utf8_valid(s, n))
		return bad(why, 400, "The path is not UTF-8.");
	out->path = one_slash(s);
	return 0;
}

/* plain: nothing in it is to be split off or decoded. */
static int read_target(struct arena *a, const char *target, bool plain, struct door *out,
		       const char **why)
{
	const char *q = plain ? NULL : strchr(target, '?');

	out->query = q ? q + 1 : "";
	out->raw_path = q ? arena_strndup(a, target, (size_t)(q - target)) : target;
	if (!out->raw_path)
		return bad(why, 503, "Out of memory.");
	if (!plain)
		return decode_path(a, out, why);
	out->path = one_slash(target);
	out->plain = true;
	return 0;
}

/* Absolute form: the authority counts as the Host (RFC 9112 3.2.2). */
static CRUET_COLD int absolute(struct arena *a, const char **target, struct framing *f, const char **why)
{
	const char *t = *target;

	if (!text_ieqn(t, "http://", 7) && !text_ieqn(t, "https://", 8))
		return bad(why, 400, "The request target is no path.");
	t = strstr(t, "://") + 3;
	size_t n = strcspn(t, "/?");
	f->host = arena_strndup(a, t, n);
	if (!f->host)
		return bad(why, 503, "Out of memory.");
	t += n;
	*target = *t == '/' ? t : arena_printf(a, "/%s", t);
	return *target ? 0 : bad(why, 503, "Out of memory.");
}

int front_door(struct arena *a, const cruet_head *head, uint64_t body_max,
	       struct host_seen *seen, struct door *out, const char **why)
{
	struct framing f = {.host = NULL};
	const char *target = head->target;

	*out = (struct door){.path = "", .raw_path = "", .query = "", .host = ""};
	int status = CRUET_HAS(head, cruet_head, checked) ? 0 : check_words(head, why);
	if (status)
		return status;
	for (size_t i = 0; i < head->nfields; i++)
		take_field(&f, &head->fields[i]);
	size_t n = text_span(target, TEXT_PATH);
	bool plain = !target[n]; /* and stays so when its beginning is taken off */
	if (!plain && target[n + text_span(target + n, TEXT_TARGET)])
		return bad(why, 400,
			   "The request target holds a character that must be percent-encoded.");
	if (f.hosts > 1)
		return bad(why, 400, "Host stands twice.");
	if (!f.hosts && head->minor >= 1)
		return bad(why, 400, "Host is missing.");
	status = f.hosts ? read_host(a, f.host, head->scheme, seen, &out->host) : 0;
	if (status)
		return bad(why, status, status == 400 ? "Host is malformed." : "Out of memory.");
	if (*target != '/' && !(target[0] == '*' && !target[1] &&
				!strcmp(head->method, "OPTIONS"))) {
		status = absolute(a, &target, &f, why);
		if (status)
			return status;
		status = front_door_host(a, f.host, head->scheme, &out->host);
		if (status)
			return bad(why, status,
				   status == 400 ? "The host of the request target is malformed."
						 : "Out of memory.");
	}
	out->authority = f.host ? f.host : "";
	out->upgrade = f.upgrade;
	status = body_framing(&f, head, body_max, out, why);
	if (status)
		return status;
	if (f.expect && head->minor >= 1) {
		if (!text_ieq(f.expect, "100-continue"))
			return bad(why, 417, "Only the expectation 100-continue is understood.");
		out->expect_continue = 1;
	}
	return read_target(a, target, plain, out, why);
}
