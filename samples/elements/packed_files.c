/* The files of cruet_static() come out of one archive, made by
 *
 *	tar --format=ustar -cf site.tar static
 *
 * so that a site is a program and two files. It is read when the plugin is attached. */
#include <cruet.h>
#include <cruet/svc/static.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 512, NAME = 257 }; /* of POSIX.1, ustar; prefix, '/', name, NUL */

struct config {
	const char *archive;
	uint64_t max;
};

struct entry {
	char name[NAME];
	const unsigned char *p;
	uint64_t len;
	int64_t modified;
};

struct state {
	unsigned char *bytes;
	uint64_t size;
	struct entry *entries; /* by name */
	size_t n;
};

/* --- finding
 * ---------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static int find(void *self, cruet_ctx *c, const char *folder, const char *name,
		cruet_static_file *out)
{
	const struct state *s = self;
	struct entry key;

	(void)c;
	int len = snprintf(key.name, sizeof key.name, "%s/%s", folder, name);
	if (len < 0 || (size_t)len >= sizeof key.name)
		return CRUET_ENOENT;
	const struct entry *e =
		s->n ? bsearch(&key, s->entries, s->n, sizeof *e, compare) : NULL;
	if (!e)
		return CRUET_ENOENT;
	out->p = e->p;
	out->len = e->len;
	out->modified = e->modified;
	return CRUET_OK;
}

static const cruet_static_source source = {.size = sizeof source, .find = find};

/* --- reading
 * ---------------------------------------------------------------------------- */

/* Octal digits up to a NUL, a space or the end of the field. */
static bool number(const unsigned char *p, size_t width, uint64_t *out)
{
	size_t i = 0;

	for (*out = 0; i < width && p[i] >= '0' && p[i] <= '7'; i++)
		*out = *out * 8 + (uint64_t)(p[i] - '0');
	return i && (i == width || p[i] == '\0' || p[i] == ' ');
}

/* The sum of all bytes, with the field of the sum as spaces. */
static bool sum_is_right(const unsigned char *head)
{
	uint64_t want, sum = 0;

	for (int i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : head[i];
	return number(head + 148, 8, &want) && want == sum;
}

static void take_name(struct entry *e, const unsigned char *head)
{
	const char *name = (const char *)head, *prefix = name + 345;
	char *at = e->name;

	if (*prefix)
		at += snprintf(at, NAME, "%.155s/", prefix);
	snprintf(at, NAME - (size_t)(at - e->name), "%.100s", name);
	while (!strncmp(e->name, "./", 2))
		memmove(e->name, e->name + 2, strlen(e->name + 2) + 1);
}

static int add(struct state *s, const struct entry *e)
{
	if (!(s->n & (s->n + 1))) { /* room for 1, 3, 7, ... */
		struct entry *more = realloc(s->entries, (s->n * 2 + 1) * sizeof *more);
		if (!more)
			return CRUET_ENOMEM;
		s->entries = more;
	}
	s->entries[s->n++] = *e;
	return CRUET_OK;
}

/* The entry at an offset; *next is where the one behind it begins. */
static int read_entry(cruet_app *app, struct state *s, uint64_t at, uint64_t *next)
{
	const struct config *cfg = cruet_config(app);
	const unsigned char *head = s->bytes + at;
	struct entry e = {.p = head + BLOCK};
	uint64_t time;

	if (memcmp(head + 257, "ustar", 5) != 0 || !sum_is_right(head) ||
	    !number(head + 124, 12, &e.len) || !number(head + 136, 12, &time))
		return cruet_reject(app,
				    "%s: what stands at byte %llu is no head of ustar",
				    cfg->archive, (unsigned long long)at);
	e.modified = (int64_t)time;
	take_name(&e, head);
	if (e.len > s->size - at - BLOCK)
		return cruet_reject(app, "%s: it is cut off within %s", cfg->archive,
				    e.name);
	*next = at + BLOCK + (e.len + BLOCK - 1) / BLOCK * BLOCK;
	switch (head[156]) {
	case '0':
	case '\0':
		return add(s, &e);
	case '5': /* a folder */
		return CRUET_OK;
	default:
		return cruet_reject(
			app,
			"%s: %s is of type '%c': expected files and folders alone, as "
			"tar --format=ustar makes them",
			cfg->archive, e.name, head[156]);
	}
}

static int read_entries(cruet_app *app, struct state *s)
{
	int err = CRUET_OK;

	for (uint64_t at = 0;
	     !err && at < s->size && s->size - at >= BLOCK && s->bytes[at];)
		err = read_entry(app, s, at, &at);
	if (!err && s->n)
		qsort(s->entries, s->n, sizeof *s->entries, compare);
	return err;
}

static int read_bytes(cruet_app *app, struct state *s, int fd)
{
	const struct config *cfg = cruet_config(app);
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return cruet_reject(app, "%s: expected a file", cfg->archive);
	s->size = (uint64_t)st.st_size;
	if (s->size > cfg->max)
		return cruet_reject(app, "%s has %llu bytes: option max is %llu",
				    cfg->archive, (unsigned long long)s->size,
				    (unsigned long long)cfg->max);
	s->bytes = malloc(s->size + 1);
	if (!s->bytes)
		return CRUET_ENOMEM;
	for (uint64_t got = 0; got < s->size;) {
		ssize_t n = read(fd, s->bytes + got, s->size - got);
		if (n <= 0)
			return cruet_reject(app, "%s: %s", cfg->archive,
					    n ? strerror(errno) : "it became shorter");
		got += (uint64_t)n;
	}
	return CRUET_OK;
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	free(s->entries);
	free(s->bytes);
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);
	int fd = open(cfg->archive, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return cruet_reject(app, "%s: %s", cfg->archive, strerror(errno));
	int err = read_bytes(app, s, fd);
	close(fd);
	if (!err)
		err = read_entries(app, s);
	if (!err)
		err = cruet_provide(app, CRUET_STATIC, &source, s);
	if (err)
		fini(app);
	return err;
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, archive, STR, .flags = CRUET_OPT_REQUIRED,
		     .help = "the path of an archive of tar"),
	CRUET_OPTION(struct config, max, SIZE, .def = "64m",
		     .help = "how large it may be, such as 64m"),
	{.name = NULL}};

CRUET_PLUGIN(packed_files, .version = "1.0.0",
	     .summary = "static files out of one archive", .flags = CRUET_UNLOADABLE,
	     .provides = (const char *const[]){CRUET_STATIC, NULL}, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .init = init, .fini = fini);
