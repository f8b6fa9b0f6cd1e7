#include "cli/diagnose.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

struct remark {
	const char *file;
	size_t file_len;
	unsigned line, column;
	const char *says; /* to the end of the line */
	size_t says_len;
};

/* ":12" at p, and behind it another colon; NULL: something else is there. */
static const char *number(const char *p, const char *end, unsigned *out)
{
	unsigned n = 0;
	const char *from = p + 1;

	if (p == end || *p != ':')
		return NULL;
	for (p++; p < end && is_digit(*p) && n < 100000000; p++)
		n = n * 10 + (unsigned)(*p - '0');
	if (p == from || p == end || *p != ':' || !n)
		return NULL;
	*out = n;
	return p;
}

/* "site.c:12:5: error: expected ';'". A file's name may have colons itself. */
static bool read_line(const char *p, const char *end, struct remark *r)
{
	for (const char *at = p; (at = memchr(at, ':', (size_t)(end - at))); at++) {
		const char *next = at > p ? number(at, end, &r->line) : NULL, *more;
		if (!next)
			continue;
		r->file = p;
		r->file_len = (size_t)(at - p);
		r->column = 0;
		more = number(next, end, &r->column);
		r->says = (more ? more : next) + 1;
		while (r->says < end && *r->says == ' ')
			r->says++;
		r->says_len = (size_t)(end - r->says);
		return r->says_len && *p != ' ';
	}
	return false;
}

static bool says(const struct remark *r, const char *word)
{
	return memmem(r->says, r->says_len, word, strlen(word));
}

static bool is_error(const struct remark *r)
{
	return (r->says_len > 7 && !strncmp(r->says, "error: ", 7)) || says(r, "fatal error: ") ||
	       says(r, "undefined reference to ") || says(r, "multiple definition of ");
}

static void add(struct state *s, const struct remark *r, const char *folder, struct arena *a)
{
	size_t skip = r->says_len > 7 && !strncmp(r->says, "error: ", 7) ? 7 : 0;
	const char *file = arena_strndup(a, r->file, r->file_len);
	const char *text = arena_strndup(a, r->says + skip, r->says_len - skip);
	const char *path = file && *file != '/' ? arena_printf(a, "%s/%s", folder, file) : file;
	size_t n = strlen(folder);
	if (file && !strncmp(file, folder, n) && file[n] == '/') /* as linkers write it */
		file += n + 1;

	if (path && text && s->nplaces < STATE_PLACES)
		s->places[s->nplaces++] = (struct state_place){
			.file = file, .path = path, .line = r->line, .column = r->column, .says = text};
}

void diagnose(struct state *s, const char *said, const char *folder, struct arena *a)
{
	size_t before = s->nplaces;
	struct remark r, first = {.file = NULL};

	for (const char *p = said, *end; *p; p = end + (*end == '\n')) {
		end = strchrnul(p, '\n');
		if (!read_line(p, end, &r))
			continue;
		if (is_error(&r))
			add(s, &r, folder, a);
		else if (!first.file)
			first = r;
	}
	if (s->nplaces == before && first.file)
		add(s, &first, folder, a);
}
