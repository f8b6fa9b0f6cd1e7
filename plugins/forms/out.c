#include "out.h"

#include <string.h>

static void put(struct out *o, const char *s, size_t n)
{
	if (o->failed)
		return;
	if (n >= o->cap - o->len) {
		size_t cap = o->cap ? o->cap : 1024;
		while (cap - o->len <= n && cap < SIZE_MAX / 2)
			cap *= 2;
		char *more = cap - o->len > n ? cruet_alloc(o->c, cap) : NULL;
		if (!more) {
			o->failed = true;
			return;
		}
		if (o->len)
			memcpy(more, o->p, o->len);
		o->p = more;
		o->cap = cap;
	}
	memcpy(o->p + o->len, s, n);
	o->len += n;
	o->p[o->len] = '\0';
}

void out_str(struct out *o, const char *s)
{
	put(o, s, strlen(s));
}

static const char *entity(char ch)
{
	switch (ch) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&#34;";
	default:
		return "&#39;";
	}
}

void out_text(struct out *o, const char *s)
{
	while (*s) {
		size_t plain = strcspn(s, "&<>\"'");
		put(o, s, plain);
		s += plain;
		if (*s)
			out_str(o, entity(*s++));
	}
}

void out_attr(struct out *o, const char *name, const char *value)
{
	if (!value)
		return;
	out_str(o, " ");
	out_str(o, name);
	out_str(o, "=\"");
	out_text(o, value);
	out_str(o, "\"");
}

void out_flag(struct out *o, const char *name, bool on)
{
	if (!on)
		return;
	out_str(o, " ");
	out_str(o, name);
}

const char *out_done(struct out *o)
{
	put(o, "", 0);
	return o->failed ? NULL : o->p;
}
