/* From C sources to a shared object or a program, with the machine's compiler. */
#ifndef CLI_COMPILE_H
#define CLI_COMPILE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Compiles and links sources (ends with NULL) into the file out, which becomes
 * readable and executable by us alone. Runs CC (cc without it) with CFLAGS, LDFLAGS
 * and LDLIBS from the environment; headers and library are where this cruet was
 * installed, or in CRUET_INCLUDE_DIR and CRUET_LIB_DIR. What the compiler says
 * goes to standard error as it is. CRUET_OK, or an error and *why, a sentence. */
int compile_app(const char *const *sources, const char *out, struct arena *a,
		const char **why);

/* The same for what is built in another way. */
struct compile {
	const char *name;	    /* for messages */
	const char *const *sources; /* or objects; ends with NULL */
	const char *out;
	bool program;	   /* no shared object: a program with main() */
	bool object;	   /* nor that: it is not linked */
	const char *made_of; /* a file that gets the names of all that it is made of, as make reads
			      * them, but for the system's; or NULL */
	const char *include; /* a folder of headers, or NULL */
	const char *flags; /* words for the compiler, or NULL */
	const char *libs;  /* words for the linker, or NULL */
};
int compile_build(const struct compile *b, struct arena *a, const char **why);
/* The command line alone. NULL: it does not fit (compile_too_long), or memory ran out. */
char **compile_line(const struct compile *b, struct arena *a);
extern const char compile_too_long[];
/* The same without files and libraries, for people: the compiler and its flags, in a. NULL: as
 * above. */
const char *compile_how(const struct compile *b, struct arena *a);

/* The folders of headers and library. */
const char *compile_include_dir(void);
const char *compile_lib_dir(void);

#endif
