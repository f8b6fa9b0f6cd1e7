#include "proxy.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cruet/error.h>

enum {
	SIGNATURE = 12,
	VERSION = 0x2,
	LOCAL = 0x0, /* commands */
	PROXY = 0x1,
	UNSPEC = 0x00, /* family and protocol */
	TCP4 = 0x11,
	TCP6 = 0x21,
	UNIX = 0x31,
	TCP4_BYTES = 2 * 4 + 2 * 2, /* of addresses */
	TCP6_BYTES = 2 * 16 + 2 * 2,
	UNIX_BYTES = 2 * 108,
	FIELD_HEAD = 3,
	FIELD_CRC32C = 0x03
};

static const unsigned char signature[SIGNATURE] = "\r\n\r\n\0\r\nQUIT\n";

/* --- the first sixteen bytes --------------------------------------------------- */

static bool is_command(unsigned char b)
{
	return (b & 0xf) == LOCAL || (b & 0xf) == PROXY;
}

/* What comes over a stream, or what nobody knows. */
static bool is_known(unsigned char b)
{
	return b == UNSPEC || b == TCP4 || b == TCP6 || b == UNIX;
}

static const char *fault_in(const unsigned char *p, size_t n)
{
	if (memcmp(p, signature, n < SIGNATURE ? n : SIGNATURE) != 0)
		return "it does not begin with the signature of version 2";
	if (n > 12 && p[12] >> 4 != VERSION)
		return "it is of another version than 2";
	if (n > 12 && !is_command(p[12]))
		return "it has an unknown command";
	if (n > 13 && (p[12] & 0xf) == PROXY && !is_known(p[13]))
		return "its addresses are of a kind that no stream has";
	return NULL;
}

ptrdiff_t proxy_size(const unsigned char *p, size_t n, const char **why)
{
	*why = fault_in(p, n);
	if (*why)
		return CRUET_EPARSE;
	if (n < PROXY_HEAD)
		return 0;
	size_t size = PROXY_HEAD + (size_t)(p[14] << 8 | p[15]);
	if (size <= PROXY_MAX)
		return (ptrdiff_t)size;
	*why = "it is longer than 4096 bytes";
	return CRUET_ELIMIT;
}

/* --- what follows -------------------------------------------------------------- */

/* Castagnoli's polynomial, the bits the other way round (RFC 4960, appendix B). */
static uint32_t crc32c(uint32_t crc, const unsigned char *p, size_t n)
{
	while (n--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
	}
	return crc;
}

/* The checksum at that place is of the header with zeros there. */
static bool sums_up(const unsigned char *p, size_t n, size_t at)
{
	static const unsigned char zeros[4];
	uint32_t told = (uint32_t)p[at] << 24 | (uint32_t)p[at + 1] << 16 |
			(uint32_t)p[at + 2] << 8 | p[at + 3];
	uint32_t crc = crc32c(UINT32_MAX, p, at);

	crc = crc32c(crc, zeros, sizeof zeros);
	return ~crc32c(crc, p + at + 4, n - at - 4) == told;
}

static const char *fault_in_fields(const unsigned char *p, size_t n, size_t at)
{
	while (at < n) {
		if (n - at < FIELD_HEAD)
			return "its last field is cut short";
		size_t len = (size_t)(p[at + 1] << 8 | p[at + 2]);
		if (len > n - at - FIELD_HEAD)
			return "a field reaches beyond its end";
		if (p[at] == FIELD_CRC32C && len != 4)
			return "its checksum has not four bytes";
		if (p[at] == FIELD_CRC32C && !sums_up(p, n, at + FIELD_HEAD))
			return "its checksum is wrong";
		at += FIELD_HEAD + len;
	}
	return NULL;
}

static size_t address_bytes(unsigned char kind)
{
	return kind == TCP4 ? TCP4_BYTES : kind == TCP6 ? TCP6_BYTES : UNIX_BYTES;
}

static void take_source(const unsigned char *p, struct sockaddr_storage *from)
{
	struct sockaddr_in *four = (struct sockaddr_in *)from;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)from;

	switch (p[13]) {
	case TCP4:
		from->ss_family = AF_INET;
		memcpy(&four->sin_addr, p + PROXY_HEAD, 4);
		memcpy(&four->sin_port, p + PROXY_HEAD + 2 * 4, 2);
		break;
	case TCP6:
		from->ss_family = AF_INET6;
		memcpy(&six->sin6_addr, p + PROXY_HEAD, 16);
		memcpy(&six->sin6_port, p + PROXY_HEAD + 2 * 16, 2);
		break;
	default:
		from->ss_family = AF_UNIX;
	}
}

int proxy_read(const unsigned char *p, size_t n, struct sockaddr_storage *from,
	       const char **why)
{
	memset(from, 0, sizeof *from);
	from->ss_family = AF_UNSPEC;
	*why = NULL;
	/* Then what follows is of no known form, and to be passed over. */
	if ((p[12] & 0xf) == LOCAL || p[13] == UNSPEC)
		return CRUET_OK;
	if (n - PROXY_HEAD < address_bytes(p[13]))
		*why = "its addresses are cut short";
	else
		*why = fault_in_fields(p, n, PROXY_HEAD + address_bytes(p[13]));
	if (*why)
		return CRUET_EPARSE;
	take_source(p, from);
	return CRUET_OK;
}
