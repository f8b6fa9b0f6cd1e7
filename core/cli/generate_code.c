/* Adding to the C source that has CRUET_APP: a function before it, a line at its end. The
 * text is taken apart as people write it: the macro at the beginning of a line, the brace that
 * ends it alone on one. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/generate.h"
#include "cli/target.h"

struct app_source {
	const char *path, *text;
	size_t include;  /* behind the last #include */
	size_t function; /* where CRUET_APP, or the comment on it, begins */
	size_t end;      /* of the line before the brace that ends it */
	const char *var; /* what it calls the application */
};

/* --- finding it ---------------------------------------------------------------------------- */

static const char *line_that_begins(const char *text, const char *with)
{
	size_t n = strlen(with);

	for (const char *p = text; p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
		if (!strncmp(p, with, n))
			return p;
	return NULL;
}

/* The comment that stands right above belongs to what follows. */
static size_t with_comment(const char *text, size_t at)
{
	if (at < 3 || strncmp(text + at - 3, "*/\n", 3) != 0)
		return at;
	for (size_t i = at - 3; i > 0; i--)
		if (!strncmp(text + i - 1, "/*", 2) && (i == 1 || text[i - 2] == '\n'))
			return i - 1;
	return at;
}

static size_t behind_includes(const char *text, size_t before)
{
	size_t found = 0;

	for (const char *p = text; p && (size_t)(p - text) < before;) {
		const char *end = strchr(p, '\n');
		if (!strncmp(p, "#include", 8) && end)
			found = (size_t)(end + 1 - text);
		p = end ? end + 1 : NULL;
	}
	return found;
}

static bool take_apart(struct generating *g, struct app_source *s)
{
	const char *app = line_that_begins(s->text, "CRUET_APP(");
	const char *end = app ? strstr(app, "\n}") : NULL;

	if (!end)
		return false;
	const char *name = app + strlen("CRUET_APP(");
	s->var = arena_strndup(g->a, name, strcspn(name, ")\n"));
	s->function = with_comment(s->text, (size_t)(app - s->text));
	s->include = behind_includes(s->text, s->function);
	s->end = (size_t)(end + 1 - s->text);
	return s->var;
}

static int find(struct generating *g, struct app_source *s)
{
	const char *why = NULL;
	const char *const *list = target_sources(".", g->a, &why);

	if (!list)
		return cli_fail("%s", why ? why : "out of memory");
	for (; *list; list++) {
		s->path = *list;
		int code = generate_read(g, *list, &s->text);
		if (code || take_apart(g, s))
			return code;
	}
	return cli_fail("no .c file here has CRUET_APP(app) at the beginning of a line and a brace "
			"alone on the line that ends it: cruet generate works in the folder of a site");
}

/* --- changing it ---------------------------------------------------------------------------- */

/* The line with what the application is called in place of '@'. */
static void put_line(struct buf *b, const char *line, const char *var)
{
	size_t n = strcspn(line, "@");

	buf_char(b, '\t');
	buf_put(b, line, n);
	if (line[n]) {
		buf_str(b, var);
		buf_str(b, line + n + 1);
	}
	buf_char(b, '\n');
}

int generate_in_app(struct generating *g, const char *include, const char *function,
		    const char *line)
{
	struct app_source s;
	struct buf b;
	int code = find(g, &s);

	if (code)
		return code;
	buf_init(&b, g->a, 0);
	buf_put(&b, s.text, s.include);
	if (include)
		buf_printf(&b, "#include \"%s\"\n", include);
	buf_put(&b, s.text + s.include, s.function - s.include);
	if (function)
		buf_printf(&b, "%s\n", function);
	buf_put(&b, s.text + s.function, s.end - s.function);
	put_line(&b, line, s.var);
	buf_str(&b, s.text + s.end);
	return generate_change(g, s.path, s.text, buf_err(&b) ? NULL : b.p);
}

static bool is_part(char ch)
{
	return is_alnum(ch) || ch == '_';
}

bool generate_has_word(struct generating *g, const char *word)
{
	struct app_source s;
	size_t n = strlen(word);

	if (find(g, &s))
		return true; /* which has been said */
	for (const char *p = s.text; (p = strstr(p, word)); p += n)
		if ((p == s.text || !is_part(p[-1])) && !is_part(p[n]))
			return cli_fail("there is a '%s' in %s already: give it another name", word,
					s.path);
	return false;
}
