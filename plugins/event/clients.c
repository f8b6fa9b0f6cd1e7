/* A table with a lock for each of its parts: only those who come and go at the same
 * moment, and fall into the same part, wait for each other. */
#include "clients.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { PARTS = 32 };

struct entry {
	struct entry *next;
	uint64_t client;
	unsigned n;
};

struct part {
	_Alignas(64) pthread_mutex_t lock; /* guards what follows */
	struct entry **slots;
};

struct clients {
	unsigned most;
	size_t mask; /* of a part's slots */
	uint64_t
		seed; /* who knows it not cannot choose addresses that meet in one slot */
	struct part parts[PARTS];
};

struct clients *clients_new(unsigned most, unsigned connections)
{
	struct clients *c = aligned_alloc(_Alignof(struct clients), sizeof *c);
	size_t slots = 1;

	if (!c)
		return NULL;
	*c = (struct clients){.most = most};
	while (slots * PARTS < connections)
		slots *= 2;
	c->mask = slots - 1;
	bool ok = getrandom(&c->seed, sizeof c->seed, 0) == sizeof c->seed;
	for (unsigned i = 0; i < PARTS; i++) {
		pthread_mutex_init(&c->parts[i].lock, NULL);
		c->parts[i].slots = calloc(slots, sizeof *c->parts[i].slots);
		ok = ok && c->parts[i].slots;
	}
	if (ok)
		return c;
	clients_free(c);
	return NULL;
}

static void free_chain(struct entry *e)
{
	while (e) {
		struct entry *next = e->next;
		free(e);
		e = next;
	}
}

void clients_free(struct clients *c)
{
	for (unsigned i = 0; c && i < PARTS; i++) {
		struct part *p = &c->parts[i];
		for (size_t k = 0; p->slots && k <= c->mask; k++)
			free_chain(p->slots[k]);
		free(p->slots);
		pthread_mutex_destroy(&p->lock);
	}
	free(c);
}

/* --- who it is ----------------------------------------------------------------- */

/* Multicast addresses, which nobody comes from, stand for those of IPv4. */
static uint64_t client_of_v4(uint32_t addr)
{
	return UINT64_C(0xffffffff) << 32 | ntohl(addr);
}

uint64_t client_of(const struct sockaddr_storage *at)
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)at)->sin6_addr;
	uint32_t four;
	uint64_t prefix;

	if (at->ss_family == AF_INET)
		return client_of_v4(((const struct sockaddr_in *)at)->sin_addr.s_addr);
	if (at->ss_family != AF_INET6)
		return 0;
	if (IN6_IS_ADDR_V4MAPPED(six)) {
		memcpy(&four, &six->s6_addr[12], sizeof four);
		return client_of_v4(four);
	}
	memcpy(&prefix, six->s6_addr, sizeof prefix);
	return prefix ? prefix : 1; /* the loopback counts too */
}

/* --- counting ------------------------------------------------------------------ */

/* The finisher of SplitMix64: each bit of the input changes each of the output. */
static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

/* The place of a client's entry, or where a new one goes; the part is locked. */
static struct entry **find(struct clients *c, uint64_t client, struct part **part)
{
	uint64_t h = mix(client ^ c->seed);
	struct part *p = *part = &c->parts[h % PARTS];

	pthread_mutex_lock(&p->lock);
	struct entry **at = &p->slots[h / PARTS & c->mask];
	while (*at && (*at)->client != client)
		at = &(*at)->next;
	return at;
}

bool clients_enter(struct clients *c, uint64_t client)
{
	struct part *p;

	if (!client)
		return true;
	struct entry **at = find(c, client, &p);
	if (!*at && (*at = calloc(1, sizeof **at)))
		(*at)->client = client;
	bool ok = *at && (*at)->n < c->most;
	if (ok)
		(*at)->n++;
	pthread_mutex_unlock(&p->lock);
	return ok;
}

void clients_leave(struct clients *c, uint64_t client)
{
	struct part *p;

	if (!client)
		return;
	struct entry **at = find(c, client, &p), *e = *at;
	if (!--e->n) {
		*at = e->next;
		free(e);
	}
	pthread_mutex_unlock(&p->lock);
}
