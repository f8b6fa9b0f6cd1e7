/* The same replies from an application with 300 routes:
 *
 *	bench_site PORT THREADS */
#include <cruet.h>
#include <stdio.h>

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

int main(int argc, char **argv)
{
	char text[64], path[64];
	cruet_app *app = cruet_new("bench");

	if (argc != 3) {
		fprintf(stderr, "usage: %s PORT THREADS\n", argv[0]);
		return 2;
	}
	cruet_get(app, "/", hello);
	cruet_get(app, "/json", json);
	for (int i = 0; i < 298; i++) {
		snprintf(path, sizeof path, "/section%d/<int:id>", i);
		snprintf(text, sizeof text, "item%d", i);
		cruet_add(app, "GET", path, item, text, CRUET_HERE);
	}
	cruet_set(app, "server.threads", argv[2]);
	snprintf(text, sizeof text, "127.0.0.1:%s", argv[1]);
	int code = cruet_run(app, text);
	cruet_free(app);
	return code;
}
