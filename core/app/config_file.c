/* The file of a configuration: read whole, its shape checked, and then all that lies
 * over it. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config_priv.h"
#include "cruet/error.h"
#include "http/json_read.h"

enum { FILE_MAX = 1 << 20 };

static const struct json_limits limits = {32, 10000};

/* NULL, or what is wrong. */
static const char *slurp(int fd, size_t max, char **text, size_t *len)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no regular file";
	if ((uintmax_t)st.st_size > max)
		return strerror(EFBIG);
	*text = malloc((size_t)st.st_size + 1);
	ssize_t n = *text ? pread(fd, *text, (size_t)st.st_size, 0) : -1;
	*len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? strerror(errno) : NULL;
}

int config_slurp(const char *path, size_t max, char **text, size_t *len, char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a FIFO */
	int err = fd < 0 && errno == ENOENT ? CRUET_ENOENT : CRUET_EIO;

	*text = NULL;
	*len = 0;
	const char *bad = fd < 0 ? strerror(errno) : slurp(fd, max, text, len);
	if (fd >= 0)
		close(fd);
	return bad ? config_fail(why, err, "%s: cannot be read: %s", path, bad)
		   : CRUET_OK;
}

/* Unknown keys below an object of the file: the top level, a profile, "server". */
static int check_keys(struct config *cf, const cJSON *at, const char *inside, char **why)
{
	const cJSON *v, *w;

	cJSON_ArrayForEach(v, at)
	{
		const char *place = arena_printf(&cf->arena, "%s%s", inside, v->string);
		const char *origin = place ? config_origin(cf, place) : NULL;
		int err = origin ? config_known(v->string, origin, why) : CRUET_ENOMEM;
		err = config_mistake(cf, err, why);
		if (!err && !strcmp(v->string, "server"))
			cJSON_ArrayForEach(w, v)
			{
				const char *key =
					arena_printf(&cf->arena, "server.%s", w->string);
				place = arena_printf(&cf->arena, "%s%s", inside,
						     key ? key : "");
				err = key && place
					      ? config_known(key,
							     config_origin(cf, place),
							     why)
					      : CRUET_ENOMEM;
				err = config_mistake(cf, err, why);
				if (err)
					break;
			}
		if (err)
			return err;
	}
	return CRUET_OK;
}

/* What is none goes. */
static int expect_object(struct config *cf, const char *key, const char *of, char **why)
{
	cJSON *v = cJSON_GetObjectItemCaseSensitive(cf->file, key);
	int err = CRUET_OK;

	if (v && !cJSON_IsObject(v)) {
		err = config_fail(why, CRUET_EINVAL, "%s: %s: expected an object",
				  config_origin(cf, key), key);
		cJSON_Delete(cJSON_DetachItemViaPointer(cf->file, v));
		return config_mistake(cf, err, why);
	}
	for (cJSON *one = v ? v->child : NULL, *next; one && !err; one = next) {
		next = one->next;
		if (!of || cJSON_IsObject(one))
			continue;
		const char *below = arena_printf(&cf->arena, "%s.%s", key, one->string);
		err = config_fail(why, CRUET_EINVAL, "%s: %s: expected an object %s",
				  below ? config_origin(cf, below) : key, below ? below : key,
				  of);
		cJSON_Delete(cJSON_DetachItemViaPointer(v, one));
		err = config_mistake(cf, err, why);
	}
	return err;
}

static int check_profile(struct config *cf, char **why)
{
	const cJSON *all = cJSON_GetObjectItemCaseSensitive(cf->file, "profiles"), *v;
	int err = CRUET_OK;

	cJSON_ArrayForEach(v, all)
	{
		const char *inside = arena_printf(&cf->arena, "profiles.%s.", v->string);
		err = inside ? check_keys(cf, v, inside, why) : CRUET_ENOMEM;
		if (err)
			return err;
	}
	if (!cf->profile || config_profile(cf))
		return CRUET_OK;
	err = config_fail(why, CRUET_ENOENT, "%s: there is no profile \"%s\"",
			  cf->name ? cf->name : "the configuration", cf->profile);
	return config_mistake(cf, err, why);
}

static int find_place(struct config *cf, char **why)
{
	char *here = *cf->folder == '/' ? NULL : getcwd(NULL, 0);

	if (*cf->folder != '/' && !here)
		return config_fail(why, CRUET_EIO, "the working directory: %s", strerror(errno));
	cf->place = !here			? cf->folder
		    : strcmp(cf->folder, ".") ? arena_printf(&cf->arena, "%s/%s", here, cf->folder)
					      : arena_strdup(&cf->arena, here);
	free(here);
	return cf->place ? CRUET_OK : CRUET_ENOMEM;
}

static int read_file(struct config *cf, const char *file, char **why)
{
	struct json_problem p;
	const char *slash = strrchr(file, '/');

	cf->path = arena_strdup(&cf->arena, file);
	cf->name = arena_strdup(&cf->arena, slash ? slash + 1 : file);
	cf->folder = !slash ? "."
		     : slash == file
			     ? "/"
			     : arena_strndup(&cf->arena, file, (size_t)(slash - file));
	int err = cf->path && cf->name && cf->folder
			  ? config_slurp(file, FILE_MAX, &cf->text, &cf->len, why)
			  : CRUET_ENOMEM;
	if (!err)
		err = find_place(cf, why);
	if (err)
		return err;
	cf->file = json_read(cf->text, cf->len, JSON_COMMENTS, &limits, &p);
	if (!cf->file && !p.line)
		return config_fail(why, CRUET_ENOMEM, "%s: %s", file, p.what);
	if (!cf->file)
		err = config_fail(why, CRUET_EPARSE, "%s:%u:%u: %s", file, p.line, p.column,
				  p.what);
	else if (!cJSON_IsObject(cf->file))
		err = config_fail(why, CRUET_EPARSE, "%s:1:1: expected an object", file);
	if (err)
		return config_mistake(cf, err, why);
	err = check_keys(cf, cf->file, "", why);
	if (!err)
		err = expect_object(cf, "server", NULL, why);
	if (!err)
		err = expect_object(cf, "settings", NULL, why);
	if (!err)
		err = expect_object(cf, "bind", NULL, why);
	if (!err)
		err = expect_object(cf, "plugins", "of options", why);
	return err ? err : expect_object(cf, "profiles", "of settings", why);
}

int config_read(struct config *cf, const char *file, const char *profile_name, char **why)
{
	struct server_settings s;
	struct arena a;
	int err = CRUET_OK;

	*why = NULL;
	cf->was_read = true;
	if (!profile_name)
		profile_name = getenv("CRUET_PROFILE");
	if (profile_name && *profile_name) {
		cf->profile = arena_strdup(&cf->arena, profile_name);
		err = cf->profile ? CRUET_OK : CRUET_ENOMEM;
	}
	if (!err && file)
		err = read_file(cf, file, why);
	if (!err)
		err = check_profile(cf, why);
	if (!err)
		err = config_read_environment(cf, why);
	if (!err)
		err = config_rebuild(cf, why);
	if (err)
		return err;
	arena_init(&a, 4096);
	err = config_server(cf, &s, &a, why);
	arena_fini(&a);
	return err;
}
