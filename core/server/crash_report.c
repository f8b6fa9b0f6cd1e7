#include "server/crash_report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/text.h"

enum { NAME_TEXT = 64 };

/* Text that is put together: in full in a buffer, or piece by piece into a file. */
struct out {
	char *p;
	size_t n, cap;
	int fd;  /* -1: none, and what does not fit is left out */
	int err; /* what errno said */
};

static void flush(struct out *o)
{
	for (size_t done = 0; o->fd >= 0 && done < o->n && !o->err;) {
		ssize_t n = write(o->fd, o->p + done, o->n - done);
		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			o->err = errno;
	}
	o->n = 0;
}

static void put_char(struct out *o, char ch)
{
	if (o->n == o->cap && o->fd >= 0)
		flush(o);
	if (o->n < o->cap)
		o->p[o->n++] = ch;
}

static void put(struct out *o, const char *s)
{
	while (*s)
		put_char(o, *s++);
}

static void put_number(struct out *o, uint64_t v, unsigned base, unsigned width)
{
	char digits[24];
	unsigned n = 0;

	do
		digits[n++] = "0123456789abcdef"[v % base];
	while ((v /= base) || n < width);
	while (n)
		put_char(o, digits[--n]);
}

static void put_int(struct out *o, int64_t v)
{
	if (v < 0)
		put_char(o, '-');
	put_number(o, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10, 1);
}

static void put_hex(struct out *o, uint64_t v)
{
	put(o, "0x");
	put_number(o, v, 16, 1);
}

/* between: "-::" as in 2026-01-31T12:00:00, or "" as in 20260131-120000. */
static void put_time(struct out *o, int64_t ms, bool plain)
{
	int64_t seconds = ms / 1000, year;
	unsigned month, day, s = (unsigned)(seconds % 86400);

	date_civil(seconds / 86400, &year, &month, &day);
	put_number(o, (uint64_t)year, 10, 4);
	put(o, plain ? "" : "-");
	put_number(o, month, 10, 2);
	put(o, plain ? "" : "-");
	put_number(o, day, 10, 2);
	put(o, plain ? "-" : "T");
	put_number(o, s / 3600, 10, 2);
	put(o, plain ? "" : ":");
	put_number(o, s / 60 % 60, 10, 2);
	put(o, plain ? "" : ":");
	put_number(o, s % 60, 10, 2);
}

/* --- JSON ------------------------------------------------------------------------------- */

/* Text that is no UTF-8 is shown byte for byte. */
static void put_text(struct out *o, const char *s)
{
	bool utf8 = utf8_valid(s, strlen(s));

	put_char(o, '"');
	for (; *s; s++) {
		unsigned char ch = (unsigned char)*s;
		if (ch == '"' || ch == '\\') {
			put_char(o, '\\');
			put_char(o, *s);
		} else if (ch < 0x20 || ch == 0x7f || (ch > 0x7f && !utf8)) {
			put(o, "\\u");
			put_number(o, ch, 16, 4);
		} else {
			put_char(o, *s);
		}
	}
	put_char(o, '"');
}

static void put_name(struct out *o, const char *name)
{
	put(o, ",\n  ");
	put_text(o, name);
	put(o, ": ");
}

static void put_member(struct out *o, const char *name, const char *text)
{
	put_name(o, name);
	if (*text)
		put_text(o, text);
	else
		put(o, "null");
}

static void put_request(struct out *o, const struct crash_record *r)
{
	put_name(o, "request");
	if (!*r->method) {
		put(o, "null");
	} else {
		char line[sizeof r->method + sizeof r->target + 1];
		struct out l = {.p = line, .cap = sizeof line - 1, .fd = -1};
		put(&l, r->method);
		put(&l, " ");
		put(&l, r->target);
		line[l.n] = '\0';
		put_text(o, line);
	}
	put_member(o, "route", r->route);
	put_name(o, "answered");
	put(o, r->answered ? "true" : "false");
	put_name(o, "lost");
	put_int(o, r->lost);
}

static void put_frame(struct out *o, const struct crash_record *r, const struct crash_frame *f,
		      const struct crash_line *line)
{
	put(o, "{\"function\": ");
	if (line && line->function)
		put_text(o, line->function);
	else
		put(o, "null");
	if (line && line->file) {
		put(o, ", \"file\": ");
		put_text(o, line->file);
		put(o, ", \"line\": ");
		put_int(o, line->line);
	}
	if (f->module >= 0) {
		put(o, ", \"module\": ");
		put_text(o, r->modules[f->module].file);
		put(o, ", \"offset\": \"");
		put_hex(o, f->offset);
		put_char(o, '"');
	}
	if (f->ours)
		put(o, ", \"own\": true");
	put(o, ", \"address\": \"");
	put_hex(o, f->pc);
	put(o, "\"}");
}

static void put_list(struct out *o, const struct crash_record *r, const struct crash_line *lines)
{
	put_name(o, "frames");
	put(o, "[");
	for (uint32_t i = 0; i < r->nframes; i++) {
		put(o, i ? ",\n    " : "\n    ");
		put_frame(o, r, &r->frames[i], lines ? &lines[i] : NULL);
	}
	put(o, "\n  ]");
	put_name(o, "plugins");
	put(o, "[");
	for (uint32_t i = 0; i < r->nplugins; i++) {
		put(o, i ? ",\n    " : "\n    ");
		put(o, "{\"name\": ");
		put_text(o, r->plugins[i].name);
		put(o, ", \"version\": ");
		if (*r->plugins[i].version)
			put_text(o, r->plugins[i].version);
		else
			put(o, "null");
		put(o, "}");
	}
	put(o, "\n  ]");
}

static const char *blame_text(const struct crash_record *r)
{
	switch (r->blame) {
	case CRASH_BY_ADDRESS:
		return "the address lies in its code, or what lies there was called by it";
	case CRASH_BY_STEP:
		return "it was in this step";
	case CRASH_BY_SCOPE:
		return "a function of it was being run";
	default:
		return "";
	}
}

static const char *cause(const struct crash_record *r)
{
	if (r->hang_ms)
		return "a request that did not end";
	if (r->overflow)
		return "the stack is full";
	if (crash_at_null(r))
		return "a NULL pointer";
	if (r->signal == SIGSEGV && r->code == SI_KERNEL)
		return "a pointer that cannot be one";
	if (r->signal == SIGFPE && r->code == FPE_INTDIV)
		return "a division by zero";
	return "";
}

static void put_all(struct out *o, const struct crash_record *r, const struct crash_line *lines,
		    const char *more)
{
	put(o, "{\n  \"id\": ");
	put_text(o, r->id);
	put_name(o, "time");
	put_char(o, '"');
	put_time(o, r->time_ms, false);
	put(o, "Z\"");
	put_member(o, "signal", crash_signal_name(r->signal));
	put_name(o, "address");
	put_char(o, '"');
	put_hex(o, r->address);
	put_char(o, '"');
	put_member(o, "cause", cause(r));
	put_member(o, "plugin", r->plugin.name);
	put_member(o, "version", r->plugin.version);
	put_member(o, "because", blame_text(r));
	put_member(o, "step", r->step);
	put_member(o, "step_of", r->climber);
	put_request(o, r);
	put_member(o, "cruet", CRUET_VERSION);
	put_name(o, "process");
	put_int(o, r->pid);
	put_name(o, "thread");
	put_int(o, r->tid);
	put_list(o, r, lines);
	put(o, more ? more : "");
	put(o, "\n}\n");
}

/* --- the file --------------------------------------------------------------------------- */

/* Makes the folders of a path; what cannot be made shows when the file is opened. */
static void make_folders(int dir, const char *path)
{
	char part[CRASH_REPORT_NAME];
	size_t n = 0;

	for (const char *p = path; n < sizeof part - 1; p++) {
		if ((*p == '/' || !*p) && n) {
			part[n] = '\0';
			mkdirat(dir, part, 0700);
		}
		if (!*p)
			return;
		part[n++] = *p;
	}
}

static bool name_report(const char *folder, const struct crash_record *r,
			char name[CRASH_REPORT_NAME])
{
	struct out o = {.p = name, .cap = CRASH_REPORT_NAME - 1, .fd = -1};

	if (strlen(folder) > CRASH_REPORT_NAME - NAME_TEXT)
		return false;
	put(&o, folder);
	put(&o, "/");
	put_time(&o, r->time_ms, true);
	put(&o, "-");
	put(&o, r->id);
	put(&o, ".json");
	name[o.n] = '\0';
	return true;
}

int crash_report_write(int dir, const char *folder, const struct crash_record *r,
		       const struct crash_line *lines, const char *more,
		       char name[CRASH_REPORT_NAME])
{
	char buf[1024];
	struct out o = {.p = buf, .cap = sizeof buf, .fd = -1};

	if (!name_report(folder, r, name))
		return ENAMETOOLONG;
	make_folders(dir, folder);
	o.fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (o.fd < 0)
		return errno;
	put_all(&o, r, lines, more);
	flush(&o);
	if (close(o.fd) && !o.err)
		o.err = errno;
	if (o.err)
		unlinkat(dir, name, 0);
	return o.err;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool crash_report_is(const char *name)
{
	return strlen(name) == 15 + 1 + CRASH_ID + 5 && name[8] == '-' && name[15] == '-' &&
	       text_ends(name, ".json");
}

void crash_reports_prune(int dir, const char *folder, unsigned left)
{
	int fd = openat(dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	char **names = NULL;
	size_t n = 0;

	for (struct dirent *e; d && (e = readdir(d));) {
		char **more = crash_report_is(e->d_name) ? realloc(names, (n + 1) * sizeof *names) : NULL;
		if (!more)
			continue;
		names = more;
		if ((names[n] = strdup(e->d_name)))
			n++;
	}
	if (n)
		qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++) {
		if (n - i > left)
			unlinkat(dirfd(d), names[i], 0);
		free(names[i]);
	}
	free(names);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

/* --- the sentence ----------------------------------------------------------------------- */

/* The frame that a person looks for first: of the plugin, if it is one's, whose source is
 * known. */
static const struct crash_line *best_line(const struct crash_record *r,
					  const struct crash_line *lines)
{
	for (uint32_t i = 0; lines && i < r->nframes; i++)
		if (r->frames[i].ours && lines[i].file)
			return &lines[i];
	return NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void put_place(struct out *o, const struct crash_record *r, const struct crash_line *lines)
{
	const struct crash_line *at = best_line(r, lines);

	if (at) {
		put(o, ", in ");
		put(o, at->function ? at->function : "?");
		put(o, " (");
		put(o, base_name(at->file));
		put(o, ":");
		put_int(o, at->line);
		put(o, ")");
		return;
	}
	for (uint32_t i = 0; i < r->nframes; i++) {
		const struct crash_frame *f = &r->frames[i];
		if (!f->ours || f->module < 0)
			continue;
		put(o, ", in ");
		put(o, base_name(r->modules[f->module].file));
		put(o, "+");
		put_hex(o, f->offset);
		return;
	}
}

static void put_when(struct out *o, const struct crash_record *r)
{
	bool own = !strcmp(r->climber, r->plugin.name);

	if (*r->step) {
		put(o, own ? " in its " : " in the ");
		put(o, r->step);
		if (!own) {
			put(o, " of plugin '");
			put(o, r->climber);
			put(o, "'");
		}
	}
}

static void put_what(struct out *o, const struct crash_record *r)
{
	const char *why = cause(r);

	if (r->hang_ms) {
		put(o, ": no reply after ");
		put_int(o, r->hang_ms);
		put(o, " ms");
		return;
	}
	put(o, ": ");
	put(o, crash_signal_name(r->signal));
	if ((r->signal == SIGSEGV || r->signal == SIGBUS) && r->code != SI_KERNEL) {
		put(o, " at address ");
		put_hex(o, r->address);
	}
	if (*why) {
		put(o, " (");
		put(o, why);
		put(o, ")");
	}
}

static void put_task(struct out *o, const struct crash_record *r)
{
	if (*r->method) {
		put(o, ", while it answered ");
		put(o, r->method);
		put(o, " ");
		for (const char *p = r->target; *p && *p != '?'; p++)
			put_char(o, *p);
	} else if (*r->route) {
		put(o, ", at a message of ");
		put(o, r->route);
	}
}

void crash_sentence(char out[CRASH_SENTENCE], const struct crash_record *r,
		    const struct crash_line *lines, const char *name, int err)
{
	struct out o = {.p = out, .cap = CRASH_SENTENCE - 1, .fd = -1};
	bool app = !strcmp(r->plugin.name, "app");

	put(&o, !*r->plugin.name ? "the program" : app ? "the application" : "plugin '");
	if (*r->plugin.name && !app) {
		put(&o, r->plugin.name);
		put(&o, "'");
	}
	put(&o, r->hang_ms ? " hangs" : " crashed");
	put_when(&o, r);
	put_what(&o, r);
	put_place(&o, r, lines);
	put_task(&o, r);
	if (r->lost) {
		put(&o, "; other requests that were lost: ");
		put_int(&o, r->lost);
	}
	put(&o, err ? "; no report could be written to " : "; report: ");
	put(&o, name);
	if (err) {
		put(&o, ": ");
		put(&o, strerrordesc_np(err) ? strerrordesc_np(err) : "unknown error");
	}
	out[o.n] = '\0';
}
