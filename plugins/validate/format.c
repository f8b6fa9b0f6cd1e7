#include "format.h"

#include <arpa/inet.h>
#include <string.h>

enum { LOCAL_MAX = 64, LABEL_MAX = 63, DOMAIN_MAX = 253, HOST_MAX = 253 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char alnum[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
static const char hex[] = "0123456789abcdefABCDEF";

static bool beyond_ascii(char ch)
{
	return (unsigned char)ch >= 0x80;
}

static bool one_of(const char *set, char ch)
{
	return ch && strchr(set, ch);
}

static bool alnum_char(char ch)
{
	return one_of(alnum, ch) || beyond_ascii(ch);
}

/* Copies [s, s + n) and ends it, for what wants a text of its own. */
static bool copy(char *to, size_t cap, const char *s, size_t n)
{
	if (n >= cap)
		return false;
	memcpy(to, s, n);
	to[n] = '\0';
	return true;
}

/* --- IP addresses ----------------------------------------------------------------- */

bool is_ipv4(const char *s)
{
	struct in_addr a;

	return inet_pton(AF_INET, s, &a) == 1;
}

bool is_ipv6(const char *s)
{
	struct in6_addr a;

	return inet_pton(AF_INET6, s, &a) == 1;
}

bool is_mac(const char *s)
{
	char sign = s[strspn(s, hex)];
	size_t group = sign == '.' ? 4 : 2;

	if (!one_of(":-.", sign) || strlen(s) != 12 + 12 / group - 1)
		return false;
	for (size_t i = 0; s[i]; i++) {
		bool between = i % (group + 1) == group;
		if (between ? s[i] != sign : !one_of(hex, s[i]))
			return false;
	}
	return true;
}

/* --- mail addresses --------------------------------------------------------------- */

static bool is_atext(char ch)
{
	return alnum_char(ch) || one_of("!#$%&'*+-/=?^_`{|}~", ch);
}

/* Where a local part such as first.last ends. */
static const char *dot_atom(const char *s)
{
	for (;;) {
		if (!is_atext(*s))
			return NULL;
		while (is_atext(*s))
			s++;
		if (*s != '.')
			return s;
		s++;
	}
}

static const char *quoted(const char *s)
{
	for (s++; *s && *s != '"'; s++) {
		if (*s == '\\')
			s++;
		if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
			return NULL;
	}
	return *s ? s + 1 : NULL;
}

static bool is_domain(const char *s, bool strict)
{
	size_t labels = 0;
	const char *start = s;

	for (;; labels++) {
		const char *label = s;
		while (alnum_char(*s) || *s == '-')
			s++;
		if (s == label || s - label > LABEL_MAX || *label == '-' || s[-1] == '-')
			return false;
		if (*s != '.')
			break;
		s++;
	}
	return !*s && s - start <= DOMAIN_MAX && (labels || !strict);
}

/* [192.0.2.1] or [IPv6:2001:db8::1] */
static bool is_literal(const char *s)
{
	char address[INET6_ADDRSTRLEN];
	size_t n = strlen(s);

	if (*s != '[' || s[n - 1] != ']')
		return false;
	if (!strncmp(s, "[IPv6:", 6))
		return copy(address, sizeof address, s + 6, n - 7) && is_ipv6(address);
	return copy(address, sizeof address, s + 1, n - 2) && is_ipv4(address);
}

bool is_email(const char *s, bool strict)
{
	const char *end = *s == '"' && !strict ? quoted(s) : dot_atom(s);

	if (!end || *end != '@' || end - s > LOCAL_MAX)
		return false;
	return is_domain(end + 1, strict) || (!strict && is_literal(end + 1));
}

/* --- URLs ------------------------------------------------------------------------- */

static bool is_scheme(const char *s, size_t n, const char *const *schemes,
		      size_t nschemes)
{
	/* None that a browser would run, such as javascript. */
	static const char *const usual[] = {
		"http",	   "https",  "ftp",	 "ftps",  "sftp",      "ssh",	"git",
		"svn",	   "ws",     "wss",	 "ldap",  "ldaps",     "irc",	"ircs",
		"xmpp",	   "imap",   "imaps",	 "smtp",  "smtps",     "pop3",	"nntp",
		"telnet",  "nfs",    "smb",	 "s3",	  "rtsp",      "rtsps", "rtmp",
		"mongodb", "mysql",  "postgres", "redis", "amqp",      "amqps", "mqtt",
		"mqtts",   "rediss", "coap",	 "coaps", "postgresql"};

	if (!nschemes) {
		schemes = usual;
		nschemes = sizeof usual / sizeof *usual;
	}
	for (size_t i = 0; i < nschemes; i++)
		if (!strncasecmp(schemes[i], s, n) && !schemes[i][n])
			return true;
	return false;
}

/* Passes over what may stand there, with %XX; NULL if a % stands alone. */
static const char *skip(const char *s, const char *more)
{
	for (; alnum_char(*s) || *s == '%' || one_of(more, *s); s++) {
		if (*s != '%')
			continue;
		if (!one_of(hex, s[1]) || !one_of(hex, s[2]))
			return NULL;
		s += 2;
	}
	return s;
}

/* USER:PASSWORD@, if there is one before the path. */
static const char *skip_user(const char *s)
{
	size_t n = strcspn(s, "/?#");
	const char *at = memchr(s, '@', n);

	if (!at)
		return s;
	return at > s && skip(s, "-._~!$&'()*+,;=:") == at ? at + 1 : NULL;
}

static const char *skip_host(const char *s)
{
	char address[INET6_ADDRSTRLEN];
	size_t n = strcspn(s, "]");

	if (*s == '[')
		return s[n] && copy(address, sizeof address, s + 1, n - 1) &&
				       is_ipv6(address)
			       ? s + n + 1
			       : NULL;
	const char *start = s;
	for (; alnum_char(*s) || one_of("-_.", *s); s++)
		if (*s == '.' && s[1] == '.')
			return NULL;
	/* A dot may end the name. */
	return s > start && *start != '.' && *start != '-' && s - start <= HOST_MAX
		       ? s
		       : NULL;
}

static const char *skip_port(const char *s)
{
	size_t n;
	unsigned port = 0;

	if (*s != ':')
		return s;
	n = strspn(++s, "0123456789");
	for (size_t i = 0; i < n && i < 6; i++)
		port = port * 10 + (unsigned)(s[i] - '0');
	return n && n <= 5 && port <= 65535 ? s + n : NULL;
}

bool is_url(const char *s, const char *const *schemes, size_t n)
{
	static const char path[] = "-._~!$&'()*+,;=:@/",
			  query[] = "-._~!$&'()*+,;=:@/?[]";
	size_t scheme = strspn(s, letters);

	scheme += scheme ? strspn(s + scheme,
				  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
				  "WXYZ0123456789+-.")
			 : 0;
	if (!is_scheme(s, scheme, schemes, n) || strncmp(s + scheme, "://", 3) != 0)
		return false;
	s = skip_user(s + scheme + 3);
	if (s)
		s = skip_host(s);
	if (s)
		s = skip_port(s);
	if (s && *s == '/')
		s = skip(s, path);
	if (s && *s == '?')
		s = skip(s + 1, query);
	if (s && *s == '#')
		s = skip(s + 1, query);
	return s && !*s;
}

/* --- identifiers ------------------------------------------------------------------ */

bool is_uuid(const char *s, char version)
{
	if (strlen(s) != 36)
		return false;
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s[i] != '-' : !one_of(hex, s[i]))
			return false;
	}
	return !version || (s[14] == version && one_of("89abAB", s[19]));
}

bool is_ulid(const char *s)
{
	return strlen(s) == 26 && *s <= '7' &&
	       !s[strspn(s, "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz")];
}
