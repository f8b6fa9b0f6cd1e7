/* Bytes through an open connection: in pieces, against a full socket, to the end. And
 * what is no TLS at all. */
#include "../../suite.h"

#include <malloc.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls_make.h"
#include "tls_talk.h"

enum { LOTS = 1 << 20, PIECES = 7 };

static struct talk t;

static void setup(void)
{
	folder_enter();
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	talk_start(&t, (struct tls_options){0});
}

static void teardown(void)
{
	talk_stop(&t);
}

static unsigned char *noise(size_t n)
{
	unsigned char *p = malloc(n);

	ck_assert(p && RAND_bytes(p, (int)n) == 1);
	return p;
}

static void small_sockets(const struct ends *e)
{
	for (int i = 0; i < 2; i++)
		for (int what = SO_SNDBUF; what <= SO_RCVBUF; what++)
			ck_assert_int_eq(setsockopt(e->fd[i], SOL_SOCKET, what, &(int){1},
						    sizeof(int)),
					 0);
}

/* The client reads what there is; how much that was. */
static size_t client_takes(struct ends *e, unsigned char *to, size_t cap)
{
	size_t have = 0;
	int n;

	while (have < cap && (n = SSL_read(e->client, to + have, PIECES * 100)) > 0)
		have += (size_t)n;
	ERR_clear_error();
	return have;
}

/* --- down ------------------------------------------------------------------------- */

START_TEST(a_full_socket_is_waited_for)
{
	unsigned char *sent = noise(LOTS), *got = calloc(1, LOTS);
	size_t put = 0, taken = 0, waits = 0;
	struct ends e = ends_meet(&t, NULL);

	small_sockets(&e);
	while (put < LOTS) {
		/* From another place each time, as after a buffer was moved. */
		unsigned char *copy = malloc(LOTS - put + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, sent + put, LOTS - put);
		ptrdiff_t n = tls_write(e.server, copy, LOTS - put);
		free(copy);
		if (n >= 0) {
			put += (size_t)n;
			continue;
		}
		ck_assert_int_eq(n, CRUET_EAGAIN);
		ck_assert_int_eq(tls_wants(e.server), TLS_WANTS_WRITE);
		waits++;
		taken += client_takes(&e, got + taken, LOTS - taken);
	}
	taken += client_takes(&e, got + taken, LOTS - taken);
	ck_assert_uint_eq(taken, LOTS);
	ck_assert_uint_gt(waits, 10);
	ck_assert_mem_eq(sent, got, LOTS);
	ends_close(&e);
	free(sent);
	free(got);
}
END_TEST

START_TEST(nothing_is_written_as_nothing)
{
	struct ends e = ends_meet(&t, NULL);

	ck_assert_int_eq(tls_write(e.server, "", 0), 0);
	ends_down(&e, "after it");
	ends_close(&e);
}
END_TEST

/* --- up --------------------------------------------------------------------------- */

START_TEST(what_comes_is_read_in_pieces)
{
	unsigned char *sent = noise(20000), got[20000];
	size_t have = 0;
	ptrdiff_t n;
	struct ends e = ends_meet(&t, NULL);

	ck_assert_int_eq(SSL_write(e.client, sent, 20000), 20000);
	ck_assert(!tls_pending(e.server));
	while ((n = tls_read(e.server, got + have, PIECES)) > 0) {
		ck_assert_int_le(n, PIECES);
		have += (size_t)n;
		if (have < 16000) /* the first of two records is not yet through */
			ck_assert(tls_pending(e.server));
	}
	ck_assert_int_eq(n, CRUET_EAGAIN);
	ck_assert_int_eq(tls_wants(e.server), TLS_WANTS_READ);
	ck_assert(!tls_pending(e.server));
	ck_assert_uint_eq(have, 20000);
	ck_assert_mem_eq(sent, got, 20000);
	ends_close(&e);
	free(sent);
}
END_TEST

/* Between a client and a server that speak through memory, so that a test can hand
 * their bytes on one by one. */
START_TEST(every_byte_may_come_alone)
{
	struct ends e = ends_open(&t);
	BIO *out = BIO_new(BIO_s_mem()), *in = BIO_new(BIO_s_mem());
	unsigned char b[4096];
	char got[16];
	int n, says = CRUET_EAGAIN;
	ptrdiff_t r = CRUET_EAGAIN;

	/* For a Unix socket each byte is as heavy as a packet, and 200 of them fill it.
	 */
	ck_assert_int_eq(
		setsockopt(e.fd[1], SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int)),
		0);
	SSL_set_bio(e.client, in, out);
	for (int turn = 0; turn < 10 && says; turn++) {
		SSL_do_handshake(e.client);
		while (BIO_read(out, b, 1) == 1) {
			ck_assert_int_eq(write(e.fd[1], b, 1), 1);
			says = tls_handshake(e.server);
			ck_assert(!says || says == CRUET_EAGAIN);
		}
		while ((n = (int)read(e.fd[1], b, sizeof b)) > 0)
			BIO_write(in, b, n);
	}
	ck_assert_int_eq(says, CRUET_OK);
	ck_assert_int_eq(SSL_write(e.client, "hello", 5), 5);
	while (BIO_read(out, b, 1) == 1) {
		ck_assert_int_eq(r, CRUET_EAGAIN);
		ck_assert_int_eq(write(e.fd[1], b, 1), 1);
		r = tls_read(e.server, got, sizeof got);
	}
	ck_assert_int_eq(r, 5);
	ck_assert_mem_eq(got, "hello", 5);
	ERR_clear_error();
	ends_close(&e);
}
END_TEST

/* --- the end ---------------------------------------------------------------------- */

START_TEST(a_client_that_ends_is_still_answered)
{
	char got[16];

	for (int notified = 0; notified < 2; notified++) {
		struct ends e = ends_meet(&t, NULL);
		ck_assert_int_eq(SSL_write(e.client, "bye", 3), 3);
		if (notified)
			ck_assert_int_eq(SSL_shutdown(e.client), 0);
		else
			ck_assert_int_eq(shutdown(e.fd[1], SHUT_WR), 0);
		ck_assert_int_eq(tls_read(e.server, got, sizeof got), 3);
		ck_assert_int_eq(tls_read(e.server, got, sizeof got), 0);
		ck_assert_int_eq(tls_read(e.server, got, sizeof got), 0);
		ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_NONE);
		ends_down(&e, "farewell");
		ends_close(&e);
	}
}
END_TEST

START_TEST(shutdown_tells_the_client)
{
	char got[16];
	struct ends e = ends_meet(&t, NULL);

	ends_down(&e, "all of it");
	ck_assert_int_eq(tls_shutdown(e.server), CRUET_OK);
	ck_assert_int_eq(SSL_get_error(e.client, SSL_read(e.client, got, sizeof got)),
			 SSL_ERROR_ZERO_RETURN);
	ends_close(&e);
}
END_TEST

START_TEST(shutdown_waits_for_room)
{
	static const char some[4096];
	struct ends e = ends_meet(&t, NULL);

	small_sockets(&e);
	while (write(e.fd[0], some, sizeof some) > 0) {
	}
	ck_assert_int_eq(tls_shutdown(e.server), CRUET_EAGAIN);
	ck_assert_int_eq(tls_wants(e.server), TLS_WANTS_WRITE);
	ends_close(&e);
}
END_TEST

START_TEST(a_client_that_is_gone_is_a_failure)
{
	char got[16];
	struct ends e = ends_meet(&t, NULL);

	close(e.fd[1]);
	e.fd[1] = -1;
	ck_assert_int_eq(tls_write(e.server, "hello", 5), CRUET_EIO);
	ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_IO);
	ck_assert_str_eq(tls_fault_text(e.server), "the connection broke");
	ck_assert_int_eq(tls_read(e.server, got, sizeof got), CRUET_EIO);
	ck_assert_int_eq(tls_shutdown(e.server), CRUET_OK); /* there is nobody to tell */
	ends_close(&e);
}
END_TEST

START_TEST(nothing_goes_before_the_handshake)
{
	char got[16];
	struct ends e = ends_open(&t);

	ck_assert_int_eq(tls_read(e.server, got, sizeof got), CRUET_EIO);
	ck_assert_int_eq(tls_write(e.server, "hello", 5), CRUET_EIO);
	ck_assert_int_eq(tls_sendfile(e.server, 0, 0, 5), CRUET_EIO);
	ck_assert_int_eq(tls_shutdown(e.server), CRUET_OK);
	ck_assert(!tls_pending(e.server) && !tls_can_sendfile(e.server));
	ck_assert_str_eq(tls_fault_text(e.server), "nothing is wrong");
	ends_close(&e);
}
END_TEST

/* --- what is no TLS --------------------------------------------------------------- */

static struct ends hears(const void *bytes, size_t n)
{
	struct ends e = ends_open(&t);

	ck_assert_int_eq(write(e.fd[1], bytes, n), (int)n);
	for (int i = 0;
	     i < 10 && (e.server_says = tls_handshake(e.server)) == CRUET_EAGAIN; i++)
		ck_assert_int_eq(tls_wants(e.server), TLS_WANTS_READ);
	return e;
}

static void is_fault(const void *bytes, size_t n, enum tls_fault fault)
{
	struct ends e = hears(bytes, n);

	ck_assert_int_eq(e.server_says, CRUET_EIO);
	ck_assert_int_eq(tls_fault(e.server), fault);
	ck_assert_int_eq(tls_handshake(e.server), CRUET_EIO); /* and so it stays */
	ck_assert_int_eq(tls_fault(e.server), fault);
	ends_close(&e);
}

#define IS_FAULT(text, fault) is_fault(text, sizeof(text) - 1, fault)

START_TEST(what_is_no_tls_is_refused)
{
	IS_FAULT("GET / HTTP/1.1\r\nHost: x\r\n\r\n", TLS_FAULT_HTTP);
	IS_FAULT("P", TLS_FAULT_HTTP);
	IS_FAULT("\0", TLS_FAULT_GARBAGE);
	IS_FAULT("\xff\xfe\xfd", TLS_FAULT_GARBAGE);
	IS_FAULT("\x80\x2e\x01\x03\x01", TLS_FAULT_GARBAGE); /* SSL 2 */
	IS_FAULT("SSH-2.0-x\r\n", TLS_FAULT_HTTP);
	IS_FAULT("\x16\x03\x01\x00\x05hello", TLS_FAULT_GARBAGE);
	IS_FAULT("\x16\x05\x01\x00\x05hello", TLS_FAULT_GARBAGE);
	IS_FAULT("\x16\x03\x01\xff\xffhello", TLS_FAULT_GARBAGE);
	IS_FAULT("\x16\x03\x01\x00\x04\x01\xff\xff\xff", TLS_FAULT_GARBAGE);
	IS_FAULT("\x16\x03\x01\x00\x04\x02\x00\x00\x00", TLS_FAULT_GARBAGE);
}
END_TEST

/* The hello of a client, and all that can be made of it by changing one byte. */
START_TEST(a_hello_with_any_byte_changed_ends_somehow)
{
	struct ends e = ends_open(&t);
	unsigned char hello[1024];

	SSL_do_handshake(e.client);
	ssize_t n = read(e.fd[0], hello, sizeof hello);
	ck_assert_int_gt(n, 100);
	ERR_clear_error();
	ends_close(&e);
	for (ssize_t i = 0; i < n; i++) {
		hello[i] ^= 0xff;
		e = hears(hello, (size_t)n);
		ck_assert(e.server_says == CRUET_EIO || e.server_says == CRUET_EAGAIN);
		ck_assert((e.server_says == CRUET_EIO) == (tls_fault(e.server) != 0));
		ck_assert_uint_eq(ERR_peek_error(), 0);
		ends_close(&e);
		hello[i] ^= 0xff;
	}
}
END_TEST

START_TEST(half_a_handshake_that_ends_is_closed)
{
	unsigned char hello[1024];
	struct ends e = ends_open(&t);

	SSL_do_handshake(e.client);
	ssize_t n = read(e.fd[0], hello, sizeof hello);
	ERR_clear_error();
	ends_close(&e);
	for (ssize_t i = 0; i <= n; i++) {
		e = hears(hello, (size_t)i);
		ck_assert_int_eq(e.server_says, CRUET_EAGAIN);
		shutdown(e.fd[1], SHUT_WR);
		ck_assert_int_eq(tls_handshake(e.server), CRUET_EIO);
		ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_CLOSED);
		ck_assert_str_eq(tls_fault_text(e.server),
				 "the client has closed the connection");
		ends_close(&e);
	}
}
END_TEST

/* --- memory ----------------------------------------------------------------------- */

static size_t taken(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

enum { MANY = 100 };

/* Bytes of memory that each of many connections in that state takes. */
static size_t cost(struct ends (*open)(void))
{
	static struct ends all[MANY];
	size_t before = taken();

	for (int i = 0; i < MANY; i++) {
		all[i] = open();
		SSL_free(all[i].client);
		all[i].client = NULL;
	}
	size_t each = (taken() - before) / MANY;
	for (int i = 0; i < MANY; i++)
		ends_close(&all[i]);
	return each;
}

static struct ends silent(void)
{
	struct ends e = ends_open(&t);

	ck_assert_int_eq(tls_handshake(e.server), CRUET_EAGAIN);
	return e;
}

static struct ends half(void)
{
	return hears("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9);
}

/* As long as a record may be, of a message that is as long as one may be. */
static struct ends huge(void)
{
	static const char head[] = "\x16\x03\x01\x40\x00\x01\x02\x00\x00";
	static char bytes[16384 + 4] = {0};

	memcpy(bytes, head, sizeof head - 1);
	struct ends e = hears(bytes, sizeof bytes);
	ck_assert_int_eq(e.server_says, CRUET_EAGAIN);
	ck_assert_int_eq(write(e.fd[1], "\0", 1), 1);
	ck_assert_int_eq(tls_handshake(e.server), CRUET_EAGAIN);
	return e;
}

static struct ends idle(void)
{
	struct ends e = ends_meet(&t, NULL);
	char got[16];

	ends_down(&e, "hello");
	ends_up(&e, "hello");
	ck_assert_int_eq(tls_read(e.server, got, sizeof got), CRUET_EAGAIN);
	return e;
}

START_TEST(connections_are_small)
{
	if (!taken())
		return; /* an allocator that does not count: a sanitizer's, or valgrind's
			 */
	cost(idle);	/* what OpenSSL keeps for all */
	size_t silents = cost(silent), halves = cost(half), idles = cost(idle),
	       huges = cost(huge);
	ck_assert_msg(silents < 200, "silent: %zu", silents);
	ck_assert_msg(huges < 300 * 1024, "huge: %zu", huges);
	ck_assert_msg(halves < 200, "half: %zu", halves);
	ck_assert_msg(idles < 20 * 1024, "idle: %zu", idles);
}
END_TEST

SUITE_WITH("tls_bytes", setup, teardown, a_full_socket_is_waited_for,
	   nothing_is_written_as_nothing, what_comes_is_read_in_pieces,
	   every_byte_may_come_alone, a_client_that_ends_is_still_answered,
	   shutdown_tells_the_client, shutdown_waits_for_room,
	   a_client_that_is_gone_is_a_failure, nothing_goes_before_the_handshake,
	   what_is_no_tls_is_refused, a_hello_with_any_byte_changed_ends_somehow,
	   half_a_handshake_that_ends_is_closed, connections_are_small)
