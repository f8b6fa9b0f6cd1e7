/* The same replies from an application with 300 routes; with a folder, its files too, and
 * a handler that sleeps for a second:
 *
 *	bench_site PORT THREADS [FOLDER] */
#include <cruet.h>
#include <stdio.h>
#include <unistd.h>

static int hello(cruet_ctx *c)
{
	return cruet_text(c, "Hello, world!\n");
}

static int json(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c);
	cruet_put_str(o, "message", "Hello, world!");
	return cruet_jsonify(c, o);
}

static int item(cruet_ctx *c)
{
	return cruet_textf(c, "item %s\n", cruet_arg(c, "id"));
}

static int asleep(cruet_ctx *c)
{
	sleep(1);
	return cruet_text(c, "done\n");
}

int main(int argc, char **argv)
{
	char text[64], path[64];
	cruet_app *app = cruet_new("bench");

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: %s PORT THREADS [FOLDER]\n", argv[0]);
		return 2;
	}
	cruet_get(app, "/", hello);
	cruet_get(app, "/json", json);
	for (int i = 0; i < 298; i++) {
		snprintf(path, sizeof path, "/section%d/<int:id>", i);
		snprintf(text, sizeof text, "item%d", i);
		cruet_add(app, "GET", path, item, text, CRUET_HERE);
	}
	if (argc == 4) {
		cruet_static(app, "/files", argv[3], NULL);
		cruet_get(app, "/sleep", asleep);
	}
	cruet_set(app, "server.threads", argv[2]);
	snprintf(text, sizeof text, "127.0.0.1:%s", argv[1]);
	int code = cruet_run(app, text);
	cruet_free(app);
	return code;
}
