#include "cli/style.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* https://no-color.org: set to anything but nothing. */
static bool wanted(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && !(term && !strcmp(term, "dumb")) && isatty(fileno(out));
}

struct style style_of(FILE *out)
{
	static const struct style colours = {"\033[1m", "\033[31m", "\033[32m", "\033[33m", "\033[0m"};
	static const struct style none = {"", "", "", "", ""};

	return wanted(out) ? colours : none;
}
