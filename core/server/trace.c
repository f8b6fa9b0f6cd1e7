#include "server/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/ctx.h"
#include "base/date.h"
#include "base/text.h"
#include "debug/reload.h"

enum { SHOWN_MAX = 200 }; /* of a target */

static const char *colour_of(int status)
{
	switch (status / 100) {
	case 2:
		return "\033[32m";
	case 3:
		return "\033[36m";
	case 4:
		return "\033[33m";
	case 5:
		return "\033[31m";
	default:
		return "";
	}
}

/* Pages that ask whether they are still new, twice a second, tell a person nothing. */
static bool is_of_loop(const cruet_ctx *c)
{
	return c->host->debug && c->head && text_starts(c->head->target, RELOAD_PATHS);
}

static void print(const cruet_ctx *c, bool colour)
{
	char method[24], target[SHOWN_MAX], line[SHOWN_MAX + 96];
	int status = c->status ? c->status : 200;

	if (is_of_loop(c))
		return;
	int64_t us = date_monotonic_us() - c->began_us;

	text_visible(method, sizeof method, c->head && c->head->method ? c->head->method : "-");
	text_visible(target, sizeof target, c->head && c->head->target ? c->head->target : "-");
	int n = snprintf(line, sizeof line, "%s %s %s%d%s %d.%d ms\n", method, target,
			 colour ? colour_of(status) : "", status, colour ? "\033[0m" : "",
			 (int)(us / 1000), (int)(us / 100 % 10));
	if (n > 0) {
		ssize_t done = write(STDERR_FILENO, line, (size_t)n);
		(void)done; /* where could one complain */
	}
}

static void plain(const cruet_ctx *c)
{
	print(c, false);
}

static void coloured(const cruet_ctx *c)
{
	print(c, true);
}

void trace_start(cruet_app *root)
{
	if (isatty(STDERR_FILENO))
		root->host->trace = getenv("NO_COLOR") ? plain : coloured;
}
