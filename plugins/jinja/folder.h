/* Templates in a folder. */
#ifndef JINJA_FOLDER_H
#define JINJA_FOLDER_H

#include "engine.h"

struct folder {
	const char *path;
	int fd; /* -1: it is not there */
};

/* 0, or what errno says. */
int folder_open(struct folder *f, const char *path);
void folder_close(struct folder *f);
/* For engine_add_loader(), with the folder as its argument. */
int folder_load(cruet_ctx *c, void *arg, const char *name, char **text, size_t *len,
		struct template_stamp *stamp);
bool folder_fresh(void *arg, const char *name, const struct template_stamp *stamp);

/* Calls fn for each file in it and in the folders below, by name and in order, until it gives
 * something but 0, and gives that; negative: out of memory, or a folder cannot be read. */
int folder_walk(const struct folder *f, int (*fn)(void *arg, const char *name), void *arg);

#endif
