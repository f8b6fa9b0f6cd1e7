/* Adding members to cruet.json where they belong, with its comments and its form as they are. */
#include <cjson/cJSON.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/generate.h"
#include "http/json_read.h"

static const char file[] = "cruet.json";
static const struct json_limits limits = {32, 10000};

/* --- where ---------------------------------------------------------------------------------- */

/* The byte of a text at a line and a column, from 1. */
static size_t offset_of(const char *text, unsigned line, unsigned column)
{
	const char *p = text;

	while (--line && strchr(p, '\n'))
		p = strchr(p, '\n') + 1;
	return (size_t)(p - text) + column - 1;
}

/* Behind the bracket that opens the value at a path of names; false: there is none. */
static bool inside(const char *text, const char *const *names, size_t *at)
{
	unsigned line, column;

	if (!json_place(text, strlen(text), names, &line, &column))
		return false;
	*at = offset_of(text, line, column) + 1;
	return text[*at - 1] == '{' || text[*at - 1] == '[';
}

/* --- what ----------------------------------------------------------------------------------- */

/* In front of the first member of in, on a line of its own where that one has one. There may
 * be nothing but comments, too. */
static int insert(struct generating *g, const char *text, size_t at, const cJSON *in,
		  const char *member)
{
	size_t space = strspn(text + at, " \t\r\n");
	bool lines = memchr(text + at, '\n', space);
	struct json_problem why;
	struct buf b;

	buf_init(&b, g->a, 0);
	buf_put(&b, text, at);
	if (!in->child && text[at + space] == '/') {
		buf_printf(&b, " %s%s", member, space ? "" : " ");
	} else if (!in->child) {
		buf_printf(&b, " %s ", member);
		at += space;
	} else if (lines) {
		buf_put(&b, text + at, space);
		buf_printf(&b, "%s,", member);
	} else {
		buf_printf(&b, "%s%s,%s", text[at - 1] == '{' ? " " : "", member, space ? "" : " ");
	}
	buf_str(&b, text + at);
	if (buf_err(&b))
		return cli_fail("out of memory");
	cJSON *now = json_read(b.p, b.len, JSON_COMMENTS, &limits, &why);
	if (!now)
		return cli_fail("%s: %s cannot be added to it: line %u would have: %s", file, member,
				why.line, why.what);
	cJSON_Delete(now);
	return generate_change(g, file, text, b.p);
}

/* What the file says now; NULL after saying why not. The caller deletes it. */
static cJSON *tree_of(struct generating *g, const char **text)
{
	struct json_problem why;
	cJSON *tree = NULL;

	if (generate_read(g, file, text))
		return NULL;
	tree = json_read(*text, strlen(*text), JSON_COMMENTS, &limits, &why);
	if (!tree)
		cli_fail("%s:%u:%u: %s", file, why.line, why.column, why.what);
	return tree;
}

static const cJSON *member_of(const cJSON *tree, const char *first, const char *second)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(tree, first);
	return second ? cJSON_GetObjectItemCaseSensitive(v, second) : v;
}

/* Adds a member to an object of the file, and that object where there is none. */
static int add_member(struct generating *g, const char *object, const char *name, const char *value)
{
	const char *const names[] = {object, NULL}, *const root[] = {NULL};
	const char *member = arena_printf(g->a, "\"%s\": %s", name, value), *text;
	cJSON *tree = member ? tree_of(g, &text) : (cli_fail("out of memory"), NULL);
	size_t at;
	int code;

	if (!tree)
		return EXIT_FAILED;
	const char *whole = arena_printf(g->a, "\"%s\": { %s }", object, member);
	if (inside(text, names, &at))
		code = insert(g, text, at, member_of(tree, object, NULL), member);
	else if (whole && inside(text, root, &at))
		code = insert(g, text, at, tree, whole);
	else
		code = cli_fail("%s: %s cannot be added", file, object);
	cJSON_Delete(tree);
	return code;
}

static bool lists(const cJSON *list, const char *word)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, list)
		if (cJSON_IsString(v) && !strcmp(v->valuestring, word))
			return true;
	return false;
}

/* --- the two things that are added ------------------------------------------------------------ */

int generate_plugin_entry(struct generating *g, const char *name, const char *value, bool may_be)
{
	const char *text;
	cJSON *tree = tree_of(g, &text);
	bool there = member_of(tree, "plugins", name);

	if (!tree)
		return EXIT_FAILED;
	cJSON_Delete(tree);
	if (there)
		return may_be ? EXIT_DONE : cli_fail("%s: there is a plugin '%s' already", file, name);
	return add_member(g, "plugins", name, value);
}

int generate_plugin_path(struct generating *g, const char *folder)
{
	static const char *const names[] = {"server", "plugin_path", NULL};
	const char *text, *quoted = arena_printf(g->a, "\"%s\"", folder);
	cJSON *tree = quoted ? tree_of(g, &text) : NULL;
	const cJSON *list = member_of(tree, "server", "plugin_path");
	const char *value = quoted ? arena_printf(g->a, "[%s]", quoted) : NULL;
	size_t at;
	int code = EXIT_DONE;

	if (!tree)
		return EXIT_FAILED;
	if (cJSON_IsArray(list) && !lists(list, folder) && inside(text, names, &at))
		code = insert(g, text, at, list, quoted);
	else if (!cJSON_IsArray(list))
		code = value ? add_member(g, "server", "plugin_path", value)
			     : cli_fail("out of memory");
	cJSON_Delete(tree);
	return code;
}
