#include "http/multipart.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "cruet/error.h"
#include "http/params.h"

enum {
	BUFFER = 2 * MULTIPART_HEAD_MAX,
	BLANKS_MAX = 256 /* behind a boundary: with more it is none */
};

int multipart_init(struct multipart *m, struct arena *a, const char *boundary,
		   multipart_source *source, void *arg)
{
	size_t n = boundary ? strlen(boundary) : 0;

	*m = (struct multipart){.arena = a, .source = source, .arg = arg};
	if (!n || n > MULTIPART_BOUNDARY_MAX)
		return CRUET_EPARSE;
	memcpy(m->mark, "\n--", 3);
	memcpy(m->mark + 3, boundary, n + 1);
	m->mark_len = n + 3;
	m->buf = arena_alloc(a, BUFFER);
	if (!m->buf)
		return CRUET_ENOMEM;
	m->buf[0] = '\n'; /* so that a mark may stand at the very beginning */
	m->end = 1;
	return CRUET_OK;
}

/* --- the buffer ---------------------------------------------------------------------- */

/* Reads more behind what is there. CRUET_OK also at the end of the body. */
static int fill(struct multipart *m)
{
	if (m->start) {
		memmove(m->buf, m->buf + m->start, m->end - m->start);
		m->end -= m->start;
		m->start = 0;
	}
	if (m->eof || m->end == BUFFER)
		return CRUET_OK;
	ptrdiff_t n = m->source(m->arg, m->buf + m->end, BUFFER - m->end);
	if (n < 0)
		return (int)n;
	m->eof = n == 0;
	m->end += (size_t)n;
	return CRUET_OK;
}

static void skip(struct multipart *m, size_t n)
{
	m->start += n;
	m->clean = m->clean > n ? m->clean - n : 0;
}

enum after { AFTER_UNKNOWN, AFTER_NOTHING, AFTER_PART, AFTER_LAST };

/* What the bytes behind a mark make of it; *len: how many of them belong to it. */
static enum after behind_mark(const char *p, size_t n, bool eof, size_t *len)
{
	size_t i = 0;

	if (n >= 2 && p[0] == '-' && p[1] == '-') {
		*len = 2;
		return AFTER_LAST;
	}
	while (i < n && i < BLANKS_MAX && (p[i] == ' ' || p[i] == '\t'))
		i++;
	if (i < n && p[i] == '\r')
		i++;
	if (i < n && p[i] == '\n') {
		*len = i + 1;
		return AFTER_PART;
	}
	/* A dash may be the first of two; white space may be followed by more. */
	bool open = i == n || (n == 1 && p[0] == '-');
	return open && !eof ? AFTER_UNKNOWN : AFTER_NOTHING;
}

/* Looks for the mark behind the clean bytes. AFTER_NOTHING: there is none in the
 * buffer, and clean says how much surely is none. Else *at is where the data before
 * the mark ends, and *len how many bytes from there the mark has. */
static enum after find_mark(struct multipart *m, size_t *at, size_t *len)
{
	const char *base = m->buf + m->start;
	size_t n = m->end - m->start;

	for (size_t from = m->clean;; from++) {
		const char *p = from < n ? memchr(base + from, '\n', n - from) : NULL;
		if (!p) {
			m->clean = n;
			break;
		}
		from = (size_t)(p - base);
		size_t have = n - from < m->mark_len ? n - from : m->mark_len;
		if (memcmp(p, m->mark, have) != 0)
			continue;
		if (have < m->mark_len && !m->eof) {
			m->clean = from;
			break;
		}
		if (have < m->mark_len)
			continue;
		size_t tail;
		enum after a = behind_mark(p + m->mark_len, n - from - m->mark_len, m->eof, &tail);
		if (a == AFTER_NOTHING)
			continue;
		*at = from && p[-1] == '\r' ? from - 1 : from;
		m->clean = *at;
		if (a == AFTER_UNKNOWN)
			return a;
		*len = from - *at + m->mark_len + tail;
		return a;
	}
	/* A line break at the end may belong to a mark that is still to come. */
	if (m->clean && base[m->clean - 1] == '\r')
		m->clean--;
	return AFTER_NOTHING;
}

/* --- parts ------------------------------------------------------------------------------ */

/* Passes over what is left of the present part, and the mark behind it. */
static int to_next_mark(struct multipart *m)
{
	for (;;) {
		size_t at, len;
		enum after a = find_mark(m, &at, &len);
		if (a == AFTER_PART || a == AFTER_LAST) {
			skip(m, at + len);
			m->over = a == AFTER_LAST;
			return CRUET_OK;
		}
		if (m->eof)
			return CRUET_EPARSE;
		skip(m, m->clean);
		int err = fill(m);
		if (err)
			return err;
	}
}

/* One line of a head without its end; NULL and *err if it is not whole. */
static char *read_line(struct multipart *m, size_t *used, int *err)
{
	for (;;) {
		char *base = m->buf + m->start;
		size_t n = m->end - m->start;
		char *nl = n ? memchr(base, '\n', n) : NULL;
		if (nl) {
			size_t len = (size_t)(nl - base);
			*used += len + 1;
			*err = *used > MULTIPART_HEAD_MAX	? CRUET_ELIMIT
			       : memchr(base, 0, len) ? CRUET_EPARSE
							: CRUET_OK;
			char *line = *err ? NULL : arena_strndup(m->arena, base, len);
			if (!line) {
				*err = *err ? *err : CRUET_ENOMEM;
				return NULL;
			}
			if (len && line[len - 1] == '\r')
				line[len - 1] = '\0';
			skip(m, len + 1);
			return line;
		}
		*err = n > MULTIPART_HEAD_MAX ? CRUET_ELIMIT : m->eof ? CRUET_EPARSE : fill(m);
		if (*err)
			return NULL;
	}
}

/* UTF-8''%C3%BC.txt (RFC 8187); NULL if it is of another kind. */
static char *extended(struct arena *a, const char *s)
{
	const char *first = strchr(s, '\''), *second = first ? strchr(first + 1, '\'') : NULL;
	size_t len;

	if (!second || !text_ieqn(s, "UTF-8'", 6))
		return NULL;
	char *text = percent_decode(a, second + 1, strlen(second + 1), false, &len);
	return text && utf8_valid(text, len) && !memchr(text, 0, len) ? text : NULL;
}

/* Browsers send a quote in a name as %22. */
static void unquote(char *s)
{
	char *to = s;
	while (*s) {
		bool quote = s[0] == '%' && s[1] == '2' && s[2] == '2';
		*to++ = quote ? '"' : *s;
		s += quote ? 3 : 1;
	}
	*to = '\0';
}

/* Names are text, whatever bytes were sent. NULL: out of memory. */
static const char *clean(struct multipart *m, const char *s)
{
	size_t len = strlen(s);
	struct buf b;

	if (utf8_valid(s, len))
		return s;
	buf_init(&b, m->arena, 0);
	utf8_clean(&b, s, len);
	return buf_err(&b) ? NULL : b.p;
}

static int read_disposition(struct multipart *m, const char *value, struct multipart_part *out)
{
	struct param p;
	bool star = false;

	while (params_next(&value, &p)) {
		bool name = p.name_len == 4 && text_ieqn(p.name, "name", 4);
		bool file = p.name_len == 8 && text_ieqn(p.name, "filename", 8) && !star;
		bool ext = p.name_len == 9 && text_ieqn(p.name, "filename*", 9);
		if (!name && !file && !ext)
			continue;
		char *text = params_value(m->arena, &p);
		if (!text)
			return CRUET_ENOMEM;
		if (ext) {
			text = extended(m->arena, text);
			if (!text)
				continue;
			star = true;
		} else {
			unquote(text);
		}
		const char **to = name ? &out->name : &out->filename;
		*to = clean(m, text);
		if (!*to)
			return CRUET_ENOMEM;
	}
	return CRUET_OK;
}

static int read_head(struct multipart *m, struct multipart_part *out)
{
	size_t used = 0;
	int err = CRUET_OK;

	*out = (struct multipart_part){.name = ""};
	for (char *line; !err && (line = read_line(m, &used, &err)) && *line;) {
		char *colon = strchr(line, ':');
		if (!colon)
			return CRUET_EPARSE;
		*colon = '\0';
		const char *value = colon + 1 + strspn(colon + 1, " \t");
		if (text_ieq(line, "Content-Disposition"))
			err = read_disposition(m, value, out);
		else if (text_ieq(line, "Content-Type"))
			err = (out->mime = clean(m, value)) ? CRUET_OK : CRUET_ENOMEM;
	}
	return err;
}

int multipart_next(struct multipart *m, struct multipart_part *out)
{
	if (m->over)
		return CRUET_ENOENT;
	int err = to_next_mark(m);
	if (err)
		return err;
	if (m->over)
		return CRUET_ENOENT;
	err = read_head(m, out);
	/* A mark may follow at once, and the line break before it is then the one that
	 * ended the head: it is put back for the first look. */
	if (!err) {
		m->start--;
		m->clean = 0;
		m->fresh = true;
	}
	return err;
}

/* 1: there are clean bytes; 0: the mark stands here; or an error. */
static int look(struct multipart *m)
{
	for (;;) {
		size_t at, len;
		enum after a = find_mark(m, &at, &len);
		if (m->clean)
			return 1;
		if (a == AFTER_PART || a == AFTER_LAST)
			return 0;
		if (m->eof)
			return CRUET_EPARSE;
		int err = fill(m);
		if (err)
			return err;
	}
}

ptrdiff_t multipart_read(struct multipart *m, void *buf, size_t cap)
{
	int r = look(m);

	if (r > 0 && m->fresh) {
		m->fresh = false;
		skip(m, 1);
		r = look(m);
	}
	if (r <= 0)
		return r;
	size_t n = m->clean < cap ? m->clean : cap;
	memcpy(buf, m->buf + m->start, n);
	skip(m, n);
	return (ptrdiff_t)n;
}
