#include "base/logger.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum { LINE_MAX_BYTES = 2048 };

static const char *const names[] = {"DEBUG", "INFO", "WARN", "ERROR"};
static const char *const colours[] = {"\033[2m", "", "\033[33m", "\033[31m"};

/* One line, one write(): lines of several threads do not mix. */
static void to_stderr(void *arg, int level, const char *who, const char *line)
{
	char out[LINE_MAX_BYTES + 128], stamp[24];
	bool colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
	time_t now = time(NULL);
	struct tm tm;

	(void)arg;
	localtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &tm);
	int n = snprintf(out, sizeof out, "%s %s%-5s%s %s: %s\n", stamp,
			 colour ? colours[level] : "", names[level], colour ? "\033[0m" : "",
			 who, line);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof out) {
		n = sizeof out - 1;
		out[n - 1] = '\n';
	}
	ssize_t done = write(STDERR_FILENO, out, (size_t)n);
	(void)done; /* where could one complain */
}

void logger_init(struct logger *l)
{
	*l = (struct logger){.fn = to_stderr, .level = CRUET_INFO};
}

void logger_to(struct logger *l, cruet_log_fn *fn, void *arg)
{
	l->fn = fn ? fn : to_stderr;
	l->arg = arg;
}

/* A sink that logs would be offered its own line, and again. */
static bool taken(const struct logger *l, int level, const char *who, const char *line)
{
	static _Thread_local bool offering;
	const void *sink = atomic_load_explicit(&l->sink, memory_order_acquire);

	if (!sink || offering)
		return false;
	offering = true;
	bool yes = l->offer(sink, level, who, line);
	offering = false;
	return yes;
}

static void keep(struct log_recent *r, int level, const char *who, const char *line)
{
	unsigned i = atomic_fetch_add(&r->n, 1) % LOG_RECENT;

	snprintf(r->lines[i], sizeof r->lines[i], "%s %.40s: %.200s", names[level],
		 who, line);
}

void logger_recent(const struct log_recent *r, void (*each)(void *arg, const char *line), void *arg)
{
	unsigned n = atomic_load(&r->n);
	char line[LOG_RECENT_LINE];

	for (unsigned i = n > LOG_RECENT ? n - LOG_RECENT : 0; i != n; i++) {
		memcpy(line, r->lines[i % LOG_RECENT], sizeof line);
		line[sizeof line - 1] = '\0';
		each(arg, line);
	}
}

void logger_vsay(const struct logger *l, int level, const char *who, const char *fmt,
		 va_list ap)
{
	char raw[LINE_MAX_BYTES], line[LINE_MAX_BYTES];

	if (level < l->level)
		return;
	if (level < CRUET_DEBUG || level > CRUET_ERROR)
		level = CRUET_ERROR;
	vsnprintf(raw, sizeof raw, fmt, ap);
	text_visible(line, sizeof line, raw);
	who = who ? who : "cruet";
	if (l->recent)
		keep(l->recent, level, who, line);
	if (!taken(l, level, who, line))
		l->fn(l->arg, level, who, line);
}

void logger_say(const struct logger *l, int level, const char *who, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	logger_vsay(l, level, who, fmt, ap);
	va_end(ap);
}
