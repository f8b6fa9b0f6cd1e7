/* The control socket: whoever may use this server asks it something, one JSON object a
 * line, and has one line for an answer (control_commands.h). That is root and the user
 * the server runs as; anybody else is sent away.
 *
 * Each client, and each command of the parent, has a thread of its own, so a slow one
 * keeps nobody waiting. Their number and times are bounded. */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H

#include <stdbool.h>

#include "server/control_commands.h"
#include "server/control_place.h"

struct handed;
struct control_task;

struct control {
	const struct served *served;
	struct control_place place;
	struct control_task
		*tasks; /* with those that are over, until the next one comes */
};

/* All calls are of one thread, the one that waits for what comes from outside. */

/* Without a socket yet. served may be filled in later, before any command can come. */
void control_init(struct control *c, const struct served *served);
/* Makes the socket that the configuration asks for, or takes over that of the process
 * before. CRUET_OK, or an error recorded as the problem. Where nobody asked for a socket,
 * and the usual place is not to be had, there is a warning and no socket. */
int control_open(struct control *c, struct handed *handed);
/* c->place.fd is readable: takes the client. */
void control_accept(struct control *c);
/* A packet of the parent with a command: the answer goes back through channel. */
void control_obey(struct control *c, int channel, const char *packet, size_t len);
/* Runs a command that nobody waits for: what comes of it, the log says. */
void control_run(struct control *c, const char *line);
/* Takes no more commands, and returns when those that run are answered. gone: the
 * socket's file is removed; else another process has it. */
void control_close(struct control *c, bool gone);

#endif
