/* cruet templates check, cruet templates render FILE --json DATA. */
#include <cruet.h>
#include <stdio.h>
#include <stdlib.h>

#include "inspect.h"
#include "jinja.h"

enum { DATA_MAX = 16 << 20 };

static struct jinja *mine(cruet_ctx *c)
{
	return cruet_state(cruet_scope(c));
}

/* --- check ----------------------------------------------------------------------------------- */

struct sum {
	size_t errors, warnings;
};

static void show(void *arg, const struct finding *f)
{
	struct sum *s = arg;

	if (f->error)
		s->errors++;
	else
		s->warnings++;
	printf("%s:%u: %s: %s\n", f->template, f->line, f->error ? "error" : "warning", f->what);
	if (*f->text)
		printf("    %s\n", f->text);
}

static int check(cruet_ctx *c)
{
	const struct jinja *j = mine(c);
	struct sum s = {0};
	size_t templates;

	if (j->folder.fd < 0) {
		fprintf(stderr, "cruet templates check: there is no folder '%s': see the option "
				"folder of the plugin jinja\n",
			j->folder.path);
		return 1;
	}
	int err = check_folder(j->engine, c, &j->folder, show, &s, &templates);
	if (err)
		return err;
	printf("%zu templates, %zu errors, %zu warnings\n", templates, s.errors, s.warnings);
	return s.errors != 0;
}

/* --- render ---------------------------------------------------------------------------------- */

static cruet_json *read_data(cruet_ctx *c, const char *file)
{
	FILE *f = strcmp(file, "-") != 0 ? fopen(file, "rb") : stdin;
	char *text = malloc(DATA_MAX + 1);
	cruet_json *j = NULL;

	if (!f || !text) {
		fprintf(stderr, "cruet templates render: %s cannot be read\n", file);
	} else {
		size_t n = fread(text, 1, DATA_MAX + 1, f);
		j = n <= DATA_MAX ? cruet_json_parse(c, text, n) : NULL;
		if (!j)
			fprintf(stderr, "cruet templates render: %s: %s\n", file,
				n > DATA_MAX ? "more than 16 MiB" : cruet_err_text(c));
		else if (cruet_json_kind(j) != CRUET_JSON_OBJECT)
			fprintf(stderr,
				"cruet templates render: %s: expected an object, whose members are "
				"the variables\n",
				file);
	}
	if (f && f != stdin)
		fclose(f);
	free(text);
	cruet_err_clear(c);
	return cruet_json_kind(j) == CRUET_JSON_OBJECT ? j : NULL;
}

static int complain(const struct complaint *why)
{
	struct out o;

	out_init(&o, 1024, 8192);
	complaint_print(why, true, &o);
	fprintf(stderr, "%.*s\n", (int)o.len, o.p ? o.p : "");
	out_fini(&o);
	return 1;
}

/* A template by its name, or by the path of its file, as a shell completes it. */
static const struct template *find(cruet_ctx *c, const char *name, struct complaint *why)
{
	const struct jinja *j = mine(c);
	size_t n = strlen(j->folder.path);
	const struct template *t = engine_get(j->engine, c, name, why);

	if (t || strcmp(why->kind, "TemplateNotFound") != 0 ||
	    strncmp(name, j->folder.path, n) != 0 || name[n] != '/')
		return t;
	return engine_get(j->engine, c, name + n + 1, why);
}

static int render(cruet_ctx *c, const char *name, const char *file)
{
	struct engine *e = mine(c)->engine;
	const cruet_template_vars vars = {.size = sizeof vars,
					  .json = file ? read_data(c, file) : NULL};
	struct complaint why;
	struct out out = {.p = NULL};

	if (file && !vars.json)
		return 1;
	const struct template *t = find(c, name, &why);
	if (!t)
		return complain(&why);
	bool ok = engine_render(e, c, t, &vars, &out, &why);
	engine_release(e, t);
	if (ok)
		fwrite(out.p, 1, out.len, stdout);
	out_fini(&out);
	return ok ? 0 : complain(&why);
}

static int misused(void)
{
	fputs("usage: cruet templates check\n"
	      "       cruet templates render NAME [--json FILE]\n"
	      "check compiles all templates of the folder and tells what is wrong with them.\n"
	      "render writes the text of one, whose variables are the members of an object in\n"
	      "FILE (- is standard input).\n",
	      stderr);
	return 2;
}

int jinja_command(cruet_ctx *c, int argc, char **argv)
{
	const char *name = NULL, *file = NULL;

	if (argc == 2 && !strcmp(argv[1], "check"))
		return check(c);
	if (argc < 3 || strcmp(argv[1], "render") != 0)
		return misused();
	for (int i = 2; i < argc; i++) {
		if (!strncmp(argv[i], "--json=", 7))
			file = argv[i] + 7;
		else if (!strcmp(argv[i], "--json") && i + 1 < argc)
			file = argv[++i];
		else if (*argv[i] != '-' && !name)
			name = argv[i];
		else
			return misused();
	}
	return name ? render(c, name, file) : misused();
}
