/* The configuration: an input is cruet.json, then, behind a line "---", a .env
 * beside it. What is refused is told with a place; what is taken can be read back,
 * every value with its origin. */
#include "fuzz.h"

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "app/config.h"

extern char **environ;

static int folder = -1;
static char file[64];

static void remove_folder(void)
{
	unlinkat(folder, "cruet.json", 0);
	unlinkat(folder, ".env", 0);
	*strrchr(file, '/') = '\0';
	rmdir(file);
}

/* Once: a folder of our own, and an environment that says nothing. */
static void prepare(void)
{
	static char *none[] = {NULL};

	if (folder >= 0)
		return;
	strcpy(file, "/tmp/fuzz_config.XXXXXX");
	CHECK(mkdtemp(file));
	folder = open(file, O_RDONLY | O_DIRECTORY);
	CHECK(folder >= 0);
	strcat(file, "/cruet.json");
	environ = none;
	atexit(remove_folder);
}

static void put(const char *name, const void *p, size_t n)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	close(fd);
}

static void check_value(void *arg, const char *key, const struct cJSON *value,
			const char *origin)
{
	const struct config *cf = arg;

	CHECK(*origin && !strcmp(origin, config_origin(cf, key)));
	/* a name with a point in it cannot be told from two */
	CHECK(config_value(cf, key) == value || strchr(key, '.') || !*key);
}

static void check_taken(const struct config *cf)
{
	struct server_settings s;
	struct config_plugin p;
	struct arena a;
	char *why = NULL;

	arena_init(&a, 4096);
	CHECK(config_server(cf, &s, &a, &why) == 0 && !why);
	CHECK(s.listen && s.threads >= 1);
	for (size_t i = 0; config_plugin_at(cf, i, &p); i++)
		CHECK(p.instance && p.plugin && p.options);
	arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char line[] = "\n---\n";
	const uint8_t *cut = memmem(data, size, line, sizeof line - 1);
	size_t n = cut ? (size_t)(cut - data) : size;
	struct config *cf = config_new();
	char *why = NULL;

	CHECK(cf);
	prepare();
	put("cruet.json", data, n);
	if (cut)
		put(".env", cut + sizeof line - 1, size - n - (sizeof line - 1));
	else
		unlinkat(folder, ".env", 0);
	if (config_read(cf, file, NULL, &why)) {
		CHECK(why && *why);
	} else {
		CHECK(!why && config_has_file(cf));
		check_taken(cf);
		config_each(cf, check_value, cf);
	}
	free(why);
	config_free(cf);
	return 0;
}
