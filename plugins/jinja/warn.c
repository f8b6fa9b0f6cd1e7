#include "warn.h"
#include "walk.h"

/* An HTML page, read as far as is needed to know where a variable stands. */
enum where { TEXT, TAG, NAME, VALUE, QUOTED, BARE, COMMENT };

struct reader {
	struct template *t;
	enum where where;
	char quote;
	char tag[8];  /* of the element whose tag this is */
	size_t ntag;
	char inside[8]; /* "script" or "style" while its content is read */
	size_t matched; /* of "</script" */
	bool closing, failed;
};

static char lower(char ch)
{
	return ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
}

static bool blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f';
}

/* The content of a script or style, up to its end tag. */
static void raw_char(struct reader *x, char ch)
{
	size_t n = strlen(x->inside);

	if (x->matched < 2)
		x->matched = ch == (x->matched ? '/' : '<') ? x->matched + 1 : ch == '<';
	else if (lower(ch) == x->inside[x->matched - 2])
		x->matched++;
	else
		x->matched = ch == '<';
	if (x->matched == n + 2) {
		*x->inside = 0;
		x->matched = 0;
		x->where = TAG;
		x->closing = true;
		x->ntag = sizeof x->tag;
	}
}

static void tag_ends(struct reader *x)
{
	x->where = TEXT;
	x->tag[x->ntag < sizeof x->tag ? x->ntag : 0] = 0;
	if (!x->closing && (!strcmp(x->tag, "script") || !strcmp(x->tag, "style"))) {
		memcpy(x->inside, x->tag, sizeof x->inside);
		x->matched = 0;
	}
}

static void tag_char(struct reader *x, char ch)
{
	if (ch == '>')
		tag_ends(x);
	else if (ch == '=')
		x->where = VALUE;
	else if (x->where == NAME && !blank(ch) && ch != '/')
		x->ntag < sizeof x->tag - 1 ? (x->tag[x->ntag++] = lower(ch))
					    : (char)(x->ntag = sizeof x->tag);
	else if (x->where == NAME && ch == '/' && !x->ntag)
		x->closing = true;
	else
		x->where = TAG;
}

static void text_char(struct reader *x, char ch, const char *rest, size_t left)
{
	if (ch != '<')
		return;
	if (left >= 4 && !memcmp(rest, "<!--", 4)) {
		x->where = COMMENT;
		return;
	}
	x->where = NAME;
	x->ntag = 0;
	x->closing = false;
}

static void read_text(struct reader *x, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char ch = s[i];
		if (*x->inside) {
			raw_char(x, ch);
			continue;
		}
		switch (x->where) {
		case TEXT:
			text_char(x, ch, s + i, n - i);
			break;
		case VALUE:
			if (ch == '"' || ch == '\'') {
				x->quote = ch;
				x->where = QUOTED;
			} else if (ch == '>') {
				tag_ends(x);
			} else if (!blank(ch)) {
				x->where = BARE;
			}
			break;
		case QUOTED:
			if (ch == x->quote)
				x->where = TAG;
			break;
		case BARE:
			if (ch == '>')
				tag_ends(x);
			else if (blank(ch))
				x->where = TAG;
			break;
		case COMMENT:
			if (ch == '>' && i >= 2 && s[i - 1] == '-' && s[i - 2] == '-')
				x->where = TEXT;
			break;
		default:
			tag_char(x, ch);
			break;
		}
	}
}

/* What ends in |tojson, or in a number, is fine in a script. */
static bool harmless(const struct node *n)
{
	static const char *const names[] = {"tojson", "int", "float", "length", "count", "round",
					    "urlencode"};

	if (n->op == E_CONST)
		return true;
	if (n->op != E_FILTER)
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (n->u.call.name.len == strlen(names[i]) &&
		    !memcmp(n->u.call.name.s, names[i], n->u.call.name.len))
			return true;
	return false;
}

static void warn(struct reader *x, const struct node *n)
{
	struct template *t = x->t;
	const char *text = NULL;

	if (!strcmp(x->inside, "script"))
		text = "a variable in a script: write it as {{ value|tojson }}";
	else if (*x->inside)
		text = "a variable in a style: escaping for HTML does not make it safe there";
	else if (x->where == VALUE || x->where == BARE)
		text = "a variable in an attribute without quotes: write quotes around it";
	if (!text || harmless(n->u.kid.a))
		return;
	struct warning *more = mem_more(&t->mem, t->warnings, t->nwarnings, sizeof *more);
	if (!more) {
		x->failed = true;
		return;
	}
	t->warnings = more;
	more[t->nwarnings++] = (struct warning){n->line, text};
}

static bool read_node(void *arg, struct node *n)
{
	struct reader *x = arg;

	if (n->op == S_DATA) {
		read_text(x, n->u.value.as.s, n->u.value.len);
	} else if (n->op == S_PRINT) {
		warn(x, n);
		if (x->where == VALUE)
			x->where = BARE;
	} else if (n->op >= S_IF) {
		return walk_kids(n, read_node, arg) && !x->failed;
	}
	return !x->failed;
}

bool warn_find(struct template *t)
{
	struct reader x = {.t = t};

	if (!t->escape)
		return true;
	walk_list(t->body, read_node, &x);
	return !x.failed;
}
