/* Addresses to listen on: how they are written, and what stands in the way of them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cruet/error.h>
#include "listen.h"
#include "suite.h"

static void reads_as(const char *text, const char *want)
{
	struct address a;
	char got[ADDRESS_TEXT], *why = NULL;

	ck_assert_msg(address_parse(text, &a, &why) == CRUET_OK, "%s", why ? why : text);
	address_text(&a, got);
	ck_assert_str_eq(got, want);
}

static void is_none(const char *text, const char *want)
{
	struct address a;
	char *why = NULL;

	ck_assert_msg(address_parse(text, &a, &why) == CRUET_EINVAL, "%s", text);
	ck_assert_str_eq(why, want);
	free(why);
}

START_TEST(how_they_are_written)
{
	reads_as("127.0.0.1:8000", "127.0.0.1:8000");
	reads_as("0.0.0.0:80", "0.0.0.0:80");
	reads_as(":8000", "127.0.0.1:8000");
	reads_as("8000", "127.0.0.1:8000");
	reads_as("0", "127.0.0.1:0");
	reads_as("*:65535", "0.0.0.0:65535");
	reads_as("localhost:80", "127.0.0.1:80");
	reads_as("LocalHost:80", "127.0.0.1:80");
	reads_as("[::1]:8000", "[::1]:8000");
	reads_as("[::]:8000", "[::]:8000");
	reads_as("[2001:DB8:0::1]:1", "[2001:db8::1]:1");
	reads_as("http://127.0.0.1:8000", "127.0.0.1:8000");
	reads_as("http://[::1]:8000", "[::1]:8000");
	reads_as("unix:/run/site.sock", "unix:/run/site.sock");
	reads_as("unix:a:b", "unix:a:b");
}
END_TEST

START_TEST(what_is_none_is_told_by_name)
{
#define EXPECTED                                                        \
	": expected an address and a port, such as 127.0.0.1:8000, or " \
	"unix:/run/site.sock"
	char text[600], want[800];

	is_none("", "cannot listen on " EXPECTED);
	is_none("localhost", "cannot listen on localhost" EXPECTED);
	is_none("127.0.0.1", "cannot listen on 127.0.0.1" EXPECTED);
	is_none("127.0.0.1:", "cannot listen on 127.0.0.1:" EXPECTED);
	is_none("127.0.0.1:65536", "cannot listen on 127.0.0.1:65536" EXPECTED);
	is_none("127.0.0.1:-1", "cannot listen on 127.0.0.1:-1" EXPECTED);
	is_none("127.0.0.1: 80", "cannot listen on 127.0.0.1: 80" EXPECTED);
	is_none("127.0.0.1:80x", "cannot listen on 127.0.0.1:80x" EXPECTED);
	is_none("127.0.0.1:000080", "cannot listen on 127.0.0.1:000080" EXPECTED);
	is_none("http://127.0.0.1:80/", "cannot listen on http://127.0.0.1:80/" EXPECTED);
	is_none("::1:80",
		"cannot listen on ::1:80: an IPv6 address stands in brackets: [::1]:80");
	is_none("[::1", "cannot listen on [::1" EXPECTED);
	is_none("[::g]:80", "cannot listen on [::g]:80: '::g' is no IPv6 address");
	is_none("[127.0.0.1]:80",
		"cannot listen on [127.0.0.1]:80: '127.0.0.1' is no IPv6 address");
	is_none("unix:",
		"cannot listen on unix:: expected a path, such as unix:/run/site.sock");
	memset(text, 'a', sizeof text);
	memcpy(text, "unix:/", 6);
	text[5 + 108] = '\0';
	snprintf(want, sizeof want,
		 "cannot listen on %s: the path of a socket has at most 107 bytes", text);
	is_none(text, want);
	text[5 + 107] = '\0';
	reads_as(text, text);
}
END_TEST

START_TEST(a_host_of_any_length_is_refused)
{
	char text[600], *why = NULL;
	struct address a;

	memset(text, 'a', sizeof text);
	strcpy(text + 590, ":80");
	ck_assert_int_eq(address_parse(text, &a, &why), CRUET_EINVAL);
	ck_assert_ptr_nonnull(why);
	free(why);
}
END_TEST

/* Tests run in processes of their own: they may go where they like. */
static void in_a_folder(void)
{
	char folder[FOLDER_MAX];

	ck_assert(folder_make(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static int listen_on(struct address *a, const char *text, bool shared, char **why)
{
	ck_assert_int_eq(address_parse(text, a, why), CRUET_OK);
	return address_listen(a, shared, why);
}

START_TEST(a_port_0_becomes_a_real_one)
{
	struct address a;
	char text[ADDRESS_TEXT], *why = NULL;
	int fd = listen_on(&a, "127.0.0.1:0", false, &why);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ne(((struct sockaddr_in *)&a.at)->sin_port, 0);
	address_text(&a, text);

	char want[256];
	struct address again;
	ck_assert_int_eq(listen_on(&again, text, false, &why), -1);
	snprintf(want, sizeof want,
		 "cannot listen on %s: something else listens there already", text);
	ck_assert_str_eq(why, want);
	free(why);
	close(fd);
}
END_TEST

START_TEST(sockets_may_share_a_port)
{
	struct address a;
	char *why = NULL;
	int one = listen_on(&a, "127.0.0.1:0", true, &why);
	int two = address_listen(&a, true, &why);

	ck_assert_int_ge(one, 0);
	ck_assert_int_ge(two, 0);
	close(one);
	close(two);
}
END_TEST

START_TEST(an_address_of_another_machine_is_refused)
{
	struct address a;
	char *why = NULL;

	ck_assert_int_eq(listen_on(&a, "192.0.2.1:8000", false, &why), -1);
	ck_assert_str_eq(
		why, "cannot listen on 192.0.2.1:8000: this machine has no such address");
	free(why);
}
END_TEST

START_TEST(a_socket_that_was_left_behind_is_taken_away_a_living_one_is_not)
{
	struct address a;
	struct stat st;
	char *why = NULL;

	in_a_folder();
	int fd = listen_on(&a, "unix:left.sock", false, &why);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(address_listen(&a, false, &why), -1);
	ck_assert_str_eq(why,
			 "cannot listen on unix:left.sock: something else listens there "
			 "already");
	free(why);
	close(fd);
	ck_assert_int_eq(stat("left.sock", &st), 0);
	fd = address_listen(&a, false, &why);
	ck_assert_int_ge(fd, 0);
	close(fd);
}
END_TEST

START_TEST(a_file_is_never_taken_away)
{
	struct address a;
	struct stat st;
	char *why = NULL;

	in_a_folder();
	FILE *f = fopen("precious", "w");

	fclose(f);
	ck_assert_int_eq(listen_on(&a, "unix:precious", false, &why), -1);
	ck_assert_str_eq(why,
			 "cannot listen on unix:precious: something else listens there "
			 "already");
	free(why);
	ck_assert_int_eq(stat("precious", &st), 0);
	ck_assert_int_eq(listen_on(&a, "unix:no/such/folder", false, &why), -1);
	ck_assert_str_eq(
		why, "cannot listen on unix:no/such/folder: No such file or directory");
	free(why);
}
END_TEST

START_TEST(peers_stand_in_digits)
{
	struct sockaddr_storage at;
	struct sockaddr_in *in = (struct sockaddr_in *)&at;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&at;
	char text[46];

	memset(&at, 0, sizeof at);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(0xC0000201);
	address_peer(&at, text, sizeof text);
	ck_assert_str_eq(text, "192.0.2.1");
	memset(&at, 0, sizeof at);
	in6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "2001:db8::1", &in6->sin6_addr);
	address_peer(&at, text, sizeof text);
	ck_assert_str_eq(text, "2001:db8::1");
	inet_pton(AF_INET6, "::ffff:192.0.2.1", &in6->sin6_addr);
	address_peer(&at, text, sizeof text);
	ck_assert_str_eq(text, "192.0.2.1");
	at.ss_family = AF_UNIX;
	address_peer(&at, text, sizeof text);
	ck_assert_str_eq(text, "unix");
}
END_TEST

SUITE("event_listen", how_they_are_written, what_is_none_is_told_by_name,
      a_host_of_any_length_is_refused, a_port_0_becomes_a_real_one,
      sockets_may_share_a_port, an_address_of_another_machine_is_refused,
      a_socket_that_was_left_behind_is_taken_away_a_living_one_is_not,
      a_file_is_never_taken_away, peers_stand_in_digits)
