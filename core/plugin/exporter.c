/* Which plugin a name that the linker asks for belongs to. */
#include <string.h>

#include "plugin/inspect.h"
#include "plugin/loader.h"
#include "plugin/registry.h"

static bool has(const struct plugin_file *f, const char *symbol, struct arena *a)
{
	struct inspection in;
	const char *why;

	if (inspect(f->bytes, f->len, a, &in, &why))
		return false;
	for (const char *const *e = in.exports; *e; e++)
		if (!strcmp(*e, symbol))
			return true;
	return false;
}

const char *registry_exporter(struct host *h, const char *symbol, struct arena *a)
{
	const char *const *names = registry_names(h, a);
	const char *found = NULL;

	for (; names && *names && !found; names++) {
		struct plugin_file f;
		const char *why, *path = registry_find(h, *names, a, &why);
		if (!path || loader_read(path, false, a, &f, &why))
			continue;
		if (has(&f, symbol, a))
			found = *names;
		loader_forget(&f);
	}
	return found;
}
