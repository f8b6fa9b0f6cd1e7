/* A provider of "cache/1" that breaks the promise that FAULT names, and keeps the others:
 * it stands before a good one, which is attached where nobody else finds it. */
#include <cruet.h>
#include <cruet/contract.h>
#include <cruet/svc/cache.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

extern const cruet_plugin cruet_plugin_cache;

static cruet_service good;
static cruet_cache table;

static const cruet_cache *real(void)
{
	return good.vt;
}

static int count_twice(void *self, cruet_ctx *c, const char *key, int64_t by,
		       uint64_t ttl_ms, int64_t *now)
{
	return real()->incr(self, c, key, (int64_t)((uint64_t)by * 2), ttl_ms, now);
}

static int no_nul(void *self, cruet_ctx *c, const char *key, const void **p, size_t *len)
{
	int err = real()->get(self, c, key, p, len);
	if (err)
		return err;
	char *copy = cruet_alloc(c, *len + 1);
	memcpy(copy, *p, *len);
	copy[*len] = 'x';
	*p = copy;
	return CRUET_OK;
}

static int any_case(void *self, cruet_ctx *c, const char *key, const void *p, size_t len,
		    uint64_t ttl_ms, int how)
{
	char lower[CRUET_CACHE_KEY_MAX + 2] = "";

	for (size_t i = 0; key[i] && i < sizeof lower - 1; i++)
		lower[i] = (char)tolower((unsigned char)key[i]);
	return real()->set(self, c, lower, p, len, ttl_ms, how);
}

static int crash(void *self, cruet_ctx *c, const char *prefix)
{
	(void)self, (void)c, (void)prefix;
	abort();
}

static int attach(cruet_app *app, void *arg)
{
	cruet_app *aside = cruet_blueprint(app, "aside", "/aside");
	const char *fault = arg;
	int err = cruet_use_static(aside, &cruet_plugin_cache, "memory=4m");

	if (!err)
		err = cruet_bind(aside, CRUET_CACHE, NULL, sizeof(cruet_cache), &good);
	if (err)
		return err;
	table = *real();
	if (!strcmp(fault, "count"))
		table.incr = count_twice;
	if (!strcmp(fault, "nul"))
		table.get = no_nul;
	if (!strcmp(fault, "case"))
		table.set = any_case;
	if (!strcmp(fault, "crash"))
		table.clear = crash;
	if (!strcmp(fault, "old"))
		table.size = CRUET_UPTO(cruet_cache, clear);
	if (!strcmp(fault, "attach"))
		return cruet_use_static(app, &cruet_plugin_cache, "memory=none");
	return cruet_provide(app, CRUET_CACHE, &table, good.self);
}

int main(int argc, char **argv)
{
	const char *service = getenv("SERVICE");
	cruet_contract k = {.size = sizeof k,
			    .service = service ? service : CRUET_CACHE,
			    .attach = attach,
			    .arg = getenv("FAULT")};

	return cruet_contract_run(&k, argc, argv);
}
