/* A value in the memory of another process, as a person reads it. */
#ifndef TOOLS_VALUE_H
#define TOOLS_VALUE_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct memory {
	pid_t pid;
};

/* False: it cannot be read. */
bool memory_read(const struct memory *m, uint64_t at, void *to, size_t len);

/* Writes the value of that type: 42, "text", {name = NULL, age = 42}. */
void value_print(FILE *out, const struct memory *m, Dwarf_Die *type, uint64_t at);
/* The same of one that lies in a register. */
void value_print_register(FILE *out, const struct memory *m, Dwarf_Die *type, uint64_t bits);

#endif
