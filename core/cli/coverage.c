/* lcov reads what gcc's programs count, genhtml makes pages of it; the figures are those of
 * the file between the two. */
#include "cli/coverage.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/json_out.h"
#include "cli/spawn.h"
#include "cli/table.h"

enum { LINE_BYTES = 8192 };

/* lcov complains of itself; what it says matters only where it fails. */
static void show(int fd)
{
	char text[4096];
	ssize_t n;

	for (off_t at = 0; (n = pread(fd, text, sizeof text, at)) > 0; at += n)
		fwrite(text, 1, (size_t)n, stderr);
}

static int run(const char *const *words)
{
	int said = memfd_create("said", MFD_CLOEXEC);
	int code = 0, err = spawn_wait((char *const *)words, -1, said, &code);

	if (code && said >= 0)
		show(said);
	if (said >= 0)
		close(said);
	if (err)
		return cli_fail("%s does not start: %s", words[0], strerror(err));
	return code ? cli_fail("%s failed: see what it says above", words[0]) : EXIT_DONE;
}

static bool in_path(const char *name, struct arena *a)
{
	const char *path = getenv("PATH");

	for (path = path ? path : ""; *path; path += path[strcspn(path, ":")] == ':') {
		size_t n = strcspn(path, ":");
		const char *file = arena_printf(a, "%.*s/%s", (int)n, path, name);
		if (file && !access(file, X_OK))
			return true;
		path += n;
	}
	return false;
}

int coverage_check(void)
{
	static const char *const tools[][2] = {{"gcov", "gcc"}, {"lcov", "lcov"}, {"genhtml", "lcov"}};
	struct arena a;
	int code = EXIT_DONE;

	arena_init(&a, 4096);
	for (size_t i = 0; !code && i < sizeof tools / sizeof *tools; i++)
		if (!in_path(tools[i][0], &a))
			code = cli_fail("--coverage needs the program %s: install the package %s",
					tools[i][0], tools[i][1]);
	arena_fini(&a);
	return code;
}

/* --- figures ------------------------------------------------------------------------------ */

struct figures {
	struct table table;
	cJSON *files; /* NULL: text is wanted */
	bool ok;
	long lines, hit;
};

static const char *percent(long hit, long lines, struct arena *a)
{
	return arena_printf(a, "%.1f %%", lines ? 100.0 * (double)hit / (double)lines : 100.0);
}

static void add(struct figures *f, const char *file, long hit, long lines, struct arena *a)
{
	f->hit += hit;
	f->lines += lines;
	if (!f->files) {
		table_row(&f->table, file, arena_printf(a, "%ld of %ld", hit, lines),
			  percent(hit, lines, a));
		return;
	}
	cJSON *v = cJSON_CreateObject();
	json_add_text(v, "file", file, &f->ok);
	json_add_number(v, "lines", (double)lines, &f->ok);
	json_add_number(v, "hit", (double)hit, &f->ok);
	json_push(f->files, v, &f->ok);
}

/* SF: names a file, LF: and LH: count its lines and those that were run. */
static void read_figures(struct figures *f, FILE *in, const char *site, struct arena *a)
{
	static char line[LINE_BYTES];
	const char *file = "?";
	long lines = 0;

	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = '\0';
		if (text_starts(line, "SF:")) {
			size_t n = strlen(site);
			const char *p = line + 3;
			file = arena_strdup(a, text_starts(p, site) && p[n] == '/' ? p + n + 1 : p);
		} else if (text_starts(line, "LF:")) {
			lines = atol(line + 3);
		} else if (text_starts(line, "LH:")) {
			add(f, file, atol(line + 3), lines, a);
		}
	}
}

static int tell(struct figures *f, const char *pages, cJSON *json, struct arena *a)
{
	if (!json) {
		table_row(&f->table, "all", arena_printf(a, "%ld of %ld", f->hit, f->lines),
			  percent(f->hit, f->lines, a));
		putchar('\n');
		if (table_print(&f->table, "", stdout))
			return cli_fail("out of memory");
		printf("\n%s/index.html shows the lines\n", pages);
		return EXIT_DONE;
	}
	cJSON *all = cJSON_CreateObject();
	json_add_number(all, "lines", (double)f->lines, &f->ok);
	json_add_number(all, "hit", (double)f->hit, &f->ok);
	json_add_text(all, "pages", pages, &f->ok);
	json_add(all, "files", f->files, &f->ok);
	json_add(json, "coverage", all, &f->ok);
	return f->ok ? EXIT_DONE : cli_fail("out of memory");
}

int coverage_report(const char *build, const char *site, const char *pages, cruet_json *json,
		    struct arena *a)
{
	struct figures f = {.ok = true, .files = json ? cJSON_CreateArray() : NULL};
	const char *info = arena_printf(a, "%s/lcov.info", build);
	const char *all = arena_printf(a, "%s/all.info", build);
	const char *tests = arena_printf(a, "%s/tests/*", site);
	const char *read[] = {"lcov",		  "--quiet", "--capture",	  "--directory", build,
			      "--base-directory", site,	     "--no-external", "--output-file", all, NULL};
	const char *leave[] = {"lcov", "--quiet", "--remove", all, tests, "--output-file", info, NULL};
	const char *show[] = {"genhtml", "--quiet", "--prefix", site, "--output-directory", pages,
			      info, NULL};

	if (!info || !all || !tests)
		return cli_fail("out of memory");
	int code = run(read);
	if (!code)
		code = run(leave);
	if (!code)
		code = run(show);
	FILE *in = code ? NULL : fopen(info, "r");
	if (!code && !in)
		code = cli_fail("%s: %s", info, strerror(errno));
	table_init(&f.table, a, 3);
	table_row(&f.table, "FILE", "LINES RUN", "");
	if (in) {
		read_figures(&f, in, site, a);
		fclose(in);
		return tell(&f, pages, json, a);
	}
	cJSON_Delete(f.files);
	return code;
}
