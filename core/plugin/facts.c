/* The descriptor as the dynamic linker will make it: the bytes of the file, with
 * each pointer as the relocation at its place says. Copied member by member into
 * the arena, so that what is returned leads nowhere but there. */
#include "plugin/facts.h"

#include <elf.h>
#include <string.h>

#include "app/option.h"
#include "base/arena.h"
#include "base/sha256.h"
#include "base/text.h"
#include "cruet/error.h"
#include "plugin/descriptor.h"
#include "plugin/elf.h"

static const char prefix[] = "cruet_plugin_";

enum { IMPORTS_MAX = 8 << 20 }; /* bytes of all names */

struct reader {
	struct elf elf;
	struct arena *a;
	const char **why;
	bool bad;      /* something in the descriptor points nowhere */
	bool no_memory;
	bool too_new;  /* an option has more to it than is known here */
};

static int refuse(const char **why, const char *text)
{
	*why = text;
	return text ? CRUET_EINVAL : CRUET_ENOMEM;
}

static void *kept(struct reader *r, void *p)
{
	r->no_memory |= !p;
	return p;
}

/* The address that will stand at a place, 0 for NULL. */
static uint64_t target_at(struct reader *r, uint64_t at)
{
	uint64_t target;
	const char *import;

	if (elf_pointer(&r->elf, at, &target, &import) && !import)
		return target;
	r->bad = true;
	return 0;
}

static const char *text_at(struct reader *r, uint64_t at)
{
	uint64_t target = target_at(r, at);
	const char *s = target ? elf_text(&r->elf, target) : NULL;

	r->bad |= target && !s;
	return s ? kept(r, arena_strdup(r->a, s)) : NULL;
}

static const char *const *list_at(struct reader *r, uint64_t at)
{
	uint64_t target = target_at(r, at);
	const char **list =
		target ? kept(r, arena_array(r->a, PLUGIN_LIST_MAX + 1, sizeof *list)) : NULL;

	for (size_t i = 0; list; i++) {
		const char *s = text_at(r, target + i * 8);
		if (!s)
			break;
		if (i == PLUGIN_LIST_MAX) {
			r->bad = true;
			break;
		}
		list[i] = s;
	}
	return list;
}

/* True if n bytes at an address, of which p is what the file has, say nothing: linkers may leave
 * it to a relocation alone what a pointer is. */
static bool only_zero(const struct reader *r, uint64_t at, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return !elf_relocated(&r->elf, at, n);
}

/* An option as the plugin was built with it; false at the end of the table. */
static bool option_read(struct reader *r, uint64_t at, size_t stride, cruet_option *out)
{
	const unsigned char *p = elf_at(&r->elf, at, stride);

	if (!p) {
		r->bad = true;
		return false;
	}
	memcpy(out, p, stride < sizeof *out ? stride : sizeof *out);
	out->name = text_at(r, at + offsetof(cruet_option, name));
	if (!out->name)
		return false;
	r->too_new |= stride > sizeof *out &&
		      !only_zero(r, at + sizeof *out, p + sizeof *out, stride - sizeof *out);
	out->def = text_at(r, at + offsetof(cruet_option, def));
	out->choices = text_at(r, at + offsetof(cruet_option, choices));
	out->help = text_at(r, at + offsetof(cruet_option, help));
	return true;
}

static const cruet_option *options_at(struct reader *r, uint64_t at, size_t stride)
{
	uint64_t target = target_at(r, at);
	cruet_option *table =
		target ? kept(r, arena_array(r->a, OPTIONS_MAX + 1, sizeof *table)) : NULL;

	for (size_t i = 0; table && i < OPTIONS_MAX; i++)
		if (!option_read(r, target + i * stride, stride, &table[i]))
			break;
	return table;
}

static bool function_at(struct reader *r, uint64_t at)
{
	uint64_t target;
	const char *import;

	if (!elf_pointer(&r->elf, at, &target, &import) ||
	    (target && !elf_is_code(&r->elf, target)))
		r->bad = true;
	return target || import;
}

/* These stand for functions that are there; nobody calls them. */
static int present(cruet_app *app)
{
	(void)app;
	return CRUET_ESTATE;
}

static void present_end(cruet_app *app)
{
	(void)app;
}

static int present_migrate(cruet_app *app, const cruet_predecessor *old)
{
	(void)app, (void)old;
	return CRUET_ESTATE;
}

#define AT(member) (at + offsetof(cruet_plugin, member))

static int check_core(struct reader *r, uint64_t at)
{
	uint64_t target;
	const char *import;

	if (elf_pointer(&r->elf, AT(core), &target, &import) && import &&
	    !strcmp(import, "cruet_core_id"))
		return CRUET_OK;
	*r->why = "brings a core of its own: link it to libcruet.so";
	return CRUET_EABI;
}

static void copy_members(struct reader *r, uint64_t at, cruet_plugin *p)
{
	p->core = cruet_core_id;
	p->name = text_at(r, AT(name));
	p->version = text_at(r, AT(version));
	p->summary = text_at(r, AT(summary));
	p->needs = list_at(r, AT(needs));
	p->provides = list_at(r, AT(provides));
	p->after = list_at(r, AT(after));
	p->options = options_at(r, AT(options), p->option_size);
	p->option_size = sizeof(cruet_option); /* of the copy */
	p->configure = function_at(r, AT(configure)) ? present : NULL;
	p->init = function_at(r, AT(init)) ? present : NULL;
	p->start = function_at(r, AT(start)) ? present : NULL;
	p->stop = function_at(r, AT(stop)) ? present_end : NULL;
	p->fini = function_at(r, AT(fini)) ? present_end : NULL;
	if (p->size >= CRUET_UPTO(cruet_plugin, migrate))
		p->migrate = function_at(r, AT(migrate)) ? present_migrate : NULL;
}

static int read_descriptor(struct reader *r, uint64_t at, cruet_plugin *p)
{
	const unsigned char *bytes = elf_at(&r->elf, at, offsetof(cruet_plugin, core));

	if (!bytes)
		return refuse(r->why, "is cut short: its descriptor is missing");
	memcpy(p, bytes, offsetof(cruet_plugin, core));
	int err = descriptor_check_head(p, r->a, r->why);
	if (err)
		return err;
	bytes = elf_at(&r->elf, at, p->size);
	if (!bytes)
		return refuse(r->why, "is cut short: its descriptor is missing");
	memcpy(p, bytes, p->size < sizeof *p ? p->size : sizeof *p);
	if (p->size > sizeof *p && !only_zero(r, at + sizeof *p, bytes + sizeof *p, p->size - sizeof *p))
		return refuse(r->why,
			      arena_printf(r->a,
					   "uses features of a newer cruet: its descriptor has %u "
					   "bytes, %zu are known here",
					   p->size, sizeof *p));
	err = check_core(r, at);
	if (err)
		return err;
	copy_members(r, at, p);
	if (r->no_memory)
		return refuse(r->why, NULL);
	if (r->bad)
		return refuse(r->why, "has a malformed descriptor");
	if (r->too_new)
		return refuse(r->why, "uses features of a newer cruet: its options say more than is "
				      "known here");
	return descriptor_check(p, r->a, r->why);
}

/* --- the symbol --------------------------------------------------------------------- */

struct found {
	struct elf_symbol symbol; /* name NULL: none */
	const char *other;        /* one of another name */
	bool several, unique;
};

static void search(const struct elf *e, const char *expected, struct found *f)
{
	struct elf_symbol s;

	memset(f, 0, sizeof *f);
	for (size_t i = 1; elf_symbol(e, i, &s); i++) {
		f->unique |= s.defined && s.unique;
		if (!s.defined || !text_starts(s.name, prefix))
			continue;
		if (expected && strcmp(s.name + sizeof prefix - 1, expected) != 0) {
			f->other = s.name;
			continue;
		}
		f->several |= f->symbol.name != NULL;
		f->symbol = s;
	}
}

static const char *no_application(struct reader *r, const struct found *f)
{
	if (f->other)
		return arena_printf(r->a, "is the plugin '%s' and no application: name it under "
					  "\"plugins\" in cruet.json",
				    f->other + sizeof prefix - 1);
	return "exports no cruet_plugin_app: an application says CRUET_APP(app) { ... }";
}

static int find_symbol(struct reader *r, const char *expected, struct facts *out, uint64_t *at)
{
	struct found f;

	search(&r->elf, expected, &f);
	out->unique_symbols = f.unique;
	if (!f.symbol.name && expected && !strcmp(expected, "app"))
		return refuse(r->why, no_application(r, &f));
	if (!f.symbol.name && f.other) {
		const char *name = f.other + sizeof prefix - 1;
		return refuse(r->why, arena_printf(r->a, "describes the plugin '%s': name the file "
							 "%s.so",
						   name, name));
	}
	if (!f.symbol.name)
		return refuse(r->why, arena_printf(r->a, "exports no %s%s: a plugin says "
							 "CRUET_PLUGIN(%s, ...)",
						   prefix, expected ? expected : "NAME",
						   expected ? expected : "NAME"));
	if (f.several)
		return refuse(r->why, "describes more than one plugin");
	if (!f.symbol.data)
		return refuse(r->why, arena_printf(r->a, "exports a function %s: a plugin says "
							 "CRUET_PLUGIN(%s, ...)",
						   f.symbol.name,
						   f.symbol.name + sizeof prefix - 1));
	*at = f.symbol.value;
	out->symbol = kept(r, arena_strdup(r->a, f.symbol.name));
	return out->symbol ? CRUET_OK : refuse(r->why, NULL);
}

/* --- the rest ------------------------------------------------------------------------ */

static const char *const *libraries(struct reader *r)
{
	size_t n = 0;
	uint64_t v;

	while (elf_dynamic(&r->elf, DT_NEEDED, n, &v))
		n++;
	const char **list = kept(r, arena_array(r->a, n + 1, sizeof *list));
	for (size_t i = 0; list && elf_dynamic(&r->elf, DT_NEEDED, i, &v); i++) {
		const char *s = elf_string(&r->elf, v);
		list[i] = kept(r, arena_strdup(r->a, s ? s : "?"));
	}
	return list;
}

static bool is_import(const struct elf_symbol *s)
{
	return !s->defined && !s->weak && *s->name;
}

/* Many symbols may have one long name, so a small file could ask for a lot of memory. */
static int imports(struct reader *r, struct facts *out)
{
	struct elf_symbol s;
	size_t n = 0, bytes = 0;

	for (size_t i = 1; elf_symbol(&r->elf, i, &s); i++)
		if (is_import(&s)) {
			n++;
			bytes += strlen(s.name);
		}
	if (bytes > IMPORTS_MAX)
		return refuse(r->why, "imports more symbols than a plugin may have");
	const char **list = kept(r, arena_array(r->a, n + 1, sizeof *list));
	n = 0;
	for (size_t i = 1; list && elf_symbol(&r->elf, i, &s); i++)
		if (is_import(&s))
			list[n++] = kept(r, arena_strdup(r->a, s.name));
	out->imports = list;
	return CRUET_OK;
}

static bool uses_origin(const struct elf *e)
{
	uint64_t v;
	const char *path = NULL;

	if (elf_dynamic(e, DT_RUNPATH, 0, &v) || elf_dynamic(e, DT_RPATH, 0, &v))
		path = elf_string(e, v);
	return path && (strstr(path, "$ORIGIN") || strstr(path, "${ORIGIN}"));
}

static void hash(const void *image, size_t len, char out[65])
{
	unsigned char digest[32];
	struct sha256 sha;

	sha256_init(&sha);
	sha256_add(&sha, image, len);
	sha256_end(&sha, digest);
	sha256_hex(digest, out);
}

int facts_read(const void *image, size_t len, const char *expected, struct arena *a,
	       struct facts *out, const char **why)
{
	struct reader r = {.a = a, .why = why};
	uint64_t at = 0;

	memset(out, 0, sizeof *out);
	*why = NULL;
	if (!elf_open(&r.elf, image, len, a, why))
		return refuse(why, *why);
	int err = find_symbol(&r, expected, out, &at);
	if (err)
		return err;
	cruet_plugin *p = arena_zalloc(a, sizeof *p);
	if (!p)
		return refuse(why, NULL);
	err = read_descriptor(&r, at, p);
	if (err)
		return err;
	if (strcmp(p->name, out->symbol + sizeof prefix - 1) != 0)
		return refuse(why, arena_printf(a, "calls itself '%s', but its symbol is %s",
						p->name, out->symbol));
	if (!elf_check(&r.elf, why))
		return refuse(why, *why);
	out->plugin = p;
	out->uses_origin = uses_origin(&r.elf);
	out->libraries = libraries(&r);
	err = imports(&r, out);
	if (err)
		return err;
	hash(image, len, out->sha256);
	return r.no_memory ? refuse(why, NULL) : CRUET_OK;
}
