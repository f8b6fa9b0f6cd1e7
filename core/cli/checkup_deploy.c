/* cruet check --deploy: what is fine on a desk and not on the net. */
#include <cjson/cJSON.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/checkup.h"
#include "cruet/svc/secure.h"
#include "plugin/inspect.h"

static const struct server_settings *settings(const struct checkup *k)
{
	return &k->site.app->host->settings;
}

static const char *origin(const struct checkup *k, const char *key)
{
	return config_origin(k->site.app->host->config, key);
}

/* --- what the configuration says ----------------------------------------------------------- */

static void check_code_kind(struct checkup *k)
{
	if (k->has_code && !k->code.so)
		found(k, k->code.shown,
		      "it is compiled at each start, for a debugger and without optimization",
		      "build a .so with -O2 and hardening, and name it in \"app\"");
}

static void check_key(struct checkup *k)
{
	const char *key = settings(k)->secret_key;

	if (!key || !*key)
		found(k, "secret_key", "it is not set: nothing can be signed",
		      "write 32 random bytes, as hex, to .env: see docs/checking.md");
	else if (strlen(key) < 32 || key_variety(key) < 10)
		found(k, origin(k, "secret_key"),
		      "secret_key is weak: expected 32 random characters or more",
		      "write 32 random bytes, as hex, to .env: see docs/checking.md");
}

/* The session's is the cookie that counts. */
static void check_cookies(struct checkup *k)
{
	const struct config *cf = k->site.app->host->config;
	struct config_plugin cp;

	for (size_t i = 0; config_plugin_at(cf, i, &cp); i++) {
		if (strcmp(cp.plugin, "session") != 0)
			continue;
		const char *key = arena_printf(k->a, "plugins.%s.secure", cp.instance);
		const char *secure = key ? config_text(cf, key) : NULL;
		if (secure && !strcmp(secure, "always"))
			continue;
		found(k, secure ? origin(k, key) : arena_printf(k->a, "plugins.%s", cp.instance),
		      arena_printf(k->a, "secure is \"%s\": the cookie of a session may go out by http",
				   secure ? secure : "auto"),
		      "set \"secure\": \"always\"");
	}
}

static void check_hosts(struct checkup *k)
{
	if (!*settings(k)->trusted_hosts)
		found(k, "server.trusted_hosts", "it is empty: a request may name any host",
		      "list the names of the site, such as \"example.com\"");
}

static bool provides(const struct checkup *k, const char *service)
{
	for (size_t i = 0; i < k->nfiles; i++) {
		const char *const *p = k->files[i].facts.plugin->provides;
		for (; p && *p; p++)
			if (!strcmp(*p, service))
				return true;
	}
	return false;
}

static void check_headers(struct checkup *k)
{
	if (!provides(k, CRUET_SECURE))
		found(k, "plugins", "nothing sets security headers (Content-Security-Policy, "
				    "Strict-Transport-Security and so on)",
		      "add the plugin: \"secure\": {}");
}

static void check_tls(struct checkup *k)
{
	const struct server_settings *s = settings(k);

	if (!s->tls && !s->proxy_for && !s->proxy_proto)
		found(k, "server", "there is neither TLS nor a proxy that is known: replies go out "
				   "readable, and clients behind a proxy look like one",
		      "set server.tls, or server.proxy_for and server.proxy_proto: see "
		      "docs/deploying.md");
}

/* --- limits --------------------------------------------------------------------------------- */

static void check_size(struct checkup *k, const char *key, uint64_t v, uint64_t most,
		       const char *shown)
{
	if (v > most)
		found(k, origin(k, key), arena_printf(k->a, "%s is above %s: a few clients can fill "
							    "the memory", key, shown),
		      "lower it, and let the one handler that needs more read by pieces");
}

static void check_time(struct checkup *k, const char *key, uint64_t ms)
{
	if (ms > 600000)
		found(k, origin(k, key),
		      arena_printf(k->a, "%s is above 10m: slow clients hold what they have for long",
				   key),
		      "lower it");
}

/* Sockets, files of plugins, and some to spare. */
static void check_descriptors(struct checkup *k)
{
	uint64_t need = (uint64_t)settings(k)->threads * 2 + 64;
	struct rlimit l;

	if (!getrlimit(RLIMIT_NOFILE, &l) && l.rlim_max != RLIM_INFINITY && l.rlim_max < need)
		found(k, "RLIMIT_NOFILE",
		      arena_printf(k->a, "%llu descriptors are allowed, %llu may be needed",
				   (unsigned long long)l.rlim_max, (unsigned long long)need),
		      "raise it: LimitNOFILE= in the unit, or ulimit -n");
}

static void check_limits(struct checkup *k)
{
	const struct server_settings *s = settings(k);

	check_size(k, "server.body_max", s->body_max, UINT64_C(1) << 30, "1g");
	check_size(k, "server.field_max", s->field_max, 64 << 20, "64m");
	check_time(k, "server.head_timeout", s->head_timeout);
	check_time(k, "server.body_timeout", s->body_timeout);
	check_time(k, "server.write_timeout", s->write_timeout);
	if (!s->body_rate)
		found(k, origin(k, "server.body_rate"),
		      "server.body_rate is 0: a body may come one byte a minute", "set it to 256");
	check_descriptors(k);
}

/* --- how the files were built ----------------------------------------------------------------- */

static void say_missing(struct checkup *k, const char *path, const struct inspection *i)
{
	if (i->relro != RELRO_FULL)
		found(k, path, "it has no full RELRO: tables of the linker can be overwritten",
		      "link with -Wl,-z,relro,-z,now");
	if (!i->stack_protector)
		found(k, path, "no stack protector was seen in it",
		      "compile with -fstack-protector-strong");
	if (!i->fortify)
		found(k, path, "no FORTIFY was seen in it: calls of libc are not checked",
		      "compile with -O2 -D_FORTIFY_SOURCE=2");
	if (i->exec_stack)
		found(k, path, "it makes stacks executable", "link with -Wl,-z,noexecstack");
	if (i->text_relocations || i->writable_code)
		found(k, path, "its code can be written to while it runs: it is not position "
			       "independent",
		      "compile with -fPIC (a program: -fPIE -pie)");
}

/* Where there is nothing to protect, such as in a plugin of three lines, the compiler leaves
 * no trace: fences of libc calls are asked for where such calls are made. */
static bool has_work(const struct facts *f)
{
	static const char *const checked[] = {"memcpy", "strcpy", "strcat", "sprintf", "snprintf",
					      "vsnprintf", "read", "memset", "memmove", NULL};

	for (size_t i = 0; f && f->imports[i]; i++)
		for (const char *const *c = checked; *c; c++)
			if (!strcmp(f->imports[i], *c))
				return true;
	return !f;
}

/* f NULL: it is the core, or a program, of which all that does anything lies in the core. */
static void check_file(struct checkup *k, const char *path, const struct facts *f, bool program)
{
	struct inspection i;
	const char *why = NULL;
	char *bytes, *problem = NULL;
	size_t len;

	if (config_slurp(path, 256 << 20, &bytes, &len, &problem)) {
		found(k, path, problem, NULL);
	} else if (inspect(bytes, len, k->a, &i, &why)) {
		found(k, path, why, "build it as position independent code (PIE)");
	} else {
		bool work = !program && has_work(f);
		i.fortify |= !work;
		i.stack_protector |= !work;
		say_missing(k, path, &i);
	}
	free(problem);
	free(bytes);
}

static void check_hardening(struct checkup *k)
{
	char program[4096];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
	Dl_info core;

	if (dladdr((const void *)(uintptr_t)cruet_core_id, &core) && core.dli_fname)
		check_file(k, core.dli_fname, NULL, false);
	if (n > 0) {
		program[n] = '\0';
		check_file(k, program, NULL, true);
	}
	for (size_t i = 0; i < k->nfiles; i++)
		if (strcmp(k->files[i].name, "app") != 0 || k->code.so)
			check_file(k, k->files[i].path, &k->files[i].facts, false);
}

void check_deploy(struct checkup *k)
{
	if (!k->deploy)
		return;
	check_code_kind(k);
	check_key(k);
	check_cookies(k);
	check_hosts(k);
	check_headers(k);
	check_tls(k);
	check_limits(k);
	check_hardening(k);
}
