/* The server that the cases of tests/data/http.json are sent to: it tells what it
 * understood, and serves a folder that has a secret beside it. */
#include <cruet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int echo(cruet_ctx *c)
{
	const char *path = cruet_path(c);
	size_t len;

	if (strncmp(path, "/echo", 5) != 0 && strncmp(path, "/smuggled", 9) != 0)
		return CRUET_OK;
	const void *body = cruet_body(c, &len);
	if (!body)
		return cruet_err(c);
	cruet_writef(c, "method=%s path=%s query=%s len=%zu body=%.*s\n", cruet_method(c), path,
		     cruet_query_string(c), len, len < 64 ? (int)len : 64, (const char *)body);
	return cruet_text(c, NULL);
}

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f)) {
		perror(path);
		exit(EXIT_FAILURE);
	}
}

/* DIR/static/ok.txt, which may be had, and DIR/secret/secret.txt, which may not. */
static void furnish(const char *folder)
{
	if (chdir(folder) || mkdir("static", 0700) || mkdir("secret", 0700)) {
		perror(folder);
		exit(EXIT_FAILURE);
	}
	put_file("static/ok.txt", "ok\n");
	put_file("secret/secret.txt", "TOP-SECRET\n");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: conform_echo EMPTY-FOLDER\n");
		return 2;
	}
	furnish(argv[1]);
	cruet_app *app = cruet_new("echo");
	cruet_before(app, echo);
	cruet_static(app, "/static", "static", NULL);
	int code = cruet_run(app, ":0");
	cruet_free(app);
	return code;
}
