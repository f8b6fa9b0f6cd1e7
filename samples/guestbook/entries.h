/* The book itself: entries in the database, newest first, paged by their key, so
 * that page 500 costs no more than page 1. Functions return CRUET_OK or a failure
 * for the handler to return. What they give lives as long as the request. */
#ifndef GUESTBOOK_ENTRIES_H
#define GUESTBOOK_ENTRIES_H

#include <cruet.h>
#include <cruet/validate.h>

struct entry {
	int64_t id;      /* grows; never given twice */
	int64_t written; /* unix time */
	const char *name;
	const char *message;
};

/* A piece of the book. */
struct page {
	const struct entry *entries;
	size_t n;
	int64_t newer; /* there are entries after this key; 0: there are none */
	int64_t older; /* there are entries before this key; 0: there are none */
};

/* What a visitor has to send: name and message, to the API and by the form. */
#define ENTRY_NAME    "required|string|max:80"
#define ENTRY_MESSAGE "required|string|max:2000"
extern const cruet_field_rule entry_rules[];

/* At most limit entries: those just after the key after, or those just before the
 * key before, or (both 0) the newest. */
int entries_page(cruet_ctx *c, int64_t after, int64_t before, int limit,
		 struct page *out);
/* One entry; 404 if there is none. */
int entries_find(cruet_ctx *c, int64_t id, struct entry *out);
/* Writes what was validated with entry_rules into the book. */
int entries_add(cruet_ctx *c, const cruet_valid *v, struct entry *out);
/* 404 if there is none. */
int entries_remove(cruet_ctx *c, int64_t id);

/* When it was written, for programs ("2026-11-24T21:31:50Z") and for people
 * ("24 November 2026, 21:31 UTC"). */
const char *entry_time(cruet_ctx *c, const struct entry *e);
const char *entry_day(cruet_ctx *c, const struct entry *e);

/* What a program sees of it: members of an object. */
void entry_put(cruet_ctx *c, cruet_json *o, const struct entry *e);

/* Rules and the words for their errors. [setup] */
void entries_setup(cruet_app *app);

#endif
