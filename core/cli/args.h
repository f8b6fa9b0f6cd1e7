/* Reading a command line: options anywhere, then what is left. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct flag {
	const char *name;  /* "listen": --listen; NULL ends a list */
	const char *value; /* "ADDR", what follows it; NULL: nothing does */
	const char *help;
	char letter;       /* 'D': also -D; 0: none */
};

struct given {
	const struct flag *flag;
	const char *value;
};

struct args {
	const struct given *given; /* in order */
	size_t ngiven;
	const char **rest; /* what is no option; ends with NULL */
	size_t nrest;
	bool help; /* --help or -h stood among them */
};

/* Understands --name value, --name=value, -N value, -Nvalue, and "--", after
 * which nothing is an option. flags NULL: there are none. CRUET_OK, or
 * CRUET_EINVAL and *why, which names the option and the nearest known one. */
int args_read(struct args *out, const struct flag *flags, int argc, char **argv,
	      struct arena *a, const char **why);

/* The last value of an option ("" for one without a value); NULL: not given. */
const char *args_value(const struct args *args, const char *name);

#endif
