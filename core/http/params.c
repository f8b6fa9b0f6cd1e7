#include "http/params.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

bool params_next(const char **at, struct param *out)
{
	const char *s = *at;

	for (;;) {
		s += strcspn(s, ";");
		if (!*s) {
			*at = s;
			return false;
		}
		s += 1 + strspn(s + 1, " \t;");
		out->name = s;
		out->name_len = strcspn(s, "=; \t");
		s += out->name_len;
		s += strspn(s, " \t");
		if (*s != '=' || !out->name_len)
			continue;
		s += 1 + strspn(s + 1, " \t");
		out->quoted = *s == '"';
		out->value = out->quoted ? ++s : s;
		if (out->quoted) {
			while (*s && *s != '"')
				s += s[0] == '\\' && s[1] ? 2 : 1;
			out->value_len = (size_t)(s - out->value);
			s += *s == '"';
		} else {
			out->value_len = strcspn(s, ";");
			s += out->value_len;
			while (out->value_len && (out->value[out->value_len - 1] == ' ' ||
						  out->value[out->value_len - 1] == '\t'))
				out->value_len--;
		}
		*at = s;
		return true;
	}
}

char *params_value(struct arena *a, const struct param *p)
{
	char *out = arena_strndup(a, p->value, p->value_len), *to = out;

	if (!out || !p->quoted)
		return out;
	/* Only quotes and backslashes are escaped: old browsers send C:\file. */
	for (const char *s = out; *s; s++) {
		if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		*to++ = *s;
	}
	*to = '\0';
	return out;
}

char *params_get(struct arena *a, const char *s, const char *name)
{
	struct param p;

	while (params_next(&s, &p))
		if (p.name_len == strlen(name) && text_ieqn(p.name, name, p.name_len))
			return params_value(a, &p);
	return NULL;
}
