#include "proxy.h"

#include <arpa/inet.h>
#include <cruet/error.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include "suite.h"

#define SIG "\r\n\r\n\0\r\nQUIT\n"

enum { UDP4 = 0x12, TCP4 = 0x11, TCP6 = 0x21, UNIX = 0x31 };

static unsigned char bytes[5000];
static size_t len;

static void add(const void *p, size_t n)
{
	memcpy(bytes + len, p, n);
	len += n;
}

static void set_length(size_t n)
{
	bytes[14] = (unsigned char)(n >> 8);
	bytes[15] = (unsigned char)n;
}

/* A header with that after it; its length is right. */
static void header(unsigned char version, unsigned char kind, const void *p, size_t n)
{
	len = 0;
	add(SIG, 12);
	add(&version, 1);
	add(&kind, 1);
	add("\0\0", 2);
	add(p, n);
	set_length(n);
}

#define V4                                                               \
	"\xc0\0\2\1\xc6\x33\x64\1\x30\x39\x01\xbb" /* 192.0.2.1:12345 to \
						      198.51.100.1:443 */

static void v4(const void *fields, size_t n)
{
	header(0x21, TCP4, V4, 12);
	add(fields, n);
	set_length(12 + n);
}

static struct sockaddr_storage from;

static void is_good(int family)
{
	const char *why = "not set";

	ck_assert_int_eq(proxy_size(bytes, len, &why), (ptrdiff_t)len);
	ck_assert_ptr_null(why);
	ck_assert_int_eq(proxy_read(bytes, len, &from, &why), CRUET_OK);
	ck_assert_ptr_null(why);
	ck_assert_int_eq(from.ss_family, family);
}

/* It is refused when it is whole, for that reason. */
static void is_bad(const char *reason)
{
	const char *why;

	ck_assert_int_eq(proxy_size(bytes, len, &why), (ptrdiff_t)len);
	ck_assert_int_eq(proxy_read(bytes, len, &from, &why), CRUET_EPARSE);
	ck_assert_str_eq(why, reason);
}

/* It is refused as soon as that many bytes are there, and not before. */
static void is_bad_from(size_t n, const char *reason)
{
	const char *why;

	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(proxy_size(bytes, i, &why), 0);
	for (size_t i = n; i <= len; i++) {
		ck_assert_int_lt(proxy_size(bytes, i, &why), 0);
		ck_assert_str_eq(why, reason);
	}
}

START_TEST(an_address_of_ipv4)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&from;

	v4("", 0);
	is_good(AF_INET);
	ck_assert_uint_eq(ntohl(in->sin_addr.s_addr), 0xc0000201);
	ck_assert_uint_eq(ntohs(in->sin_port), 12345);
}
END_TEST

START_TEST(an_address_of_ipv6)
{
	const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&from;
	unsigned char p[36];
	char text[INET6_ADDRSTRLEN];

	for (unsigned i = 0; i < sizeof p; i++)
		p[i] = (unsigned char)(i + 1);
	header(0x21, TCP6, p, sizeof p);
	is_good(AF_INET6);
	inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof text);
	ck_assert_str_eq(text, "102:304:506:708:90a:b0c:d0e:f10");
	ck_assert_uint_eq(ntohs(in->sin6_port), 0x2122);
}
END_TEST

START_TEST(a_unix_socket)
{
	unsigned char p[216] = "/run/a";

	header(0x21, UNIX, p, sizeof p);
	is_good(AF_UNIX);
}
END_TEST

START_TEST(a_proxy_that_speaks_for_itself_or_does_not_know)
{
	header(0x20, 0, "", 0);
	is_good(AF_UNSPEC);
	header(0x20, TCP4, V4, 12); /* which counts for nothing */
	is_good(AF_UNSPEC);
	header(0x20, 0xff, "whatever", 8);
	is_good(AF_UNSPEC);
	header(0x21, 0, "", 0);
	is_good(AF_UNSPEC);
	header(0x21, 0, "whatever", 8);
	is_good(AF_UNSPEC);
}
END_TEST

START_TEST(each_byte_of_a_head_that_is_none)
{
	for (size_t i = 0; i < 12; i++) {
		v4("", 0);
		bytes[i] ^= 0x20;
		is_bad_from(i + 1, "it does not begin with the signature of version 2");
	}
	v4("", 0);
	bytes[12] = 0x11;
	is_bad_from(13, "it is of another version than 2");
	bytes[12] = 0x31;
	is_bad_from(13, "it is of another version than 2");
	for (unsigned char command = 2; command < 16; command++) {
		bytes[12] = 0x20 | command;
		is_bad_from(13, "it has an unknown command");
	}
}
END_TEST

START_TEST(kinds_of_addresses)
{
	for (unsigned kind = 0; kind < 256; kind++) {
		const char *why;
		v4("", 0);
		bytes[13] = (unsigned char)kind;
		if (kind == 0 || kind == TCP4 || kind == TCP6 || kind == UNIX)
			ck_assert_int_eq(proxy_size(bytes, len, &why), (ptrdiff_t)len);
		else
			is_bad_from(14, "its addresses are of a kind that no stream has");
	}
}
END_TEST

START_TEST(lengths)
{
	const char *why;
	unsigned char p[216] = {0};

	v4("", 0);
	for (size_t i = 0; i < PROXY_HEAD; i++)
		ck_assert_int_eq(proxy_size(bytes, i, &why), 0);
	for (size_t i = PROXY_HEAD; i <= len; i++)
		ck_assert_int_eq(proxy_size(bytes, i, &why), (ptrdiff_t)len);
	set_length(PROXY_MAX - PROXY_HEAD);
	ck_assert_int_eq(proxy_size(bytes, len, &why), PROXY_MAX);
	set_length(PROXY_MAX - PROXY_HEAD + 1);
	is_bad_from(PROXY_HEAD, "it is longer than 4096 bytes");
	set_length(65535);
	is_bad_from(PROXY_HEAD, "it is longer than 4096 bytes");

	header(0x21, TCP4, p, 11);
	is_bad("its addresses are cut short");
	header(0x21, TCP6, p, 35);
	is_bad("its addresses are cut short");
	header(0x21, UNIX, p, 215);
	is_bad("its addresses are cut short");
}
END_TEST

#define FIELDS(text) v4(text, sizeof(text) - 1)

START_TEST(fields_are_passed_over)
{
	FIELDS("\4\0\0");
	is_good(AF_INET);
	FIELDS("\2\0\13example.com\x20\0\5\1\0\0\0\0\xee\0\1x");
	is_good(AF_INET);
	FIELDS("\4");
	is_bad("its last field is cut short");
	FIELDS("\4\0\0\4\0");
	is_bad("its last field is cut short");
	FIELDS("\4\0\1");
	is_bad("a field reaches beyond its end");
	FIELDS("\4\xff\xff"
	       "abc");
	is_bad("a field reaches beyond its end");
}
END_TEST

/* As HAProxy's documentation says it: over all of the header, with zeros in its place.
 * The sums were worked out apart from this code. */
START_TEST(a_checksum_is_checked)
{
	FIELDS("\3\0\4\0\0\0\0");
	is_bad("its checksum is wrong");
	FIELDS("\3\0\3\0\0\0");
	is_bad("its checksum has not four bytes");
	FIELDS("\3\0\4"
	       "\x9b\x5e\xa8\xe7");
	is_good(AF_INET);
	FIELDS("\4\0\2ab\3\0\4"
	       "\xfa\x08\x28\x48"
	       "\4\0\1c");
	is_good(AF_INET);
	for (size_t i = PROXY_HEAD; i < len; i++) {
		if (i >= 28 && i < 38 && (i < 31 || i > 32))
			continue; /* then the fields are others */
		bytes[i] ^= 1;
		const char *why;
		ck_assert_int_eq(proxy_read(bytes, len, &from, &why), CRUET_EPARSE);
		bytes[i] ^= 1;
	}
	is_good(AF_INET);
}
END_TEST

SUITE("event_proxy", an_address_of_ipv4, an_address_of_ipv6, a_unix_socket,
      a_proxy_that_speaks_for_itself_or_does_not_know, each_byte_of_a_head_that_is_none,
      kinds_of_addresses, lengths, fields_are_passed_over, a_checksum_is_checked)
