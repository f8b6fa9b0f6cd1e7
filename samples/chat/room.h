/* The room: who is here, and what was said last. In the memory of this process: with
 * several workers each has a room of its own. */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include <pthread.h>
#include <stdint.h>

#include <cruet.h>

enum { NAME_MAX_BYTES = 40, TEXT_MAX_BYTES = 2000, HISTORY = 50, PEOPLE_MAX = 500 };

struct person;

struct said {
	char name[NAME_MAX_BYTES + 1];
	char *text;
	int64_t time; /* milliseconds since 1970 */
};

struct room {
	/* Guards what follows; held while something is told to all, so that everybody
	 * sees people and words in one order. */
	pthread_mutex_t lock;
	struct person *people; /* by when they came, last first */
	size_t npeople;
	struct said history[HISTORY]; /* a ring */
	uint64_t nsaid;
};

void room_init(struct room *r);
void room_fini(struct room *r);

/* With the lock held. CRUET_OK; CRUET_EEXIST: somebody of that name is here;
 * CRUET_ELIMIT: it is full; CRUET_ENOMEM. */
int room_enter(struct room *r, const char *name);
void room_leave(struct room *r, const char *name);
/* Takes a copy; CRUET_OK or CRUET_ENOMEM. */
int room_remember(struct room *r, const char *name, const char *text, int64_t time);
/* "here": the names, first come first; "history": what was said, oldest first. */
void room_describe(const struct room *r, cruet_json *out);
/* {"type": "said", "name": …, "text": …, "time": …}, as it stands in the history too. */
void room_put_said(cruet_json *out, const char *name, const char *text, int64_t time);

#endif
