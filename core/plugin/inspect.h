/* What compiler and linker made of a plugin: the names that it exports, and which fences
 * against mistakes in its code stand. Read from its bytes; nothing is refused for it. */
#ifndef PLUGIN_INSPECT_H
#define PLUGIN_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum relro { RELRO_NONE = 0, RELRO_PARTIAL, RELRO_FULL };

struct inspection {
	const char *const *exports; /* ends with NULL */
	const char *const
		*unique; /* those of them that keep its code in memory for good */
	enum relro
		relro; /* tables of the linker are read-only: full with bind_now alone */
	bool bind_now; /* all is bound before the first call */
	bool exec_stack;	/* makes the stacks of the process executable */
	bool stack_protector;	/* its functions look whether their frames are whole, */
	bool fortify;		/* and calls of libc whether there is room; false may mean
				 * that there is nothing to look at */
	bool text_relocations;	/* its code is written to when it is loaded */
	bool writable_code;	/* a segment can be written and run */
	const char *run_path;	/* where it looks for libraries first, or NULL */
	uint64_t mutable_bytes; /* writable while it runs: variables at file scope, and 16
				 * bytes of the compiler's own */
};

/* CRUET_OK, or an error and *why (NULL: out of memory), a sentence without the file's
 * name. All that is handed out lives in a. */
int inspect(const void *image, size_t len, struct arena *a, struct inspection *out,
	    const char **why);

#endif
