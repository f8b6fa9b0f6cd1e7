#include "cli/args.h"

#include <string.h>

#include "base/arena.h"
#include "base/nearest.h"
#include "cruet/error.h"

enum { FLAGS_MAX = 32 };

static const struct flag help_flag = {"help", NULL, NULL, 'h'};

struct reader {
	const struct flag *flags;
	int argc, at;
	char **argv;
	struct arena *a;
	const char **why;
	struct given *given;
	size_t ngiven;
	bool help;
};

static int refuse(struct reader *r, const char *text)
{
	*r->why = text ? text : "out of memory";
	return CRUET_EINVAL;
}

static const struct flag *long_flag(const struct flag *flags, const char *name, size_t len)
{
	for (; flags && flags->name; flags++)
		if (strlen(flags->name) == len && !memcmp(flags->name, name, len))
			return flags;
	return len == 4 && !memcmp(name, "help", 4) ? &help_flag : NULL;
}

static const struct flag *short_flag(const struct flag *flags, char letter)
{
	for (; flags && flags->name; flags++)
		if (flags->letter && flags->letter == letter)
			return flags;
	return letter == 'h' ? &help_flag : NULL;
}

static int unknown(struct reader *r, const char *name)
{
	const char *names[FLAGS_MAX + 2];
	size_t n = 0;

	for (const struct flag *f = r->flags; f && f->name && n < FLAGS_MAX; f++)
		names[n++] = f->name;
	names[n++] = "help";
	names[n] = NULL;
	const char *near = nearest(name, names);
	return refuse(r, near ? arena_printf(r->a, "unknown option --%s: did you mean --%s?",
					     name, near)
			      : arena_printf(r->a, "unknown option --%s", name));
}

/* shown: how the option was written. attached: its value in the same word. */
static int take(struct reader *r, const struct flag *f, const char *shown,
		const char *attached)
{
	const char *value = attached;

	if (f == &help_flag) {
		r->help = true;
		return CRUET_OK;
	}
	if (!f->value && attached)
		return refuse(r, arena_printf(r->a, "option %s takes no value", shown));
	if (f->value && !value && r->at < r->argc)
		value = r->argv[r->at++];
	if (f->value && !value)
		return refuse(r, arena_printf(r->a, "option %s needs a value: %s %s", shown,
					      shown, f->value));
	r->given[r->ngiven++] = (struct given){f, value ? value : ""};
	return CRUET_OK;
}

static int read_long(struct reader *r, const char *word)
{
	size_t len = strcspn(word, "=");
	const struct flag *f = long_flag(r->flags, word, len);
	const char *name = arena_strndup(r->a, word, len);

	if (!name)
		return refuse(r, NULL);
	if (!f)
		return unknown(r, name);
	return take(r, f, arena_printf(r->a, "--%s", name),
		    word[len] == '=' ? word + len + 1 : NULL);
}

static int read_short(struct reader *r, const char *word)
{
	const struct flag *f = short_flag(r->flags, *word);

	if (!f)
		return refuse(r, arena_printf(r->a, "unknown option -%c", *word));
	return take(r, f, arena_printf(r->a, "-%c", *word), word[1] ? word + 1 : NULL);
}

int args_read(struct args *out, const struct flag *flags, int argc, char **argv,
	      struct arena *a, const char **why)
{
	struct reader r = {.flags = flags, .argc = argc, .argv = argv, .a = a, .why = why};
	const char **rest = arena_array(a, (size_t)argc + 1, sizeof *rest);
	size_t nrest = 0;
	bool plain = false;

	r.given = arena_array(a, (size_t)argc + 1, sizeof *r.given);
	if (!rest || !r.given)
		return refuse(&r, NULL);
	while (r.at < argc) {
		const char *word = argv[r.at++];
		int err = CRUET_OK;
		if (plain || word[0] != '-' || !word[1])
			rest[nrest++] = word;
		else if (!strcmp(word, "--"))
			plain = true;
		else
			err = word[1] == '-' ? read_long(&r, word + 2) : read_short(&r, word + 1);
		if (err)
			return err;
	}
	*out = (struct args){r.given, r.ngiven, rest, nrest, r.help};
	return CRUET_OK;
}

const char *args_value(const struct args *args, const char *name)
{
	for (size_t i = args->ngiven; i > 0; i--)
		if (!strcmp(args->given[i - 1].flag->name, name))
			return args->given[i - 1].value;
	return NULL;
}
