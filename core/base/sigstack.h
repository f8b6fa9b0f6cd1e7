/* A stack of its own for the signals of a thread: one that has used up the usual stack
 * can say so, and no more. */
#ifndef BASE_SIGSTACK_H
#define BASE_SIGSTACK_H

/* From now on threads are given one, or no more; those that have one keep it. */
void sigstack_want(int yes);
/* Gives this thread one, if that is wanted and it has none; it goes with the thread. Where
 * memory runs out there is none. */
void sigstack_give(void);

#endif
