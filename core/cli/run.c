/* cruet run: serves an application until it is told to stop. */
#include "cli/site.h"
#include "server/run.h"

int run_command(struct cmdline *c)
{
	struct site s;
	int code = site_open(&s, c, c->args.rest[0]);

	if (!code)
		code = run_app(s.app);
	site_close(&s);
	return code;
}
