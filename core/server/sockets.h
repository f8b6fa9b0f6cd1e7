/* What the kernel knows of this process's TCP sockets. civetweb does not hand its
 * sockets out, so they are found by their addresses: not a matter of the common
 * way of a request, only of what takes long. IPv4. */
#ifndef SERVER_SOCKETS_H
#define SERVER_SOCKETS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The connection whose client is peer and whose local port is port; -1: there is
 * none. near is looked at first: where it was last time, or -1. The caller knows
 * that the connection stays open meanwhile. */
int socket_of_client(const struct sockaddr_in *peer, uint16_t port, int near);

/* The socket that listens at this address; -1: none. */
int socket_listening(const struct sockaddr_in *at);

/* Calls each for every connection to that local address; INADDR_ANY is any. */
void socket_each(const struct sockaddr_in *local, void (*each)(void *arg, int fd), void *arg);

/* Connections that are complete and wait to be accepted. */
unsigned socket_backlog(int listening);
/* Bytes that have come in; those of them that were read; bytes that the other side
 * has acknowledged. 0 if unknown. */
uint64_t socket_received(int fd);
uint64_t socket_taken(int fd);
uint64_t socket_acked(int fd);
/* How long ago bytes last came in; 0 if unknown. */
int64_t socket_quiet_ms(int fd);
/* True if the other side has closed, wholly or for sending, or is lost. */
bool socket_gone(int fd);

/* The end of a connection whose last bytes nobody will read: sends FIN, then takes
 * what still comes, so that no reset overtakes the reply. Gives up after max bytes
 * or ms. */
void socket_linger(int fd, size_t max, int ms);

#endif
