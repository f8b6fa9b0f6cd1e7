/* The template engine alone, behind the line protocol of the template cases: one JSON
 * object a line in (template, context, templates, options), one JSON answer a line out. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "stream.h"

static const char *text(const cJSON *o, const char *key, const char *def)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);

	return cJSON_IsString(v) ? v->valuestring : def;
}

static bool flag(const cJSON *o, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, key));
}

/* --- reals ------------------------------------------------------------------------------ */

/* The next number in a JSON text, behind *s; strings are passed by. */
static const char *next_number(const char **s, size_t *len)
{
	for (const char *p = *s; *p; p++) {
		if (*p == '"') {
			for (p++; *p && *p != '"'; p++)
				p += *p == '\\';
		} else if (*p == '-' || (*p >= '0' && *p <= '9')) {
			*len = strspn(p, "-+0123456789.eE");
			*s = p + *len;
			return p;
		}
	}
	*len = 0;
	return NULL;
}

/* cJSON forgets whether a number was written with a point. The engine takes the text of a
 * number that has one as a real, so that is kept. */
static void keep_points(cJSON *j, const char **s)
{
	for (; j; j = j->next) {
		if (cJSON_IsNumber(j)) {
			size_t len;
			const char *p = next_number(s, &len);
			if (p && strcspn(p, ".eE") < len)
				j->valuestring = strndup(p, len);
		} else {
			keep_points(j->child, s);
		}
	}
}

/* --- a case ------------------------------------------------------------------------------ */

static void take_options(const cJSON *o, struct engine_options *e)
{
	struct syntax *s = &e->syntax;
	const char *undefined = text(o, "undefined", "");

	s->block_begin = text(o, "block_start_string", s->block_begin);
	s->block_end = text(o, "block_end_string", s->block_end);
	s->print_begin = text(o, "variable_start_string", s->print_begin);
	s->print_end = text(o, "variable_end_string", s->print_end);
	s->comment_begin = text(o, "comment_start_string", s->comment_begin);
	s->comment_end = text(o, "comment_end_string", s->comment_end);
	s->line_statement = text(o, "line_statement_prefix", NULL);
	s->line_comment = text(o, "line_comment_prefix", NULL);
	s->newline = text(o, "newline_sequence", s->newline);
	s->trim_blocks = flag(o, "trim_blocks");
	s->lstrip_blocks = flag(o, "lstrip_blocks");
	s->keep_trailing_newline = flag(o, "keep_trailing_newline");
	e->escaping = flag(o, "autoescape") ? ESCAPE_ALWAYS : ESCAPE_NEVER;
	e->undefined = !strcmp(undefined, "StrictUndefined")	? UNDEFINED_FAILS
		       : !strcmp(undefined, "ChainableUndefined") ? UNDEFINED_CHAINS
		       : !strcmp(undefined, "DebugUndefined")	? UNDEFINED_SHOWN
								: UNDEFINED_EMPTY;
}

static int load(cruet_ctx *c, void *arg, const char *name, char **source, size_t *len,
		struct template_stamp *stamp)
{
	const char *s = text(arg, name, NULL);

	(void)c;
	(void)stamp;
	if (!s)
		return CRUET_ENOENT;
	*source = strdup(s);
	*len = strlen(s);
	return *source ? CRUET_OK : CRUET_ENOMEM;
}

/* cJSON would end the text at a NUL. */
static void answer(const char *key, const char *s, size_t len)
{
	printf("{\"%s\":\"", key);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == '"' || s[i] == '\\')
			printf("\\u%04x", s[i]);
		else
			putchar(s[i]);
	puts("\"}");
	fflush(stdout);
}

/* Whether the same text comes, or the same error, where a stream stops at each statement. */
static bool same_streamed(struct engine *e, const struct template *t,
			  const cruet_template_vars *vars, const struct out *out,
			  const struct complaint *why)
{
	struct stream *s = stream_new(e, NULL, t, vars, 1);
	char part[4096];
	size_t n = 0, got;
	bool same = s != NULL;

	while (s && (got = stream_take(s, part, sizeof part))) {
		same &= why->kind || (n + got <= out->len && !memcmp(out->p + n, part, got));
		n += got;
	}
	const struct complaint *trouble = s ? stream_trouble(s) : NULL;
	if (trouble)
		same = why->kind && !strcmp(trouble->what, why->what) &&
		       !strcmp(trouble->chain, why->chain) && trouble->line == why->line;
	else
		same &= !why->kind && n == out->len;
	stream_free(s);
	return same;
}

static void complain(const struct complaint *why)
{
	char line[1024];

	snprintf(line, sizeof line, "%s: %s (%s:%u)", why->kind, why->what, why->template,
		 why->line);
	answer("error", line, strlen(line));
}

static void run(cJSON *o)
{
	struct engine_options options;
	struct complaint why;
	struct out out = {.p = NULL};
	const char *source = text(o, "template", "");
	const cruet_template_vars vars = {
		.size = sizeof vars, .json = cJSON_GetObjectItemCaseSensitive(o, "context")};

	engine_defaults(&options);
	take_options(cJSON_GetObjectItemCaseSensitive(o, "options"), &options);
	struct engine *e = engine_new(&options);
	engine_add_loader(e, load, NULL, cJSON_GetObjectItemCaseSensitive(o, "templates"));
	struct template *t = engine_compile(e, "the case", source, strlen(source), &why);
	bool chance = strstr(source, "random") || strstr(source, "lipsum");
	bool ok = t && engine_render(e, NULL, t, &vars, &out, &why);
	if (t && !chance && !same_streamed(e, t, &vars, &out, &why))
		answer("streamed", "something else", 14);
	else if (ok)
		answer("out", out.p, out.len);
	else
		complain(&why);
	out_fini(&out);
	template_free(t);
	engine_free(e);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		cJSON *o = cJSON_Parse(line);
		if (!o) {
			answer("error", "no JSON", 7);
			continue;
		}
		const char *at = line;
		keep_points(o->child, &at);
		run(o);
		cJSON_Delete(o);
	}
	free(line);
	return 0;
}
