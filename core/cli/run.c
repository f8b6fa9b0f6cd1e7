/* cruet run: serves an application until it is told to stop. */
#include "cli/site.h"
#include "server/program.h"
#include "server/run.h"

int run_command(struct cmdline *c)
{
	struct program program;
	struct site s;

	program_read(&program); /* before it goes to the folder of the target */
	int code = site_open(&s, c, c->args.rest[0]);

	if (!code)
		code = run_app(s.app, &program);
	site_close(&s);
	program_free(&program);
	return code;
}
