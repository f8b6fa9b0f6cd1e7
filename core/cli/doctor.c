/* cruet doctor: whether this machine has what building and serving needs. */
#include <cjson/cJSON.h>
#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "app/scope.h"
#include "cli/capture.h"
#include "cli/cli.h"
#include "cli/compile.h"
#include "cli/json_out.h"
#include "cli/table.h"
#include "cruet/app.h"
#include "plugin/loader.h"
#include "plugin/registry.h"
#include "server/crash_lines.h"
#include "server/transport.h"

enum state {
	STATE_OK,
	STATE_NOTE,   /* something is not there that not everybody needs */
	STATE_MISSING /* nothing can be built, or nothing served */
};

struct item {
	struct item *next;
	enum state state;
	const char *name, *found, *advice; /* advice NULL: none */
};

struct doctor {
	struct arena *a;
	struct item *first, **last;
	bool missing, no_memory;
};

static void say(struct doctor *d, enum state state, const char *name, const char *found,
		const char *advice)
{
	struct item *i = arena_zalloc(d->a, sizeof *i);

	d->missing |= state == STATE_MISSING;
	if (!i || !found) {
		d->no_memory = true;
		return;
	}
	*i = (struct item){NULL, state, name, found, state == STATE_OK ? NULL : advice};
	*d->last = i;
	d->last = &i->next;
}

/* --- building ----------------------------------------------------------------------------- */

static const char *first_line(struct doctor *d, const char *text)
{
	return arena_strndup(d->a, text, strcspn(text, "\n"));
}

/* A program that says its version; not there: what that means. */
static void look_for_program(struct doctor *d, const char *program, enum state without,
			     const char *advice)
{
	const char *const argv[] = {program, "--version", NULL};
	const char *out;

	if (capture(argv, d->a, &out) == 0)
		say(d, STATE_OK, program, first_line(d, out), NULL);
	else
		say(d, without, program, "not found", advice);
}

static void look_for_compiler(struct doctor *d)
{
	const char *cc = getenv("CC");
	const char *name = arena_strndup(d->a, cc ? cc : "", strcspn(cc ? cc : "", " \t"));

	if (!name)
		d->no_memory = true;
	else
		look_for_program(d, *name ? name : "cc", STATE_MISSING,
				 "install gcc, or name another compiler in CC");
}

static void look_for_file(struct doctor *d, const char *name, const char *folder, const char *file,
			  const char *advice)
{
	const char *path = arena_printf(d->a, "%s/%s", folder, file);
	bool there = path && !access(path, R_OK);

	say(d, there ? STATE_OK : STATE_MISSING, name,
	    there || !path ? path : arena_printf(d->a, "%s: %s", path, strerror(errno)), advice);
}

static bool write_source(const char *path)
{
	static const char text[] = "#include <cruet.h>\nCRUET_APP(app) { (void)app; }\n";
	FILE *f = fopen(path, "w");
	bool ok = f && fputs(text, f) >= 0;

	return f && !fclose(f) && ok;
}

/* Where code is built, it is also run: a folder whose file system forbids that is no use. */
static void try_to_build(struct doctor *d)
{
	const char *why = NULL;
	char *folder = loader_folder(d->a, &why);
	const char *source = folder ? arena_printf(d->a, "%s/app.c", folder) : NULL;
	const char *so = source ? arena_printf(d->a, "%s/app.so", folder) : NULL;
	const char *const sources[] = {source, NULL};
	void *handle = NULL;

	if (!so) {
		say(d, STATE_MISSING, "private folder", why ? why : "out of memory",
		    "plugins are opened from a copy there");
		free(folder);
		return;
	}
	if (!write_source(source))
		say(d, STATE_MISSING, "an application", strerror(errno), folder);
	else if (compile_app(sources, so, d->a, &why))
		say(d, STATE_MISSING, "an application", why, "see above");
	else if (!(handle = dlopen(so, RTLD_NOW | RTLD_LOCAL)))
		say(d, STATE_MISSING, "an application", arena_strdup(d->a, dlerror()),
		    "libcruet must be found (ldconfig, LD_LIBRARY_PATH), and code may be run in "
		    "that folder (no noexec)");
	else
		say(d, STATE_OK, "an application", "compiles and can be opened", NULL);
	if (handle)
		dlclose(handle);
	unlink(source);
	unlink(so);
	rmdir(folder);
	free(folder);
}

/* --- serving ------------------------------------------------------------------------------ */

static void show_versions(struct doctor *d)
{
	struct utsname u;

	say(d, STATE_OK, "cruet", arena_printf(d->a, "%s, plugin ABI %u", CRUET_VERSION,
					       CRUET_PLUGIN_ABI), NULL);
	say(d, STATE_OK, "cJSON", cJSON_Version(), NULL);
	say(d, STATE_OK, "civetweb", civetweb_version(), NULL);
	say(d, STATE_OK, "glibc", gnu_get_libc_version(), NULL);
	if (!uname(&u))
		say(d, STATE_OK, "kernel",
		    arena_printf(d->a, "%s %s, %s", u.sysname, u.release, u.machine), NULL);
}

static void look_at_plugins(struct doctor *d)
{
	cruet_app *app = cruet_new("doctor");
	const char *const *names = app ? registry_names(app->host, d->a) : NULL;
	unsigned good = 0;

	d->no_memory |= !names;
	for (; names && *names; names++) {
		struct facts facts;
		const char *why = NULL, *path = registry_find(app->host, *names, d->a, &why);
		if (path && !loader_check(path, false, d->a, &facts, &why))
			good++;
		else
			say(d, STATE_MISSING, *names, why, "install it anew, or remove the file");
	}
	cruet_free(app);
	say(d, good ? STATE_OK : STATE_NOTE, "plugins",
	    arena_printf(d->a, "%u can be loaded, in CRUET_PLUGIN_PATH and %s", good,
			 CRUET_PLUGIN_DIR),
	    "sessions, databases and so on are plugins: name their folder in CRUET_PLUGIN_PATH");
}

static void look_at_limits(struct doctor *d)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l))
		return;
	bool enough = l.rlim_max == RLIM_INFINITY || l.rlim_max >= 1024;
	say(d, enough ? STATE_OK : STATE_NOTE, "descriptors",
	    l.rlim_max == RLIM_INFINITY
		    ? "any number"
		    : arena_printf(d->a, "%llu", (unsigned long long)l.rlim_max),
	    "each connection takes one: ulimit -n, or LimitNOFILE= in the unit");
}

static void look_at_tools(struct doctor *d)
{
	const char *lines = crash_lines_program(d->a);
	bool there = lines && !access(lines, X_OK);

	say(d, there ? STATE_OK : STATE_NOTE, "cruet-lines", there ? lines : "not found",
	    "reports of crashes have no files and lines without it: it is built where libdw-dev is");
	look_for_program(d, "meson", STATE_NOTE, "`cruet new` makes sites that Meson builds");
	look_for_program(d, "ninja", STATE_NOTE, "Meson builds by it");
	look_for_program(d, "pkg-config", STATE_NOTE, "Meson finds libcruet by it");
	look_for_program(d, "gdb", STATE_NOTE, "the page of an error shows variables by it");
}

/* --- showing ------------------------------------------------------------------------------ */

static const char *const states[] = {"ok", "note", "missing"};

static int print(const struct doctor *d)
{
	struct table t;

	table_init(&t, d->a, 4);
	table_row(&t, "STATE", "WHAT", "FOUND", "ADVICE");
	for (const struct item *i = d->first; i; i = i->next)
		table_row(&t, states[i->state], i->name, i->found, i->advice);
	return table_print(&t, "", stdout) ? cli_fail("out of memory") : EXIT_DONE;
}

static int print_json(const struct doctor *d)
{
	cJSON *out = cJSON_CreateObject(), *all = cJSON_CreateArray();
	bool ok = out && all;

	for (const struct item *i = d->first; i && ok; i = i->next) {
		cJSON *one = cJSON_CreateObject();
		json_push(all, one, &ok);
		if (!ok)
			break;
		json_add_text(one, "state", states[i->state], &ok);
		json_add_text(one, "what", i->name, &ok);
		json_add_text(one, "found", i->found, &ok);
		json_add_text(one, "advice", i->advice, &ok);
	}
	if (out) {
		json_add_bool(out, "ok", !d->missing, &ok);
		json_add(out, "items", all, &ok);
	} else {
		cJSON_Delete(all);
	}
	ok = ok && !json_print(out, d->a);
	cJSON_Delete(out);
	return ok ? EXIT_DONE : cli_fail("out of memory");
}

int doctor_command(struct cmdline *c)
{
	struct doctor d = {.a = &c->arena};

	d.last = &d.first;
	show_versions(&d);
	look_for_compiler(&d);
	look_for_file(&d, "headers", compile_include_dir(), "cruet.h",
		      "install cruet, or name the folder in CRUET_INCLUDE_DIR");
	look_for_file(&d, "library", compile_lib_dir(), "libcruet.so",
		      "install cruet, or name the folder in CRUET_LIB_DIR");
	try_to_build(&d);
	look_at_plugins(&d);
	look_at_limits(&d);
	look_at_tools(&d);
	if (d.no_memory)
		return cli_fail("out of memory");
	int code = args_value(&c->args, "json") ? print_json(&d) : print(&d);
	return code ? code : d.missing ? EXIT_FAILED : EXIT_DONE;
}
