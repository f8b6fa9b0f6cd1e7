/* The same as a program of its own: the application is made, filled and run by hand,
 * so it can be a part of something larger.
 *
 *	cc -o hello program.c $(pkg-config --cflags --libs cruet) && ./hello
 */
#include <cruet.h>

static int hello(cruet_ctx *c)
{
	return cruet_textf(c, "Hello, %s!\n", cruet_arg(c, "name"));
}

int main(void)
{
	cruet_app *app = cruet_new("hello");

	cruet_get(app, "/hello/<name>", hello);
	int code = cruet_run(app, ":8000");
	cruet_free(app);
	return code;
}
