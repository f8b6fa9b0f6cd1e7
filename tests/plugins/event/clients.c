#include "clients.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/un.h>
#include "suite.h"

static uint64_t of(const char *text)
{
	struct sockaddr_storage at = {0};
	struct sockaddr_in *four = (struct sockaddr_in *)&at;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&at;

	if (strchr(text, ':')) {
		at.ss_family = AF_INET6;
		ck_assert_int_eq(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
	} else {
		at.ss_family = AF_INET;
		ck_assert_int_eq(inet_pton(AF_INET, text, &four->sin_addr), 1);
	}
	return client_of(&at);
}

START_TEST(an_address_of_ipv4_is_one_client)
{
	ck_assert_uint_ne(of("192.0.2.1"), 0);
	ck_assert_uint_ne(of("192.0.2.1"), of("192.0.2.2"));
	ck_assert_uint_ne(of("0.0.0.0"), of("255.255.255.255"));
	ck_assert_uint_eq(of("192.0.2.1"), of("::ffff:192.0.2.1"));
}
END_TEST

START_TEST(sixty_four_bits_of_ipv6_are_one_client)
{
	ck_assert_uint_eq(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
	ck_assert_uint_ne(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
	ck_assert_uint_ne(of("2001:db8:1:2::1"), of("3001:db8:1:2::1"));
	ck_assert_uint_ne(of("::1"), 0);
	ck_assert_uint_ne(of("2001:db8:c000:201::1"), of("192.0.2.1"));
}
END_TEST

START_TEST(a_unix_socket_is_nobody)
{
	struct sockaddr_storage at = {.ss_family = AF_UNIX};
	struct clients *c = clients_new(1, 10);

	ck_assert_uint_eq(client_of(&at), 0);
	for (int i = 0; i < 10; i++)
		ck_assert(clients_enter(c, 0));
	clients_leave(c, 0);
	clients_free(c);
}
END_TEST

START_TEST(each_may_have_as_many_and_no_more)
{
	struct clients *c = clients_new(3, 100);
	uint64_t a = of("192.0.2.1"), b = of("2001:db8::1");

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++)
			ck_assert(clients_enter(c, a));
		ck_assert(!clients_enter(c, a));
		ck_assert(clients_enter(c, b));
		clients_leave(c, a);
		ck_assert(clients_enter(c, a));
		ck_assert(!clients_enter(c, a));
		for (int i = 0; i < 3; i++)
			clients_leave(c, a);
		clients_leave(c, b);
	}
	clients_free(c);
}
END_TEST

/* More clients than the table has places: they share them, and are told apart. */
START_TEST(many_clients_are_told_apart)
{
	enum { MANY = 5000 };
	struct clients *c = clients_new(2, 64);

	for (uint64_t i = 1; i <= MANY; i++) {
		ck_assert(clients_enter(c, i));
		ck_assert(clients_enter(c, i));
	}
	for (uint64_t i = 1; i <= MANY; i++)
		ck_assert(!clients_enter(c, i));
	for (uint64_t i = 1; i <= MANY; i += 2) {
		clients_leave(c, i);
		clients_leave(c, i);
	}
	for (uint64_t i = 1; i <= MANY; i++)
		ck_assert(clients_enter(c, i) == (i % 2 == 1));
	clients_free(c); /* with those that are there */
}
END_TEST

enum { THREADS = 4, ROUNDS = 20000, MOST = 5 };

static void *come_and_go(void *arg)
{
	struct clients *c = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t client = 1 + i % 7;
		unsigned had = 0;
		while (had < 2 && clients_enter(c, client))
			had++;
		while (had--)
			clients_leave(c, client);
	}
	return NULL;
}

START_TEST(threads_leave_it_as_it_was)
{
	struct clients *c = clients_new(MOST, 100);
	pthread_t id[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&id[i], NULL, come_and_go, c), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
	for (uint64_t client = 1; client <= 7; client++) {
		for (int i = 0; i < MOST; i++)
			ck_assert(clients_enter(c, client));
		ck_assert(!clients_enter(c, client));
	}
	clients_free(c);
}
END_TEST

SUITE("event_clients", an_address_of_ipv4_is_one_client,
      sixty_four_bits_of_ipv6_are_one_client, a_unix_socket_is_nobody,
      each_may_have_as_many_and_no_more, many_clients_are_told_apart,
      threads_leave_it_as_it_was)
