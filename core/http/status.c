#include <string.h>

#include "cruet/svc/transport.h"

const char *cruet_reason(int status)
{
	switch (status) {
	case 100: return "Continue";
	case 101: return "Switching Protocols";
	case 103: return "Early Hints";
	case 200: return "OK";
	case 201: return "Created";
	case 202: return "Accepted";
	case 203: return "Non-Authoritative Information";
	case 204: return "No Content";
	case 205: return "Reset Content";
	case 206: return "Partial Content";
	case 207: return "Multi-Status";
	case 208: return "Already Reported";
	case 226: return "IM Used";
	case 300: return "Multiple Choices";
	case 301: return "Moved Permanently";
	case 302: return "Found";
	case 303: return "See Other";
	case 304: return "Not Modified";
	case 305: return "Use Proxy";
	case 307: return "Temporary Redirect";
	case 308: return "Permanent Redirect";
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 402: return "Payment Required";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 406: return "Not Acceptable";
	case 407: return "Proxy Authentication Required";
	case 408: return "Request Timeout";
	case 409: return "Conflict";
	case 410: return "Gone";
	case 411: return "Length Required";
	case 412: return "Precondition Failed";
	case 413: return "Content Too Large";
	case 414: return "URI Too Long";
	case 415: return "Unsupported Media Type";
	case 416: return "Range Not Satisfiable";
	case 417: return "Expectation Failed";
	case 418: return "I'm a Teapot";
	case 421: return "Misdirected Request";
	case 422: return "Unprocessable Content";
	case 423: return "Locked";
	case 424: return "Failed Dependency";
	case 425: return "Too Early";
	case 426: return "Upgrade Required";
	case 428: return "Precondition Required";
	case 429: return "Too Many Requests";
	case 431: return "Request Header Fields Too Large";
	case 451: return "Unavailable For Legal Reasons";
	case 500: return "Internal Server Error";
	case 501: return "Not Implemented";
	case 502: return "Bad Gateway";
	case 503: return "Service Unavailable";
	case 504: return "Gateway Timeout";
	case 505: return "HTTP Version Not Supported";
	case 506: return "Variant Also Negotiates";
	case 507: return "Insufficient Storage";
	case 508: return "Loop Detected";
	case 511: return "Network Authentication Required";
	default: return "Unknown";
	}
}

/* Appends n bytes to the line at p; NULL: there is no room, or was none before. */
static char *put(char *p, const char *end, const char *s, size_t n)
{
	if (!p || (size_t)(end - p) < n)
		return NULL;
	memcpy(p, s, n);
	return p + n;
}

static char *put_field(char *p, const char *end, const char *name, const char *value)
{
	size_t n = strlen(name), len = strlen(value);

	if (!p || (size_t)(end - p) < n + len + 4)
		return NULL;
	memcpy(p, name, n);
	p += n;
	*p++ = ':';
	*p++ = ' ';
	memcpy(p, value, len);
	p += len;
	*p++ = '\r';
	*p++ = '\n';
	return p;
}

static char *put_status(char *p, const char *end, int status)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\n";

	if (status == 200)
		return put(p, end, ok, sizeof ok - 1);
	const char *reason = cruet_reason(status);
	const char digits[] = {(char)('0' + status / 100 % 10), (char)('0' + status / 10 % 10),
			       (char)('0' + status % 10), ' '};
	p = put(p, end, "HTTP/1.1 ", 9);
	p = put(p, end, digits, sizeof digits);
	p = put(p, end, reason, strlen(reason));
	return put(p, end, "\r\n", 2);
}

static char *put_length(char *p, const char *end, uint64_t length)
{
	static const char name[] = "Content-Length: ";
	char digits[20], *first = digits + sizeof digits;
	enum { NAME = sizeof name - 1 };

	do
		*--first = (char)('0' + length % 10);
	while (length /= 10);
	size_t n = (size_t)(digits + sizeof digits - first);
	if (!p || (size_t)(end - p) < NAME + n + 2)
		return NULL;
	memcpy(p, name, NAME);
	p += NAME;
	while (n--)
		*p++ = *first++;
	*p++ = '\r';
	*p++ = '\n';
	return p;
}

static char *put_date(char *p, const char *end, const char *date)
{
	enum { NAME = 6, DATE = 29, ALL = NAME + DATE + 2 };

	if (!p || (size_t)(end - p) < ALL)
		return NULL;
	memcpy(p, "Date: ", NAME);
	memcpy(p + NAME, date, DATE);
	memcpy(p + NAME + DATE, "\r\n", 2);
	return p + ALL;
}

size_t cruet_http1_head(char *buf, size_t cap, const cruet_reply *r, int chunked,
			const char *connection)
{
	static const char nosniff[] = "X-Content-Type-Options: nosniff\r\n";
	const char *end = buf + cap;
	char *p = put_status(buf, end, r->status);

	for (size_t i = 0; i < r->nfields; i++)
		p = put_field(p, end, r->fields[i].name, r->fields[i].value);
	if (r->length >= 0 && r->status >= 200 && r->status != 204)
		p = put_length(p, end, (uint64_t)r->length);
	if (r->nosniff)
		p = put(p, end, nosniff, sizeof nosniff - 1);
	if (r->date)
		p = put_date(p, end, r->date);
	if (chunked)
		p = put_field(p, end, "Transfer-Encoding", "chunked");
	if (connection)
		p = put_field(p, end, "Connection", connection);
	p = put(p, end, "\r\n", 2);
	return p ? (size_t)(p - buf) : 0;
}
