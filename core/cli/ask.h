/* Asking the process that serves a site, by its control socket. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

struct arena;
struct cJSON;
struct site;

/* Sends command, an object of JSON as text, to the server of a configured site and waits
 * for the answer, 60 s at most, or longer where server.drain is. EXIT_DONE and *answer, an object that the caller deletes;
 * or EXIT_FAILED after saying why there is none. Whether the command succeeded is the
 * answer's "ok". */
int ask_server(const struct site *s, const char *command, struct arena *a,
	       struct cJSON **answer);
/* The same where it is no matter that nobody serves: then EXIT_DONE, and *answer is NULL. */
int ask_if_served(const struct site *s, const char *command, struct arena *a,
		  struct cJSON **answer);

/* What became of the command: EXIT_DONE, or EXIT_FAILED after saying the server's "error". */
int ask_outcome(const struct cJSON *answer);

#endif
