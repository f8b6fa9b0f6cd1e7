/* What the sanitizers write is for people; these are its parts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "server/sanitizer.h"

enum { FRAMES = 48 };

static const char undefined[] = ": runtime error: ";

static const char *line_of(struct arena *a, const char *at)
{
	return arena_strndup(a, at, strcspn(at, "\n"));
}

/* "heap-buffer-overflow", of "ERROR: AddressSanitizer: heap-buffer-overflow on address ..." */
static const char *kind_of(struct arena *a, const char *report)
{
	static const char mark[] = "ERROR: AddressSanitizer: ";
	const char *at = strstr(report, mark);

	at = at ? at + sizeof mark - 1 : NULL;
	return at ? arena_strndup(a, at, strcspn(at, " \n")) : NULL;
}

/* --- frames ----------------------------------------------------------------------------- */

struct frame {
	const char *function, *file;
	unsigned line;
};

/* "    #0 0x55d1 in show /srv/site.c:9:5"; false: it is another line. */
static bool read_frame(struct arena *a, const char *line, struct frame *out)
{
	char function[128], file[512];
	int n = 0;

	*out = (struct frame){.function = NULL};
	if (sscanf(line, " #%*u 0x%*x in %127s %511[^\n]", function, file) != 2)
		return sscanf(line, " #%*u 0x%*x %n", &n) >= 0 && n > 0;
	char *colon = strchr(file, ':');
	if (colon && is_digit(colon[1])) {
		*colon = '\0';
		out->line = (unsigned)strtoul(colon + 1, NULL, 10);
		out->file = arena_strdup(a, file);
	}
	out->function = arena_strdup(a, function);
	return true;
}

/* The sanitizer's own functions stand innermost, and those of the core outermost. */
static bool is_core(const struct frame *f)
{
	return f->function && !strcmp(f->function, "ctx_run");
}

static bool is_own(const struct frame *f)
{
	return f->file && *f->file == '/' && !access(f->file, R_OK);
}

/* "site.c:25:4: runtime error: ...": the stack below it may have no lines. Names begin where the
 * application was compiled, which is where this process is. */
static bool read_undefined(struct arena *a, const char *report, struct frame *out)
{
	const char *mark = strstr(report, undefined), *line = mark;
	char file[512];

	while (line && line > report && line[-1] != '\n')
		line--;
	*out = (struct frame){.function = NULL};
	if (!line || sscanf(line, "%511[^:\n]:%u", file, &out->line) != 2)
		return false;
	char *path = realpath(file, NULL);
	out->file = arena_strdup(a, path ? path : file);
	free(path);
	return out->file;
}

static bool first_own(struct arena *a, const char *report, struct frame *out)
{
	if (read_undefined(a, report, out))
		return true;
	for (const char *line = report; line; line = strchr(line, '\n'), line += line != NULL) {
		if (!read_frame(a, line, out))
			continue;
		if (is_core(out))
			return false;
		if (is_own(out))
			return true;
	}
	return false;
}

static const char *title_of(const char *line)
{
	if (strstr(line, "freed by thread"))
		return "it was freed here";
	if (strstr(line, "allocated by thread"))
		return "it was allocated here";
	return NULL;
}

void sanitizer_places(struct page *p, const char *report)
{
	const char *says = NULL;
	struct frame f;
	bool core = read_undefined(p->arena, report, &f);
	unsigned n = 0;

	if (core)
		page_place(p, &(struct page_place){.file = f.file, .line = f.line});
	for (const char *line = report; line && n < FRAMES; line = strchr(line, '\n'), line += line != NULL) {
		const char *text = line_of(p->arena, line);
		const char *title = text ? title_of(text) : NULL;
		if (title) {
			says = title;
			core = false;
		}
		if (!text || !read_frame(p->arena, text, &f))
			continue;
		core |= is_core(&f);
		bool own = !core && is_own(&f);
		page_place(p, &(struct page_place){.function = f.function,
						   .file = f.file,
						   .line = f.line,
						   .says = own ? says : NULL,
						   .object = "a library",
						   .foreign = !own});
		says = own ? NULL : says;
		n++;
	}
}

/* --- words ------------------------------------------------------------------------------ */

const char *sanitizer_title(struct arena *a, const char *report)
{
	const char *kind = kind_of(a, report);
	struct frame f;

	if (!kind && !strstr(report, undefined))
		return NULL;
	kind = kind ? kind : "undefined behaviour";
	if (!first_own(a, report, &f))
		return kind;
	const char *slash = strrchr(f.file, '/'), *name = slash ? slash + 1 : f.file;
	return f.function ? arena_printf(a, "%s in %s (%s:%u)", kind, f.function, name, f.line)
			  : arena_printf(a, "%s (%s:%u)", kind, name, f.line);
}

/* "wrote 4 bytes" of "WRITE of size 4 at ..." */
static const char *access_of(struct arena *a, const char *report)
{
	const char *at = strstr(report, " of size ");
	unsigned size;

	if (!at || sscanf(at, " of size %u", &size) != 1)
		return NULL;
	bool wrote = at - report >= 5 && !strncmp(at - 5, "WRITE", 5);
	return arena_printf(a, "%s %u byte%s", wrote ? "wrote" : "read", size, size == 1 ? "" : "s");
}

/* "0 bytes to the right of 40-byte region" */
static const char *region_of(struct arena *a, const char *report)
{
	const char *at = strstr(report, " is located ");
	return at ? arena_strndup(a, at + 12, strcspn(at + 12, "[\n")) : NULL;
}

const char *sanitizer_cause(struct arena *a, const char *report)
{
	static const char *const words[][2] = {
		{"heap-buffer-overflow", "beyond memory from malloc()"},
		{"stack-buffer-overflow", "beyond a variable on the stack"},
		{"global-buffer-overflow", "beyond a variable of the file"},
		{"heap-use-after-free", "in memory that was freed"},
		{"stack-use-after-return", "in a variable of a function that has returned"},
		{"stack-use-after-scope", "in a variable whose block has ended"},
		{"attempting", "freed what cannot be freed: it was already, or never came from malloc()"},
	};
	const char *runtime = strstr(report, undefined), *kind = kind_of(a, report);
	const char *access = access_of(a, report), *region = region_of(a, report);

	if (!kind)
		return runtime ? line_of(a, runtime + sizeof undefined - 1) : NULL;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text_starts(kind, words[i][0]))
			return arena_printf(a, "%s%s%s%s%s", access ? access : "", access ? " " : "",
					    words[i][1], region ? ": " : "", region ? region : "");
	return access ? access : kind;
}
