/* The sample plugin as its README says: copied out of the tree, built with the line that
 * stands there, loaded; and its own test, built with the other line. */
#include "host.h"

/* The line of the README that begins so. */
static const char *line_of(const char *start)
{
	static char readme[FILE_CAP];
	size_t n = read_bytes(text("%s/samples/own_plugin/README.md", getenv("CRUET_SOURCE")), readme);

	readme[n] = '\0';
	for (char *line = readme; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, start, strlen(start)))
			return text("%.*s", (int)strcspn(line, "\n"), line);
	}
	ck_abort_msg("no line \"%s...\" in the README", start);
	return NULL;
}

static void copy_sample(void)
{
	ck_assert_int_eq(system(text("cp %s/samples/own_plugin/*.c %s", getenv("CRUET_SOURCE"),
				     folder)),
			 0);
}

static void run(const char *line)
{
	ck_assert_msg(system(text("cd %s && %s", folder, line)) == 0, "%s", line);
}

START_TEST(the_line_builds_a_plugin_that_loads)
{
	copy_sample();
	run(line_of("cc -shared"));
	ck_assert_int_eq(chmod(at("maintenance.so"), 0755), 0);
	cruet_app *app = app_from(text("{\"plugins\": {\"maintenance\": {\"file\": \"%s\", "
				       "\"except\": \"/health\", \"retry\": 600}}}",
				       at("closed")));
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	ck_assert_int_eq(cruet_client_get(t, "/"), 404);
	write_text("closed", "");
	ck_assert_int_eq(cruet_client_get(t, "/"), 503);
	ck_assert_str_eq(cruet_client_header(t, "Retry-After"), "600");
	ck_assert_int_eq(cruet_client_get(t, "/health"), 404);
	unlink(at("closed"));
	ck_assert_int_eq(cruet_client_get(t, "/"), 404);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(the_other_line_builds_its_test)
{
	copy_sample();
	run(line_of("cc -o test"));
}
END_TEST

START_TEST(the_plugin_has_thirty_lines_or_fewer)
{
	static char source[FILE_CAP];
	int lines = 0;

	size_t n = read_bytes(text("%s/samples/own_plugin/maintenance.c", getenv("CRUET_SOURCE")),
			      source);
	for (size_t i = 0; i < n; i++)
		lines += source[i] == '\n';
	ck_assert_int_le(lines, 30);
}
END_TEST

HOST_SUITE("outside", the_line_builds_a_plugin_that_loads, the_other_line_builds_its_test,
	   the_plugin_has_thirty_lines_or_fewer)
