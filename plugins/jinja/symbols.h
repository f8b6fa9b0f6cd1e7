/* Which names a frame of a template knows, and where their values come from. What Jinja2
 * does with Python's local variables: each frame (the template, a loop, a macro, ...) has
 * variables of its own; those of all frames of one function lie in one row of slots. */
#ifndef JINJA_SYMBOLS_H
#define JINJA_SYMBOLS_H

#include "node.h"
#include "parse.h"

struct slot_of {
	struct name name;
	unsigned level;
};

/* What gets slots of its own each time that it is called. */
struct function {
	struct function *outer;
	struct slot_of *slots;
	uint32_t n;
};

struct symbol {
	struct name name;
	uint16_t slot;
	uint8_t load; /* enum load */
	bool stored;
	struct place from; /* LOAD_ALIAS */
};

struct symbols {
	struct symbols *parent;
	struct function *function;
	unsigned level;
	struct symbol *v;
	uint32_t n;
};

/* All of them record a failure in p where memory, or the number of slots, runs out. */
void symbols_init(struct symbols *s, struct symbols *parent, struct function *function);
void symbols_store(struct parser *p, struct symbols *s, const struct name *name);
void symbols_param(struct parser *p, struct symbols *s, const struct name *name);
void symbols_load(struct parser *p, struct symbols *s, const struct name *name);
/* Where a name is found from this frame; false if it is unknown to it. */
bool symbols_find(const struct symbols *s, const struct name *name, struct place *out);
bool symbols_stored(const struct symbols *s, const struct name *name);
/* What is to be loaded when the frame is entered. */
void symbols_frame(struct parser *p, const struct symbols *s, bool loop,
		   struct frame_node *out);
/* All that is set in this frame and those around it. */
void symbols_locals(struct parser *p, const struct symbols *s, struct locals_node *out);

/* Learns the names of nodes that stand in the frame itself. (analyze.c) */
void analyze(struct parser *p, struct symbols *s, struct node *first);
void analyze_target(struct parser *p, struct symbols *s, struct node *target);
void symbols_branches(struct parser *p, struct symbols *s, struct symbols *branches, size_t n);
bool symbols_copy(struct parser *p, const struct symbols *s, struct symbols *copy);

#endif
