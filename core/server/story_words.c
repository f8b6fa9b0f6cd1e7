/* A signal or a failure in words. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/ctx.h"
#include "base/arena.h"
#include "base/text.h"
#include "cruet/error.h"
#include "cruet/svc/transport.h"
#include "debug/page_priv.h"
#include "server/story.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* --- the title -------------------------------------------------------------------------- */

static const char *what(struct arena *a, const struct story *s)
{
	const struct crash_record *r = s->record;

	if (r->hang_ms)
		return arena_printf(a, "No reply after %u s", r->hang_ms / 1000);
	if (r->signal)
		return crash_signal_name(r->signal);
	return cruet_reason(s->status);
}

const char *story_title(struct arena *a, const struct story *s)
{
	const struct crash_line *at = story_place(s);
	const char *title = what(a, s);

	if (s->places && title)
		return arena_printf(a, "%s in %s:%u", title, base_name(s->places->file),
				    s->places->line);
	if (!at || !title)
		return title;
	return arena_printf(a, "%s in %s (%s:%u)", title, at->function ? at->function : "?",
			    base_name(at->file), at->line);
}

/* --- a pointer -------------------------------------------------------------------------- */

static bool is_name(char ch)
{
	return is_alnum(ch) || ch == '_';
}

/* The length of what reads the pointer name at p: "u->name", "u[i]"; 0: it is not read there. */
static size_t use_of(const char *p, size_t name)
{
	size_t n = name;

	if (text_starts(p + n, "->")) {
		for (n += 2; is_name(p[n]);)
			n++;
		return n;
	}
	if (p[n] != '[')
		return 0;
	const char *end = strchr(p + n, ']');
	return end ? (size_t)(end + 1 - p) : 0;
}

/* "u->name" or "*u" in a line, if u is the variable that is NULL. */
static const char *find_use(struct arena *a, const char *line, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = line; (p = strstr(p, name)); p += len) {
		bool inner = p > line && (is_name(p[-1]) || p[-1] == '.' || p[-1] == '>');
		size_t n = use_of(p, len);
		if (!inner && n)
			return arena_strndup(a, p, n);
		if (!inner && !is_name(p[len]) && p > line && p[-1] == '*')
			return arena_printf(a, "*%s", name);
	}
	return NULL;
}

/* The first variable of the frame that is NULL and read in that line. */
static const char *null_use(struct arena *a, const struct crash_line *at)
{
	struct excerpt e;
	char *values = at && at->values ? arena_strdup(a, at->values) : NULL;

	if (!values || !excerpt_read(&e, a, at->file, at->line))
		return NULL;
	for (char *one; (one = strsep(&values, "\n"));) {
		char *value = strchr(one, '\t');
		if (!value || strcmp(value, "\tNULL") != 0)
			continue;
		*value = '\0';
		const char *use = find_use(a, e.lines[at->line - e.first], one);
		if (use)
			return use;
	}
	return NULL;
}

static const char *verb(const struct crash_record *r)
{
	switch (r->access) {
	case CRASH_WROTE:
		return "wrote";
	case CRASH_RAN:
		return "jumped";
	default:
		return "read";
	}
}

static const char *pointer(struct arena *a, const struct story *s)
{
	const struct crash_record *r = s->record;
	const char *use = null_use(a, story_place(s));

	if (r->access == CRASH_RAN)
		return "called a function through a NULL pointer";
	if (use)
		return arena_printf(a, "%s through NULL pointer `%s`", verb(r), use);
	return arena_printf(a, "%s through a NULL pointer%s", verb(r),
			    r->address ? arena_printf(a, ", at offset %llu of what it should point to",
						      (unsigned long long)r->address)
				       : "");
}

/* --- causes ----------------------------------------------------------------------------- */

static const char *segv(struct arena *a, const struct story *s)
{
	const struct crash_record *r = s->record;

	if (r->overflow)
		return "stack overflow: functions call each other too deep, or a variable on the "
		       "stack is too large";
	if (r->code == SI_KERNEL)
		return arena_printf(a, "%s through a pointer that cannot be one: it was never set, or "
				       "was overwritten",
				    verb(r));
	if (crash_at_null(r))
		return pointer(a, s);
	if (r->code == SEGV_ACCERR)
		return arena_printf(a, "%s at address 0x%llx, which may not be %s", verb(r),
				    (unsigned long long)r->address,
				    r->access == CRASH_WROTE ? "written: a constant, or code"
							     : "used like that");
	return arena_printf(a, "%s at address 0x%llx, where nothing is: a pointer was never set, was "
			       "freed, or was overwritten",
			    verb(r), (unsigned long long)r->address);
}

static const char *fpe(const struct crash_record *r)
{
	switch (r->code) {
	case FPE_INTDIV:
		return "division by zero";
	case FPE_INTOVF:
		return "a whole number grew too large";
	default:
		return "a calculation that has no result";
	}
}

/* "site: site.c:9: show: Assertion `n > 0' failed." */
static const char *assertion(struct arena *a, const char *says)
{
	const char *from = strstr(says, "Assertion `"), *to = from ? strrchr(from, '\'') : NULL;

	if (!to)
		return NULL;
	from += strlen("Assertion `");
	return arena_printf(a, "assertion failed: `%.*s` is not true", (int)(to - from), from);
}

static const char *from_libc(struct arena *a, const char *says)
{
	static const char *const words[][2] = {
		{"double free", "double free: memory was freed that had been freed before"},
		{"invalid pointer", "free() of a pointer that malloc() never gave"},
		{"corrupt", "the heap is damaged: something wrote beyond its memory, before this"},
		{"invalid size", "the heap is damaged: something wrote beyond its memory, before this"},
		{"stack smashing", "a variable on the stack was written beyond its end"},
		{"buffer overflow", "a function of the C library would have written beyond a buffer"},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(says, words[i][0]))
			return arena_printf(a, "%s (%s)", words[i][1], says);
	return says;
}

static const char *aborted(struct arena *a, const struct crash_record *r)
{
	char *says = arena_strdup(a, r->says);

	if (!says || !*says)
		return "abort() was called";
	says[strcspn(says, "\n")] = '\0';
	const char *text = assertion(a, says);
	return text ? text : from_libc(a, says);
}

static const char *of_signal(struct arena *a, const struct story *s)
{
	const struct crash_record *r = s->record;

	switch (r->signal) {
	case SIGSEGV:
		return segv(a, s);
	case SIGBUS:
		return "memory that is there on paper alone: the end of a mapped file was passed, or "
		       "an address is not aligned";
	case SIGFPE:
		return fpe(r);
	case SIGILL:
		return "an instruction that does not exist: the compiler puts one where code must "
		       "never be (__builtin_trap), or a pointer to a function is wrong";
	case SIGABRT:
		return aborted(a, r);
	default:
		return NULL;
	}
}

const char *story_cause(struct arena *a, const struct story *s)
{
	const struct crash_record *r = s->record;

	if (r->hang_ms)
		return arena_printf(a, "the handler had %u s, the time limit while developing: this is "
				       "what it was doing then",
				    r->hang_ms / 1000);
	return r->signal ? of_signal(a, s) : s->says;
}
