/* A page for who writes an application: what went wrong, where, why, and what to do about
 * it. Whoever knows something adds it; then the page is written in the form that the client
 * wants: HTML, plain text or JSON.
 *
 * Any text may hold anything, also what an attacker sent: each form makes it harmless. Texts
 * are borrowed until the page has been written. All calls take NULL for a page, and do
 * nothing then; where memory runs out, what does not fit is missing. */
#ifndef DEBUG_PAGE_H
#define DEBUG_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;

enum page_form { PAGE_HTML = 0, PAGE_TEXT, PAGE_JSON };

/* A place in a source: a frame of a stack, or what a compiler speaks of. */
struct page_place {
	const char *function; /* NULL: not known */
	const char *file;     /* NULL: not known; what can be read of it is shown */
	unsigned line, column; /* from 1; 0: not known. A column counts bytes */
	const char *says;   /* a message about it ("expected ';'"), or NULL */
	const char *object; /* where no file is known: "shop.so+0x1a3f", or NULL */
	bool foreign;       /* of a library: folded away */
};

struct page_pair {
	struct page_pair *next;
	const char *name, *value;
};

struct page_pairs {
	struct page_pair *first, **last;
};

struct page_spot {
	struct page_spot *next;
	struct page_place at;
	struct page_pairs values; /* arguments and variables */
};

struct page_section {
	struct page_section *next;
	const char *title;
	const char *text; /* lines as they are, or NULL */
	struct page_pairs pairs;
};

struct page {
	struct arena *arena;
	int status;        /* of HTTP */
	const char *title; /* "SIGSEGV in show (shop.c:9)" */
	const char *cause; /* in plain words; NULL: it is not known */
	/* These may be set; NULL at first. */
	const char *signal; /* "SIGSEGV" */
	const char *id;     /* under which more can be found */
	const char *curl;   /* a command that sends the same request once more */
	const char *script; /* trusted: it runs in the HTML form, beside the page's own */
	/* Filled by the calls below. */
	char nonce[33];
	struct page_pairs cures; /* each a value without a name */
	struct page_spot *spots, **last_spot;
	struct page_section *sections, **last_section;
	struct page_section *section; /* the last one */
	struct page_spot *spot;       /* the same */
};

/* NULL: out of memory. */
struct page *page_new(struct arena *a, int status, const char *title, const char *cause);

/* What to do about it: a sentence. */
void page_cure(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The next place, innermost first. */
void page_place(struct page *p, const struct page_place *at);
/* An argument or a variable of the last place. */
void page_value(struct page *p, const char *name, const char *value);
/* A section, and what follows in it: pairs, or lines. One with neither is not shown. */
void page_section(struct page *p, const char *title);
void page_pair(struct page *p, const char *name, const char *value);
void page_text(struct page *p, const char *text);

/* The form for a client with these headers, each of which may be NULL. */
enum page_form page_form(const char *accept, const char *user_agent,
			 const char *requested_with);
/* Its Content-Type. */
const char *page_type(enum page_form form);
/* A Content-Security-Policy for the HTML form, in its arena: nothing runs but the page's own
 * script. NULL: out of memory. */
const char *page_policy(const struct page *p);
void page_write(struct buf *b, const struct page *p, enum page_form form);

#endif
