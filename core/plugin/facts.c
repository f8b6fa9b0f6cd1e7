#include "plugin/facts.h"

#include <elf.h>
#include <string.h>

#include "app/option.h"
#include "base/arena.h"
#include "base/sha256.h"
#include "base/text.h"
#include "cruet/error.h"
#include "plugin/elf.h"

enum { LIST_MAX = 256 };

static const char prefix[] = "cruet_plugin_";

struct reader {
	struct elf elf;
	struct arena *a;
	const char **why;
	bool bad; /* something in the descriptor points nowhere */
};

static int refuse(const char **why, const char *text)
{
	*why = text;
	return CRUET_EINVAL;
}

static const char *text_at(struct reader *r, uint64_t at)
{
	uint64_t target;
	const char *import, *s;

	if (!elf_pointer(&r->elf, at, &target, &import) || import) {
		r->bad = true;
		return NULL;
	}
	if (!target)
		return NULL;
	s = elf_text(&r->elf, target);
	if (!s) {
		r->bad = true;
		return NULL;
	}
	return arena_strdup(r->a, s);
}

static const char *const *list_at(struct reader *r, uint64_t at)
{
	uint64_t target;
	const char *import;

	if (!elf_pointer(&r->elf, at, &target, &import) || import) {
		r->bad = true;
		return NULL;
	}
	if (!target)
		return NULL;
	const char **list = arena_array(r->a, LIST_MAX + 1, sizeof *list);
	for (size_t i = 0; list && i < LIST_MAX; i++) {
		list[i] = text_at(r, target + i * 8);
		if (!list[i])
			break;
	}
	return list;
}

/* An option as the plugin was built with it; what is longer is not ours. */
static bool option_read(struct reader *r, uint64_t at, size_t stride, cruet_option *out)
{
	size_t n = stride < sizeof *out ? stride : sizeof *out;
	const void *p = elf_at(&r->elf, at, n);

	memset(out, 0, sizeof *out);
	if (!p) {
		r->bad = true;
		return false;
	}
	memcpy(out, p, n);
	out->name = text_at(r, at + offsetof(cruet_option, name));
	if (!out->name)
		return false;
	out->def = text_at(r, at + offsetof(cruet_option, def));
	out->choices = text_at(r, at + offsetof(cruet_option, choices));
	out->help = text_at(r, at + offsetof(cruet_option, help));
	return true;
}

static const cruet_option *options_at(struct reader *r, uint64_t at, size_t stride)
{
	uint64_t target;
	const char *import;

	if (!elf_pointer(&r->elf, at, &target, &import) || import) {
		r->bad = true;
		return NULL;
	}
	if (!target)
		return NULL;
	cruet_option *table = arena_array(r->a, OPTIONS_MAX + 1, sizeof *table);
	for (size_t i = 0; table && i < OPTIONS_MAX; i++)
		if (!option_read(r, target + i * stride, stride, &table[i]))
			break;
	return table;
}

static bool function_at(struct reader *r, uint64_t at)
{
	uint64_t target;
	const char *import;
	if (!elf_pointer(&r->elf, at, &target, &import)) {
		r->bad = true;
		return false;
	}
	return target || import;
}

/* Stands for a function that is there; nobody calls it. */
static int present(cruet_app *app)
{
	(void)app;
	return CRUET_ESTATE;
}

static void present_end(cruet_app *app)
{
	(void)app;
}

static bool only_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

#define AT(member) (at + offsetof(cruet_plugin, member))

static int read_descriptor(struct reader *r, uint64_t at, cruet_plugin *p)
{
	const unsigned char *head = elf_at(&r->elf, at, 16);
	uint64_t target;
	const char *import;

	memset(p, 0, sizeof *p);
	if (!head)
		return refuse(r->why, "is cut short: its descriptor is missing");
	memcpy(p, head, 16);
	if (p->abi != CRUET_PLUGIN_ABI)
		return refuse(r->why, arena_printf(r->a,
						   "is built for plugin ABI %u, this cruet has ABI "
						   "%u: build it again",
						   p->abi, CRUET_PLUGIN_ABI));
	if (p->size < offsetof(cruet_plugin, configure) || p->size > 65536 ||
	    p->option_size < offsetof(cruet_option, help) || p->option_size > 4096)
		return refuse(r->why, "has a malformed descriptor");
	const unsigned char *all = elf_at(&r->elf, at, p->size);
	if (!all)
		return refuse(r->why, "is cut short: its descriptor is missing");
	if (p->size > sizeof *p && !only_zero(all + sizeof *p, p->size - sizeof *p))
		return refuse(r->why,
			      arena_printf(r->a,
					   "uses features of a newer cruet: its descriptor has %u "
					   "bytes, %zu are known here",
					   p->size, sizeof *p));
	if (!elf_pointer(&r->elf, AT(core), &target, &import) || !import ||
	    strcmp(import, "cruet_core_id") != 0)
		return refuse(r->why, "brings a core of its own: link it to libcruet.so");
	p->core = cruet_core_id;
	p->name = text_at(r, AT(name));
	p->version = text_at(r, AT(version));
	p->summary = text_at(r, AT(summary));
	p->flags = 0;
	memcpy(&p->flags, all + offsetof(cruet_plugin, flags), sizeof p->flags);
	memcpy(&p->config_size, all + offsetof(cruet_plugin, config_size), sizeof p->config_size);
	memcpy(&p->state_size, all + offsetof(cruet_plugin, state_size), sizeof p->state_size);
	p->needs = list_at(r, AT(needs));
	p->provides = list_at(r, AT(provides));
	p->after = list_at(r, AT(after));
	p->options = options_at(r, AT(options), p->option_size);
	p->option_size = sizeof(cruet_option); /* of the copy */
	p->configure = function_at(r, AT(configure)) ? present : NULL;
	p->init = p->size >= CRUET_UPTO(cruet_plugin, init) && function_at(r, AT(init)) ? present
											: NULL;
	p->start = p->size >= CRUET_UPTO(cruet_plugin, start) && function_at(r, AT(start))
			   ? present
			   : NULL;
	p->stop = p->size >= CRUET_UPTO(cruet_plugin, stop) && function_at(r, AT(stop))
			  ? present_end
			  : NULL;
	p->fini = p->size >= CRUET_UPTO(cruet_plugin, fini) && function_at(r, AT(fini))
			  ? present_end
			  : NULL;
	if (r->bad || !p->name || p->config_size > 1 << 20 || p->state_size > 1 << 26)
		return refuse(r->why, "has a malformed descriptor");
	return CRUET_OK;
}

static int find_symbol(struct reader *r, const char *expected, uint64_t *at, struct facts *out)
{
	struct elf_symbol s;
	const char *other = NULL;

	for (size_t i = 1; i < r->elf.nsyms; i++) {
		if (!elf_symbol(&r->elf, i, &s))
			continue;
		out->unique_symbols |= s.defined && s.unique;
		if (!s.defined || !text_starts(s.name, prefix))
			continue;
		const char *name = s.name + sizeof prefix - 1;
		if (expected && strcmp(name, expected) != 0) {
			other = s.name;
			continue;
		}
		if (out->symbol)
			return refuse(r->why, "describes more than one plugin");
		out->symbol = arena_strdup(r->a, s.name);
		*at = s.value;
	}
	if (out->symbol)
		return CRUET_OK;
	if (other)
		return refuse(r->why, arena_printf(r->a,
						   "describes the plugin '%s': name the file %s.so",
						   other + sizeof prefix - 1,
						   other + sizeof prefix - 1));
	return refuse(r->why, arena_printf(r->a, "exports no %s%s: a plugin says CRUET_PLUGIN(%s, ...)",
					   prefix, expected ? expected : "NAME",
					   expected ? expected : "NAME"));
}

static const char *const *needed(struct reader *r)
{
	const char **list = arena_array(r->a, LIST_MAX + 1, sizeof *list);
	uint64_t v;
	for (size_t i = 0; list && i < LIST_MAX && elf_dynamic(&r->elf, DT_NEEDED, i, &v); i++) {
		const char *s = elf_string(&r->elf, v);
		list[i] = arena_strdup(r->a, s ? s : "?");
	}
	return list;
}

static const char *const *imported(struct reader *r)
{
	size_t n = 0;
	struct elf_symbol s;
	const char **list = arena_array(r->a, LIST_MAX + 1, sizeof *list);
	for (size_t i = 1; list && i < r->elf.nsyms && n < LIST_MAX; i++)
		if (elf_symbol(&r->elf, i, &s) && !s.defined && text_starts(s.name, "cruet_"))
			list[n++] = arena_strdup(r->a, s.name);
	return list;
}

int facts_read(const void *image, size_t len, const char *expected, struct arena *a,
	       struct facts *out, const char **why)
{
	struct reader r = {.a = a, .why = why};
	unsigned char hash[32];
	struct sha256 sha;
	uint64_t at = 0, v;

	memset(out, 0, sizeof *out);
	if (!elf_open(&r.elf, image, len, why))
		return CRUET_EINVAL;
	int err = find_symbol(&r, expected, &at, out);
	if (err)
		return err;
	cruet_plugin *p = arena_zalloc(a, sizeof *p);
	if (!p)
		return refuse(why, "out of memory");
	err = read_descriptor(&r, at, p);
	if (err)
		return err;
	const char *name = out->symbol + sizeof prefix - 1;
	if (strcmp(p->name, name) != 0)
		return refuse(why, arena_printf(a, "calls itself '%s', but its symbol is %s",
						p->name, out->symbol));
	out->plugin = p;
	for (int tag = 0; tag < 2; tag++)
		if (elf_dynamic(&r.elf, tag ? DT_RPATH : DT_RUNPATH, 0, &v)) {
			const char *path = elf_string(&r.elf, v);
			out->uses_origin |= path && strstr(path, "$ORIGIN");
		}
	out->libraries = needed(&r);
	out->imports = imported(&r);
	sha256_init(&sha);
	sha256_add(&sha, image, len);
	sha256_end(&sha, hash);
	sha256_hex(hash, out->sha256);
	return out->libraries && out->imports ? CRUET_OK : refuse(why, "out of memory");
}
