#include "origins.h"

#include <string.h>

static bool is_lower(char ch)
{
	return ch >= 'a' && ch <= 'z';
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static bool is_label(char ch)
{
	return is_lower(ch) || is_digit(ch) || ch == '-' || ch == '_';
}

/* The number of labels with dots between them that [s, s+len) is; 0: it is none. */
static size_t labels(const char *s, size_t len)
{
	size_t n = 1, in = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' && in) {
			n++;
			in = 0;
		} else if (is_label(s[i])) {
			in++;
		} else {
			return 0;
		}
	}
	return in ? n : 0;
}

/* The length of "scheme://"; 0: it does not begin so. */
static size_t scheme_length(const char *s)
{
	size_t n = 0;

	while (is_lower(s[n]) ||
	       (n && (is_digit(s[n]) || s[n] == '+' || s[n] == '-' || s[n] == '.')))
		n++;
	return n && !strncmp(s + n, "://", 3) ? n + 3 : 0;
}

/* "[::1]": what is inside is the client's own business; it is compared as it is. */
static size_t bracketed(const char *s)
{
	size_t n = *s == '[' ? 1 + strspn(s + 1, "0123456789abcdef:.") : 0;
	return n > 1 && s[n] == ']' ? n + 1 : 0;
}

static const char *port_problem(const char *scheme, const char *port)
{
	size_t n = strspn(port, "0123456789");

	if (!n || n > 5 || port[n] || *port == '0')
		return "behind the host expected nothing, or a port such as :8080";
	if ((!strncmp(scheme, "https:", 6) && !strcmp(port, "443")) ||
	    (!strncmp(scheme, "http:", 5) && !strcmp(port, "80")))
		return "leave out the scheme's own port, as browsers do";
	return NULL;
}

static const char *host_problem(const char *host, size_t len, bool star)
{
	size_t n = labels(host, len);

	if (!n)
		return "expected a host of small letters, digits, '-' and '.', and no "
		       "path";
	if (star && n < 2 && (len != 9 || memcmp(host, "localhost", len) != 0))
		return "a star in front of a single label would let in whole top-level "
		       "domains";
	return NULL;
}

const char *origin_problem(const char *entry)
{
	if (!strcmp(entry, "*") || !strcmp(entry, "null"))
		return NULL;
	size_t scheme = scheme_length(entry);
	if (!scheme)
		return "expected scheme://host, such as https://a.example; *; or null";
	const char *host = entry + scheme;
	bool star = !strncmp(host, "*.", 2);
	host += star ? 2 : 0;
	if (strchr(host, '*'))
		return "a star stands for whole labels in front of the host alone, as in "
		       "https://*.example.com";
	size_t len = star ? 0 : bracketed(host);
	const char *why = NULL;
	if (!len) {
		len = strcspn(host, ":");
		why = host_problem(host, len, star);
	}
	if (!why && host[len])
		why = port_problem(entry, host + len + (host[len] == ':'));
	return why;
}

struct origin origin_of(const char *entry)
{
	const char *star = strstr(entry, "//*.");

	return (struct origin){.text = entry, .tail = star ? star + 3 : NULL};
}

bool origin_fits(const struct origin *o, const char *sent)
{
	if (!o->tail)
		return !strcmp(o->text, sent);
	size_t front = (size_t)(o->tail - o->text) - 1, back = strlen(o->tail);
	size_t len = strlen(sent);

	return len > front + back && !strncmp(sent, o->text, front) &&
	       !strcmp(sent + len - back, o->tail) &&
	       labels(sent + front, len - front - back);
}
