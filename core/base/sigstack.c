#include "base/sigstack.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

enum { OWN = 49152 }; /* beside what the system puts there: registers */

static atomic_bool wanted;
static pthread_key_t key;
static atomic_bool keyed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A page below it, where nobody may write: whoever needs more than there is ends there. */
static size_t size(size_t *page)
{
	long least = sysconf(_SC_MINSIGSTKSZ);

	*page = (size_t)sysconf(_SC_PAGESIZE);
	size_t n = (size_t)(least > 0 ? least : MINSIGSTKSZ) + OWN;
	return (n + *page - 1) / *page * *page + *page;
}

static void take_back(void *at)
{
	stack_t none = {.ss_flags = SS_DISABLE};
	size_t page;

	sigaltstack(&none, NULL);
	munmap(at, size(&page));
}

static void make_key(void)
{
	atomic_store(&keyed, !pthread_key_create(&key, take_back));
}

void sigstack_want(int yes)
{
	pthread_once(&once, make_key);
	atomic_store(&wanted, yes && atomic_load(&keyed));
}

void sigstack_give(void)
{
	size_t page, n = size(&page);
	stack_t now;

	if (!atomic_load(&wanted) || sigaltstack(NULL, &now) || !(now.ss_flags & SS_DISABLE))
		return;
	char *at = mmap(NULL, n, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (at == MAP_FAILED)
		return;
	stack_t own = {.ss_sp = at + page, .ss_size = n - page};
	if (mprotect(at, page, PROT_NONE) || pthread_setspecific(key, at) ||
	    sigaltstack(&own, NULL)) {
		pthread_setspecific(key, NULL);
		munmap(at, n);
	}
}
