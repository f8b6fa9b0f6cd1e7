/* JSON: what is read is written, read and written again as the same text; what is
 * not read gets a place inside the text and a sentence. The first byte chooses
 * whether comments are allowed. */
#include "fuzz.h"

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/text.h"
#include "http/json_read.h"

static const struct json_limits limits = {16, 200};

static const char *text_of(struct arena *a, const cJSON *j, int indent)
{
	struct buf b;

	buf_init(&b, a, 0);
	CHECK(json_write(&b, j, indent) == 0);
	CHECK(utf8_valid(b.p, b.len) && strlen(b.p) == b.len);
	return b.p;
}

/* Deeper or more than is allowed would be a finding; so is a name twice. */
static unsigned check_tree(const cJSON *j, unsigned depth)
{
	unsigned members = 0;

	CHECK(depth <= limits.depth);
	for (const cJSON *v = j->child; v; v = v->next) {
		members += 1 + check_tree(v, depth + (v->child != NULL));
		for (const cJSON *w = v->string ? v->next : NULL; w; w = w->next)
			CHECK(strcmp(v->string, w->string) != 0);
	}
	return members;
}

/* Every member is found again at a place of its own. */
static void check_places(const char *text, size_t len, const cJSON *j)
{
	for (const cJSON *v = cJSON_IsObject(j) ? j->child : NULL; v; v = v->next) {
		const char *path[] = {v->string, NULL};
		unsigned line = 0, column = 0;
		CHECK(json_place(text, len, path, &line, &column));
		CHECK(line && column);
	}
}

static void check_problem(const struct json_problem *why, const char *text, size_t len)
{
	unsigned lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	CHECK(why->line >= 1 && why->line <= lines);
	CHECK(why->column >= 1 && why->column <= len + 1);
	CHECK(*why->what && memchr(why->what, 0, sizeof why->what));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_problem why;
	struct arena a;

	if (!size)
		return 0;
	arena_init(&a, 4096);
	size_t len = size - 1;
	char *text = malloc(len ? len : 1); /* no NUL behind it */
	CHECK(text);
	memcpy(text, data + 1, len);
	cJSON *j = json_read(text, len, *data & 1 ? JSON_COMMENTS : 0, &limits, &why);
	if (!j) {
		check_problem(&why, text, len);
	} else {
		CHECK(check_tree(j, j->child != NULL) <= limits.members);
		check_places(text, len, j);
		const char *once = text_of(&a, j, 0), *wide = text_of(&a, j, 2);
		cJSON *again = json_read(once, strlen(once), 0, &limits, &why);
		CHECK(again && !strcmp(text_of(&a, again, 0), once));
		cJSON_Delete(again);
		again = json_read(wide, strlen(wide), 0, &limits, &why);
		CHECK(again && !strcmp(text_of(&a, again, 0), once));
		cJSON_Delete(again);
	}
	cJSON_Delete(j);
	free(text);
	arena_fini(&a);
	return 0;
}
