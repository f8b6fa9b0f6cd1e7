/* What a running server can be asked for, through its control socket. A command is one
 * entry of the table in control_commands.c and one function.
 *
 * Where workers serve, the parent passes a command on to each of them and puts their
 * answers together: the same function runs in every worker, and never in the parent. */
#ifndef SERVER_CONTROL_COMMANDS_H
#define SERVER_CONTROL_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cruet/svc/transport.h"

struct buf;
struct errands;

enum {
	CONTROL_LINE = 16384,  /* bytes of a command */
	CONTROL_ANSWER = 65536 /* bytes of the answer of one process */
};

/* What serves, as commands see it. The same for as long as any runs. */
struct served {
	cruet_app *root;
	const char *transport; /* its name */
	const cruet_transport *vt;
	void *server;		 /* of vt; NULL in the parent of workers */
	struct errands *errands; /* of that parent; NULL: this process serves */
	int channel;		 /* of a worker, to that parent; -1 */
	int64_t since_ms;	 /* when it began, by clock_ms() */
};

struct control_call {
	const struct served *served;
	const cruet_json *args; /* the command as it came: an object */
	cruet_json *answer;	/* an object, to be added to with cruet_put_...() */
	char *why;		/* of control_fail() */
};

struct control_command {
	const char *name;
	const char *const
		*takes; /* members that it may have; ends with NULL; NULL: none */
	/* On a thread of its own, beside other commands; may take its time. CRUET_OK, or
	 * what control_fail() gives. */
	int (*run)(struct control_call *call);
	/* In the parent: adds to the answer what the workers' answers, a list of objects,
	 * say together. NULL: there is nothing to add. */
	void (*join)(struct control_call *call, const cruet_json *workers);
	int64_t ms; /* that workers may take; 0: as long as a change does */
	bool starting; /* workers that are starting have to do it as well */
};

/* The sentence with which a command fails; returns CRUET_EINVAL. */
int control_fail(struct control_call *call, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Runs the command in line, or passes it on, and appends the answer: one line of JSON
 * with "ok" in front, true, or false with a sentence in "error". [any thread] */
void control_answer(const struct served *s, const char *line, size_t len,
		    struct buf *out);
/* Appends an answer that is but that sentence. */
void control_refuse(struct buf *out, const char *why);

#endif
