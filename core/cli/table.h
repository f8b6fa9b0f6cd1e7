/* Text in columns: each as wide as its widest cell, two spaces between. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct arena;

enum { TABLE_COLUMNS = 8 };

struct table {
	struct arena *a;
	struct table_row *first, **last;
	size_t columns, rows;
	size_t width[TABLE_COLUMNS];
	bool failed; /* out of memory: a row is missing */
};

/* Rows live in a. */
void table_init(struct table *t, struct arena *a, size_t columns);
/* Adds a row of that many texts, which are copied; NULL is an empty cell. Control
 * bytes are shown as \xNN: what is listed may come from a hostile file. */
void table_row(struct table *t, ...);
/* Writes it, each line after indent, with no space at the end of a line. CRUET_OK,
 * or CRUET_ENOMEM and nothing written if a row is missing. */
int table_print(const struct table *t, const char *indent, FILE *out);
/* Writes it on standard output; json: for programs, a list of objects whose members are named
 * by the first row, in lower case, and null where a cell is empty or "-". The same result. */
int table_show(const struct table *t, bool json);

#endif
