/* As much of C's grammar as tells kinds of lines and names of declarations apart. */
#ifndef CLI_SHELL_PARSE_H
#define CLI_SHELL_PARSE_H

#include <stdbool.h>
#include <stddef.h>

enum line_kind {
	LINE_NOTHING = 0,
	LINE_EXPRESSION, /* its value is shown */
	LINE_STATEMENT,
	LINE_FIXED,	 /* variables whose values the compiler knows */
	LINE_VARIABLES,	 /* variables that get their values when the line runs */
	LINE_FUNCTION,
	LINE_TYPE,	 /* and what is declared to be elsewhere */
	LINE_DIRECTIVE
};

enum { LINE_WAYS = 3 };

/* True if text needs no further line: its brackets and quotes are closed. */
bool line_is_whole(const char *text);
/* Where the first piece of text ends: behind a ";" that something follows, unless it is a
 * statement of several, such as a loop. */
const char *line_piece(const char *text);
/* The kinds of which text may be, the likeliest first; LINE_NOTHING ends them where there are
 * fewer than LINE_WAYS. */
void line_ways(const char *text, enum line_kind ways[LINE_WAYS]);

/* --- declarations --- */

struct declarator {
	const char *p, *end;	     /* with the specifiers, in the first one */
	const char *init, *init_end; /* its initial value; NULL: it has none */
	const char *name;
	size_t len;
};

/* "static int n" as "int n". */
const char *parse_without_storage(const char *p);
/* The next declarator of a declaration, at *p, which moves. False: none is left, or it is
 * none. */
bool parse_declarator(const char **p, const char *end, struct declarator *out);
/* "auto x = f()": the type is that of what it begins with. */
bool parse_has_own_type(const struct declarator *d);
/* Where the head of a function's definition ends, without white space, and its name. */
const char *parse_function(const char *text, const char **name, size_t *len);
/* Behind the white space in front of text. */
const char *parse_begin(const char *text);

#endif
