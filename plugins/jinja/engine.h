/* The engine as its users see it: the plugin, and programs that test it. */
#ifndef JINJA_ENGINE_H
#define JINJA_ENGINE_H

#include <cruet/svc/template.h>
#include <locale.h>
#include <pthread.h>
#include <stdatomic.h>

#include "value.h"

struct template;
struct engine;

/* How a template is written. All of it is borrowed. */
struct syntax {
	const char *block_begin, *block_end;
	const char *print_begin, *print_end;
	const char *comment_begin, *comment_end;
	const char *line_statement, *line_comment; /* NULL: none */
	const char *newline;			   /* "\n" */
	bool trim_blocks, lstrip_blocks, keep_trailing_newline;
};

enum undefined { UNDEFINED_EMPTY, UNDEFINED_CHAINS, UNDEFINED_SHOWN, UNDEFINED_FAILS };
enum escaping { ESCAPE_BY_NAME, ESCAPE_ALWAYS, ESCAPE_NEVER };

struct bounds {
	size_t output;	  /* bytes of a text */
	size_t memory;	  /* bytes of values while it is made */
	uint64_t rounds;  /* of all loops together */
	unsigned depth;	  /* of what calls and includes each other */
	uint64_t time_ms; /* 0: none */
};

struct engine_options {
	struct syntax syntax;
	enum undefined undefined;
	enum escaping escaping;
	struct bounds bounds;
	bool reload; /* a file that has changed is compiled again */
	/* Told of each template that was loaded; NULL: nobody is. */
	void (*loaded)(cruet_ctx *c, const struct template *t);
};

/* Jinja's own. */
void engine_defaults(struct engine_options *o);

/* Gives the text of a template: a copy for free(), or NULL. *stamp may be left as it is. */
struct template_stamp;
typedef int engine_load_fn(cruet_ctx *c, void *arg, const char *name, char **text, size_t *len,
			   struct template_stamp *stamp);
typedef bool engine_fresh_fn(void *arg, const char *name, const struct template_stamp *stamp);

/* NULL: out of memory. Options are copied, but not what they point to. */
struct engine *engine_new(const struct engine_options *o);
void engine_free(struct engine *e);
/* From now on as if the option reload had been given. Before what it gave is rendered. */
void engine_reload(struct engine *e);
/* Loaders are asked in order. fresh may be NULL: what it gave never changes. */
bool engine_add_loader(struct engine *e, engine_load_fn *load, engine_fresh_fn *fresh,
		       void *arg);
bool engine_add_word(struct engine *e, int what, const char *name, cruet_template_fn *fn,
		     void *arg);
bool engine_add_global(struct engine *e, const char *name, val v);

/* What went wrong: enough for a message, and for who shows it. */
struct complaint {
	const char *kind; /* "TypeError", as Jinja2 has it; NULL: nothing is wrong */
	uint32_t line;
	char template[128];
	char what[512];
	char text[256];	 /* the line itself, "" if it is not known */
	char undefined[256]; /* variables that were, and are not named in what: "user, title" */
	char chain[512]; /* "included from b.html:3, a.html:7"; "" if it was not included */
	int code;	 /* what render() is to return: 0 for all that is no failure of others */
};

/* All of it in one text, of one line or several. */
void complaint_print(const struct complaint *why, bool lines, struct out *o);

/* The template of a name, compiled; for it to be told release later. */
const struct template *engine_get(struct engine *e, cruet_ctx *c, const char *name,
				  struct complaint *why);
void engine_release(struct engine *e, const struct template *t);
/* One that no loader knows; freed with template_free(). */
struct template *engine_compile(struct engine *e, const char *name, const char *source,
				size_t len, struct complaint *why);
void template_free(struct template *t);

/* Makes the text; false: *why. out is to be freed in either case. */
bool engine_render(struct engine *e, cruet_ctx *c, const struct template *t,
		   const cruet_template_vars *vars, struct out *out, struct complaint *why);

#endif
