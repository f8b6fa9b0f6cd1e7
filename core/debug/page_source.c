/* Lines of a source. Its name comes from debug information or from a compiler, so it may
 * name anything. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "debug/page_priv.h"

enum { SOURCE_MAX = 4 << 20, LINE_MAX_BYTES = 400 };

static int open_source(const char *file, size_t *len)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size <= SOURCE_MAX) {
		*len = (size_t)st.st_size;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* All of it, *len bytes; fewer if it has become shorter. */
static const char *read_source(struct arena *a, const char *file, size_t *len)
{
	size_t cap = 0, n = 0;
	int fd = open_source(file, &cap);
	char *p = fd < 0 ? NULL : arena_alloc(a, cap);

	for (ssize_t got = 1; p && got > 0 && n < cap;) {
		got = read(fd, p + n, cap - n);
		n += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	*len = n;
	return p;
}

static const char *keep_line(struct arena *a, const char *p, size_t len)
{
	if (len && p[len - 1] == '\r')
		len--;
	if (len <= LINE_MAX_BYTES)
		return arena_strndup(a, p, len);
	return arena_printf(a, "%.*s ...", LINE_MAX_BYTES, p);
}

bool excerpt_read(struct excerpt *e, struct arena *a, const char *file, unsigned line)
{
	size_t len;
	const char *at = line ? read_source(a, file, &len) : NULL;
	unsigned last = line + PAGE_AROUND;

	*e = (struct excerpt){.first = line > PAGE_AROUND ? line - PAGE_AROUND : 1};
	if (!at)
		return false;
	for (unsigned number = 1; len && number <= last; number++) {
		const char *nl = memchr(at, '\n', len);
		size_t n = nl ? (size_t)(nl - at) : len;
		if (number >= e->first && !(e->lines[e->n++] = keep_line(a, at, n)))
			return false;
		at += n + (nl != NULL);
		len -= n + (nl != NULL);
	}
	return e->first + e->n > line;
}
