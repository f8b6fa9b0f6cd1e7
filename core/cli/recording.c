#include "cli/recording.h"

#include <errno.h>
#include <string.h>

#include "app/option.h"
#include "server/handed.h"
#include "server/record.h"
#include "server/run.h"

int recording_start(struct site *s, struct cmdline *c, const struct handed *handed,
		    struct recorder **out)
{
	static const cruet_option option[] = {{.name = "--record-max", .type = CRUET_OPT_SIZE},
					      {.name = NULL}};
	const char *file = args_value(&c->args, "record"), *max = args_value(&c->args, "record-max");
	const char *why = NULL;
	uint64_t bytes = RECORD_MAX;

	*out = NULL;
	if (max && !file)
		return cli_misused("run", "option --record-max needs --record FILE");
	if (max && option_set(option, sizeof *option, &bytes, NULL, option->name, max, &c->arena, &why))
		return cli_misused("run", "%s", why ? why : "out of memory");
	if (!file)
		return EXIT_DONE;
	if (!handed->is_worker && handed->channel < 0) { /* one that takes over goes on with it */
		int err = record_begin(file, s->target.name);
		if (err == EEXIST)
			return cli_fail("--record %s: what lies there is no recording, and stays: "
					"name another file",
					file);
		if (err)
			return cli_fail("--record %s: %s", file, strerror(err));
	}
	if (run_is_parent(s->app, handed))
		return EXIT_DONE;
	*out = record_open(s->app, file, bytes);
	return *out ? EXIT_DONE : cli_fail("--record %s: %s", file, strerror(errno));
}
