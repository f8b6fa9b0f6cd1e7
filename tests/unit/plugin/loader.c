/* A program that holds the core in itself and hides it, as this test does, cannot have
 * plugins: they would bring a second core. It is told so before anything is opened. */
#include "plugin/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cruet/error.h"
#include "plugin/copies.h"
#include "suite.h"

START_TEST(a_hidden_core_has_no_plugins)
{
	char path[512], want[700];
	struct arena a;
	struct plugin_file f;
	struct loaded l;
	const char *why;

	snprintf(path, sizeof path, "%s/tests/plugin/fixtures/well.so", getenv("CRUET_BUILD"));
	arena_init(&a, 4096);
	ck_assert_msg(loader_read(path, false, &a, &f, &why) == CRUET_OK, "%s", why);
	ck_assert_str_eq(f.facts.plugin->version, "1.0.0"); /* it can be read, though */
	struct copies *c = copies_new(&a, &why);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(loader_open(&f, c, &a, &l, &why), CRUET_EINVAL);
	snprintf(want, sizeof want, "%s cannot be loaded: this program holds a core of its own and "
				    "hides it: link it to libcruet.so, or with -rdynamic",
		 path);
	ck_assert_str_eq(why, want);
	ck_assert_ptr_null(l.handle);
	ck_assert_ptr_null(l.copy);
	ck_assert(!getenv("RAN_well"));
	ck_assert(loader_close(&l));
	copies_free(c);
	copies_free(NULL);
	loader_forget(&f);
	loader_forget(NULL);
	arena_fini(&a);
}
END_TEST

SUITE("loader", a_hidden_core_has_no_plugins)
