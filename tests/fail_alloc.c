/* The program's own malloc() and its kin come before those of any library. They
 * count, and pass on to the sanitizer's allocator where there is one, else to the
 * C library's. Freeing needs no word of ours.
 *
 * They run before everything else, so they are not instrumented and take no
 * memory: a thread's count lies in its static block. */
#include "fail_alloc.h"

#include <errno.h>
#include <stdlib.h>

#ifdef CRUET_SANITIZED
#define REAL(name) __interceptor_##name
void *__interceptor_malloc(size_t size);
void *__interceptor_calloc(size_t n, size_t size);
void *__interceptor_realloc(void *p, size_t size);
void *__interceptor_aligned_alloc(size_t align, size_t size);
#else
#define REAL(name) __libc_##name
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);
#define __libc_aligned_alloc __libc_memalign
#endif

#define PLAIN __attribute__((no_sanitize("address", "thread", "undefined")))

static __thread struct {
	size_t seen, at;
	bool from, failed;
} count __attribute__((tls_model("initial-exec")));

static PLAIN bool fails(void)
{
	count.seen++;
	if (!count.at || (count.from ? count.seen < count.at : count.seen != count.at))
		return false;
	count.failed = true;
	errno = ENOMEM;
	return true;
}

PLAIN void *malloc(size_t size)
{
	return fails() ? NULL : REAL(malloc)(size);
}

PLAIN void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : REAL(calloc)(n, size);
}

PLAIN void *realloc(void *p, size_t size)
{
	return fails() ? NULL : REAL(realloc)(p, size);
}

PLAIN void *aligned_alloc(size_t align, size_t size)
{
	return fails() ? NULL : REAL(aligned_alloc)(align, size);
}

static void arm(size_t n, bool from)
{
	count.seen = 0;
	count.at = n;
	count.from = from;
	count.failed = false;
}

void fail_alloc_at(size_t n)
{
	arm(n, false);
}

void fail_alloc_from(size_t n)
{
	arm(n, true);
}

bool fail_alloc_off(void)
{
	count.at = 0;
	return count.failed;
}

size_t fail_alloc_count(void)
{
	return count.seen;
}
