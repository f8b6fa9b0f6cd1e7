#include "http/json_read.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cruet/error.h"
#include "http/json_scan.h"

/* Gives the numbers that a double cannot hold their exact text. The walk meets
 * numbers in the order of the text. */
static bool keep_exact(struct cJSON *j, struct scan *s, size_t *number, size_t *next)
{
	for (; j; j = j->next) {
		if (cJSON_IsNumber(j)) {
			if (*next < s->nintegers && s->integers[*next].number == *number) {
				const struct scan_integer *i = &s->integers[(*next)++];
				j->valuestring = strndup(s->text + i->offset, i->len);
				if (!j->valuestring)
					return false;
			}
			++*number;
		} else if (j->child && !keep_exact(j->child, s, number, next)) {
			return false;
		}
	}
	return true;
}

struct cJSON *json_read(const char *p, size_t len, unsigned flags,
			const struct json_limits *limits, struct json_problem *why)
{
	struct scan s;
	struct cJSON *tree = NULL;
	char *blank = NULL;
	size_t number = 0, next = 0;

	scan_init(&s, p, len, limits, why);
	if (flags & JSON_COMMENTS) {
		blank = scan_blank_comments(&s);
		if (!blank)
			goto out;
		s.text = blank;
	}
	if (!scan_document(&s))
		goto out;
	tree = cJSON_ParseWithLength(s.text, s.len);
	if (tree && s.nintegers && !keep_exact(tree, &s, &number, &next)) {
		cJSON_Delete(tree);
		tree = NULL;
	}
	/* What passed the scan is JSON: cJSON fails for want of memory alone. */
	if (!tree)
		*why = (struct json_problem){.what = "out of memory"};
out:
	scan_fini(&s);
	free(blank);
	return tree;
}

int64_t json_int(const struct cJSON *j, int64_t def)
{
	int64_t v;

	if (!cJSON_IsNumber(j))
		return def;
	if (j->valuestring)
		return text_int(j->valuestring, &v) ? v : def;
	double d = j->valuedouble;
	if (!(d >= -9007199254740991.0 && d <= 9007199254740991.0) || d != (double)(int64_t)d)
		return def;
	return (int64_t)d;
}

static bool find_member(struct scan *s, const char *name)
{
	struct buf key;
	bool found = false, ok = true;

	if (s->at >= s->len || s->text[s->at] != '{')
		return false;
	buf_init(&key, NULL, 0);
	do {
		s->at++;
		scan_space(s);
		buf_clear(&key);
		ok = scan_string(s, &key);
		scan_space(s);
		s->at++; /* ':' */
		scan_space(s);
		found = ok && key.len == strlen(name) && !memcmp(key.p, name, key.len);
		if (!found && ok) {
			ok = scan_value(s);
			scan_space(s);
		}
	} while (!found && ok && s->at < s->len && s->text[s->at] == ',');
	buf_fini(&key);
	return found;
}

bool json_place(const char *p, size_t len, const char *const *path, unsigned *line,
		unsigned *column)
{
	static const struct json_limits wide = {1000, 1u << 30};
	struct json_problem why;
	struct scan s;
	bool found = true;

	scan_init(&s, p, len, &wide, &why);
	char *blank = scan_blank_comments(&s);
	if (!blank)
		return false;
	s.text = blank;
	scan_space(&s);
	for (; *path && found; path++)
		found = find_member(&s, *path);
	if (found) {
		scan_fail(&s, s.at, "here");
		*line = why.line;
		*column = why.column;
	}
	scan_fini(&s);
	free(blank);
	return found;
}
