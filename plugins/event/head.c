#include "head.h"

#include <string.h>
#include <strings.h>

static CRUET_COLD int bad(const char **why, int status, const char *text)
{
	*why = text;
	return status;
}

/* --- where it ends ---------------------------------------------------------------------- */

/* RFC 9110 5.6.2 */
static bool is_token(unsigned char c)
{
	static const uint32_t set[8] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};
	return set[c >> 5] >> (c & 31) & 1;
}

/* Eight bytes at once, the first one lowest. memchr() is as fast on long texts, but lines are
 * short, and it takes longer to call than to work. */
static uint64_t eight(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap64(v);
}

#define EACH(byte) (0x0101010101010101ull * (byte))

/* The high bits of bytes less than this, which is 128 at the most. What is above the lowest
 * of them may be wrong (Hacker's Delight, 6-1). */
static uint64_t below(uint64_t v, unsigned than)
{
	return (v - EACH(than)) & ~v & EACH(0x80);
}

static uint64_t is_lf(uint64_t v)
{
	return below(v ^ EACH('\n'), 1);
}

/* Where a target ends. */
static uint64_t is_blank(uint64_t v)
{
	return below(v, ' ' + 1);
}

/* RFC 9110 5.5: where a value ends, or TAB. */
static uint64_t is_control(uint64_t v)
{
	return below(v, ' ') | below(v ^ EACH(0x7f), 1);
}

/* The first byte of a kind; end: there is none. */
static inline char *find(const char *p, const char *end, uint64_t kind(uint64_t v))
{
	for (; end - p >= 8; p += 8) {
		uint64_t at = kind(eight(p));
		if (at)
			return (char *)p + __builtin_ctzll(at) / 8;
	}
	while (p < end && !kind(EACH('~') - '~' + (unsigned char)*p))
		p++;
	return (char *)p;
}

static char *find_control(const char *p, const char *end)
{
	char *at = find(p, end, is_control);

	while (at < end && *at == '\t')
		at = find(at + 1, end, is_control);
	return at;
}

/* The request line is to blame if it is not whole within max bytes. */
static CRUET_COLD int too_large(const char *p, size_t begin, size_t max, const char **why)
{
	bool whole = begin < max && memchr(p + begin, '\n', max - begin);

	return whole ? bad(why, 431, "The head is larger than is accepted here.")
		     : bad(why, 414, "The request line is longer than is accepted here.");
}

ptrdiff_t head_find(const char *p, size_t n, const struct head_limits *max, size_t *seen,
		    const char **why)
{
	size_t begin = n >= 2 && p[0] == '\r' && p[1] == '\n' ? 2 : 0;

	if (n > begin && !is_token((unsigned char)p[begin]) && !(n == 1 && p[0] == '\r'))
		return -bad(why, 400, "The request does not begin with a method.");
	for (size_t at = *seen > begin ? *seen : begin;;) {
		const char *end = find(p + at, p + n, is_lf);
		if (end == p + n) {
			*seen = at;
			return n > max->bytes ? -too_large(p, begin, max->bytes, why) : 0;
		}
		size_t len = (size_t)(end - p) - at;
		at += len + 1;
		if (at > max->bytes)
			return -too_large(p, begin, max->bytes, why);
		if (!len || end[-1] != '\r')
			return -bad(why, 400, "A line of the head does not end in CR LF.");
		if (len == 1)
			return (ptrdiff_t)at;
	}
}

/* --- its parts -------------------------------------------------------------------------- */

static char *token_end(char *p)
{
	while (is_token((unsigned char)*p))
		p++;
	return p;
}

/* Goes on to the blank behind it. */
static int read_method(char **p, const char **why)
{
	char *end = token_end(*p);

	if (*end != ' ')
		return bad(why, 400, "The method is no word.");
	for (const char *m = *p; m < end; m++)
		if (*m >= 'a' && *m <= 'z')
			return bad(why, 501, "Methods are written in capital letters.");
	*p = end;
	return 0;
}

/* The line ends at end, where its CR stands. */
static int read_line(char *p, char *end, struct head *out, const char **why)
{
	static const char odd[] = "The parts of the request line are not one blank apart.";

	out->method = p;
	if (!memcmp(p, "GET ", 4)) { /* a head has more bytes than that */
		p += 3;
	} else {
		int status = read_method(&p, why);
		if (status)
			return status;
	}
	*p++ = '\0';
	out->target = p;
	p = find(p, end, is_blank);
	if (p == end || (*p == ' ' && p == out->target))
		return bad(why, 400, odd);
	if (*p != ' ')
		return bad(why, 400,
			   *p ? "The request target holds a character that must be percent-encoded."
			      : "The request target holds a NUL.");
	*p++ = '\0';
	if (end - p != 8 || memcmp(p, "HTTP/", 5) != 0 || p[5] < '0' || p[5] > '9' ||
	    p[6] != '.' || p[7] < '0' || p[7] > '9')
		return bad(why, 400, memchr(p, ' ', (size_t)(end - p))
					     ? odd
					     : "The request line names no version of HTTP.");
	if (p[5] != '1')
		return bad(why, 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
	out->minor = p[7] != '0';
	return 0;
}

static bool has_token(const char *list, const char *token)
{
	size_t len = strlen(token);

	while (*list) {
		list += strspn(list, ", \t");
		size_t n = strcspn(list, ", \t");
		if (n == len && !strncasecmp(list, token, n))
			return true;
		list += n;
	}
	return false;
}

struct said { /* by the fields up to here */
	bool upgrade, websocket, framed;
};

/* -2: it is none. */
static int64_t length_of(const char *v)
{
	int64_t n = 0;

	if (!*v)
		return -2;
	for (; *v; v++) {
		int digit = *v - '0';
		if (digit < 0 || digit > 9 || n > (INT64_MAX - digit) / 10)
			return -2;
		n = n * 10 + digit;
	}
	return n;
}

/* Two fields that say how long the body is say nothing: the front door refuses them, as
 * it does what cannot be known. */
static void take_length(struct head *h, struct said *s, int64_t length)
{
	h->length = s->framed ? -2 : length;
	s->framed = true;
}

static void take_field(struct head *h, struct said *s, const cruet_field *f)
{
	switch (f->name[0] | 0x20) { /* all others cost one comparison */
	case 'c':
		if (!strcasecmp(f->name, "Connection")) {
			h->close |= has_token(f->value, "close");
			h->keep |= has_token(f->value, "keep-alive");
			s->upgrade |= has_token(f->value, "upgrade");
		} else if (!strcasecmp(f->name, "Content-Length")) {
			take_length(h, s, length_of(f->value));
		}
		break;
	case 't':
		if (!strcasecmp(f->name, "Transfer-Encoding"))
			take_length(h, s,
				    h->minor && !strcasecmp(f->value, "chunked") ? -1 : -2);
		break;
	case 'e':
		if (!strcasecmp(f->name, "Expect"))
			h->expects = h->minor && !strcasecmp(f->value, "100-continue");
		break;
	case 'u':
		if (!strcasecmp(f->name, "Upgrade"))
			s->websocket |= has_token(f->value, "websocket");
		break;
	default:
		break;
	}
}

/* "Name: value"; end is that of the head. Goes on behind the line. */
static int read_field(char **at, const char *end, cruet_field *out, const char **why)
{
	char *p = *at, *colon = token_end(p);

	if (*colon != ':' || colon == p)
		return bad(why, 400, *p == ' ' || *p == '\t'
					     ? "A header field goes on in a second line."
				     : *colon == ' ' || *colon == '\t'
					     ? "There is a blank before the colon of a header field."
					     : "A line of the head is no header field.");
	*colon = '\0';
	out->name = p;
	p = colon + 1;
	while (*p == ' ' || *p == '\t')
		p++;
	out->value = p;
	p = find_control(p, end);
	if (p[0] != '\r' || p[1] != '\n')
		return bad(why, 400, *p ? "A header value holds a control character."
					: "A header value holds a NUL.");
	*at = p + 2;
	while (p > out->value && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	*p = '\0';
	return 0;
}

int head_read(char *p, size_t n, const struct head_limits *max, struct head *out,
	      const char **why)
{
	char *last = p + n - 2; /* the empty line */
	struct said said = {.framed = false};

	p += *p == '\r' ? 2 : 0;
	char *lf = find(p, last, is_lf);
	int status = read_line(p, lf - 1, out, why);
	if (status)
		return status;
	out->nfields = 0;
	out->length = 0;
	out->close = out->keep = out->expects = false;
	for (p = lf + 1; p < last;) {
		if (out->nfields == max->fields)
			return bad(why, 431,
				   "There are more header fields than are accepted here.");
		cruet_field *f = &out->fields[out->nfields];
		status = read_field(&p, last, f, why);
		if (status)
			return status;
		out->nfields++;
		take_field(out, &said, f);
	}
	out->upgrade = said.upgrade && said.websocket;
	return 0;
}

void head_restore(struct head *h)
{
	char *end = h->target + strlen(h->target);

	h->target[-1] = ' ';
	*end = ' ';
	for (size_t i = 0; i < h->nfields; i++) {
		char *name = (char *)h->fields[i].name, *value = (char *)h->fields[i].value;
		name[strlen(name)] = ':';
		value += strlen(value);
		*value = value[1] == '\n' ? '\r' : ' ';
	}
}
