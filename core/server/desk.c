#include "server/desk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW, DESK_READY = 1 };

static struct desk *map(int fd)
{
	void *p = mmap(NULL, sizeof(struct desk), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

struct desk *desk_make(int *fd)
{
	*fd = memfd_create("cruet-desk", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0)
		return NULL;
	struct desk *d = ftruncate(*fd, sizeof(struct desk)) || fcntl(*fd, F_ADD_SEALS, SEALS)
				 ? NULL
				 : map(*fd);
	if (!d) {
		close(*fd);
		*fd = -1;
	}
	return d;
}

/* One that could become shorter would end who reads it. */
struct desk *desk_take(int fd)
{
	struct stat st;
	bool good = !fstat(fd, &st) && st.st_size == sizeof(struct desk) &&
		    (fcntl(fd, F_GET_SEALS) & SEALS) == SEALS;
	struct desk *d = good ? map(fd) : NULL;

	close(fd);
	return d;
}

void desk_close(struct desk *d)
{
	if (d)
		munmap(d, sizeof *d);
}

void desk_facts(const struct desk *d, struct dossier *out)
{
	size_t n = d ? *(const volatile uint32_t *)&d->nfacts : 0;

	*out = (struct dossier){.p = n && n <= DOSSIER_MAX ? malloc(n) : NULL};
	if (!out->p)
		return;
	memcpy(out->p, d->facts, n);
	out->n = out->cap = n;
}

bool desk_fits(size_t head_len, size_t len)
{
	return head_len < DESK_REPLY && len <= DESK_REPLY - head_len;
}

void desk_answer(struct desk *d, const char *head, size_t head_len, const char *body, size_t len)
{
	if (len && desk_fits(head_len, len)) {
		memcpy(d->reply, head, head_len);
		memcpy(d->reply + head_len, body, len);
		d->nhead = (uint32_t)head_len;
		d->nreply = (uint32_t)(head_len + len);
	}
	atomic_store(&d->state, DESK_READY);
	syscall(SYS_futex, &d->state, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool desk_wait(struct desk *d, unsigned ms)
{
	int64_t until = now_ms() + ms;

	for (int64_t left; !atomic_load(&d->state) && (left = until - now_ms()) > 0;) {
		struct timespec t = {left / 1000, left % 1000 * 1000000};
		syscall(SYS_futex, &d->state, FUTEX_WAIT, 0, &t, NULL, 0);
	}
	return atomic_load(&d->state) == DESK_READY && d->nreply && d->nreply <= DESK_REPLY;
}
