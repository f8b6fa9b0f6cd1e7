/* cruet plugins check: a file that somebody is about to trust. Nothing of it runs. */
#include "cli/check.h"

#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/table.h"
#include "cruet/error.h"
#include "plugin/loader.h"

/* --- reading it ------------------------------------------------------------------- */

/* An application's file may have any name. */
static int read_either(const char *path, struct arena *a, struct plugin_file *f,
		       const char **why)
{
	const char *ignored = NULL;
	int err = loader_read(path, false, a, f, why);

	return err ? loader_read(path, true, a, f, &ignored) ? err : CRUET_OK : CRUET_OK;
}

static const char *unknown_calls(const struct checked *k, struct arena *a)
{
	return arena_printf(
		a,
		"%s calls %s, which this libcruet does not export: it was built for "
		"another version, or the name is wrong",
		k->path, describe_list(k->missing, a));
}

static int look(struct checked *k, struct arena *a)
{
	struct plugin_file f;
	const char *why = NULL;
	int err = read_either(k->path, a, &f, &k->refused);

	if (err)
		return k->refused ? CRUET_OK : CRUET_ENOMEM;
	k->refused = NULL;
	k->facts = f.facts;
	err = inspect(f.bytes, f.len, a, &k->inspection, &why);
	loader_forget(&f);
	k->missing = loader_missing(&k->facts, a);
	if ((err && !why) || !k->missing)
		return CRUET_ENOMEM;
	k->read = !err;
	if (why)
		k->refused = arena_printf(a, "%s %s", k->path, why);
	else if (*k->missing)
		k->refused = unknown_calls(k, a);
	return (why || *k->missing) && !k->refused ? CRUET_ENOMEM : CRUET_OK;
}

/* --- in words --------------------------------------------------------------------- */

/* The names that begin with cruet_, or the others. */
static const char *const *some(const char *const *list, bool ours, struct arena *a)
{
	size_t n = 0;

	while (list[n])
		n++;
	const char **out = arena_array(a, n + 1, sizeof *out);
	n = 0;
	for (; out && *list; list++)
		if (text_starts(*list, "cruet_") == ours)
			out[n++] = *list;
	return out;
}

static void name_rows(struct table *t, const char *name, const char *const *list)
{
	t->failed |= !list;
	if (list)
		describe_names(t, name, list);
}

static void file_rows(struct table *t, const struct checked *k)
{
	const struct facts *f = &k->facts;

	describe_head(t, k->path, f->plugin);
	table_row(t, "plugin ABI", arena_printf(t->a, "%u", f->plugin->abi));
	table_row(t, "libraries", describe_list(f->libraries, t->a));
	name_rows(t, "calls", some(f->imports, true, t->a));
	name_rows(t, "imports", some(f->imports, false, t->a));
	name_rows(t, "exports", k->inspection.exports);
	if (*k->missing)
		name_rows(t, "missing", k->missing);
	table_row(t, "sha256", f->sha256);
	if (f->uses_origin)
		table_row(t, "note",
			  "looks for libraries beside its file ($ORIGIN), but runs "
			  "from a private copy, where they are not");
}

const char *relro_word(enum relro r)
{
	return r == RELRO_FULL ? "full" : r == RELRO_PARTIAL ? "partial" : "none";
}

static void hardening_rows(struct table *t, const struct inspection *i)
{
	bool full = i->relro == RELRO_FULL;

	table_row(t, "HARDENING", "FOUND", "ADVICE");
	table_row(t, "RELRO", relro_word(i->relro),
		  full ? "" : "link with -Wl,-z,relro,-z,now");
	table_row(t, "BIND_NOW", i->bind_now ? "yes" : "no",
		  i->bind_now ? "" : "link with -Wl,-z,now");
	table_row(t, "stack", i->exec_stack ? "executable" : "not executable",
		  i->exec_stack
			  ? "makes all stacks executable: link with -Wl,-z,noexecstack"
			  : "");
	table_row(t, "stack protector", i->stack_protector ? "yes" : "not seen",
		  i->stack_protector ? "" : "compile with -fstack-protector-strong");
	table_row(t, "FORTIFY", i->fortify ? "yes" : "not seen",
		  i->fortify ? "" : "compile with -O2 -D_FORTIFY_SOURCE=2");
	table_row(t, "text relocations", i->text_relocations ? "yes" : "no",
		  i->text_relocations ? "its code is written to: compile with -fPIC"
				      : "");
	table_row(t, "writable code", i->writable_code ? "yes" : "no",
		  i->writable_code ? "a segment can be written and run" : "");
	table_row(t, "run path", i->run_path ? i->run_path : "none",
		  i->run_path ? "libraries are looked for there first" : "");
	table_row(t, "unique symbols", describe_list(*i->unique ? i->unique : NULL, t->a),
		  *i->unique ? "its code stays in memory: compile with -fno-gnu-unique"
			     : "");
	table_row(t, "mutable globals",
		  arena_printf(t->a, "%llu bytes", (unsigned long long)i->mutable_bytes),
		  i->mutable_bytes > 16 ? "state belongs into cruet_state()" : "");
}

static int print(const struct checked *k, struct arena *a)
{
	struct table file, hardening;

	table_init(&file, a, 2);
	file_rows(&file, k);
	table_init(&hardening, a, 3);
	hardening_rows(&hardening, &k->inspection);
	int code = describe_title(k->facts.plugin, a);
	code = code ? code : describe_print(&file, "  ");
	if (!code)
		putchar('\n');
	code = code ? code : describe_print(&hardening, "");
	return code ? code : describe_options(k->facts.plugin, a);
}

int plugins_check(struct cmdline *c)
{
	struct checked k = {.path = c->args.rest[0]};
	int code = EXIT_DONE;

	if (look(&k, &c->arena))
		return cli_fail("out of memory");
	if (args_value(&c->args, "json"))
		code = check_json(&k, &c->arena) ? EXIT_DONE : cli_fail("out of memory");
	else if (k.read)
		code = print(&k, &c->arena);
	return code || !k.refused ? code : cli_fail("%s", k.refused);
}
