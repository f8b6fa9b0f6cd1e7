/* Hidden fields of a page that the in-process client was shown. Pages are read as people and
 * programs write them, with attributes in quotes or without; this is no parser of all HTML. */
#include <string.h>

#include "base/text.h"
#include "server/client_priv.h"

struct tag {
	const char *at;	 /* behind its name */
	const char *end; /* its '>' */
};

/* The '>' that ends a tag, not one in quotes; NULL: it is cut short. */
static const char *tag_end(const char *p, const char *end)
{
	char quote = '\0';

	for (; p < end && (quote || *p != '>'); p++)
		if (quote ? *p == quote : *p == '"' || *p == '\'')
			quote = quote ? '\0' : *p;
	return p < end ? p : NULL;
}

/* The next tag of that name before end. */
static bool next_tag(const char **at, const char *end, const char *name, struct tag *out)
{
	size_t n = strlen(name);

	for (const char *p = *at; (p = memchr(p, '<', (size_t)(end - p))); p++) {
		if (!text_ieqn(p + 1, name, n) || is_alnum(p[1 + n]) || p[1 + n] == '-')
			continue;
		const char *close = tag_end(p, end);
		if (!close)
			return false;
		*out = (struct tag){p + 1 + n, close};
		*at = close + 1;
		return true;
	}
	return false;
}

static const struct {
	const char *name, *text;
} entities[] = {{"&amp;", "&"}, {"&lt;", "<"},   {"&gt;", ">"},
		{"&quot;", "\""}, {"&#34;", "\""}, {"&#39;", "'"}};

static const char *unescape(struct arena *a, const char *p, size_t n)
{
	struct buf b;

	buf_init(&b, a, 0);
	while (n) {
		size_t i = 0, len = 1;
		while (i < sizeof entities / sizeof *entities &&
		       (strlen(entities[i].name) > n ||
			strncmp(p, entities[i].name, strlen(entities[i].name)) != 0))
			i++;
		if (i < sizeof entities / sizeof *entities) {
			buf_str(&b, entities[i].text);
			len = strlen(entities[i].name);
		} else {
			buf_char(&b, *p);
		}
		p += len;
		n -= len;
	}
	return buf_err(&b) ? NULL : b.p;
}

/* The value of an attribute; NULL: it has none of that name. */
static const char *attribute(struct arena *a, const struct tag *t, const char *name)
{
	static const char blanks[] = " \t\r\n/";
	size_t want = strlen(name);

	for (const char *p = t->at + strspn(t->at, blanks); p < t->end; p += strspn(p, blanks)) {
		size_t n = strcspn(p, " \t\r\n/=>");
		const char *value = p + n, *end = value;
		bool found = n == want && text_ieqn(p, name, n);
		if (*value == '=') {
			bool quoted = value[1] == '"' || value[1] == '\'';
			value += quoted ? 2 : 1;
			end = quoted ? strchr(value, value[-1])
				     : value + strcspn(value, " \t\r\n>");
			if (!end || end > t->end)
				return NULL;
		}
		if (found)
			return unescape(a, value, (size_t)(end - value));
		p = end + (*end == '"' || *end == '\'');
		if (!n && p == value)
			p++;
	}
	return NULL;
}

static bool has(struct arena *a, const struct tag *t, const char *name, const char *value)
{
	const char *got = attribute(a, t, name);

	return got && !strcmp(got, value);
}

bool cruet_client_add_hidden(cruet_client *t, const char *form)
{
	const char *at = cruet_client_body(t), *end = at + strlen(at);
	struct tag tag;

	do {
		if (!next_tag(&at, end, "form", &tag))
			return false;
	} while (form && !has(&t->next, &tag, "id", form));
	struct tag close;
	const char *behind = at;
	if (next_tag(&behind, end, "/form", &close))
		end = close.at;
	while (next_tag(&at, end, "input", &tag)) {
		const char *name = attribute(&t->next, &tag, "name");
		const char *value = attribute(&t->next, &tag, "value");
		if (name && has(&t->next, &tag, "type", "hidden"))
			cruet_client_add_field(t, name, value);
	}
	return true;
}
