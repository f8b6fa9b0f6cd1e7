/* With reload a file that has changed is read again, and what was rendered meanwhile is
 * freed when its last user has gone. */
#include <fcntl.h>
#include <unistd.h>

#include "fixture.h"

#include "node.h"
#include "../../../plugins/jinja/folder.h"

static char path[FOLDER_MAX];

static void write_page(const char *name, const char *text)
{
	char file[FOLDER_MAX + 64], fresh[FOLDER_MAX + 70];

	snprintf(file, sizeof file, "%s/%s", path, name);
	snprintf(fresh, sizeof fresh, "%s.new", file);
	FILE *f = fopen(fresh, "w");
	ck_assert(f && fputs(text, f) >= 0 && !fclose(f) && !rename(fresh, file));
}

START_TEST(changes_are_seen)
{
	struct engine_options o;
	struct folder f;
	struct complaint why;

	ck_assert(folder_make(path) && !folder_open(&f, path));
	write_page("a.txt", "one {% include 'b.txt' %}");
	write_page("b.txt", "two");
	engine_defaults(&o);
	o.reload = true;
	struct engine *e = engine_new(&o);
	ck_assert(engine_add_loader(e, folder_load, folder_fresh, &f));
	ck_assert_str_eq(render_with(e, "a.txt", NULL), "one two");
	const struct template *held = engine_get(e, NULL, "b.txt", &why);
	write_page("b.txt", "three");
	ck_assert_str_eq(render_with(e, "a.txt", NULL), "one three");
	ck_assert_str_eq(held->source, "two");
	engine_release(e, held);
	write_page("b.txt", "{% if %}");
	ck_assert_ptr_nonnull(strstr(render_with(e, "a.txt", NULL), "in b.txt, line 1"));
	write_page("b.txt", "four");
	ck_assert_str_eq(render_with(e, "a.txt", NULL), "one four");
	engine_free(e);
	folder_close(&f);
}
END_TEST

START_TEST(it_can_be_turned_on_later)
{
	struct engine_options o;
	struct folder f;

	ck_assert(folder_make(path) && !folder_open(&f, path));
	write_page("a.txt", "one");
	engine_defaults(&o);
	struct engine *e = engine_new(&o);
	ck_assert(engine_add_loader(e, folder_load, folder_fresh, &f));
	ck_assert_str_eq(render_with(e, "a.txt", NULL), "one");
	write_page("a.txt", "three");
	ck_assert_str_eq(render_with(e, "a.txt", NULL), "one");
	engine_reload(e);
	ck_assert_str_eq(render_with(e, "a.txt", NULL), "three");
	write_page("a.txt", "fourteen");
	ck_assert_str_eq(render_with(e, "a.txt", NULL), "fourteen");
	engine_free(e);
	folder_close(&f);
}
END_TEST

START_TEST(names_stay_inside)
{
	static const char *const names[] = {"../x", "/etc/passwd", "a/../b", ".hidden", "a//b",
					    "",	    "a/",	   "./a",    "sub"};
	struct folder f;
	struct template_stamp stamp;
	char *text;
	size_t len;

	ck_assert(folder_make(path) && !folder_open(&f, path) && !mkdirat(f.fd, "sub", 0755));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_int_eq(folder_load(NULL, &f, names[i], &text, &len, &stamp),
				 CRUET_ENOENT);
	folder_close(&f);
}
END_TEST

SUITE("jinja reload", changes_are_seen, it_can_be_turned_on_later, names_stay_inside)
