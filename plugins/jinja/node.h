/* A template as it is kept: a tree whose names are places already. It never changes once it
 * is compiled, so any number of threads render it at once. */
#ifndef JINJA_NODE_H
#define JINJA_NODE_H

#include "value.h"

struct engine;
struct word;

enum op {
	/* expressions */
	E_CONST,
	E_NAME,
	E_NSREF, /* a target: name.attr */
	E_LIST,
	E_TUPLE,
	E_DICT, /* key, value, key, value, ... */
	E_NEG,
	E_POS,
	E_NOT,
	E_ADD,
	E_SUB,
	E_MUL,
	E_DIV,
	E_FLOORDIV,
	E_MOD,
	E_POW,
	E_AND,
	E_OR,
	E_CONCAT,
	E_COMPARE, /* a, and operands whose aux is their op */
	E_COND,	   /* a: the test, b, c: else, or NULL */
	E_ATTR,
	E_ITEM,	 /* a[b] */
	E_SLICE, /* a[b:c:d] */
	E_CALL,
	E_FILTER, /* a is NULL: what a block holds */
	E_TEST,
	E_SAFE, /* a as HTML where the template escapes */
	/* statements */
	S_DATA,
	S_PRINT,
	S_IF,
	S_FOR,
	S_SET,
	S_SET_BLOCK,
	S_MACRO,
	S_CALL,
	S_FILTER,
	S_WITH,
	S_INCLUDE,
	S_IMPORT,
	S_FROM,
	S_EXTENDS,
	S_BLOCK,
	S_SCOPE, /* of autoescape */
	S_DO,
	S_BREAK,
	S_CONTINUE
};

enum compare { C_EQ, C_NE, C_LT, C_LE, C_GT, C_GE, C_IN, C_NOT_IN };

enum node_flags {
	N_STORE = 1,	/* E_NAME: a target */
	N_PARAM = 2,	/* E_NAME: a target that is a parameter of its frame */
	N_ESCAPE = 4,	/* S_PRINT, E_CONCAT: escapes ... */
	N_ASK = 8,	/* ... or asks the context whether to, at that moment */
	N_CHECK = 16,	/* not if the template extends another */
	N_EXPORT = 32,	/* a target at the top of the template: seen by others */
	N_IGNORE = 64,	/* include: ignore missing */
	N_CONTEXT = 128 /* include, import: with context */
};

struct name {
	const char *s;
	uint32_t len, hash;
};

struct named_node {
	struct name name;
	struct node *value;
};

/* The arguments of a call. */
struct call_node {
	struct node *args; /* siblings */
	struct named_node *named;
	uint32_t n, nnamed;
	struct node *star, *star_star; /* *args, **kwargs; or NULL */
};

/* Which variable: up functions further out, in place slot there. */
struct place {
	uint16_t up, slot;
};

struct node {
	uint8_t op, aux, flags, more; /* more: flags of its own op, see there */
	uint32_t line;
	struct node *next;
	union {
		val value; /* E_CONST, S_DATA */
		struct {
			struct name name, attr; /* attr: E_NSREF, E_ATTR uses a */
			struct place at;
		} var;
		struct {
			struct node *a, *b, *c, *d;
		} kid;
		struct {
			struct node *first;
			uint32_t n;
		} list; /* E_LIST, E_TUPLE, E_DICT, E_CONCAT */
		struct {
			struct node *a;
			struct name name;
		} attr;
		struct {
			struct node *a;
			struct call_node *args;
			const struct word *word;
			struct name name; /* E_FILTER, E_TEST */
		} call;
		struct branch *branch;	     /* S_IF */
		struct for_node *loop;	     /* S_FOR */
		struct set_node *set;	     /* S_SET, S_SET_BLOCK, S_WITH, S_SCOPE, S_FILTER */
		struct macro_node *macro;    /* S_MACRO, S_CALL */
		struct include_node *include; /* S_INCLUDE, S_IMPORT, S_FROM, S_EXTENDS */
		struct block_node *block;    /* S_BLOCK */
	} u;
};

/* What happens to a variable when its frame is entered. */
enum load { LOAD_NOTHING, LOAD_RESOLVE, LOAD_ALIAS, LOAD_MISSING };

struct load_node {
	uint16_t slot;
	uint8_t load, once; /* once: in a loop, before its first round alone */
	struct place from;  /* LOAD_ALIAS */
	struct name name;   /* LOAD_RESOLVE */
};

struct frame_node {
	struct load_node *loads;
	uint32_t n;
};

/* A variable that is known at some place, for those who are included there. */
struct local_node {
	struct name name;
	struct place at;
};

struct locals_node {
	struct local_node *v;
	uint32_t n;
};

struct branch { /* of if, elif, else */
	struct node *test; /* NULL: else */
	struct node *body;
	struct branch *next;
};

struct for_node {
	struct node *target, *iter, *body, *other, *test;
	bool recursive, extended;
	uint16_t slots; /* of a recursive one, which is a function */
	struct place loop;
	struct frame_node frame, test_frame, other_frame;
};

struct set_node {
	struct node *target; /* siblings: S_WITH */
	struct node *value;  /* siblings: S_WITH; S_SCOPE: whether to escape; or the filter */
	struct node *body;
	struct frame_node frame;
};

struct macro_node {
	struct name name;
	struct node *target; /* E_NAME: where it is kept */
	struct node *call;   /* of a call block: E_CALL */
	struct node *args;   /* E_NAME siblings */
	struct node *defaults; /* of the last ones */
	uint32_t nargs, ndefaults;
	bool uses_caller, uses_kwargs, uses_varargs, explicit_caller;
	struct place caller, kwargs, varargs;
	uint16_t slots;
	struct node *body;
	struct frame_node frame;
};

struct import_name {
	struct name name;
	struct node *target;
};

struct include_node {
	struct node *name;
	struct node *target; /* import ... as */
	struct import_name *names;
	uint32_t n;
	struct locals_node locals;
};

struct block_node {
	struct name name;
	const struct template *of;
	struct node *body;
	struct block_node *next; /* of the template */
	bool scoped, required, uses_self, uses_super;
	struct place self, super;
	uint16_t slots;
	struct frame_node frame;
	struct locals_node locals;
	uint32_t line;
};

enum warning_kind { WARN_SCRIPT, WARN_STYLE, WARN_UNQUOTED };

struct warning {
	uint32_t line;
	const char *text;
};

struct template {
	const char *name;
	const char *source;
	size_t len;
	struct engine *engine;
	struct mem mem;
	struct node *body;
	struct block_node *blocks;
	struct frame_node frame;
	uint16_t slots;
	bool escape, uses_self, extends;
	struct place self;
	struct warning *warnings;
	size_t nwarnings;
	_Atomic size_t usual; /* how long its text was */
	_Atomic unsigned users; /* that hold it; only where templates are looked at again */
	struct template_stamp {
		int64_t mtime_s, mtime_ns, size;
		uint64_t inode;
	} stamp;
	bool stale; /* goes with its last user */
};

uint32_t name_hash(const char *s, size_t len);
static inline bool name_is(const struct name *a, const struct name *b)
{
	return a->hash == b->hash && a->len == b->len && !memcmp(a->s, b->s, a->len);
}

#endif
