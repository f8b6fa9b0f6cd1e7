/* The hash is what counts. All else in an entry is there for those who read what changed;
 * it is checked for its form all the same, so that a slip of the pen is not believed. */
#include "plugin/lock.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "app/scope.h"
#include "base/nearest.h"
#include "base/text.h"
#include "http/json_read.h"
#include "plugin/descriptor.h"
#include "plugin/facts.h"
#include "plugin/trusted.h"

enum { FILE_MAX = 8 << 20, FORMAT = 1, DIGITS = 64 };

static const struct json_limits limits = {8, 1 << 18};

struct reader {
	const char *path, *text;
	size_t len;
	struct arena *a;
	const char **why;
};

/* --- messages --------------------------------------------------------------------- */

/* What is wrong with a member, found by its names ("plugins", "well", "abi"), or with the
 * last of these that there is. */
static int bad(struct reader *r, const char *const *names, const char *text)
{
	unsigned line = 1, column = 1;

	*r->why = NULL;
	json_place(r->text, r->len, names, &line, &column);
	if (text)
		*r->why = arena_printf(r->a, "%s:%u:%u: %s", r->path, line, column, text);
	return *r->why ? CRUET_EPARSE : CRUET_ENOMEM;
}

static int unknown(struct reader *r, const char *const *names, const char *key,
		   const char *const *known)
{
	const char *near = nearest(key, known);

	return bad(r, names,
		   near ? arena_printf(r->a, "unknown key \"%s\": did you mean \"%s\"?",
				       key, near)
			: arena_printf(r->a, "unknown key \"%s\"", key));
}

static bool is_known(const char *key, const char *const *known)
{
	while (*known && strcmp(*known, key) != 0)
		known++;
	return *known;
}

/* --- one entry -------------------------------------------------------------------- */

static const char *const entry_keys[] = {"version",   "abi",	 "sha256", "named",
					 "libraries", "imports", NULL};

static bool is_hash(const cJSON *v)
{
	const char *s = cJSON_IsString(v) ? v->valuestring : "";
	return strlen(s) == DIGITS && strspn(s, "0123456789abcdef") == DIGITS;
}

static bool is_abi(const cJSON *v)
{
	int64_t n = json_int(v, -1);
	return cJSON_IsNumber(v) && n >= 0 && n <= UINT32_MAX;
}

static bool is_texts(const cJSON *v)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, v) if (!cJSON_IsString(one)) return false;
	return cJSON_IsArray(v);
}

/* What was expected of a member; NULL: it is right. */
static const char *expected(const cJSON *v)
{
	if (!strcmp(v->string, "version"))
		return cJSON_IsString(v) ? NULL : "version: expected a text";
	if (!strcmp(v->string, "abi"))
		return is_abi(v) ? NULL : "abi: expected a whole number such as 1";
	if (!strcmp(v->string, "sha256"))
		return is_hash(v) ? NULL : "sha256: expected 64 digits of 0-9 and a-f";
	if (!strcmp(v->string, "named"))
		return cJSON_IsBool(v) ? NULL : "named: expected true or false";
	return is_texts(v) ? NULL : "expected a list of texts";
}

static const char *text_of(struct reader *r, const cJSON *v)
{
	return cJSON_IsString(v) ? arena_strdup(r->a, v->valuestring) : NULL;
}

static const char *const *list_of(struct reader *r, const cJSON *v)
{
	const char **list =
		arena_array(r->a, (size_t)cJSON_GetArraySize(v) + 1, sizeof *list);
	const cJSON *one;
	size_t n = 0;

	cJSON_ArrayForEach(one,
			   v) if (list && !(list[n++] = text_of(r, one))) return NULL;
	return list;
}

static int read_entry(struct reader *r, const cJSON *at, struct lock_entry *e)
{
	const char *names[] = {"plugins", at->string, NULL, NULL};
	const cJSON *v;

	if (!plugin_name_valid(at->string))
		return bad(
			r, names,
			arena_printf(r->a, "\"%s\" is no name of a plugin", at->string));
	if (!cJSON_IsObject(at))
		return bad(r, names,
			   arena_printf(r->a, "%s: expected an object", at->string));
	cJSON_ArrayForEach(v, at)
	{
		names[2] = v->string;
		if (!is_known(v->string, entry_keys))
			return unknown(r, names, v->string, entry_keys);
		if (expected(v))
			return bad(r, names, expected(v));
	}
	names[2] = NULL;
	const cJSON *hash = cJSON_GetObjectItemCaseSensitive(at, "sha256");
	const cJSON *abi = cJSON_GetObjectItemCaseSensitive(at, "abi");
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(at, "version");
	if (!hash || !abi)
		return bad(r, names,
			   arena_printf(r->a, "%s: %s is missing", at->string,
					hash ? "abi" : "sha256"));
	*e = (struct lock_entry){
		.name = arena_strdup(r->a, at->string),
		.version = text_of(r, version),
		.sha256 = text_of(r, hash),
		.abi = (uint32_t)json_int(abi, 0),
		.named = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(at, "named")),
		.libraries =
			list_of(r, cJSON_GetObjectItemCaseSensitive(at, "libraries")),
		.imports = list_of(r, cJSON_GetObjectItemCaseSensitive(at, "imports")),
	};
	bool whole = e->name && e->sha256 && e->libraries && e->imports &&
		     (e->version || !version);
	return whole ? CRUET_OK : bad(r, names, NULL);
}

/* --- the file --------------------------------------------------------------------- */

static const char *const keys[] = {"format", "plugins", NULL};

static int check_format(struct reader *r, const cJSON *v)
{
	const char *const names[] = {"format", NULL};

	if (cJSON_IsNumber(v) && json_int(v, 0) == FORMAT)
		return CRUET_OK;
	if (cJSON_IsNumber(v) && json_int(v, 0) > FORMAT)
		return bad(r, names,
			   arena_printf(r->a,
					"format %lld is not known here: a newer cruet "
					"wrote it",
					(long long)json_int(v, 0)));
	return bad(r, names, v ? "format: expected 1" : "format is missing: expected 1");
}

static int read_entries(struct reader *r, const cJSON *all, struct lock *out)
{
	const char *const names[] = {"plugins", NULL};
	const cJSON *v;
	int err = CRUET_OK;

	if (!cJSON_IsObject(all))
		return bad(r, names,
			   all ? "plugins: expected an object" : "plugins is missing");
	if (cJSON_GetArraySize(all) > LOCK_MAX)
		return bad(r, names,
			   arena_printf(r->a, "more than %d plugins", LOCK_MAX));
	out->entries = arena_array(r->a, LOCK_MAX, sizeof *out->entries);
	if (!out->entries)
		return bad(r, names, NULL);
	cJSON_ArrayForEach(v, all) if (!err) err =
		read_entry(r, v, &out->entries[out->n++]);
	if (!err)
		lock_sort(out);
	return err;
}

static int read_tree(struct reader *r, const cJSON *tree, struct lock *out)
{
	const char *names[] = {NULL, NULL};
	const cJSON *v;

	if (!cJSON_IsObject(tree))
		return bad(r, names, "expected an object");
	cJSON_ArrayForEach(v, tree)
	{
		names[0] = v->string;
		if (!is_known(v->string, keys))
			return unknown(r, names, v->string, keys);
	}
	int err = check_format(r, cJSON_GetObjectItemCaseSensitive(tree, "format"));
	return err ? err
		   : read_entries(r, cJSON_GetObjectItemCaseSensitive(tree, "plugins"),
				  out);
}

static int parse(struct reader *r, struct lock *out)
{
	struct json_problem p;
	cJSON *tree = json_read(r->text, r->len, 0, &limits, &p);

	if (!tree) {
		*r->why = p.line ? arena_printf(r->a, "%s:%u:%u: %s", r->path, p.line,
						p.column, p.what)
				 : NULL;
		return *r->why ? CRUET_EPARSE : CRUET_ENOMEM;
	}
	int err = read_tree(r, tree, out);
	cJSON_Delete(tree);
	return err;
}

int lock_read(const char *path, struct arena *a, struct lock *out, const char **why)
{
	struct reader r = {.path = path, .a = a, .why = why};
	char *text;

	*out = (struct lock){.n = 0};
	int err = trusted_read(path, FILE_MAX, a, &text, &r.len, why);
	r.text = text;
	if (!err)
		err = parse(&r, out);
	free(text);
	return err;
}

static int by_name(const void *a, const void *b)
{
	const struct lock_entry *one = a, *other = b;
	return strcmp(one->name, other->name);
}

void lock_sort(struct lock *l)
{
	qsort(l->entries, l->n, sizeof *l->entries, by_name);
}

const struct lock_entry *lock_find(const struct lock *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->entries[i].name, name))
			return &l->entries[i];
	return NULL;
}

/* --- of an application ------------------------------------------------------------ */

int lock_of(const struct host *h, struct arena *a, struct lock *out, const char **path,
	    const char **why)
{
	*out = (struct lock){.n = 0};
	*path = *why = NULL;
	if (!config_has_file(h->config))
		return CRUET_ENOENT;
	*path = config_beside(h->config, "cruet.lock", a);
	return *path ? lock_read(*path, a, out, why) : CRUET_ENOMEM;
}

static const char *shown(const char *name, const char *version, struct arena *a)
{
	return version ? arena_printf(a, "%s %s", name, version) : name;
}

static const char *refusal(const struct lock_entry *e, const char *lock, const char *file,
			   const struct facts *f, struct arena *a)
{
	const char *name = f->plugin->name;
	bool app = !strcmp(name, "app");

	if (!e)
		return arena_printf(
			a,
			"%s is not listed in %s: its SHA-256 is %s: if it is to be "
			"trusted, run `cruet plugins lock%s%s`",
			file, lock, f->sha256, app ? "" : " ", app ? "" : name);
	const char *was = shown(name, e->version, a),
		   *is = shown(name, f->plugin->version, a);
	if (!was || !is)
		return NULL;
	return arena_printf(
		a,
		"%s is not the file that %s lists: expected %s with SHA-256 %s, found "
		"%s with SHA-256 %s: put the listed one back or, if this one is to be "
		"trusted, run `cruet plugins lock`",
		file, lock, was, e->sha256, is, f->sha256);
}

int lock_check(const struct host *h, const char *file, const struct facts *f,
	       struct arena *a, const char **why)
{
	struct lock l;
	const char *path;
	int err = lock_of(h, a, &l, &path, why);

	if (err == CRUET_ENOENT) {
		*why = NULL;
		return CRUET_OK;
	}
	if (err)
		return err;
	const struct lock_entry *e = lock_find(&l, f->plugin->name);
	if (e && !strcmp(e->sha256, f->sha256))
		return CRUET_OK;
	*why = refusal(e, path, file, f, a);
	return *why ? CRUET_EDENIED : CRUET_ENOMEM;
}
