/* Values of templates as the engine has them: cruet_value, with kinds of its own. They are
 * 16 bytes and copied freely; what they point to lives in the memory of the rendering, in
 * the template, or is borrowed from the caller. */
#ifndef JINJA_VALUE_H
#define JINJA_VALUE_H

#include <cruet/error.h>
#include <cruet/template.h>

#include "mem.h"

struct render;
struct args;

typedef cruet_value val;

enum {
	V_UNDEF = CRUET_VALUE_UNDEFINED, /* as.p: struct undef, or NULL */
	V_NONE = CRUET_VALUE_NONE,
	V_BOOL = CRUET_VALUE_BOOL,
	V_INT = CRUET_VALUE_INT,
	V_REAL = CRUET_VALUE_REAL,
	V_TEXT = CRUET_VALUE_TEXT,
	V_TIME = CRUET_VALUE_TIME,
	V_JSON = CRUET_VALUE_JSON,
	V_HOST = CRUET_VALUE_HOST,
	V_LIST = 16,  /* struct list */
	V_TUPLE = 17, /* struct list */
	V_ITER = 18,  /* struct list: read once from its beginning */
	V_DICT = 19,  /* struct dict */
	V_RANGE = 20, /* struct range */
	V_OBJECT = 21, /* struct object */
	V_MISSING = 22 /* no value at all: an argument that was not given */
};

/* Why a value is undefined. */
struct undef {
	const char *name; /* of the variable or member */
	size_t len;
	const char *of;	  /* "dict object", or NULL */
	const char *hint; /* all there is to say, or NULL */
	bool harmless;	  /* never fails, however strict the engine is */
};

struct list {
	val *v;
	size_t n, cap;
	size_t at;	   /* V_ITER: how many were read */
	bool group;	   /* a tuple of groupby: has .grouper and .list */
};

struct pair {
	val key, value;
};

struct dict {
	struct pair *v; /* in order of insertion */
	size_t n, cap;
	uint32_t *index; /* places + 1 by hash, open addressing; NULL while it is small */
	size_t nindex;
};

struct range {
	int64_t start, stop, step;
};

/* What the language itself gives: loop, macros, namespaces, methods, ... */
struct object_type {
	const char *name; /* as Python's type */
	/* V_MISSING where there is no such member */
	val (*get)(struct render *r, void *self, const char *name, size_t len);
	val (*call)(struct render *r, void *self, struct args *a);
	void (*text)(struct render *r, void *self, struct out *o); /* may be NULL */
};

struct object {
	const struct object_type *type;
};

static inline val val_undef(const struct undef *u)
{
	val v = {V_UNDEF, 0, 0, {0}};
	v.as.p = u;
	return v;
}
static inline val val_missing(void)
{
	val v = {V_MISSING, 0, 0, {0}};
	return v;
}
static inline val val_none(void) { return cruet_value_none(); }
static inline val val_bool(bool b) { return cruet_value_bool(b); }
static inline val val_int(int64_t i) { return cruet_value_int(i); }
static inline val val_real(double r) { return cruet_value_real(r); }
static inline val val_text(const char *s, size_t len)
{
	return cruet_value_bytes(s, (uint32_t)len);
}
static inline val val_safe(const char *s, size_t len, bool safe)
{
	val v = val_text(s, len);
	v.flags = safe ? CRUET_VALUE_SAFE : 0;
	return v;
}
/* NULL, which is what was to be had when the rendering has failed, is none: no value points
 * nowhere. */
static inline val val_ptr(int kind, const void *p)
{
	val v = {(uint16_t)(p ? kind : V_NONE), 0, 0, {0}};
	v.as.p = p;
	return v;
}
static inline val val_object(const struct object *o) { return val_ptr(V_OBJECT, o); }

static inline bool is_missing(val v) { return v.kind == V_MISSING; }
static inline bool is_undef(val v) { return v.kind == V_UNDEF; }
static inline bool is_text(val v) { return v.kind == V_TEXT; }
static inline bool is_safe(val v) { return v.flags & CRUET_VALUE_SAFE; }
static inline bool is_number(val v) { return v.kind >= V_BOOL && v.kind <= V_REAL; }
static inline bool is_whole(val v) { return v.kind == V_BOOL || v.kind == V_INT; }
static inline double real_of(val v) { return v.kind == V_REAL ? v.as.r : (double)v.as.i; }
static inline struct list *list_of(val v) { return (struct list *)v.as.p; }
static inline struct dict *dict_of(val v) { return (struct dict *)v.as.p; }
static inline bool is_sequence(val v) { return v.kind == V_LIST || v.kind == V_TUPLE; }
bool is_json_array(val v);
bool is_json_object(val v);
static inline bool is_mapping(val v) { return v.kind == V_DICT || is_json_object(v); }

/* What Python calls it: "int", "str". */
const char *val_type(val v);
bool val_is(val v, const struct object_type *type);

/* A node of a tree as a value. */
val val_of_json(const cruet_json *j);
const cruet_json *json_member(const cruet_json *j, const char *name, size_t len);

/* --- lists and dictionaries; false: out of memory, and the rendering fails ------------ */

struct list *list_new(struct render *r, size_t room);
bool list_push(struct render *r, struct list *l, val v);
struct dict *dict_new(struct render *r);
bool dict_put(struct render *r, struct dict *d, val key, val v);
bool dict_put_name(struct render *r, struct dict *d, const char *name, val v);
/* V_MISSING: there is none. A key that cannot be one fails. */
val dict_get(struct render *r, const struct dict *d, val key);
val dict_get_name(const struct dict *d, const char *name, size_t len);
val dict_take(struct render *r, struct dict *d, val key);
/* Fails for lists and dictionaries. */
bool val_hash(struct render *r, val v, uint64_t *hash);

/* --- asking ----------------------------------------------------------------------------- */

bool val_truth(struct render *r, val v);
bool val_equal(struct render *r, val a, val b);
/* a < b (or a <= b), for those that have an order. Others fail with the sign in the message: one
 * that begins with > says that b > a (or b >= a) was asked. */
bool val_less(struct render *r, val a, val b, bool or_equal, const char *sign);
bool val_same(val a, val b); /* is */
bool val_in(struct render *r, val needle, val all);
/* -1 where it has none. */
int64_t val_len(struct render *r, val v);

/* --- as text ------------------------------------------------------------------------------ */

void val_print(struct render *r, struct out *o, val v);	 /* str() */
void val_repr(struct render *r, struct out *o, val v);	 /* repr() */
void val_escape(struct render *r, struct out *o, val v); /* escape(): safe texts as they are */
void real_print(struct out *o, double d);
/* A text value with what str() gives; itself if it is a text already. */
val val_str(struct render *r, val v);
val val_escaped(struct render *r, val v);

#endif
