#include "places.h"

#include <cruet/error.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { NO_PLACE = LISTEN_MAX };

static int no_memory(char **why)
{
	*why = strdup(cruet_strerror(CRUET_ENOMEM));
	return CRUET_ENOMEM;
}

int places_read(struct places *on, const char *const *list, enum speaks speaks, char **why)
{
	static const char prefix[] = "proxy:";
	const size_t n = sizeof prefix - 1;

	for (const char *const *a = list; a && *a; a++) {
		bool proxied = !strncmp(*a, prefix, n);
		if (on->n == LISTEN_MAX) {
			if (asprintf(why, "cannot listen on more than %d addresses", LISTEN_MAX) < 0)
				*why = NULL;
			return CRUET_ELIMIT;
		}
		int err = address_parse(*a + (proxied ? n : 0), &on->at[on->n], why);
		if (err)
			return err;
		on->proxied[on->n] = proxied;
		on->speaks[on->n++] = speaks;
	}
	return CRUET_OK;
}

/* --- sockets that are there ------------------------------------------------------------- */

static bool same_port(in_port_t want, in_port_t is)
{
	return !want || want == is;
}

/* True if is, which listens, is where want asks for. */
static bool fits(const struct address *want, const struct address *is)
{
	const struct sockaddr_in *a = (const struct sockaddr_in *)&want->at;
	const struct sockaddr_in *b = (const struct sockaddr_in *)&is->at;
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)&want->at;
	const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)&is->at;

	if (want->at.ss_family != is->at.ss_family)
		return false;
	if (address_is_unix(want))
		return !strcmp(((const struct sockaddr_un *)&want->at)->sun_path,
			       ((const struct sockaddr_un *)&is->at)->sun_path);
	if (want->at.ss_family == AF_INET6)
		return same_port(a6->sin6_port, b6->sin6_port) &&
		       !memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr);
	return same_port(a->sin_port, b->sin_port) && a->sin_addr.s_addr == b->sin_addr.s_addr;
}

static bool name_of(int fd, struct address *out)
{
	memset(out, 0, sizeof *out);
	out->len = sizeof out->at;
	return !getsockname(fd, (struct sockaddr *)&out->at, &out->len);
}

/* The place of one that listens there. Each place is one address, so a port that was
 * open is the first's that asks for any. */
static unsigned place_of(struct places *on, bool *taken, int fd)
{
	struct address is;

	if (!name_of(fd, &is))
		return NO_PLACE;
	for (unsigned i = 0; i < on->n; i++)
		if (taken[i] && fits(&on->at[i], &is))
			return i;
	for (unsigned i = 0; i < on->n; i++) {
		if (taken[i] || !fits(&on->at[i], &is))
			continue;
		taken[i] = true;
		on->at[i] = is;
		return i;
	}
	return NO_PLACE;
}

static int homeless(int fd, char **why)
{
	struct address is;
	char text[ADDRESS_TEXT] = "of an unknown kind";

	if (name_of(fd, &is))
		address_text(&is, text);
	if (asprintf(why, "a socket was handed over that listens on %s, and no address of "
			  "server.listen is that one: write it there, or do not hand it over",
		     text) < 0)
		*why = NULL;
	return CRUET_EINVAL;
}

int places_match(struct places *on, const int *fds, size_t n, unsigned *of, char **why)
{
	bool taken[LISTEN_MAX] = {false};

	for (size_t i = 0; i < n; i++) {
		of[i] = place_of(on, taken, fds[i]);
		if (of[i] == NO_PLACE)
			return homeless(fds[i], why);
	}
	return CRUET_OK;
}

/* --- sockets that are opened ------------------------------------------------------------ */

struct opened {
	int *fds;
	size_t n;
};

static int open_port(struct address *a, unsigned copies, struct opened *o, char **why)
{
	struct address alone = *a;

	/* A socket that shares its port would share it with another server too. */
	int probe = address_listen(&alone, false, why);
	if (probe < 0)
		return CRUET_EIO;
	close(probe);
	for (unsigned i = 0; i < copies; i++) {
		int fd = address_listen(a, true, why);
		if (fd < 0)
			return CRUET_EIO;
		o->fds[o->n++] = fd;
	}
	return CRUET_OK;
}

static int open_place(struct address *a, unsigned copies, struct opened *o, char **why)
{
	if (!address_is_unix(a))
		return open_port(a, copies, o, why);
	int fd = address_listen(a, false, why);
	if (fd < 0)
		return CRUET_EIO;
	o->fds[o->n++] = fd;
	return CRUET_OK;
}

/* Nobody is to find the path of a Unix socket at which nobody listens. */
static void close_all(struct opened *o)
{
	struct address is;

	while (o->n) {
		int fd = o->fds[--o->n];
		if (name_of(fd, &is) && address_is_unix(&is))
			unlink(((const struct sockaddr_un *)&is.at)->sun_path);
		close(fd);
	}
	free(o->fds);
}

static bool has_socket(size_t place, const unsigned *of, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (of[i] == place)
			return true;
	return false;
}

int places_open(struct places *on, const unsigned *of, size_t n, unsigned copies, int **fds,
		size_t *nfds, char **why)
{
	struct opened o = {.fds = calloc(on->n * copies + 1, sizeof *o.fds)};
	int err = o.fds ? CRUET_OK : no_memory(why);

	for (size_t i = 0; !err && i < on->n; i++)
		if (!has_socket(i, of, n))
			err = open_place(&on->at[i], copies, &o, why);
	if (err) {
		close_all(&o);
		return err;
	}
	*fds = o.fds;
	*nfds = o.n;
	return CRUET_OK;
}
