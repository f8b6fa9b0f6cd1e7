/* Replies that are kept in files beside the tests. */
#include "testing.h"

#include <check.h>
#include <cruet.h>
#include <cruet/testing.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diff.h"

enum { KEPT_MAX = 16 << 20, NAME_BYTES = 100 };

/* What is another in each reply, or follows from the body. */
static const char *const left_out[] = {"Content-Length", "Date",	       "ETag",
				       "Last-Modified",	 "X-Content-Type-Options", NULL};

static bool is_left_out(const char *name)
{
	for (const char *const *p = left_out; *p; p++)
		if (!strcasecmp(*p, name))
			return true;
	return false;
}

/* The value of a cookie is signed, with the time in it: its name and what it is told stay. */
static void put_header(FILE *out, const char *name, const char *value)
{
	size_t n = strcspn(value, "="), end = n + strcspn(value + n, ";");

	if (strcasecmp(name, "Set-Cookie"))
		fprintf(out, "%s: %s\n", name, value);
	else
		fprintf(out, "%s: %.*s=...%s\n", name, (int)n, value, value + end);
}

static void put_line(FILE *out, int depth)
{
	fprintf(out, "\n%*s", 2 * depth, "");
}

/* One value a line, and all of it as it was written: no number is read. */
static void put_json(FILE *out, const char *p)
{
	static const char space[] = " \t\r\n";
	int depth = 0;

	for (p += strspn(p, space); *p; p += strspn(p, space)) {
		char ch = *p++;
		fputc(ch, out);
		if (ch == '"') {
			for (; *p && *p != '"'; p++) {
				fputc(*p, out);
				if (*p == '\\' && p[1])
					fputc(*++p, out);
			}
			if (*p)
				fputc(*p++, out);
		} else if (ch == '{' || ch == '[') {
			p += strspn(p, space);
			if (*p != '}' && *p != ']')
				put_line(out, ++depth);
			else
				fputc(*p++, out);
		} else if (ch == ',') {
			put_line(out, depth);
		} else if (ch == ':') {
			fputc(' ', out);
		}
		const char *next = p + strspn(p, space);
		if ((*next == '}' || *next == ']') && depth && ch != '{' && ch != '[')
			put_line(out, --depth);
	}
	fputc('\n', out);
}

static void put_body(FILE *out, const cruet_client *client)
{
	const char *body = cruet_client_body(client);
	size_t len = cruet_client_body_len(client);
	const char *type = cruet_client_header(client, "Content-Type");

	if (strlen(body) != len)
		fprintf(out, "(%zu bytes that are no text)\n", len);
	else if (type && strstr(type, "json"))
		put_json(out, body);
	else
		fprintf(out, "%s%s", body, len && body[len - 1] != '\n' ? "\n(no newline)\n" : "");
}

static char *shown(const cruet_client *client)
{
	char *text = NULL;
	size_t len;
	const char *name, *value;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fprintf(out, "%d\n", cruet_client_status(client));
	for (size_t i = 0; cruet_client_header_at(client, i, &name, &value); i++)
		if (!is_left_out(name))
			put_header(out, name, value);
	fputs("\n", out);
	put_body(out, client);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/* The whole of a file; NULL: there is none, or it cannot be read (errno). */
static char *slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	struct stat st;
	char *text = NULL;

	if (f && !fstat(fileno(f), &st) && st.st_size <= KEPT_MAX)
		text = calloc(1, (size_t)st.st_size + 1);
	if (text && fread(text, 1, (size_t)st.st_size, f) != (size_t)st.st_size) {
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

static void keep(cruet_test *t, const char *folder, const char *path, const char *text)
{
	if (mkdir(folder, 0777) && errno != EEXIST)
		test_fail(t, "%s: %s", folder, strerror(errno));
	FILE *f = fopen(path, "w");
	bool ok = f && fputs(text, f) >= 0;
	if (!f || fclose(f) || !ok)
		test_fail(t, "%s: %s", path, strerror(errno));
}

static bool good_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_";
	size_t n = strspn(name, letters);

	return n && !name[n] && n <= NAME_BYTES;
}

static char *difference(const char *kept, const char *came)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out) {
		diff_write(out, kept, came);
		fclose(out);
	}
	return text;
}

static void compare(cruet_test *t, const char *name, const char *came)
{
	char *folder, *path;

	if (asprintf(&folder, "%s/tests/snapshots", test_site()) < 0 ||
	    asprintf(&path, "%s/%s.txt", folder, name) < 0)
		test_fail(t, "out of memory");
	const char *shown_path = path + strlen(test_site()) + 1;
	char *kept = slurp(path);
	if ((!kept || strcmp(kept, came)) && getenv("CRUET_TEST_UPDATE"))
		keep(t, folder, path, came);
	else if (!kept)
		test_fail(t, "there is no %s to compare this reply with: if it is right, keep it by "
			     "`cruet test --update`\n%s",
			  shown_path, came);
	else if (strcmp(kept, came))
		test_fail(t, "this reply differs from %s: if it is right, keep it by `cruet test "
			     "--update`\n%s",
			  shown_path, difference(kept, came));
	free(kept);
	free(path);
	free(folder);
}

void cruet_test_compare(cruet_test *t, const cruet_client *client, const char *name,
			const char *file, int line)
{
	test_at(t, file, line);
	if (!good_name(name))
		test_fail(t, "snapshot \"%s\": expected a name of up to %d letters, digits, - and _",
			  name, NAME_BYTES);
	char *came = shown(client);
	if (!came)
		test_fail(t, "out of memory");
	compare(t, name, came);
	free(came);
}
